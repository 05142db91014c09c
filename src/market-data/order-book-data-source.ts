import type { Decimal } from "../model/decimal.ts";
import { ConfigError, describeError, isAbort, throwIfAborted } from "../model/error.ts";
import type { FundingInfo, FundingInfoUpdate } from "../model/funding.ts";
import type { PublicTrade, TradingPair } from "../model/market.ts";
import { type BackoffOptions, RECOVERY_GROWTH } from "../net/backoff.ts";
import type { SocketAddress } from "../net/socket-address.ts";
import type { WsAssistant } from "../net/ws-assistant.ts";
import type { BookFrameBuffer } from "./book-frame-buffer.ts";
import type { ChannelBoard } from "./channel-board.ts";
import { FundingInfoListener } from "./funding-info-listener.ts";
import { MarketDataRequests } from "./market-data-requests.ts";
import type { OrderBook } from "./order-book.ts";
import type { OrderBookDataSourceOptions } from "./order-book-data-source-options.ts";
import { PublicChannels, type SocketChange } from "./public-channels.ts";
import { type BookMessageCounters, PublicMessageDispatcher } from "./public-message-dispatcher.ts";
import { socketOfShard } from "./shards.ts";
import { SinkSet } from "./sink-set.ts";
import { SnapshotFetcher } from "./snapshot-fetcher.ts";
import type { NamedChannel, PublicChannel } from "./venue-order-book-data-source.ts";

export type { OrderBookDataSourceOptions } from "./order-book-data-source-options.ts";
export type { SocketChange } from "./public-channels.ts";

type BookListener = (tradingPair: TradingPair, reason: string) => void;

/** Venues answer at once; what they do not answer lacks its data until it is asked for again. */
const ANSWER_TIMEOUT_MS = 3_000;
const DEFAULT_BACKOFF: BackoffOptions = { minMs: 500, maxMs: 30_000 };
/** Begins later than what recovers, for a channel that the venue does not have is refused for ever: OKX takes 480 an hour. */
const DEFAULT_REFUSAL_BACKOFF: BackoffOptions = { minMs: 5_000, maxMs: 120_000, growth: RECOVERY_GROWTH };
const BOOK_BACKLOG = { capacity: 256, copy: (frame: BookFrameBuffer): BookFrameBuffer => frame.clone() };

/**
 * The market data of a venue: the checklist's loops over what the venue translates. Every loop runs until its signal
 * fires and then rejects with `AbortError`. Sinks are called synchronously; one that throws is logged.
 */
export class OrderBookDataSource {
  readonly #options: OrderBookDataSourceOptions;
  readonly #dispatcher: PublicMessageDispatcher;
  readonly #requests: MarketDataRequests;
  readonly #funding: FundingInfoListener;
  readonly #fetcher: SnapshotFetcher;
  readonly #channels: PublicChannels;
  readonly #trades: SinkSet<PublicTrade>;
  readonly #diffs: SinkSet<BookFrameBuffer>;
  readonly #snapshots: SinkSet<BookFrameBuffer>;
  readonly #fundingInfo: SinkSet<FundingInfoUpdate>;
  readonly #socketListeners = new Set<(change: SocketChange) => void>();
  readonly #refusalListeners = new Set<BookListener>();
  readonly #unreadableListeners = new Set<BookListener>();
  readonly #assistants = new Map<string, WsAssistant>();

  constructor(options: OrderBookDataSourceOptions) {
    this.#options = options;
    const { logger } = options;
    const report =
      (stream: string) =>
      (error: unknown): void =>
        logger.error(`unexpected error when processing public ${stream}`, { error: describeError(error) });
    this.#trades = new SinkSet(report("trades"));
    this.#diffs = new SinkSet(report("order book diffs"), BOOK_BACKLOG);
    this.#snapshots = new SinkSet(report("order book snapshots"), BOOK_BACKLOG);
    this.#fundingInfo = new SinkSet(report("funding info"));
    this.#requests = new MarketDataRequests(options);
    this.#dispatcher = this.#createDispatcher();
    this.#channels = this.#createChannels();
    this.#funding = new FundingInfoListener(options, this.#channels, this.#requests, this.#fundingInfo);
    this.#fetcher = this.#createFetcher();
  }

