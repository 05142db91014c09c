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
  const { base, quote } = take(book, queryVolume);
  const isEnough = base.gte(queryVolume) && queryVolume.gt(0);
  return {
    queryPrice: undefined,
    queryVolume,
    resultPrice: isEnough ? quote.div(base) : undefined,
    resultVolume: base,
  };
}

/** What an order of `baseAmount` costs, as `resultVolume`; what the whole side costs when it is thinner. */
export function quoteVolumeForBaseAmount(book: ScaledSide, baseAmountInput: DecimalInput): OrderBookQueryResult {
  const queryVolume = decimal(baseAmountInput);
  return { queryPrice: undefined, queryVolume, resultPrice: undefined, resultVolume: take(book, queryVolume).quote };
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
      return { queryPrice: undefined, queryVolume, resultPrice, resultVolume: queryVolume };
    }
  }
  return { queryPrice: undefined, queryVolume, resultPrice: undefined, resultVolume: decimalOfScaled(total, scale) };
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
  return { queryPrice, queryVolume: undefined, resultPrice, resultVolume: decimalOfScaled(total, scale) };
}

/** Takes up to `wanted` base units from the best level on. */
function take(book: ScaledSide, wanted: Decimal): { readonly base: Decimal; readonly quote: Decimal } {
  let base = ZERO;
  let quote = ZERO;
  for (let rank = 0; rank < book.side.count && base.lt(wanted); rank += 1) {
    const amount = Decimal.min(decimalOfScaled(book.side.sizeAt(rank), book.sizeScale), wanted.minus(base));
    base = base.plus(amount);
    quote = quote.plus(amount.mul(decimalOfScaled(book.side.priceAt(rank), book.priceScale)));
  }
  return { base, quote };
}
