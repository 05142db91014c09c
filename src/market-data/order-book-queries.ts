import { Decimal, type DecimalInput, decimal, ZERO } from "../model/decimal.ts";
import type { SideView } from "./book-side.ts";
import { bigPowerOfTen, decimalOfScaled } from "./scaled.ts";

/** What a depth query found. `resultPrice` is undefined when the book is too thin to answer. */
export interface OrderBookQueryResult {
  readonly queryPrice: Decimal | undefined;
  readonly queryVolume: Decimal | undefined;
  readonly resultPrice: Decimal | undefined;
  /** What the book offers of it: at most the volume asked for. */
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
  const wanted = queryVolume.mul(bigPowerOfTen(scale).toString());
  let total = 0n;
  for (let rank = 0; rank < book.side.count; rank += 1) {
    total += volumeAt(rank);
    if (wanted.lte(total.toString())) {
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
  let total = 0n;
  let resultPrice: Decimal | undefined;
  for (let rank = 0; rank < book.side.count; rank += 1) {
    const price = decimalOfScaled(book.side.priceAt(rank), book.priceScale);
    if (isBuy ? price.gt(queryPrice) : price.lt(queryPrice)) break;
    total += volumeAt(rank);
    resultPrice = price;
  }
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

/** Takes up to `wanted` base units from the best level on. */
function take(book: ScaledSide, wanted: Decimal): Taken {
  let base = ZERO;
  let quote = ZERO;
  for (let rank = 0; rank < book.side.count && base.lt(wanted); rank += 1) {
    const amount = Decimal.min(decimalOfScaled(book.side.sizeAt(rank), book.sizeScale), wanted.minus(base));
    base = base.plus(amount);
    quote = quote.plus(amount.mul(decimalOfScaled(book.side.priceAt(rank), book.priceScale)));
  }
  return { base, quote, isComplete: base.gte(wanted) || book.side.horizon === undefined };
}
