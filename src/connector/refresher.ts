import { describeError, isAbort } from "../model/error.ts";
import { RECOVERY_GROWTH } from "../net/backoff.ts";
import { WakeUp } from "../net/wake-up.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Timers } from "../runtime/runtime.ts";

export interface RefresherOptions {
  readonly name: string;
  /** Delay from a request to the refresh, so that a burst of fills causes one. */
  readonly delayMs: number;
  /** Least time from a request to a refresh that serves it: one that comes later during the delay causes another. Default 0. */
  readonly servesAfterMs?: number | undefined;
  /** Delay from a failed refresh to the next try, growing up to `longestRetryMs`. */
  readonly firstRetryMs: number;
  readonly longestRetryMs: number;
  readonly timers: Timers;
  readonly logger: Logger;
  refresh(signal: AbortSignal): Promise<void>;
}

/**
 * Runs one refresh at a time, whenever asked. A request that comes while one runs causes another after it, so that what
 * is known at the end was asked for after the last request.
 */
export class Refresher {
  readonly #options: RefresherOptions;
  readonly #wakeUp: WakeUp;
  #isRequested = false;

  constructor(options: RefresherOptions) {
    this.#options = options;
    this.#wakeUp = new WakeUp(options.timers);
  }

  request(): void {
    this.#isRequested = true;
    this.#wakeUp.wake();
  }

  /** The loop; runs until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { delayMs, servesAfterMs = 0, firstRetryMs, longestRetryMs, timers, logger, name } = this.#options;
    let retryMs = firstRetryMs;
    for (;;) {
      while (!this.#isRequested) await this.#wakeUp.sleep(Number.POSITIVE_INFINITY, signal);
      await timers.sleep(delayMs - servesAfterMs, signal);
      this.#isRequested = false;
      if (servesAfterMs > 0) await timers.sleep(servesAfterMs, signal);
      try {
        await this.#options.refresh(signal);
        retryMs = firstRetryMs;
      } catch (error) {
        if (isAbort(error) && signal.aborted) throw error;
        logger.warn(`${name} failed, trying again`, { error: describeError(error), retryMs });
        this.#isRequested = true;
        await timers.sleep(retryMs, signal);
        retryMs = Math.min(retryMs * RECOVERY_GROWTH, longestRetryMs);
      }
    }
  }
}
