import { type LevelColumns, recentered } from "./level-columns.ts";
import { MAX_SCALED, powerOfTen } from "./scaled.ts";

/** A side as the queries read it: rank 0 is the best level, values are scaled integers. */
export interface SideView {
  readonly count: number;
  /** The worst price down to which no level is missing, scaled; undefined when the whole side is known. */
  readonly horizon: bigint | undefined;
  priceAt(rank: number): bigint;
  sizeAt(rank: number): bigint;
}

const INITIAL_CAPACITY = 512;
/** Length below which a loop beats the fixed cost of `copyWithin`. */
const SHORT_MOVE = 24;

/**
 * One side of a book: levels sorted with the best last, in the middle of arrays with room at both ends, so that an edit
 * moves the levels between it and the nearer end. Keys are prices for bids and negated prices for asks: both ascend.
 */
export class BookSide implements SideView {
  keys: Float64Array = new Float64Array(INITIAL_CAPACITY);
  sizes: Float64Array = new Float64Array(INITIAL_CAPACITY);
  start = INITIAL_CAPACITY / 2;
  end = INITIAL_CAPACITY / 2;
  /** The worst levels beyond this many are let go. */
  maxLevels: number;
  /** Number of levels known when the side was last cut off at a depth; NaN when the whole side is known. */
  knownCount = Number.NaN;
  /** Levels with lesser keys are unknown and are dropped: a single one would look as if it were the next level. */
  #horizonKey = Number.NEGATIVE_INFINITY;
  readonly #sign: 1 | -1;
  readonly #columns: LevelColumns | undefined;

  constructor(side: "bid" | "ask", maxLevels: number, columns?: LevelColumns) {
    this.#sign = side === "bid" ? 1 : -1;
    this.maxLevels = maxLevels;
    this.#columns = columns;
    columns?.resize(INITIAL_CAPACITY, this.start, this.end, this.start);
  }

  get count(): number {
    return this.end - this.start;
  }

  /** The best price, scaled; NaN when there is none. */
  get bestPrice(): number {
    return this.end === this.start ? Number.NaN : (this.keys[this.end - 1] as number) * this.#sign;
  }

  get bestSize(): number {
    return this.end === this.start ? Number.NaN : (this.sizes[this.end - 1] as number);
  }

