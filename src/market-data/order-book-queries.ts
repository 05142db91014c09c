import { type Decimal, type DecimalInput, decimal, ZERO } from "../model/decimal.ts";
import { ceiledToScale, decimalOfScaled, flooredToScale } from "./scaled.ts";
import type { SideView } from "./side-view.ts";

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
  readonly priceScale: number;
  readonly sizeScale: number;
}

/** The price of the last level that an order of `volume` base units reaches. */
export function priceForVolume(book: ScaledSide, volumeInput: DecimalInput): OrderBookQueryResult {
  const queryVolume = decimal(volumeInput);
  return reach(book, queryVolume, book.sizeScale, (rank) => book.side.sizeAt(rank));
}

/** The price of the last level that an order worth `quoteVolume` reaches. */
export function priceForQuoteVolume(book: ScaledSide, quoteVolumeInput: DecimalInput): OrderBookQueryResult {
  const queryVolume = decimal(quoteVolumeInput);
  return reach(book, queryVolume, book.priceScale + book.sizeScale, (rank) => notionalAt(book.side, rank));
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
  return within(book, isBuy, decimal(priceInput), book.sizeScale, (rank) => book.side.sizeAt(rank));
}

/** Quote units offered at `price` or better. */
export function quoteVolumeForPrice(book: ScaledSide, isBuy: boolean, priceInput: DecimalInput): OrderBookQueryResult {
  const scale = book.priceScale + book.sizeScale;
  return within(book, isBuy, decimal(priceInput), scale, (rank) => notionalAt(book.side, rank));
}

function notionalAt(side: SideView, rank: number): bigint {
  return side.priceAt(rank) * side.sizeAt(rank);
}

function reach(
  book: ScaledSide,
  queryVolume: Decimal,
  scale: number,
  volumeAt: (rank: number) => bigint,
): OrderBookQueryResult {
  const wanted = ceiledToScale(queryVolume, scale);
  let total = 0n;
  for (let rank = 0; rank < book.side.count; rank += 1) {
    total += volumeAt(rank);
    if (total >= wanted) {
      const resultPrice = decimalOfScaled(book.side.priceAt(rank), book.priceScale);
      return { queryPrice: undefined, queryVolume, resultPrice, resultVolume: queryVolume, isComplete: true };
    }
  }
  const resultVolume = decimalOfScaled(total, scale);
  const isComplete = book.side.horizon === undefined;
  return { queryPrice: undefined, queryVolume, resultPrice: undefined, resultVolume, isComplete };
}

function within(
  book: ScaledSide,
  isBuy: boolean,
  queryPrice: Decimal,
  scale: number,
  volumeAt: (rank: number) => bigint,
): OrderBookQueryResult {
  const { side, priceScale } = book;
  const worst = isBuy ? flooredToScale(queryPrice, priceScale) : ceiledToScale(queryPrice, priceScale);
  let total = 0n;
  let rank = 0;
  for (; rank < side.count; rank += 1) {
    const price = side.priceAt(rank);
    if (isBuy ? price > worst : price < worst) break;
    total += volumeAt(rank);
  }
  const resultPrice = rank === 0 ? undefined : decimalOfScaled(side.priceAt(rank - 1), priceScale);
  const resultVolume = decimalOfScaled(total, scale);
  return {
    queryPrice,
    queryVolume: undefined,
    resultPrice,
    resultVolume,
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

/** Takes up to `wanted` base units from the best level on: whole levels, then a part of the next one. */
function take({ side, priceScale, sizeScale }: ScaledSide, wanted: Decimal): Taken {
  const most = flooredToScale(wanted, sizeScale);
  let whole = 0n;
  let cost = 0n;
  let rank = 0;
  for (; rank < side.count; rank += 1) {
    const size = side.sizeAt(rank);
    if (whole + size > most) break;
    whole += size;
    cost += size * side.priceAt(rank);
  }
  let base = decimalOfScaled(whole, sizeScale);
  let quote = decimalOfScaled(cost, priceScale + sizeScale);
  const part = wanted.minus(base);
  if (rank < side.count && part.gt(ZERO)) {
    base = wanted;
    quote = quote.plus(part.mul(decimalOfScaled(side.priceAt(rank), priceScale)));
  }
  return { base, quote, isComplete: base.gte(wanted) || side.horizon === undefined };
}
