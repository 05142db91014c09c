import type { VenueUrls } from "../../connector/perpetual-venue.ts";
import type { PositionAdjustment } from "../../model/account-update.ts";
import type { CashFlow } from "../../model/cash-flow.ts";
import type { TerminalReason } from "../../model/order.ts";
import { wordTable } from "../../model/word-table.ts";
import type { RateLimit } from "../../net/throttler.ts";

export const VENUE = "gate_io_perpetual";
export const DEFAULT_DOMAIN = VENUE;
export const TESTNET_DOMAIN = "gate_io_perpetual_testnet";
export const DOMAINS = [DEFAULT_DOMAIN, TESTNET_DOMAIN] as const;

/** Names the sockets of an address: one path carries public and private channels. */
function sameSocket(url: string): Readonly<Record<string, string>> {
  return { public: url, private: url };
}

/** The streams of a host, by the names that the data sources use. */
export const webSockets = (host: string): Readonly<Record<string, string>> => sameSocket(`${host}/v4/ws/usdt`);

/** Hosts of REST have no path here: `/api/v4` is part of what is signed (docs, authentication). */
export const URLS: Readonly<Record<string, VenueUrls>> = {
  [DEFAULT_DOMAIN]: { rest: "https://api.gateio.ws", webSockets: webSockets("wss://fx-ws.gateio.ws") },
  [TESTNET_DOMAIN]: {
    rest: "https://api-testnet.gateapi.io",
    webSockets: sameSocket("wss://ws-testnet.gate.com/v4/ws/futures/usdt"),
  },
};

/** Sizes as text, which may be fractional; without it they are numbers that are cut off at the point (docs, 2025-12-09). */
export const SIZE_HEADERS: Readonly<Record<string, string>> = { "X-Gate-Size-Decimal": "1" };

export const SETTLE_COIN = "USDT";
/** Points pay fees in the place of the settle coin where the user holds them. */
export const POINTS = "POINT";

export const SERVER_TIME_PATH_URL = "/api/v4/spot/time";
const FUTURES = "/api/v4/futures/usdt";
export const CONTRACTS_PATH_URL = `${FUTURES}/contracts`;
export const TICKERS_PATH_URL = `${FUTURES}/tickers`;
export const ORDER_BOOK_PATH_URL = `${FUTURES}/order_book`;
export const FUNDING_RATES_PATH_URL = `${FUTURES}/funding_rate`;
export const ORDERS_PATH_URL = `${FUTURES}/orders`;
export const CREATE_BATCH_PATH_URL = `${FUTURES}/batch_orders`;
export const CANCEL_BATCH_PATH_URL = `${FUTURES}/batch_cancel_orders`;
export const COUNTDOWN_PATH_URL = `${FUTURES}/countdown_cancel_all`;
export const PRICE_ORDERS_PATH_URL = `${FUTURES}/price_orders`;
export const ORDER_FILLS_PATH_URL = `${FUTURES}/my_trades`;
export const FILLS_PATH_URL = `${FUTURES}/my_trades_timerange`;
export const POSITIONS_PATH_URL = `${FUTURES}/positions`;
export const DUAL_POSITIONS_PATH_URL = `${FUTURES}/dual_comp/positions`;
export const DUAL_MODE_PATH_URL = `${FUTURES}/dual_mode`;
export const ACCOUNT_PATH_URL = `${FUTURES}/accounts`;
export const ACCOUNT_BOOK_PATH_URL = `${FUTURES}/account_book`;
export const FEES_PATH_URL = `${FUTURES}/fee`;
/** Balances of an account whose margin mode is not the classic one. */
export const UNIFIED_ACCOUNT_PATH_URL = "/api/v4/unified/accounts";

/** Most rows of one page (docs); positions have pages of 100. */
export const PAGE_SIZE = 1_000;
export const POSITIONS_PAGE_SIZE = 100;
/** Pages hold so many rows at least where there are more (docs, `limit`). */
export const MIN_FULL_PAGE = 100;
/** Fills, orders and postings reach back this far (docs, my_trades, orders). */
export const HISTORY_MS = 180 * 86_400_000;
/** An order that ended without a fill is forgotten so long after its end, by its text and by its id (docs, orders). */
export const TEXT_KNOWN_FOR_MS = 60_000;
export const UNFILLED_KNOWN_FOR_MS = 600_000;
/** A create or an amend is refused when it arrives later than this after it was signed (docs, `x-gate-exptime`). */
export const REQUEST_VALID_MS = 5_000;
/** Orders of one batch (docs); each counts against the limit of 100 a second. */
export const CREATE_BATCH_SIZE = 10;
export const CANCEL_BATCH_SIZE = 20;
/** The shortest time of `countdown_cancel_all`, in seconds; 0 switches it off (docs). */
export const MIN_COUNTDOWN_SECONDS = 5;

