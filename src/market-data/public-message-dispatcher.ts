import { describeError } from "../model/error.ts";
import { absurdityOfFundingInfo, absurdityOfPublicTrade } from "../model/fact-checks.ts";
import type { FundingInfoMessage, FundingInfoUpdate } from "../model/funding.ts";
import type { PublicTrade, TradingPair } from "../model/market.ts";
import type { VenueMarkets } from "../model/venue-markets.ts";
import { excerpt, mayBeInexact, parseJson } from "../net/json.ts";
import type { OnUnreadable } from "../net/rows.ts";
import type { SubscriptionAnswer } from "../net/subscriptions.ts";
import type { Logger } from "../runtime/logger.ts";
import type { BookFrame } from "./book-frame.ts";
import { BookFrameBuffer } from "./book-frame-buffer.ts";
import { BookScanner } from "./book-scanner.ts";
import { possible } from "./frame-checks.ts";
import type { NamedChannel, PublicFrameKind, VenueOrderBookDataSource } from "./venue-order-book-data-source.ts";

/**
 * Counts of messages by kind. `malformed`: not JSON, or the venue's parser threw; `unknownMarket`: about a market that
 * is not known.
 */
export type PublicMessageCounters = Record<PublicFrameKind | "malformed" | "unknownMarket", number>;

export interface BookMessageCounters {
  readonly scanned: number;
  readonly parsed: number;
}

export interface PublicMessageHandlers {
  /** The frame is used again for the next message: nothing may keep it. */
  onBookFrame(frame: BookFrameBuffer): void;
  /** A frame of the market's book could not be read. */
  onBookUnreadable?(tradingPair: TradingPair, reason: string): void;
  onTrade(trade: PublicTrade): void;
  onFundingInfo(update: FundingInfoUpdate): void;
  /** A frame of the market's funding info channel that tells nothing new of it. */
  onFundingInfoUnchanged?(tradingPair: TradingPair): void;
  /** The venue wants an answer on this connection. */
  onPing?(socket: string, message: unknown): void;
  /** A message of this connection was missed. */
  onConnectionGap?(socket: string, reason: string): void;
  /** Answers of the venue about subscriptions on this connection. */
  onAnswer?(socket: string, answer: SubscriptionAnswer<NamedChannel>): void;
  /** A message that is of no known kind, or that could not be read. */
  onRejected?(reason: string): void;
  /** The venue complained, about a market where it named one. */
  onVenueError?(tradingPair: TradingPair | undefined, text: string): void;
}

export interface PublicMessageDispatcherOptions {
  readonly venue: VenueOrderBookDataSource;
  markets(): VenueMarkets;
  /** Time of what a message tells that tells none, epoch milliseconds. Default 0, as in a replay of old messages. */
  now?(): number;
  /** Hears of rows of a frame that cannot be read; without one such a frame is malformed. */
  onUnreadable?(): OnUnreadable | undefined;
  readonly logger: Logger;
  readonly handlers: PublicMessageHandlers;
}

/** Number of different texts that are remembered, so that each is logged once. */
const MAX_REMEMBERED = 1_000;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Parses a public message once, classifies it and hands what it says to the handlers, all synchronously. */
export class PublicMessageDispatcher {
  readonly counters: PublicMessageCounters = {
    orderBookSnapshot: 0,
    orderBookDiff: 0,
    trade: 0,
    fundingInfo: 0,
    fundingInfoUnchanged: 0,
    subscribed: 0,
    unsubscribed: 0,
    ping: 0,
    pong: 0,
    error: 0,
    reconnect: 0,
    ignored: 0,
    unknown: 0,
    malformed: 0,
    unknownMarket: 0,
  };
  readonly #options: PublicMessageDispatcherOptions;
  #frame = new BookFrameBuffer();
  /** A frame is with the handlers: what they dispatch meanwhile takes another one. */
  #isHanding = false;
  readonly #scanner: BookScanner | undefined;
  #scanned = 0;
  #receivedMonotonicMs = Number.NaN;
  readonly #logged = new Set<string>();
  /** Number of the last message of each connection. */
  readonly #numbers = new Map<string, number>();

