import { ConfigError, NotFoundError, throwIfAborted } from "../model/error.ts";
import type { FundingInfoUpdate } from "../model/funding.ts";
import type { PublicTrade, TradingPair } from "../model/market.ts";
import type { Logger } from "../net/logger.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { Backoff, type BackoffOptions } from "./backoff.ts";
import type { BookFrameBuffer } from "./book-frame-buffer.ts";
import { type BookCounters, BookSynchronizer, noBookCounters } from "./book-synchronizer.ts";
import { type ContinuityRule, snapshotSourceOf } from "./continuity.ts";
import { LatencyHistogram } from "./latency-histogram.ts";
import type { OrderBook } from "./order-book.ts";
import type { OrderBookDataSource, SocketChange } from "./order-book-data-source.ts";
import { untilAborted } from "./sink-set.ts";
import { TrackedBook } from "./tracked-book.ts";
import type { PublicChannel } from "./venue-order-book-data-source.ts";

export interface OrderBookTrackerOptions {
  readonly runtime: Pick<Runtime, "clock" | "timers" | "random">;
  readonly logger: Logger;
  readonly dataSource: OrderBookDataSource;
  readonly rule: ContinuityRule;
  /** Longest normal silence of each channel; a channel without one is not watched. */
  readonly cadences?: Partial<Record<PublicChannel["name"], number | undefined>> | undefined;
  /** Waits between attempts to heal one book or channel. Default 0.5 s to 30 s. */
  readonly backoff?: BackoffOptions | undefined;
  /** A snapshot that does not come is asked for again after this long. Default 10 s. */
  readonly snapshotTimeoutMs?: number | undefined;
  /** A book that was valid for this long is healed at once when it breaks, however often it broke before. Default 30 s. */
  readonly stableMs?: number | undefined;
  readonly maxBufferedDiffs?: number | undefined;
  readonly maxLevels?: number | undefined;
  onBookInvalid?(tradingPair: TradingPair, reason: string): void;
  onBookHealed?(tradingPair: TradingPair, healMs: number): void;
  onTrade?(trade: PublicTrade): void;
  /** A listener of a book threw or rejected. Default: a line in the log. */
  onListenerError?(error: unknown, tradingPair: TradingPair): void;
  /** With it the tracker follows funding too, by stream or by polling. */
  onFundingInfo?(update: FundingInfoUpdate): void;
}

export interface OrderBookTrackerMetrics extends Readonly<BookCounters> {
  readonly books: number;
  readonly validBooks: number;
  readonly heals: number;
  /** Channels that fell silent on a live connection. */
  readonly silences: number;
  /** From invalid to valid again. NaN when there was none. */
  readonly healMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** From the venue's time of a diff to its place in the book, as far as the clocks agree. NaN when there was none. */
  readonly latencyMs: { readonly p50: number; readonly p99: number };
}

/** A channel with an expected cadence. */
interface WatchedChannel {
  readonly channel: PublicChannel;
  readonly cadenceMs: number;
  readonly backoff: Backoff;
  lastSeenMs: number;
  /** Silence that is borne before the next step: longer after each one that did not help. */
  patienceMs: number;
}

const DEFAULT_BACKOFF: BackoffOptions = { minMs: 500, maxMs: 30_000 };

/** Owns the books: each is equal to the venue's by its continuity rule, or invalid and being healed on its own. */
export class OrderBookTracker {
  readonly #options: OrderBookTrackerOptions;
  readonly #books = new Map<TradingPair, TrackedBook>();
  readonly #watched = new Map<TradingPair, WatchedChannel[]>();
  readonly #latency = new LatencyHistogram();
  readonly #healTimes = new LatencyHistogram();
  #silences = 0;
  #isRunning = false;

  constructor(options: OrderBookTrackerOptions) {
    this.#options = options;
    for (const tradingPair of options.dataSource.tradingPairs) this.#track(tradingPair);
  }

