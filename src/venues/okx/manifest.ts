import type { VenueManifest } from "../../connector/perpetual-venue.ts";
import { Decimal } from "../../model/decimal.ts";
import { KEY_AND_SECRET, PASSPHRASE } from "../../net/auth.ts";
import * as constants from "./constants.ts";

const { HEARTBEAT_TIME_INTERVAL_MS: intervalMs, HEARTBEAT_TIMEOUT_MS: timeoutMs } = constants;

export const DEFAULT_FEES = {
  makerPercentFee: new Decimal("0.0002"),
  takerPercentFee: new Decimal("0.0005"),
  ...{ makerFixedFees: [], takerFixedFees: [], buyPercentFeeDeductedFromReturns: false },
};

export const manifest: VenueManifest = {
  name: constants.VENUE,
  displayName: "OKX",
  documentsDate: "2026-08-20",
  domains: constants.DOMAINS,
  defaultDomain: constants.DEFAULT_DOMAIN,
  exampleTradingPair: "BTC-USDT",
  credentials: [...KEY_AND_SECRET, PASSPHRASE],
  collateralTokens: [constants.SETTLE_COIN],
  defaultFees: DEFAULT_FEES,
  orderTypes: ["limit", "limitMaker", "market"],
  timesInForce: ["GTC", "IOC", "FOK"],
  positionModes: ["oneWay", "hedge"],
  // "A combination of case-sensitive alphanumerics ... of up to 32 characters"; unique among open orders (docs, order).
  clientOrderId: {
    ...{ kind: "text", maxLength: 32, pattern: /^[A-Za-z0-9]{1,32}$/, prefix: "pw" },
    isQueryable: true,
  },
  // `prevSeqId` is the `seqId` of the message before, also where a maintenance set `seqId` back (docs, order book).
  continuity: {
    ...{ kind: "sequence", style: "previousId", snapshotSource: "stream", follows: "window", isNeverQuiet: true },
    // A notice of 2026-02-12 announced that the stream loses its snapshot; the page of 2026-07-07 still has it.
    joinsOverRest: true,
    // "400 depth levels will be pushed in the initial full snapshot", then changes (docs); not seen live how a level leaves.
    depth: constants.ORDER_BOOK_DEPTH,
  },
  heartbeat: { intervalMs, ping: () => "ping", timeoutMs },
  webSocketConnectionLimitId: constants.WEB_SOCKET_CONNECTIONS,
  publicStreams: {
    channelsPerRequest: constants.CHANNELS_PER_REQUEST,
    requestsPerConnection: constants.REQUESTS_PER_CONNECTION,
  },
  // A book without a change repeats its `seqId` after 60 s, a mark price its value after 10 s, an index after a minute;
  // the funding rate comes every 30 to 90 s (docs).
  cadencesMs: { orderBook: 75_000, trades: 60_000, markPrice: 15_000, indexPrice: 75_000, fundingRate: 120_000 },
  cancelsAreSynchronous: false,
  userStream: { socket: "private", carriesBalances: true, carriesPositions: true },
  hasServerTime: true,
  fundingInfo: { source: "stream" },
  fundingFeePollIntervalMs: 120_000,
  // An order that was canceled without a fill is remembered for two hours only (docs, get order).
  retentionMs: 7_200_000,
  // A request is refused 30 s after its timestamp; the rest is for an order that was taken and is not listed yet.
  createDeadlineMs: constants.REQUEST_VALID_MS + 5_000,
  marginModesSideBySide: true,
  leverageScope: "market",
  batchSizes: { create: constants.BATCH_SIZE, cancel: constants.BATCH_SIZE },
  notOffered: {
    "[TR] MINIMUN NOTIONAL SIZE": "OKX has no least value of an order: `minSz` is its only minimum.",
    "INVERSE AND DATED CONTRACTS":
      "Only linear perpetuals that settle in USDT (instType SWAP, ctType linear) are offered.",
    "DEAD MAN SWITCH OF ONE MARKET": "Cancel-all-after covers the whole account, and its time is 10 to 120 seconds.",
    "ISOLATED MARGIN": "Orders open in cross margin; isolated positions are shown and can be closed.",
  },
};
