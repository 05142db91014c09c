import type { Decimal, DecimalInput } from "../model/decimal.ts";
import { BookInvalidError } from "../model/error.ts";
import type { PublicTrade, TradingPair } from "../model/market.ts";
import { callListener } from "../model/typed-emitter.ts";
import type { BookFrameBuffer } from "./book-frame-buffer.ts";
import { BookSide, type SideView } from "./book-side.ts";
import { ftxChecksum, wideFtxChecksum } from "./ftx-checksum.ts";
import type { LevelBuffer } from "./level-buffer.ts";
import {
  type OrderBookQueryResult,
  priceForQuoteVolume,
  priceForVolume,
  quoteVolumeForBaseAmount,
  quoteVolumeForPrice,
  type ScaledSide,
  volumeForPrice,
  vwapForVolume,
} from "./order-book-queries.ts";
import { decimalOfScaled, MAX_NARROW_SCALE } from "./scaled.ts";
import { WideBookSide } from "./wide-book-side.ts";

export interface BookLevel {
  readonly price: Decimal;
  /** Base units. */
  readonly amount: Decimal;
}

/** Why a message could not become part of the book. */
export type BookProblem = "noSnapshot" | "malformed" | "unsorted" | "crossed" | "checksum";

export interface OrderBookOptions {
  /** Verify FTX's checksum over this many levels a side after every message. */
  readonly checksumDepth?: number | undefined;
  /** The worst levels beyond this many a side are let go. Default 10,000. */
  readonly maxLevels?: number | undefined;
  /** Told when a listener throws or rejects; the book and the other listeners go on. */
  readonly onListenerError?: ((error: unknown) => void) | undefined;
}

interface WideBook {
  readonly bids: WideBookSide;
  readonly asks: WideBookSide;
}

/**
 * The order book of one market, equal to the venue's or invalid: reading an invalid one throws `BookInvalidError`.
 * Prices and amounts are kept as scaled integers; Decimals are made when asked for.
 */
