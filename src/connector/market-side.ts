import type { ChannelStatus } from "../market-data/channel-board.ts";
import { snapshotSourceOf } from "../market-data/continuity.ts";
import { FundingInfoTracker } from "../market-data/funding-info.ts";
import type { OrderBook } from "../market-data/order-book.ts";
import { OrderBookDataSource } from "../market-data/order-book-data-source.ts";
import { OrderBookTracker } from "../market-data/order-book-tracker.ts";
import type { BookMessageCounters } from "../market-data/public-message-dispatcher.ts";
import type { BookThreads } from "../market-data/threads/book-threads.ts";
import type { ChannelNews } from "../market-data/threads/thread-messages.ts";
import type { Decimal } from "../model/decimal.ts";
import type { ConnectorEvents } from "../model/event.ts";
import type { FundingInfo } from "../model/funding.ts";
import type { Market, TradingPair, TradingRule } from "../model/market.ts";
import type { TypedEmitter } from "../model/typed-emitter.ts";
import { marketOf, type VenueMarkets } from "../model/venue-markets.ts";
import { isUnknownMarket } from "../net/fan-out.ts";
import type { VenueContext } from "../net/venue-api.ts";
import type { WebAssistantsFactory } from "../net/web-assistants-factory.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { ConnectorTimings } from "./connector-options.ts";
import { MarketList } from "./market-list.ts";
import { MarketPrices } from "./market-prices.ts";
import { type BookThreadsChoice, createBookThreads, venueWith } from "./market-threads.ts";
import type { ExchangeInfo, PerpetualVenue } from "./perpetual-venue.ts";
import { TradingRulesReader } from "./trading-rules-reader.ts";
import { addressesOf } from "./venue-sockets.ts";

export interface MarketSideOptions {
  readonly venue: PerpetualVenue;
  readonly runtime: Runtime;
  readonly factory: WebAssistantsFactory;
  readonly logger: Logger;
  readonly timings: ConnectorTimings;
  readonly events: TypedEmitter<ConnectorEvents>;
  readonly tradingPairs: readonly TradingPair[];
  readonly account: Readonly<Record<string, string>> | undefined;
  /** True where limits read the mark price: a channel that is silent is not ready then. */
  readonly areMarksNeeded: boolean;
  readonly context: (markets: VenueMarkets) => VenueContext;
  /** Absent where books are followed in this thread. */
  readonly bookThreads: BookThreadsChoice | undefined;
  /** Hears the venue's time of each message of a book, where that is of use. */
  readonly onVenueTime: ((venueMs: number) => void) | undefined;
  /** A listener of a book threw or rejected. */
  readonly onListenerError: (error: unknown, tradingPair: TradingPair) => void;
}

/** The public half of a connector: markets and their rules, books, trades, funding info. */
export class MarketSide {
  readonly dataSource: OrderBookDataSource;
  readonly books: OrderBookTracker;
  readonly funding: FundingInfoTracker;
  readonly #options: MarketSideOptions;
  readonly #tradingPairs: Set<TradingPair>;
  readonly #list: MarketList;
  readonly #rules: TradingRulesReader;
  readonly #prices: MarketPrices;
  readonly #threads: BookThreads | undefined;
  #context: VenueContext | undefined;
  #isInitialized = false;

