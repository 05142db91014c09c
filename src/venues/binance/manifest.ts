import type { VenueManifest } from "../../connector/perpetual-venue.ts";
import { Decimal } from "../../model/decimal.ts";
import { KEY_AND_SECRET } from "../../net/auth.ts";
import * as constants from "./constants.ts";

/** Fees of an account without volume; they are charged in the margin asset, or in BNB where the user chose that. */
export const DEFAULT_FEES = {
  makerPercentFee: new Decimal("0.0002"),
  takerPercentFee: new Decimal("0.0005"),
  makerFixedFees: [],
  takerFixedFees: [],
  buyPercentFeeDeductedFromReturns: false,
};

export const manifest: VenueManifest = {
  name: "binance_perpetual",
  displayName: "Binance USDⓈ-M Futures",
  documentsDate: "2026-10-26",
  domains: constants.DOMAINS,
  defaultDomain: constants.DEFAULT_DOMAIN,
  exampleTradingPair: "BTC-USDT",
  credentials: KEY_AND_SECRET,
  collateralTokens: ["USDT", "USDC"],
  // Credits of accounts that may not hold stablecoins, worth one dollar each (docs, Futures trading credits).
  quoteTokens: ["BNFCR"],
  defaultFees: DEFAULT_FEES,
  feesAreAskedByMarket: true,
  orderTypes: ["limit", "limitMaker", "market"],
  timesInForce: ["GTC", "IOC", "FOK"],
  positionModes: ["oneWay", "hedge"],
  clientOrderId: {
    kind: "text",
    maxLength: 36,
    pattern: /^[.A-Z:/a-z0-9_-]{1,36}$/,
    prefix: "pw-",
    isQueryable: true,
    // Unique only among open orders (-4116): the id of an order that has filled is taken again, and would order twice.
  },
  // Diffs are of the whole book, the snapshot of its best 1,000 levels a side.
  continuity: { kind: "sequence", style: "previousId", snapshotSource: "rest", depth: constants.ORDER_BOOK_DEPTH },
  heartbeat: {
    intervalMs: constants.HEARTBEAT_TIME_INTERVAL_MS,
    ping: "protocol",
    timeoutMs: constants.HEARTBEAT_TIMEOUT_MS,
  },
  webSocketLimitId: constants.WEB_SOCKET_MESSAGES,
  webSocketConnectionLimitId: constants.WEB_SOCKET_CONNECTIONS,
  publicStreams: { channelsPerRequest: constants.STREAMS_PER_REQUEST },
  // A market without trading sends no diff at all; its silence costs one snapshot. Mark prices come every second.
  cadencesMs: { orderBook: 60_000, trades: 60_000, fundingInfo: 15_000 },
  cancelsAreSynchronous: true,
  // ACCOUNT_UPDATE has wallet balances but not what is available, and does not name the transaction of a funding fee.
  userStream: { socket: "private", carriesBalances: false, carriesPositions: true },
  hasServerTime: true,
  // Mark prices come at each full second: the first one may be a second away.
  fundingInfo: { source: "stream", isAskedFirst: true },
  fundingFeePollIntervalMs: 120_000,
  // Canceled and expired orders without a fill are forgotten after three days (docs, Query-Order).
  retentionMs: 3 * 86_400_000,
  // Ages count from the order's creation (docs, Query-Order).
  forgetsAfterCreation: { unfilledMs: 3 * 86_400_000, otherMs: 90 * 86_400_000 },
  // The receive window, and as much again for what waits in front of the matching engine.
  createDeadlineMs: 10_000,
  leverageScope: "market",
  // "Both quantity and price must be sent" (docs, Modify-Order).
  amendSets: "allTerms",
  batchSizes: { create: constants.BATCH_CREATE_SIZE, cancel: constants.BATCH_CANCEL_SIZE },
  notOffered: {},
};
