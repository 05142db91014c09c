import type { BookSide, SideView } from "./book-side.ts";
import type { LevelBuffer } from "./level-buffer.ts";
import { bigPowerOfTen } from "./scaled.ts";

/** One side of a book whose values do not fit in 15 digits: the same layout in BigInts, exact and slow. */
export class WideBookSide implements SideView {
  #keys: bigint[] = [];
  #sizes: bigint[] = [];
  readonly #sign: bigint;
  readonly #maxLevels: number;

  constructor(side: "bid" | "ask", maxLevels: number) {
    this.#sign = side === "bid" ? 1n : -1n;
    this.#maxLevels = maxLevels;
  }

  get count(): number {
    return this.#keys.length;
  }

  priceAt(rank: number): bigint {
    return (this.#keys[this.#keys.length - 1 - rank] ?? 0n) * this.#sign;
  }

  sizeAt(rank: number): bigint {
    return this.#sizes[this.#sizes.length - 1 - rank] ?? 0n;
  }

  clear(): void {
    this.#keys = [];
    this.#sizes = [];
  }

  copyFrom(side: BookSide): void {
    this.clear();
    for (let rank = side.count - 1; rank >= 0; rank -= 1) {
      this.#keys.push(side.priceAt(rank) * this.#sign);
      this.#sizes.push(side.sizeAt(rank));
    }
  }

  apply(levels: LevelBuffer, priceScale: number, sizeScale: number): void {
    for (let index = 0; index < levels.count; index += 1) {
      this.#set(levels.bigPriceAt(index, priceScale), levels.bigSizeAt(index, sizeScale));
    }
  }

  rescale(priceDigits: number, sizeDigits: number): void {
    const priceFactor = bigPowerOfTen(priceDigits);
    const sizeFactor = bigPowerOfTen(sizeDigits);
    this.#keys = this.#keys.map((key) => key * priceFactor);
    this.#sizes = this.#sizes.map((size) => size * sizeFactor);
  }

  #set(price: bigint, size: bigint): void {
    const key = price * this.#sign;
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#keys[middle] ?? 0n) < key) low = middle + 1;
      else high = middle;
    }
    const isThere = this.#keys[low] === key;
    if (size === 0n) {
      if (!isThere) return;
      this.#keys.splice(low, 1);
      this.#sizes.splice(low, 1);
    } else if (isThere) {
      this.#sizes[low] = size;
    } else {
      this.#keys.splice(low, 0, key);
      this.#sizes.splice(low, 0, size);
      if (this.#keys.length > this.#maxLevels) {
        this.#keys.shift();
        this.#sizes.shift();
      }
    }
  }
}
