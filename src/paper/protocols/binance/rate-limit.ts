import { RollingWindow } from "../rolling-window.ts";
import { ApiError } from "./errors.ts";

const MINUTE_MS = 60_000;

/** Limits as `exchangeInfo` lists them. */
export const LIMITS = {
  weightPerMinute: 2_400,
  ordersPer10Seconds: 300,
  ordersPerMinute: 1_200,
} as const;

export const RATE_LIMIT_ROWS = [
  { rateLimitType: "REQUEST_WEIGHT", interval: "MINUTE", intervalNum: 1, limit: LIMITS.weightPerMinute },
  { rateLimitType: "ORDERS", interval: "MINUTE", intervalNum: 1, limit: LIMITS.ordersPerMinute },
  { rateLimitType: "ORDERS", interval: "SECOND", intervalNum: 10, limit: LIMITS.ordersPer10Seconds },
] as const;

/** Requests that an address may still send in a minute that is used up. Binance names no number. */
const REFUSALS_BEFORE_BAN = 30;
/** New connections of an address (docs, connect). */
const CONNECTIONS = { count: 300, windowMs: 5 * MINUTE_MS };
/** The shortest ban; Binance lengthens them up to three days for those who do not stop. */
const BAN_MS = 2 * MINUTE_MS;

class Window {
  readonly #lengthMs: number;
  readonly #counts = new Map<string, { window: number; used: number }>();

  constructor(lengthMs: number) {
    this.#lengthMs = lengthMs;
  }

  add(name: string, amount: number, nowMs: number): number {
    const window = Math.floor(nowMs / this.#lengthMs);
    const count = this.#counts.get(name);
    if (count === undefined || count.window !== window) {
      this.#counts.set(name, { window, used: amount });
      return amount;
    }
    count.used += amount;
    return count.used;
  }

  /** Whole seconds until the count starts anew. */
  secondsLeft(nowMs: number): number {
    return Math.max(1, Math.ceil((this.#lengthMs - (nowMs % this.#lengthMs)) / 1_000));
  }
}

export interface OrderCounts {
  readonly in10Seconds: number;
  readonly inMinute: number;
}

/** Counts weight by address and orders by account; where limits do not hold it only counts, for the headers. */
export class RateLimiter {
  readonly #isStrict: boolean;
  readonly #weight = new Window(MINUTE_MS);
  readonly #refusals = new Window(MINUTE_MS);
  readonly #orders10s = new Window(10_000);
  readonly #orders1m = new Window(MINUTE_MS);
  readonly #bannedUntil = new Map<string, number>();
  readonly #connections = new Map<string, RollingWindow>();

  constructor(isStrict: boolean) {
    this.#isStrict = isStrict;
  }

  get isStrict(): boolean {
    return this.#isStrict;
  }

  /** The weight used in this minute. */
  weigh(address: string, weight: number, nowMs: number): number {
    return this.#weight.add(address, weight, nowMs);
  }

  /** Throws the 418 or 429 when the address has used more than its weight. */
  checkWeight(address: string, used: number, nowMs: number): void {
    if (!this.#isStrict) return;
    const bannedUntil = this.#bannedUntil.get(address) ?? 0;
    if (nowMs < bannedUntil) throw banned(address, bannedUntil, nowMs);
    if (used <= LIMITS.weightPerMinute) return;
    if (this.#refusals.add(address, 1, nowMs) > REFUSALS_BEFORE_BAN) {
      this.#bannedUntil.set(address, nowMs + BAN_MS);
      throw banned(address, nowMs + BAN_MS, nowMs);
    }
    throw new ApiError(
      429,
      -1003,
      `Too many requests; current limit of IP(${address}) is ${LIMITS.weightPerMinute} requests per minute. Please use the websocket for live updates to avoid polling the API.`,
      { "retry-after": String(this.#weight.secondsLeft(nowMs)) },
    );
  }

  mayConnect(address: string, nowMs: number): boolean {
    if (!this.#isStrict) return true;
    const window = this.#connections.get(address) ?? new RollingWindow(CONNECTIONS.count, CONNECTIONS.windowMs);
    this.#connections.set(address, window);
    return window.take(1, nowMs) >= 0;
  }

  countOrders(accountId: string, { in10Seconds, inMinute }: OrderCounts, nowMs: number): OrderCounts {
    return {
      in10Seconds: this.#orders10s.add(accountId, in10Seconds, nowMs),
      inMinute: this.#orders1m.add(accountId, inMinute, nowMs),
    };
  }

  /** Throws the 429 when the account has sent too many orders. */
  checkOrders({ in10Seconds, inMinute }: OrderCounts, nowMs: number): void {
    if (!this.#isStrict) return;
    if (in10Seconds > LIMITS.ordersPer10Seconds) {
      throw tooManyOrders(LIMITS.ordersPer10Seconds, "10 SECOND", this.#orders10s.secondsLeft(nowMs));
    }
    if (inMinute > LIMITS.ordersPerMinute) {
      throw tooManyOrders(LIMITS.ordersPerMinute, "1 MINUTE", this.#orders1m.secondsLeft(nowMs));
    }
  }
}

/** The refusal of an address that is banned. */
export function banned(address: string, untilMs: number, nowMs: number): ApiError {
  return new ApiError(
    418,
    -1003,
    `Way too many requests; IP(${address}) banned until ${Math.floor(untilMs)}. Please use the websocket for live updates to avoid bans.`,
    { "retry-after": String(Math.max(1, Math.ceil((untilMs - nowMs) / 1_000))) },
  );
}

function tooManyOrders(limit: number, interval: string, retryAfter: number): ApiError {
  const text = `Too many new orders; current limit is ${limit} orders per ${interval}.`;
  return new ApiError(429, -1015, text, { "retry-after": String(retryAfter) });
}
