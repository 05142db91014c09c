import { EpochWindow } from "../epoch-window.ts";
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

/** Limit and what was counted of it. */
class Counted {
  readonly limit: WindowLimit;
  readonly #window: EpochWindow;

  constructor(limit: WindowLimit) {
    this.limit = limit;
    this.#window = new EpochWindow(limit.windowMs);
  }

  take(name: string, nowMs: number): boolean {
    return this.#window.add(name, 1, nowMs) <= this.limit.limit;
  }
}

/** Counts requests; without limits it lets everything pass. */
export class RateLimiter {
  readonly #counted: Readonly<Record<keyof RateLimits, Counted>> | undefined;

  constructor(limits: RateLimits | undefined) {
    if (limits === undefined) return;
    const { orders, ordersPerMarket, requests } = limits;
    this.#counted = {
      orders: new Counted(orders),
      ordersPerMarket: new Counted(ordersPerMarket),
      requests: new Counted(requests),
    };
  }

  /** Throws the 429 when the caller has used up its requests. */
  request(caller: string, nowMs: number): void {
    if (this.#counted === undefined) return;
    const { requests } = this.#counted;
    if (!requests.take(caller, nowMs)) throw tooMany(requests.limit, nowMs, "Slow down");
  }

  /** Throws the 429 when the account has placed too many orders; a refused order counts as well. */
  order(accountId: string, market: string, nowMs: number): void {
    if (this.#counted === undefined) return;
    const { orders, ordersPerMarket } = this.#counted;
    if (!orders.take(accountId, nowMs)) throw tooManyOrders(orders.limit, nowMs);
    if (!ordersPerMarket.take(`${accountId} ${market}`, nowMs)) throw tooManyOrders(ordersPerMarket.limit, nowMs);
  }
}

function tooManyOrders(limit: WindowLimit, nowMs: number): ApiError {
  return tooMany(limit, nowMs, `Do not send more than ${limit.limit} orders per ${limit.windowMs}ms`);
}

function tooMany({ windowMs }: WindowLimit, nowMs: number, message: string): ApiError {
  const waitSeconds = Math.ceil((windowMs - (nowMs % windowMs)) / 1_000);
  return new ApiError(429, message, { "retry-after": String(waitSeconds) });
}
