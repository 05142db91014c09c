import { AbortError, ConfigError, RateLimitError } from "../model/error.ts";
import type { Clock, Timers } from "../runtime/runtime.ts";
import type { BackoffSpan } from "./closure.ts";
import { checkRateLimits, checkWeight, type RateLimit, shareOf } from "./rate-limit.ts";
import { type Demand, RatePool, type Waiter } from "./rate-pool.ts";
import { isBefore, RANK_OF_LANE, WaiterQueue } from "./throttler-waiter.ts";
import { Turnstile } from "./turnstile.ts";
import type { Lane } from "./venue-api.ts";

export type { RateLimit } from "./rate-limit.ts";

export interface ThrottlerOptions {
  readonly rateLimits: readonly RateLimit[];
  readonly clock: Clock;
  readonly timers: Timers;
  /** The part of every limit that this process may use; the rest is for others on the same account or address. */
  readonly sharePercentage?: number | undefined;
  /**
   * Margin by which every window is longer than the venue's: the venue counts requests when they arrive, and one that
   * was delayed arrives close to those sent after it. Default 0.
   */
  readonly marginMs?: number | undefined;
  /** Most requests that may wait in one lane of one limit. Default 1,000. */
  readonly maxWaiting?: number | undefined;
}

export interface AcquireOptions {
  /** Default `poll`. */
  readonly lane?: Lane | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Replaces the limit's own weight; linked limits keep theirs. */
  readonly weight?: number | undefined;
}

/** Usage for metrics. `used` includes requests that the venue counted and we did not send. */
export interface RateLimitUsage {
  readonly limitId: string;
  readonly used: number;
  readonly limit: number;
  readonly timeIntervalMs: number;
  readonly waiting: number;
  /** Monotonic; absent when open. */
  readonly closedUntilMonotonicMs?: number | undefined;
}

/** Word of the venue when it refused a request for its rate limits. */
export interface Refusal {
  /** Monotonic time when the refused request left. Default: now. */
  readonly sentMonotonicMs?: number | undefined;
  /** Time for which the venue refuses, where it said so. */
  readonly retryAfterMs?: number | undefined;
  /** The whole address is shut out, whatever the limit. */
  readonly isBan?: boolean | undefined;
}

interface Limit {
  rateLimit: RateLimit;
  readonly pool: RatePool;
  demands: readonly Demand[];
  readonly queues: Readonly<Record<Lane, WaiterQueue<RatePool>>>;
}

const WORD_OF_LANE: Readonly<Record<Lane, string>> = {
  cancel: "cancels",
  create: "new orders and amends",
  book: "snapshots of books",
  poll: "questions",
};
const LANES: readonly Lane[] = ["cancel", "create", "book", "poll"];
const DEFAULT_MAX_WAITING = 1_000;
const MAX_FIRST_CLOSURE_MS = 1_000;
const MAX_GUESSED_CLOSURE_MS = 60_000;
/** Bans last from two minutes on (Binance), or ten (Bybit). */
const BAN: BackoffSpan = { firstMs: 120_000, longestMs: 3_600_000 };
/** Number of refusals of any limits, with nothing accepted in between, that are taken as one of the address. */
const REFUSALS_OF_ADDRESS = 3;
const ADDRESS: BackoffSpan = { firstMs: 1_000, longestMs: MAX_GUESSED_CLOSURE_MS };

/**
 * Rate limits as exact sliding windows over linked pools. Waiting cancels go before creates before snapshots of books
 * before polls, first come first served within a limit and lane, but a tenth of what goes is for the question that has
 * waited longest; a request takes all of its pools at once or waits.
 */
export class Throttler {
  readonly #clock: Clock;
  readonly #turnstile: Turnstile;
  readonly #sharePercentage: number;
  readonly #marginMs: number;
  readonly #maxWaiting: number;
  readonly #rateLimits = new Map<string, RateLimit>();
  readonly #limits = new Map<string, Limit>();
  /** Every request of a limit that is not of a connection needs it: a ban closes it. */
  readonly #address = new RatePool("address");
  /** Pools in which requests count that never left. */
  readonly #holding = new Set<RatePool>();
  #refusalsInARow = 0;
  #nextSequence = 0;

