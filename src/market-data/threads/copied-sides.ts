import type { BookCopy, PriceRange } from "../book-copy.ts";
import { isNear, type KnownSide, type Sides } from "../book-sides.ts";
import { decimalOfScaled } from "../scaled.ts";
import { type NarrowSide, NO_LEVEL } from "../side-view.ts";
import { FIELD, NUMBERS, type SharedBook, type SharedLevels } from "./shared-book.ts";

/** A side of a wide book as a message brings it, best first. */
export interface WideLevels {
  readonly prices: readonly bigint[];
  readonly sizes: readonly bigint[];
  readonly knownCount: number;
  readonly horizon: bigint | undefined;
}

/** A side as it was when it was copied; the cursor of a level is its rank. */
class CopiedSide implements NarrowSide, KnownSide {
  count = 0;
  knownCount = Number.NaN;
  #horizon = Number.NaN;
  #prices = new Float64Array(0);
  #sizes = new Float64Array(0);

  take({ prices, sizes }: SharedLevels, count: number, knownCount: number, horizon: number): void {
    if (this.#prices.length < prices.length) {
      this.#prices = new Float64Array(prices.length);
      this.#sizes = new Float64Array(prices.length);
    }
    this.count = count;
    this.knownCount = knownCount;
    this.#horizon = horizon;
    this.#prices.set(count * 2 > prices.length ? prices : prices.subarray(0, count));
    this.#sizes.set(count * 2 > sizes.length ? sizes : sizes.subarray(0, count));
  }

