import type { BookLevel } from "./book-level.ts";
import { decimalOfScaled } from "./scaled.ts";

/** The best level of one side. Most messages leave it as it is, and then no decimal is made. */
export class Touch {
  #price: number | bigint = -1;
  #size: number | bigint = -1;
  #priceScale = -1;
  #sizeScale = -1;
  #level: BookLevel | undefined;

  /** Reads a level of scaled values; undefined where the price is NaN, for there is none. */
  read(price: number | bigint, size: number | bigint, priceScale: number, sizeScale: number): BookLevel | undefined {
    if (Number.isNaN(price)) return undefined;
    const isSamePrice = price === this.#price && priceScale === this.#priceScale;
    if (isSamePrice && size === this.#size && sizeScale === this.#sizeScale) return this.#level;
    const known = isSamePrice ? this.#level?.price : undefined;
    this.#level = { price: known ?? decimalOfScaled(price, priceScale), amount: decimalOfScaled(size, sizeScale) };
    this.#price = price;
    this.#size = size;
    this.#priceScale = priceScale;
    this.#sizeScale = sizeScale;
    return this.#level;
  }
}
