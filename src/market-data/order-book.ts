import type { Decimal, DecimalInput } from "../model/decimal.ts";
import { BookInvalidError, PerpwireError } from "../model/error.ts";
import { INSPECT, type Inspect, inspected, timeShown } from "../model/inspect.ts";
import type { PublicTrade, TradingPair } from "../model/market.ts";
import { callListener } from "../model/typed-emitter.ts";
import { BookChange, type PriceRange } from "./book-change.ts";
import type { BookChecksum } from "./book-checksum.ts";
import { type BookCopy, COPIED, SIDES } from "./book-copy.ts";
import type { BookFrameBuffer } from "./book-frame-buffer.ts";
import type { BookLevel } from "./book-level.ts";
import { BookSides, type Sides } from "./book-sides.ts";
import { isBestFirst, isSound, isTime } from "./frame-checks.ts";
import {
  horizonOf,
  levelsOf,
  type OrderBookQueryResult,
  priceForQuoteVolume,
  priceForVolume,
  quoteVolumeForBaseAmount,
  quoteVolumeForPrice,
  type ScaledSide,
  volumeForPrice,
  vwapForVolume,
} from "./order-book-queries.ts";
import type { NarrowSide, SideView } from "./side-view.ts";
import { Touch } from "./touch.ts";

export type { BookChange, BookLevel, PriceRange };

/** Called with the book and with what of it changed, which is over when it returns. */
export type BookListener = (book: OrderBook, change: BookChange) => unknown;

/** Reason why a message could not become part of the book. */
export type BookProblem = "noSnapshot" | "malformed" | "unsorted" | "crossed" | "checksum" | "exhausted";

export interface OrderBookOptions {
  /** Verified after every message. One object serves one book. */
  readonly checksum?: BookChecksum | undefined;
  /** The worst levels beyond this many a side are let go, and the book is not complete there. Default 10,000. */
  readonly maxLevels?: number | undefined;
  /** Levels a side that a snapshot has at most, unless its frame says otherwise; a side with fewer is whole. */
  readonly depth?: number | undefined;
  /** Extent of diffs: the best `depth` levels, or the whole book. Default `book`. */
  readonly follows?: "window" | "book" | undefined;
  /** Called when a listener throws or rejects; the book and the other listeners go on. */
  readonly onListenerError?: ((error: unknown) => void) | undefined;
  /** Called before the listeners, after each message that became part of the book. */
  readonly onChanged?: (() => void) | undefined;
  /** Tells that the process has ended: no listener is called then. */
  readonly isEnded?: (() => boolean) | undefined;
  /** Sides that are copied from another thread's, for a book that is not applied to. */
  readonly sides?: Sides | undefined;
}

/**
 * The order book of one market, equal to the venue's or invalid: reading an invalid one throws `BookInvalidError`.
 * It holds only levels that are complete down to its horizon: the worst price that the venue's snapshot told where
 * that was cut off at a depth. Prices and amounts are kept as scaled integers; Decimals are made when asked for.
 */
export class OrderBook {
  readonly tradingPair: TradingPair;
  readonly #sides: Sides;
  readonly #onListenerError: (error: unknown) => void;
  readonly #isEnded: (() => boolean) | undefined;
  readonly #onChanged: (() => void) | undefined;
  #listeners: readonly ((book: OrderBook) => unknown)[] = [];
  readonly #change = new BookChange();
  #version = 0;
  #invalidReason: string | undefined = "no snapshot yet";
  #isClosed = false;
  #updateId = Number.NaN;
  #timestampMs = 0;
  #receivedAtMs = 0;
  #touchVersion = -1;
  readonly #bidTouch = new Touch();
  readonly #askTouch = new Touch();
  #bestBid: BookLevel | undefined;
  #bestAsk: BookLevel | undefined;
  #lastTrade: PublicTrade | undefined;