  priceAt(rank: number): bigint {
    return BigInt((this.keys[this.end - 1 - rank] as number) * this.#sign);
  }

  sizeAt(rank: number): bigint {
    return BigInt(this.sizes[this.end - 1 - rank] as number);
  }

  get horizon(): bigint | undefined {
    if (Number.isNaN(this.knownCount)) return undefined;
    const key = this.#horizonKey === Number.NEGATIVE_INFINITY ? this.keys[this.start] : this.#horizonKey;
    return BigInt((key as number) * this.#sign);
  }

  get horizonKey(): number {
    return this.#horizonKey;
  }

  clear(maxLevels: number): void {
    this.maxLevels = maxLevels;
    this.start = this.keys.length >>> 1;
    this.end = this.start;
    this.knownCount = Number.NaN;
    this.#horizonKey = Number.NEGATIVE_INFINITY;
  }

  /** Nothing is known beyond the worst level, and no diff will tell what is there. */
  cutOff(): void {
    if (this.end === this.start) return;
    this.knownCount = this.count;
    this.#horizonKey = this.keys[this.start] as number;
  }

  /** Lets the worst levels beyond `depth` go; what enters the best `depth` will be told. */
  keepBest(depth: number): void {
    if (this.count < depth) return;
    // `depth` is a double to V8: without `| 0` the index becomes one too, and each edit of the book a sixth slower.
    this.start = (this.end - depth) | 0;
    this.knownCount = depth;
  }

  /** Sets a level's size; 0 removes it, also when it is not there. Values are scaled like the book. */
  set(price: number, size: number): void {
    const key = price * this.#sign;
    const at = this.#find(key);
    if (at < this.end && this.keys[at] === key) {
      if (size === 0) {
        this.#remove(at);
      } else if (this.sizes[at] !== size) {
        this.sizes[at] = size;
        this.#columns?.forget(at);
      }
    } else if (size > 0) {
      this.#insert(at, key, size);
    }
  }

  /** Tells that 15 digits hold every price and size with so many more digits. */
  fits(priceDigits: number, sizeDigits: number): boolean {
    const priceFactor = powerOfTen(priceDigits);
    const sizeFactor = powerOfTen(sizeDigits);
    const horizon = Math.abs(this.#horizonKey) * priceFactor;
    if (horizon > MAX_SCALED && horizon < Number.POSITIVE_INFINITY) return false;
    for (let at = this.start; at < this.end; at += 1) {
      const key = Math.abs(this.keys[at] as number);
      if (key * priceFactor > MAX_SCALED || (this.sizes[at] as number) * sizeFactor > MAX_SCALED) return false;
    }
    return true;
  }

  /** Adds digits to every price and size; only when they `fits()`. */
  rescale(priceDigits: number, sizeDigits: number): void {
    const priceFactor = powerOfTen(priceDigits);
    const sizeFactor = powerOfTen(sizeDigits);
    this.#horizonKey *= priceFactor;
    for (let at = this.start; at < this.end; at += 1) {
      this.keys[at] = (this.keys[at] as number) * priceFactor;
      this.sizes[at] = (this.sizes[at] as number) * sizeFactor;
    }
  }

  /** First index whose key is at least `key`, galloping from the touch, where most edits are. */
  #find(key: number): number {
    const { keys, start } = this;
    let high = this.end;
    let probe = high - 1;
    let step = 1;
    while (probe >= start && (keys[probe] as number) >= key) {
      high = probe;
      probe -= step;
      step *= 2;
    }
    let low = probe < start ? start : probe + 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((keys[middle] as number) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #insert(found: number, key: number, size: number): void {
    if (key < this.#horizonKey) return;
    let at = found;
    const isFull = this.count >= this.maxLevels;
    if (isFull) {
      if (at === this.start) {
        this.cutOff();
        return;
      }
      this.start += 1;
    }
    if (this.end === this.keys.length || this.start === 0) at += this.#makeRoom();
    if (this.end - at <= at - this.start) {
      this.#move(at, this.end, at + 1);
      this.end += 1;
    } else {
      this.#move(this.start, at, this.start - 1);
      this.start -= 1;
      at -= 1;
    }
    this.keys[at] = key;
    this.sizes[at] = size;
    this.#columns?.forget(at);
    if (isFull) this.cutOff();
  }

  #remove(at: number): void {
    if (this.end - at <= at - this.start) {
      this.#move(at + 1, this.end, at);
      this.end -= 1;
    } else {
      this.#move(this.start, at, this.start + 1);
      this.start += 1;
    }
  }

  /** Moves levels `[from, to)` to `target`, one place up or down. */
  #move(from: number, to: number, target: number): void {
    if (from === to) return;
    const { keys, sizes } = this;
    if (to - from > SHORT_MOVE || this.#columns !== undefined) {
      keys.copyWithin(target, from, to);
      sizes.copyWithin(target, from, to);
      this.#columns?.move(from, to, target);
    } else if (target < from) {
      for (let at = from; at < to; at += 1) {
        keys[at - 1] = keys[at] as number;
        sizes[at - 1] = sizes[at] as number;
      }
    } else {
      for (let at = to - 1; at >= from; at -= 1) {
        keys[at + 1] = keys[at] as number;
        sizes[at + 1] = sizes[at] as number;
      }
    }
  }

  /** Centres the levels, in arrays twice as long when they are more than half full; returns how far they moved. */
  #makeRoom(): number {
    const count = this.count;
    const capacity = count * 2 > this.keys.length ? this.keys.length * 2 : this.keys.length;
    const start = (capacity - count) >>> 1;
    const moved = start - this.start;
    this.keys = recentered(this.keys, new Float64Array(capacity), this.start, this.end, start);
    this.sizes = recentered(this.sizes, new Float64Array(capacity), this.start, this.end, start);
    this.#columns?.resize(capacity, this.start, this.end, start);
    this.start = start;
    this.end = start + count;
    return moved;
  }
}
