import type { OrderStateTable, VenueUrls } from "../../connector/perpetual-venue.ts";
import type { PositionAdjustment } from "../../model/account-update.ts";
import type { TerminalReason } from "../../model/order.ts";
import type { VenueMarkets } from "../../model/venue-markets.ts";
import { wordTable } from "../../model/word-table.ts";
import type { RateLimit } from "../../net/throttler.ts";

export const VENUE = "okx_perpetual";
export const DEFAULT_DOMAIN = VENUE;
export const DEMO_DOMAIN = "okx_perpetual_demo";
export const DOMAINS = [DEFAULT_DOMAIN, DEMO_DOMAIN] as const;

/** The streams of a host, by the names that the data sources use. */
export function webSockets(host: string): Readonly<Record<string, string>> {
  return { public: `${host}/ws/v5/public`, private: `${host}/ws/v5/private` };
}

const rest = "https://www.okx.com";
export const URLS: Readonly<Record<string, VenueUrls>> = {
  [DEFAULT_DOMAIN]: { rest, webSockets: webSockets("wss://ws.okx.com:8443") },
  [DEMO_DOMAIN]: { rest, webSockets: webSockets("wss://wspap.okx.com:8443") },
};
/** Headers that tell demo trading from the real one; both share a REST host (docs, overview, demo trading services). */
export const DEMO_HEADERS: Readonly<Record<string, string>> = { "x-simulated-trading": "1" };

export const INSTRUMENT_TYPE = "SWAP";
export const SETTLE_COIN = "USDT";
/** Margin mode of every order that opens: the margin is that of the whole account. */
export const MARGIN_MODE = "cross";

export const SERVER_TIME_PATH_URL = "/api/v5/public/time";
export const INSTRUMENTS_PATH_URL = "/api/v5/public/instruments";
export const FUNDING_RATE_PATH_URL = "/api/v5/public/funding-rate";
export const MARK_PRICE_PATH_URL = "/api/v5/public/mark-price";
export const INDEX_TICKERS_PATH_URL = "/api/v5/market/index-tickers";
export const TICKERS_PATH_URL = "/api/v5/market/tickers";
export const ORDER_BOOK_PATH_URL = "/api/v5/market/books";
export const ORDER_PATH_URL = "/api/v5/trade/order";
export const CREATE_BATCH_PATH_URL = "/api/v5/trade/batch-orders";
export const CANCEL_ORDER_PATH_URL = "/api/v5/trade/cancel-order";
export const CANCEL_BATCH_PATH_URL = "/api/v5/trade/cancel-batch-orders";
export const AMEND_ORDER_PATH_URL = "/api/v5/trade/amend-order";
export const CANCEL_ALL_AFTER_PATH_URL = "/api/v5/trade/cancel-all-after";
export const OPEN_ORDERS_PATH_URL = "/api/v5/trade/orders-pending";
export const ORDER_HISTORY_PATH_URL = "/api/v5/trade/orders-history";
export const OPEN_ALGO_ORDERS_PATH_URL = "/api/v5/trade/orders-algo-pending";
export const CANCEL_ALGO_ORDERS_PATH_URL = "/api/v5/trade/cancel-algos";
/** Kinds of conditional orders, each of which has to be asked for (docs, algo orders). */
export const ALGO_ORDER_TYPES = ["conditional", "oco", "chase", "trigger", "move_order_stop", "twap"] as const;
export const BALANCES_PATH_URL = "/api/v5/account/balance";
export const POSITIONS_PATH_URL = "/api/v5/account/positions";
export const CONFIG_PATH_URL = "/api/v5/account/config";
export const LEVERAGE_PATH_URL = "/api/v5/account/set-leverage";
export const LEVERAGE_INFO_PATH_URL = "/api/v5/account/leverage-info";
export const POSITION_MODE_PATH_URL = "/api/v5/account/set-position-mode";
export const FEE_RATES_PATH_URL = "/api/v5/account/trade-fee";
/** Each list of the last days has one that reaches back three months and may be asked less often (docs). */
export const FILLS = { path: "/api/v5/trade/fills", reachesMs: 3 * 86_400_000, long: "/api/v5/trade/fills-history" };
export const BILLS = {
  path: "/api/v5/account/bills",
  reachesMs: 7 * 86_400_000,
  long: "/api/v5/account/bills-archive",
};
export const HISTORY_MS = 90 * 86_400_000;
/** Rows of one page, and of one batch (docs). */
export const PAGE_SIZE = 100;
export const BATCH_SIZE = 20;
/** Instruments of one leverage request (docs, get-leverage). */
export const LEVERAGE_BATCH_SIZE = 20;
/** Levels a side of the `books` channel, and the most that REST gives (docs, order book channel). */
export const ORDER_BOOK_DEPTH = 400;
export const FUNDING_BILL_TYPE = "8";
/** The shortest and the longest time of cancel-all-after (docs). */
export const CANCEL_ALL_AFTER_SECONDS = { least: 10, most: 120 };

