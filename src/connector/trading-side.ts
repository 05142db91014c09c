import { DailyResult } from "../account/daily-result.ts";
import { FundingLedger } from "../account/funding-ledger.ts";
import { PerpetualAccount } from "../account/perpetual-account.ts";
import type { UserStreamTracker } from "../account/user-stream-tracker.ts";
import { type Decimal, ZERO } from "../model/decimal.ts";
import { type AuthError, JournalError, type PerpwireError, POSITION_MODE_MISMATCH } from "../model/error.ts";
import type { ConnectorEvents, OrderFailedEvent } from "../model/event.ts";
import type { TradeFeeSchema } from "../model/fee.ts";
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
import { KnownMarkets } from "./known-markets.ts";
import type { MarketSide } from "./market-side.ts";
import { OrderCollateral } from "./order-collateral.ts";
import { OrderEntry } from "./order-entry.ts";
import { OrderResolver } from "./order-resolver.ts";
import type { PerpetualVenue } from "./perpetual-venue.ts";
import { createPrivateStream } from "./private-stream.ts";
import { readEvery } from "./retry-read.ts";
import { mayBeOurs, orderOfRow, type RowOwnershipOptions } from "./row-ownership.ts";
import { StatusPolling } from "./status-polling.ts";
import type { TaskGroup } from "./task-group.ts";
import { TokenPrices } from "./token-prices.ts";
import { TradingFees } from "./trading-fees.ts";
import type { UnreadableRows } from "./unreadable-rows.ts";

/** Time that the first catch-up waits for the private stream, which may not come. */
const FIRST_CATCH_UP_MS = 500;

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

/** The private half of a connector: orders, fills, account, funding payments, and what keeps them true. */
export class TradingSide {
  readonly journal: OrderJournal;
  readonly ledger: FillLedger;
  readonly untold: UntoldNews;
  readonly upkeep: JournalUpkeep;
  readonly tracker: ClientOrderTracker;
  readonly orderCollateral: OrderCollateral;
  readonly account: PerpetualAccount;
  readonly fundingLedger: FundingLedger;
  readonly dailyResult: DailyResult;
  readonly userStream: UserStreamTracker;
  readonly entry: OrderEntry;
  readonly resolver: OrderResolver;
  readonly sync: AccountSync;
  readonly polling: StatusPolling;
  readonly clientOrderIds: ClientOrderIdFactory;
  readonly #options: TradingSideOptions;
  readonly #store: JournalStore;
  readonly #knownMarkets: KnownMarkets;
  /** The venue's time when this began, less our monotonic clock. */
  readonly #steadyOffsetMs: number;
  readonly #fees: TradingFees;
  #authFailure: AuthError | undefined;
  #wasLive = false;

  /** Opens and locks the journal; throws `JournalError`, with nothing left open, when it cannot or a record is broken. */
  static open(options: TradingSideOptions): TradingSide {
    const { runtime, journalPath, journalDurability } = options;
    const store = runtime.journals.open(journalPath, { durability: journalDurability });
    try {
      return new TradingSide(options, store);
    } catch (error) {
      store.close();
      throw error;
    }
  }

