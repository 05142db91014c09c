import { type Decimal, type DecimalInput, decimal, ZERO } from "../model/decimal.ts";
import type { BookLevel } from "./book-level.ts";
import { ceiledToScale, decimalOfScaled, flooredToScale } from "./scaled.ts";
import { type NarrowSide, NO_LEVEL, type SideView } from "./side-view.ts";

/** Result of a depth query. `resultPrice` is undefined when the book is too thin to answer. */
export interface OrderBookQueryResult {
  readonly queryPrice: Decimal | undefined;
  readonly queryVolume: Decimal | undefined;
  readonly resultPrice: Decimal | undefined;
  /** Volume that the book offers of it: at most the volume asked for. */
  readonly resultVolume: Decimal;
  /**
   * False when the answer ran into the end of what the venue told (the book's `bidHorizon` or `askHorizon`): there may
   * be more beyond, so `resultVolume` is at least that much, and no price follows from it.
   */
  readonly isComplete: boolean;
}

/** One side of a book with the scales of its values. */
export interface ScaledSide {
  readonly side: SideView;
  /** The same levels as numbers, where 15 digits hold all of them. */
  readonly narrow: NarrowSide | undefined;
  readonly priceScale: number;
  readonly sizeScale: number;
}

/** The worst price down or up to which a side is known, where that is not all of it. */
export function horizonOf({ side, priceScale }: ScaledSide): Decimal | undefined {
  return side.horizon === undefined ? undefined : decimalOfScaled(side.horizon, priceScale);
}

/** The best levels of a side, best first. */
export function levelsOf({ side, narrow, priceScale, sizeScale }: ScaledSide, depth: number): readonly BookLevel[] {
  if (narrow !== undefined) {
    const levels: BookLevel[] = [];
    for (let cursor = narrow.best; cursor !== NO_LEVEL && levels.length < depth; cursor = narrow.worse(cursor)) {
      const price = decimalOfScaled(narrow.priceOf(cursor), priceScale);
      levels.push({ price, amount: decimalOfScaled(narrow.sizeOf(cursor), sizeScale) });
    }
    return levels;
  }
  return Array.from({ length: Math.min(depth, side.count) }, (_, rank) => ({
    price: decimalOfScaled(side.priceAt(rank), priceScale),
    amount: decimalOfScaled(side.sizeAt(rank), sizeScale),
  }));
}

/** The price of the last level that an order of `volume` base units reaches. */
export function priceForVolume(book: ScaledSide, volumeInput: DecimalInput): OrderBookQueryResult {
  const queryVolume = decimal(volumeInput);
  return reach(book, queryVolume, "size");
}

/** The price of the last level that an order worth `quoteVolume` reaches. */
export function priceForQuoteVolume(book: ScaledSide, quoteVolumeInput: DecimalInput): OrderBookQueryResult {
  const queryVolume = decimal(quoteVolumeInput);
  return reach(book, queryVolume, "notional");
}

/** The average price of an order of `volume` base units. */
export function vwapForVolume(book: ScaledSide, volumeInput: DecimalInput): OrderBookQueryResult {
  const queryVolume = decimal(volumeInput);
  const { base, quote, isComplete } = take(book, queryVolume);
  const isEnough = base.gte(queryVolume) && queryVolume.gt(0);
  return {
    queryPrice: undefined,
    queryVolume,
    resultPrice: isEnough ? quote.div(base) : undefined,
    resultVolume: base,
    isComplete,
  };
}

/** Cost of an order of `baseAmount`, as `resultVolume`; what all known levels cost when they are less. */
export function quoteVolumeForBaseAmount(book: ScaledSide, baseAmountInput: DecimalInput): OrderBookQueryResult {
  const queryVolume = decimal(baseAmountInput);
  const { quote: resultVolume, isComplete } = take(book, queryVolume);
  return { queryPrice: undefined, queryVolume, resultPrice: undefined, resultVolume, isComplete };
}

/** Base units offered at `price` or better; `resultPrice` is the worst level among them. */
export function volumeForPrice(book: ScaledSide, isBuy: boolean, priceInput: DecimalInput): OrderBookQueryResult {
  return within(book, isBuy, decimal(priceInput), "size");
}

