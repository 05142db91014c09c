import type { BookChecksum } from "./book-checksum.ts";
import type { BookFrameBuffer } from "./book-frame-buffer.ts";
import { BookSide } from "./book-side.ts";
import { MAX_NARROW_SCALE } from "./scaled.ts";
import { fitsWith } from "./side-levels.ts";
import type { NarrowSide, SideView } from "./side-view.ts";
import { WideBookSide } from "./wide-book-side.ts";

export interface BookSidesOptions {
  /** Checksum over the levels that the venue keeps. */
  readonly checksum: BookChecksum | undefined;
  readonly maxLevels: number;
  /** Levels a side that a snapshot has at most, unless its frame says otherwise. */
  readonly depth: number;
  /** Extent of diffs: the best `depth` levels, or the whole book. */
  readonly follows: "window" | "book";
}

/** Members of the sides of a book that the book uses; those of a copy in another thread take no message. */
export type Sides = Pick<
  BookSides,
  | "isWide"
  | "priceScale"
  | "sizeScale"
  | "isShallow"
  | "isCrossed"
  | "isNearHorizon"
  | "isExhausted"
  | "startOver"
  | "fit"
  | "change"
  | "agreesWith"
> & {
  readonly bids: KnownSide;
  readonly asks: KnownSide;
  readonly narrowBids: NarrowSide;
  readonly narrowAsks: NarrowSide;
};

/** A side with the number of levels that were known when it was cut off at a depth; NaN where all of it is known. */
export interface KnownSide extends SideView {
  readonly knownCount: number;
}

/**
 * Share of the levels known at first, below which a book is near its horizon. A window that lost so many without being
 * told which came instead is no longer believed.
 */
const NEAR_HORIZON_SHARE = 0.2;

/** Sides of a book at one scale, with the depth to which each is known. Wide where a value has more than 15 digits. */
export class BookSides {
  readonly narrowBids: BookSide;
  readonly narrowAsks: BookSide;
  priceScale = 0;
  sizeScale = 0;
  readonly #options: BookSidesOptions;
  #wideBids: WideBookSide | undefined;
  #wideAsks: WideBookSide | undefined;
  /** Levels a side that the venue keeps; NaN where diffs change the whole book. */
  #window = Number.NaN;
  #isShallow = false;

  constructor(options: BookSidesOptions) {
    this.#options = options;
    const { checksum, maxLevels } = options;
    this.narrowBids = new BookSide("bid", maxLevels, checksum?.bidColumns);
    this.narrowAsks = new BookSide("ask", maxLevels, checksum?.askColumns);
  }

  get isWide(): boolean {
    return this.#wideBids !== undefined;
  }

  get bids(): BookSide | WideBookSide {
    return this.#wideBids ?? this.narrowBids;
  }

  get asks(): BookSide | WideBookSide {
    return this.#wideAsks ?? this.narrowAsks;
  }

