import type { BookFrameBuffer } from "./book-frame-buffer.ts";
import type { LevelBuffer } from "./level-buffer.ts";
import type { BookLevel, OrderBook } from "./order-book.ts";
import { decimalOfScaled } from "./scaled.ts";

/** Compared to tell whether a quiet book has moved: as many levels a side as the least of snapshots has (Binance). */
const LEVELS_COMPARED = 50;

/** Best levels of a book, as a text to compare. */
export function bestLevels(book: OrderBook): string {
  const words = (levels: readonly BookLevel[]) => levels.map(({ price, amount }) => `${price} ${amount}`).join();
  return `${words(book.bids(LEVELS_COMPARED))}|${words(book.asks(LEVELS_COMPARED))}`;
}

/**
 * Best levels of a frame, as a text to compare. The frame has one scale for all of its levels, which those below decide
 * too: their values are compared without it.
 */
export function bestLevelsOf({ bids, asks, priceScale, sizeScale }: BookFrameBuffer): string {
  const words = (levels: LevelBuffer) =>
    Array.from({ length: Math.min(levels.count, LEVELS_COMPARED) }, (_, index) => {
      const price = decimalOfScaled(levels.bigPriceAt(index, priceScale), priceScale);
      return `${price} ${decimalOfScaled(levels.bigSizeAt(index, sizeScale), sizeScale)}`;
    }).join();
  return `${words(bids)}|${words(asks)}`;
}
