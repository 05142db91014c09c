import { DailyResult } from "../account/daily-result.ts";
import { FundingLedger } from "../account/funding-ledger.ts";
import { PerpetualAccount } from "../account/perpetual-account.ts";
import type { UserStreamTracker } from "../account/user-stream-tracker.ts";
import { type Decimal, ZERO } from "../model/decimal.ts";
import { type AuthError, type PerpwireError, POSITION_MODE_MISMATCH } from "../model/error.ts";
import type { ConnectorEvents, OrderFailedEvent } from "../model/event.ts";
import type { TradingPair } from "../model/market.ts";
import type { TypedEmitter } from "../model/typed-emitter.ts";
import type { UnreadableRow } from "../net/rows.ts";
import type { RestRequest } from "../net/venue-api.ts";
import type { WebAssistantsFactory } from "../net/web-assistants-factory.ts";
import type { Logger } from "../runtime/logger.ts";
import type { JournalStore, Runtime } from "../runtime/runtime.ts";
import { ClientOrderIdFactory } from "../trading/client-order-id.ts";
import { ClientOrderTracker } from "../trading/client-order-tracker.ts";
import type { FeeOverrides } from "../trading/fee-overrides.ts";
import { FillLedger } from "../trading/fill-ledger.ts";
import { JournalUpkeep } from "../trading/journal-upkeep.ts";
import { OrderJournal } from "../trading/order-journal.ts";
import { UntoldNews } from "../trading/untold-news.ts";
import { AccountSync } from "./account-sync.ts";
import { CashFlowSync } from "./cash-flow-sync.ts";
import type { ConnectorTimings } from "./connector-options.ts";
import { ExternalOrders } from "./external-orders.ts";
import { KnownMarkets } from "./known-markets.ts";
import type { MarketSide } from "./market-side.ts";
import { OrderCollateral } from "./order-collateral.ts";
import { OrderEntry } from "./order-entry.ts";
import { OrderResolver } from "./order-resolver.ts";
import type { PerpetualVenue } from "./perpetual-venue.ts";
import { createPrivateStream } from "./private-stream.ts";
import { mayBeOurs, orderOfRow, type RowOwnershipOptions } from "./row-ownership.ts";
import { StatusPolling } from "./status-polling.ts";
import type { TaskGroup } from "./task-group.ts";
import { TokenPrices } from "./token-prices.ts";
import { TradingFees } from "./trading-fees.ts";
import { TradingTimes } from "./trading-times.ts";
import type { UnreadableRows } from "./unreadable-rows.ts";

export interface TradingSideOptions {
  readonly venue: PerpetualVenue;
  readonly runtime: Runtime;
  readonly factory: WebAssistantsFactory;
  readonly logger: Logger;
  readonly timings: ConnectorTimings;
  readonly events: TypedEmitter<ConnectorEvents>;
  readonly market: MarketSide;
  readonly tasks: TaskGroup;
  readonly journalPath: string;
  readonly journalDurability: "process" | "power";
  readonly doneOrdersKept?: number | undefined;
  readonly feeOverrides?: FeeOverrides | undefined;
  /** Tells accounts of one venue apart in the journal; not a secret. */
  readonly accountKey: string;
  /** Something went wrong that no call of the program's can tell. */
  readonly onFault: (error: PerpwireError) => void;
  readonly unreadable: UnreadableRows;
}

/** Word of the private stream on itself. */
export interface PrivateStreamState {
  /** Reason why it cannot log in, as long as it cannot. */
  authFailure: AuthError | undefined;
  wasLive: boolean;
}

/** The parts of the private half of a connector, each with the ports to the others that it needs. */
export class TradingParts {
  readonly journal: OrderJournal;
  readonly ledger: FillLedger;
  readonly untold: UntoldNews;
  readonly upkeep: JournalUpkeep;
  readonly tracker: ClientOrderTracker;
  readonly orderCollateral: OrderCollateral;
  readonly externalOrders: ExternalOrders;
  readonly account: PerpetualAccount;
  readonly fundingLedger: FundingLedger;
  readonly dailyResult: DailyResult;
  readonly userStream: UserStreamTracker;
  readonly entry: OrderEntry;
  readonly resolver: OrderResolver;
  readonly sync: AccountSync;
  readonly polling: StatusPolling;
  readonly clientOrderIds: ClientOrderIdFactory;
  readonly knownMarkets: KnownMarkets;
  readonly times: TradingTimes;
  readonly fees: TradingFees;
  readonly streamState: PrivateStreamState = { authFailure: undefined, wasLive: false };
  readonly #options: TradingSideOptions;
  readonly #prices: TokenPrices;