  /** Empties both sides for a snapshot. */
  startOver(frame: BookFrameBuffer, isNarrow: boolean): void {
    const { follows, maxLevels, checksum } = this.#options;
    const depth = this.#depthOf(frame);
    // Diffs go on beyond a snapshot that ended early, so that its depth is none that the venue keeps.
    const isWindow = follows === "window" && Number.isFinite(depth) && !frame.isShort;
    // A level that is let go while it is in the venue's window would not be told again.
    this.#window = isWindow && (depth <= maxLevels || checksum !== undefined) ? depth : Number.NaN;
    const limit = Number.isNaN(this.#window) ? maxLevels : Number.POSITIVE_INFINITY;
    this.narrowBids.clear(limit);
    this.narrowAsks.clear(limit);
    if (frame.priceScale !== this.priceScale) {
      this.narrowBids.unplace();
      this.narrowAsks.unplace();
    }
    this.priceScale = frame.priceScale;
    this.sizeScale = frame.sizeScale;
    this.#wideBids = undefined;
    this.#wideAsks = undefined;
    if (!isNarrow) this.#widen();
  }

  /** Brings both sides and a message to one scale, wide where that takes more than 15 digits. */
  fit(frame: BookFrameBuffer): void {
    if (frame.priceScale > this.priceScale || frame.sizeScale > this.sizeScale) frame.shorten();
    const priceScale = Math.max(this.priceScale, frame.priceScale);
    const sizeScale = Math.max(this.sizeScale, frame.sizeScale);
    if (priceScale > this.priceScale || sizeScale > this.sizeScale) {
      this.#rescale(priceScale - this.priceScale, sizeScale - this.sizeScale);
      this.priceScale = priceScale;
      this.sizeScale = sizeScale;
    }
    if (!this.isWide && (frame.isWide || !frame.alignTo(priceScale, sizeScale))) this.#widen();
  }

  /** Sets the levels of a message that fits, and settles how far the sides are known after it. */
  change(frame: BookFrameBuffer, asSnapshot: boolean): void {
    if (this.#wideBids === undefined || this.#wideAsks === undefined) {
      this.narrowBids.apply(frame.bids);
      this.narrowAsks.apply(frame.asks);
    } else {
      this.#wideBids.apply(frame.bids, this.priceScale, this.sizeScale);
      this.#wideAsks.apply(frame.asks, this.priceScale, this.sizeScale);
    }
    if (!Number.isNaN(this.#window)) {
      this.#keepWindow(this.bids);
      this.#keepWindow(this.asks);
    } else if (asSnapshot) {
      const depth = this.#depthOf(frame);
      if (frame.bids.count >= depth) this.bids.cutOff();
      if (frame.asks.count >= depth) this.asks.cutOff();
      const isCutOff = Math.max(frame.bids.count, frame.asks.count) >= depth;
      this.#isShallow = isCutOff && depth < this.#options.depth;
    }
  }

  /** True when the snapshot ended before the levels that the venue gives at most. */
  get isShallow(): boolean {
    return this.#isShallow;
  }

  get isCrossed(): boolean {
    if (!this.isWide) return this.narrowBids.bestPrice >= this.narrowAsks.bestPrice;
    const { bids, asks } = this;
    return bids.count > 0 && asks.count > 0 && bids.priceAt(0) >= asks.priceAt(0);
  }

  /** True when few of the levels that were told are left on a side. */
  get isNearHorizon(): boolean {
    const { bids, asks } = this;
    return isNear(bids.count, bids.knownCount) || isNear(asks.count, asks.knownCount);
  }

  /** True when nothing is left of a side that goes on beyond its horizon, or too little of a window to believe it. */
  get isExhausted(): boolean {
    if (!Number.isNaN(this.#window)) return this.isNearHorizon;
    const { bids, asks } = this;
    return (bids.count === 0 && bids.knownCount > 0) || (asks.count === 0 && asks.knownCount > 0);
  }

  /** False where the venue's checksum of these levels is another than the message's. */
  agreesWith(frame: BookFrameBuffer): boolean {
    const { checksum } = this.#options;
    return checksum === undefined || checksum.of(this) === frame.checksum;
  }

  #keepWindow(side: BookSide | WideBookSide): void {
    if (side.count >= this.#window) side.keepBest(this.#window);
    // The checksum covers the whole window: with fewer levels in it there are no more.
    else if (this.#options.checksum !== undefined) side.knownCount = Number.NaN;
  }

  #depthOf(frame: BookFrameBuffer): number {
    return Number.isNaN(frame.depth) ? this.#options.depth : frame.depth;
  }

  #rescale(priceDigits: number, sizeDigits: number): void {
    const isWithinPowers = priceDigits <= MAX_NARROW_SCALE && sizeDigits <= MAX_NARROW_SCALE;
    if (!this.isWide && isWithinPowers) {
      if (fitsWith(this.narrowBids, priceDigits, sizeDigits) && fitsWith(this.narrowAsks, priceDigits, sizeDigits)) {
        this.narrowBids.rescale(priceDigits, sizeDigits);
        this.narrowAsks.rescale(priceDigits, sizeDigits);
        return;
      }
    }
    if (!this.isWide) this.#widen();
    this.#wideBids?.rescale(priceDigits, sizeDigits);
    this.#wideAsks?.rescale(priceDigits, sizeDigits);
  }

  #widen(): void {
    this.#wideBids = new WideBookSide("bid", this.narrowBids);
    this.#wideAsks = new WideBookSide("ask", this.narrowAsks);
  }
}

/** True when few of the levels that were told are left. NaN is the known count without a horizon. */
export function isNear(count: number, knownCount: number): boolean {
  return count <= knownCount * NEAR_HORIZON_SHARE;
}
