import type { ChannelStatus } from "../market-data/channel-board.ts";
import { snapshotSourceOf } from "../market-data/continuity.ts";
import { FundingInfoTracker } from "../market-data/funding-info.ts";
import type { OrderBook } from "../market-data/order-book.ts";
import { OrderBookDataSource } from "../market-data/order-book-data-source.ts";
import { OrderBookTracker } from "../market-data/order-book-tracker.ts";
import type { Decimal } from "../model/decimal.ts";
import { describeError } from "../model/error.ts";
import type { ConnectorEvents } from "../model/event.ts";
import type { FundingInfo } from "../model/funding.ts";
import type { Market, TradingPair, TradingRule } from "../model/market.ts";
import type { TypedEmitter } from "../model/typed-emitter.ts";
import { createVenueMarkets, marketOf, type VenueMarkets } from "../model/venue-markets.ts";
import { Backoff, RECOVERY_GROWTH } from "../net/backoff.ts";
import { isUnknownMarket } from "../net/fan-out.ts";
import type { Lane, VenueContext } from "../net/venue-api.ts";
import type { WebAssistantsFactory } from "../net/web-assistants-factory.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { ConnectorTimings } from "./connector-options.ts";
import type { ExchangeInfo, PerpetualVenue, VenueManifest } from "./perpetual-venue.ts";
import { Refresher } from "./refresher.ts";
import { readEvery } from "./retry-read.ts";
import { SharedRun } from "./shared-run.ts";
import { UnreadRows } from "./unread-rows.ts";

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
  /** Hears the venue's time of each message of a book, where that is of use. */
  readonly onVenueTime: ((venueMs: number) => void) | undefined;
  /** A listener of a book threw or rejected. */
  readonly onListenerError: (error: unknown, tradingPair: TradingPair) => void;
}

/** First and longest wait before the rules are read again because of refused orders or halted markets, less up to half. */
const RULES_PAUSE_MS = [4_000, 60_000] as const;

/**
 * Resolves when the venue's limit on new connections has room for one more. The private one does not stand in line behind
 * those of hundreds of markets.
 */
export function connectionAllowed(
  { webSocketConnectionLimitId: limitId }: VenueManifest,
  { throttler }: WebAssistantsFactory,
  signal: AbortSignal | undefined,
  lane: Lane = "poll",
): Promise<void> | undefined {
  return limitId === undefined ? undefined : throttler.acquire(limitId, { signal, lane });
}

/** Makes the functions that ask for the address of a socket, where the venue has none that lasts. */
export function addressesOf({ webUtils }: PerpetualVenue, context: () => VenueContext) {
  const { fetchSocketAddress } = webUtils;
  if (fetchSocketAddress === undefined) return {};
  const socketAddress = (socket: string, signal: AbortSignal | undefined) =>
    fetchSocketAddress({ ...context(), signal }, socket);
  return { socketAddress };
}

/** The public half of a connector: markets and their rules, books, trades, funding info. */
export class MarketSide {
  readonly dataSource: OrderBookDataSource;
  readonly books: OrderBookTracker;
  readonly funding: FundingInfoTracker;
  readonly #options: MarketSideOptions;
  readonly #tradingPairs: Set<TradingPair>;
  readonly #skippedSymbols = new Set<string>();
  #markets: VenueMarkets;
  #gone: ReadonlySet<TradingPair> = new Set();
  /** Listed and not trading. */
  #closed: ReadonlyMap<TradingPair, Market> = new Map();
  #unread = new UnreadRows({ markets: [], skipped: [] });
  readonly #rulesDue: Refresher;
  readonly #reading = new SharedRun((signal) => this.#readTradingRules(signal));
  readonly #toldUnavailable = new Map<TradingPair, "gone" | "refused">();
  #isInitialized = false;