  constructor(options: TradingSideOptions, store: JournalStore) {
    this.#options = options;
    const { venue, runtime, logger, timings, market } = options;
    const { clock, timers } = runtime;
    const { hasServerTime } = venue.manifest;
    const context = () => market.context();
    this.times = new TradingTimes(clock, () => context().now(), hasServerTime, timings.journalHistoryMs);
    this.fees = new TradingFees({ venue, market, clock, timers, logger, overrides: options.feeOverrides });
    this.journal = this.#createJournal(store);
    this.knownMarkets = new KnownMarkets(this.journal);
    this.clientOrderIds = new ClientOrderIdFactory({
      rule: venue.manifest.clientOrderId,
      instanceId: this.journal.instanceId,
      nextCounter: () => this.journal.nextCounter(),
    });
    this.ledger = new FillLedger({ journal: this.journal });
    this.untold = new UntoldNews(this.journal);
    this.fundingLedger = new FundingLedger({
      journal: this.journal,
      clock: { now: () => this.times.askedAtMs },
      historyMs: timings.fundingHistoryMs,
      horizonMs: () => this.times.horizonMs,
    });
    this.upkeep = new JournalUpkeep({ journal: this.journal, timers, logger, horizonMs: () => this.times.horizonMs });
    this.orderCollateral = this.createOrderCollateral();
    const tell = (news: () => void) => this.tracker.tell(news);
    this.externalOrders = new ExternalOrders({ events: options.events, clock, tell });
    this.tracker = this.#createTracker();
    this.account = this.#createAccount();
    const fairPrice = (tradingPair: TradingPair) => market.fairPrice(tradingPair);
    this.#prices = new TokenPrices({ venue, logger, context, fairPrice });
    this.dailyResult = new DailyResult({
      journal: this.journal,
      priceOf: (token) => this.#prices.priceOf(token),
      hasCashFlows: venue.derivative.fetchCashFlows !== undefined,
      position: ({ tradingPair, side }) => this.account.toldPosition(tradingPair, side),
    });
    this.entry = this.#createEntry();
    this.resolver = this.#createResolver();
    this.sync = this.#createSync();
    options.events.on("orderFailed", (failure) => this.#heedRefusal(failure));
    this.userStream = this.#createUserStream();
    this.polling = new StatusPolling({ sync: this.sync, userStream: this.userStream, clock, timers, logger, timings });
  }

  #createJournal(store: JournalStore): OrderJournal {
    const { venue, runtime, logger, accountKey, onFault } = this.#options;
    return new OrderJournal({
      store,
      connectorName: venue.manifest.name,
      accountKey,
      random: runtime.random,
      logger,
      onFailure: onFault,
    });
  }