  get tradingPairs(): readonly TradingPair[] {
    return [...this.#books.keys()];
  }

  /** The live book, valid or not. Throws `NotFoundError` for a pair that is not followed. */
  orderBook(tradingPair: TradingPair): OrderBook {
    const tracked = this.#books.get(tradingPair);
    if (tracked !== undefined) return tracked.synchronizer.book;
    throw new NotFoundError(`the order book of ${tradingPair} is not followed`, {
      hint: `followed: ${this.tradingPairs.join(", ") || "none"}`,
    });
  }

  /** Whether the book of the pair, or every book, can be read. */
  ready(tradingPair?: TradingPair): boolean {
    if (tradingPair !== undefined) return this.orderBook(tradingPair).isValid;
    for (const { synchronizer } of this.#books.values()) if (!synchronizer.book.isValid) return false;
    return true;
  }

  /** Follows the streams of the data source until the signal fires, then rejects with `AbortError`. */
  async start(signal: AbortSignal): Promise<never> {
    throwIfAborted(signal);
    if (this.#isRunning) throw new ConfigError("the order book tracker runs already");
    this.#isRunning = true;
    const { dataSource } = this.#options;
    const handle = (frame: BookFrameBuffer): void => this.#onBookFrame(frame);
    const stopListening = dataSource.onSocketChange((change) => this.#onSocketChange(change));
    // Whatever ends first ends all.
    const failed = new AbortController();
    const both = AbortSignal.any([signal, failed.signal]);
    const loops = [
      dataSource.listenForOrderBookSnapshots(both, handle, { initial: false }),
      dataSource.listenForOrderBookDiffs(both, handle),
      dataSource.listenForTrades(both, (trade) => this.#onTrade(trade)),
      dataSource.listenForSubscriptions(both),
      this.#watchCadences(both),
      this.#followFundingInfo(both),
    ];
    try {
      return await Promise.race(loops);
    } finally {
      failed.abort();
      stopListening();
      for (const tracked of this.#books.values()) tracked.stop("the tracker stopped");
      await Promise.allSettled(loops);
      this.#isRunning = false;
    }
  }

  /** Follows one more market; its book becomes ready with its first snapshot. */
  addTradingPair(tradingPair: TradingPair): void {
    if (this.#books.has(tradingPair)) return;
    this.#track(tradingPair);
    this.#options.dataSource.addTradingPair(tradingPair);
  }

  /** Lets a market go; its book stays invalid. */
  removeTradingPair(tradingPair: TradingPair): void {
    this.#options.dataSource.removeTradingPair(tradingPair);
    const tracked = this.#books.get(tradingPair);
    tracked?.stop("no longer followed");
    this.#books.delete(tradingPair);
    this.#watched.delete(tradingPair);
  }

  metrics(): OrderBookTrackerMetrics {
    const total = noBookCounters();
    let validBooks = 0;
    for (const { synchronizer } of this.#books.values()) {
      addCounters(total, synchronizer.counters);
      if (synchronizer.book.isValid) validBooks += 1;
    }
    const [heals, latency] = [this.#healTimes, this.#latency];
    return {
      ...total,
      books: this.#books.size,
      validBooks,
      heals: heals.count,
      silences: this.#silences,
      healMs: {
        p50: heals.percentileMs(0.5),
        p99: heals.percentileMs(0.99),
        max: heals.count === 0 ? Number.NaN : heals.maxMs,
      },
      latencyMs: { p50: latency.percentileMs(0.5), p99: latency.percentileMs(0.99) },
    };
  }

  #track(tradingPair: TradingPair): void {
    const { runtime, rule, dataSource, logger, backoff = DEFAULT_BACKOFF, maxBufferedDiffs, maxLevels } = this.#options;
    const onListenerError = (error: unknown): void => {
      if (this.#options.onListenerError !== undefined) this.#options.onListenerError(error, tradingPair);
      else logger.error("a listener of an order book failed", { tradingPair, error: String(error) });
    };
    const synchronizer = new BookSynchronizer({ tradingPair, rule, maxBufferedDiffs, maxLevels, onListenerError });
    const tracked = new TrackedBook({
      runtime,
      synchronizer,
      backoff,
      stableMs: this.#options.stableMs ?? 30_000,
      snapshotTimeoutMs: this.#options.snapshotTimeoutMs ?? 10_000,
      firstDiffTimeoutMs: 1_000,
      snapshotComesByItself: snapshotSourceOf(rule) === "stream",
      heal: () => {
        if (snapshotSourceOf(rule) === "rest") dataSource.requestSnapshot(tradingPair);
        else this.#resubscribe(tradingPair);
      },
      cancelSnapshot: () => dataSource.cancelSnapshot(tradingPair),
      onInvalid: (reason) => this.#onInvalid(tradingPair, reason),
      onHealed: (healMs) => this.#onHealed(tradingPair, healMs),
    });
    this.#watched.set(tradingPair, this.#watchedChannels(tradingPair));
    this.#books.set(tradingPair, tracked);
  }

  #watchedChannels(tradingPair: TradingPair): WatchedChannel[] {
    const { dataSource, cadences = {}, runtime, backoff = DEFAULT_BACKOFF } = this.#options;
    const watched: WatchedChannel[] = [];
    for (const channel of dataSource.channels(tradingPair)) {
      const cadenceMs = cadences[channel.name];
      if (cadenceMs === undefined) continue;
      const own = new Backoff(backoff, runtime.random);
      watched.push({ channel, cadenceMs, backoff: own, lastSeenMs: 0, patienceMs: cadenceMs });
    }
    return watched;
  }

  #onBookFrame(frame: BookFrameBuffer): void {
    const tracked = this.#books.get(frame.tradingPair);
    if (tracked === undefined) return;
    this.#seen(frame.tradingPair, "orderBook");
    const nowMs = this.#options.runtime.clock.now();
    // Read before the frame is used up: a replay of buffered diffs says nothing about latency.
    const { kind, timestampMs } = frame;
    if (tracked.handle(frame, nowMs) === "applied" && kind === "diff") this.#latency.record(nowMs - timestampMs);
  }

  #onTrade(trade: PublicTrade): void {
    this.#books.get(trade.tradingPair)?.synchronizer.book.applyTrade(trade);
    this.#seen(trade.tradingPair, "trades");
    this.#options.onTrade?.(trade);
  }

  async #followFundingInfo(signal: AbortSignal): Promise<never> {
    const { dataSource, onFundingInfo } = this.#options;
    if (onFundingInfo === undefined) return await untilAborted(signal);
    return await dataSource.listenForFundingInfo(signal, (update) => {
      this.#seen(update.tradingPair, "fundingInfo");
      this.#options.onFundingInfo?.(update);
    });
  }

  #onSocketChange({ isLive, reason, channels }: SocketChange): void {
    const nowMs = this.#options.runtime.clock.monotonic();
    for (const { name, tradingPair, socket } of channels) {
      for (const watched of this.#watched.get(tradingPair) ?? []) {
        if (watched.channel.socket === socket) this.#calm(watched, nowMs);
      }
      if (name !== "orderBook") continue;
      const tracked = this.#books.get(tradingPair);
      if (isLive) tracked?.subscribed();
      else tracked?.disconnected(reason);
    }
  }

  #seen(tradingPair: TradingPair, name: PublicChannel["name"]): void {
    const watched = this.#watched.get(tradingPair);
    if (watched === undefined || watched.length === 0) return;
    for (const each of watched) {
      if (each.channel.name === name) this.#calm(each, this.#options.runtime.clock.monotonic());
    }
  }

  #calm(watched: WatchedChannel, nowMs: number): void {
    watched.lastSeenMs = nowMs;
    watched.patienceMs = watched.cadenceMs;
    watched.backoff.reset();
  }

  async #watchCadences(signal: AbortSignal): Promise<never> {
    const cadences = Object.values(this.#options.cadences ?? {}).filter((cadence) => cadence !== undefined);
    if (cadences.length === 0) return await untilAborted(signal);
    const intervalMs = Math.min(...cadences) / 4;
    for (;;) {
      await this.#options.runtime.timers.sleep(intervalMs, signal);
      const nowMs = this.#options.runtime.clock.monotonic();
      for (const channels of this.#watched.values()) {
        for (const watched of channels)
          if (nowMs - watched.lastSeenMs > watched.patienceMs) this.#silent(watched, nowMs);
      }
    }
  }

  /** A channel that says nothing on a live connection is dead, whatever the venue thinks. */
  #silent(watched: WatchedChannel, nowMs: number): void {
    const { channel } = watched;
    const { dataSource, logger, rule } = this.#options;
    if (!dataSource.isLive(channel)) return;
    this.#silences += 1;
    logger.warn("a public channel is silent and is subscribed anew", {
      channel: channel.name,
      tradingPair: channel.tradingPair,
      silentMs: Math.round(nowMs - watched.lastSeenMs),
    });
    watched.lastSeenMs = nowMs;
    watched.patienceMs = watched.cadenceMs + watched.backoff.nextMs();
    const tracked = channel.name === "orderBook" ? this.#books.get(channel.tradingPair) : undefined;
    // A book that starts from the stream resubscribes when it heals, with a back-off of its own.
    const isFromRest = snapshotSourceOf(rule) === "rest";
    if (tracked === undefined || isFromRest) dataSource.resubscribe(channel);
    // Also one that waits for its snapshot: what it keeps, and what it asked for, is of the subscription before.
    if (tracked !== undefined && (isFromRest || tracked.synchronizer.book.isValid)) tracked.distrust("silent");
  }

  #resubscribe(tradingPair: TradingPair): void {
    for (const channel of this.#options.dataSource.channels(tradingPair)) {
      if (channel.name === "orderBook") this.#options.dataSource.resubscribe(channel);
    }
  }

  #onInvalid(tradingPair: TradingPair, reason: string): void {
    this.#options.logger.warn("an order book is invalid and is being healed", { tradingPair, reason });
    this.#options.onBookInvalid?.(tradingPair, reason);
  }

  #onHealed(tradingPair: TradingPair, healMs: number): void {
    this.#healTimes.record(healMs);
    this.#options.logger.info("an order book is valid again", { tradingPair, healMs: Math.round(healMs) });
    this.#options.onBookHealed?.(tradingPair, healMs);
  }
}

function addCounters(total: BookCounters, counters: BookCounters): void {
  for (const name of Object.keys(total) as (keyof BookCounters)[]) total[name] += counters[name];
}
