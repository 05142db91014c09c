import { ConfigError, NotFoundError, throwIfAborted } from "../model/error.ts";
import type { FundingInfoUpdate } from "../model/funding.ts";
import type { PublicTrade, TradingPair } from "../model/market.ts";
import type { BackoffOptions } from "../net/backoff.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { addCounters, BookAssembler, type BookCounters, noBookCounters } from "./book-assembler.ts";
import { deepenBooks } from "./book-deepening.ts";
import type { BookFrameBuffer } from "./book-frame-buffer.ts";
import { BookHealer } from "./book-healer.ts";
import { type Cadences, CadenceWatch } from "./cadence-watch.ts";
import type { BoardChannel } from "./channel-board.ts";
import { type ContinuityRule, isJoinedOverRest, isNeverQuiet, snapshotSourceOf } from "./continuity.ts";
import { FrameTimes } from "./frame-times.ts";
import { LatencyHistogram } from "./latency-histogram.ts";
import type { OrderBook } from "./order-book.ts";
import type { OrderBookDataSource, SocketChange } from "./order-book-data-source.ts";
import type { OrderBookTrackerMetrics } from "./order-book-tracker-metrics.ts";
import { untilAborted } from "./sink-set.ts";
import type { BookThreads, BookThreadsListener } from "./threads/book-threads.ts";
import { listenerOfThreads } from "./threads/copied-books.ts";
import { CopiedSides } from "./threads/copied-sides.ts";
import type { PublicChannelName } from "./venue-order-book-data-source.ts";

export type { OrderBookTrackerMetrics };

export interface OrderBookTrackerOptions {
  readonly runtime: Pick<Runtime, "clock" | "timers" | "random" | "isEnded">;
  readonly logger: Logger;
  readonly dataSource: OrderBookDataSource;
  readonly rule: ContinuityRule;
  /** Longest normal silence of each channel; a channel without one is not watched. */
  readonly cadences?: Cadences | undefined;
  /** Waits between attempts to heal one book or channel. Default 0.5 s to 10 s for a book, to 30 s for a channel. */
  readonly backoff?: BackoffOptions | undefined;
  /**
   * A snapshot that does not come is asked for again after this long, where the stream begins with it 50 ms later for each
   * book that waits for its own. Default 1.5 s where the stream begins with it; where it is requested, 10 s for what is
   * neither answered nor refused, beside the data source's own time-outs.
   */
  readonly snapshotTimeoutMs?: number | undefined;
  readonly maxBufferedDiffs?: number | undefined;
  readonly maxLevels?: number | undefined;
  onBookInvalid?(tradingPair: TradingPair, reason: string): void;
  onBookHealed?(tradingPair: TradingPair, healMs: number): void;
  /**
   * The venue's whole book has no level. Where a delisted market's channels go on, nothing else tells that it is gone.
   */
  onBookEmpty?(tradingPair: TradingPair): void;
  onTrade?(trade: PublicTrade): void;
  /** A listener of a book threw or rejected. Default: a line in the log. */
  onListenerError?(error: unknown, tradingPair: TradingPair): void;
  /** Receives funding info. With it the tracker follows funding too, by stream or by polling. */
  onFundingInfo?(update: FundingInfoUpdate): void;
  /** Threads that follow the books; the data source has no channels of books then. */
  readonly threads?: BookThreads | undefined;
  /** Hears the venue's time of each message of a book that was pushed. */
  readonly onVenueTime?: ((venueMs: number) => void) | undefined;
}

const FUNDING_CHANNELS: readonly PublicChannelName[] = ["fundingInfo", "markPrice", "indexPrice", "fundingRate"];

const DEFAULT_BACKOFF: BackoffOptions = { minMs: 500, maxMs: 30_000 };
/** One book that keeps breaking is subscribed 480 times an hour at most, which is what OKX takes of a connection. */
const BOOK_BACKOFF: BackoffOptions = { minMs: 500, maxMs: 10_000 };
const REQUESTED_SNAPSHOT_MS = 10_000;
/** Binance sends diffs each 100 ms while the market moves; without one the snapshot needs none. */
const FIRST_DIFF_MS = 300;
/** A market may be so quiet that no diff tells that its snapshot was lost. */
const STREAMED_SNAPSHOT_MS = 1_500;
/** Additional time for each book that waits for its own: 400 levels of OKX are 20 kB. */
const NEXT_SNAPSHOT_MS = 50;

