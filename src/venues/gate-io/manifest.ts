import type { VenueManifest } from "../../connector/perpetual-venue.ts";
import { Decimal } from "../../model/decimal.ts";
import { KEY_AND_SECRET, USER_ID } from "../../net/auth.ts";
import * as constants from "./constants.ts";

const { HEARTBEAT_TIME_INTERVAL_MS: intervalMs, HEARTBEAT_TIMEOUT_MS: timeoutMs } = constants;

/** Fees of an account without volume; the contracts' own rates are those of the base tier, and are not the user's. */
export const DEFAULT_FEES = {
  makerPercentFee: new Decimal("0.0002"),
  takerPercentFee: new Decimal("0.0005"),
  percentFeeToken: constants.SETTLE_COIN,
  makerFixedFees: [],
  takerFixedFees: [],
  buyPercentFeeDeductedFromReturns: false,
};

export const manifest: VenueManifest = {
  name: constants.VENUE,
  displayName: "Gate.io",
  documentsDate: "2026-08-20",
  domains: constants.DOMAINS,
  defaultDomain: constants.DEFAULT_DOMAIN,
  exampleTradingPair: "BTC-USDT",
  credentials: [...KEY_AND_SECRET, USER_ID],
  collateralTokens: [constants.SETTLE_COIN],
  defaultFees: DEFAULT_FEES,
  orderTypes: ["limit", "limitMaker", "market"],
  timesInForce: ["GTC", "IOC", "FOK"],
  positionModes: ["oneWay", "hedge"],
  // "Prefixed with t-, no longer than 28 bytes without it, 0-9, A-Z, a-z, _ - or ." (docs, FuturesOrder `text`). The venue
  // takes one text twice, and shows the later order only: ours never repeat.
  clientOrderId: {
    kind: "text",
    maxLength: 30,
    pattern: /^t-[0-9A-Za-z_.-]{1,28}$/,
    prefix: "t-pw-",
    isQueryable: true,
    queryableForMs: constants.UNFILLED_KNOWN_FOR_MS,
  },
  // `U` is the last `u` + 1, and changes are told within the level that the subscription names (docs, order_book_update).
  continuity: {
    kind: "sequence",
    style: "contiguous",
    snapshotSource: "rest",
    depth: constants.ORDER_BOOK_DEPTH,
    follows: "window",
  },
  heartbeat: { intervalMs, ping: () => ({ channel: constants.PING_CHANNEL }), timeoutMs },
  // One channel a request: a request with one contract that is not known is refused as a whole, and is told by its id.
  publicStreams: { channelsPerRequest: 1 },
  // A quiet market sends no change; its silence costs one snapshot. Tickers come every second or two.
  cadencesMs: { orderBook: 30_000, trades: 60_000, fundingInfo: 20_000 },
  cancelsAreSynchronous: true,
  // The balance channel has no `available`.
  userStream: { socket: "private", carriesBalances: false, carriesPositions: true },
  hasServerTime: true,
  // Tickers are not documented to tell the time of the next settlement, which the contract does.
  fundingInfo: { source: "stream", isAskedFirst: true, pollIntervalMs: 60_000 },
  fundingFeePollIntervalMs: 120_000,
  retentionMs: constants.HISTORY_MS,
  // The venue counts from the order's end, which is after its creation (docs, orders).
  forgetsAfterCreation: { unfilledMs: constants.UNFILLED_KNOWN_FOR_MS, otherMs: constants.HISTORY_MS },
  // A request is refused 5 s after it was signed; the rest is for an order that was taken and is not found yet.
  createDeadlineMs: 15_000,
  leverageScope: "market",
  batchSizes: { create: constants.CREATE_BATCH_SIZE, cancel: constants.CANCEL_BATCH_SIZE },
  notOffered: {
    "[TR] MINIMUN NOTIONAL SIZE": "Gate.io has no least value of an order: `order_size_min` is its only minimum.",
    "OTHER CONTRACTS": "Only USDT perpetuals are offered: BTC-settled and dated contracts have accounts of their own.",
    "FRACTIONAL CONTRACTS":
      "Gate.io publishes no step for the contracts that may be traded in fractions: they are traded in whole contracts.",
  },
};