/** Quote units offered at `price` or better. */
export function quoteVolumeForPrice(book: ScaledSide, isBuy: boolean, priceInput: DecimalInput): OrderBookQueryResult {
  return within(book, isBuy, decimal(priceInput), "notional");
}

type Measure = "size" | "notional";

function scaleOf({ priceScale, sizeScale }: ScaledSide, measure: Measure): number {
  return measure === "size" ? sizeScale : priceScale + sizeScale;
}

const measureAt = (side: SideView, rank: number, measure: Measure): bigint =>
  measure === "size" ? side.sizeAt(rank) : side.priceAt(rank) * side.sizeAt(rank);

const measureOf = (side: NarrowSide, cursor: number, measure: Measure): number =>
  measure === "size" ? side.sizeOf(cursor) : side.priceOf(cursor) * side.sizeOf(cursor);

/** Levels from the best one on, and their sum. */
interface Walked {
  readonly total: number | bigint;
  /** The price of the level that the walk ended with; undefined before the first. */
  readonly price: number | bigint | undefined;
  readonly isReached: boolean;
}

/** Walks until the sum is `wanted`. */
function walkTo(book: ScaledSide, wanted: bigint, measure: Measure): Walked {
  return walkNumbersTo(book.narrow, wanted, measure) ?? walkBigIntsTo(book.side, wanted, measure);
}

/** Walks with numbers; undefined where a sum is more than a number holds exactly. */
function walkNumbersTo(side: NarrowSide | undefined, wanted: bigint, measure: Measure): Walked | undefined {
  if (side === undefined) return undefined;
  const limit = Number(wanted);
  let total = 0;
  let price: number | undefined;
  for (let cursor = side.best; cursor !== NO_LEVEL; cursor = side.worse(cursor)) {
    total += measureOf(side, cursor, measure);
    if (total > Number.MAX_SAFE_INTEGER) return undefined;
    price = side.priceOf(cursor);
    if (total >= limit) return { total, price, isReached: true };
  }
  return { total, price, isReached: false };
}

function walkBigIntsTo(side: SideView, wanted: bigint, measure: Measure): Walked {
  let total = 0n;
  let price: bigint | undefined;
  for (let rank = 0; rank < side.count; rank += 1) {
    total += measureAt(side, rank, measure);
    price = side.priceAt(rank);
    if (total >= wanted) return { total, price, isReached: true };
  }
  return { total, price, isReached: false };
}

function reach(book: ScaledSide, queryVolume: Decimal, measure: Measure): OrderBookQueryResult {
  const scale = scaleOf(book, measure);
  const { total, price, isReached } = walkTo(book, ceiledToScale(queryVolume, scale), measure);
  if (isReached && price !== undefined) {
    const resultPrice = decimalOfScaled(price, book.priceScale);
    return { queryPrice: undefined, queryVolume, resultPrice, resultVolume: queryVolume, isComplete: true };
  }
  const resultVolume = decimalOfScaled(total, scale);
  const isComplete = book.side.horizon === undefined;
  return { queryPrice: undefined, queryVolume, resultPrice: undefined, resultVolume, isComplete };
}

/** Walks all levels at a price or better. */
function walkWithin(book: ScaledSide, isBuy: boolean, worst: bigint, measure: Measure): Walked {
  return walkNumbersWithin(book.narrow, isBuy, worst, measure) ?? walkBigIntsWithin(book.side, isBuy, worst, measure);
}

function walkNumbersWithin(
  side: NarrowSide | undefined,
  isBuy: boolean,
  worst: bigint,
  measure: Measure,
): Walked | undefined {
  if (side === undefined) return undefined;
  const limit = Number(worst);
  let total = 0;
  let last: number | undefined;
  for (let cursor = side.best; cursor !== NO_LEVEL; cursor = side.worse(cursor)) {
    const price = side.priceOf(cursor);
    if (isBuy ? price > limit : price < limit) break;
    total += measureOf(side, cursor, measure);
    if (total > Number.MAX_SAFE_INTEGER) return undefined;
    last = price;
  }
  return { total, price: last, isReached: false };
}

