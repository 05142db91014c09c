import type { Clock } from "../runtime/runtime.ts";
import type { BackoffSpan } from "./closure.ts";
import type { RatePool } from "./rate-pool.ts";
import type { ThrottledLimits } from "./throttled-limits.ts";
import type { Refusal } from "./throttler-options.ts";

const MAX_FIRST_CLOSURE_MS = 1_000;
const MAX_GUESSED_CLOSURE_MS = 60_000;
/** Bans last from two minutes on (Binance), or ten (Bybit). */
const BAN: BackoffSpan = { firstMs: 120_000, longestMs: 3_600_000 };
/** Number of refusals of any limits, with nothing accepted in between, that are taken as one of the address. */
const REFUSALS_OF_ADDRESS = 3;
const ADDRESS: BackoffSpan = { firstMs: 1_000, longestMs: MAX_GUESSED_CLOSURE_MS };

/** Refusals of the venue for its rate limits, and how long each closes which pools. */
export class ThrottlerRefusals {
  readonly #limits: ThrottledLimits;
  readonly #clock: Clock;
  #inARow = 0;

  constructor(limits: ThrottledLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** A request was answered and not refused. */
  answered(): void {
    this.#inARow = 0;
  }

  /**
   * The venue refused because of this very limit: closes it, cancels included, for as long as the venue said; where it
   * said nothing, for one interval but at most a second, doubled at each refusal in a row.
   */
  closeLimit(limitId: string, refusal: Refusal = {}): void {
    const nowMs = this.#clock.monotonic();
    const sentMs = refusal.sentMonotonicMs ?? nowMs;
    this.#close(this.#limits.of(limitId).pool, nowMs, sentMs, refusal.retryAfterMs);
    this.#refused(nowMs, sentMs, refusal);
  }

  /** The venue refused a request of this limit without naming a pool: closes all of its pools as `closeLimit` does. */
  closeRequest(limitId: string, refusal: Refusal = {}): void {
    const nowMs = this.#clock.monotonic();
    const sentMs = refusal.sentMonotonicMs ?? nowMs;
    for (const { pool } of this.#limits.of(limitId).demands) {
      if (pool !== this.#limits.address && refusal.isBan !== true)
        this.#close(pool, nowMs, sentMs, refusal.retryAfterMs);
    }
    this.#refused(nowMs, sentMs, refusal);
  }

  #close(pool: RatePool, nowMs: number, sentMs: number, toldMs: number | undefined): void {
    const firstMs = Math.min(pool.total.timeIntervalMs, MAX_FIRST_CLOSURE_MS);
    pool.closure.refused(nowMs, sentMs, toldMs, { firstMs, longestMs: MAX_GUESSED_CLOSURE_MS });
  }

  #refused(nowMs: number, sentMs: number, { isBan, retryAfterMs }: Refusal): void {
    const { closure } = this.#limits.address;
    if (isBan === true) {
      closure.refused(nowMs, sentMs, retryAfterMs, BAN);
      return;
    }
    if (closure.isOlder(sentMs)) return;
    this.#inARow += 1;
    if (this.#inARow >= REFUSALS_OF_ADDRESS) closure.refused(nowMs, sentMs, undefined, ADDRESS);
  }
}