  constructor(options: MarketSideOptions) {
    this.#options = options;
    this.#tradingPairs = new Set(options.tradingPairs);
    const { venue, runtime, factory, logger, events } = options;
    const { manifest } = venue;
    this.#markets = createVenueMarkets(manifest.name, venue.domain, [], options.account);
    const { fundingInfo } = manifest;
    this.dataSource = new OrderBookDataSource({
      runtime,
      logger,
      venue: venue.orderBookDataSource,
      context: () => this.context(),
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
      connectionAllowed: (signal) => connectionAllowed(venue.manifest, factory, signal),
      onMarketFailure: (tradingPair, error) => {
        if (isUnknownMarket(error)) this.reportUnavailable(tradingPair, error);
      },
      onChannelRefused: (status, isAgain) => {
        // A channel that was refused for another reason may go on being refused because its market is gone.
        if (isAgain) this.requestTradingRules();
        else this.#onChannel("channelRefused", status);
      },
      onChannelSilent: (status) => this.#onChannel("channelSilent", status),
      onChannelRestored: (status) => this.#onChannel("channelRestored", status),
    });
    this.books = new OrderBookTracker({
      runtime,
      logger,
      dataSource: this.dataSource,
      rule: manifest.continuity,
      cadences: manifest.cadencesMs,
      onBookInvalid: (tradingPair, reason) =>
        events.emit("bookInvalid", { tradingPair, reason, timestampMs: runtime.clock.now() }),
      onBookHealed: (tradingPair, healMs) =>
        events.emit("bookHealed", { tradingPair, healMs, timestampMs: runtime.clock.now() }),
      onTrade: (trade) => events.emit("trade", trade),
      onListenerError: options.onListenerError,
      onFundingInfo: (update) => this.funding.apply(update),
      onVenueTime: options.onVenueTime,
    });
    this.funding = new FundingInfoTracker(options.tradingPairs);
    this.funding.onUpdate((info) => events.emit("fundingInfo", info));
    this.#rulesDue = this.#createRulesRefresher();
  }