/** Levels a side of the channel, which is told changes within them alone, and of the snapshot that it is joined with. */
export const ORDER_BOOK_DEPTH = 100;
export const ORDER_BOOK_INTERVAL = "100ms";
export const CHANNELS = {
  orderBook: "futures.order_book_update",
  trades: "futures.trades",
  fundingInfo: "futures.tickers",
} as const;
/** Channels by their names without the prefix; a balance does not change with a fill that costs no fee. */
export const PRIVATE_CHANNELS = [
  { name: "orders", followsFills: true },
  { name: "usertrades", followsFills: true },
  { name: "positions", followsFills: true },
  { name: "balances", followsFills: false },
] as const;
export type PrivateChannelName = (typeof PRIVATE_CHANNELS)[number]["name"];
export const CHANNEL_PREFIX = "futures.";
export const PING_CHANNEL = "futures.ping";
export const PONG_CHANNEL = "futures.pong";
/** Channel of the notice that the server is upgraded and the connection ends (docs, 2026-07). */
export const SYSTEM_CHANNEL = "futures.system";
export const LOGIN_CHANNEL = "futures.login";
/** Error code of a subscription whose signature or key is not accepted. */
export const AUTHENTICATION_FAILED = 4;
/** Connections carry any number of channels; a market has three. */
export const MARKETS_PER_CONNECTION = 100;
export const HEARTBEAT_TIME_INTERVAL_MS = 15_000;
export const HEARTBEAT_TIMEOUT_MS = 10_000;

/** Reason of an order's end, by `finish_as`; the engine calls all others the venue's reasons (docs, FuturesOrder). */
export const TERMINAL_REASON: Readonly<Record<string, TerminalReason>> = wordTable({
  cancelled: "user",
  liquidated: "liquidation",
  auto_deleveraged: "liquidation",
  ioc: "iocRemainder",
  reduce_only: "reduceOnly",
  reduce_out: "reduceOnly",
  stp: "selfTrade",
});

/** Texts of orders that the venue made by itself (docs, FuturesOrder `text`); `clear` is a delisting. */
const ADJUSTMENT_TEXTS: Readonly<Record<string, PositionAdjustment["reason"]>> = wordTable({
  auto_deleveraging: "adl",
  liquidation: "liquidation",
  pm_liquidate: "liquidation",
  comb_margin_liquidate: "liquidation",
  scm_liquidate: "liquidation",
  insurance: "liquidation",
  clear: "settlement",
});

/** Undefined where the text is of an order of the account's owner: those of clients begin with `t-`. */
export function adjustmentReasonOf(text: string | null | undefined): PositionAdjustment["reason"] | undefined {
  if (text == null) return undefined;
  return /^(hedge-)?liq-/.test(text) ? "liquidation" : ADJUSTMENT_TEXTS[text];
}

/**
 * Postings that make an account richer or poorer. Left out are transfers: deposits and withdrawals, of points too, and
 * what a unified account settles between its wallets (`cross_settle`).
 */
export const CASH_FLOW_KINDS: Readonly<Record<string, CashFlow["kind"]>> = wordTable({
  pnl: "realizedPnl",
  fee: "fee",
  fund: "funding",
  refr: "other",
  bonus_offset: "other",
  point_fee: "fee",
  point_refr: "other",
});

/** Postings of points are told in the same lists and channel as those of the settle coin. */
export const isOfPoints = (type: string): boolean => type.startsWith("point_");

/** Creates and amends share a limit of the account, single ones and the rows of batches; so do cancels (docs, limits). */
export const ORDERS_LIMIT_ID = "orders of the account";
export const CANCELS_LIMIT_ID = "cancels of the account";
/** Orders of all kinds, over sockets (docs, WebSocket, rate limits). */
export const SOCKET_LIMIT_ID = "orders over the socket";

/** Each has a limit of its own: public ones of the address, private ones of the account. */
const OTHER_LIMIT_IDS = [
  ...[SERVER_TIME_PATH_URL, CONTRACTS_PATH_URL, TICKERS_PATH_URL, ORDER_BOOK_PATH_URL, FUNDING_RATES_PATH_URL],
  ...[ORDERS_PATH_URL, COUNTDOWN_PATH_URL, PRICE_ORDERS_PATH_URL, ORDER_FILLS_PATH_URL, FILLS_PATH_URL],
  ...[POSITIONS_PATH_URL, DUAL_POSITIONS_PATH_URL, DUAL_MODE_PATH_URL, ACCOUNT_PATH_URL, ACCOUNT_BOOK_PATH_URL],
  ...[FEES_PATH_URL, UNIFIED_ACCOUNT_PATH_URL],
];

export const RATE_LIMITS: readonly RateLimit[] = [
  { limitId: ORDERS_LIMIT_ID, limit: 100, timeIntervalMs: 1_000 },
  { limitId: CANCELS_LIMIT_ID, limit: 200, timeIntervalMs: 1_000, servesCancels: true },
  { limitId: SOCKET_LIMIT_ID, limit: 100, timeIntervalMs: 1_000, servesCancels: true },
  ...OTHER_LIMIT_IDS.map((limitId) => ({ limitId, limit: 200, timeIntervalMs: 10_000 })),
];
