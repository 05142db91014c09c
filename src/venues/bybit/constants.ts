import type { OrderStateTable, VenueUrls } from "../../connector/perpetual-venue.ts";
import type { PositionAdjustment } from "../../model/account-update.ts";
import type { MarginMode, TerminalReason } from "../../model/order.ts";
import { wordTable } from "../../model/word-table.ts";
import type { RateLimit } from "../../net/throttler.ts";

export const VENUE = "bybit_perpetual";
export const DEFAULT_DOMAIN = VENUE;
export const TESTNET_DOMAIN = "bybit_perpetual_testnet";
export const DEMO_DOMAIN = "bybit_perpetual_demo";
export const DOMAINS = [DEFAULT_DOMAIN, TESTNET_DOMAIN, DEMO_DOMAIN] as const;

/** The streams of a host, by the names that the data sources use. */
export function webSockets(host: string): Readonly<Record<string, string>> {
  return { public: `${host}/v5/public/linear`, private: `${host}/v5/private`, trade: `${host}/v5/trade` };
}

const MAINNET = "wss://stream.bybit.com";
/** Demo trading has a private stream of its own, mainnet's public one, and takes no orders over a socket (docs v5, demo). */
const DEMO_SOCKETS = { public: `${MAINNET}/v5/public/linear`, private: "wss://stream-demo.bybit.com/v5/private" };
export const URLS: Readonly<Record<string, VenueUrls>> = {
  [DEFAULT_DOMAIN]: { rest: "https://api.bybit.com", webSockets: webSockets(MAINNET) },
  [TESTNET_DOMAIN]: { rest: "https://api-testnet.bybit.com", webSockets: webSockets("wss://stream-testnet.bybit.com") },
  [DEMO_DOMAIN]: { rest: "https://api-demo.bybit.com", webSockets: DEMO_SOCKETS },
};

export const CATEGORY = "linear";
/** Perpetuals settle in these; only USDT ones have hedge mode (docs, switch-mode). */
export const HEDGE_SETTLE_COIN = "USDT";
export const SETTLE_COINS: readonly string[] = [HEDGE_SETTLE_COIN, "USDC"];

export const SERVER_TIME_PATH_URL = "/v5/market/time";
export const INSTRUMENTS_PATH_URL = "/v5/market/instruments-info";
export const TICKERS_PATH_URL = "/v5/market/tickers";
export const ORDER_BOOK_PATH_URL = "/v5/market/orderbook";
export const CREATE_ORDER_PATH_URL = "/v5/order/create";
export const AMEND_ORDER_PATH_URL = "/v5/order/amend";
export const CANCEL_ORDER_PATH_URL = "/v5/order/cancel";
export const CREATE_BATCH_PATH_URL = "/v5/order/create-batch";
export const CANCEL_BATCH_PATH_URL = "/v5/order/cancel-batch";
export const OPEN_ORDERS_PATH_URL = "/v5/order/realtime";
export const ORDER_HISTORY_PATH_URL = "/v5/order/history";
export const EXECUTIONS_PATH_URL = "/v5/execution/list";
export const POSITIONS_PATH_URL = "/v5/position/list";
export const LEVERAGE_PATH_URL = "/v5/position/set-leverage";
export const POSITION_MODE_PATH_URL = "/v5/position/switch-mode";
export const BALANCES_PATH_URL = "/v5/account/wallet-balance";
export const ACCOUNT_INFO_PATH_URL = "/v5/account/info";
export const FEE_RATES_PATH_URL = "/v5/account/fee-rate";
export const TRANSACTION_LOG_PATH_URL = "/v5/account/transaction-log";

/** The longest span of one executions or transaction-log request, and how far back both reach (docs). */
export const WINDOW_MS = 7 * 86_400_000;
export const HISTORY_MS = 730 * 86_400_000;
/**
 * Orders of one batch. It may hold 20 linear ones (docs, create-batch), each of which counts towards the endpoint's
 * limit: more than 10 a second are refused to a default account.
 */
export const BATCH_SIZE = 10;

/** 200 levels come every 100 ms; 50 every 20 ms, 1,000 every 200 ms (docs, websocket orderbook). */
export const ORDER_BOOK_DEPTH = 200;
/**
 * "You cannot have length of args array over 21,000 characters" on one public connection (docs v5, connect): the three
 * topics of the longest symbols take 100 characters.
 */
export const MARKETS_PER_CONNECTION = 150;
/** Topics of one request; the venue's own client sends 500 at most. */
export const TOPICS_PER_REQUEST = 150;
/** Topics without a category: `wallet` has no other form, and the two forms cannot be mixed (docs, websocket order). */
export const PRIVATE_TOPICS = ["order", "execution", "position", "wallet"] as const;
/** Each has something to say of a fill: it changes the order, the position and the wallet. */
export const PRIVATE_CHANNELS = PRIVATE_TOPICS.map((name) => ({ name, followsFills: true }));
/** "Send the ping heartbeat packet every 20 seconds" (docs, websocket connect). */
export const HEARTBEAT_TIME_INTERVAL_MS = 20_000;
export const HEARTBEAT_TIMEOUT_MS = 10_000;
/** A request is taken from this long before the venue's time until 1 s after it (docs, guide). */
export const RECV_WINDOW_MS = 5_000;
export const WS_LOGIN_VALID_MS = 10_000;

