import { ConfigError } from "../model/error.ts";
import { checkRateLimits, type RateLimit } from "./rate-limit.ts";
import { type Demand, RatePool } from "./rate-pool.ts";
import { WaiterQueue } from "./throttler-waiter.ts";
import type { Turnstile } from "./turnstile.ts";
import type { Lane } from "./venue-api.ts";

/** A rate limit with its pool, those that it is linked to and those that wait for it. */
export interface ThrottledLimit {
  rateLimit: RateLimit;
  readonly pool: RatePool;
  demands: readonly Demand[];
  readonly queues: Readonly<Record<Lane, WaiterQueue<RatePool>>>;
}

export const LANES: readonly Lane[] = ["cancel", "create", "book", "poll"];

/** The limits of a throttler, each linked to the pools that its requests are counted in. */
export class ThrottledLimits {
  /** Every request of a limit that is not of a connection needs it: a ban closes it. */
  readonly address = new RatePool("address");
  readonly #turnstile: Turnstile;
  readonly #sharePercentage: number;
  readonly #marginMs: number;
  readonly #rateLimits = new Map<string, RateLimit>();
  readonly #limits = new Map<string, ThrottledLimit>();

  constructor(turnstile: Turnstile, sharePercentage: number, marginMs: number) {
    this.#turnstile = turnstile;
    this.#sharePercentage = sharePercentage;
    this.#marginMs = marginMs;
  }

  /** The limit of that id. Throws `ConfigError` for an unknown one. */
  of(limitId: string): ThrottledLimit {
    const limit = this.#limits.get(limitId);
    if (limit !== undefined) return limit;
    throw new ConfigError(`unknown rate limit "${limitId}"`, {
      hint: `known are ${[...this.#limits.keys()].join(", ")}`,
    });
  }

  all(): Iterable<ThrottledLimit> {
    return this.#limits.values();
  }

  /** Adds limits or replaces those of the same id; usage stays counted. Throws `ConfigError`, changing nothing. */
  set(rateLimits: readonly RateLimit[]): void {
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
    for (const rateLimit of rateLimits) this.#link(this.of(rateLimit.limitId));
  }

  #link(limit: ThrottledLimit): void {
    const { rateLimit } = limit;
    for (const lane of LANES) for (const waiter of limit.queues[lane]) this.#turnstile.unpark(waiter, false);
    countWaiting(limit, -1);
    const own = { pool: limit.pool, weight: rateLimit.weight ?? 1 };
    const linked = (rateLimit.linkedLimits ?? []).map(({ limitId, weight }) => ({
      pool: this.of(limitId).pool,
      weight,
    }));
    const address = rateLimit.isOfConnection === true ? [] : [{ pool: this.address, weight: 0 }];
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
}

function newQueues(): Readonly<Record<Lane, WaiterQueue<RatePool>>> {
  return {
    cancel: new WaiterQueue<RatePool>(),
    create: new WaiterQueue<RatePool>(),
    book: new WaiterQueue<RatePool>(),
    poll: new WaiterQueue<RatePool>(),
  };
}

export function demandsOf({ demands }: ThrottledLimit, weight: number | undefined): readonly Demand[] {
  const [own, ...others] = demands;
  return own === undefined || weight === undefined ? demands : [{ pool: own.pool, weight }, ...others];
}

function countWaiting(limit: ThrottledLimit, change: 1 | -1): void {
  for (const lane of LANES) {
    for (const { demands } of limit.queues[lane]) for (const { pool } of demands) pool.waiting += change;
  }
}
