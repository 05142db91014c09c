import type { Candle } from "./candle.ts";

const DROPPED_BEFORE_COPY = 32;

/** Oldest first; what is dropped from its beginning is let go once it is as much as what is left. */
export class BarQueue {
  #candles: Candle[] = [];
  #head = 0;

  /** Bars in memory, those that were dropped and not yet let go as well. */
  get held(): number {
    return this.#candles.length;
  }

  get first(): Candle | undefined {
    return this.#candles[this.#head];
  }

  get last(): Candle | undefined {
    return this.#candles.length > this.#head ? this.#candles.at(-1) : undefined;
  }

  push(candle: Candle): void {
    this.#candles.push(candle);
  }

  pop(): void {
    this.#candles.pop();
  }

  shift(): void {
    this.#head += 1;
    if (this.#head < DROPPED_BEFORE_COPY || this.#head * 2 < this.held) return;
    this.#candles = this.#candles.slice(this.#head);
    this.#head = 0;
  }
}

export interface SpanSums {
  readonly baseVolume: bigint;
  readonly quoteVolume: bigint;
  readonly high: bigint | null;
  readonly low: bigint | null;
}

/**
 * Sums and extremes of the candles of a span that only moves on. To add up the 5,760 of a day for each ticker took half
 * of the time of a day without much trade.
 */
export class MovingSpan {
  /** Bars that no longer change. */
  readonly #closed = new BarQueue();
  /** Bars of the span that no later one exceeds: highs fall, lows rise. */
  readonly #highs = new BarQueue();
  readonly #lows = new BarQueue();
  readonly #spanMs: number;
  #open: Candle | undefined;
  #baseVolume = 0n;
  #quoteVolume = 0n;

  constructor(spanMs: number) {
    this.#spanMs = spanMs;
  }

  /** The candle may change until the next one is added. */
  add(candle: Candle): void {
    if (this.#open !== undefined) this.#close(this.#open);
    this.#open = candle;
    // Nobody may ever ask for the sums of a market.
    this.#drop(candle.startMs - this.#spanMs);
  }

  /** Sums of the span that ends at `nowMs`, which is never less than the last time. */
  at(nowMs: number): SpanSums {
    const fromMs = nowMs - this.#spanMs;
    this.#drop(fromMs);
    const open = this.#open !== undefined && this.#open.startMs > fromMs ? this.#open : undefined;
    const high = this.#highs.first?.high ?? null;
    const low = this.#lows.first?.low ?? null;
    if (open === undefined) return { baseVolume: this.#baseVolume, quoteVolume: this.#quoteVolume, high, low };
    return {
      baseVolume: this.#baseVolume + open.baseVolume,
      quoteVolume: this.#quoteVolume + open.quoteVolume,
      high: high === null || open.high > high ? open.high : high,
      low: low === null || open.low < low ? open.low : low,
    };
  }

  /** Drops what began at `fromMs` or before. */
  #drop(fromMs: number): void {
    const [closed, highs, lows] = [this.#closed, this.#highs, this.#lows];
    for (let first = closed.first; first !== undefined && first.startMs <= fromMs; first = closed.first) {
      this.#baseVolume -= first.baseVolume;
      this.#quoteVolume -= first.quoteVolume;
      if (highs.first === first) highs.shift();
      if (lows.first === first) lows.shift();
      closed.shift();
    }
  }

  #close(candle: Candle): void {
    const [highs, lows] = [this.#highs, this.#lows];
    this.#closed.push(candle);
    this.#baseVolume += candle.baseVolume;
    this.#quoteVolume += candle.quoteVolume;
    for (let last = highs.last; last !== undefined && last.high <= candle.high; last = highs.last) highs.pop();
    highs.push(candle);
    for (let last = lows.last; last !== undefined && last.low >= candle.low; last = lows.last) lows.pop();
    lows.push(candle);
  }
}
