import type { TradingPair } from "../model/market.ts";
import type { BookFrame } from "./book-frame.ts";
import { LevelBuffer } from "./level-buffer.ts";

/** The reusable `BookFrame`: `reset()` before each message, `clone()` for the few that must be kept. */
export class BookFrameBuffer implements BookFrame {
  kind: "snapshot" | "diff" = "diff";
  tradingPair: TradingPair = "";
  timestampMs = 0;
  updateId = Number.NaN;
  firstUpdateId = Number.NaN;
  previousUpdateId = Number.NaN;
  depth = Number.NaN;
  checksum = Number.NaN;
  /** Time when the message came, of the monotonic clock; NaN where it is not known. */
  receivedMonotonicMs = Number.NaN;
  /** True where `depth` is less than was asked for. */
  isShort = false;
  readonly bids: LevelBuffer;
  readonly asks: LevelBuffer;

  constructor(bids = new LevelBuffer(), asks = new LevelBuffer()) {
    this.bids = bids;
    this.asks = asks;
  }

  get isWide(): boolean {
    return this.bids.isWide || this.asks.isWide;
  }

  get priceScale(): number {
    return Math.max(this.bids.priceScale, this.asks.priceScale);
  }

  get sizeScale(): number {
    return Math.max(this.bids.sizeScale, this.asks.sizeScale);
  }

  reset(kind: "snapshot" | "diff"): void {
    this.kind = kind;
    this.tradingPair = "";
    this.timestampMs = 0;
    this.updateId = Number.NaN;
    this.firstUpdateId = Number.NaN;
    this.previousUpdateId = Number.NaN;
    this.depth = Number.NaN;
    this.checksum = Number.NaN;
    this.receivedMonotonicMs = Number.NaN;
    this.isShort = false;
    this.bids.clear();
    this.asks.clear();
  }

  /** Takes away digits that nothing in the message needs, so that its scales are those of its own values. */
  shorten(): void {
    this.bids.shorten();
    this.asks.shorten();
  }

  /** Brings both sides to one price scale and one size scale; false when 15 digits do not hold a value. */
  alignTo(priceScale: number, sizeScale: number): boolean {
    return this.bids.alignTo(priceScale, sizeScale) && this.asks.alignTo(priceScale, sizeScale);
  }

  clone(): BookFrameBuffer {
    const copy = new BookFrameBuffer();
    copy.kind = this.kind;
    copy.tradingPair = this.tradingPair;
    copy.timestampMs = this.timestampMs;
    copy.updateId = this.updateId;
    copy.firstUpdateId = this.firstUpdateId;
    copy.previousUpdateId = this.previousUpdateId;
    copy.depth = this.depth;
    copy.checksum = this.checksum;
    copy.receivedMonotonicMs = this.receivedMonotonicMs;
    copy.isShort = this.isShort;
    copy.bids.copyFrom(this.bids);
    copy.asks.copyFrom(this.asks);
    return copy;
  }
}
