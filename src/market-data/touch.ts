import type { BookLevel } from "./book-level.ts";
import type { ScaledSide } from "./order-book-queries.ts";
import { decimalOfScaled } from "./scaled.ts";

/** The best level of one side. Most messages leave it as it is, and then no decimal is made. */
export class Touch {
  #price: number | bigint = -1;
  #size: number | bigint = -1;
  #priceScale = -1;
  #sizeScale = -1;
  #level: BookLevel | undefined;

  read({ side, priceScale, sizeScale }: ScaledSide): BookLevel | undefined {
    if (side.count === 0) return undefined;
    const price = side.priceAt(0);
    const size = side.sizeAt(0);
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
