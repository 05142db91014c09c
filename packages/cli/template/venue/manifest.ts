import type { VenueManifest } from "../../../../src/connector/perpetual-venue.ts";
import { Decimal } from "../../../../src/model/decimal.ts";
import type { TradeFeeSchema } from "../../../../src/model/fee.ts";
import { KEY_AND_SECRET } from "../../../../src/net/auth.ts";
import * as constants from "./constants.ts";

// CHECK: the fees of an account without volume.
export const DEFAULT_FEES: TradeFeeSchema = {
  makerPercentFee: new Decimal("0.0002"),
  takerPercentFee: new Decimal("0.0005"),
  makerFixedFees: [],
  takerFixedFees: [],
  buyPercentFeeDeductedFromReturns: false,
};

export const manifest: VenueManifest = {
  name: constants.VENUE,
  displayName: constants.DISPLAY_NAME,
  // CHECK: date of the documents that the rest was checked against, "YYYY-MM-DD".
  documentsDate: undefined,
  domains: constants.DOMAINS,
  defaultDomain: constants.DEFAULT_DOMAIN,
  exampleTradingPair: "BTC-USDT",
  // <credentials>
  credentials: KEY_AND_SECRET,
  // </credentials>
  // CHECK: what positions are margined and settled in.
  collateralTokens: ["USDT"],
  defaultFees: DEFAULT_FEES,
  orderTypes: ["limit", "limitMaker", "market"],
  timesInForce: ["GTC", "IOC", "FOK"],
  // <position-modes>
  positionModes: ["oneWay"],
  // </position-modes>
  // CHECK: its form, and whether the venue refuses an id that it has seen.
  clientOrderId: {
    kind: "text",
    maxLength: 36,
    pattern: /^[A-Za-z0-9_-]{1,36}$/,
    prefix: "pw-",
    isQueryable: true,
  },
  // <continuity>
  continuity: {
    kind: "sequence",
    // <continuity-style>
    style: "previousId",
    // </continuity-style>
    // <snapshot-source>
    // CHECK: add `follows: "window"` where the messages keep the best levels and tell which enters as another leaves.
    snapshotSource: "stream",
    // </snapshot-source>
    depth: constants.ORDER_BOOK_DEPTH,
  },
  // </continuity>
  heartbeat: {
    intervalMs: constants.HEARTBEAT_TIME_INTERVAL_MS,
    // CHECK: what keeps a connection open; "protocol" where it is WebSocket's own ping.
    ping: () => ({ op: "ping" }),
    timeoutMs: constants.HEARTBEAT_TIMEOUT_MS,
  },
  // CHECK: the longest silence of a channel that is normal on a live market.
  cadencesMs: { orderBook: 30_000, fundingInfo: 30_000 },
  // CHECK: whether the answer to a cancel is its end, and what the private stream carries.
  cancelsAreSynchronous: false,
  userStream: { socket: "private", carriesBalances: true, carriesPositions: true },
  // <has-server-time>
  hasServerTime: true,
  // </has-server-time>
  fundingInfo: { source: "stream" },
  fundingFeePollIntervalMs: 120_000,
  // CHECK: for how long a closed order can be asked for.
  retentionMs: 86_400_000,
  // CHECK: after how long a request that was sent can no longer become an order.
  createDeadlineMs: 10_000,
  leverageScope: "market",
  // Rows of the checklist that the venue does not have, with the reason.
  notOffered: {},
};
