import type { Decimal } from "../model/decimal.ts";
import type { BookLevel } from "./book-level.ts";
import { decimalOfScaled } from "./scaled.ts";

/** The best price goes back and forth between few: their decimals are kept, each by the lowest bits of its integer. */
const MAX_PRICES = 32;

/** The best level of one side. Most messages leave it as it is, and then no decimal is made. */
export class Touch {
  #price: number | bigint = -1;
  #size: number | bigint = -1;
  #priceScale = -1;
  #sizeScale = -1;
  #level: BookLevel | undefined;
  readonly #keys = new Float64Array(MAX_PRICES).fill(-1);
  readonly #prices: Decimal[] = [];

  /** Reads a level of scaled values; undefined where the price is NaN, for there is none. */
  read(price: number | bigint, size: number | bigint, priceScale: number, sizeScale: number): BookLevel | undefined {
    if (Number.isNaN(price)) return undefined;
    if (priceScale !== this.#priceScale) this.#keys.fill(-1);
    else if (price === this.#price && size === this.#size && sizeScale === this.#sizeScale) return this.#level;
    this.#level = { price: this.#decimalOf(price, priceScale), amount: decimalOfScaled(size, sizeScale) };
    this.#price = price;
    this.#size = size;
    this.#priceScale = priceScale;
    this.#sizeScale = sizeScale;
    return this.#level;
  }

  #decimalOf(price: number | bigint, scale: number): Decimal {
    if (typeof price === "bigint") return decimalOfScaled(price, scale);
    const place = price & (MAX_PRICES - 1);
    if (this.#keys[place] === price) return this.#prices[place] as Decimal;
    const made = decimalOfScaled(price, scale);
    this.#keys[place] = price;
    this.#prices[place] = made;
    return made;
  }
}