/** Mark price, index and funding rate have a channel each. */
export const CHANNELS = {
  orderBook: "books",
  trades: "trades",
  markPrice: "mark-price",
  indexPrice: "index-tickers",
  fundingRate: "funding-rate",
} as const;
/** Fewer than 30 book channels a connection are advised (docs, websocket best practices). */
export const MARKETS_PER_CONNECTION = 30;
/** Channels of one request: its length is 64 KB at most (docs, subscribe), and one takes 60 bytes. */
export const CHANNELS_PER_REQUEST = 150;
/** A connection takes 480 logins and changes of subscriptions in an hour (docs, connect). */
export const REQUESTS_PER_CONNECTION = { limit: 440, timeIntervalMs: 3_600_000 } as const;
/** New connections of one address: three a second (docs, connect). */
export const WEB_SOCKET_CONNECTIONS = "web socket connections";
/** `balance_and_position` alone tells that funding was settled (docs, eventType `funding_fee`). */
export const PRIVATE_CHANNELS = ["orders", "positions", "account", "balance_and_position"] as const;
/** Events of both streams; a notice says that the connection ends for an upgrade of the service: "please reconnect". */
const EVENTS = { subscribe: "subscribed", notice: "reconnect", "channel-conn-count": "ignored" } as const;
/** Told after the confirmation where a channel has more than 30 connections, whose subscription is ended (docs). */
export const REVOKED = "channel-conn-count-error";
export const PUBLIC_EVENTS = { ...EVENTS, unsubscribe: "unsubscribed", error: "error" } as const;
export const PRIVATE_EVENTS = {
  ...EVENTS,
  login: "authenticated",
  unsubscribe: "subscribed",
  [REVOKED]: "error",
} as const;
/** Errors of a request that came too soon: no channel of it is at fault (docs, websocket error codes). */
export const TOO_FREQUENT: ReadonlySet<string> = new Set(["60014", "64007"]);
/**
 * A connection that is silent for 30 s is closed; the text `ping` is answered with the text `pong` (docs, overview).
 */
export const HEARTBEAT_TIME_INTERVAL_MS = 20_000;
export const HEARTBEAT_TIMEOUT_MS = 8_000;
/** A request is refused this long after its timestamp (docs, error 50102). */
export const REQUEST_VALID_MS = 30_000;

export const ORDER_STATE: OrderStateTable = wordTable({
  live: "open",
  partially_filled: "partiallyFilled",
  filled: "filled",
  canceled: "canceled",
  mmp_canceled: "canceled",
});

function byCode<Value extends string>(codes: Readonly<Record<Value, readonly (string | number)[]>>) {
  const rows = Object.entries<readonly (string | number)[]>(codes);
  return new Map(rows.flatMap(([value, own]) => own.map((code) => [String(code), value as Value] as const)));
}

/**
 * Reason why an order was canceled, by `cancelSource`; the engine calls all others the venue's reasons (docs, order
 * channel).
 */
