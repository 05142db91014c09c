import { ConfigError } from "../model/error.ts";

/** Limit of `limit` weight units in any `timeIntervalMs`. A request of this limit also counts in the linked ones. */
export interface RateLimit {
  readonly limitId: string;
  readonly limit: number;
  readonly timeIntervalMs: number;
  /** Weight of one request in this limit itself. Default 1. */
  readonly weight?: number | undefined;
  readonly linkedLimits?: readonly { readonly limitId: string; readonly weight: number }[] | undefined;
  /** Cancels need it: creates and polls leave a tenth of it to them. Known by itself after the first cancel. */
  readonly servesCancels?: boolean | undefined;
  /** Snapshots of books need it: polls leave a tenth of it to them. Known by itself after the first snapshot. */
  readonly servesBooks?: boolean | undefined;
  /** Messages of an open connection: a ban of the address does not hold them. */
  readonly isOfConnection?: boolean | undefined;
}

/** Computes the part of a limit that this process may use: whole units, rounded down. */
export function shareOf(limit: number, sharePercentage: number): number {
  return Math.floor((limit * sharePercentage) / 100);
}

/** Tells that a value is a share of limits, in percent. */
export function isShare(value: unknown): value is number {
  return typeof value === "number" && value > 0 && value <= 100;
}

/** Throws `ConfigError` unless every request of every limit can fit some day. */
export function checkRateLimits(rateLimits: ReadonlyMap<string, RateLimit>, sharePercentage: number): void {
  if (!isShare(sharePercentage)) {
    throw new ConfigError(`the rate limit share must be above 0 and at most 100 percent, got ${sharePercentage}`);
  }
  for (const rateLimit of rateLimits.values()) {
    const { limitId, limit, timeIntervalMs, weight = 1, linkedLimits = [] } = rateLimit;
    if (!(limit > 0 && timeIntervalMs > 0)) {
      throw new ConfigError(`rate limit "${limitId}" needs a positive limit and interval`);
    }
    checkWeight(rateLimit, weight, limitId, sharePercentage);
    const linked = new Set([limitId]);
    for (const link of linkedLimits) {
      const pool = rateLimits.get(link.limitId);
      if (pool === undefined) {
        throw new ConfigError(`rate limit "${limitId}" is linked to unknown rate limit "${link.limitId}"`);
      }
      if (linked.has(link.limitId)) {
        throw new ConfigError(`rate limit "${limitId}" is linked to "${link.limitId}" twice`);
      }
      linked.add(link.limitId);
      checkWeight(pool, link.weight, limitId, sharePercentage);
    }
  }
}

/** Throws `ConfigError` when one request of `requester` takes more of `pool` than there ever is. */
export function checkWeight(pool: RateLimit, weight: number, requester: string, sharePercentage: number): void {
  const capacity = shareOf(pool.limit, sharePercentage);
  if (weight >= 0 && weight <= capacity) return;
  throw new ConfigError(
    `a request of rate limit "${requester}" takes ${weight} of "${pool.limitId}", whose capacity is ${capacity}`,
    {
      hint:
        sharePercentage < 100 ? `${sharePercentage} percent of ${pool.limit}: raise the rate limit share` : undefined,
    },
  );
}
