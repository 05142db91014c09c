import { AbortError, ConfigError } from "../model/error.ts";
import type { Clock, Timer, Timers } from "../runtime/runtime.ts";
import { checkRateLimits, checkWeight, type RateLimit, shareOf } from "./rate-limit.ts";
import { SlidingWindow } from "./sliding-window.ts";
import { type Waiter, WaiterQueue } from "./throttler-waiter.ts";
import type { Lane } from "./venue-api.ts";

export type { RateLimit } from "./rate-limit.ts";

export interface ThrottlerOptions {
  readonly rateLimits: readonly RateLimit[];
  readonly clock: Clock;
  readonly timers: Timers;
  /** The part of every limit that this process may use; the rest is for others on the same account or address. */
  readonly sharePercentage?: number | undefined;
  /**
   * By how much every window is longer than the venue's: it counts requests when they arrive, and one that was delayed
   * arrives close to those sent after it. Default 0.
   */
  readonly marginMs?: number | undefined;
}

export interface AcquireOptions {
  /** Default `poll`. */
  readonly lane?: Lane | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Replaces the limit's own weight; linked limits keep theirs. */
  readonly weight?: number | undefined;
}

/** For metrics. `used` includes what the venue counted and we did not send. */
export interface RateLimitUsage {
  readonly limitId: string;
  readonly used: number;
  readonly limit: number;
  readonly timeIntervalMs: number;
  readonly waiting: number;
  /** Monotonic; absent when open. */
  readonly closedUntilMonotonicMs?: number | undefined;
}

interface Pool {
  readonly limitId: string;
  /** Everything that counts against the venue's limit: ours, and others' where the venue reported them. */
  readonly total: SlidingWindow;
  /** What we sent, against our share of the limit. */
  readonly ours: SlidingWindow;
  closedUntilMs: number;
  /** Waiting requests that need this pool. */
  waiting: number;
  /** Scratch of one drain: capacity kept for requests that are ahead. */
  reserved: number;
}

/** A pool and what one request takes of it. */
interface Demand {
  readonly pool: Pool;
  readonly weight: number;
}

interface Limit {
  rateLimit: RateLimit;
  readonly pool: Pool;
  linked: readonly Demand[];
  waiting: number;
  readonly queues: Readonly<Record<Lane, WaiterQueue>>;
}

const LANES: readonly Lane[] = ["cancel", "create", "poll"];
const LONGEST_GUESSED_CLOSURE_MS = 1_000;

/**
 * Rate limits as exact sliding windows over linked pools. Waiting cancels go before creates before polls, first come
 * first served within a limit and lane; a request takes all of its pools at once or waits. A request that waits keeps
 * its place in every pool it needs, unless lending the place meanwhile cannot delay it.
 */
export class Throttler {
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #sharePercentage: number;
  readonly #marginMs: number;
  readonly #rateLimits = new Map<string, RateLimit>();
  readonly #limits = new Map<string, Limit>();
  /** Limits that somebody waits for. */
  readonly #contended = new Set<Limit>();
  #nextSequence = 0;
  #timer: Timer | undefined;

  constructor(options: ThrottlerOptions) {
    this.#clock = options.clock;
    this.#timers = options.timers;
    this.#sharePercentage = options.sharePercentage ?? 100;
    this.#marginMs = options.marginMs ?? 0;
    this.setRateLimits(options.rateLimits);
  }