  constructor(options: MarketSideOptions) {
    this.#options = options;
    this.#tradingPairs = new Set(options.tradingPairs);
    const { venue, runtime, logger, events, timings, account } = options;
    this.#rules = new TradingRulesReader({
      ...{ runtime, logger, intervalMs: timings.tradingRulesPollIntervalMs },
      read: (signal) => this.#readTradingRules(signal),
      markets: () => this.markets,
    });
    this.#list = new MarketList({
      ...{ venue, account, logger, events, clock: runtime.clock, tradingPairs: this.#tradingPairs },
      onTaken: () => this.#marketsTaken(),
      requestTradingRules: () => this.requestTradingRules(),
    });
    this.#threads = createBookThreads(options, this);
    this.dataSource = this.#createDataSource();
    this.books = this.#createBooks();
    this.funding = new FundingInfoTracker(options.tradingPairs);
    this.funding.onUpdate((info) => events.emit("fundingInfo", info));
    this.#prices = new MarketPrices(this.books, this.funding, this.#tradingPairs);
  }

  #createDataSource(): OrderBookDataSource {
    const options = this.#options;
    const { venue, runtime, factory, logger } = options;
    const { manifest } = venue;
    const { fundingInfo } = manifest;
    return new OrderBookDataSource({
      runtime,
      logger,
      venue: this.#threads === undefined ? venue.orderBookDataSource : venueWith(venue.orderBookDataSource, "others"),
      context: () => this.context(),
      markets: () => this.markets,
      webAssistants: factory,
      webSocketUrls: venue.webUtils.webSocketUrls,
      heartbeat: manifest.heartbeat,
      ...addressesOf(venue, () => this.context()),
      tradingPairs: options.tradingPairs,
      snapshotSource: snapshotSourceOf(manifest.continuity),
      snapshotDepth: manifest.continuity.depth,
      requestTimeoutMs: options.timings.requestTimeoutMs,
      wsLimitId: manifest.webSocketLimitId,
      fundingInfoPollIntervalMs: fundingInfo.source === "poll" ? fundingInfo.intervalMs : fundingInfo.pollIntervalMs,
      isFundingInfoPolledBesides: fundingInfo.source === "stream" && fundingInfo.pollIntervalMs !== undefined,
      isFundingInfoAskedFirst: fundingInfo.source === "stream" && fundingInfo.isAskedFirst === true,
      limits: manifest.publicStreams,
      isListed: (tradingPair) => !this.isGone(tradingPair),
      connectionAllowed: (url, signal) =>
        factory.connectionAllowed(url, manifest.webSocketConnectionLimitId, { signal, lane: "book" }),
      onMarketFailure: (tradingPair, error) => {
        if (isUnknownMarket(error)) this.reportUnavailable(tradingPair, error);
      },
      onChannelRefused: (status, isAgain) => this.onChannelNews("channelRefused", status, isAgain),
      onChannelSilent: (status) => this.onChannelNews("channelSilent", status),
      onChannelRestored: (status) => this.onChannelNews("channelRestored", status),
    });
  }

  #createBooks(): OrderBookTracker {
    const { venue, runtime, logger, events, onListenerError, onVenueTime } = this.#options;
    const { continuity, cadencesMs } = venue.manifest;
    return new OrderBookTracker({
      runtime,
      logger,
      dataSource: this.dataSource,
      rule: continuity,
      cadences: cadencesMs,
      threads: this.#threads,
      onBookInvalid: (tradingPair, reason) =>
        events.emit("bookInvalid", { tradingPair, reason, timestampMs: runtime.clock.now() }),
      onBookHealed: (tradingPair, healMs) =>
        events.emit("bookHealed", { tradingPair, healMs, timestampMs: runtime.clock.now() }),
      onBookEmpty: () => this.requestTradingRules(),
      onTrade: (trade) => events.emit("trade", trade),
      onListenerError,
      onFundingInfo: (update) => this.funding.apply(update),
      onVenueTime,
    });
  }

  #marketsTaken(): void {
    this.books.updateListed((tradingPair) => !this.isGone(tradingPair));
    this.#limitMarkets();
  }

  /** The venue refused an order for a rule that passed here: the rules are read again at once, in the background. */
  requestTradingRules(): void {
    this.#rules.request();
  }

  get markets(): VenueMarkets {
    return this.#list.markets;
  }

  context(): VenueContext {
    const { markets } = this;
    if (this.#context?.markets !== markets) this.#context = this.#options.context(markets);
    return this.#context;
  }

  get tradingPairs(): readonly TradingPair[] {
    return [...this.#tradingPairs];
  }

  get isInitialized(): boolean {
    return this.#isInitialized;
  }

  market(tradingPair: TradingPair): Market {
    return marketOf(this.markets, tradingPair);
  }

  /**
   * Reads the venue's markets and resolves when their rules are in force. One question at a time: who asks while one is
   * under way waits for the next, because the answer under way may be from before what made them ask.
   */
  updateTradingRules(signal: AbortSignal): Promise<void> {
    return this.#rules.update(signal);
  }

  async #readTradingRules(signal: AbortSignal): Promise<void> {
    const { venue, factory } = this.#options;
    const exchangeInfo = await venue.derivative.requestExchangeInfo({ api: factory.getRestAssistant(), signal });
    this.#list.take(venue.derivative.parseExchangeInfo(exchangeInfo));
    this.#isInitialized = true;
  }

  /** Takes the symbols and rules that the venue lists; markets whose row was not read stay as they are. */
  initializeTradingPairSymbolsFromExchangeInfo(info: ExchangeInfo): void {
    this.#list.takeListed(info);
  }

  /** The rules in force, of every market that this connector can trade. */
  formatTradingRules(): ReadonlyMap<TradingPair, TradingRule> {
    return new Map([...this.markets.byPair.values()].map(({ tradingPair, rule }) => [tradingPair, rule]));
  }

  /**
   * Adds the markets' rate limits. Orders on a market that is gone are still canceled, and their cancels have limits of
   * their own on some venues.
   */
  #limitMarkets(): void {
    const { venue, factory } = this.#options;
    factory.throttler.setRateLimits(venue.marketRateLimits(this.markets));
  }

  /**
   * Makes sure that every pair to follow is a market. One that the venue lists and does not trade, or that an earlier
   * process followed and the venue has forgotten, is gone: it is told, and the others are followed. Throws `NotFoundError`
   * for one that is neither.
   */
  takeKnownMarkets(recall: (tradingPair: TradingPair) => Market | undefined, others: Iterable<TradingPair> = []): void {
    this.#list.takeKnown(recall, others);
  }

  /**
   * Tells that the venue has stopped listing a market: open orders and positions on it are followed, nothing new is
   * sent.
   */
  isGone(tradingPair: TradingPair): boolean {
    return this.#list.isGone(tradingPair);
  }

  /** Tells that the venue lists a market and does not trade it: it is halted, takes cancels only, or settles. */
  isClosed(tradingPair: TradingPair): boolean {
    return this.#list.isClosed(tradingPair);
  }

  /** Markets that are followed and that the venue has stopped listing. */
  get goneTradingPairs(): readonly TradingPair[] {
    return this.tradingPairs.filter((tradingPair) => this.isGone(tradingPair));
  }

  /** A market was left out of an answer, because the venue does not know it any more or refuses to answer for it. */
  reportUnavailable(tradingPair: TradingPair, error: unknown): void {
    this.#list.reportUnavailable(tradingPair, error);
  }

  /** The loops; run until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const loops = [this.books.start(signal), this.#rules.run(signal)];
    try {
      await Promise.all(loops);
    } finally {
      // The loop of the rules ends at once, and threads a moment later.
      if (this.#threads !== undefined && signal.aborted) await Promise.allSettled(loops);
    }
  }

  addTradingPair(tradingPair: TradingPair): void {
    this.market(tradingPair);
    this.#tradingPairs.add(tradingPair);
    this.funding.addTradingPair(tradingPair);
    this.books.addTradingPair(tradingPair);
  }

  removeTradingPair(tradingPair: TradingPair): void {
    this.#tradingPairs.delete(tradingPair);
    this.books.removeTradingPair(tradingPair);
    this.funding.removeTradingPair(tradingPair);
  }

  /** Status of each wire channel, of one market or of all that are followed. */
  channelStatuses(tradingPair?: TradingPair): readonly ChannelStatus[] {
    const { board } = this.dataSource;
    const channels = tradingPair === undefined ? [...board.all()] : board.of(tradingPair);
    const here = channels.map(
      ({ name, tradingPair: pair, socket, state, sinceMonotonicMs, seenMonotonicMs, reason }) => {
        return { name, tradingPair: pair, socket, state, sinceMonotonicMs, seenMonotonicMs, reason };
      },
    );
    return [...here, ...(this.#threads?.statuses(tradingPair) ?? [])];
  }

  /** Public messages by kind, those of other threads included. */
  get messages(): Readonly<Record<string, number>> {
    const figures = this.#threads?.figures();
    const own = Object.entries(this.dataSource.counters);
    return Object.fromEntries(own.map(([kind, count], at) => [kind, count + (figures?.[at] ?? 0)]));
  }

  /** Messages of books by how they were read. */
  get bookMessages(): BookMessageCounters {
    if (this.#threads === undefined) return this.dataSource.bookMessages;
    const { orderBookDiff = 0, orderBookSnapshot = 0 } = this.messages;
    const { scanned } = this.#threads;
    return { scanned, parsed: orderBookDiff + orderBookSnapshot - scanned };
  }

  /** No channel of a market that the venue lists is refused; none is silent that limits read. */
  get areChannelsHealthy(): boolean {
    const { areMarksNeeded } = this.#options;
    for (const { state } of this.dataSource.board.unwell) {
      if (state === "refused" || (state === "silent" && areMarksNeeded)) return false;
    }
    return this.#threads?.isAnyRefused !== true;
  }

  /** The funding of every market that the venue lists is known, and where limits read it as new as its cadence says. */
  get isFundingInfoReady(): boolean {
    const { areMarksNeeded } = this.#options;
    const isReady = (pair: TradingPair): boolean =>
      this.funding.ready(pair) && (!areMarksNeeded || this.books.isFundingInfoFresh(pair));
    return this.tradingPairs.every((pair) => this.isGone(pair) || isReady(pair));
  }

  onChannelNews(name: ChannelNews, status: ChannelStatus, isAgain = false): void {
    const { events, runtime } = this.#options;
    // A channel that was refused for another reason may go on being refused because its market is gone.
    if (isAgain) {
      this.requestTradingRules();
      return;
    }
    // A channel that is not there is often the first word of a delisting.
    if (name !== "channelRestored") this.requestTradingRules();
    const { tradingPair, name: channel, reason } = status;
    events.emit(name, { tradingPair, channel, reason, timestampMs: runtime.clock.now() });
  }

  orderBook(tradingPair: TradingPair): OrderBook {
    return this.books.orderBook(tradingPair);
  }

  fundingInfo(tradingPair: TradingPair): FundingInfo {
    return this.funding.fundingInfo(tradingPair);
  }

  /** Price that an order which takes would trade at now, where the book can tell. */
  takerPrice(tradingPair: TradingPair, isBuy: boolean): Decimal | undefined {
    return this.#prices.takerPrice(tradingPair, isBuy);
  }

  /** True when the book can be read and nobody quotes that price or a better one: no order rests there. */
  isPassed(tradingPair: TradingPair, isBuy: boolean, price: Decimal): boolean {
    return this.#prices.isPassed(tradingPair, isBuy, price);
  }

  /**
   * Mark price, or half way between the best bid and ask where the mark price is older than its cadence allows;
   * undefined while neither is known.
   */
  fairPrice(tradingPair: TradingPair): Decimal | undefined {
    return this.#prices.fairPrice(tradingPair);
  }
}
