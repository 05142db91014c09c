import { EpochWindow } from "../epoch-window.ts";
import { RateWindows } from "../rate-windows.ts";
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

/** Whole seconds until a count starts anew. */
const secondsLeft = (window: EpochWindow, nowMs: number): number =>
  Math.max(1, Math.ceil(window.leftMs(nowMs) / 1_000));

export interface OrderCounts {
  readonly in10Seconds: number;
  readonly inMinute: number;
}

/** Counts weight by address and orders by account; where limits do not hold it only counts, for the headers. */
export class RateLimiter {
  readonly #isStrict: boolean;
  readonly #weight = new EpochWindow(MINUTE_MS);
  readonly #refusals = new EpochWindow(MINUTE_MS);
  readonly #orders10s = new EpochWindow(10_000);
  readonly #orders1m = new EpochWindow(MINUTE_MS);
  readonly #bannedUntil = new Map<string, number>();
  readonly #connections = new RateWindows();

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
      { "retry-after": String(secondsLeft(this.#weight, nowMs)) },
    );
  }

  mayConnect(address: string, nowMs: number): boolean {
    return !this.#isStrict || this.#connections.of(address, CONNECTIONS).take(1, nowMs) >= 0;
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
      throw tooManyOrders(LIMITS.ordersPer10Seconds, "10 SECOND", secondsLeft(this.#orders10s, nowMs));
    }
    if (inMinute > LIMITS.ordersPerMinute) {
      throw tooManyOrders(LIMITS.ordersPerMinute, "1 MINUTE", secondsLeft(this.#orders1m, nowMs));
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