export const TERMINAL_REASON: ReadonlyMap<string, TerminalReason> = byCode({
  ...{ user: [1, 20], reduceOnly: [2, 17, 22, 23], liquidation: [3, 6], iocRemainder: [13, 14] },
  ...{ postOnly: [31], selfTrade: [32] },
});
/** Trades of the venue itself: an order's `category` or a fill's `subType` (docs, order channel, bills). */
export const ADJUSTMENT_REASON: ReadonlyMap<string, PositionAdjustment["reason"]> = byCode({
  liquidation: ["full_liquidation", "partial_liquidation", 100, 101, 102, 103, 104, 105, 106, 107],
  adl: ["adl", 125, 126, 127, 128],
  settlement: ["delivery", 112, 113],
});

/**
 * Bills of what makes an account richer or poorer, by type: trades, delivery, liquidation, interest, funding, ADL,
 * clawback, settlement; what is left out are transfers, moved margin and conversions (docs, bills, type).
 */
export const CASH_FLOW_BILLS: ReadonlySet<string> = new Set(["2", "3", "5", "7", "8", "9", "10", "34"]);

/** The order endpoint is created at and asked; the asking has a limit of its own. */
export const ORDER_STATUS_LIMIT_ID = `GET ${ORDER_PATH_URL}`;
const ORDERS_LIMIT_ID = "orders of the sub-account";
const WINDOW_MS = 2_000;

/** Limits in two seconds. */
const PER_PATH: readonly (readonly [limit: number, ...paths: string[]])[] = [
  [300, CREATE_BATCH_PATH_URL, CANCEL_BATCH_PATH_URL],
  [60, ORDER_STATUS_LIMIT_ID, OPEN_ORDERS_PATH_URL, FILLS.path],
  [40, ORDER_HISTORY_PATH_URL, ORDER_BOOK_PATH_URL],
  [20, INSTRUMENTS_PATH_URL, TICKERS_PATH_URL, INDEX_TICKERS_PATH_URL, LEVERAGE_PATH_URL, LEVERAGE_INFO_PATH_URL],
  [10, FILLS.long, BALANCES_PATH_URL, POSITIONS_PATH_URL, SERVER_TIME_PATH_URL, FUNDING_RATE_PATH_URL],
  [20, OPEN_ALGO_ORDERS_PATH_URL, CANCEL_ALGO_ORDERS_PATH_URL],
  [10, MARK_PRICE_PATH_URL],
  [5, CONFIG_PATH_URL, FEE_RATES_PATH_URL, POSITION_MODE_PATH_URL, BILLS.long],
  [2, CANCEL_ALL_AFTER_PATH_URL],
];

/** Limits of a path and, where it is private, of the account; public ones are of the address (docs, by endpoint). */
export const RATE_LIMITS: readonly RateLimit[] = [
  // 1,000 new and changed orders for a sub-account (50061), of which batches may take 300.
  { limitId: ORDERS_LIMIT_ID, limit: 700, timeIntervalMs: WINDOW_MS },
  // Counted by the second: ten in two seconds would pass as ten at once (50011).
  { limitId: BILLS.path, limit: 5, timeIntervalMs: 1_000 },
  { limitId: WEB_SOCKET_CONNECTIONS, limit: 3, timeIntervalMs: 1_000 },
  ...PER_PATH.flatMap(([limit, ...paths]) => paths.map((limitId) => ({ limitId, limit, timeIntervalMs: WINDOW_MS }))),
];

export const marketLimitId = (path: string, symbol: string): string => `${path} ${symbol}`;

/** Single orders have their limits for each instrument. */
export function marketRateLimits({ bySymbol }: VenueMarkets): readonly RateLimit[] {
  const linkedLimits = [{ limitId: ORDERS_LIMIT_ID, weight: 1 }];
  const common = { limit: 60, timeIntervalMs: WINDOW_MS };
  return [...bySymbol.keys()].flatMap((symbol) => [
    { limitId: marketLimitId(ORDER_PATH_URL, symbol), ...common, linkedLimits },
    { limitId: marketLimitId(AMEND_ORDER_PATH_URL, symbol), ...common, linkedLimits },
    { limitId: marketLimitId(CANCEL_ORDER_PATH_URL, symbol), ...common },
  ]);
}