  constructor(options: PublicMessageDispatcherOptions) {
    this.#options = options;
    const { bookWire } = options.venue;
    this.#scanner = bookWire === undefined ? undefined : new BookScanner(bookWire);
  }

  /** Messages of books by how they were read: from their bytes, or over `JSON.parse`. */
  get bookMessages(): BookMessageCounters {
    const { orderBookDiff, orderBookSnapshot } = this.counters;
    return { scanned: this.#scanned, parsed: orderBookDiff + orderBookSnapshot - this.#scanned };
  }

  /** A connection begins, and with it the numbers of its messages. */
  opened(socket: string): void {
    this.#numbers.delete(socket);
  }

  /**
   * Dispatches a message of a book from its bytes, and tells its kind; undefined for any other message, and for one that
   * is written otherwise than the venue's `bookWire` says: that is to be dispatched as a text. Never throws either.
   */
  dispatchBytes(bytes: Uint8Array, receivedMonotonicMs = Number.NaN): PublicFrameKind | "malformed" | undefined {
    if (this.#isHanding) return undefined;
    const frame = this.#scanner?.scan(bytes, this.#options.markets());
    if (frame === undefined) return undefined;
    frame.receivedMonotonicMs = receivedMonotonicMs;
    this.#isHanding = true;
    const { tradingPair } = frame;
    const kind = frame.kind === "diff" ? "orderBookDiff" : "orderBookSnapshot";
    try {
      this.#options.handlers.onBookFrame(frame);
    } catch (error) {
      this.#bookUnreadable(tradingPair, this.#rejected(error, decoder.decode(bytes)));
      this.counters.malformed += 1;
      return "malformed";
    } finally {
      this.#isHanding = false;
    }
    this.counters[kind] += 1;
    this.#scanned += 1;
    return kind;
  }

  /** Dispatches a text of this connection, and tells its kind. Never throws, whatever a venue sent. */
  dispatch(text: string, socket = "", receivedMonotonicMs = Number.NaN): PublicFrameKind | "malformed" {
    this.#receivedMonotonicMs = receivedMonotonicMs;
    let kind: PublicFrameKind | "malformed" = "malformed";
    let message: unknown;
    try {
      message = this.#options.venue.hasLongNumbers === true ? parseJson(text) : JSON.parse(text);
      this.#count(message, socket);
      kind = this.#options.venue.channelOriginatingMessage(message);
      this.#hand(kind, message, text, socket);
    } catch (error) {
      const reason = this.#rejected(error, text);
      if (kind === "orderBookDiff" || kind === "orderBookSnapshot")
        this.#bookUnreadable(this.#options.venue.tradingPairOf(this.#options.markets(), message), reason);
      kind = "malformed";
    }
    this.counters[kind] += 1;
    return kind;
  }

  /** A number that goes back is a message that is repeated. */
  #count(message: unknown, socket: string): void {
    const number = this.#options.venue.messageNumber?.(message);
    if (number === undefined) return;
    const last = this.#numbers.get(socket) ?? number - 1;
    this.#numbers.set(socket, Math.max(last, number));
    if (number <= last + 1) return;
    const reason = `gap: message ${number} of the connection came after ${last}`;
    this.#options.handlers.onConnectionGap?.(socket, reason);
  }

  #now(): number {
    return this.#options.now?.() ?? 0;
  }

