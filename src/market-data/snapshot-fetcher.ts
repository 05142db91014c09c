import { describeError, isAbort } from "../model/error.ts";
import type { TradingPair } from "../model/market.ts";
import type { Logger } from "../net/logger.ts";
import type { Random, Timers } from "../runtime/runtime.ts";
import { Backoff, type BackoffOptions } from "./backoff.ts";
import type { BookFrameBuffer } from "./book-frame-buffer.ts";

export interface SnapshotFetcherOptions {
  fetch(tradingPair: TradingPair, signal: AbortSignal): Promise<BookFrameBuffer>;
  deliver(frame: BookFrameBuffer): void;
  readonly backoff: BackoffOptions;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
}

/** Fetches the snapshots that are asked for, one at a time a market, and tries again until it has them. */
export class SnapshotFetcher {
  readonly #options: SnapshotFetcherOptions;
  readonly #wanted = new Map<TradingPair, AbortController>();
  readonly #running = new Map<TradingPair, Promise<void>>();
  #users = 0;

  constructor(options: SnapshotFetcherOptions) {
    this.#options = options;
  }

  /** Asks for a snapshot; nothing more where one is on its way. Waits while nobody uses the fetcher. */
  request(tradingPair: TradingPair): void {
    if (this.#wanted.has(tradingPair)) return;
    this.#wanted.set(tradingPair, new AbortController());
    if (this.#users > 0) this.#start(tradingPair);
  }

  cancel(tradingPair: TradingPair): void {
    this.#wanted.get(tradingPair)?.abort();
    this.#wanted.delete(tradingPair);
  }

  /** Fetches for as long as `work` runs. The last user to go ends what is under way. */
  async use<T>(work: Promise<T>): Promise<T> {
    this.#users += 1;
    for (const tradingPair of this.#wanted.keys()) this.#start(tradingPair);
    try {
      return await work;
    } finally {
      this.#users -= 1;
      if (this.#users === 0) {
        for (const tradingPair of [...this.#wanted.keys()]) this.cancel(tradingPair);
        await Promise.all(this.#running.values());
      }
    }
  }

  #start(tradingPair: TradingPair): void {
    const controller = this.#wanted.get(tradingPair);
    if (controller === undefined || this.#running.has(tradingPair)) return;
    const running = this.#fetchUntilDelivered(tradingPair, controller).finally(() => {
      this.#running.delete(tradingPair);
      if (this.#users > 0) this.#start(tradingPair);
    });
    this.#running.set(tradingPair, running);
  }

  async #fetchUntilDelivered(tradingPair: TradingPair, controller: AbortController): Promise<void> {
    const { fetch, deliver, timers, random, logger } = this.#options;
    const backoff = new Backoff(this.#options.backoff, random);
    const { signal } = controller;
    while (!signal.aborted) {
      try {
        const frame = await fetch(tradingPair, signal);
        if (signal.aborted) return;
        this.#wanted.delete(tradingPair);
        deliver(frame);
        return;
      } catch (error) {
        if (signal.aborted || isAbort(error)) return;
        logger.error("unexpected error when fetching an order book snapshot", {
          tradingPair,
          error: describeError(error),
        });
      }
      await timers.sleep(backoff.nextMs(), signal).catch(() => undefined);
    }
  }
}
