import { Decimal } from "../model/decimal.ts";
import { AbortError, ConfigError, describeError, isAbort, ProtocolError, throwIfAborted } from "../model/error.ts";
import type { FundingInfo, FundingInfoUpdate } from "../model/funding.ts";
import type { PublicTrade, TradingPair } from "../model/market.ts";
import type { Logger } from "../net/logger.ts";
import type { VenueContext } from "../net/venue-api.ts";
import type { WsAssistant } from "../net/ws-assistant.ts";
import type { Heartbeat } from "../net/ws-heartbeat.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { BackoffOptions } from "./backoff.ts";
import { BookFrameBuffer } from "./book-frame-buffer.ts";
import { OrderBook } from "./order-book.ts";
import { PublicMessageDispatcher } from "./public-message-dispatcher.ts";
import { PublicSocket } from "./public-socket.ts";
import { SinkSet, untilAborted } from "./sink-set.ts";
import { SnapshotFetcher } from "./snapshot-fetcher.ts";
import type { PublicChannel, VenueOrderBookDataSource } from "./venue-order-book-data-source.ts";

export interface OrderBookDataSourceOptions {
  readonly runtime: Pick<Runtime, "clock" | "timers" | "random">;
  readonly logger: Logger;
  readonly venue: VenueOrderBookDataSource;
  /** Asked for with every use, so that a session with new markets takes effect at once. */
  context(): VenueContext;
  readonly webAssistants: { getWsAssistant(options?: { readonly limitId?: string | undefined }): WsAssistant };
  /** By the socket names of the venue's channels. */
  readonly webSocketUrls: Readonly<Record<string, string>>;
  readonly heartbeat: Heartbeat;
  readonly tradingPairs: readonly TradingPair[];
  /** Where the book's first state comes from: `snapshotSourceOf(rule)`. */
  readonly snapshotSource: "stream" | "rest";
  /** Levels a side that a snapshot has at most where its frame does not say: the `depth` of the rule. */
  readonly snapshotDepth?: number | undefined;
  /** The rate limit that outgoing messages wait for. */
  readonly wsLimitId?: string | undefined;
  /** Default 10 s. */
  readonly handshakeTimeoutMs?: number | undefined;
  /** Funding of markets without a channel for it is polled this often. Default 10 s. */
  readonly fundingInfoPollIntervalMs?: number | undefined;
  /** Waits between connections and between snapshot requests that fail. Default 0.5 s to 30 s. */
  readonly backoff?: BackoffOptions | undefined;
  /** The venue complained, about a market where it named one. It is logged already, once a text. */
  onVenueError?(tradingPair: TradingPair | undefined, text: string): void;
}

/** A connection of the public stream came up with these markets on it, or went down. */
export interface SocketChange {
  readonly socket: string;
  readonly isLive: boolean;
  readonly reason: string;
  readonly channels: readonly PublicChannel[];
}

const DEFAULT_BACKOFF: BackoffOptions = { minMs: 500, maxMs: 30_000 };
const BOOK_BACKLOG = { capacity: 256, copy: (frame: BookFrameBuffer): BookFrameBuffer => frame.clone() };

/**
 * The market data of a venue: the checklist's loops over what the venue translates. Every loop runs until its signal
 * fires and then rejects with `AbortError`. Sinks are called synchronously; one that throws is logged.
 */
export class OrderBookDataSource {
  readonly #options: OrderBookDataSourceOptions;
  readonly #dispatcher: PublicMessageDispatcher;
  readonly #fetcher: SnapshotFetcher;
  readonly #tradingPairs: Set<TradingPair>;
  readonly #sockets = new Map<string, PublicSocket>();
  readonly #trades: SinkSet<PublicTrade>;
  readonly #diffs: SinkSet<BookFrameBuffer>;
  readonly #snapshots: SinkSet<BookFrameBuffer>;
  readonly #fundingInfo: SinkSet<FundingInfoUpdate>;
  readonly #socketListeners = new Set<(change: SocketChange) => void>();
  /** Counts the markets that were let go. */
  #removals = 0;
  #listening: { readonly signal: AbortSignal; readonly loops: Promise<unknown>[] } | undefined;

