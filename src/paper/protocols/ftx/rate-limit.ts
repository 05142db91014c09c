import { ApiError } from "./errors.ts";

/**
 * Limit of `limit` requests in each window of `windowMs`, counted from the epoch, as FTX counted its 200 ms windows.
 */
export interface WindowLimit {
  readonly limit: number;
  readonly windowMs: number;
}

export interface RateLimits {
  /** Order placement, account-wide; cancels and reads do not count. */
  readonly orders: WindowLimit;
  /** Order placement in one market. */
  readonly ordersPerMarket: WindowLimit;
  /** All requests of a key, or of an address where there is no key. */
  readonly requests: WindowLimit;
}

/** Limits that Hummingbot assumed for the default tier, and the 30 requests a second of FTX's documentation. */
export const STRICT_LIMITS: RateLimits = {
  orders: { limit: 2, windowMs: 200 },
  ordersPerMarket: { limit: 7, windowMs: 1_000 },
  requests: { limit: 30, windowMs: 1_000 },
};

interface Count {
  window: number;
  used: number;
}

/** Counts requests; without limits it lets everything pass. */
export class RateLimiter {
  readonly #limits: RateLimits | undefined;
  readonly #counts = new Map<string, Count>();

  constructor(limits: RateLimits | undefined) {
    this.#limits = limits;
  }

  /** Throws the 429 when the caller has used up its requests. */
  request(caller: string, nowMs: number): void {
    if (this.#limits === undefined) return;
    const { requests } = this.#limits;
    if (!this.#take(`request ${caller}`, requests, nowMs)) throw tooMany(requests, nowMs, "Slow down");
  }

  /** Throws the 429 when the account has placed too many orders; a refused order counts as well. */
  order(accountId: string, market: string, nowMs: number): void {
    if (this.#limits === undefined) return;
    const { orders, ordersPerMarket } = this.#limits;
    if (!this.#take(`order ${accountId}`, orders, nowMs)) throw tooManyOrders(orders, nowMs);
    if (!this.#take(`order ${accountId} ${market}`, ordersPerMarket, nowMs)) {
      throw tooManyOrders(ordersPerMarket, nowMs);
    }
  }

  #take(name: string, { limit, windowMs }: WindowLimit, nowMs: number): boolean {
    const window = Math.floor(nowMs / windowMs);
    const count = this.#counts.get(name);
    if (count === undefined || count.window !== window) {
      this.#counts.set(name, { window, used: 1 });
      return true;
    }
    count.used += 1;
    return count.used <= limit;
  }
}

function tooManyOrders(limit: WindowLimit, nowMs: number): ApiError {
  return tooMany(limit, nowMs, `Do not send more than ${limit.limit} orders per ${limit.windowMs}ms`);
}

function tooMany({ windowMs }: WindowLimit, nowMs: number, message: string): ApiError {
  const waitSeconds = Math.ceil((windowMs - (nowMs % windowMs)) / 1_000);
  return new ApiError(429, message, { "retry-after": String(waitSeconds) });
}