function walkBigIntsWithin(side: SideView, isBuy: boolean, worst: bigint, measure: Measure): Walked {
  let total = 0n;
  let last: bigint | undefined;
  for (let rank = 0; rank < side.count; rank += 1) {
    const price = side.priceAt(rank);
    if (isBuy ? price > worst : price < worst) break;
    total += measureAt(side, rank, measure);
    last = price;
  }
  return { total, price: last, isReached: false };
}

function within(book: ScaledSide, isBuy: boolean, queryPrice: Decimal, measure: Measure): OrderBookQueryResult {
  const { priceScale } = book;
  const worst = isBuy ? flooredToScale(queryPrice, priceScale) : ceiledToScale(queryPrice, priceScale);
  const { total, price } = walkWithin(book, isBuy, worst, measure);
  return {
    queryPrice,
    queryVolume: undefined,
    resultPrice: price === undefined ? undefined : decimalOfScaled(price, priceScale),
    resultVolume: decimalOfScaled(total, scaleOf(book, measure)),
    isComplete: isKnownTo(book, isBuy, queryPrice),
  };
}

/** True when every level at `price` or better is known. */
function isKnownTo({ side, priceScale }: ScaledSide, isBuy: boolean, price: Decimal): boolean {
  if (side.horizon === undefined) return true;
  const horizon = decimalOfScaled(side.horizon, priceScale);
  return isBuy ? price.lte(horizon) : price.gte(horizon);
}

interface Taken {
  readonly base: Decimal;
  readonly quote: Decimal;
  readonly isComplete: boolean;
}

/** Whole levels that an order takes from the best one on, and the price of the next one, of which it takes a part. */
interface WholeLevels {
  readonly size: number | bigint;
  readonly cost: number | bigint;
  readonly nextPrice: number | bigint | undefined;
}

function wholeLevels(book: ScaledSide, most: bigint): WholeLevels {
  return wholeLevelsByNumbers(book.narrow, most) ?? wholeLevelsByBigInts(book.side, most);
}

function wholeLevelsByNumbers(side: NarrowSide | undefined, most: bigint): WholeLevels | undefined {
  if (side === undefined) return undefined;
  const limit = Number(most);
  let size = 0;
  let cost = 0;
  for (let cursor = side.best; cursor !== NO_LEVEL; cursor = side.worse(cursor)) {
    const own = side.sizeOf(cursor);
    const price = side.priceOf(cursor);
    if (size + own > limit) return { size, cost, nextPrice: price };
    size += own;
    cost += own * price;
    if (cost > Number.MAX_SAFE_INTEGER || size > Number.MAX_SAFE_INTEGER) return undefined;
  }
  return { size, cost, nextPrice: undefined };
}

function wholeLevelsByBigInts(side: SideView, most: bigint): WholeLevels {
  let size = 0n;
  let cost = 0n;
  for (let rank = 0; rank < side.count; rank += 1) {
    const own = side.sizeAt(rank);
    const price = side.priceAt(rank);
    if (size + own > most) return { size, cost, nextPrice: price };
    size += own;
    cost += own * price;
  }
  return { size, cost, nextPrice: undefined };
}

/** Takes up to `wanted` base units from the best level on: whole levels, then a part of the next one. */
function take(book: ScaledSide, wanted: Decimal): Taken {
  const { side, priceScale, sizeScale } = book;
  const { size, cost, nextPrice } = wholeLevels(book, flooredToScale(wanted, sizeScale));
  let base = decimalOfScaled(size, sizeScale);
  let quote = decimalOfScaled(cost, priceScale + sizeScale);
  const part = wanted.minus(base);
  if (nextPrice !== undefined && part.gt(ZERO)) {
    base = wanted;
    quote = quote.plus(part.mul(decimalOfScaled(nextPrice, priceScale)));
  }
  return { base, quote, isComplete: base.gte(wanted) || side.horizon === undefined };
}
