import type { Decimal } from "../model/decimal.ts";
import { describeError } from "../model/error.ts";
import type { TradingPair } from "../model/market.ts";
import { Backoff, type BackoffOptions } from "../net/backoff.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { BoardChannel } from "./channel-board.ts";
import type { OrderBookDataSource } from "./order-book-data-source.ts";
import { untilAborted } from "./sink-set.ts";
import type { NamedChannel, PublicChannelName } from "./venue-order-book-data-source.ts";

/** Longest normal silence by channel, in milliseconds; a channel without one is not watched. */
export type Cadences = Readonly<Partial<Record<PublicChannelName, number | undefined>>>;

export interface CadenceWatchOptions {
  readonly runtime: Pick<Runtime, "clock" | "timers" | "random">;
  readonly logger: Logger;
  readonly dataSource: Pick<OrderBookDataSource, "board" | "isLive" | "resubscribe" | "fetchLastTradedPrices">;
  readonly cadences: Cadences;
  readonly backoff: BackoffOptions;
  /** The price of the last trade that the stream told; undefined before the first. */
  lastTradePrice(tradingPair: TradingPair): Decimal | undefined;
  /** A channel is silent. Returns whether it is to be subscribed anew here. */
  onSilent(channel: BoardChannel): boolean;
}

/** Silence of a channel, and the steps taken against it. */
interface Quiet {
  readonly backoff: Backoff;
  /** Time when data last came, or the channel began to be watched. */
  seenMs: number;
  /** Time since when it counts as silent: earlier than that where the machine slept. */
  sinceMs: number;
  /** Silence that is borne before the next step: longer after each one that did not help. */
  patienceMs: number;
  /** Steps since data last came. */
  steps: number;
  /** Last price of the venue, for the trades channel, when it was last asked. */
  askedPrice: Decimal | undefined;
}

/** News that was not told for longer than its cadence is old, allowing for the time that a channel takes to heal. */
const STALE_AFTER = 1.5;
/** A trade that moved the price may be on its way. */
const TRADE_ARRIVES_MS = 2_000;
const MAX_TRADES_PATIENCE_MS = 600_000;
/** A wall clock that is ahead by so much more than a look before: the machine slept, or its clock was set. */
const SLEPT_MS = 5_000;

/**
 * Watches every wire channel on live connections: one that says nothing for longer than its cadence is subscribed anew,
 * alone. Silence of trades is normal while nobody trades: the venue's last price has to move without one.
 */
export class CadenceWatch {
  readonly #options: CadenceWatchOptions;
  readonly #quiet = new WeakMap<BoardChannel, Quiet>();
  #silences = 0;
  #isAsking = false;
  /** Lead of the wall clock over the monotonic one at the last look. */
  #aheadMs: number | undefined;

  constructor(options: CadenceWatchOptions) {
    this.#options = options;
  }

  /** Channels that fell silent on a live connection. */
  get silences(): number {
    return this.#silences;
  }

  /**
   * True when what a channel tells is not older than its cadence allows; true where it has none and has ever spoken.
   */
  isFresh(channel: NamedChannel): boolean {
    const seenMs = this.#options.dataSource.board.channel(channel)?.seenMonotonicMs;
    return seenMs !== undefined && this.isFreshAt(channel.name, seenMs);
  }

  isFreshAt(name: PublicChannelName, seenMs: number): boolean {
    const { cadences, runtime } = this.#options;
    const cadenceMs = cadences[name] ?? Number.POSITIVE_INFINITY;
    return runtime.clock.monotonic() - seenMs <= cadenceMs * STALE_AFTER;
  }

  /** Restarts the watch of channels whose connection came up or went down: silence is counted from now on. */
  restart(channels: readonly NamedChannel[]): void {
    for (const named of channels) {
      const channel = this.#options.dataSource.board.channel(named);
      if (channel !== undefined) this.#quiet.delete(channel);
    }
  }

  /** Runs until aborted. */
  async run(signal: AbortSignal): Promise<never> {
    const { cadences, runtime } = this.#options;
    const known = Object.values(cadences).filter((cadence) => cadence !== undefined);
    if (known.length === 0) return await untilAborted(signal);
    const intervalMs = Math.min(...known) / 4;
    this.#sleptMs(runtime.clock.monotonic());
    for (;;) {
      await runtime.timers.sleep(intervalMs, signal);
      this.#look(signal);
    }
  }

  #look(signal: AbortSignal): void {
    const { cadences, dataSource, runtime } = this.#options;
    const nowMs = runtime.clock.monotonic();
    const sleptMs = this.#sleptMs(nowMs);
    const withoutTrades: BoardChannel[] = [];
    for (const channel of dataSource.board.all()) {
      const cadenceMs = cadences[channel.name];
      if (cadenceMs === undefined) continue;
      const quiet = this.#quietOf(channel, cadenceMs, nowMs);
      quiet.sinceMs -= sleptMs;
      if (!dataSource.isLive(channel)) quiet.sinceMs = nowMs;
      if (nowMs - quiet.sinceMs <= quiet.patienceMs) continue;
      if (channel.name === "trades") withoutTrades.push(channel);
      else this.#silent(channel, quiet, cadenceMs);
    }
    if (withoutTrades.length > 0 && !this.#isAsking) void this.#askForLastPrices(withoutTrades, signal);
  }

