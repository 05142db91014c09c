import type { OrderStateTable } from "../../connector/perpetual-venue.ts";
import type { PositionAdjustment } from "../../model/account-update.ts";
import type { CashFlow } from "../../model/cash-flow.ts";
import { wordTable } from "../../model/word-table.ts";
import type { RateLimit } from "../../net/throttler.ts";

export const DEFAULT_DOMAIN = "binance_perpetual";
export const TESTNET_DOMAIN = "binance_perpetual_testnet";
export const DOMAINS = [DEFAULT_DOMAIN, TESTNET_DOMAIN] as const;

/** Hosts without paths. The testnet is Binance's demo trading, on hosts of its own (docs, general-info). */
/** `orders`: the host of the WebSocket API (docs, websocket-api-general-info). */
export const URLS: Readonly<
  Record<string, { readonly rest: string; readonly webSocket: string; readonly orders: string }>
> = {
  [DEFAULT_DOMAIN]: {
    rest: "https://fapi.binance.com",
    webSocket: "wss://fstream.binance.com",
    orders: "wss://ws-fapi.binance.com",
  },
  [TESTNET_DOMAIN]: {
    rest: "https://demo-fapi.binance.com",
    webSocket: "wss://fstream.binancefuture.com",
    orders: "wss://testnet.binancefuture.com",
  },
};
export const ORDERS_SOCKET_PATH = "/ws-fapi/v1";

/** Paths since the sockets were split on 2026-04-23 (docs, Important-WebSocket-Change-Notice). */
export const SOCKET_PATHS: Readonly<Record<string, string>> = {
  public: "/public/stream",
  market: "/market/stream",
  private: "/private/ws?listenKey={listenKey}",
};

export const PING_PATH_URL = "/fapi/v1/ping";
export const SERVER_TIME_PATH_URL = "/fapi/v1/time";
export const EXCHANGE_INFO_PATH_URL = "/fapi/v1/exchangeInfo";
export const FUNDING_INTERVALS_PATH_URL = "/fapi/v1/fundingInfo";
export const FUNDING_RATES_PATH_URL = "/fapi/v1/fundingRate";
export const MARK_PRICE_PATH_URL = "/fapi/v1/premiumIndex";
export const TICKER_PRICE_PATH_URL = "/fapi/v2/ticker/price";
export const SNAPSHOT_PATH_URL = "/fapi/v1/depth";
export const ORDER_PATH_URL = "/fapi/v1/order";
export const BATCH_ORDERS_PATH_URL = "/fapi/v1/batchOrders";
export const OPEN_ORDERS_PATH_URL = "/fapi/v1/openOrders";
export const OPEN_ALGO_ORDERS_PATH_URL = "/fapi/v1/openAlgoOrders";
export const ALGO_ORDER_PATH_URL = "/fapi/v1/algoOrder";
export const COUNTDOWN_PATH_URL = "/fapi/v1/countdownCancelAll";
export const TRADES_PATH_URL = "/fapi/v1/userTrades";
export const ACCOUNT_PATH_URL = "/fapi/v3/account";
export const POSITIONS_PATH_URL = "/fapi/v3/positionRisk";
export const SYMBOL_CONFIG_PATH_URL = "/fapi/v1/symbolConfig";
export const LEVERAGE_PATH_URL = "/fapi/v1/leverage";
export const POSITION_MODE_PATH_URL = "/fapi/v1/positionSide/dual";
export const COMMISSION_RATE_PATH_URL = "/fapi/v1/commissionRate";
export const FORCE_ORDERS_PATH_URL = "/fapi/v1/forceOrders";
export const INCOME_PATH_URL = "/fapi/v1/income";
export const LISTEN_KEY_PATH_URL = "/fapi/v1/listenKey";

/** Time that a signed request may take to reach the matching engine; the venue's own default (docs, general-info). */
export const RECEIVE_WINDOW_MS = 5_000;
/** A listen key lives 60 minutes from its creation or its last keep-alive (docs, user-data-streams). */
export const LISTEN_KEY_VALID_MS = 3_600_000;
export const LISTEN_KEY_KEEP_ALIVE_MS = 1_800_000;
export const HEARTBEAT_TIME_INTERVAL_MS = 30_000;
export const HEARTBEAT_TIMEOUT_MS = 10_000;
/** Streams of a connection: 1,024, of which two a market are on `/market` (docs, connect; 200 until 2025-07-02). */
export const MARKETS_PER_CONNECTION = 400;
/** A spot connection fell silent on messages over 4 kB (binance-connector-rust issue 27); names have 35 characters. */
export const STREAMS_PER_REQUEST = 100;
/** The deepest snapshot, which the documents ask for when a book is built. */
export const ORDER_BOOK_DEPTH = 1_000;
/** Depths of a snapshot and what each weighs (docs, Order-Book). */
export const SNAPSHOTS = [
  { limit: ORDER_BOOK_DEPTH, weight: 20 },
  { limit: 500, weight: 10 },
  { limit: 100, weight: 5 },
  { limit: 50, weight: 2 },
] as const;
/**
 * Weight that so many snapshots a minute may have together. Where they are asked for one by one the first are deeper: 550 of
 * them then weigh 2,060 of the minute's 2,400.
 */
export const SNAPSHOTS_WEIGHT = 600;
/**
 * One snapshot leaves room for so many of its depth: a line that broke again and again took the minute's weight by the
 * deepest, and the book waited half a minute for the next one, where one of 50 levels is a tenth.
 */
