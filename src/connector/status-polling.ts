import type { UserStreamTracker } from "../account/user-stream-tracker.ts";
import { describeError, isAbort } from "../model/error.ts";
import { WakeUp } from "../net/wake-up.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Clock, Timers } from "../runtime/runtime.ts";
import type { AccountSync } from "./account-sync.ts";
import type { ConnectorTimings } from "./connector-options.ts";
import { inTurn } from "./in-turn.ts";

export interface StatusPollingOptions {
  readonly sync: AccountSync;
  readonly userStream: UserStreamTracker;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly timings: ConnectorTimings;
}

/**
 * Asks the venue for everything at intervals: seldom while the user stream is healthy, often while it is not. What the
 * stream told already changes nothing.
 */
export class StatusPolling {
  readonly #options: StatusPollingOptions;
  readonly #wakeUp: WakeUp;

  constructor(options: StatusPollingOptions) {
    this.#options = options;
    this.#wakeUp = new WakeUp(options.timers);
  }

  /** The user stream's health changed: the next poll may be due sooner. */
  wake(): void {
    this.#wakeUp.wake();
  }

  pollIntervalMs(): number {
    const { userStream, timings } = this.#options;
    return userStream.isHealthy() ? timings.longPollIntervalMs : timings.shortPollIntervalMs;
  }

  /** Runs until aborted. */
  async statusPollingLoop(signal: AbortSignal): Promise<void> {
    const { clock, timings, logger } = this.#options;
    let lastMs = clock.monotonic();
    for (;;) {
      const dueInMs = lastMs + this.pollIntervalMs() - clock.monotonic();
      // Looked at often, because the interval shrinks as soon as the stream is not healthy; never for less than a
      // millisecond, for a remainder smaller than the clock's resolution would be waited for again and again.
      if (dueInMs > 0) {
        await this.#wakeUp.sleep(Math.max(1, Math.min(dueInMs, timings.shortPollIntervalMs)), signal);
        continue;
      }
      lastMs = clock.monotonic();
      try {
        await this.statusPollingLoopFetchUpdates(signal);
      } catch (error) {
        if (isAbort(error)) throw error;
        logger.warn("a status poll failed", { error: describeError(error) });
      }
    }
  }

  /** One poll: orders, fills, balances, positions. */
  async statusPollingLoopFetchUpdates(signal: AbortSignal): Promise<void> {
    const { sync } = this.#options;
    await inTurn([
      () => sync.updateOrders(signal),
      () => sync.updateOrderFills(signal),
      () => sync.updateBalancesAndPositions(signal),
      () => sync.pollCashFlows(signal),
    ]);
  }
}
