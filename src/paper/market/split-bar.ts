/** A bar in whole ticks, lots and cents; it may end before its time is over. */
export interface Bar {
  readonly startMs: number;
  readonly endMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly lots: number;
  readonly cents: number;
  readonly trades: number;
}

/**
 * The parts of a bar: each opens where the one before closed, and together they have the bar's open, high, low, close and
 * volumes exactly.
 */
export function splitBar(bar: Bar, partMs: number, random: { float(): number }): readonly Bar[] {
  const count = Math.ceil((bar.endMs - bar.startMs) / partMs);
  const knots = bridge(bar, count, random);
  const weights = Array.from({ length: count }, (_, index) => {
    const startMs = bar.startMs + index * partMs;
    return (Math.min(bar.endMs, startMs + partMs) - startMs) * (0.4 + 1.2 * random.float());
  });
  const lots = shares(bar.lots, weights);
  const prices = weights.map((weight, index) => weight * ((knots[index] ?? 0) + (knots[index + 1] ?? 0)));
  const cents = shares(bar.cents, prices);
  const trades = shares(bar.trades, weights);
  const reach = (bar.high - bar.low) / Math.sqrt(count) / 2;
  const parts = weights.map((_, index) => {
    const [open = bar.open, close = bar.close] = [knots[index], knots[index + 1]];
    const startMs = bar.startMs + index * partMs;
    return {
      startMs,
      endMs: Math.min(bar.endMs, startMs + partMs),
      open,
      close,
      high: Math.min(bar.high, Math.max(open, close) + Math.floor(reach * random.float())),
      low: Math.max(bar.low, Math.min(open, close) - Math.floor(reach * random.float())),
      lots: lots[index] ?? 0,
      cents: cents[index] ?? 0,
      trades: trades[index] ?? 0,
    };
  });
  const highest = parts.reduce((best, part) => (part.high > best.high ? part : best));
  highest.high = bar.high;
  const lowest = parts.reduce((best, part) => (part.low < best.low ? part : best));
  lowest.low = bar.low;
  return parts;
}

/** Prices at the ends of the parts: a random walk from open to close that stays between low and high. */
function bridge({ open, high, low, close }: Bar, count: number, random: { float(): number }): readonly number[] {
  const walk = [0];
  for (let step = 1; step <= count; step += 1) walk.push((walk.at(-1) ?? 0) + random.float() + random.float() - 1);
  const end = walk.at(-1) ?? 0;
  const scale = (high - low) / Math.sqrt(count);
  return walk.map((place, step) => {
    if (step === 0) return open;
    if (step === count) return close;
    const price = open + ((close - open) * step) / count + scale * (place - (end * step) / count);
    return Math.round(Math.min(high, Math.max(low, price)));
  });
}

/** Whole parts in proportion to the weights that add up to the whole. */
function shares(total: number, weights: readonly number[]): readonly number[] {
  const sum = weights.reduce((one, other) => one + other, 0);
  let passed = 0;
  let given = 0;
  return weights.map((weight) => {
    passed += weight;
    const until = Math.min(total, Math.round((total * passed) / sum));
    const part = until - given;
    given = until;
    return part;
  });
}
