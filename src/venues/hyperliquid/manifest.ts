import type { VenueManifest } from "../../connector/perpetual-venue.ts";
import { Decimal } from "../../model/decimal.ts";
import { KEY_AND_ADDRESSES } from "../../net/auth.ts";
import * as constants from "./constants.ts";

const { HEARTBEAT_TIME_INTERVAL_MS: intervalMs, HEARTBEAT_TIMEOUT_MS: timeoutMs } = constants;

/** Fees of the lowest tier (docs, fees). */
export const DEFAULT_FEES = {
  makerPercentFee: new Decimal("0.00015"),
  takerPercentFee: new Decimal("0.00045"),
  percentFeeToken: constants.SETTLE_COIN,
  ...{ makerFixedFees: [], takerFixedFees: [], buyPercentFeeDeductedFromReturns: false },
};

export const manifest: VenueManifest = {
  name: constants.VENUE,
  displayName: "Hyperliquid",
  documentsDate: "2026-08",
  domains: constants.DOMAINS,
  defaultDomain: constants.DEFAULT_DOMAIN,
  exampleTradingPair: "BTC-USD",
  credentials: KEY_AND_ADDRESSES,
  collateralTokens: [constants.SETTLE_COIN],
  // `accountValue` has the unrealised profit and loss of the positions in it (docs, clearinghouseState).
  balancesAreEquity: true,
  isAccountPublic: true,
  defaultFees: DEFAULT_FEES,
  orderTypes: ["limit", "limitMaker", "market"],
  marketOrders: "bounded",
  timesInForce: ["GTC", "IOC"],
  positionModes: ["oneWay"],
  // `0x` and 32 hexadecimal digits (docs, exchange endpoint, cloid).
  clientOrderId: { kind: "hex128", isQueryable: true },
  // Each message of `l2Book` is the whole book: 20 levels a side, and neither deltas nor a sequence (docs, WebSocket).
  continuity: { kind: "snapshots", order: "timestamp", depth: constants.ORDER_BOOK_DEPTH, isNeverQuiet: true },
  heartbeat: { intervalMs, ping: () => ({ method: "ping" }), timeoutMs },
  webSocketLimitId: constants.WEB_SOCKET_MESSAGES,
  webSocketConnectionLimitId: constants.WEB_SOCKET_CONNECTIONS,
  // A message subscribes one channel.
  publicStreams: { channelsPerRequest: 1 },
  // A book comes with a block, half a second apart at least; other clients have seen five seconds.
  cadencesMs: { orderBook: 20_000, trades: 180_000, fundingInfo: 60_000 },
  cancelsAreSynchronous: false,
  // The account's state is polled: what a push of it says of a unified account means nothing (docs, account abstraction).
  userStream: { socket: "private", carriesBalances: false, carriesPositions: false },
  hasServerTime: true,
  // The channel does not tell when funding is paid next.
  fundingInfo: { source: "stream", pollIntervalMs: 30_000 },
  fundingFeePollIntervalMs: 120_000,
  // Retention of ended orders is not documented; 2,000 of them are listed.
  retentionMs: 86_400_000,
  // An order is refused from its `expiresAfter` on; the rest is for the clocks, and for one that is not listed yet.
  createDeadlineMs: constants.EXPIRES_AFTER_MS + 10_000,
  leverageScope: "market",
  // A modified order is canceled and a new one made, with an id of its own.
  amendStyle: "replace",
  amendSets: "allTerms",
  batchSizes: { create: constants.BATCH_SIZE, cancel: constants.BATCH_SIZE },
  notOffered: {
    "USER BALANCE CHANNEL (total and available)":
      "Balances are read again after each fill: what is pushed of a unified account means nothing.",
    "ORDERBOOK DIFF CHANNEL": "Each message of `l2Book` is the whole book.",
    "GET TRADES HISTORY BY ORDER ID":
      "Hyperliquid lists no fills of one order: those of the account since the order was made are read.",
    "BUILDER-DEPLOYED MARKETS":
      "Only markets of the main exchange are traded; what stands on others is named where an account is shown to be flat.",
    "DEAD MAN SWITCH OF ONE MARKET": "`scheduleCancel` covers the whole account, five seconds ahead at least.",
  },
};