  /**
   * Takes one request of `limitId`. Undefined when there is capacity: the request may leave now. Otherwise a promise
   * that resolves when it may, and rejects with `AbortError`. Throws `ConfigError` for an unknown limit or a weight
   * that never fits, `AbortError` when the signal has fired already.
   */
  acquire(limitId: string, options?: AcquireOptions): Promise<void> | undefined {
    const limit = this.#limit(limitId);
    const weight = options?.weight;
    if (weight !== undefined) checkWeight(limit.rateLimit, weight, limitId, this.#sharePercentage);
    if (options?.signal?.aborted === true) throw new AbortError();
    const nowMs = this.#clock.monotonic();
    if (this.#contended.size > 0 && isAwaited(limit)) {
      return this.#wait(limit, options?.lane ?? "poll", weight, options?.signal);
    }
    if (startTime(limit, weight, nowMs) > nowMs) {
      return this.#wait(limit, options?.lane ?? "poll", weight, options?.signal);
    }
    take(limit, weight, nowMs);
    return undefined;
  }

  /** The venue counted `used` in its window: where we counted less, the difference is others' and counts from now. */
  correctUsage(limitId: string, used: number): void {
    const { total } = this.#limit(limitId).pool;
    const nowMs = this.#clock.monotonic();
    const missing = used - total.used(nowMs);
    if (missing > 0) total.record(nowMs, missing);
  }

  /** Nothing of this pool leaves before `monotonicMs`, cancels included. Never shortens an earlier closure. */
  closeUntil(limitId: string, monotonicMs: number): void {
    const { pool } = this.#limit(limitId);
    pool.closedUntilMs = Math.max(pool.closedUntilMs, monotonicMs);
  }

  /**
   * The venue refused a request of this limit without naming a pool: closes all of its pools for `retryAfterMs`; where
   * the venue named no time, for one interval of the pool but at most a second, for cancels wait as well.
   */
  closeRequest(limitId: string, retryAfterMs?: number): void {
    const limit = this.#limit(limitId);
    const nowMs = this.#clock.monotonic();
    for (const pool of [limit.pool, ...limit.linked.map((demand) => demand.pool)]) {
      const forMs = retryAfterMs ?? Math.min(pool.total.timeIntervalMs, LONGEST_GUESSED_CLOSURE_MS);
      this.closeUntil(pool.limitId, nowMs + forMs);
    }
  }

  /** Adds limits or replaces those of the same id; usage stays counted. Throws `ConfigError`, changing nothing. */
  setRateLimits(rateLimits: readonly RateLimit[]): void {
    const merged = new Map(this.#rateLimits);
    for (const rateLimit of rateLimits) merged.set(rateLimit.limitId, rateLimit);
    checkRateLimits(merged, this.#sharePercentage);
    for (const rateLimit of rateLimits) {
      this.#rateLimits.set(rateLimit.limitId, rateLimit);
      this.#setPool(rateLimit);
    }
    for (const rateLimit of rateLimits) this.#link(rateLimit);
    if (this.#contended.size > 0) this.#drain();
  }

  usage(): readonly RateLimitUsage[] {
    const nowMs = this.#clock.monotonic();
    return [...this.#limits.values()].map(({ rateLimit, pool: { limitId, total, waiting, closedUntilMs } }) => ({
      limitId,
      used: total.used(nowMs),
      limit: total.limit,
      timeIntervalMs: rateLimit.timeIntervalMs,
      waiting,
      closedUntilMonotonicMs: closedUntilMs > nowMs ? closedUntilMs : undefined,
    }));
  }

  #limit(limitId: string): Limit {
    const limit = this.#limits.get(limitId);
    if (limit !== undefined) return limit;
    throw new ConfigError(`unknown rate limit "${limitId}"`, {
      hint: `known are ${[...this.#limits.keys()].join(", ")}`,
    });
  }

  #setPool(rateLimit: RateLimit): void {
    const { limitId, limit } = rateLimit;
    const timeIntervalMs = rateLimit.timeIntervalMs + this.#marginMs;
    const ourLimit = shareOf(limit, this.#sharePercentage);
    const known = this.#limits.get(limitId);
    if (known === undefined) {
      const total = new SlidingWindow(limit, timeIntervalMs);
      const ours = new SlidingWindow(ourLimit, timeIntervalMs);
      const pool: Pool = { limitId, total, ours, closedUntilMs: 0, waiting: 0, reserved: 0 };
      const queues = { cancel: new WaiterQueue(), create: new WaiterQueue(), poll: new WaiterQueue() };
      this.#limits.set(limitId, { rateLimit, pool, linked: [], waiting: 0, queues });
      return;
    }
    known.rateLimit = rateLimit;
    known.pool.total.limit = limit;
    known.pool.ours.limit = ourLimit;
    known.pool.total.timeIntervalMs = timeIntervalMs;
    known.pool.ours.timeIntervalMs = timeIntervalMs;
  }

  #link(rateLimit: RateLimit): void {
    const limit = this.#limit(rateLimit.limitId);
    const { waiting } = limit;
    countWaiting(limit, -waiting);
    limit.linked = (rateLimit.linkedLimits ?? []).map((link) => ({
      pool: this.#limit(link.limitId).pool,
      weight: link.weight,
    }));
    countWaiting(limit, waiting);
  }