  constructor(tradingPair: TradingPair, options: OrderBookOptions = {}) {
    this.tradingPair = tradingPair;
    const { checksum, depth = Number.POSITIVE_INFINITY, maxLevels = 10_000, follows = "book" } = options;
    this.#sides = options.sides ?? new BookSides({ checksum, depth, maxLevels, follows });
    this.#onListenerError = options.onListenerError ?? (() => undefined);
    this.#isEnded = options.isEnded;
    this.#onChanged = options.onChanged;
  }

  get isValid(): boolean {
    return this.#invalidReason === undefined;
  }

  /** Reason why the book cannot be read; undefined when it can. */
  get invalidReason(): string | undefined {
    return this.#invalidReason;
  }

  /** Grows with every message that became part of the book. */
  get version(): number {
    return this.#version;
  }

  /** The venue's id of the last message; NaN where it has none. */
  get updateId(): number {
    return this.#updateId;
  }

  /** The venue's time of the last message. */
  get timestampMs(): number {
    return this.#timestampMs;
  }

  /** Our time of the last message. */
  get receivedAtMs(): number {
    return this.#receivedAtMs;
  }

  /** Undefined when nobody bids. */
  get bestBid(): BookLevel | undefined {
    this.#readTouch();
    return this.#bestBid;
  }

  get bestAsk(): BookLevel | undefined {
    this.#readTouch();
    return this.#bestAsk;
  }

