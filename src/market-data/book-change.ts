import { PerpwireError } from "../model/error.ts";
import type { BookCopy, PriceRange } from "./book-copy.ts";
import type { BookFrameBuffer } from "./book-frame-buffer.ts";
import type { LevelBuffer } from "./level-buffer.ts";
import { decimalOfScaled } from "./scaled.ts";

export type { PriceRange };

/** Extent of what a message changed in a book, made when it is read. It is over when the listener returns. */
export class BookChange {
  #frame: BookFrameBuffer | undefined;
  #isWhole = true;
  #isWide = false;
  #copy: BookCopy | undefined;
  /** Messages whose listeners are being called: more than one where a listener applies the next. */
  #announced = 0;

  /** True when every level may have changed: the message was the whole book, or several were taken at once. */
  get isWhole(): boolean {
    this.#assertCurrent();
    return this.#isWhole;
  }

  /** Bids that the message named, also where they are as before; undefined where it named none, or `isWhole`. */
  get bids(): PriceRange | undefined {
    return this.#range("bids");
  }

  get asks(): PriceRange | undefined {
    return this.#range("asks");
  }

  /**
   * The listeners are about to be called, after a message or, without one, after several. The prices of a message are of
   * one scale only where the book is not wide.
   */
  begin(frame: BookFrameBuffer | undefined, isWide: boolean): void {
    this.#frame = frame;
    this.#copy = undefined;
    this.#isWide = isWide;
    this.#isWhole = frame === undefined || frame.kind === "snapshot";
    this.#announced += 1;
  }

  /** The listeners are about to be called, after messages that another thread has applied. */
  beginCopied(copy: BookCopy): void {
    this.#frame = undefined;
    this.#copy = copy;
    this.#isWhole = copy.isWhole;
    this.#announced += 1;
  }

  /** Lowest and highest of the scaled prices that the message named; undefined where it named none, or has no scale. */
  extremes(side: "bids" | "asks"): readonly [lowest: number, highest: number] | undefined {
    const frame = this.#frame;
    if (this.#isWhole || this.#isWide || frame === undefined || frame[side].count === 0) return undefined;
    return extremes(frame[side]);
  }

  /** Whoever is still to hear of an earlier message hears of several at once. */
  end(): void {
    this.#frame = undefined;
    this.#copy = undefined;
    this.#isWhole = true;
    this.#announced -= 1;
  }

  #range(side: "bids" | "asks"): PriceRange | undefined {
    this.#assertCurrent();
    const frame = this.#frame;
    if (this.#copy !== undefined && !this.#isWhole) return this.#copy.range(side);
    if (this.#isWhole || frame === undefined || frame[side].count === 0) return undefined;
    const { priceScale } = frame;
    const [lowest, highest] = this.#isWide ? wideExtremes(frame[side], priceScale) : extremes(frame[side]);
    const scale = this.#isWide ? priceScale : frame[side].priceScale;
    const [low, high] = [decimalOfScaled(lowest, scale), decimalOfScaled(highest, scale)];
    return side === "bids" ? { best: high, worst: low } : { best: low, worst: high };
  }

  #assertCurrent(): void {
    if (this.#announced > 0) return;
    throw new PerpwireError("the change of an order book was read after its listener had returned", {
      code: "STOPPED",
      hint: "copy what is needed of it inside the listener",
    });
  }
}

function extremes({ prices, count }: LevelBuffer): readonly [lowest: number, highest: number] {
  let lowest = Number.POSITIVE_INFINITY;
  let highest = 0;
  for (let index = 0; index < count; index += 1) {
    const price = prices[index] as number;
    if (price < lowest) lowest = price;
    if (price > highest) highest = price;
  }
  return [lowest, highest];
}

function wideExtremes(levels: LevelBuffer, scale: number): readonly [lowest: bigint, highest: bigint] {
  const prices = Array.from({ length: levels.count }, (_, index) => levels.bigPriceAt(index, scale));
  const lowest = prices.reduce((least, price) => (price < least ? price : least));
  return [lowest, prices.reduce((most, price) => (price > most ? price : most))];
}