export const SNAPSHOTS_IN_ROOM = 6;
export const PAGE_SIZE = 1_000;
/** Longest time range of one request for fills or income (docs, Account-Trade-List). */
export const WINDOW_MS = 7 * 86_400_000;
/** Income is kept for three months (docs, Get-Income-History). */
export const INCOME_HISTORY_MS = 90 * 86_400_000;
/** Fills are kept for three months since 2026-08-26, which are 89 days at least (docs, Account-Trade-List). */
export const TRADES_HISTORY_MS = 89 * 86_400_000;
/** Forced orders of one answer, and how far back they can be asked for (docs, Users-Force-Orders). */
export const FORCE_ORDERS_PAGE_SIZE = 100;
export const BATCH_CREATE_SIZE = 5;
export const BATCH_CANCEL_SIZE = 10;
/** Interval of symbols that `fundingInfo` does not list. */
export const FUNDING_INTERVAL_HOURS = 8;

/** EXPIRED and EXPIRED_IN_MATCH may have executed in part: the amounts tell. */
export const ORDER_STATE: OrderStateTable = wordTable({
  NEW: "open",
  PARTIALLY_FILLED: "partiallyFilled",
  FILLED: "filled",
  CANCELED: "canceled",
  EXPIRED: "expired",
  EXPIRED_IN_MATCH: "expired",
  REJECTED: "failed",
  // States of orders of the venue itself: the counterparty of an auto-deleveraging, an order that the insurance fund
  // took over. No longer documented and still seen; such an order trades at once or not at all.
  NEW_ADL: "filled",
  NEW_INSURANCE: "filled",
});

/** Orders of the venue itself have client ids of their own (docs, Event-Order-Update). */
export const VENUE_CLIENT_IDS: readonly (readonly [prefix: string, reason: PositionAdjustment["reason"]])[] = [
  ["autoclose-", "liquidation"],
  ["adl_autoclose", "adl"],
  ["settlement_autoclose-", "settlement"],
];

/**
 * Income that makes an account richer or poorer; what is left out are transfers, conversions and gifts (docs,
 * Get-Income).
 */
export const CASH_FLOW_KINDS: Readonly<Record<string, CashFlow["kind"]>> = wordTable({
  REALIZED_PNL: "realizedPnl",
  COMMISSION: "fee",
  COMMISSION_REBATE: "fee",
  API_REBATE: "fee",
  REFERRAL_KICKBACK: "fee",
  FEE_RETURN: "fee",
  FUNDING_FEE: "funding",
  SPECIAL_FUNDING_FEE: "funding",
  INSURANCE_CLEAR: "other",
  DELIVERED_SETTELMENT: "other",
});

export const REQUEST_WEIGHT = "REQUEST_WEIGHT";
export const ORDERS_1MIN = "ORDERS_1MIN";
export const ORDERS_10SEC = "ORDERS_10SEC";
export const ORDER_BATCHES = "ORDER_BATCHES";
/** Shared by `fundingInfo` and `fundingRate`; these cost no weight. */
export const FUNDING_REQUESTS = "FUNDING_REQUESTS";
export const WEB_SOCKET_MESSAGES = "WEB_SOCKET_MESSAGES";
export const WEB_SOCKET_CONNECTIONS = "WEB_SOCKET_CONNECTIONS";

const linked = (limitId: string, weight: number) => ({ limitId, weight });
/** An order costs no weight, but a banned address cannot send it. */
const linkedLimits = [linked(ORDERS_1MIN, 1), linked(REQUEST_WEIGHT, 0)];
/** Cost of a batch, however many orders it has (docs, Place-Multiple-Orders). */
const ofBatch = [linked(ORDERS_10SEC, 5), linked(ORDERS_1MIN, 1), linked(REQUEST_WEIGHT, 5)];
export const RATE_LIMITS: readonly RateLimit[] = [
  { limitId: REQUEST_WEIGHT, limit: 2_400, timeIntervalMs: 60_000, servesCancels: true, servesBooks: true },
  { limitId: ORDERS_1MIN, limit: 1_200, timeIntervalMs: 60_000 },
  { limitId: ORDERS_10SEC, limit: 300, timeIntervalMs: 10_000, linkedLimits },
  { limitId: ORDER_BATCHES, limit: 300, timeIntervalMs: 10_000, weight: 5, linkedLimits: ofBatch },
  { limitId: FUNDING_REQUESTS, limit: 500, timeIntervalMs: 300_000, linkedLimits: [linked(REQUEST_WEIGHT, 0)] },
  // A connection that sends more than 10 messages a second is closed; pings count too (docs, connect).
  { limitId: WEB_SOCKET_MESSAGES, limit: 8, timeIntervalMs: 1_000, isOfConnection: true },
  // New connections of one address (docs, connect).
  { limitId: WEB_SOCKET_CONNECTIONS, limit: 300, timeIntervalMs: 300_000 },
];

/** Limit whose usage a response header tells, by header. */
export const USAGE_HEADERS: Readonly<Record<string, string>> = {
  "x-mbx-used-weight-1m": REQUEST_WEIGHT,
  "x-mbx-order-count-10s": ORDERS_10SEC,
  "x-mbx-order-count-1m": ORDERS_1MIN,
};
