import type { Clock } from "../runtime/runtime.ts";

/** The venue's time as the account's cursors need it. */
export class TradingTimes {
  readonly #clock: Clock;
  readonly #venueNow: () => number;
  readonly #hasServerTime: boolean;
  readonly #historyMs: number;
  /** The venue's time when this began, less our monotonic clock. */
  readonly #steadyOffsetMs: number;

  constructor(clock: Clock, venueNow: () => number, hasServerTime: boolean, historyMs: number) {
    this.#clock = clock;
    this.#venueNow = venueNow;
    this.#hasServerTime = hasServerTime;
    this.#historyMs = historyMs;
    this.#steadyOffsetMs = venueNow() - clock.monotonic();
  }

  /** The venue's time as far as known; where it has none to ask for, ours at the start and what has gone by since. */
  get nowMs(): number {
    const steadyMs = this.#steadyOffsetMs + this.#clock.monotonic();
    return this.#hasServerTime ? this.#venueNow() : steadyMs;
  }

  /**
   * Chooses the earlier time for cursors, for our clock may have been put right since the start. A time that is too
   * early only repeats known fills; fills before a time that is too late would never be requested.
   */
  get askedAtMs(): number {
    return Math.min(this.#venueNow(), this.nowMs);
  }

  /** The earliest time that the venue is asked for. */
  get horizonMs(): number {
    return this.askedAtMs - this.#historyMs;
  }
}