  #hand(kind: PublicFrameKind, message: unknown, text: string, socket: string): void {
    const { venue, handlers } = this.#options;
    const markets = this.#options.markets();
    switch (kind) {
      case "orderBookDiff":
        this.#beginFrame("diff");
        if (venue.parseOrderBookDiffMessage(markets, message, this.#frame)) this.#handBook();
        else this.#countUnknownMarket(text);
        break;
      case "orderBookSnapshot":
        this.#beginFrame("snapshot");
        if (venue.parseOrderBookSnapshotMessage(markets, message, this.#frame)) this.#handBook();
        else this.#countUnknownMarket(text);
        break;
      case "trade":
        // Trade ids may exceed 2^53. Looking for such integers in every book message would cost as much as its levels.
        this.#handTrades(mayBeInexact(text) ? parseJson(text) : message);
        break;
      case "fundingInfo":
        this.#handFundingInfo(message, text);
        break;
      case "fundingInfoUnchanged": {
        const tradingPair = venue.tradingPairOf(markets, message);
        if (tradingPair !== undefined) handlers.onFundingInfoUnchanged?.(tradingPair);
        break;
      }
      case "subscribed":
      case "unsubscribed":
        this.#answer(markets, message, socket);
        break;
      case "error":
        this.#logOnce(`error ${text}`, "the venue refused a public message", { text: excerpt(text) });
        handlers.onVenueError?.(venue.tradingPairOf(markets, message), excerpt(text));
        this.#answer(markets, message, socket);
        break;
      case "ping":
        handlers.onPing?.(socket, message);
        break;
      case "unknown":
        handlers.onRejected?.("a message of an unknown kind");
        this.#logOnce("unknown", "a public message of an unknown kind", { text: excerpt(text) });
        break;
      default:
    }
  }

  #beginFrame(kind: BookFrame["kind"]): void {
    if (this.#isHanding) this.#frame = new BookFrameBuffer();
    this.#frame.reset(kind);
  }

  #handBook(): void {
    const wasHanding = this.#isHanding;
    this.#scanner?.learn(this.#frame);
    this.#frame.receivedMonotonicMs = this.#receivedMonotonicMs;
    this.#isHanding = true;
    try {
      this.#options.handlers.onBookFrame(this.#frame);
    } finally {
      this.#isHanding = wasHanding;
    }
  }

  #rejected(error: unknown, text: string): string {
    const reason = describeError(error);
    this.#options.handlers.onRejected?.(reason);
    this.#logOnce("malformed", "could not read a public message", { error: reason, text: excerpt(text) });
    return reason;
  }

  #bookUnreadable(tradingPair: TradingPair | undefined, reason: string): void {
    if (tradingPair === undefined) return;
    this.#options.handlers.onBookUnreadable?.(tradingPair, `a message cannot be read: ${reason}`);
  }

  /** Handles funding info. A row that cannot be true is left out; a message that has no other row cannot be read. */
  #handFundingInfo(message: unknown, text: string): void {
    const { venue, handlers, markets, onUnreadable } = this.#options;
    let isReported = false;
    const sink = onUnreadable?.();
    const report: OnUnreadable | undefined =
      sink &&
      ((row) => {
        isReported = true;
        sink(row);
      });
    const told = venue.parseFundingInfoMessage(markets(), message, report);
    const timed = (update: FundingInfoMessage) => ({ ...update, timestampMs: update.timestampMs ?? this.#now() });
    if (told !== undefined && "tradingPair" in told) {
      handlers.onFundingInfo(possible(timed(told)));
      return;
    }
    for (const update of (told ?? []).map(timed)) {
      const reason = absurdityOfFundingInfo(update);
      if (reason === undefined) handlers.onFundingInfo(update);
      else report?.({ what: "the funding of a market", reason, row: update, isAbsurd: true });
    }
    if (!isReported && (told === undefined || told.length === 0)) this.#countUnknownMarket(text);
  }

  /** One that cannot be true is left out, as one that cannot be read. */
  #handTrades(message: unknown): void {
    const { venue, handlers, markets, onUnreadable } = this.#options;
    for (const trade of venue.parseTradeMessage(markets(), message, onUnreadable?.())) {
      const reason = absurdityOfPublicTrade(trade);
      if (reason === undefined) handlers.onTrade(trade);
      else onUnreadable?.()?.({ what: "a trade", reason, row: trade, isAbsurd: true });
    }
  }

  #answer(markets: VenueMarkets, message: unknown, socket: string): void {
    const { venue, handlers } = this.#options;
    const answer = venue.subscriptionAnswer?.(markets, message);
    if (answer !== undefined) handlers.onAnswer?.(socket, answer);
  }

  #countUnknownMarket(text: string): void {
    this.counters.unknownMarket += 1;
    this.#options.handlers.onRejected?.("a message about an unknown market");
    this.#logOnce("unknownMarket", "a public message about an unknown market", { text: excerpt(text) });
  }

  #logOnce(key: string, message: string, fields: Readonly<Record<string, unknown>>): void {
    if (this.#logged.has(key) || this.#logged.size >= MAX_REMEMBERED) return;
    this.#logged.add(key);
    this.#options.logger.warn(message, fields);
  }
}
