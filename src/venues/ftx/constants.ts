import type { OrderStateTable } from "../../connector/perpetual-venue.ts";
import type { RateLimit } from "../../net/throttler.ts";

/** FTX closed in November 2022: no URL is built in, and none of its hosts is ever resolved by default. */
export const DEFAULT_DOMAIN = "ftx_perpetual";
/** FTX US: the same protocol with headers that begin with `FTXUS-`. */
const US_DOMAIN = "ftx_us_perpetual";
export const DOMAINS = [DEFAULT_DOMAIN, US_DOMAIN] as const;

export const HEADER_PREFIX: Readonly<Record<string, string>> = { [DEFAULT_DOMAIN]: "FTX", [US_DOMAIN]: "FTXUS" };

/** Path of the server time: FTX had none on its main API, only `GET https://otc.ftx.com/api/time` (docs, 401 page). */
export const SERVER_TIME_PATH_URL = undefined;

export const PING_PATH_URL = "/";
export const MARKETS_PATH_URL = "/markets";
export const FUTURES_PATH_URL = "/futures";
export const ACCOUNT_PATH_URL = "/account";
export const LEVERAGE_PATH_URL = "/account/leverage";
export const BALANCES_PATH_URL = "/wallet/balances";
export const POSITIONS_PATH_URL = "/positions";
export const ORDERS_PATH_URL = "/orders";
export const ORDERS_BY_CLIENT_ID_PATH_URL = "/orders/by_client_id";
export const ORDER_HISTORY_PATH_URL = "/orders/history";
export const CONDITIONAL_ORDERS_PATH_URL = "/conditional_orders";
export const FILLS_PATH_URL = "/fills";
export const FUNDING_PAYMENTS_PATH_URL = "/funding_payments";

export const ORDER_BOOK_CHANNEL = "orderbook";
export const TRADES_CHANNEL = "trades";
export const FILLS_CHANNEL = "fills";
export const ORDERS_CHANNEL = "orders";

/** The deepest book that the REST endpoint and the channel show (docs, orderbook). */
export const ORDER_BOOK_DEPTH = 100;

/** Clients of the time pinged every 15 s; the answer must come before the next is due. */
export const HEARTBEAT_TIME_INTERVAL_MS = 15_000;
export const HEARTBEAT_TIMEOUT_MS = 10_000;

/** `closed` is filled or canceled: the amounts decide (there is no canceled status). */
export const ORDER_STATE: OrderStateTable = { new: "open", open: "open" };

export const REQUESTS_LIMIT_ID = "requests";
export const ORDERS_LIMIT_ID = "orders";

/** Order placement: 2 in 200 ms for the account; 30 requests a second over all (docs, rate-limits). */
export const RATE_LIMITS: readonly RateLimit[] = [
  { limitId: REQUESTS_LIMIT_ID, limit: 30, timeIntervalMs: 1_000, servesCancels: true },
  {
    limitId: ORDERS_LIMIT_ID,
    limit: 2,
    timeIntervalMs: 200,
    linkedLimits: [{ limitId: REQUESTS_LIMIT_ID, weight: 1 }],
  },
];

/** Order placement on one market: 7 a second, within the account's pools. */
export function marketOrdersLimit(symbol: string): RateLimit {
  return {
    limitId: marketOrdersLimitId(symbol),
    limit: 7,
    timeIntervalMs: 1_000,
    linkedLimits: [
      { limitId: ORDERS_LIMIT_ID, weight: 1 },
      { limitId: REQUESTS_LIMIT_ID, weight: 1 },
    ],
  };
}

export function marketOrdersLimitId(symbol: string): string {
  return `orders:${symbol}`;
}

/** Rows in one page once a time range is given (docs, pagination). */
export const PAGE_SIZE = 5_000;
export const FUNDING_INTERVAL_MS = 3_600_000;