  constructor(options: ThrottlerOptions) {
    this.#clock = options.clock;
    this.#turnstile = new Turnstile(options.clock, options.timers);
    this.#sharePercentage = options.sharePercentage ?? 100;
    this.#marginMs = options.marginMs ?? 0;
    this.#maxWaiting = options.maxWaiting ?? DEFAULT_MAX_WAITING;
    if (!(this.#maxWaiting > 0)) throw new ConfigError("at least one request must be allowed to wait");
    this.setRateLimits(options.rateLimits);
  }

  /**
   * Takes one request of `limitId`. Undefined when there is capacity: the request may leave now. Otherwise a promise
   * that resolves when it may, and rejects with `AbortError`. Throws `ConfigError` for an unknown limit or a weight
   * that never fits, `AbortError` when the signal has fired already, and `RateLimitError` with code `QUEUE_FULL` when
   * too many wait in its lane of its limit: nothing was sent then.
   */
  acquire(limitId: string, options?: AcquireOptions): Promise<void> | undefined {
    const limit = this.#limit(limitId);
    const weight = options?.weight;
    if (weight !== undefined) checkWeight(limit.rateLimit, weight, limitId, this.#sharePercentage);
    if (options?.signal?.aborted === true) throw new AbortError();
    const lane = options?.lane ?? "poll";
    const queue = limit.queues[lane];
    if (queue.length >= this.#maxWaiting) throw this.#queueFull(limitId, lane, queue.length);
    const waiter = this.#waiter(limit, lane, weight);
    if (lane === "cancel" || lane === "book")
      for (const { pool, weight: taken } of waiter.demands) pool.noteLane(lane, taken);
    if (queue.first === undefined && this.#turnstile.place(waiter, this.#clock.monotonic())) return undefined;
    return this.#wait(limit, waiter, options?.signal);
  }

  /**
   * Tells that a request of `limitId` may ever leave with this weight: our share of the limit may be smaller than it.
   */
  fits(limitId: string, weight: number): boolean {
    return weight <= shareOf(this.#limit(limitId).rateLimit.limit, this.#sharePercentage);
  }

  /** Weight of `limitId` that requests of this lane have left now, apart from those that wait. */
  room(limitId: string, lane: Lane): number {
    return this.#limit(limitId).pool.room(lane, this.#clock.monotonic());
  }

  /**
   * The venue counted `used` in its window: where we counted less, the difference is others' and counts from now. More
   * than the whole fills it: a count without bound was waited for for ever.
   */
  correctUsage(limitId: string, used: number): void {
    this.#limit(limitId).pool.correct(this.#clock.monotonic(), used);
  }

  /** Nothing of this pool leaves before `monotonicMs`, cancels included. Never shortens an earlier closure. */
  closeUntil(limitId: string, monotonicMs: number): void {
    this.#limit(limitId).pool.closure.closeUntil(this.#clock.monotonic(), monotonicMs);
  }

  /**
   * The venue refused because of this very limit: closes it, cancels included, for as long as the venue said; where it
   * said nothing, for one interval but at most a second, doubled at each refusal in a row.
   */
  closeLimit(limitId: string, refusal: Refusal = {}): void {
    const nowMs = this.#clock.monotonic();
    const sentMs = refusal.sentMonotonicMs ?? nowMs;
    this.#close(this.#limit(limitId).pool, nowMs, sentMs, refusal.retryAfterMs);
    this.#refused(nowMs, sentMs, refusal);
  }

  /** The venue refused a request of this limit without naming a pool: closes all of its pools as `closeLimit` does. */
  closeRequest(limitId: string, refusal: Refusal = {}): void {
    const nowMs = this.#clock.monotonic();
    const sentMs = refusal.sentMonotonicMs ?? nowMs;
    for (const { pool } of this.#limit(limitId).demands) {
      if (pool !== this.#address && refusal.isBan !== true) this.#close(pool, nowMs, sentMs, refusal.retryAfterMs);
    }
    this.#refused(nowMs, sentMs, refusal);
  }

  /** A request of this limit was answered and not refused: what was closed by a guess is open again. */
  answered(limitId: string, sentMonotonicMs: number): void {
    this.#refusalsInARow = 0;
    for (const pool of this.#holding) {
      pool.release();
      this.#turnstile.noteNews(pool);
    }
    this.#holding.clear();
    for (const { pool } of this.#limit(limitId).demands) {
      if (pool.closure.answered(sentMonotonicMs)) this.#turnstile.noteNews(pool);
    }
    this.#turnstile.drainNews();
  }

  /** A request of this limit has no answer: after a closure another one may try. */
  unanswered(limitId: string, sentMonotonicMs: number): void {
    for (const { pool } of this.#limit(limitId).demands) {
      if (pool.closure.unanswered(sentMonotonicMs)) this.#turnstile.noteNews(pool);
    }
    this.#turnstile.drainNews();
  }

  /**
   * A request of this limit that was let go then, with a weight of its own where it had one, never left: the venue has
   * not counted it, and it counts until something is answered. An outage took the limits of the minute after it.
   */
  takeBack(limitId: string, takenMonotonicMs: number, weight?: number): void {
    const limit = this.#limit(limitId);
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
    const merged = new Map(this.#rateLimits);
    for (const rateLimit of rateLimits) merged.set(rateLimit.limitId, rateLimit);
    checkRateLimits(merged, this.#sharePercentage);
    for (const rateLimit of rateLimits) {
      this.#rateLimits.set(rateLimit.limitId, rateLimit);
      const { limitId } = rateLimit;
      const known = this.#limits.get(limitId);
      const pool = known?.pool ?? new RatePool(limitId);
      pool.configure(rateLimit, this.#sharePercentage, this.#marginMs);
      if (known !== undefined) known.rateLimit = rateLimit;
      else this.#limits.set(limitId, { rateLimit, pool, demands: [], queues: newQueues() });
    }
    for (const rateLimit of rateLimits) this.#link(this.#limit(rateLimit.limitId));
    this.#placeAll();
  }

  /** Since when the venue's refusals keep requests of this limit, and not only their number; undefined: they do not. */
  closedSinceMs(limitId: string): number | undefined {
    const nowMs = this.#clock.monotonic();
    const since = this.#limit(limitId).demands.map(({ pool }) => pool.closure.closedSinceMs(nowMs) ?? nowMs);
    const earliestMs = Math.min(...since);
    return earliestMs < nowMs ? earliestMs : undefined;
  }

  usage(): readonly RateLimitUsage[] {
    const nowMs = this.#clock.monotonic();
    return [...this.#limits.values()].map(({ rateLimit, pool, demands }) => {
      const { limitId, total, waiting, closure } = pool;
      const isOfAddress = demands.some((demand) => demand.pool === this.#address);
      const opensMs = Math.max(closure.opensMs, isOfAddress ? this.#address.closure.opensMs : 0);
      const closedUntilMonotonicMs = opensMs > nowMs ? opensMs : undefined;
      const { limit } = total;
      const { timeIntervalMs } = rateLimit;
      return { limitId, used: total.used(nowMs), limit, timeIntervalMs, waiting, closedUntilMonotonicMs };
    });
  }

  #limit(limitId: string): Limit {
    const limit = this.#limits.get(limitId);
    if (limit !== undefined) return limit;
    throw new ConfigError(`unknown rate limit "${limitId}"`, {
      hint: `known are ${[...this.#limits.keys()].join(", ")}`,
    });
  }

  #queueFull(limitId: string, lane: Lane, length: number): RateLimitError {
    return new RateLimitError(`${length} ${WORD_OF_LANE[lane]} wait for rate limit "${limitId}" already`, {
      code: "QUEUE_FULL",
      hint: "nothing was sent; ask for less, or later",
    });
  }

  #close(pool: RatePool, nowMs: number, sentMs: number, toldMs: number | undefined): void {
    const firstMs = Math.min(pool.total.timeIntervalMs, MAX_FIRST_CLOSURE_MS);
    pool.closure.refused(nowMs, sentMs, toldMs, { firstMs, longestMs: MAX_GUESSED_CLOSURE_MS });
  }

  #refused(nowMs: number, sentMs: number, { isBan, retryAfterMs }: Refusal): void {
    const { closure } = this.#address;
    if (isBan === true) {
      closure.refused(nowMs, sentMs, retryAfterMs, BAN);
      return;
    }
    if (closure.isOlder(sentMs)) return;
    this.#refusalsInARow += 1;
    if (this.#refusalsInARow >= REFUSALS_OF_ADDRESS) closure.refused(nowMs, sentMs, undefined, ADDRESS);
  }

  #link(limit: Limit): void {
    const { rateLimit } = limit;
    for (const lane of LANES) for (const waiter of limit.queues[lane]) this.#turnstile.unpark(waiter, false);
    countWaiting(limit, -1);
    const own = { pool: limit.pool, weight: rateLimit.weight ?? 1 };
    const linked = (rateLimit.linkedLimits ?? []).map(({ limitId, weight }) => ({
      pool: this.#limit(limitId).pool,
      weight,
    }));
    const address = rateLimit.isOfConnection === true ? [] : [{ pool: this.#address, weight: 0 }];
    const before = limit.demands[0]?.weight;
    limit.demands = [own, ...linked, ...address];
    for (const lane of LANES) {
      for (const waiter of limit.queues[lane]) {
        const weight = waiter.demands[0]?.weight;
        waiter.demands = weight === before ? limit.demands : demandsOf(limit, weight);
      }
    }
    countWaiting(limit, 1);
  }

  /** Looks at the first one of every queue again, the best first. */
  #placeAll(): void {
    const firsts: Waiter[] = [];
    for (const limit of this.#limits.values()) {
      for (const lane of LANES) {
        this.#refuseUnfit(limit, limit.queues[lane]);
        const first = limit.queues[lane].first;
        if (first === undefined) continue;
        this.#turnstile.unpark(first, false);
        firsts.push(first);
      }
    }
    if (firsts.length === 0) return;
    const nowMs = this.#clock.monotonic();
    firsts.sort((left, right) => (isBefore(left, right) ? -1 : 1));
    for (const waiter of firsts) if (this.#turnstile.place(waiter, nowMs)) waiter.grant();
    this.#turnstile.drainNews();
  }

  #refuseUnfit({ rateLimit }: Limit, queue: WaiterQueue<RatePool>): void {
    for (const waiter of [...queue]) {
      if (waiter.demands.every(({ pool, weight }) => weight <= pool.ours.limit)) continue;
      waiter.refuse(new ConfigError(`a waiting request of rate limit "${rateLimit.limitId}" no longer fits it`));
    }
  }

  /** The first one of the queue stands in a line, unless it is new there. */
  #letNextGo(queue: WaiterQueue<RatePool>): void {
    const nowMs = this.#clock.monotonic();
    for (let next = queue.first; next !== undefined && next.parkedAt === undefined; next = queue.first) {
      if (!this.#turnstile.place(next, nowMs)) return;
      next.leave();
    }
  }

  #waiter(limit: Limit, lane: Lane, weight: number | undefined): Waiter {
    this.#nextSequence += 1;
    return {
      sequence: this.#nextSequence,
      lane,
      rank: RANK_OF_LANE[lane],
      demands: demandsOf(limit, weight),
      parkedAt: undefined,
      kept: [],
      wakeMs: Number.POSITIVE_INFINITY,
      round: -1,
      leave: nothing,
      grant: nothing,
      refuse: nothing,
      previous: undefined,
      next: undefined,
    };
  }

  #wait(limit: Limit, waiter: Waiter, signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const queue = limit.queues[waiter.lane];
    const leave = (): void => {
      signal?.removeEventListener("abort", onAbort);
      for (const { pool } of waiter.demands) pool.waiting -= 1;
      queue.remove(waiter);
      this.#turnstile.unpark(waiter, true);
    };
    const onAbort = (): void => {
      leave();
      reject(new AbortError());
      this.#letNextGo(queue);
      this.#turnstile.drainNews();
    };
    waiter.leave = () => {
      resolve();
      leave();
    };
    waiter.grant = () => {
      waiter.leave();
      this.#letNextGo(queue);
    };
    waiter.refuse = (error) => {
      leave();
      reject(error);
    };
    queue.push(waiter);
    for (const { pool } of waiter.demands) pool.waiting += 1;
    signal?.addEventListener("abort", onAbort, { once: true });
    this.#turnstile.drainNews();
    return promise;
  }
}

const nothing = (): void => undefined;

function newQueues(): Readonly<Record<Lane, WaiterQueue<RatePool>>> {
  return {
    cancel: new WaiterQueue<RatePool>(),
    create: new WaiterQueue<RatePool>(),
    book: new WaiterQueue<RatePool>(),
    poll: new WaiterQueue<RatePool>(),
  };
}

function demandsOf({ demands }: Limit, weight: number | undefined): readonly Demand[] {
  const [own, ...others] = demands;
  return own === undefined || weight === undefined ? demands : [{ pool: own.pool, weight }, ...others];
}

function countWaiting(limit: Limit, change: 1 | -1): void {
  for (const lane of LANES) {
    for (const { demands } of limit.queues[lane]) for (const { pool } of demands) pool.waiting += change;
  }
}
