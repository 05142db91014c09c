import { Decimal, ZERO } from "../model/decimal.ts";

/** Amount open, signed, and its average entry price. */
export interface Stock {
  readonly amount: Decimal;
  readonly entryPrice: Decimal;
}

export interface TradeStep {
  readonly kind: "trade";
  readonly tradeKey: string;
  /** Venue's id of the trade; where it is a number, it orders trades of one moment. */
  readonly sourceId: string;
  readonly price: Decimal;
  /** Negative for a sell. */
  readonly signedAmount: Decimal;
  readonly timestampMs: number;
}

/** Position as the account told it: trades up to its time are in it. */
export interface ReportStep extends Stock {
  readonly kind: "report";
  readonly timestampMs: number;
  /** Later trades up to this time may or may not be in it. */
  readonly untilMs: number;
}

export type Step = TradeStep | ReportStep;

/** Result of a walk over a position step by step. */
export interface Walk {
  readonly end: Stock;
  /** Profit that each step realised, in the order of steps. */
  readonly realized: readonly Decimal[];
  /** The stock after each step, in the order of steps. */
  readonly stocks: readonly Stock[];
  /** Times of reports that known trades do not explain and that no later report has spoken for or against yet. */
  readonly openMs: readonly number[];
  /** Times of reports that known trades do not explain and that later ones agree with: trades are missing. */
  readonly unexplainedMs: readonly number[];
}

/** A stock by what it cost: its average entry price has no end most often, and is asked for only where it is reduced. */
class BoughtStock implements Stock {
  readonly amount: Decimal;
  readonly cost: Decimal;
  #entryPrice: Decimal | undefined;

  constructor(amount: Decimal, cost: Decimal) {
    this.amount = amount;
    this.cost = cost;
  }

  get entryPrice(): Decimal {
    this.#entryPrice ??= this.cost.div(this.amount);
    return this.#entryPrice;
  }
}

/** Cost of a stock that is kept by it; undefined for one that is kept by its entry price. */
export function costIn(stock: Stock): Decimal | undefined {
  return stock instanceof BoughtStock ? stock.cost : undefined;
}

/** Value of a stock at its entry, signed as its amount is. */
function costOf(stock: Stock): Decimal {
  return costIn(stock) ?? stock.amount.times(stock.entryPrice);
}

/** A stock that cost so much; nothing where its amount is zero. */
export function stockOf(amount: Decimal, cost: Decimal): Stock {
  return amount.isZero() ? NOTHING : new BoughtStock(amount, cost);
}

export const NOTHING: Stock = { amount: ZERO, entryPrice: ZERO };
const NUMBER = /^\d{1,40}$/;

/** The venue's order; steps of which it tells none stay as they are. */
export function isBefore(a: Step, b: Step): boolean {
  if (a.timestampMs !== b.timestampMs) return a.timestampMs < b.timestampMs;
  if (a.kind === "report" || b.kind === "report") return a.kind === "trade" && b.kind === "report";
  return isSooner(a.sourceId, b.sourceId);
}

/** Tells that ids which are numbers are in this order. */
export function isSooner(id: string, other: string): boolean {
  if (!NUMBER.test(id) || !NUMBER.test(other)) return false;
  if (id.startsWith("0") || other.startsWith("0")) return BigInt(id) < BigInt(other);
  return id.length === other.length ? id < other : id.length < other.length;
}

/** A stale answer of the venue is not told again this much later: until then two that agree may be one. */
const STALE_MS = 5_000;

/** Steps from a stock on; from an unknown one, where the first report tells what it must have been. */
export function walk(from: Stock | undefined, steps: readonly Step[]): Walk {
  let end = from ?? stockBefore(steps);
  const realized: Decimal[] = steps.map(() => ZERO);
  const stocks: Stock[] = [];
  const openMs: number[] = [];
  const unexplainedMs: number[] = [];
  const due = new Map<number, number[]>();
  for (const [index, step] of steps.entries()) {
    const at = step.kind === "report" ? placeOf(step, end, index, steps) : index;
    let isHeeded = at !== undefined;
    if (step.kind === "report" && !isExplained(step, end, at, index)) {
      const verdict = verdictOn(step, end, index, steps);
      if (verdict === "open") openMs.push(step.timestampMs);
      if (verdict === "unexplained") unexplainedMs.push(step.timestampMs);
      isHeeded = isHeeded && verdict !== "stale";
    }
    if (at !== undefined && at > index) due.set(at, [...(due.get(at) ?? []), index]);
    const now = at === index && isHeeded ? [index, ...(due.get(index) ?? [])] : [];
    for (const place of now) {
      const after = stepOn(end, steps[place] as Step);
      realized[place] = after.realized;
      end = after.stock;
    }
    stocks.push(end);
  }
  return { end, realized, stocks, openMs, unexplainedMs };
}

/** Tells that known trades lead to that amount, now or at a place among the trades of the time of the question. */
export function isExplained(report: ReportStep, known: Stock, at: number | undefined, index: number): boolean {
  return at !== undefined && (at > index || known.amount.eq(report.amount));
}

/**
 * Judges a report that known trades do not explain, by later reports. It is stale where one of them has the result of
 * the trades without it. It is true, and trades are missing, where later reports go on from it for longer than an
 * answer is stale.
 */
