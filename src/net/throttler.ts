import { AbortError } from "../model/error.ts";
import type { Clock } from "../runtime/runtime.ts";
import { checkWeight, type RateLimit, shareOf } from "./rate-limit.ts";
import type { RatePool } from "./rate-pool.ts";
import { demandsOf, ThrottledLimits } from "./throttled-limits.ts";
import type { AcquireOptions, RateLimitUsage, Refusal, ThrottlerOptions } from "./throttler-options.ts";
import { ThrottlerRefusals } from "./throttler-refusals.ts";
import { Turnstile } from "./turnstile.ts";
import type { Lane } from "./venue-api.ts";
import { WaitingRequests } from "./waiting-requests.ts";

export type { RateLimit } from "./rate-limit.ts";
export type { AcquireOptions, RateLimitUsage, Refusal, ThrottlerOptions } from "./throttler-options.ts";

/**
 * Rate limits as exact sliding windows over linked pools. Waiting cancels go before creates before snapshots of books
 * before polls, first come first served within a limit and lane, but a tenth of what goes is for the question that has
 * waited longest; a request takes all of its pools at once or waits.
 */
export class Throttler {
  readonly #clock: Clock;
  readonly #turnstile: Turnstile;
  readonly #sharePercentage: number;
  readonly #limits: ThrottledLimits;
  readonly #waiting: WaitingRequests;
  readonly #refusals: ThrottlerRefusals;
  /** Pools in which requests count that never left. */
  readonly #holding = new Set<RatePool>();

  constructor(options: ThrottlerOptions) {
    const { clock, timers, sharePercentage = 100, marginMs = 0 } = options;
    this.#clock = clock;
    this.#turnstile = new Turnstile(clock, timers);
    this.#sharePercentage = sharePercentage;
    this.#limits = new ThrottledLimits(this.#turnstile, sharePercentage, marginMs);
    this.#waiting = new WaitingRequests(this.#limits, this.#turnstile, options);
    this.#refusals = new ThrottlerRefusals(this.#limits, clock);
    this.setRateLimits(options.rateLimits);
  }

