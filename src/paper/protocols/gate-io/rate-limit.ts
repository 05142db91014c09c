import { RateWindows, type WindowSize } from "../rate-windows.ts";
import { tooManyRequests } from "./errors.ts";

export interface Limit extends WindowSize {
  /** Name of what shares the limit; by default each path has its own. */
  readonly name?: string;
}

export const PUBLIC_LIMIT: Limit = { count: 200, windowMs: 10_000 };
export const PRIVATE_LIMIT: Limit = { count: 200, windowMs: 10_000 };
/** Creates and amends, single and in batches, in which each order counts. */
export const ORDER_LIMIT: Limit = { count: 100, windowMs: 1_000, name: "orders" };
export const CANCEL_LIMIT: Limit = { count: 200, windowMs: 1_000, name: "cancels" };
/** Orders over sockets count for this one as well, of all kinds. */
export const SOCKET_LIMIT: Limit = { count: 100, windowMs: 1_000, name: "orders over sockets" };

/** Rest of a limit, and when (epoch milliseconds) it is whole or opens again. */
export interface Allowance {
  readonly limit: number;
  readonly left: number;
  readonly resetMs: number;
}

/** Limits of addresses and of each account's endpoints; what is `off` lets all pass. */
export class RateLimiter {
  readonly #isOn: boolean;
  readonly #windows = new RateWindows();

  constructor(isOn: boolean) {
    this.#isOn = isOn;
  }

  /** Throws the 429, which has the headers too. `weight` is the number of a batch's orders. */
  take(subject: string, limit: Limit, weight: number, nowMs: number): Allowance {
    const { count, windowMs } = limit;
    const whole = { limit: count, left: Math.max(count - weight, 0), resetMs: nowMs + windowMs };
    if (!this.#isOn) return whole;
    const window = this.#windows.of(subject, limit);
    const left = window.take(weight, nowMs);
    if (left >= 0) return { ...whole, left };
    throw tooManyRequests(limitHeaders({ limit: count, left: 0, resetMs: window.opensMs(weight, nowMs) }));
  }
}

export function limitHeaders({ limit, left, resetMs }: Allowance): Record<string, string> {
  return {
    "X-Gate-RateLimit-Requests-Remain": String(left),
    "X-Gate-RateLimit-Limit": String(limit),
    "X-Gate-RateLimit-Reset-Timestamp": String(Math.ceil(resetMs / 1_000)),
  };
}
