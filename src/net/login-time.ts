import { describeError, throwIfAborted } from "../model/error.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Clock, Timers } from "../runtime/runtime.ts";
import type { TimeSynchronizer } from "./time-synchronizer.ts";

export interface LoginTimeOptions {
  readonly timeSynchronizer: Pick<TimeSynchronizer, "signingTime">;
  /** Asks the venue for its time; absent where nobody can be asked. */
  readonly updateServerTime?: (() => Promise<void>) | undefined;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
}

/** Venues take logins that are seconds old; a time that turns out to be wrong by less was no reason to refuse one. */
const MIN_WRONG_MS = 1_000;
const PATIENCE_MS = 5_000;

/**
 * Judges whether the venue refused a login for its time: no venue says so of every login, and a machine that slept logs in
 * with the time at which it fell asleep.
 */
export class LoginTime {
  readonly #options: LoginTimeOptions;

  constructor(options: LoginTimeOptions) {
    this.#options = options;
  }

  /** Offset that logins are signed with now: the venue's time less our monotonic clock. */
  get offsetMs(): number {
    const { timeSynchronizer, clock } = this.#options;
    return timeSynchronizer.signingTime() - clock.monotonic();
  }

  /**
   * Asks for the venue's time after a login was refused that was signed by `offsetMs`. Resolves to whether that was wrong: the
   * next login has another time. Rejects with `AbortError` when the signal fires.
   */
  async wasWrong(offsetMs: number, signal: AbortSignal): Promise<boolean> {
    const { updateServerTime, timers, logger } = this.#options;
    const patience = new AbortController();
    const waiting = timers.sleep(PATIENCE_MS, AbortSignal.any([patience.signal, signal]));
    try {
      await Promise.race([updateServerTime?.(), waiting]);
    } catch (error) {
      throwIfAborted(signal);
      logger.debug("the venue's time is not known better after a refused login", { error: describeError(error) });
    } finally {
      patience.abort();
      waiting.catch(() => undefined);
    }
    return Math.abs(this.offsetMs - offsetMs) >= MIN_WRONG_MS;
  }
}