export class OrderBook {
  readonly tradingPair: TradingPair;
  readonly #bids: BookSide;
  readonly #asks: BookSide;
  readonly #maxLevels: number;
  readonly #checksumDepth: number | undefined;
  readonly #onListenerError: (error: unknown) => void;
  readonly #listeners: ((book: OrderBook) => unknown)[] = [];
  #wide: WideBook | undefined;
  #priceScale = 0;
  #sizeScale = 0;
  #version = 0;
  #invalidReason: string | undefined = "no snapshot yet";
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
    this.#checksumDepth = options.checksumDepth;
    this.#maxLevels = options.maxLevels ?? 10_000;
    this.#onListenerError = options.onListenerError ?? (() => undefined);
    this.#bids = new BookSide("bid", options.checksumDepth !== undefined, this.#maxLevels);
    this.#asks = new BookSide("ask", options.checksumDepth !== undefined, this.#maxLevels);
  }

  get isValid(): boolean {
    return this.#invalidReason === undefined;
  }

  /** Why the book cannot be read; undefined when it can. */
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

  /** Best first. */
  bids(depth = Number.POSITIVE_INFINITY): readonly BookLevel[] {
    return this.#levels(this.#side(false), depth);
  }

  /** Best first. */
  asks(depth = Number.POSITIVE_INFINITY): readonly BookLevel[] {
    return this.#levels(this.#side(true), depth);
  }

  get bidCount(): number {
    return this.#side(false).side.count;
  }

  get askCount(): number {
    return this.#side(true).side.count;
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

  /** For readers that must not allocate: the best bid as an integer of `priceScale`; NaN without one or when wide. */
  get bestBidScaled(): number {
    this.#assertValid();
    return this.#wide === undefined ? this.#bids.bestPrice : Number.NaN;
  }

  get bestAskScaled(): number {
    this.#assertValid();
    return this.#wide === undefined ? this.#asks.bestPrice : Number.NaN;
  }

  get bestBidSizeScaled(): number {
    this.#assertValid();
    return this.#wide === undefined ? this.#bids.bestSize : Number.NaN;
  }

  get bestAskSizeScaled(): number {
    this.#assertValid();
    return this.#wide === undefined ? this.#asks.bestSize : Number.NaN;
  }

  /** Digits after the point of a scaled price. Grows when the venue prints more digits: read it with the price. */
  get priceScale(): number {
    return this.#priceScale;
  }

  get sizeScale(): number {
    return this.#sizeScale;
  }

  /** True when a value has more than 15 significant digits: everything stays exact, and slower. */
  get isWide(): boolean {
    return this.#wide !== undefined;
  }

  /** Called synchronously after every message that became part of the book. Returns the function that stops it. */
  onUpdate(listener: (book: OrderBook) => unknown): () => void {
    this.#listeners.push(listener);
    return () => {
      const at = this.#listeners.indexOf(listener);
      if (at >= 0) this.#listeners.splice(at, 1);
    };
  }

  /** Makes the book unreadable until the next snapshot. */
  invalidate(reason: string): void {
    this.#invalidReason = reason;
  }

  /**
   * Applies a message; the frame is used up. A message that is not sound leaves the book invalid and is named in the
   * result; listeners hear only of sound ones. Whether the message is the right one to apply is the caller's to know.
   */
  apply(frame: BookFrameBuffer, receivedAtMs: number, asSnapshot = frame.kind === "snapshot"): BookProblem | undefined {
    if (!asSnapshot && this.#invalidReason !== undefined) return "noSnapshot";
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
    this.#notify();
    return undefined;
  }

  #validateAndChange(frame: BookFrameBuffer, asSnapshot: boolean): BookProblem | undefined {
    const isSnapshot = frame.kind === "snapshot";
    if (!isSound(frame.bids, isSnapshot) || !isSound(frame.asks, isSnapshot)) return "malformed";
    if (asSnapshot) {
      const isNarrow = !frame.isWide && frame.alignTo(frame.priceScale, frame.sizeScale);
      if (isSnapshot && !isBestFirst(frame, isNarrow)) return "unsorted";
      this.#startOver(frame, isNarrow);
    } else {
      this.#fit(frame);
    }
    if (this.#wide === undefined) {
      applyLevels(this.#bids, frame.bids);
      applyLevels(this.#asks, frame.asks);
    } else {
      this.#wide.bids.apply(frame.bids, this.#priceScale, this.#sizeScale);
      this.#wide.asks.apply(frame.asks, this.#priceScale, this.#sizeScale);
    }
    if (this.#isCrossed()) return "crossed";
    if (this.#checksumDepth === undefined || this.checksum(this.#checksumDepth) === frame.checksum) return undefined;
    return "checksum";
  }

  /** FTX's checksum of the best `depth` levels as they stand, valid or not. */
  checksum(depth: number): number {
    if (this.#wide !== undefined) {
      return wideFtxChecksum(this.#wide.bids, this.#wide.asks, depth, this.#priceScale, this.#sizeScale);
    }
    return this.#checksumDepth === undefined
      ? wideFtxChecksum(this.#bids, this.#asks, depth, this.#priceScale, this.#sizeScale)
      : ftxChecksum(this.#bids, this.#asks, depth, this.#priceScale, this.#sizeScale);
  }

  #startOver(frame: BookFrameBuffer, isNarrow: boolean): void {
    this.#bids.clear();
    this.#asks.clear();
    this.#priceScale = frame.priceScale;
    this.#sizeScale = frame.sizeScale;
    this.#wide = undefined;
    if (!isNarrow) this.#widen();
  }

  /** Brings book and message to one scale, wide where that takes more than 15 digits. */
  #fit(frame: BookFrameBuffer): void {
    const priceScale = Math.max(this.#priceScale, frame.priceScale);
    const sizeScale = Math.max(this.#sizeScale, frame.sizeScale);
    if (priceScale > this.#priceScale || sizeScale > this.#sizeScale) {
      this.#rescale(priceScale - this.#priceScale, sizeScale - this.#sizeScale);
      this.#priceScale = priceScale;
      this.#sizeScale = sizeScale;
    }
    if (this.#wide === undefined && (frame.isWide || !frame.alignTo(priceScale, sizeScale))) this.#widen();
  }

  #rescale(priceDigits: number, sizeDigits: number): void {
    const isWithinPowers = priceDigits <= MAX_NARROW_SCALE && sizeDigits <= MAX_NARROW_SCALE;
    if (this.#wide === undefined && isWithinPowers) {
      if (this.#bids.fits(priceDigits, sizeDigits) && this.#asks.fits(priceDigits, sizeDigits)) {
        this.#bids.rescale(priceDigits, sizeDigits);
        this.#asks.rescale(priceDigits, sizeDigits);
        return;
      }
    }
    if (this.#wide === undefined) this.#widen();
    this.#wide?.bids.rescale(priceDigits, sizeDigits);
    this.#wide?.asks.rescale(priceDigits, sizeDigits);
  }

  #widen(): void {
    const bids = new WideBookSide("bid", this.#maxLevels);
    const asks = new WideBookSide("ask", this.#maxLevels);
    bids.copyFrom(this.#bids);
    asks.copyFrom(this.#asks);
    this.#wide = { bids, asks };
  }

  #isCrossed(): boolean {
    if (this.#wide === undefined) return this.#bids.bestPrice >= this.#asks.bestPrice;
    const { bids, asks } = this.#wide;
    return bids.count > 0 && asks.count > 0 && bids.priceAt(0) >= asks.priceAt(0);
  }

  #side(isBuy: boolean): ScaledSide {
    this.#assertValid();
    const side: SideView = isBuy ? (this.#wide?.asks ?? this.#asks) : (this.#wide?.bids ?? this.#bids);
    return { side, priceScale: this.#priceScale, sizeScale: this.#sizeScale };
  }

  #levels({ side, priceScale, sizeScale }: ScaledSide, depth: number): readonly BookLevel[] {
    return Array.from({ length: Math.min(depth, side.count) }, (_, rank) => ({
      price: decimalOfScaled(side.priceAt(rank), priceScale),
      amount: decimalOfScaled(side.sizeAt(rank), sizeScale),
    }));
  }

  #readTouch(): void {
    this.#assertValid();
    if (this.#touchVersion === this.#version) return;
    this.#bestBid = this.#bidTouch.read(this.#side(false));
    this.#bestAsk = this.#askTouch.read(this.#side(true));
    this.#touchVersion = this.#version;
  }

  #assertValid(): void {
    if (this.#invalidReason === undefined) return;
    throw new BookInvalidError(`the order book of ${this.tradingPair} cannot be read: ${this.#invalidReason}`, {
      hint: "it is being healed; wait until it is ready again",
    });
  }

  #notify(): void {
    for (let index = 0; index < this.#listeners.length; index += 1) {
      const listener = this.#listeners[index];
      if (listener !== undefined) callListener(listener, this, this.#onListenerError);
    }
  }
}

/** The best level of one side. Most messages leave it as it is, and then no decimal is made. */
class Touch {
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

/** Prices above zero and sizes not below, in a snapshot above. NaN fails every test. */
function isSound(levels: LevelBuffer, isSnapshot: boolean): boolean {
  const { prices, sizes, count } = levels;
  for (let index = 0; index < count; index += 1) {
    const size = sizes[index] as number;
    if (!((prices[index] as number) > 0 && size >= 0) || (isSnapshot && size === 0)) return false;
  }
  return true;
}

/** Whether bids fall and asks rise, without a price twice. */
function isBestFirst(frame: BookFrameBuffer, isNarrow: boolean): boolean {
  const { bids, asks, priceScale } = frame;
  const priceAt = (levels: LevelBuffer, index: number): number | bigint =>
    isNarrow ? (levels.prices[index] as number) : levels.bigPriceAt(index, priceScale);
  for (let index = 1; index < bids.count; index += 1) {
    if (priceAt(bids, index - 1) <= priceAt(bids, index)) return false;
  }
  for (let index = 1; index < asks.count; index += 1) {
    if (priceAt(asks, index - 1) >= priceAt(asks, index)) return false;
  }
  return true;
}

function applyLevels(side: BookSide, levels: LevelBuffer): void {
  const { prices, sizes, count } = levels;
  for (let index = 0; index < count; index += 1) side.set(prices[index] as number, sizes[index] as number);
}