  #createDispatcher(): PublicMessageDispatcher {
    const options = this.#options;
    const { logger, venue } = options;
    return new PublicMessageDispatcher({
      venue,
      markets: () => options.markets?.() ?? options.context().markets,
      now: () => options.context().now(),
      onUnreadable: () => options.context().onUnreadable,
      logger,
      handlers: {
        onBookFrame: (frame) => {
          this.#channels.seen(frame.tradingPair, "orderBook", frame.receivedMonotonicMs);
          (frame.kind === "diff" ? this.#diffs : this.#snapshots).emit(frame);
        },
        onTrade: (trade) => {
          this.#channels.seen(trade.tradingPair, "trades");
          this.#trades.emit(trade);
        },
        onFundingInfo: (update) => this.#onFundingInfo(update),
        onFundingInfoUnchanged: (tradingPair) => this.#channels.seen(tradingPair, "fundingInfo"),
        onAnswer: (socket, answer) => this.#channels.answer(socket, answer),
        onBookUnreadable: (tradingPair, reason) => this.#distrust(tradingPair, reason),
        onConnectionGap: (socket, reason) => {
          const books = this.channels().filter((channel) => channel.name === "orderBook" && channel.socket === socket);
          for (const { tradingPair } of books) this.#distrust(tradingPair, reason);
        },
        onPing: (socket, message) => this.#assistants.get(socket)?.send(venue.pongOf?.(message)),
        onVenueError: (tradingPair, text) => options.onVenueError?.(tradingPair, text),
      },
    });
  }

  #createChannels(): PublicChannels {
    const options = this.#options;
    const { runtime, logger, venue } = options;
    return new PublicChannels({
      ...{ runtime, logger, venue, tradingPairs: options.tradingPairs, limits: options.limits ?? {} },
      backoff: options.backoff ?? DEFAULT_BACKOFF,
      refusalBackoff: options.refusalBackoff ?? DEFAULT_REFUSAL_BACKOFF,
      answerTimeoutMs: options.answerTimeoutMs ?? ANSWER_TIMEOUT_MS,
      markets: () => options.context().markets,
      isListed: (tradingPair) => options.isListed?.(tradingPair) !== false,
      connect: (socket, signal) => this.connectedWebsocketAssistant(socket, signal),
      send: (assistant, operation, channels, requestId) => {
        if (operation === "subscribe") return this.subscribeChannels(assistant, channels, requestId);
        const { markets: known } = options.context();
        for (const message of venue.unsubscribeChannels(known, channels, requestId)) assistant.send(message);
      },
      process: (assistant) => this.processWebsocketMessages(assistant),
      onChange: (change) => this.#changed(change),
      onRenewed: (renewed) => this.#askAnew(renewed),
      onRefused: (status, isAgain) => {
        const { name, tradingPair, reason } = status;
        options.onChannelRefused?.(status, isAgain);
        if (isAgain) return;
        logger.warn("the venue refuses a public channel, which is left out", { channel: name, tradingPair, reason });
        if (name === "orderBook")
          for (const listener of [...this.#refusalListeners]) listener(tradingPair, reason ?? "no reason given");
      },
      onSilent: (status) => options.onChannelSilent?.(status),
      onRestored: (status) => options.onChannelRestored?.(status),
    });
  }

  #createFetcher(): SnapshotFetcher {
    const options = this.#options;
    const { runtime, logger } = options;
    return new SnapshotFetcher({
      fetch: (tradingPair, signal, wanted, timeoutMs) => this.orderBookSnapshot(tradingPair, signal, wanted, timeoutMs),
      deliver: (frame) => this.#snapshots.emit(frame),
      onFailure: options.onMarketFailure,
      longestTimeoutMs: options.requestTimeoutMs ?? 10_000,
      backoff: options.backoff ?? DEFAULT_BACKOFF,
      ...{ clock: runtime.clock, timers: runtime.timers, random: runtime.random, logger },
    });
  }

  /** Messages so far, by kind. */
  get counters(): Readonly<PublicMessageDispatcher["counters"]> {
    return this.#dispatcher.counters;
  }

  get bookMessages(): BookMessageCounters {
    return this.#dispatcher.bookMessages;
  }

  get tradingPairs(): readonly TradingPair[] {
    return this.#channels.tradingPairs;
  }

  /** The state of every wire channel. */
  get board(): ChannelBoard {
    return this.#channels.board;
  }

  /** The channels of one market, or of all that are followed. */
  channels(tradingPair?: TradingPair): readonly PublicChannel[] {
    return this.#channels.channels(tradingPair);
  }

  /** Keeps the connections, with every channel subscribed, until the signal fires. */
  async listenForSubscriptions(signal: AbortSignal): Promise<never> {
    throwIfAborted(signal);
    return await this.#channels.listen(signal);
  }

