import { describeError, isAbort, PerpwireError, TransportError } from "../model/error.ts";
import type { TradingPair } from "../model/market.ts";
import { Backoff, type BackoffOptions, RECOVERY_GROWTH } from "../net/backoff.ts";
import { SlidingWindow } from "../net/sliding-window.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Clock, Random, Timers } from "../runtime/runtime.ts";
import type { BookFrameBuffer } from "./book-frame-buffer.ts";

export interface SnapshotFetcherOptions {
  /** `wanted` is how many snapshots are wanted in the same minute; the answer is waited for as long as `timeoutMs`. */
  fetch(tradingPair: TradingPair, signal: AbortSignal, wanted: number, timeoutMs: number): Promise<BookFrameBuffer>;
  deliver(frame: BookFrameBuffer): void;
  readonly onFailure?: ((tradingPair: TradingPair, error: unknown) => void) | undefined;
  /** The longest that an answer is waited for. */
  readonly longestTimeoutMs: number;
  readonly backoff: BackoffOptions;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
}

/** One snapshot that is wanted: started, or waiting for somebody who uses the fetcher. */
interface Wanted {
  readonly controller: AbortController;
  /** Number of books in want of a snapshot when it was requested. */
  readonly booksInWant: number;
  isRunning: boolean;
}

const MINUTE_MS = 60_000;
/** Pause between two snapshots that are asked for again, of whatever markets. */
const PACE_MS = 100;
/**
 * An answer that was lost is asked for again so soon where the last one came promptly, and later after each that was lost;
 * where answers are slow, after twice what the last one took.
 */
const MIN_TIMEOUT_MS = 2_000;

/**
 * Fetches the snapshots that are asked for, one at a time a market, and tries again until it has them. An answer that
 * was given up is never delivered, however late it comes.
 */
export class SnapshotFetcher {
  readonly #options: SnapshotFetcherOptions;
  readonly #wanted = new Map<TradingPair, Wanted>();
  readonly #running = new Set<Promise<void>>();
  readonly #asked = new SlidingWindow(Number.POSITIVE_INFINITY, MINUTE_MS);
  #users = 0;
  /** Time that a snapshot is given. Nothing is known of the network before the first answer. */
  #timeoutMs: number;

  constructor(options: SnapshotFetcherOptions) {
    this.#options = options;
    this.#timeoutMs = options.longestTimeoutMs;
  }

  /** Number of snapshots requested within the last minute. */
  get askedLately(): number {
    return this.#asked.used(this.#options.clock.monotonic());
  }

  /** Asks for a snapshot; nothing more where one is on its way. Waits while nobody uses the fetcher. */
  request(tradingPair: TradingPair, booksInWant = 1): void {
    if (this.#wanted.has(tradingPair)) return;
    const wanted = { controller: new AbortController(), booksInWant, isRunning: false };
    this.#wanted.set(tradingPair, wanted);
    if (this.#users > 0) this.#start(tradingPair, wanted);
  }

  /** Gives up what was asked for. */
  cancel(tradingPair: TradingPair): void {
    this.#wanted.get(tradingPair)?.controller.abort();
    this.#wanted.delete(tradingPair);
  }

  /** Asks anew where a snapshot is on its way: the answer to a question of before would be out of date. */
  restart(tradingPair: TradingPair): void {
    const wanted = this.#wanted.get(tradingPair);
    if (wanted?.isRunning !== true) return;
    this.cancel(tradingPair);
    this.request(tradingPair, wanted.booksInWant);
  }

  /** Fetches for as long as `work` runs. The last user to go ends what is under way. */
  async use<T>(work: Promise<T>): Promise<T> {
    this.#users += 1;
    for (const [tradingPair, wanted] of this.#wanted) this.#start(tradingPair, wanted);
    try {
      return await work;
    } finally {
      this.#users -= 1;
      if (this.#users === 0) {
        for (const tradingPair of [...this.#wanted.keys()]) this.cancel(tradingPair);
        await Promise.all(this.#running);
      }
    }
  }

  #start(tradingPair: TradingPair, wanted: Wanted): void {
    if (wanted.isRunning) return;
    wanted.isRunning = true;
    // One that was given up may hang for long: the next does not wait for it.
    const running = this.#fetchUntilDelivered(tradingPair, wanted).finally(() => {
      this.#running.delete(running);
    });
    this.#running.add(running);
  }

  /** Many that fail share the pace of few: hundreds at once would leave the venue's limits to nobody else. */
  #shareMs(): number {
    const { maxMs } = this.#options.backoff;
    return Math.min(maxMs, this.#wanted.size * PACE_MS);
  }

  #within(timeoutMs: number): number {
    return Math.min(this.#options.longestTimeoutMs, Math.max(MIN_TIMEOUT_MS, timeoutMs));
  }

  async #fetchUntilDelivered(tradingPair: TradingPair, { controller, booksInWant }: Wanted): Promise<void> {
    const { fetch, deliver, clock, timers, random, logger } = this.#options;
    const recovery = new Backoff({ growth: RECOVERY_GROWTH, ...this.#options.backoff }, random);
    const refusals = new Backoff(this.#options.backoff, random);
    const { signal } = controller;
    while (!signal.aborted) {
      const timeoutMs = this.#timeoutMs;
      try {
        const askedMs = clock.monotonic();
        this.#asked.record(askedMs, 1);
        const frame = await fetch(tradingPair, signal, Math.max(booksInWant, this.askedLately), timeoutMs);
        if (signal.aborted) return;
        const tookMs = clock.monotonic() - askedMs;
        // Longer than that it has waited for its turn at the limits as well.
        if (tookMs <= timeoutMs) this.#timeoutMs = this.#within(tookMs * 2);
        this.#wanted.delete(tradingPair);
        deliver(frame);
        return;
      } catch (error) {
        if (signal.aborted || isAbort(error)) return;
        logger.error("unexpected error when fetching an order book snapshot", {
          tradingPair,
          error: describeError(error),
        });
        this.#options.onFailure?.(tradingPair, error);
        const isTimeout = error instanceof TransportError && error.code === "TRANSPORT_TIMEOUT";
        // Losses at the same time count once.
        if (isTimeout) this.#timeoutMs = Math.max(this.#timeoutMs, this.#within(timeoutMs * 2));
        // Refusals for good, as of a delisted market, gain nothing from an early second request.
        const isRefused = error instanceof PerpwireError && error.retry === "never";
        const waitMs = Math.max(isRefused ? refusals.nextMs() : recovery.nextMs(), isTimeout ? 0 : this.#shareMs());
        await timers.sleep(waitMs, signal).catch(() => undefined);
      }
    }
  }
}
