import type { DailyResult } from "../account/daily-result.ts";
import type { FundingLedger } from "../account/funding-ledger.ts";
import type { PerpetualAccount } from "../account/perpetual-account.ts";
import type { ConnectorEvents } from "../model/event.ts";
import type { TradingPair } from "../model/market.ts";
import type { TypedEmitter } from "../model/typed-emitter.ts";
import type { UnreadableRow } from "../net/rows.ts";
import type { VenueContext } from "../net/venue-api.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Clock, Timers } from "../runtime/runtime.ts";
import type { ClientOrderIdFactory } from "../trading/client-order-id.ts";
import type { ClientOrderTracker } from "../trading/client-order-tracker.ts";
import type { InFlightOrder } from "../trading/in-flight-order.ts";
import type { OrderJournal } from "../trading/order-journal.ts";
import type { UntoldNews } from "../trading/untold-news.ts";
import type { CashFlowSync } from "./cash-flow-sync.ts";
import type { ConnectorTimings } from "./connector-options.ts";
import type { ExternalOrders } from "./external-orders.ts";
import type { OrderResolver } from "./order-resolver.ts";
import type { PerpetualVenue } from "./perpetual-venue.ts";
import type { UnreadableRows } from "./unreadable-rows.ts";

export interface AccountSyncOptions {
  readonly venue: PerpetualVenue;
  readonly tracker: ClientOrderTracker;
  readonly clientOrderIds: Pick<ClientOrderIdFactory, "isOwn">;
  readonly account: PerpetualAccount;
  readonly fundingLedger: FundingLedger;
  readonly dailyResult: DailyResult;
  readonly cashFlows: CashFlowSync;
  readonly externalOrders: ExternalOrders;
  readonly journal: OrderJournal;
  readonly untold: UntoldNews;
  /** The venue's time as far as known, which no step of our clock moves forward: cursors are set to it. */
  readonly askedAtMs: () => number;
  /** The earliest time that the venue is asked for: what is older may have been forgotten. */
  readonly horizonMs: () => number;
  readonly events: TypedEmitter<ConnectorEvents>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly timings: ConnectorTimings;
  readonly context: () => VenueContext;
  readonly tradingPairs: () => readonly TradingPair[];
  readonly resolver: OrderResolver;
  /** A poll told of a fill of ours that the stream had not told yet. */
  readonly onFillByPoll?: ((timestampMs: number) => void) | undefined;
  readonly unreadable: UnreadableRows;
  /** The order of ours that an unreadable row names. */
  readonly orderOfRow: (row: UnreadableRow) => InFlightOrder | undefined;
  readonly isGone: (tradingPair: TradingPair) => boolean;
  /** A market was left out of an answer. */
  readonly onMarketUnavailable: (tradingPair: TradingPair, error: unknown) => void;
}
