import { describeError, isAbort } from "../model/error.ts";
import { WakeUp } from "../net/wake-up.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Timers } from "../runtime/runtime.ts";

export interface DoubtfulPositionsOptions {
  readonly timers: Timers;
  readonly logger: Logger;
  /** A position that was told is not what its trades lead to. */
  readonly isInDoubt: () => boolean;
  /** Reads trades and positions. */
  readonly read: (signal: AbortSignal) => Promise<void>;
}

/** A fill that the position has already mostly comes by itself within this time. */
const FIRST_WAIT_MS = 500;
const MAX_WAIT_MS = 30_000;

/** Reads again while positions and trades contradict each other: an answer was stale, or trades are missing. */
export class DoubtfulPositions {
  readonly #options: DoubtfulPositionsOptions;
  readonly #wakeUp: WakeUp;

  constructor(options: DoubtfulPositionsOptions) {
    this.#options = options;
    this.#wakeUp = new WakeUp(options.timers);
  }

  /** Positions were told. */
  check(): void {
    if (this.#options.isInDoubt()) this.#wakeUp.wake();
  }

  /** Runs until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { timers, logger, isInDoubt, read } = this.#options;
    for (;;) {
      await this.#wakeUp.sleep(Number.POSITIVE_INFINITY, signal);
      for (let waitMs = FIRST_WAIT_MS; isInDoubt(); waitMs = Math.min(waitMs * 2, MAX_WAIT_MS)) {
        await timers.sleep(waitMs, signal);
        if (!isInDoubt()) break;
        try {
          await read(signal);
        } catch (error) {
          if (isAbort(error)) throw error;
          logger.warn("positions that contradict their trades could not be read again", {
            error: describeError(error),
          });
        }
      }
    }
  }
}