  private constructor(options: TradingSideOptions, store: JournalStore) {
    this.#options = options;
    const { venue, runtime, factory, logger, timings, events, market, tasks } = options;
    const { clock, timers } = runtime;
    this.#steadyOffsetMs = market.context().now() - clock.monotonic();
    this.#fees = new TradingFees({ venue, market, clock, timers, logger, overrides: options.feeOverrides });
    this.#store = store;
    const { name } = venue.manifest;
    const { accountKey } = options;
    this.journal = new OrderJournal({
      store: this.#store,
      connectorName: name,
      accountKey,
      random: runtime.random,
      logger,
      onFailure: options.onFault,
    });
    this.#knownMarkets = new KnownMarkets(this.journal);
    this.clientOrderIds = new ClientOrderIdFactory({
      rule: venue.manifest.clientOrderId,
      instanceId: this.journal.instanceId,
      nextCounter: () => this.journal.nextCounter(),
    });
    this.ledger = new FillLedger({ journal: this.journal });
    this.untold = new UntoldNews(this.journal);
    this.fundingLedger = new FundingLedger({
      journal: this.journal,
      clock: { now: () => this.#askedAtMs() },
      historyMs: timings.fundingHistoryMs,
      horizonMs: () => this.#horizonMs(),
    });
    this.upkeep = new JournalUpkeep({ journal: this.journal, timers, logger, horizonMs: () => this.#horizonMs() });
    const context = () => market.context();
    this.orderCollateral = this.#createOrderCollateral();
    this.tracker = new ClientOrderTracker({
      clock,
      venueNow: () => context().now(),
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
      onOrderChanged: (order) => this.orderCollateral.note(order),
      onParkedOverflow: () => this.sync.requestCatchUp(),
      amendsReplace: venue.manifest.amendStyle === "replace",
      isEnded: options.runtime.isEnded,
      fillsGraceMs: timings.missingFillsMs,
      maxDoneOrders: options.doneOrdersKept,
      doneOrderRetentionMs: timings.doneOrdersKeptMs,
    });
    this.account = this.#createAccount();
    const fairPrice = (tradingPair: TradingPair) => market.fairPrice(tradingPair);
    const prices = new TokenPrices({ venue, logger, context, fairPrice });
    this.dailyResult = new DailyResult({
      journal: this.journal,
      priceOf: (token) => prices.priceOf(token),
      hasCashFlows: venue.derivative.fetchCashFlows !== undefined,
      position: ({ tradingPair, side }) => this.account.toldPosition(tradingPair, side),
    });
    const api = factory.getRestAssistant();
    const onDoubt = () => this.resolver.wake();
    const onRuleRefused = () => market.requestTradingRules();
    const { maxRequestAgeMs } = timings;
    const ports = { clock, timers, logger, context };
    const doubts = { onDoubt, onRuleRefused };
    const { throttler } = factory;
    const fits = ({ limitId, weight }: RestRequest) => weight === undefined || throttler.fits(limitId, weight);
    const { tracker } = this;
    this.entry = new OrderEntry({ venue, api, fits, tracker, tasks, ...ports, maxRequestAgeMs, ...doubts });
    this.resolver = new OrderResolver({
      venue,
      tracker: this.tracker,
      entry: this.entry,
      clock,
      timers,
      logger,
      timings,
      context,
      apply: (update, source) => this.sync.applyToOrders(update, source),
      isPassed: ({ tradingPair, side, price }) =>
        price !== undefined && market.isPassed(tradingPair, side === "buy", price),
      applyAdjustment: (adjustment) => this.sync.apply(adjustment),
    });
    this.sync = new AccountSync({
      venue,
      tracker: this.tracker,
      clientOrderIds: this.clientOrderIds,
      account: this.account,
      fundingLedger: this.fundingLedger,
      dailyResult: this.dailyResult,
      cashFlows: new CashFlowSync({ venue, dailyResult: this.dailyResult, prices, context, timers, logger }),
      journal: this.journal,
      untold: this.untold,
      askedAtMs: () => this.#askedAtMs(),
      horizonMs: () => this.#horizonMs(),
      events,
      clock,
      timers,
      logger,
      timings,
      context,
      tradingPairs: () => market.tradingPairs,
      resolver: this.resolver,
      onFillByPoll: (timestampMs) => this.userStream.dataSource.noteFill(timestampMs),
      unreadable: options.unreadable,
      orderOfRow: (row) => orderOfRow(this.#rowOwnership(), row),
      isGone: (tradingPair) => market.isGone(tradingPair),
      onMarketUnavailable: (tradingPair, error) => market.reportUnavailable(tradingPair, error),
    });
    events.on("orderFailed", (failure) => this.#heedRefusal(failure));
    this.userStream = this.#createUserStream();
    this.polling = new StatusPolling({ sync: this.sync, userStream: this.userStream, clock, timers, logger, timings });
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

  /** The venue's time as far as known; where it has none to ask for, ours at the start and what has gone by since. */
  get nowMs(): number {
    const { market, runtime, venue } = this.#options;
    const steadyMs = this.#steadyOffsetMs + runtime.clock.monotonic();
    return venue.manifest.hasServerTime ? market.context().now() : steadyMs;
  }

  /**
   * Chooses the earlier time for cursors, for our clock may have been put right since the start. A time that is too
   * early only repeats known fills; fills before a time that is too late would never be requested.
   */
  #askedAtMs(): number {
    return Math.min(this.#options.market.context().now(), this.nowMs);
  }

  #horizonMs(): number {
    return this.#askedAtMs() - this.#options.timings.journalHistoryMs;
  }

  #createOrderCollateral(): OrderCollateral {
    const { venue, market } = this.#options;
    return new OrderCollateral({
      isRealTimeBalance: venue.manifest.userStream.carriesBalances,
      hasServerTime: venue.manifest.hasServerTime,
      now: () => market.context().now(),
      rule: (tradingPair) => market.markets.byPair.get(tradingPair)?.rule,
      leverage: (tradingPair) => this.account.leverage(tradingPair),
      netNotional: (tradingPair) => this.#netNotional(tradingPair),
      feeSchema: (tradingPair) => this.feeSchema(tradingPair),
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
    const { venue, market } = this.#options;
    return new PerpetualAccount({
      isRealTimeBalance: venue.manifest.userStream.carriesBalances,
      lockedCollateral: (asset, tradingPair) => this.orderCollateral.locked(asset, tradingPair),
      orders: this.orderCollateral,
      collateralTokenOf: (tradingPair) => market.market(tradingPair).rule.buyOrderCollateralToken,
      isLinear: (tradingPair) => market.market(tradingPair).rule.contractKind === "linear",
      marginModesSideBySide: venue.manifest.marginModesSideBySide,
      defaultPositionMode: venue.manifest.positionModes[0],
    });
  }

  #createUserStream(): UserStreamTracker {
    return createPrivateStream({
      ...this.#options,
      onUnreadable: (row) => this.sync.onUnreadableRow(row),
      inUnit: (work) => this.tracker.unit(work),
      onAuthFailure: (error) => {
        this.#authFailure = error;
      },
      onLive: () => {
        this.#wasLive = true;
        this.#authFailure = undefined;
        this.sync.requestCatchUp();
      },
      onInterruption: () => this.polling.wake(),
    });
  }

  /** Why the private stream cannot log in, as long as it cannot. */
  get authFailure(): AuthError | undefined {
    return this.#authFailure;
  }

  /** Takes up the orders of earlier processes, once. Throws `JournalError` that names a broken record. */
  restore(): void {
    this.journal.beginProcess(this.#options.runtime.clock.now());
    this.tracker.restore(this.journal.restore((clientOrderId) => this.ledger.totals(clientOrderId)));
    this.untold.restore((news) => (news.kind === "funding" ? this.#fundingTeller(news) : this.tracker.tellerOf(news)));
  }

  #fundingTeller({ paymentId }: { readonly paymentId: string }): (() => void) | undefined {
    const payment = this.journal.fundingPayment(paymentId);
    return payment && (() => this.#options.events.emit("fundingPayment", payment));
  }

  /** Adds the markets that the venue has forgotten and the journal knows. Throws as `MarketSide.takeKnownMarkets`. */
  takeKnownMarkets(): void {
    const { market } = this.#options;
    const open = this.tracker.activeOrders.map(({ tradingPair }) => tradingPair);
    market.takeKnownMarkets((tradingPair) => this.#knownMarkets.recall(tradingPair), open);
    this.rememberMarkets(open);
  }

  /** Markets that are followed stay known to later processes, whatever the venue lists then. */
  rememberMarkets(others: readonly TradingPair[] = []): void {
    const { markets, tradingPairs } = this.#options.market;
    this.journal.batch(() => {
      for (const tradingPair of [...tradingPairs, ...others]) {
        const known = markets.byPair.get(tradingPair);
        if (known !== undefined) this.#knownMarkets.remember(known);
      }
    });
  }

  /** Reads the account for the first time. Throws `AuthError` when the venue does not accept the key. */
  async initialize(signal: AbortSignal): Promise<void> {
    await this.sync.updateBalances(signal);
    await this.#fees.updateIfOffered(signal);
    await this.sync.updatePositionModes(signal);
  }

  /** The loops; run until aborted. The first catch-up resolves every restored order before the connector is ready. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([
      this.#requestFirstCatchUp(signal),
      this.userStreamEventListener(signal),
      this.sync.run(signal),
      this.resolver.run(signal),
      this.polling.statusPollingLoop(signal),
      this.#fundingFeePollingLoop(signal),
      this.upkeep.run(signal),
      this.#tradingFeesPollingLoop(signal),
      this.#fees.followOthers(this.#options.timings.tradingFeesPollIntervalMs, signal),
    ]);
  }

  /** The private stream asks for it when it is live: what is asked for before has to be asked for again then. */
  async #requestFirstCatchUp(signal: AbortSignal): Promise<void> {
    await this.#options.runtime.timers.sleep(FIRST_CATCH_UP_MS, signal);
    if (!this.#wasLive) this.sync.requestCatchUp();
  }

  /** Handles the private stream's reports in the same way as those of polls. */
  userStreamEventListener(signal: AbortSignal): Promise<never> {
    return this.userStream.start(signal, (update) => this.sync.applyStreamed(update));
  }

  async #fundingFeePollingLoop(signal: AbortSignal): Promise<void> {
    const { venue } = this.#options;
    await this.#poll("the funding payments", venue.manifest.fundingFeePollIntervalMs, signal, (attempt) =>
      this.sync.updateFundingPayments(attempt),
    );
  }

  async #tradingFeesPollingLoop(signal: AbortSignal): Promise<void> {
    const { timings } = this.#options;
    await this.#poll("the trading fees", timings.tradingFeesPollIntervalMs, signal, (attempt) =>
      this.#fees.updateIfOffered(attempt),
    );
  }

  async #poll(
    what: string,
    intervalMs: number,
    signal: AbortSignal,
    update: (signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const { runtime, logger } = this.#options;
    const { clock, timers } = runtime;
    await readEvery({ what, intervalMs, clock, timers, signal, logger }, update);
  }

  feeSchema(tradingPair: TradingPair): TradeFeeSchema {
    return this.#fees.of(tradingPair);
  }

  /** Throws `JournalError` while new orders cannot be journalled. */
  assertJournalWorks(): void {
    const { failure } = this.journal;
    if (failure === undefined || this.journal.flush()) return;
    throw new JournalError(`no new orders: ${failure.message}`, { cause: failure, hint: failure.hint });
  }

  /** Closes the journal; everything else has stopped. */
  close(): void {
    this.journal.endProcess(this.#options.runtime.clock.now());
    this.journal.flush();
    this.journal.flushSettled();
    this.#store.close();
  }
}
