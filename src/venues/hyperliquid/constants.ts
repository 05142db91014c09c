import type { OrderStateTable, VenueUrls } from "../../connector/perpetual-venue.ts";
import { Decimal } from "../../model/decimal.ts";
import type { TerminalReason, VenueOrderState } from "../../model/order.ts";
import { wordTable } from "../../model/word-table.ts";
import type { RateLimit } from "../../net/throttler.ts";

export const VENUE = "hyperliquid_perpetual";
export const DEFAULT_DOMAIN = VENUE;
export const TESTNET_DOMAIN = "hyperliquid_perpetual_testnet";
export const DOMAINS = [DEFAULT_DOMAIN, TESTNET_DOMAIN] as const;

/** One address serves both streams; each has a connection of its own. */
export function webSockets(url: string): Readonly<Record<string, string>> {
  return { public: url, private: url };
}

export const URLS: Readonly<Record<string, VenueUrls>> = {
  [DEFAULT_DOMAIN]: { rest: "https://api.hyperliquid.xyz", webSockets: webSockets("wss://api.hyperliquid.xyz/ws") },
  [TESTNET_DOMAIN]: {
    rest: "https://api.hyperliquid-testnet.xyz",
    webSockets: webSockets("wss://api.hyperliquid-testnet.xyz/ws"),
  },
};

/** Prices are in dollars, margin, fees and profits in USDC. */
export const QUOTE = "USD";
export const SETTLE_COIN = "USDC";
/** Five significant digits, and no more decimals than six less those of a size (docs, tick and lot size). */
export const MAX_PRICE_DIGITS = 5;
export const MAX_PRICE_DECIMALS = 6;
export const MIN_NOTIONAL = new Decimal(10);
/** Most value of a market order by the market's largest leverage; limit orders have ten times as much (docs). */
export const MAX_MARKET_NOTIONALS: readonly (readonly [leverage: number, usd: number])[] = [
  [25, 30_000_000],
  [20, 5_000_000],
  [10, 2_000_000],
  [0, 500_000],
];
export const LIMIT_NOTIONAL_FACTOR = 10;
/**
 * Largest distance from the reference price at which a market order may trade, as other clients have it (Python SDK,
 * ccxt).
 */
export const MAX_SLIPPAGE = new Decimal("0.05");

/** All questions go to one path and all actions to the other: what is asked stands in the body. */
export const INFO_PATH_URL = "/info";
export const EXCHANGE_PATH_URL = "/exchange";
/** The time is told in the answer to `exchangeStatus`. */
export const SERVER_TIME_PATH_URL = INFO_PATH_URL;

/** Rows of an answer about a range of time; fills may be 2,000. A page of fewer is the last (docs, pagination). */
export const PAGE_SIZE = 500;
export const BATCH_SIZE = 39;
export const ORDER_BOOK_DEPTH = 20;
export const FUNDING_INTERVAL_MS = 3_600_000;
/**
 * `scheduleCancel` is refused where its time is less than five seconds ahead when it arrives, by the venue's clock (docs,
 * schedule cancel): two more are for the way there.
 */
export const MIN_SCHEDULED_CANCEL_MS = 5_000 + 2_000;
/** Time after which the venue refuses an order that is still under way. */
export const EXPIRES_AFTER_MS = 20_000;
/** Time for which the account's mode and a market's leverage are taken as they were told: each question weighs 20. */
export const FRESH_MODE_MS = 60_000;
export const FRESH_LEVERAGE_MS = 60_000;
/** Leverages that are asked for in a minute at most, so that they take a sixth of the limit. */
export const LEVERAGES_PER_MINUTE = 10;
/** Each market's context is in one answer, which is asked for once for all of them. */
export const FRESH_CONTEXTS_MS = 2_000;
export const FRESH_ROLE_MS = 600_000;

export const CHANNELS = { orderBook: "l2Book", trades: "trades", fundingInfo: "activeAssetCtx" } as const;
/** Three channels a market, and 1,000 subscriptions of one address (docs, rate limits). */
export const MARKETS_PER_CONNECTION = 100;
export const PRIVATE_CHANNELS = ["orderUpdates", "userFills", "userFundings"] as const;
/** A connection on which the venue has sent nothing for 60 s is closed (docs, heartbeats). */
export const HEARTBEAT_TIME_INTERVAL_MS = 30_000;
export const HEARTBEAT_TIMEOUT_MS = 10_000;