function verdictOn(
  report: ReportStep,
  known: Stock,
  index: number,
  steps: readonly Step[],
): "stale" | "unexplained" | "open" {
  let [without, withIt]: [Stock, Stock] = [known, report];
  for (const [offset, step] of steps.slice(index + 1).entries()) {
    if (step.kind === "trade") {
      without = traded(without, step).stock;
      withIt = traded(withIt, step).stock;
      continue;
    }
    const isFit = (stock: Stock) => {
      const at = index + 1 + offset;
      return isExplained(step, stock, placeOf(step, stock, at, steps), at);
    };
    const [fitsWithout, fitsWithIt] = [isFit(without), isFit(withIt)];
    if (fitsWithout && !fitsWithIt) return "stale";
    if (!fitsWithout && step.timestampMs - report.timestampMs >= STALE_MS) return "unexplained";
  }
  return "open";
}

/** Entry prices are told with fewer digits than they have. */
const SAME_ENTRY = new Decimal("1e-6");

function isSameEntry(a: Stock, b: Stock): boolean {
  return a.entryPrice.minus(b.entryPrice).abs().lte(b.entryPrice.abs().times(SAME_ENTRY));
}

/**
 * Index of the step after which a report was true: its own, or that of a trade of while it was asked for; the one with its
 * entry price where several have its amount. Undefined where it has some of those trades and others that are not told
 * yet: the next report tells.
 */
function placeOf(report: ReportStep, known: Stock, index: number, steps: readonly Step[]): number | undefined {
  let stock = known;
  let first: number | undefined;
  for (let at = index; ; ) {
    if (stock.amount.eq(report.amount)) {
      if (isSameEntry(stock, report)) return at;
      first ??= at;
    }
    const next = tradeAfter(steps, at, report.untilMs);
    if (next === undefined) return first ?? (at === index ? index : undefined);
    stock = traded(stock, next.trade).stock;
    at = next.at;
  }
}

/** The next trade up to that time: another report that was asked for meanwhile may stand before it. */
function tradeAfter(steps: readonly Step[], at: number, untilMs: number) {
  for (let next = at + 1; ; next += 1) {
    const step = steps[next];
    if (step === undefined || step.timestampMs > untilMs) return undefined;
    if (step.kind === "trade") return { trade: step, at: next };
  }
}

export interface After {
  readonly stock: Stock;
  readonly realized: Decimal;
}

export function stepOn(stock: Stock, step: Pick<TradeStep, "kind" | "price" | "signedAmount"> | ReportStep): After {
  return step.kind === "trade" ? traded(stock, step) : reported(stock, step);
}

/** Applies a trade to a position: adding averages the entry price, reducing realises profit. */
function traded(stock: Stock, { price, signedAmount }: Pick<TradeStep, "price" | "signedAmount">): After {
  const { amount } = stock;
  const after = amount.plus(signedAmount);
  const isAdding = amount.isZero() || amount.isNegative() === signedAmount.isNegative();
  if (isAdding) return { stock: stockOf(after, costOf(stock).plus(signedAmount.times(price))), realized: ZERO };
  const { entryPrice } = stock;
  const closed = Decimal.min(amount.abs(), signedAmount.abs()).times(amount.isNegative() ? -1 : 1);
  const realized = price.minus(entryPrice).times(closed);
  const isTurned = !after.isZero() && after.isNegative() !== amount.isNegative();
  const entryAfter = after.isZero() ? ZERO : isTurned ? price : entryPrice;
  return { stock: { amount: after, entryPrice: entryAfter }, realized };
}

/**
 * The account's word. Where all trades of before are known, another entry price is a settlement's, which realised the
 * difference; else some are still to come, and take their place before it.
 */
function reported(known: Stock, { amount, entryPrice }: ReportStep): After {
  const isWhole = known.amount.eq(amount);
  const realized = isWhole ? entryPrice.minus(known.entryPrice).times(amount) : ZERO;
  return { stock: { amount, entryPrice }, realized };
}

/** The first report that is sure without the trades of before it; flat where these explain it. */
function stockBefore(steps: readonly Step[]): Stock {
  let bought = NOTHING;
  for (const [index, step] of steps.entries()) {
    if (step.kind === "trade") {
      bought = traded(bought, step).stock;
      continue;
    }
    const at = placeOf(step, bought, index, steps);
    if (at === undefined) continue;
    if (at > index || bought.amount.eq(step.amount)) return NOTHING;
    const undo = (stock: Stock, earlier: Step) => (earlier.kind === "trade" ? untraded(stock, earlier) : stock);
    return steps.slice(0, index).reduceRight<Stock>(undo, step);
  }
  return NOTHING;
}

/** A trade taken out of the stock that it led to: what added realised nothing, what reduced left the entry price. */
function untraded({ amount, entryPrice }: Stock, { price, signedAmount }: TradeStep): Stock {
  const before = amount.minus(signedAmount);
  if (before.isZero()) return NOTHING;
  if (amount.isZero()) return { amount: before, entryPrice: price };
  const isAdding = amount.isNegative() === signedAmount.isNegative();
  if (!isAdding) return { amount: before, entryPrice };
  if (before.isNegative() !== amount.isNegative()) return { amount: before, entryPrice: price };
  const cost = amount.times(entryPrice).minus(signedAmount.times(price));
  return { amount: before, entryPrice: cost.div(before) };
}
