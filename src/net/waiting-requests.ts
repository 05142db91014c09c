import { AbortError, ConfigError, RateLimitError } from "../model/error.ts";
import type { Clock } from "../runtime/runtime.ts";
import type { RatePool, Waiter } from "./rate-pool.ts";
import { demandsOf, LANES, type ThrottledLimit, type ThrottledLimits } from "./throttled-limits.ts";
import type { ThrottlerOptions } from "./throttler-options.ts";
import { isBefore, RANK_OF_LANE, type WaiterQueue } from "./throttler-waiter.ts";
import type { Turnstile } from "./turnstile.ts";
import type { Lane } from "./venue-api.ts";

const WORD_OF_LANE: Readonly<Record<Lane, string>> = {
  cancel: "cancels",
  create: "new orders and amends",
  book: "snapshots of books",
  poll: "questions",
};
const DEFAULT_MAX_WAITING = 1_000;

/** Requests that wait for their turn, in one line for each limit and lane. */
export class WaitingRequests {
  readonly #limits: ThrottledLimits;
  readonly #turnstile: Turnstile;
  readonly #clock: Clock;
  readonly #maxWaiting: number;
  #nextSequence = 0;

  constructor(limits: ThrottledLimits, turnstile: Turnstile, { clock, maxWaiting }: ThrottlerOptions) {
    this.#limits = limits;
    this.#turnstile = turnstile;
    this.#clock = clock;
    this.#maxWaiting = maxWaiting ?? DEFAULT_MAX_WAITING;
    if (!(this.#maxWaiting > 0)) throw new ConfigError("at least one request must be allowed to wait");
  }

  /** A request that is about to take its turn. Throws `RateLimitError` with code `QUEUE_FULL` when too many wait. */
  enter(limit: ThrottledLimit, lane: Lane, weight: number | undefined): Waiter {
    const { length } = limit.queues[lane];
    if (length >= this.#maxWaiting) throw this.#queueFull(limit.rateLimit.limitId, lane, length);
    return this.#waiter(limit, lane, weight);
  }

  #waiter(limit: ThrottledLimit, lane: Lane, weight: number | undefined): Waiter {
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

  /** Looks at the first one of every queue again, the best first. */
  placeAll(): void {
    const firsts: Waiter[] = [];
    for (const limit of this.#limits.all()) {
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

  #refuseUnfit({ rateLimit }: ThrottledLimit, queue: WaiterQueue<RatePool>): void {
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

  /** Resolves when the request may leave; rejects with `AbortError`. */
  wait(limit: ThrottledLimit, waiter: Waiter, signal: AbortSignal | undefined): Promise<void> {
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

  #queueFull(limitId: string, lane: Lane, length: number): RateLimitError {
    return new RateLimitError(`${length} ${WORD_OF_LANE[lane]} wait for rate limit "${limitId}" already`, {
      code: "QUEUE_FULL",
      hint: "nothing was sent; ask for less, or later",
    });
  }
}

const nothing = (): void => undefined;