  constructor(options: OrderBookDataSourceOptions) {
    this.#options = options;
    this.#tradingPairs = new Set(options.tradingPairs);
    const { logger, venue, runtime } = options;
    const report =
      (stream: string) =>
      (error: unknown): void =>
        logger.error(`unexpected error when processing public ${stream}`, { error: describeError(error) });
    this.#trades = new SinkSet(report("trades"));
    this.#diffs = new SinkSet(report("order book diffs"), BOOK_BACKLOG);
    this.#snapshots = new SinkSet(report("order book snapshots"), BOOK_BACKLOG);
    this.#fundingInfo = new SinkSet(report("funding info"));
    this.#dispatcher = new PublicMessageDispatcher({
      venue,
      session: () => options.context().session,
      onUnreadable: () => options.context().onUnreadable,
      logger,
      handlers: {
        onBookFrame: (frame) => (frame.kind === "diff" ? this.#diffs : this.#snapshots).emit(frame),
        onTrade: (trade) => this.#trades.emit(trade),
        onFundingInfo: (update) => this.#fundingInfo.emit(update),
        onVenueError: (tradingPair, text) => options.onVenueError?.(tradingPair, text),
      },
    });
    this.#fetcher = new SnapshotFetcher({
      fetch: (tradingPair, signal) => this.orderBookSnapshot(tradingPair, signal),
      deliver: (frame) => this.#snapshots.emit(frame),
      backoff: options.backoff ?? DEFAULT_BACKOFF,
      timers: runtime.timers,
      random: runtime.random,
      logger,
    });
  }

  /** Messages so far, by kind. */
  get counters(): Readonly<PublicMessageDispatcher["counters"]> {
    return this.#dispatcher.counters;
  }

  get tradingPairs(): readonly TradingPair[] {
    return [...this.#tradingPairs];
  }

  /** The channels of one market, or of all that are followed. */
  channels(tradingPair?: TradingPair): readonly PublicChannel[] {
    const { venue, context } = this.#options;
    const { session } = context();
    const pairs = tradingPair === undefined ? this.#tradingPairs : [tradingPair];
    return [...pairs].flatMap((pair) => [...venue.channels(session, pair)]);
  }

  /** Keeps one connection a socket name, with every channel subscribed, until the signal fires. */
  async listenForSubscriptions(signal: AbortSignal): Promise<never> {
    throwIfAborted(signal);
    if (this.#listening !== undefined) throw new ConfigError("the public streams are being listened to already");
    const loops: Promise<unknown>[] = [];
    this.#listening = { signal, loops };
    try {
      this.#startSockets();
      return await untilAborted(signal);
    } finally {
      this.#listening = undefined;
      await Promise.allSettled(loops);
      this.#sockets.clear();
    }
  }

  /** An open connection whose messages go to the sinks. */
  async connectedWebsocketAssistant(socket: string, signal?: AbortSignal): Promise<WsAssistant> {
    const { webAssistants, webSocketUrls, wsLimitId, heartbeat, handshakeTimeoutMs = 10_000 } = this.#options;
    const url = webSocketUrls[socket];
    if (url === undefined) throw new ConfigError(`no WebSocket URL is known for "${socket}"`);
    const assistant = webAssistants.getWsAssistant({ limitId: wsLimitId });
    const onText = (text: string): void => {
      if (this.#dispatcher.dispatch(text) === "reconnect") this.#sockets.get(socket)?.reconnect();
    };
    await assistant.connect({ url, handshakeTimeoutMs, heartbeat, onText, signal });
    return assistant;
  }

  /** Sends what subscribes the channels. Logs and rethrows when it cannot. */
  subscribeChannels(assistant: WsAssistant, channels: readonly PublicChannel[]): void {
    const { venue, context, logger } = this.#options;
    try {
      for (const message of venue.subscribeChannels(context().session, channels)) assistant.send(message);
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
      for (const tradingPair of this.#tradingPairs) this.requestSnapshot(tradingPair);
    }
    return await this.#fetcher.use(this.#snapshots.listen(signal, sink));
  }

  /** What messages, or polls where there is no channel, say of each market's funding. */
  async listenForFundingInfo(signal: AbortSignal, sink: (update: FundingInfoUpdate) => void): Promise<never> {
    const streamed = this.#fundingInfo.listen(signal, sink);
    streamed.catch(() => undefined);
    for (;;) {
      throwIfAborted(signal);
      for (const tradingPair of this.#pairsToPoll()) await this.#pollFundingInfo(tradingPair, signal, sink);
      await this.#options.runtime.timers.sleep(this.#options.fundingInfoPollIntervalMs ?? 10_000, signal);
    }
  }

  /** Asks for a snapshot over REST, delivered to the snapshot sinks; tried again until it comes. */
  requestSnapshot(tradingPair: TradingPair): void {
    this.#fetcher.request(tradingPair);
  }

  /** Gives up the snapshot that was asked for: its answer is not delivered any more. */
  cancelSnapshot(tradingPair: TradingPair): void {
    this.#fetcher.cancel(tradingPair);
  }

  /** A new book with the venue's present state as far as one snapshot tells it, which nothing keeps up to date. */
  async getNewOrderBook(tradingPair: TradingPair, signal?: AbortSignal): Promise<OrderBook> {
    const frame = await this.orderBookSnapshot(tradingPair, signal);
    const book = new OrderBook(tradingPair, { depth: this.#options.snapshotDepth });
    const problem = book.apply(frame, this.#options.runtime.clock.now(), true);
    if (problem !== undefined) throw new ProtocolError(`the order book snapshot of ${tradingPair} is ${problem}`);
    return book;
  }

  /** A snapshot over REST as a frame of its own. */
  async orderBookSnapshot(tradingPair: TradingPair, signal?: AbortSignal): Promise<BookFrameBuffer> {
    const frame = new BookFrameBuffer();
    frame.reset("snapshot");
    await this.requestOrderBookSnapshot(tradingPair, frame, signal);
    frame.kind = "snapshot";
    frame.tradingPair = tradingPair;
    return frame;
  }

  async requestOrderBookSnapshot(
    tradingPair: TradingPair,
    frame: BookFrameBuffer,
    signal?: AbortSignal,
  ): Promise<void> {
    await this.#options.venue.requestOrderBookSnapshot(this.#contextWith(signal), tradingPair, frame);
    if (signal?.aborted === true) throw new AbortError();
  }

  getFundingInfo(tradingPair: TradingPair, signal?: AbortSignal): Promise<FundingInfo> {
    return this.#options.venue.getFundingInfo(this.#contextWith(signal), tradingPair);
  }

  async getLastTradedPrices(
    tradingPairs: readonly TradingPair[] = this.tradingPairs,
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<TradingPair, Decimal>> {
    const { venue, logger } = this.#options;
    // A market that has no price, because it is gone or is refused, is left out.
    const onMarketFailure = (tradingPair: TradingPair, error: unknown): void =>
      logger.warn("the last price of a market could not be read", { tradingPair, error: describeError(error) });
    const context = { ...this.#contextWith(signal), onMarketFailure };
    const prices = await venue.getLastTradedPrices(context, tradingPairs);
    return new Map([...prices].map(([tradingPair, price]) => [tradingPair, new Decimal(price)]));
  }

  /** Follows one more market, on the live connection where there is one. */
  addTradingPair(tradingPair: TradingPair): void {
    if (this.#tradingPairs.has(tradingPair)) return;
    const channels = this.channels(tradingPair);
    this.#tradingPairs.add(tradingPair);
    for (const [socket, own] of bySocket(channels)) {
      const running = this.#sockets.get(socket);
      if (running?.subscribe(own) === true) this.#changed({ socket, isLive: true, reason: "added", channels: own });
    }
    this.#startSockets();
  }

  removeTradingPair(tradingPair: TradingPair): void {
    if (!this.#tradingPairs.delete(tradingPair)) return;
    this.#removals += 1;
    this.#fetcher.cancel(tradingPair);
    for (const [socket, channels] of bySocket(this.channels(tradingPair))) {
      this.#sockets.get(socket)?.unsubscribe(channels);
    }
  }

  /** Subscribes one channel anew on its live connection; false when there is none. */
  resubscribe(channel: PublicChannel): boolean {
    const socket = this.#sockets.get(channel.socket);
    if (socket?.unsubscribe([channel]) !== true || !socket.subscribe([channel])) return false;
    this.#askAnew([channel]);
    return true;
  }

  /** Whether the connection that a channel lives on is up. */
  isLive(channel: PublicChannel): boolean {
    return this.#sockets.get(channel.socket)?.isLive === true;
  }

  /** Called synchronously when a connection has its channels subscribed, and when it is gone. */
  onSocketChange(listener: (change: SocketChange) => void): () => void {
    this.#socketListeners.add(listener);
    return () => this.#socketListeners.delete(listener);
  }

  #startSockets(): void {
    if (this.#listening === undefined) return;
    const { signal, loops } = this.#listening;
    for (const socket of bySocket(this.channels()).keys()) {
      if (this.#sockets.has(socket)) continue;
      const running = this.#createSocket(socket);
      this.#sockets.set(socket, running);
      loops.push(running.run(signal).catch(() => undefined));
    }
  }

  #createSocket(socket: string): PublicSocket {
    const { runtime, logger, venue, context, backoff = DEFAULT_BACKOFF } = this.#options;
    const channels = (): readonly PublicChannel[] => bySocket(this.channels()).get(socket) ?? [];
    return new PublicSocket({
      socket,
      clock: runtime.clock,
      timers: runtime.timers,
      random: runtime.random,
      logger,
      backoff,
      connect: (signal) => this.connectedWebsocketAssistant(socket, signal),
      channels,
      subscribe: (assistant, own) => this.subscribeChannels(assistant, own),
      unsubscribe: (assistant, own) => {
        for (const message of venue.unsubscribeChannels(context().session, own)) assistant.send(message);
      },
      process: (assistant) => this.processWebsocketMessages(assistant),
      onChange: (isLive, reason) => this.#changed({ socket, isLive, reason, channels: channels() }),
    });
  }

  #changed(change: SocketChange): void {
    for (const listener of [...this.#socketListeners]) listener(change);
    if (change.isLive) this.#askAnew(change.channels);
  }

  /** A snapshot that was asked for before its diffs were subscribed lacks what changed in between. */
  #askAnew(channels: readonly PublicChannel[]): void {
    for (const { name, tradingPair } of channels) if (name === "orderBook") this.#fetcher.restart(tradingPair);
  }

  #pairsToPoll(): readonly TradingPair[] {
    const streamed = new Set<TradingPair>();
    for (const { name, tradingPair } of this.channels()) if (name === "fundingInfo") streamed.add(tradingPair);
    return [...this.#tradingPairs].filter((tradingPair) => !streamed.has(tradingPair));
  }

  async #pollFundingInfo(
    tradingPair: TradingPair,
    signal: AbortSignal,
    sink: (update: FundingInfoUpdate) => void,
  ): Promise<void> {
    const removals = this.#removals;
    try {
      const info = await this.getFundingInfo(tradingPair, signal);
      throwIfAborted(signal);
      // A market that was let go and taken up again meanwhile must not begin with an answer of before.
      if (removals === this.#removals) sink(info);
    } catch (error) {
      throwIfAborted(signal);
      this.#options.logger.error("unexpected error when polling funding info", {
        tradingPair,
        error: describeError(error),
      });
    }
  }

  #contextWith(signal: AbortSignal | undefined): VenueContext {
    const context = this.#options.context();
    const both = [signal, context.signal].filter((each) => each !== undefined);
    const merged = both.length === 2 ? AbortSignal.any(both) : both[0];
    return { ...context, signal: merged };
  }
}

function bySocket(channels: readonly PublicChannel[]): ReadonlyMap<string, readonly PublicChannel[]> {
  return Map.groupBy(channels, (channel) => channel.socket);
}