export const WEIGHT_LIMIT_ID = "weight of the address";
export const ACTIONS_LIMIT_ID = "actions of the account";
/** Cancels have an allowance of their own, larger than that of other actions (docs, address-based limits). */
export const CANCELS_LIMIT_ID = "cancels of the account";
export const WEB_SOCKET_MESSAGES = "web socket messages";
/** Most actions without an answer on the sockets of an address (docs, rate limits). */
export const MAX_UNANSWERED_POSTS = 100;
export const WEB_SOCKET_CONNECTIONS = "web socket connections";
/** "One request every 10 seconds" where the account's allowance is used up (docs, address-based limits). */
export const ALLOWANCE_PAUSE_MS = 10_000;

const MINUTE_MS = 60_000;
/** Actions that may overtake each other on their way. */
const BURST_LIMIT_ID = "actions under way";
const linkedLimits = [
  { limitId: WEIGHT_LIMIT_ID, weight: 1 },
  { limitId: BURST_LIMIT_ID, weight: 1 },
];
/** Limits of the address, and of the account as far as they are known: its allowance grows with what it trades (docs). */
export const RATE_LIMITS: readonly RateLimit[] = [
  { limitId: WEIGHT_LIMIT_ID, limit: 1_200, timeIntervalMs: MINUTE_MS, servesCancels: true },
  // A nonce has to be above the lowest of the signer's 100 highest (docs, nonces): the last of 400 that left at once was not.
  { limitId: BURST_LIMIT_ID, limit: 60, timeIntervalMs: 1_000, servesCancels: true },
  { limitId: ACTIONS_LIMIT_ID, limit: 2_400, timeIntervalMs: MINUTE_MS, linkedLimits },
  { limitId: CANCELS_LIMIT_ID, limit: 2_400, timeIntervalMs: MINUTE_MS, linkedLimits },
  { limitId: WEB_SOCKET_MESSAGES, limit: 1_900, timeIntervalMs: MINUTE_MS, isOfConnection: true },
  { limitId: WEB_SOCKET_CONNECTIONS, limit: 30, timeIntervalMs: MINUTE_MS },
];

const LIGHT = [
  ...["l2Book", "allMids", "clearinghouseState", "orderStatus", "spotClearinghouseState", "exchangeStatus"],
] as const;
/** Lists weigh one more for each 20 rows, which are not known before: room for some is taken with the question. */
const LISTS = ["recentTrades", "userFillsByTime", "userFunding"] as const;
const WEIGHTS: Readonly<Record<string, number>> = wordTable({
  ...Object.fromEntries(LIGHT.map((type) => [type, 2])),
  ...Object.fromEntries(LISTS.map((type) => [type, 22])),
  historicalOrders: 60,
  userRole: 60,
});
/** Weight of a question in the address's limit (docs, rate limits). */
export const weightOf = (type: string): number => WEIGHTS[type] ?? 20;

const STATES: OrderStateTable = wordTable<VenueOrderState>({
  open: "open",
  triggered: "open",
  filled: "filled",
  canceled: "canceled",
  scheduledCancel: "canceled",
  internalCancel: "canceled",
  rejected: "failed",
});

/**
 * State by the venue's word. It has about forty, of which those that begin with a cause end alike: `marginCanceled`,
 * `tickRejected`; undefined for one that does not.
 */
export function stateOf(status: string): VenueOrderState | undefined {
  if (status.endsWith("Canceled")) return "canceled";
  return status.endsWith("Rejected") ? "failed" : STATES[status];
}

/** Reason why an order ended, where the word says it; the engine calls all others the venue's reasons. */
export const TERMINAL_REASON: Readonly<Record<string, TerminalReason>> = wordTable<TerminalReason>({
  selfTradeCanceled: "selfTrade",
  reduceOnlyCanceled: "reduceOnly",
  reduceOnlyRejected: "reduceOnly",
  marginCanceled: "margin",
  perpMarginRejected: "margin",
  insufficientSpotBalanceRejected: "margin",
  liquidatedCanceled: "liquidation",
  badAloPxRejected: "postOnly",
  iocCancelRejected: "iocRemainder",
  marketOrderNoLiquidityRejected: "iocRemainder",
});
