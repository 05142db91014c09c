import type { VenueManifest } from "../../connector/perpetual-venue.ts";
import { Decimal } from "../../model/decimal.ts";
import { KEY_AND_SECRET } from "../../net/auth.ts";
import * as constants from "./constants.ts";

const { HEARTBEAT_TIME_INTERVAL_MS: intervalMs, HEARTBEAT_TIMEOUT_MS: timeoutMs } = constants;

export const DEFAULT_FEES = {
  makerPercentFee: new Decimal("0.0002"),
  takerPercentFee: new Decimal("0.00055"),
  makerFixedFees: [],
  takerFixedFees: [],
  buyPercentFeeDeductedFromReturns: false,
};

export const manifest: VenueManifest = {
  name: constants.VENUE,
  displayName: "Bybit",
  documentsDate: "2026-07-24",
  domains: constants.DOMAINS,
  defaultDomain: constants.DEFAULT_DOMAIN,
  exampleTradingPair: "BTC-USDT",
  credentials: KEY_AND_SECRET,
  collateralTokens: constants.SETTLE_COINS,
  balancesGoNegative: true,
  defaultFees: DEFAULT_FEES,
  orderTypes: ["limit", "limitMaker", "market"],
  timesInForce: ["GTC", "IOC", "FOK"],
  positionModes: ["oneWay", "hedge"],
  // "A max of 36 characters. Combinations of numbers, letters, dashes, and underscores"; always unique (docs, create).
  clientOrderId: {
    kind: "text",
    maxLength: 36,
    pattern: /^[A-Za-z0-9_-]{1,36}$/,
    prefix: "pw-",
    isQueryable: true,
  },
  // `u` counts by one from message to message; 1 is a restart of the service (docs, websocket orderbook).
  // A recording of 2024-12-01 holds as many levels as the topic names after each delta: what leaves it comes with size 0.
  continuity: {
    kind: "sequence",
    style: "contiguous",
    snapshotSource: "stream",
    depth: constants.ORDER_BOOK_DEPTH,
    follows: "window",
  },
  heartbeat: { intervalMs, ping: () => ({ op: "ping" }), timeoutMs },
  webSocketConnectionLimitId: constants.WEB_SOCKET_CONNECTIONS,
  publicStreams: { channelsPerRequest: constants.TOPICS_PER_REQUEST },
  // A quiet market sends no delta at all; silence is checked by a fresh snapshot, which costs one frame. Tickers come
  // with every change of the mark price; trades only with trades.
  cadencesMs: { orderBook: 30_000, trades: 60_000, fundingInfo: 20_000 },
  cancelsAreSynchronous: false,
  userStream: { socket: "private", carriesBalances: true, carriesPositions: true },
  hasServerTime: true,
  fundingInfo: { source: "stream" },
  fundingFeePollIntervalMs: 120_000,
  // An order that was canceled without a fill is remembered for 24 hours only (docs, order history).
  retentionMs: 86_400_000,
  // A request is refused 5 s after its timestamp; the rest is for an order that was taken and is not listed yet.
  createDeadlineMs: 10_000,
  leverageScope: "market",
  batchSizes: { create: constants.BATCH_SIZE, cancel: constants.BATCH_SIZE },
  notOffered: {
    "INVERSE AND DATED CONTRACTS":
      "Only linear perpetuals (category linear, contractType LinearPerpetual) are offered.",
    "HEDGE MODE OF USDC PERPETUALS": "Bybit keeps USDC perpetuals one-way; hedge mode applies to USDT perpetuals.",
    "DEAD MAN SWITCH":
      "Bybit's protection starts when the private stream disconnects, not when a call is missed, and has no off switch.",
    "WEBSOCKET ORDER ENTRY OF DEMO TRADING": "Demo trading has no socket for orders.",
  },
};