/** Owns the books: each is equal to the venue's by its continuity rule, or invalid and being healed on its own. */
export class OrderBookTracker {
  readonly #options: OrderBookTrackerOptions;
  readonly #books = new Map<TradingPair, BookHealer>();
  readonly #watch: CadenceWatch;
  /** Times when funding info that is polled last came. */
  readonly #polledMs = new Map<TradingPair, number>();
  readonly #unlisted = new Set<TradingPair>();
  readonly #latency = new LatencyHistogram();
  readonly #healTimes = new LatencyHistogram();
  readonly #frameTimes: FrameTimes;
  #isRunning = false;

  constructor(options: OrderBookTrackerOptions) {
    this.#options = options;
    const { runtime, logger, dataSource, cadences = {}, backoff = DEFAULT_BACKOFF } = options;
    this.#frameTimes = new FrameTimes(runtime.clock);
    this.#watch = new CadenceWatch({
      ...{ runtime, logger, dataSource, cadences, backoff },
      lastTradePrice: (tradingPair) => this.#books.get(tradingPair)?.assembler.book.lastTradePrice,
      onSilent: (channel) => this.#onSilent(channel),
    });
    for (const tradingPair of dataSource.tradingPairs) this.#track(tradingPair);
  }

  get tradingPairs(): readonly TradingPair[] {
    return [...this.#books.keys()];
  }

  /** The live book, valid or not. Throws `NotFoundError` for a pair that is not followed. */
  orderBook(tradingPair: TradingPair): OrderBook {
    const tracked = this.#books.get(tradingPair);
    if (tracked !== undefined) return tracked.assembler.book;
    throw new NotFoundError(`the order book of ${tradingPair} is not followed`, {
      hint: `followed: ${this.tradingPairs.join(", ") || "none"}`,
    });
  }

  /** True when the book of the pair, or every book of a market that the venue lists, can be read. */
  ready(tradingPair?: TradingPair): boolean {
    if (tradingPair !== undefined) return this.orderBook(tradingPair).isValid;
    for (const [pair, { assembler }] of this.#books) {
      if (!assembler.book.isValid && !this.#unlisted.has(pair)) return false;
    }
    return true;
  }

  /**
   * Tells that the market's funding info (or the one field of it) is not older than the cadence of its source: a
   * channel for all of it, one a field, or a poll.
   */
  isFundingInfoFresh(tradingPair: TradingPair, field?: "markPrice" | "indexPrice" | "fundingRate"): boolean {
    const { board } = this.#options.dataSource;
    const channels = board.of(tradingPair).filter(({ name }) => FUNDING_CHANNELS.includes(name));
    const polledMs = this.#polledMs.get(tradingPair);
    if (channels.length === 0) return polledMs !== undefined && this.#watch.isFreshAt("fundingInfo", polledMs);
    const wanted = channels.filter(({ name }) => field === undefined || name === field || name === "fundingInfo");
    return wanted.every((channel) => this.#watch.isFresh(channel));
  }

  /** Follows the streams of the data source until the signal fires, then rejects with `AbortError`. */
  async start(signal: AbortSignal): Promise<never> {
    throwIfAborted(signal);
    if (this.#isRunning) throw new ConfigError("the order book tracker runs already");
    this.#isRunning = true;
    const { dataSource } = this.#options;
    const handle = (frame: BookFrameBuffer): void => this.#onBookFrame(frame);
    const stopListening = dataSource.onSocketChange((change) => this.#onSocketChange(change));
    const stopHearingRefusals = dataSource.onBookRefused((tradingPair, reason) => {
      if (!this.#unlisted.has(tradingPair)) this.#books.get(tradingPair)?.refused(reason);
    });
    const stopHearingUnreadable = dataSource.onBookUnreadable((tradingPair, reason) => {
      if (!this.#unlisted.has(tradingPair)) this.#books.get(tradingPair)?.distrust(reason);
    });
    // One end of any of them ends all.
    const failed = new AbortController();
    const both = AbortSignal.any([signal, failed.signal]);
    const loops = [
      dataSource.listenForOrderBookSnapshots(both, handle, { initial: false }),
      dataSource.listenForOrderBookDiffs(both, handle),
      dataSource.listenForTrades(both, (trade) => this.#onTrade(trade)),
      dataSource.listenForSubscriptions(both),
      this.#watch.run(both),
      this.#followFundingInfo(both),
    ];
    const isFromRest = snapshotSourceOf(this.#options.rule) === "rest";
    const { threads } = this.#options;
    if (threads !== undefined) {
      loops.push(threads.run(both, this.#listenerOfThreads()));
    } else if (isFromRest) {
      loops.push(deepenBooks(() => this.#books.values(), dataSource, this.#options.runtime, both));
    }
    try {
      return await Promise.race(loops);
    } finally {
      failed.abort();
      stopListening();
      stopHearingRefusals();
      stopHearingUnreadable();
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
    tracked?.assembler.book.close("the market was left out");
    this.#options.threads?.leave(tradingPair);
    this.#books.delete(tradingPair);
    this.#polledMs.delete(tradingPair);
    this.#unlisted.delete(tradingPair);
  }

  /** The books are followed no more, and say so to whoever reads one. */
  close(reason: string): void {
    for (const { assembler } of this.#books.values()) assembler.book.close(reason);
  }

  /** Markets that the venue does not list do not count for `ready`; their books stay invalid. */
  updateListed(isListed: (tradingPair: TradingPair) => boolean): void {
    for (const [tradingPair, tracked] of this.#books) {
      if (isListed(tradingPair)) {
        this.#unlisted.delete(tradingPair);
      } else if (!this.#unlisted.has(tradingPair)) {
        this.#unlisted.add(tradingPair);
        tracked.stop("the venue no longer lists the market");
      }
    }
    this.#options.dataSource.updateListed();
    this.#options.threads?.updateListed();
  }

  /** Channels that fell silent on a live connection. */
  get silences(): number {
    return this.#watch.silences + (this.#options.threads?.silences ?? 0);
  }

  /** Counts of the messages of one book by their fate. */
  countersOf(tradingPair: TradingPair): Readonly<BookCounters> | undefined {
    return this.#books.get(tradingPair)?.assembler.counters;
  }

  metrics(): OrderBookTrackerMetrics {
    this.#options.threads?.count();
    const total = noBookCounters();
    let validBooks = 0;
    for (const { assembler } of this.#books.values()) {
      addCounters(total, assembler.counters);
      if (assembler.book.isValid) validBooks += 1;
    }
    const [heals, latency] = [this.#healTimes, this.#latency];
    return {
      ...total,
      books: this.#books.size,
      validBooks,
      heals: heals.count,
      silences: this.silences,
      healMs: {
        p50: heals.percentileMs(0.5),
        p99: heals.percentileMs(0.99),
        max: heals.count === 0 ? Number.NaN : heals.maxMs,
      },
      latencyMs: latency.percentiles(),
      frameToBookMs: this.#frameTimes.toBookMs,
      frameToListenersMs: this.#frameTimes.toListenersMs,
    };
  }

  #track(tradingPair: TradingPair): void {
    const { runtime, rule, dataSource, logger, backoff = BOOK_BACKOFF, maxBufferedDiffs, maxLevels } = this.#options;
    const onListenerError = (error: unknown): void => {
      if (this.#options.onListenerError !== undefined) this.#options.onListenerError(error, tradingPair);
      else logger.error("a listener of an order book failed", { tradingPair, error: String(error) });
    };
    const sides = this.#options.threads === undefined ? undefined : new CopiedSides();
    const assembler = new BookAssembler({
      tradingPair,
      sides,
      rule,
      maxBufferedDiffs,
      maxLevels,
      onListenerError,
      isEnded: runtime.isEnded,
      onChanged: () => this.#frameTimes.changed(),
    });
    const tracked = new BookHealer({
      runtime,
      assembler,
      backoff,
      renewalBackoff: this.#options.backoff ?? DEFAULT_BACKOFF,
      snapshotTimeoutMs: () => this.#snapshotTimeoutMs(rule),
      firstDiffTimeoutMs: FIRST_DIFF_MS,
      snapshotComesByItself: snapshotSourceOf(rule) === "stream",
      heal: (isOverdue) => {
        const hasNoSnapshot = isOverdue && isJoinedOverRest(rule) && assembler.holdsDiffs;
        if (snapshotSourceOf(rule) === "rest" || hasNoSnapshot)
          dataSource.requestSnapshot(tradingPair, this.#booksInWant());
        else this.#resubscribe(tradingPair);
      },
      isSubscriptionPending: () => dataSource.isSubscriptionPending({ name: "orderBook", tradingPair }),
      cancelSnapshot: () => dataSource.cancelSnapshot(tradingPair),
      onInvalid: (reason) => this.#onInvalid(tradingPair, reason),
      onHealed: (healMs) => this.#onHealed(tradingPair, healMs),
    });
    this.#books.set(tradingPair, tracked);
    if (sides !== undefined) this.#options.threads?.follow(assembler.book, sides, assembler.counters);
  }

  #listenerOfThreads(): BookThreadsListener {
    const isUnlisted = (tradingPair: TradingPair): boolean => this.#unlisted.has(tradingPair);
    const times = { frameTimes: this.#frameTimes, latency: this.#latency, healTimes: this.#healTimes };
    return listenerOfThreads({ options: this.#options, books: this.#books, isUnlisted, ...times });
  }

  /** A stream sends snapshots at once, one after the other; a request for one has limits to wait for. */
  #snapshotTimeoutMs(rule: ContinuityRule): number {
    const { snapshotTimeoutMs } = this.#options;
    if (snapshotSourceOf(rule) === "rest") return snapshotTimeoutMs ?? REQUESTED_SNAPSHOT_MS;
    return (snapshotTimeoutMs ?? STREAMED_SNAPSHOT_MS) + NEXT_SNAPSHOT_MS * this.#booksInWant();
  }

  /** Invalid books: each needs a snapshot. */
  #booksInWant(): number {
    let count = 0;
    for (const [pair, { assembler }] of this.#books) {
      if (!assembler.book.isValid && !this.#unlisted.has(pair)) count += 1;
    }
    return count;
  }

  #onBookFrame(frame: BookFrameBuffer): void {
    const tracked = this.#books.get(frame.tradingPair);
    if (tracked === undefined) return;
    const nowMs = this.#epochOf(frame.receivedMonotonicMs);
    // Read before the frame is used up: a replay of buffered diffs says nothing about latency.
    const { kind, timestampMs } = frame;
    this.#options.onVenueTime?.(timestampMs);
    const isEmpty = kind === "snapshot" && frame.bids.count === 0 && frame.asks.count === 0;
    this.#frameTimes.begin(frame.receivedMonotonicMs);
    const isApplied = tracked.handle(frame, nowMs) === "applied";
    this.#frameTimes.end(isApplied);
    if (isApplied && kind === "diff") this.#latency.record(nowMs - timestampMs);
    if (isApplied && isEmpty) this.#options.onBookEmpty?.(frame.tradingPair);
  }

  /** Reading the clock takes as long as a twentieth of a message, and was done when it came. */
  #epochOf(receivedMonotonicMs: number): number {
    const { clock } = this.#options.runtime;
    if (clock.epochOf === undefined || Number.isNaN(receivedMonotonicMs)) return clock.now();
    return clock.epochOf(receivedMonotonicMs);
  }

  #onTrade(trade: PublicTrade): void {
    this.#books.get(trade.tradingPair)?.assembler.book.applyTrade(trade);
    this.#options.onTrade?.(trade);
  }

  async #followFundingInfo(signal: AbortSignal): Promise<never> {
    const { dataSource, onFundingInfo } = this.#options;
    if (onFundingInfo === undefined) return await untilAborted(signal);
    return await dataSource.listenForFundingInfo(signal, (update) => {
      this.#polledMs.set(update.tradingPair, this.#options.runtime.clock.monotonic());
      this.#options.onFundingInfo?.(update);
    });
  }

  #onSocketChange({ isLive, reason, channels }: SocketChange): void {
    this.#watch.restart(channels);
    for (const { name, tradingPair } of channels) {
      if (name !== "orderBook") continue;
      const tracked = this.#books.get(tradingPair);
      if (isLive) tracked?.subscribed();
      else if (!this.#unlisted.has(tradingPair)) tracked?.disconnected(reason);
    }
  }

  /** A book asks for its own snapshot: where that is the stream's, by a new subscription with a back-off of its own. */
  #onSilent(channel: BoardChannel): boolean {
    const tracked = channel.name === "orderBook" ? this.#books.get(channel.tradingPair) : undefined;
    if (tracked === undefined) return true;
    const { rule, dataSource } = this.#options;
    const isFromRest = snapshotSourceOf(rule) === "rest";
    if (isFromRest) dataSource.resubscribe(channel);
    const { isValid } = tracked.assembler.book;
    if (isValid && !isNeverQuiet(rule)) tracked.question("silent");
    // Books that wait for their snapshot are included: their buffer and their request belong to the subscription
    // before.
    else if (isValid || isFromRest) tracked.distrust("silent");
    return false;
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