  #createTracker(): ClientOrderTracker {
    const { venue, runtime, logger, timings, events, market, doneOrdersKept } = this.#options;
    return new ClientOrderTracker({
      clock: runtime.clock,
      venueNow: () => market.context().now(),
      logger,
      journal: this.journal,
      ledger: this.ledger,
      untold: this.untold,
      emit: (name, event) => {
        // The last balance was taken for one that has what the amend would lock in it.
        if (name === "orderAmendFailed" && !venue.manifest.userStream.carriesBalances) this.sync.requestRefresh();
        events.emit(name, event);
      },
      onFill: (fill) => this.sync.applyFill(fill),
      onCancelDue: (order) => this.entry.sendCancel(order),
      onOrderChanged: (order) => {
        this.orderCollateral.note(order);
        this.externalOrders.claim(order);
      },
      onParkedOverflow: () => this.sync.requestCatchUp(),
      amendsReplace: venue.manifest.amendStyle === "replace",
      isEnded: runtime.isEnded,
      fillsGraceMs: timings.missingFillsMs,
      maxDoneOrders: doneOrdersKept,
      doneOrderRetentionMs: timings.doneOrdersKeptMs,
    });
  }

  /** Sums of their own for orders that nobody sends. */
  createOrderCollateral(): OrderCollateral {
    const { venue, market } = this.#options;
    return new OrderCollateral({
      isRealTimeBalance: venue.manifest.userStream.carriesBalances,
      hasServerTime: venue.manifest.hasServerTime,
      now: () => market.context().now(),
      rule: (tradingPair) => market.markets.byPair.get(tradingPair)?.rule,
      leverage: (tradingPair) => this.account.leverage(tradingPair),
      netNotional: (tradingPair) => this.#netNotional(tradingPair),
      feeSchema: (tradingPair) => this.fees.of(tradingPair),
      takerPrice: (tradingPair, isBuy) => market.takerPrice(tradingPair, isBuy),
    });
  }

  #netNotional(tradingPair: TradingPair): Decimal | undefined {
    if (this.account.positionModeOf(tradingPair) !== "oneWay") return undefined;
    const position = this.account.position(tradingPair);
    // A price that moves would move what is available, although no order and no fill has changed.
    return position?.amount.times(position.entryPrice) ?? ZERO;
  }

  #createAccount(): PerpetualAccount {
    const { venue, market, events } = this.#options;
    return new PerpetualAccount({
      isRealTimeBalance: venue.manifest.userStream.carriesBalances,
      lockedCollateral: (asset, tradingPair) => this.orderCollateral.locked(asset, tradingPair),
      orders: this.orderCollateral,
      collateralTokenOf: (tradingPair) => market.market(tradingPair).rule.buyOrderCollateralToken,
      isLinear: (tradingPair) => market.market(tradingPair).rule.contractKind === "linear",
      onPositionRestated: (position) => this.tracker.tell(() => events.emit("position", position)),
      marginModesSideBySide: venue.manifest.marginModesSideBySide,
      defaultPositionMode: venue.manifest.positionModes[0],
    });
  }

  #createEntry(): OrderEntry {
    const { venue, runtime, factory, logger, timings, market, tasks } = this.#options;
    const { clock, timers } = runtime;
    const context = () => market.context();
    const api = factory.getRestAssistant();
    const onDoubt = () => this.resolver.wake();
    const onRuleRefused = () => market.requestTradingRules();
    const { maxRequestAgeMs } = timings;
    const ports = { clock, timers, logger, context };
    const doubts = { onDoubt, onRuleRefused };
    const { throttler } = factory;
    const fits = ({ limitId, weight }: RestRequest) => weight === undefined || throttler.fits(limitId, weight);
    const { tracker } = this;
    return new OrderEntry({ venue, api, fits, tracker, tasks, ...ports, maxRequestAgeMs, ...doubts });
  }

  #createResolver(): OrderResolver {
    const { venue, runtime, logger, timings, market } = this.#options;
    const { clock, timers } = runtime;
    return new OrderResolver({
      venue,
      tracker: this.tracker,
      entry: this.entry,
      clock,
      timers,
      logger,
      timings,
      context: () => market.context(),
      apply: (update, source) => this.sync.applyToOrders(update, source),
      isPassed: ({ tradingPair, side, price }) =>
        price !== undefined && market.isPassed(tradingPair, side === "buy", price),
      applyAdjustment: (adjustment) => this.sync.apply(adjustment),
    });
  }

  #createSync(): AccountSync {
    const { venue, runtime, logger, timings, events, market, unreadable } = this.#options;
    const { clock, timers } = runtime;
    const context = () => market.context();
    const { dailyResult } = this;
    const prices = this.#prices;
    return new AccountSync({
      venue,
      tracker: this.tracker,
      clientOrderIds: this.clientOrderIds,
      account: this.account,
      fundingLedger: this.fundingLedger,
      dailyResult,
      cashFlows: new CashFlowSync({ venue, dailyResult, prices, context, timers, logger }),
      externalOrders: this.externalOrders,
      journal: this.journal,
      untold: this.untold,
      askedAtMs: () => this.times.askedAtMs,
      horizonMs: () => this.times.horizonMs,
      events,
      clock,
      timers,
      logger,
      timings,
      context,
      tradingPairs: () => market.tradingPairs,
      resolver: this.resolver,
      onFillByPoll: (timestampMs) => this.userStream.dataSource.noteFill(timestampMs),
      unreadable,
      orderOfRow: (row) => orderOfRow(this.#rowOwnership(), row),
      isGone: (tradingPair) => market.isGone(tradingPair),
      onMarketUnavailable: (tradingPair, error) => market.reportUnavailable(tradingPair, error),
    });
  }

  #createUserStream(): UserStreamTracker {
    return createPrivateStream({
      ...this.#options,
      onUnreadable: (row) => this.sync.onUnreadableRow(row),
      inUnit: (work) => this.tracker.unit(work),
      onAuthFailure: (error) => {
        this.streamState.authFailure = error;
      },
      onLive: () => {
        if (this.streamState.wasLive) this.sync.requestSecondCatchUp();
        this.streamState.wasLive = true;
        this.streamState.authFailure = undefined;
        this.sync.requestCatchUp();
      },
      onInterruption: () => this.polling.wake(),
    });
  }

  /** A refusal may say that what is known of the account is old. */
  #heedRefusal({ error, positionAction }: OrderFailedEvent): void {
    if (error.code === POSITION_MODE_MISMATCH) this.sync.requestPositionModes();
    // The position that it was to close may have shrunk or gone by another hand.
    if (positionAction === "close" && error.outcome === "definite") this.sync.requestRefresh();
  }

  #rowOwnership(): RowOwnershipOptions {
    const { venue, market } = this.#options;
    const { tracker, clientOrderIds } = this;
    const { collateralTokens } = venue.manifest;
    const markets = () => market.markets;
    return { tracker, clientOrderIds, markets, tradingPairs: () => market.tradingPairs, collateralTokens };
  }

  /** True when a row that cannot be read may be about what this connector holds. */
  mayBeOurs(row: UnreadableRow): boolean {
    return mayBeOurs(this.#rowOwnership(), row);
  }
}