  /** An open connection whose messages go to the sinks. */
  async connectedWebsocketAssistant(socket: string, signal?: AbortSignal): Promise<WsAssistant> {
    const { webAssistants, wsLimitId, handshakeTimeoutMs = 10_000 } = this.#options;
    const name = socketOfShard(socket);
    await this.#options.connectionAllowed?.(this.#options.webSocketUrls[name], signal);
    const { url, heartbeat } = await this.#addressOf(name, signal);
    const assistant = webAssistants.getWsAssistant({ limitId: wsLimitId });
    const onText = (text: string, receivedMonotonicMs: number): void => {
      if (this.#dispatcher.dispatch(text, socket, receivedMonotonicMs) === "reconnect")
        this.#channels.reconnect(socket);
    };
    this.#dispatcher.opened(socket);
    this.#assistants.set(socket, assistant);
    const onBytes = (bytes: Uint8Array, receivedMonotonicMs: number): boolean =>
      this.#dispatcher.dispatchBytes(bytes, receivedMonotonicMs) !== undefined;
    await assistant.connect({ url, handshakeTimeoutMs, heartbeat, onText, onBytes, signal });
    return assistant;
  }

  async #addressOf(
    socket: string,
    signal: AbortSignal | undefined,
  ): Promise<SocketAddress & Pick<OrderBookDataSourceOptions, "heartbeat">> {
    const { webSocketUrls, heartbeat, socketAddress } = this.#options;
    const url = webSocketUrls[socket];
    if (socketAddress !== undefined) {
      const address = await socketAddress(socket, signal);
      return { url: address.url, heartbeat: address.heartbeat ?? heartbeat };
    }
    if (url === undefined) throw new ConfigError(`no WebSocket URL is known for "${socket}"`);
    return { url, heartbeat };
  }