  #wait(
    limit: Limit,
    lane: Lane,
    weight: number | undefined,
    signal: AbortSignal | undefined,
  ): Promise<void> | undefined {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onAbort = (): void => {
      this.#leave(limit, waiter);
      reject(new AbortError());
      this.#drain();
    };
    const settle = (): void => {
      signal?.removeEventListener("abort", onAbort);
      this.#leave(limit, waiter);
    };
    const waiter: Waiter = {
      sequence: this.#nextSequence,
      lane,
      weight,
      granted: false,
      grant: () => {
        waiter.granted = true;
        settle();
        resolve();
      },
      refuse: (error) => {
        settle();
        reject(error);
      },
      previous: undefined,
      next: undefined,
    };
    this.#nextSequence += 1;
    limit.queues[lane].push(waiter);
    countWaiting(limit, 1);
    this.#contended.add(limit);
    this.#drain();
    if (waiter.granted) return undefined;
    signal?.addEventListener("abort", onAbort, { once: true });
    return promise;
  }

  #leave(limit: Limit, waiter: Waiter): void {
    limit.queues[waiter.lane].remove(waiter);
    countWaiting(limit, -1);
    if (limit.waiting === 0) this.#contended.delete(limit);
  }

  /** Lets go whoever may, best lane first, and sets the timer for the next one. */
  #drain(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const nowMs = this.#clock.monotonic();
    for (const { pool } of this.#limits.values()) pool.reserved = 0;
    let wakeMs = Number.POSITIVE_INFINITY;
    for (const lane of LANES) wakeMs = Math.min(wakeMs, this.#drainLane(lane, nowMs));
    if (this.#contended.size === 0) return;
    // Whole milliseconds, at least one: a delay that rounds to nothing would call back at the same instant for ever.
    const delayMs = Math.max(1, Math.ceil(wakeMs - nowMs));
    this.#timer = this.#timers.after(delayMs, () => this.#drain());
  }

  /** Returns when the first of those that stay can go, as far as known now. */
  #drainLane(lane: Lane, nowMs: number): number {
    const open = new Set([...this.#contended].filter((limit) => limit.queues[lane].first !== undefined));
    let wakeMs = Number.POSITIVE_INFINITY;
    while (open.size > 0) {
      const [limit, waiter] = firstInLine(open, lane);
      const startMs = startTime(limit, waiter.weight, nowMs);
      if (startMs === Number.POSITIVE_INFINITY) {
        waiter.refuse(
          new ConfigError(`a waiting request of rate limit "${limit.rateLimit.limitId}" no longer fits it`),
        );
      } else if (startMs <= nowMs && fitsReserved(limit, waiter.weight, nowMs)) {
        take(limit, waiter.weight, nowMs);
        waiter.grant();
      } else {
        reserve(limit, waiter.weight, nowMs, startMs);
        if (startMs > nowMs) wakeMs = Math.min(wakeMs, startMs);
        open.delete(limit);
      }
      if (limit.queues[lane].first === undefined) open.delete(limit);
    }
    return wakeMs;
  }
}

function* demandsOf(limit: Limit, weight: number | undefined): Generator<Demand> {
  yield { pool: limit.pool, weight: weight ?? limit.rateLimit.weight ?? 1 };
  yield* limit.linked;
}

function countWaiting(limit: Limit, change: number): void {
  limit.waiting += change;
  for (const { pool } of demandsOf(limit, undefined)) pool.waiting += change;
}

function isAwaited(limit: Limit): boolean {
  return limit.pool.waiting > 0 || limit.linked.some(({ pool }) => pool.waiting > 0);
}

/** When every pool has room for one request if nothing else comes; `nowMs` when they have it now. */
function startTime(limit: Limit, weight: number | undefined, nowMs: number): number {
  let startMs = poolStartTime(limit.pool, weight ?? limit.rateLimit.weight ?? 1, nowMs);
  for (const demand of limit.linked) startMs = Math.max(startMs, poolStartTime(demand.pool, demand.weight, nowMs));
  return startMs;
}

function poolStartTime(pool: Pool, weight: number, nowMs: number): number {
  return Math.max(pool.closedUntilMs, pool.total.earliest(nowMs, weight), pool.ours.earliest(nowMs, weight));
}

function take(limit: Limit, weight: number | undefined, nowMs: number): void {
  takeFromPool(limit.pool, weight ?? limit.rateLimit.weight ?? 1, nowMs);
  for (const demand of limit.linked) takeFromPool(demand.pool, demand.weight, nowMs);
}

function takeFromPool(pool: Pool, weight: number, nowMs: number): void {
  if (weight === 0) return;
  pool.total.record(nowMs, weight);
  pool.ours.record(nowMs, weight);
}

function fitsReserved(limit: Limit, weight: number | undefined, nowMs: number): boolean {
  for (const demand of demandsOf(limit, weight)) {
    const { total, ours, reserved } = demand.pool;
    if (total.used(nowMs) + reserved + demand.weight > total.limit) return false;
    if (ours.used(nowMs) + reserved + demand.weight > ours.limit) return false;
  }
  return true;
}

/** Keeps a place for a request that starts at `startMs`, except where what is lent now is back by then. */
function reserve(limit: Limit, weight: number | undefined, nowMs: number, startMs: number): void {
  for (const demand of demandsOf(limit, weight)) {
    if (nowMs + demand.pool.total.timeIntervalMs > startMs) demand.pool.reserved += demand.weight;
  }
}

function firstInLine(limits: ReadonlySet<Limit>, lane: Lane): readonly [Limit, Waiter] {
  let best: readonly [Limit, Waiter] | undefined;
  for (const limit of limits) {
    const waiter = limit.queues[lane].first;
    if (waiter !== undefined && (best === undefined || waiter.sequence < best[1].sequence)) best = [limit, waiter];
  }
  if (best === undefined) throw new TypeError("nobody waits");
  return best;
}