  get bestPrice(): number {
    return this.count === 0 ? Number.NaN : (this.#prices[0] as number);
  }

  get bestSize(): number {
    return this.count === 0 ? Number.NaN : (this.#sizes[0] as number);
  }

  get best(): number {
    return this.count === 0 ? NO_LEVEL : 0;
  }

  get horizon(): bigint | undefined {
    return Number.isNaN(this.knownCount) ? undefined : BigInt(this.#horizon);
  }

  worse(cursor: number): number {
    return cursor + 1 < this.count ? cursor + 1 : NO_LEVEL;
  }

  priceOf(cursor: number): number {
    return this.#prices[cursor] as number;
  }

  sizeOf(cursor: number): number {
    return this.#sizes[cursor] as number;
  }

  priceAt(rank: number): bigint {
    return BigInt(this.priceOf(this.#assertRank(rank)));
  }

  sizeAt(rank: number): bigint {
    return BigInt(this.sizeOf(this.#assertRank(rank)));
  }

  #assertRank(rank: number): number {
    if (rank >= this.count) throw new RangeError(`no level has the rank ${rank}`);
    return rank;
  }
}

class CopiedWideSide implements KnownSide {
  readonly #levels: WideLevels;

  constructor(levels: WideLevels) {
    this.#levels = levels;
  }

  get count(): number {
    return this.#levels.prices.length;
  }

  get knownCount(): number {
    return this.#levels.knownCount;
  }

  get horizon(): bigint | undefined {
    return this.#levels.horizon;
  }

  priceAt(rank: number): bigint {
    return this.#levels.prices[rank] ?? 0n;
  }

  sizeAt(rank: number): bigint {
    return this.#levels.sizes[rank] ?? 0n;
  }
}

/** State of a wide book with its levels, and its version in the shared memory, which has no room for them. */
export interface WideCopy {
  readonly version: number;
  readonly numbers: Float64Array;
  readonly bids: WideLevels;
  readonly asks: WideLevels;
}

/** Sides of a book that another thread keeps. No message is applied here. */
export class CopiedSides implements Sides {
  narrowBids: NarrowSide & KnownSide;
  narrowAsks: NarrowSide & KnownSide;
  priceScale = 0;
  sizeScale = 0;
  isShallow = false;
  readonly isCrossed = false;
  readonly isExhausted = false;
  /** Numbers of the shared book at the last copy. */
  numbers: Float64Array = new Float64Array(NUMBERS);
  reason: string | undefined = "no snapshot yet";
  /** Version of the shared book at the last copy. */
  #version = 0;
  #wide: { readonly bids: CopiedWideSide; readonly asks: CopiedWideSide } | undefined;
  #bids = new CopiedSide();
  #asks = new CopiedSide();
  /** Copies go here first: one that the writer interrupted is forgotten. */
  #spareBids = new CopiedSide();
  #spareAsks = new CopiedSide();
  #spareNumbers: Float64Array = new Float64Array(NUMBERS);

  constructor() {
    this.narrowBids = this.#bids;
    this.narrowAsks = this.#asks;
  }

  get isWide(): boolean {
    return this.#wide !== undefined;
  }

  get bids(): KnownSide {
    return this.#wide?.bids ?? this.narrowBids;
  }

  get asks(): KnownSide {
    return this.#wide?.asks ?? this.narrowAsks;
  }

  get isNearHorizon(): boolean {
    const { bids, asks } = this;
    return isNear(bids.count, bids.knownCount) || isNear(asks.count, asks.knownCount);
  }

  /**
   * Copies what another thread has written. `busy`: that is under way all the time; `wide`: a message brings it. The sides
   * are as before then.
   */
  take(shared: SharedBook): "taken" | "busy" | "wide" {
    const numbers = this.#spareNumbers;
    const of = (field: number): number => numbers[field] as number;
    let reason: string | undefined;
    const version = shared.read(() => {
      numbers.set(shared.numbers);
      reason = of(FIELD.isValid) === 1 ? undefined : shared.reason;
      this.#spareBids.take(shared.bids, of(FIELD.bidCount), of(FIELD.bidKnown), of(FIELD.bidHorizon));
      this.#spareAsks.take(shared.asks, of(FIELD.askCount), of(FIELD.askKnown), of(FIELD.askHorizon));
    });
    if (version === NO_LEVEL) return "busy";
    if (of(FIELD.isWide) === 1) return "wide";
    [this.#bids, this.#spareBids] = [this.#spareBids, this.#bids];
    [this.#asks, this.#spareAsks] = [this.#spareAsks, this.#asks];
    [this.numbers, this.#spareNumbers] = [this.#spareNumbers, this.numbers];
    this.narrowBids = this.#bids;
    this.narrowAsks = this.#asks;
    this.#wide = undefined;
    this.#taken(version, reason);
    return "taken";
  }

  /** Takes over a wide book; false where a later state of it has been copied already. */
  takeWide({ version, numbers, bids, asks }: WideCopy): boolean {
    if (((version - this.#version) | 0) <= 0) return false;
    this.numbers = numbers;
    this.#wide = { bids: new CopiedWideSide(bids), asks: new CopiedWideSide(asks) };
    this.#taken(version, undefined);
    return true;
  }

  /** The book is written to other memory from now on, whose versions begin anew. */
  startOver(): void {
    this.#version = 0;
  }

  #taken(version: number, reason: string | undefined): void {
    const { numbers } = this;
    this.#version = version;
    this.reason = reason;
    this.priceScale = numbers[FIELD.priceScale] as number;
    this.sizeScale = numbers[FIELD.sizeScale] as number;
    this.isShallow = numbers[FIELD.isShallow] === 1;
  }

  /** State of the book at the last copy, with so many messages since the one before. */
  copyWith(messages: number): BookCopy {
    const { numbers, priceScale } = this;
    const of = (field: number): number => numbers[field] as number;
    const range = (side: "bids" | "asks"): PriceRange | undefined => {
      const isBids = side === "bids";
      const [low, high] = isBids ? [of(FIELD.bidLow), of(FIELD.bidHigh)] : [of(FIELD.askLow), of(FIELD.askHigh)];
      if (!(low <= high)) return undefined;
      const [lowest, highest] = [decimalOfScaled(low, priceScale), decimalOfScaled(high, priceScale)];
      return isBids ? { best: highest, worst: lowest } : { best: lowest, worst: highest };
    };
    return {
      ...{ invalidReason: this.reason, updateId: of(FIELD.updateId), timestampMs: of(FIELD.timestampMs) },
      ...{ receivedAtMs: of(FIELD.receivedAtMs), messages, isWhole: of(FIELD.isWhole) === 1, range },
    };
  }

  fit(): void {
    throw new Error("the book is kept by another thread");
  }

  change(): void {
    this.fit();
  }

  agreesWith(): boolean {
    return true;
  }
}