  /** The book of a market is not the venue's any more, as far as is known. */
  #distrust(tradingPair: TradingPair, reason: string): void {
    for (const listener of [...this.#unreadableListeners]) listener(tradingPair, reason);
  }

  /** Sends what subscribes the channels. Logs and rethrows when it cannot. */
  subscribeChannels(assistant: WsAssistant, channels: readonly PublicChannel[], requestId?: number): void {
    const { venue, context, logger } = this.#options;
    try {
      for (const message of venue.subscribeChannels(context().markets, channels, requestId)) assistant.send(message);
    } catch (error) {
      if (!isAbort(error)) {
        logger.error("unexpected error when subscribing to public streams", { error: describeError(error) });
      }
      throw error;
    }
  }

  /** Messages reach the sinks as they come; resolves with the reason when the connection ends. */
  async processWebsocketMessages(assistant: WsAssistant): Promise<string> {
    const { cause, code, reason } = await assistant.closed;
    return `${cause} close ${code}${reason === "" ? "" : ` ${reason}`}`;
  }

  /** Public trades, one at a time, in the order in which the venue sent them. */
  listenForTrades(signal: AbortSignal, sink: (trade: PublicTrade) => void): Promise<never> {
    return this.#trades.listen(signal, sink);
  }

  /** Order book diffs. The frame is used again for the next message: `clone()` it to keep it. */
  listenForOrderBookDiffs(signal: AbortSignal, sink: (frame: BookFrameBuffer) => void): Promise<never> {
    return this.#diffs.listen(signal, sink);
  }

  /**
   * Order book snapshots: those of the stream, and those fetched over REST because of `requestSnapshot`. Where books
   * start from REST, one of every market is asked for at the beginning, unless `initial` is false.
   */
  async listenForOrderBookSnapshots(
    signal: AbortSignal,
    sink: (frame: BookFrameBuffer) => void,
    options: { readonly initial?: boolean | undefined } = {},
  ): Promise<never> {
    throwIfAborted(signal);
    if (this.#options.snapshotSource === "rest" && options.initial !== false) {
      for (const tradingPair of this.tradingPairs) this.requestSnapshot(tradingPair);
    }
    return await this.#fetcher.use(this.#snapshots.listen(signal, sink));
  }

  /**
   * Passes on the news of each market's funding: messages, and polls where there is no channel or where it is refused
   * or silent.
   */
  listenForFundingInfo(signal: AbortSignal, sink: (update: FundingInfoUpdate) => void): Promise<never> {
    return this.#funding.listen(signal, sink);
  }

  /** False where a snapshot that is asked for now would have fewer levels, since little is left of a limit. */
  hasRoomForFullSnapshot(): boolean {
    return this.#requests.hasRoomForFullSnapshot();
  }

  /**
   * Asks for a snapshot over REST, delivered to the snapshot sinks; tried again until it comes. `booksInWant`: how many
   * books are in want of one, with this one.
   */
  requestSnapshot(tradingPair: TradingPair, booksInWant = 1): void {
    this.#fetcher.request(tradingPair, booksInWant);
  }

  /** Number of snapshots requested over REST within the last minute. */
  get snapshotsAskedLately(): number {
    return this.#fetcher.askedLately;
  }

  /** Gives up the snapshot that was asked for: its answer is not delivered any more. */
  cancelSnapshot(tradingPair: TradingPair): void {
    this.#fetcher.cancel(tradingPair);
  }

  /** A new book with the venue's present state as far as one snapshot tells it, which nothing keeps up to date. */
  fetchOrderBook(tradingPair: TradingPair, signal?: AbortSignal): Promise<OrderBook> {
    return this.#requests.fetchOrderBook(tradingPair, signal);
  }

  /** A snapshot over REST as a frame of its own. */
  orderBookSnapshot(
    tradingPair: TradingPair,
    signal?: AbortSignal,
    wanted = 1,
    timeoutMs?: number,
  ): Promise<BookFrameBuffer> {
    return this.#requests.orderBookSnapshot(tradingPair, signal, wanted, timeoutMs);
  }

  requestOrderBookSnapshot(
    tradingPair: TradingPair,
    frame: BookFrameBuffer,
    signal?: AbortSignal,
    wanted = 1,
    timeoutMs?: number,
  ): Promise<void> {
    return this.#requests.requestOrderBookSnapshot(tradingPair, frame, signal, wanted, timeoutMs);
  }

  fetchFundingInfo(tradingPair: TradingPair, signal?: AbortSignal): Promise<FundingInfo> {
    return this.#requests.fetchFundingInfo(tradingPair, signal);
  }

  fetchLastTradedPrices(
    tradingPairs: readonly TradingPair[] = this.tradingPairs,
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<TradingPair, Decimal>> {
    return this.#requests.fetchLastTradedPrices(tradingPairs, signal);
  }

  /** Follows one more market, on the live connection where there is one. */
  addTradingPair(tradingPair: TradingPair): void {
    this.#channels.add(tradingPair);
  }

  removeTradingPair(tradingPair: TradingPair): void {
    this.#funding.marketRemoved();
    this.#fetcher.cancel(tradingPair);
    this.#channels.remove(tradingPair);
  }

  /** Takes over the venue's list of markets after it was read: markets that are gone are no longer subscribed. */
  updateListed(): void {
    const { isListed } = this.#options;
    for (const tradingPair of this.tradingPairs)
      if (isListed?.(tradingPair) === false) this.#fetcher.cancel(tradingPair);
    this.#channels.updateListed();
    this.#funding.updateListed();
  }

  /** Subscribes one channel anew on its live connection; false when there is none. */
  resubscribe(channel: PublicChannel): boolean {
    return this.#channels.renew(channel);
  }

  /** Tells that the connection that a channel lives on is up. */
  isLive(channel: PublicChannel): boolean {
    return this.#channels.isLive(channel);
  }

  /** Tells that the request that subscribes a channel waits for its answer; false where the venue gives none. */
  isSubscriptionPending(channel: NamedChannel): boolean {
    return this.#channels.isPending(channel);
  }

  /** Called synchronously when a connection has its channels subscribed, and when they are gone. */
  onSocketChange(listener: (change: SocketChange) => void): () => void {
    this.#socketListeners.add(listener);
    return () => this.#socketListeners.delete(listener);
  }

  /** Called when the venue refuses the channel of a book. */
  onBookRefused(listener: BookListener): () => void {
    this.#refusalListeners.add(listener);
    return () => this.#refusalListeners.delete(listener);
  }

  /** Called when a frame of a book cannot be read: what it changed is not known. */
  onBookUnreadable(listener: BookListener): () => void {
    this.#unreadableListeners.add(listener);
    return () => this.#unreadableListeners.delete(listener);
  }

  /** Each field shows that the channel which carries it lives. */
  #onFundingInfo(update: FundingInfoUpdate): void {
    const { tradingPair, markPrice, indexPrice, rate } = update;
    this.#channels.seen(tradingPair, "fundingInfo");
    if (markPrice !== undefined) this.#channels.seen(tradingPair, "markPrice");
    if (indexPrice !== undefined) this.#channels.seen(tradingPair, "indexPrice");
    if (rate !== undefined) this.#channels.seen(tradingPair, "fundingRate");
    this.#fundingInfo.emit(update);
  }

  #changed(change: SocketChange): void {
    for (const listener of [...this.#socketListeners]) listener(change);
    if (change.isLive) this.#askAnew(change.channels);
  }

  /** A snapshot that was asked for before its diffs were subscribed lacks what changed in between. */
  #askAnew(channels: readonly PublicChannel[]): void {
    for (const { name, tradingPair } of channels) if (name === "orderBook") this.#fetcher.restart(tradingPair);
  }
}
