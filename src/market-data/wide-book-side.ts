import type { BookSide } from "./book-side.ts";
import type { LevelBuffer } from "./level-buffer.ts";
import { bigPowerOfTen } from "./scaled.ts";
import { NO_LEVEL, type SideView } from "./side-view.ts";

/** One side of a book whose values do not fit in 15 digits: the same layout in BigInts, exact and slow. */
export class WideBookSide implements SideView {
  /** Known levels, as in `BookSide`. */
  knownCount: number;
  readonly maxLevels: number;
  #keys: bigint[] = [];
  #sizes: bigint[] = [];
  #horizonKey: bigint | undefined;
  readonly #sign: bigint;

  /** Takes over what the narrow side holds. */
  constructor(kind: "bid" | "ask", side: BookSide) {
    this.#sign = kind === "bid" ? 1n : -1n;
    this.maxLevels = side.maxLevels;
    this.knownCount = side.knownCount;
    if (Number.isFinite(side.horizonKey)) this.#horizonKey = BigInt(side.horizonKey);
    for (let cursor = side.best; cursor !== NO_LEVEL; cursor = side.worse(cursor)) {
      this.#keys.push(BigInt(side.priceOf(cursor)) * this.#sign);
      this.#sizes.push(BigInt(side.sizeOf(cursor)));
    }
    this.#keys.reverse();
    this.#sizes.reverse();
  }

  get count(): number {
    return this.#keys.length;
  }

  get horizon(): bigint | undefined {
    if (Number.isNaN(this.knownCount)) return undefined;
    return (this.#horizonKey ?? this.#keys[0] ?? 0n) * this.#sign;
  }

  priceAt(rank: number): bigint {
    return (this.#keys[this.#keys.length - 1 - rank] ?? 0n) * this.#sign;
  }

  sizeAt(rank: number): bigint {
    return this.#sizes[this.#sizes.length - 1 - rank] ?? 0n;
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
    if (this.#horizonKey !== undefined) this.#horizonKey *= priceFactor;
  }

  cutOff(): void {
    if (this.count === 0) return;
    this.knownCount = this.count;
    this.#horizonKey = this.#keys[0];
  }

  keepBest(depth: number): void {
    if (this.count < depth) return;
    this.#keys.splice(0, this.count - depth);
    this.#sizes.splice(0, this.#sizes.length - depth);
    this.knownCount = depth;
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
    } else if (this.#horizonKey === undefined || key >= this.#horizonKey) {
      this.#keys.splice(low, 0, key);
      this.#sizes.splice(low, 0, size);
      if (this.#keys.length > this.maxLevels) {
        this.#keys.shift();
        this.#sizes.shift();
        this.cutOff();
      }
    }
  }
}