/** `Cancelled` may have executed amounts; `Triggered` is on its way from `Untriggered` to `New` (docs, enum). */
export const ORDER_STATE: OrderStateTable = wordTable({
  New: "open",
  Untriggered: "open",
  Triggered: "open",
  PartiallyFilled: "partiallyFilled",
  Filled: "filled",
  Cancelled: "canceled",
  PartiallyFilledCanceled: "canceled",
  Deactivated: "canceled",
  Rejected: "failed",
});

/**
 * Entries that make an account richer or poorer; what is left out are transfers, conversions, loans and gifts (docs,
 * enum type of the transaction log).
 */
export const TRADE_FLOW_TYPES: ReadonlySet<string> = new Set(["TRADE", "DELIVERY", "LIQUIDATION", "ADL"]);
export const CASH_FLOW_TYPES: ReadonlySet<string> = new Set([
  ...TRADE_FLOW_TYPES,
  ...["SETTLEMENT", "INTEREST", "FEE_REFUND"],
]);

/** Margin modes of a unified account (docs, account-info); `PORTFOLIO_MARGIN` is neither. */
export const MARGIN_MODES: Readonly<Record<string, MarginMode>> = {
  REGULAR_MARGIN: "cross",
  ISOLATED_MARGIN: "isolated",
};

/** Trades of the venue itself, by `execType` (docs, enum execType) or by what made the order, `createType`. */
export const ADJUSTMENT_BY_EXEC_TYPE: Readonly<Record<string, PositionAdjustment["reason"]>> = wordTable({
  AdlTrade: "adl",
  BustTrade: "liquidation",
  Settle: "settlement",
  Delivery: "settlement",
});
/** Liquidation goes in steps, of which the first ones trade as any order does (docs, enum createType). */
export const ADJUSTMENT_BY_CREATE_TYPE: Readonly<Record<string, PositionAdjustment["reason"]>> = wordTable({
  CreateByLiq: "liquidation",
  CreateByTakeOver_PassThrough: "liquidation",
  CreateByAdl_PassThrough: "adl",
  CreateBySettle: "settlement",
});
/**
 * Types that are neither fills nor trades of the venue: the position's own channel tells what they change (docs, enum
 * execType).
 */
export const NO_TRADE_EXEC_TYPES: ReadonlySet<string> = new Set([
  ...["MovePosition", "SessionSettlePnL", "CorporateAction", "UNKNOWN"],
]);
export const TRADE_EXEC_TYPES: ReadonlySet<string> = new Set(["Trade", "BlockTrade", "FutureSpread"]);

/**
 * Reason why an order ended unfilled, by `rejectReason` or `cancelType`; the engine calls all others the venue's
 * reasons.
 */
export const TERMINAL_REASON: Readonly<Record<string, TerminalReason>> = wordTable({
  EC_PostOnlyWillTakeLiquidity: "postOnly",
  EC_NoEnoughQtyToFill: "iocRemainder",
  EC_NoImmediateQtyToFill: "iocRemainder",
  EC_CancelForNoFullFill: "iocRemainder",
  EC_BySelfMatch: "selfTrade",
  EC_StopBySelfMatch: "selfTrade",
  CancelByUser: "user",
  CancelByReduceOnly: "reduceOnly",
  CancelBySmp: "selfTrade",
  CancelByPrepareLiq: "liquidation",
  CancelAllBeforeLiq: "liquidation",
  CancelByPrepareAdl: "liquidation",
  CancelAllBeforeAdl: "liquidation",
});

export const IP_LIMIT_ID = "ip";
/** "Do not build over 500 connections in 5 minutes" to one domain (docs v5, connect). */
export const WEB_SOCKET_CONNECTIONS = "web socket connections";
/** "Terminate all HTTP sessions and wait for at least 10 minutes" (docs, rate-limit). */
export const IP_BAN_MS = 600_000;

const PER_SECOND: readonly (readonly [limit: number, ...paths: string[]])[] = [
  [10, CREATE_ORDER_PATH_URL, AMEND_ORDER_PATH_URL, CANCEL_ORDER_PATH_URL],
  [10, CREATE_BATCH_PATH_URL, CANCEL_BATCH_PATH_URL, LEVERAGE_PATH_URL, POSITION_MODE_PATH_URL],
  [50, OPEN_ORDERS_PATH_URL, ORDER_HISTORY_PATH_URL, EXECUTIONS_PATH_URL, POSITIONS_PATH_URL],
  [50, BALANCES_PATH_URL, ACCOUNT_INFO_PATH_URL],
  [25, TRANSACTION_LOG_PATH_URL],
  [5, FEE_RATES_PATH_URL],
];
const linkedLimits = [{ limitId: IP_LIMIT_ID, weight: 1 }];

/** 600 requests in 5 s for an address; within it a pool of the account for each endpoint (docs, rate-limit). */
export const RATE_LIMITS: readonly RateLimit[] = [
  { limitId: IP_LIMIT_ID, limit: 600, timeIntervalMs: 5_000, servesCancels: true },
  { limitId: WEB_SOCKET_CONNECTIONS, limit: 500, timeIntervalMs: 300_000 },
  ...PER_SECOND.flatMap(([limit, ...paths]) =>
    paths.map((limitId) => ({ limitId, limit, timeIntervalMs: 1_000, linkedLimits })),
  ),
];