  /**
   * Computes how long the machine slept since the last look. The monotonic clock stands still meanwhile, and a channel
   * that died before was trusted for as long again.
   */
  #sleptMs(nowMs: number): number {
    const aheadMs = this.#options.runtime.clock.now() - nowMs;
    const sleptMs = aheadMs - (this.#aheadMs ?? aheadMs);
    this.#aheadMs = aheadMs;
    return sleptMs >= SLEPT_MS ? sleptMs : 0;
  }

  #quietOf(channel: BoardChannel, cadenceMs: number, nowMs: number): Quiet {
    let quiet = this.#quiet.get(channel);
    if (quiet === undefined) {
      const backoff = new Backoff(this.#options.backoff, this.#options.runtime.random);
      quiet = { backoff, seenMs: nowMs, sinceMs: nowMs, patienceMs: cadenceMs, steps: 0, askedPrice: undefined };
      this.#quiet.set(channel, quiet);
    }
    if (channel.seenMonotonicMs > quiet.seenMs) {
      quiet.seenMs = channel.seenMonotonicMs;
      quiet.sinceMs = channel.seenMonotonicMs;
      quiet.patienceMs = cadenceMs;
      quiet.steps = 0;
      quiet.askedPrice = undefined;
      quiet.backoff.reset();
    }
    return quiet;
  }

  /**
   * Takes the next step for a channel that says nothing on a live connection. Whether a book is dead, its tracker finds
   * out.
   */
  #silent(channel: BoardChannel, quiet: Quiet, cadenceMs: number): void {
    const { dataSource, logger, runtime, onSilent } = this.#options;
    const nowMs = runtime.clock.monotonic();
    this.#silences += 1;
    const silentMs = Math.round(nowMs - quiet.sinceMs);
    const { name, tradingPair } = channel;
    const level = name === "orderBook" ? "info" : "warn";
    logger[level]("a public channel is silent and is subscribed anew", { channel: name, tradingPair, silentMs });
    quiet.sinceMs = nowMs;
    quiet.steps += 1;
    quiet.patienceMs = cadenceMs + quiet.backoff.nextMs();
    // A book says by itself whether it can be read: that of a quiet market is good although no diff comes.
    if (quiet.steps > 1 && name !== "orderBook") dataSource.board.silent(channel, "nothing comes");
    if (onSilent(channel)) dataSource.resubscribe(channel);
  }

  async #askForLastPrices(channels: readonly BoardChannel[], signal: AbortSignal): Promise<void> {
    const { dataSource, runtime, logger } = this.#options;
    this.#isAsking = true;
    try {
      const prices = await dataSource.fetchLastTradedPrices(
        channels.map(({ tradingPair }) => tradingPair),
        signal,
      );
      const moved = channels.filter((channel) => this.#hasMoved(channel, prices.get(channel.tradingPair)));
      if (moved.length === 0) return;
      const askedMs = runtime.clock.monotonic();
      await runtime.timers.sleep(TRADE_ARRIVES_MS, signal);
      for (const channel of moved) this.#tradesAreMissing(channel, askedMs);
    } catch (error) {
      if (signal.aborted) return;
      logger.warn("the last prices of markets without trades could not be read", { error: describeError(error) });
    } finally {
      this.#isAsking = false;
    }
  }

  /** True when the venue's last price is another than that of the last trade, or than it was when it was last asked. */
  #hasMoved(channel: BoardChannel, price: Decimal | undefined): boolean {
    const quiet = this.#quiet.get(channel);
    if (quiet === undefined) return false;
    const before = quiet.askedPrice ?? this.#options.lastTradePrice(channel.tradingPair);
    quiet.askedPrice = price ?? before;
    quiet.sinceMs = this.#options.runtime.clock.monotonic();
    const cadenceMs = this.#options.cadences[channel.name] ?? MAX_TRADES_PATIENCE_MS;
    // A price to compare with is only known from now on.
    quiet.patienceMs =
      before === undefined
        ? cadenceMs / 4
        : Math.min(Math.max(quiet.patienceMs, cadenceMs) * 2, MAX_TRADES_PATIENCE_MS);
    return price !== undefined && before !== undefined && !price.eq(before);
  }

  #tradesAreMissing(channel: BoardChannel, askedMs: number): void {
    const quiet = this.#quiet.get(channel);
    const cadenceMs = this.#options.cadences[channel.name];
    const hasCome = channel.seenMonotonicMs >= askedMs;
    if (quiet === undefined || cadenceMs === undefined || hasCome || !this.#options.dataSource.isLive(channel)) return;
    this.#silent(channel, quiet, cadenceMs);
  }
}
