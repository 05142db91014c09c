import type { VenueManifest } from "../../connector/perpetual-venue.ts";
import { Decimal } from "../../model/decimal.ts";
import { KEY_AND_SECRET, SUB_ACCOUNT } from "../../net/auth.ts";
import { FtxChecksum } from "./checksum.ts";
import {
  DEFAULT_DOMAIN,
  DOMAINS,
  HEARTBEAT_TIME_INTERVAL_MS,
  HEARTBEAT_TIMEOUT_MS,
  ORDER_BOOK_DEPTH,
} from "./constants.ts";

export const DEFAULT_FEES = {
  makerPercentFee: new Decimal("0.0002"),
  takerPercentFee: new Decimal("0.0007"),
  percentFeeToken: "USD",
  makerFixedFees: [],
  takerFixedFees: [],
  buyPercentFeeDeductedFromReturns: false,
};

export const manifest: VenueManifest = {
  name: "ftx_perpetual",
  displayName: "FTX",
  // The last that is archived: FTX closed in that month.
  documentsDate: "2022-11",
  notice: "FTX closed in November 2022; this connector reaches only servers that you name, the paper venue by default.",
  domains: DOMAINS,
  defaultDomain: DEFAULT_DOMAIN,
  exampleTradingPair: "BTC-USD",
  credentials: [...KEY_AND_SECRET, SUB_ACCOUNT],
  balancesAreEquity: true,
  collateralTokens: ["USD"],
  defaultFees: DEFAULT_FEES,
  orderTypes: ["limit", "limitMaker", "market"],
  timesInForce: ["GTC", "IOC"],
  positionModes: ["oneWay"],
  // No documented length cap; unique forever within an account, closed orders included (docs, 400-bad-request).
  clientOrderId: {
    kind: "text",
    maxLength: undefined,
    prefix: "pw-",
    isQueryable: true,
  },
  continuity: { kind: "checksum", depth: ORDER_BOOK_DEPTH, createChecksum: () => new FtxChecksum(ORDER_BOOK_DEPTH) },
  heartbeat: {
    intervalMs: HEARTBEAT_TIME_INTERVAL_MS,
    ping: () => ({ op: "ping" }),
    timeoutMs: HEARTBEAT_TIMEOUT_MS,
  },
  // A quiet market sends no book frame at all; silence is checked by a fresh partial, which costs one frame.
  cadencesMs: { orderBook: 30_000, trades: 60_000, fundingInfo: 20_000 },
  // An error does not say which channel it is about: each is asked for in a request of its own.
  publicStreams: { channelsPerRequest: 1 },
  cancelsAreSynchronous: false,
  userStream: { socket: "all", carriesBalances: false, carriesPositions: false },
  hasServerTime: false,
  fundingInfo: { source: "poll", intervalMs: 5_000 },
  fundingFeePollIntervalMs: 120_000,
  retentionMs: Number.POSITIVE_INFINITY,
  // A request more than 30 s old is refused (docs, 401-unauthorized).
  createDeadlineMs: 30_000,
  // A modified order is a new one with an id of its own; the old one may fill meanwhile (docs, modify order).
  amendStyle: "replace",
  leverageScope: "account",
  notOffered: {
    "[TR] MINIMUN NOTIONAL SIZE": "FTX had no minimum notional: the rule is zero.",
    "SERVER TIME": "FTX's main API had no server time endpoint.",
    "USER BALANCE CHANNEL (total and available)": "FTX had no balance channel: balances are refreshed after each fill.",
    "AUTO-DELEVERAGING": "FTX's API told of no auto-deleveraging.",
  },
};