  #createRulesRefresher(): Refresher {
    const { runtime, logger } = this.#options;
    const { timers, clock } = runtime;
    const [minMs, maxMs] = RULES_PAUSE_MS;
    const pauses = new Backoff({ minMs, maxMs, growth: RECOVERY_GROWTH }, runtime.random);
    let pausedUntilMs = Number.NEGATIVE_INFINITY;
    return new Refresher({
      name: "the refresh of the trading rules",
      delayMs: 0,
      firstRetryMs: minMs,
      longestRetryMs: maxMs,
      timers,
      logger,
      refresh: async (signal) => {
        const before = this.#markets;
        pauses.wentWell(clock.monotonic() - pausedUntilMs);
        await this.updateTradingRules(signal);
        const haveChanged = [...this.#markets.byPair.values()].some(
          ({ tradingPair, rule }) => !isSameRule(before.byPair.get(tradingPair)?.rule, rule),
        );
        // A venue that refuses for a rule that stands as it was gains nothing from being asked at once again.
        if (haveChanged) pauses.reset();
        await timers.sleep(pauses.nextMs(), signal);
        pausedUntilMs = clock.monotonic();
      },
    });
  }

  /** The venue refused an order for a rule that passed here: the rules are read again at once, in the background. */
  requestTradingRules(): void {
    this.#rulesDue.request();
  }

  get markets(): VenueMarkets {
    return this.#markets;
  }

  context(): VenueContext {
    return this.#options.context(this.#markets);
  }

  get tradingPairs(): readonly TradingPair[] {
    return [...this.#tradingPairs];
  }

  get isInitialized(): boolean {
    return this.#isInitialized;
  }

  market(tradingPair: TradingPair): Market {
    return marketOf(this.#markets, tradingPair);
  }

  /**
   * Reads the venue's markets and resolves when their rules are in force. One question at a time: who asks while one is
   * under way waits for the next, because the answer under way may be from before what made them ask.
   */
  updateTradingRules(signal: AbortSignal): Promise<void> {
    return this.#reading.run(signal);
  }

  async #readTradingRules(signal: AbortSignal): Promise<void> {
    const { venue, logger, factory } = this.#options;
    const { name } = venue.manifest;
    const exchangeInfo = await venue.derivative.requestExchangeInfo({ api: factory.getRestAssistant(), signal });
    const info = venue.derivative.parseExchangeInfo(exchangeInfo);
    for (const { symbol, reason } of info.skipped) {
      if (this.#skippedSymbols.has(symbol)) continue;
      this.#skippedSymbols.add(symbol);
      logger.error(`Error parsing the trading pair rule ${symbol}. Skipping.`, { connector: name, reason });
    }
    const unread = new UnreadRows(info);
    const unknown = this.tradingPairs.filter((pair) => !this.#markets.byPair.has(pair));
    unread.assertNoneOf(unknown, name);
    this.#unread = unread;
    this.initializeTradingPairSymbolsFromExchangeInfo(info);
    this.#updateListed();
    this.#limitMarkets();
    this.#askAgainForAbsent();
    this.#isInitialized = true;
  }

  /** Takes the symbols and rules that the venue lists; markets whose row was not read stay as they are. */
  initializeTradingPairSymbolsFromExchangeInfo({ markets, closed = [] }: ExchangeInfo): void {
    const { venue, account } = this.#options;
    const known = [...this.#markets.byPair.values()];
    const kept = known.filter((market) => !this.isGone(market.tradingPair) && this.#unread.mayBeOneOf(market));
    const listed = createVenueMarkets(venue.manifest.name, venue.domain, [...markets, ...kept], account);
    this.#closed = new Map(closed.map((market) => [market.tradingPair, market]));
    this.#markets = this.#withMarketsThatAreGone(listed, known);
  }

  /** The rules in force, of every market that this connector can trade. */
  formatTradingRules(): ReadonlyMap<TradingPair, TradingRule> {
    return new Map([...this.#markets.byPair.values()].map(({ tradingPair, rule }) => [tradingPair, rule]));
  }

  /**
   * A market whose row was not read is as it was, and to a process that starts it is gone: the next list may tell. One
   * that is halted may trade again at any time.
   */
  #askAgainForAbsent(): void {
    for (const market of this.#markets.byPair.values()) {
      const { tradingPair } = market;
      const isGone = this.isGone(tradingPair);
      if (this.isClosed(tradingPair) && this.#tradingPairs.has(tradingPair)) this.requestTradingRules();
      else if (isGone ? this.#unread.isOneOf(market) : this.#unread.mayBeOneOf(market)) this.requestTradingRules();
    }
  }

  /**
   * Adds the markets' rate limits. Orders on a market that is gone are still canceled, and their cancels have limits of
   * their own on some venues.
   */
  #limitMarkets(): void {
    const { venue, factory } = this.#options;
    factory.throttler.setRateLimits(venue.marketRateLimits(this.#markets));
  }

  /**
   * Makes sure that every pair to follow is a market. One that the venue lists and does not trade, or that an earlier
   * process followed and the venue has forgotten, is gone: it is told, and the others are followed. Throws `NotFoundError`
   * for one that is neither.
   */
  takeKnownMarkets(recall: (tradingPair: TradingPair) => Market | undefined, others: Iterable<TradingPair> = []): void {
    const marketThatWas = (tradingPair: TradingPair) => this.#closed.get(tradingPair) ?? recall(tradingPair);
    const missing = [...new Set([...this.#tradingPairs, ...others])].filter((pair) => !this.#markets.byPair.has(pair));
    const gone = missing.flatMap((tradingPair) => marketThatWas(tradingPair) ?? []);
    const { byPair, connectorName, domain, account } = this.#markets;
    const before = [...byPair.values()].filter(({ tradingPair }) => this.#gone.has(tradingPair));
    const listed = [...byPair.values()].filter(({ tradingPair }) => !this.#gone.has(tradingPair));
    const markets = createVenueMarkets(connectorName, domain, listed, account);
    this.#markets = this.#withMarketsThatAreGone(markets, [...before, ...gone]);
    for (const tradingPair of this.#tradingPairs) marketOf(this.#markets, tradingPair);
    this.#updateListed();
    this.#limitMarkets();
    this.#askAgainForAbsent();
  }

  #updateListed(): void {
    this.books.updateListed((tradingPair) => !this.isGone(tradingPair));
  }

  /** A market that the venue no longer lists stays known, so that what is open on it is still followed. */
  #withMarketsThatAreGone(listed: VenueMarkets, known: Iterable<Market>): VenueMarkets {
    const gone = [...known].filter(({ tradingPair }) => !listed.byPair.has(tradingPair));
    for (const market of gone) {
      const { tradingPair } = market;
      if (!this.#tradingPairs.has(tradingPair)) continue;
      const absence = this.#unread.absenceOf(market);
      this.#tellUnavailable(tradingPair, true, this.#closed.has(tradingPair) ? "it is not trading" : absence);
    }
    for (const tradingPair of this.#toldUnavailable.keys()) {
      if (listed.byPair.has(tradingPair)) this.#toldUnavailable.delete(tradingPair);
    }
    this.#gone = new Set(gone.map(({ tradingPair }) => tradingPair));
    const { connectorName, domain, account } = listed;
    return createVenueMarkets(connectorName, domain, [...listed.byPair.values(), ...gone], account);
  }

  /**
   * Tells that the venue has stopped listing a market: open orders and positions on it are followed, nothing new is
   * sent.
   */
  isGone(tradingPair: TradingPair): boolean {
    return this.#gone.has(tradingPair);
  }

  /** Tells that the venue lists a market and does not trade it: it is halted, takes cancels only, or settles. */
  isClosed(tradingPair: TradingPair): boolean {
    return this.#closed.has(tradingPair);
  }

  /** Markets that are followed and that the venue has stopped listing. */
  get goneTradingPairs(): readonly TradingPair[] {
    return this.tradingPairs.filter((tradingPair) => this.isGone(tradingPair));
  }

  /** A market was left out of an answer, because the venue does not know it any more or refuses to answer for it. */
  reportUnavailable(tradingPair: TradingPair, error: unknown): void {
    // A refusal is often the first word of a delisting.
    if (!this.isGone(tradingPair)) this.requestTradingRules();
    this.#tellUnavailable(tradingPair, isUnknownMarket(error) || this.isGone(tradingPair), describeError(error));
  }

  /** Told once, until the venue lists the market again or for the first time knows nothing of it. */
  #tellUnavailable(tradingPair: TradingPair, isGone: boolean, reason: string): void {
    const { logger, events, runtime } = this.#options;
    const told = this.#toldUnavailable.get(tradingPair);
    if (told === "gone" || (told === "refused" && !isGone)) return;
    this.#toldUnavailable.set(tradingPair, isGone ? "gone" : "refused");
    logger.warn(isGone ? "a market is no longer listed" : "the venue refuses to answer for a market", {
      tradingPair,
      reason,
    });
    events.emit("marketUnavailable", { tradingPair, isGone, reason, timestampMs: runtime.clock.now() });
  }

  /** The loops; run until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.books.start(signal), this.#tradingRulesPollingLoop(signal), this.#rulesDue.run(signal)]);
  }

  async #tradingRulesPollingLoop(signal: AbortSignal): Promise<void> {
    const { runtime, logger, timings } = this.#options;
    const { clock, timers } = runtime;
    const intervalMs = timings.tradingRulesPollIntervalMs;
    const loop = { what: "the trading rules", intervalMs, clock, timers, signal, logger };
    await readEvery(loop, (attempt) => this.updateTradingRules(attempt));
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
    return channels.map(({ name, tradingPair: pair, socket, state, sinceMonotonicMs, seenMonotonicMs, reason }) => {
      return { name, tradingPair: pair, socket, state, sinceMonotonicMs, seenMonotonicMs, reason };
    });
  }

  /** No channel of a market that the venue lists is refused; none is silent that limits read. */
  get areChannelsHealthy(): boolean {
    const { areMarksNeeded } = this.#options;
    for (const { state } of this.dataSource.board.unwell) {
      if (state === "refused" || (state === "silent" && areMarksNeeded)) return false;
    }
    return true;
  }

  /** The funding of every market that the venue lists is known, and where limits read it as new as its cadence says. */
  get isFundingInfoReady(): boolean {
    const { areMarksNeeded } = this.#options;
    const isReady = (pair: TradingPair): boolean =>
      this.funding.ready(pair) && (!areMarksNeeded || this.books.isFundingInfoFresh(pair));
    return this.tradingPairs.every((pair) => this.isGone(pair) || isReady(pair));
  }

  #onChannel(name: "channelRefused" | "channelSilent" | "channelRestored", status: ChannelStatus): void {
    const { events, runtime } = this.#options;
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
    if (!this.#tradingPairs.has(tradingPair)) return undefined;
    const book = this.books.orderBook(tradingPair);
    return book.isValid ? book.getPrice(isBuy) : undefined;
  }

  /** True when the book can be read and nobody quotes that price or a better one: no order rests there. */
  isPassed(tradingPair: TradingPair, isBuy: boolean, price: Decimal): boolean {
    if (!this.#tradingPairs.has(tradingPair)) return false;
    const book = this.books.orderBook(tradingPair);
    if (!book.isValid) return false;
    const best = book.getPrice(!isBuy);
    return best === undefined || (isBuy ? best.lt(price) : best.gt(price));
  }

  /**
   * Mark price, or half way between the best bid and ask where the mark price is older than its cadence allows;
   * undefined while neither is known.
   */
  fairPrice(tradingPair: TradingPair): Decimal | undefined {
    if (!this.#tradingPairs.has(tradingPair)) return undefined;
    const isKnown = this.funding.ready(tradingPair) && this.books.isFundingInfoFresh(tradingPair, "markPrice");
    if (isKnown) return this.funding.fundingInfo(tradingPair).markPrice;
    const book = this.books.orderBook(tradingPair);
    return book.isValid ? book.midPrice() : undefined;
  }
}

function isSameRule(before: TradingRule | undefined, rule: TradingRule): boolean {
  return before !== undefined && JSON.stringify(before) === JSON.stringify(rule);
}