  /**
   * Takes one request of `limitId`. Undefined when there is capacity: the request may leave now. Otherwise a promise
   * that resolves when it may, and rejects with `AbortError`. Throws `ConfigError` for an unknown limit or a weight
   * that never fits, `AbortError` when the signal has fired already, and `RateLimitError` with code `QUEUE_FULL` when
   * too many wait in its lane of its limit: nothing was sent then.
   */
  acquire(limitId: string, options?: AcquireOptions): Promise<void> | undefined {
    const limit = this.#limits.of(limitId);
    const weight = options?.weight;
    if (weight !== undefined) checkWeight(limit.rateLimit, weight, limitId, this.#sharePercentage);
    if (options?.signal?.aborted === true) throw new AbortError();
    const lane = options?.lane ?? "poll";
    const waiter = this.#waiting.enter(limit, lane, weight);
    if (lane === "cancel" || lane === "book")
      for (const { pool, weight: taken } of waiter.demands) pool.noteLane(lane, taken);
    if (limit.queues[lane].first === undefined && this.#turnstile.place(waiter, this.#clock.monotonic()))
      return undefined;
    return this.#waiting.wait(limit, waiter, options?.signal ?? options?.signalOfWait?.());
  }

  /** Takes one request of `limitId` where it may leave now; false, with nothing taken, where it would have to wait. */
  takeNow(limitId: string, options?: Omit<AcquireOptions, "signal">): boolean {
    const waiting = new AbortController();
    const turn = this.acquire(limitId, { ...options, signal: waiting.signal });
    if (turn === undefined) return true;
    turn.catch(() => undefined);
    waiting.abort();
    return false;
  }

  /**
   * Tells that a request of `limitId` may ever leave with this weight: our share of the limit may be smaller than it.
   */
  fits(limitId: string, weight: number): boolean {
    return weight <= shareOf(this.#limits.of(limitId).rateLimit.limit, this.#sharePercentage);
  }

  /** Weight of `limitId` that requests of this lane have left now, apart from those that wait. */
  room(limitId: string, lane: Lane): number {
    return this.#limits.of(limitId).pool.room(lane, this.#clock.monotonic());
  }

  /**
   * The venue counted `used` in its window: where we counted less, the difference is others' and counts from now. More
   * than the whole fills it: a count without bound was waited for for ever.
   */
  correctUsage(limitId: string, used: number): void {
    this.#limits.of(limitId).pool.correct(this.#clock.monotonic(), used);
  }

  /** Nothing of this pool leaves before `monotonicMs`, cancels included. Never shortens an earlier closure. */
  closeUntil(limitId: string, monotonicMs: number): void {
    this.#limits.of(limitId).pool.closure.closeUntil(this.#clock.monotonic(), monotonicMs);
  }

  /**
   * The venue refused because of this very limit: closes it, cancels included, for as long as the venue said; where it
   * said nothing, for one interval but at most a second, doubled at each refusal in a row.
   */
  closeLimit(limitId: string, refusal: Refusal = {}): void {
    this.#refusals.closeLimit(limitId, refusal);
  }

  /** The venue refused a request of this limit without naming a pool: closes all of its pools as `closeLimit` does. */
  closeRequest(limitId: string, refusal: Refusal = {}): void {
    this.#refusals.closeRequest(limitId, refusal);
  }

  /** A request of this limit was answered and not refused: what was closed by a guess is open again. */
  answered(limitId: string, sentMonotonicMs: number): void {
    this.#refusals.answered();
    for (const pool of this.#holding) {
      pool.release();
      this.#turnstile.noteNews(pool);
    }
    this.#holding.clear();
    for (const { pool } of this.#limits.of(limitId).demands) {
      if (pool.closure.answered(sentMonotonicMs)) this.#turnstile.noteNews(pool);
    }
    this.#turnstile.drainNews();
  }

  /** A request of this limit has no answer: after a closure another one may try. */
  unanswered(limitId: string, sentMonotonicMs: number): void {
    for (const { pool } of this.#limits.of(limitId).demands) {
      if (pool.closure.unanswered(sentMonotonicMs)) this.#turnstile.noteNews(pool);
    }
    this.#turnstile.drainNews();
  }

  /**
   * A request of this limit that was let go then, with a weight of its own where it had one, never left: the venue has
   * not counted it, and it counts until something is answered. An outage took the limits of the minute after it.
   */
  takeBack(limitId: string, takenMonotonicMs: number, weight?: number): void {
    const limit = this.#limits.of(limitId);
    const nowMs = this.#clock.monotonic();
    for (const { pool, weight: taken } of demandsOf(limit, weight)) {
      if (taken === 0) continue;
      pool.takeBack(takenMonotonicMs, taken, nowMs);
      this.#holding.add(pool);
      this.#turnstile.noteNews(pool);
    }
    this.#turnstile.drainNews();
  }

  /** Adds limits or replaces those of the same id; usage stays counted. Throws `ConfigError`, changing nothing. */
  setRateLimits(rateLimits: readonly RateLimit[]): void {
    this.#limits.set(rateLimits);
    this.#waiting.placeAll();
  }

  /**
   * Time since when the venue's refusals keep requests of this limit, and not only their number; undefined: they do
   * not.
   */
  closedSinceMs(limitId: string): number | undefined {
    const nowMs = this.#clock.monotonic();
    const since = this.#limits.of(limitId).demands.map(({ pool }) => pool.closure.closedSinceMs(nowMs) ?? nowMs);
    const earliestMs = Math.min(...since);
    return earliestMs < nowMs ? earliestMs : undefined;
  }

  usage(): readonly RateLimitUsage[] {
    const nowMs = this.#clock.monotonic();
    return [...this.#limits.all()].map(({ rateLimit, pool, demands }) => {
      const { limitId, total, waiting, closure } = pool;
      const isOfAddress = demands.some((demand) => demand.pool === this.#limits.address);
      const opensMs = Math.max(closure.opensMs, isOfAddress ? this.#limits.address.closure.opensMs : 0);
      const closedUntilMonotonicMs = opensMs > nowMs ? opensMs : undefined;
      const { limit } = total;
      const { timeIntervalMs } = rateLimit;
      return { limitId, used: total.used(nowMs), limit, timeIntervalMs, waiting, closedUntilMonotonicMs };
    });
  }
}