  /** Best first, down to `bidHorizon`. */
  bids(depth = Number.POSITIVE_INFINITY): readonly BookLevel[] {
    return levelsOf(this.#side(false), depth);
  }

  /** Best first, up to `askHorizon`. */
  asks(depth = Number.POSITIVE_INFINITY): readonly BookLevel[] {
    return levelsOf(this.#side(true), depth);
  }

  /** Number of bids that can be read; none of an invalid book. */
  get bidCount(): number {
    return this.isValid ? this.#sides.bids.count : 0;
  }

  get askCount(): number {
    return this.isValid ? this.#sides.asks.count : 0;
  }

  /** The worst price down to which all bids are known; undefined when all bids are. */
  get bidHorizon(): Decimal | undefined {
    return horizonOf(this.#side(false));
  }

  /** The worst price up to which all asks are known; undefined when all asks are. */
  get askHorizon(): Decimal | undefined {
    return horizonOf(this.#side(true));
  }

  /**
   * True when few of the levels that were told are left on a side: the next snapshot should come before they are gone.
   */
  get isNearHorizon(): boolean {
    return this.#sides.isNearHorizon;
  }

  /** True when the snapshot was one of fewer levels than the venue gives: a deeper one is to follow. */
  get isShallow(): boolean {
    return this.#sides.isShallow;
  }

  /** Half way between the best bid and the best ask; undefined when a side is empty. */
  midPrice(): Decimal | undefined {
    const { bestBid, bestAsk } = this;
    return bestBid === undefined || bestAsk === undefined ? undefined : bestBid.price.plus(bestAsk.price).div(2);
  }

  /** The best price to buy at (the best ask) or to sell at (the best bid). */
  getPrice(isBuy: boolean): Decimal | undefined {
    return (isBuy ? this.bestAsk : this.bestBid)?.price;
  }

  getPriceForVolume(isBuy: boolean, volume: DecimalInput): OrderBookQueryResult {
    return priceForVolume(this.#side(isBuy), volume);
  }

  getVwapForVolume(isBuy: boolean, volume: DecimalInput): OrderBookQueryResult {
    return vwapForVolume(this.#side(isBuy), volume);
  }

  getPriceForQuoteVolume(isBuy: boolean, quoteVolume: DecimalInput): OrderBookQueryResult {
    return priceForQuoteVolume(this.#side(isBuy), quoteVolume);
  }

  getQuoteVolumeForBaseAmount(isBuy: boolean, baseAmount: DecimalInput): OrderBookQueryResult {
    return quoteVolumeForBaseAmount(this.#side(isBuy), baseAmount);
  }

  getVolumeForPrice(isBuy: boolean, price: DecimalInput): OrderBookQueryResult {
    return volumeForPrice(this.#side(isBuy), isBuy, price);
  }

  getQuoteVolumeForPrice(isBuy: boolean, price: DecimalInput): OrderBookQueryResult {
    return quoteVolumeForPrice(this.#side(isBuy), isBuy, price);
  }

  /** The price of the last public trade, readable whatever the book's state. */
  get lastTradePrice(): Decimal | undefined {
    return this.#lastTrade?.price;
  }

  get lastTrade(): PublicTrade | undefined {
    return this.#lastTrade;
  }

  applyTrade(trade: PublicTrade): void {
    if (this.#lastTrade === undefined || trade.timestampMs >= this.#lastTrade.timestampMs) this.#lastTrade = trade;
  }

  /** Best bid as an integer of `priceScale`, for readers that must not allocate; NaN without one or when wide. */
  get bestBidScaled(): number {
    this.#assertValid();
    return this.#sides.isWide ? Number.NaN : this.#sides.narrowBids.bestPrice;
  }

  get bestAskScaled(): number {
    this.#assertValid();
    return this.#sides.isWide ? Number.NaN : this.#sides.narrowAsks.bestPrice;
  }

  get bestBidSizeScaled(): number {
    this.#assertValid();
    return this.#sides.isWide ? Number.NaN : this.#sides.narrowBids.bestSize;
  }

  get bestAskSizeScaled(): number {
    this.#assertValid();
    return this.#sides.isWide ? Number.NaN : this.#sides.narrowAsks.bestSize;
  }

  /** Digits after the point of a scaled price. Grows when the venue prints more digits: read it with the price. */
  get priceScale(): number {
    return this.#sides.priceScale;
  }

  get sizeScale(): number {
    return this.#sides.sizeScale;
  }

  /** True when a value has more than 15 significant digits: everything stays exact, and slower. */
  get isWide(): boolean {
    return this.#sides.isWide;
  }

  /** Called synchronously after every message that became part of the book. Returns the function that stops it. */
  onUpdate(listener: BookListener): () => void {
    let isStopped = false;
    const own = (book: OrderBook): unknown => (isStopped ? undefined : listener(book, this.#change));
    // A list of its own for each change of it: one that shrank while listeners were called left the next one out.
    this.#listeners = [...this.#listeners, own];
    return () => {
      isStopped = true;
      this.#listeners = this.#listeners.filter((other) => other !== own);
    };
  }

  /** Makes the book unreadable until the next snapshot. */
  invalidate(reason: string): void {
    this.#invalidReason = reason;
  }

  /** Makes the book unreadable for good: nothing follows it any more. */
  close(reason: string): void {
    this.#invalidReason = reason;
    this.#isClosed = true;
  }

  /**
   * Applies a message; the frame is used up. A message that is not sound leaves the book invalid and is named in the
   * result; listeners hear only of sound ones, and nothing before `announce()` when `isQuiet`. Whether the message is
   * the right one to apply is the caller's to know.
   */
  apply(
    frame: BookFrameBuffer,
    receivedAtMs: number,
    asSnapshot = frame.kind === "snapshot",
    isQuiet = false,
  ): BookProblem | undefined {
    if (this.#isClosed || (!asSnapshot && this.#invalidReason !== undefined)) return "noSnapshot";
    const problem = this.#validateAndChange(frame, asSnapshot);
    if (problem !== undefined) {
      this.#invalidReason = problem;
      return problem;
    }
    if (asSnapshot) this.#invalidReason = undefined;
    this.#updateId = frame.updateId;
    this.#timestampMs = frame.timestampMs;
    this.#receivedAtMs = receivedAtMs;
    this.#version += 1;
    if (!isQuiet) this.announce(asSnapshot ? undefined : frame);
    return undefined;
  }

  /** Tells the listeners that the book has changed: by this message, or by several. */
  announce(frame?: BookFrameBuffer, copy?: BookCopy): void {
    this.#onChanged?.();
    const listeners = this.#listeners;
    if (listeners.length === 0) return;
    const change = this.#change;
    if (copy === undefined) change.begin(frame, this.isWide);
    else change.beginCopied(copy);
    for (const listener of listeners) {
      if (this.#isEnded?.() === true) break;
      callListener(listener, this, this.#onListenerError);
    }
    change.end();
  }

  /** The sides, for those who copy them: they are of this moment. */
  get [SIDES](): Sides {
    return this.#sides;
  }

  /** Takes over what another thread has made of the book, and tells the listeners. Its sides are copied already. */
  [COPIED](copy: BookCopy): void {
    if (this.#isClosed) return;
    this.#invalidReason = copy.invalidReason;
    this.#updateId = copy.updateId;
    this.#timestampMs = copy.timestampMs;
    this.#receivedAtMs = copy.receivedAtMs;
    this.#version += copy.messages;
    this.#touchVersion = -1;
    if (copy.messages > 0 && this.isValid) this.announce(undefined, copy);
  }

  #validateAndChange(frame: BookFrameBuffer, asSnapshot: boolean): BookProblem | undefined {
    const isSnapshot = frame.kind === "snapshot";
    if (!isTime(frame.timestampMs) || !isSound(frame.bids, isSnapshot) || !isSound(frame.asks, isSnapshot))
      return "malformed";
    if (asSnapshot) {
      frame.shorten();
      const isNarrow = !frame.isWide && frame.alignTo(frame.priceScale, frame.sizeScale);
      if (isSnapshot && !isBestFirst(frame, isNarrow)) return "unsorted";
      this.#sides.startOver(frame, isNarrow);
    } else {
      this.#sides.fit(frame);
    }
    this.#sides.change(frame, asSnapshot);
    if (this.#sides.isCrossed) return "crossed";
    if (!this.#sides.agreesWith(frame)) return "checksum";
    return this.#sides.isExhausted ? "exhausted" : undefined;
  }

  [INSPECT](depth: number, options: object, inspect: Inspect): string {
    const { tradingPair, isValid, invalidReason, bidCount, askCount } = this;
    const levelText = (level: BookLevel | undefined) =>
      level === undefined ? "none" : `${level.amount.toFixed()} at ${level.price.toFixed()}`;
    const best = isValid ? { bestBid: levelText(this.bestBid), bestAsk: levelText(this.bestAsk) } : {};
    const fields = {
      ...{ tradingPair, isValid, invalidReason, ...best, bidCount, askCount },
      lastTradePrice: this.lastTradePrice,
      time: timeShown(this.timestampMs),
    };
    return inspected("OrderBook", fields, depth, options, inspect);
  }

  #side(isBuy: boolean): ScaledSide {
    this.#assertValid();
    const { asks, bids, narrowAsks, narrowBids, isWide, priceScale, sizeScale } = this.#sides;
    const side: SideView = isBuy ? asks : bids;
    const narrow = isBuy ? narrowAsks : narrowBids;
    return { side, narrow: isWide ? undefined : narrow, priceScale, sizeScale };
  }

  #readTouch(): void {
    this.#assertValid();
    if (this.#touchVersion === this.#version) return;
    this.#bestBid = this.#readBest(this.#bidTouch, this.#sides.narrowBids, this.#sides.bids);
    this.#bestAsk = this.#readBest(this.#askTouch, this.#sides.narrowAsks, this.#sides.asks);
    this.#touchVersion = this.#version;
  }

  #readBest(touch: Touch, narrow: NarrowSide, side: SideView): BookLevel | undefined {
    const { isWide, priceScale, sizeScale } = this.#sides;
    if (!isWide) return touch.read(narrow.bestPrice, narrow.bestSize, priceScale, sizeScale);
    return side.count === 0 ? undefined : touch.read(side.priceAt(0), side.sizeAt(0), priceScale, sizeScale);
  }

  #assertValid(): void {
    if (this.#invalidReason === undefined) return;
    if (this.#isClosed) {
      throw new PerpwireError(`the order book of ${this.tradingPair} is followed no more: ${this.#invalidReason}`, {
        code: "STOPPED",
        hint: "a connector that has stopped, or that was told to leave the market out, has no live book of it",
      });
    }
    throw new BookInvalidError(`the order book of ${this.tradingPair} cannot be read: ${this.#invalidReason}`, {
      hint: "it is being healed; wait until it is ready again",
    });
  }
}
