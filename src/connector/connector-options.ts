import type { TradingPair } from "../model/market.ts";
import type { Credentials } from "../net/auth.ts";
import type { SharedRateLimits } from "../net/shared-rate-limits.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { FeeOverrides } from "../trading/fee-overrides.ts";
import type { RiskLimits } from "../trading/risk-limits.ts";
import type { BookThreadsChoice } from "./market-threads.ts";
import type { PerpetualVenue } from "./perpetual-venue.ts";

export type OrderEntryWay = "rest" | "socket";

/** Options of making a connector. Times are milliseconds. */
export interface PerpetualConnectorOptions {
  readonly venue: PerpetualVenue;
  readonly runtime: Runtime;
  readonly tradingPairs: readonly TradingPair[];
  /** Credentials of the account. Without them only public data is served. */
  readonly credentials?: Credentials | undefined;
  /** False: credentials are used to look, never to trade. Default true when there are credentials. */
  readonly isTradingRequired?: boolean | undefined;
  /** Default: warnings and errors as lines on standard error. `SILENT_LOGGER` drops everything. */
  readonly logger?: Logger | undefined;
  /** Path where orders, fills and cursors are kept; `:memory:` keeps them for this process only. */
  readonly journalPath?: string | undefined;
  /** `power` survives a power cut as well as a killed process. Default `process`. */
  readonly journalDurability?: "process" | "power" | undefined;
  /**
   * Most ended orders that are kept, for `doneOrders`, look-ups by id and late fills: 1 to 100,000, default 1,000. The
   * journal still knows the fills of a forgotten order, so that none is counted twice; a later fill of it changes the
   * account and is told without an order.
   */
  readonly doneOrdersKept?: number | undefined;
  /** Cancel every open order when the connector stops. Default false: `stop()` leaves orders alone. */
  readonly cancelOnStop?: boolean | undefined;
  /** Refuse orders that the known available collateral cannot carry. Default true. */
  readonly budgetCheck?: boolean | undefined;
  /** Limits of the user's own that every order is held against. */
  readonly riskLimits?: RiskLimits | undefined;
  /** Fees of the user's own for what orders are expected to pay. Default: what the venue tells. */
  readonly feeOverrides?: FeeOverrides | undefined;
  /**
   * An order that is lost is canceled as well: whoever was told that nobody knows of it does not find it open later.
   * Default false: it is watched, and canceled by `cancel()` or `cancelAll()`.
   */
  readonly cancelLostOrders?: boolean | undefined;
  /** The part of the venue's rate limits that this process may use. Default 100. */
  readonly rateLimitsSharePercentage?: number | undefined;
  /**
   * Limits that the connectors of this process count together: venues count the requests of an address or an account.
   * Default: each connector counts its own.
   */
  readonly sharedRateLimits?: SharedRateLimits | undefined;
  /**
   * Way of creations, amends and cancels: REST, or a socket where the venue takes them over one. While the socket is down
   * they go over REST. Default `rest`.
   */
  readonly orderEntry?: OrderEntryWay | undefined;
  readonly timings?: Partial<ConnectorTimings> | undefined;
  /** Threads that follow the order books. Default: none, the thread of the program does. */
  readonly bookThreads?: BookThreadsChoice | undefined;
  /** Runs as long as the connector: `stop()` ends it as the last. */
  readonly companion?: AsyncDisposable | undefined;
}

export interface ConnectorTimings {
  /** Status polls while the user stream is not healthy. */
  readonly shortPollIntervalMs: number;
  /** Status polls while the user stream is healthy. */
  readonly longPollIntervalMs: number;
  readonly tradingRulesPollIntervalMs: number;
  readonly tradingFeesPollIntervalMs: number;
  /** Balances and positions are refreshed this long after a fill, where no channel carries them. */
  readonly refreshAfterFillMs: number;
  /** First and longest wait between two look-ups of an order whose fate is not known. */
  readonly resolutionBackOffMs: readonly [first: number, longest: number];
  /** An order of which looks have found nothing for this long is reported as lost. */
  readonly lostAfterMs: number;
  readonly lostOrderPollIntervalMs: number;
  /** A cancel that is not confirmed after this long is looked up and sent again. */
  readonly cancelConfirmationMs: number;
  /** Fills that the venue claims and that do not arrive within this are fetched. */
  readonly missingFillsMs: number;
  /** An ended order is forgotten after this long, also where there are fewer than `doneOrdersKept`. Default 10 minutes. */
  readonly doneOrdersKeptMs: number;
  /** Time before its cursor at which a catch-up starts. */
  readonly catchUpOverlapMs: number;
  /** Funding payments are looked for this far back on a first start. */
  readonly fundingHistoryMs: number;
  /**
   * Fills and funding payments that are older are forgotten by the journal, and never asked for: longer than a process
   * is ever down. What payments add up to stays known. Default 100 days.
   */
  readonly journalHistoryMs: number;
  readonly requestTimeoutMs: number;
  /**
   * A create or an amend that refusals of the venue or the network hold up for longer than this is not sent. Waiting its
   * turn at the pace of a rate limit does not count.
   */
  readonly maxRequestAgeMs: number;
}

export const DEFAULT_TIMINGS: ConnectorTimings = {
  shortPollIntervalMs: 5_000,
  longPollIntervalMs: 120_000,
  tradingRulesPollIntervalMs: 1_800_000,
  tradingFeesPollIntervalMs: 43_200_000,
  refreshAfterFillMs: 250,
  resolutionBackOffMs: [250, 10_000],
  lostAfterMs: 300_000,
  lostOrderPollIntervalMs: 60_000,
  cancelConfirmationMs: 2_000,
  missingFillsMs: 1_500,
  doneOrdersKeptMs: 10 * 60_000,
  catchUpOverlapMs: 60_000,
  fundingHistoryMs: 86_400_000,
  journalHistoryMs: 100 * 86_400_000,
  requestTimeoutMs: 10_000,
  maxRequestAgeMs: 5_000,
};
