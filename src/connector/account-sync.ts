import type { DailyResult } from "../account/daily-result.ts";
import type { FundingLedger } from "../account/funding-ledger.ts";
import type { Heard, PerpetualAccount } from "../account/perpetual-account.ts";
import type { AccountUpdate, OrderUpdate, TradeUpdate } from "../model/account-update.ts";
import { ZERO } from "../model/decimal.ts";
import { VenueUnavailableError } from "../model/error.ts";
import type { ConnectorEvents } from "../model/event.ts";
import { absurdityOf } from "../model/fact-checks.ts";
import type { Fill } from "../model/fill.ts";
import type { TradingPair } from "../model/market.ts";
import type { VenueOrder } from "../model/order.ts";
import type { TypedEmitter } from "../model/typed-emitter.ts";
import { isRefusal } from "../net/fan-out.ts";
import type { UnreadableRow } from "../net/rows.ts";
import type { VenueContext } from "../net/venue-api.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Clock, Timers } from "../runtime/runtime.ts";
import type { ClientOrderIdFactory } from "../trading/client-order-id.ts";
import type { ApplyEffect, ClientOrderTracker, EvidenceSource } from "../trading/client-order-tracker.ts";
import type { InFlightOrder } from "../trading/in-flight-order.ts";
import type { OrderJournal } from "../trading/order-journal.ts";
import type { UntoldNews } from "../trading/untold-news.ts";
import { absurdRow, doubtfulBalance } from "./absurd-facts.ts";
import { AccountBooking } from "./account-booking.ts";
import { AccountReading } from "./account-reading.ts";
import type { CashFlowSync } from "./cash-flow-sync.ts";
import { CatchUp } from "./catch-up.ts";
import type { ConnectorTimings } from "./connector-options.ts";
import { DoubtfulPositions } from "./doubtful-positions.ts";
import { ExternalOrders } from "./external-orders.ts";
import { FillCatchUp } from "./fill-catch-up.ts";
import type { OrderResolver } from "./order-resolver.ts";
import { OrderSync } from "./order-sync.ts";
import type { PerpetualVenue } from "./perpetual-venue.ts";
import { PositionSync } from "./position-sync.ts";
import { Refresher } from "./refresher.ts";
import { RowAlarms } from "./row-alarms.ts";
import type { UnreadableRows } from "./unreadable-rows.ts";

export interface AccountSyncOptions {
  readonly venue: PerpetualVenue;
  readonly tracker: ClientOrderTracker;
  readonly clientOrderIds: Pick<ClientOrderIdFactory, "isOwn">;
  readonly account: PerpetualAccount;
  readonly fundingLedger: FundingLedger;
  readonly dailyResult: DailyResult;
  readonly cashFlows: CashFlowSync;
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

/** An update whose order nobody claimed for this long belongs to somebody else's order. */
const PARKED_MS = 10_000;
/** The payments of a settlement are listed this long after it was announced; a late one comes with the next poll. */
const FUNDING_BOOKED_MS = 2_000;

/** Waits before a market is asked for again that a fill overtook. */
const FIRST_RETAKE_MS = 20;
const MAX_RETAKE_MS = 500;
/** Orders may come and go without an end, and a balance that is estimated from them is good enough then. */
const BALANCE_RETAKES = 5;

/**
 * The one way in for account facts, and the catch-up that answers every gap: whatever may have been missed is asked for
 * again from the last cursor, and what is known already changes nothing.
 */
export class AccountSync {
  readonly #options: AccountSyncOptions;
  readonly #catchUp: Refresher;
  readonly #afterFill: Refresher;
  readonly #fundingDue: Refresher;
  readonly #rowAlarms: RowAlarms;
  readonly #fills: FillCatchUp;
  readonly #externalOrders: ExternalOrders;
  readonly #orders: OrderSync;
  readonly #positions: PositionSync;
  readonly #doubtful: DoubtfulPositions;
  readonly #questions: CatchUp;
  readonly #balanceQuestions = { asked: 0, answered: 0 };
  readonly #booking: AccountBooking;
  #areBalancesKnown = false;

  constructor(options: AccountSyncOptions) {
    this.#options = options;
    const { timers, logger, timings } = options;
    this.#externalOrders = new ExternalOrders({ events: options.events, clock: options.clock });
    this.#rowAlarms = new RowAlarms({
      ...options,
      apply: (update) => this.apply(update),
      updateOrderStatus: (order, signal) => this.#orders.updateOrderStatus(order, options.clock.monotonic(), signal),
      requestRefresh: () => this.requestRefresh(),
      requestCatchUp: () => this.requestCatchUp(),
    });
    this.#fills = new FillCatchUp({
      ...options,
      overlapMs: timings.catchUpOverlapMs,
      lookBackMs: timings.fundingHistoryMs,
      apply: (update) => this.apply(update),
      inUnit: (work) => options.tracker.unit(work),
      isLeftOut: (tradingPair, error) => this.#isLeftOut(tradingPair, error),
      forgetBefore: (timestampMs, behind) => this.#booking.forgetTradesBefore(timestampMs, behind),
      heldBy: (rows, signal) => this.#rowAlarms.heldByFills(rows, signal),
    });
    this.#booking = new AccountBooking({
      ...options,
      onPositionAdjustment: ({ tradingPair }) => {
        this.#positions.countChange(tradingPair);
        this.#afterFill.request();
      },
    });
    this.#positions = new PositionSync({
      ...options,
      apply: (update) => this.apply(update),
      requestRefresh: () => this.#afterFill.request(),
      throwFailuresOf: (reading) => this.#throwFailuresOf(reading),
    });
    this.#doubtful = new DoubtfulPositions({
      ...options,
      isInDoubt: () => options.dailyResult.arePositionsInDoubt,
      read: async (signal) => {
        await this.updateOrderFills(signal);
        await this.updatePositions(signal);
      },
    });
    this.#orders = new OrderSync({
      ...options,
      booking: this.#booking,
      externalOrders: this.#externalOrders,
      onAbsurd: (update, reason, isPushed) => this.#onAbsurd(update, reason, isPushed),
      requestRefresh: () => this.#afterFill.request(),
      throwFailuresOf: (reading) => this.#throwFailuresOf(reading),
    });
    this.#questions = new CatchUp([
      (signal) => this.updateModeOfAccount(signal),
      (signal) => this.updateOrders(signal),
      (signal) => this.updateOrderFills(signal),
      (signal) => this.updateBalancesAndPositions(signal),
      (signal) => this.updateFundingPayments(signal),
      (signal) => options.cashFlows.update(signal),
    ]);
    const retry = { firstRetryMs: 500, longestRetryMs: 30_000, timers, logger };
    this.#catchUp = new Refresher({
      name: "the catch-up",
      delayMs: 0,
      ...retry,
      refresh: (s) => this.#questions.rest(s),
    });
    this.#afterFill = new Refresher({
      name: "the refresh of balances and positions",
      delayMs: timings.refreshAfterFillMs,
      ...retry,
      refresh: (signal) => this.updateBalancesAndPositions(signal),
    });
    this.#fundingDue = new Refresher({
      name: "the refresh of funding payments",
      delayMs: FUNDING_BOOKED_MS,
      ...retry,
      refresh: (signal) => this.updateFundingPayments(signal),
    });
  }

  /** Open orders of the account that are not this connector's, as last told. */
  get externalOrders(): readonly VenueOrder[] {
    return this.#externalOrders.open;
  }

  /** True once the venue has listed them, however few there are: a new account holds nothing. */
  get areBalancesKnown(): boolean {
    return this.#areBalancesKnown;
  }

  /** False from a gap on until a catch-up that began after it has ended. */
  get isCaughtUp(): boolean {
    return this.#questions.isDone && !this.#rowAlarms.isPending;
  }

  /** The loops; run until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { cashFlows } = this.#options;
    const readers = [this.#catchUp, this.#afterFill, this.#fundingDue, this.#positions, this.#doubtful];
    const loops = [...readers, this.#rowAlarms, cashFlows];
    await Promise.all(loops.map((loop) => loop.run(signal)));
  }

  /** Applies an update that the private stream told. */
  applyStreamed(update: AccountUpdate): void {
    if (update.type === "order" || update.type === "trade") {
      this.#orders.apply(update, undefined, true);
      return;
    }
    const { account, venue } = this.#options;
    const isBelieved = venue.manifest.balancesGoNegative === true;
    const absurdity = absurdityOf(update) ?? (isBelieved ? undefined : doubtfulBalance(update, account.balances));
    if (absurdity === undefined) this.apply(update);
    else this.#onAbsurd(update, absurdity, true);
  }

  /** Drops a fact that cannot be true. Where the stream told it, its possible subject is requested anew. */
  #onAbsurd(update: AccountUpdate, reason: string, isPushed: boolean): void {
    const row = absurdRow(update, reason, this.#options.context().markets);
    if (isPushed) this.#rowAlarms.onStreamRow(row);
    else this.#options.unreadable.report(row);
  }

  /** Every fact about the account comes through here, from streams and polls alike. */
  apply(update: AccountUpdate): void {
    const { account, events } = this.#options;
    switch (update.type) {
      case "order":
      case "trade":
        this.#orders.apply(update);
        return;
      case "balance":
        this.#emitWhenNew("balance", account.applyBalance(update));
        return;
      case "margin":
        account.applyMargin(update);
        return;
      case "position":
        this.#positions.applyPushed(update);
        this.#seePositions();
        return;
      case "positionAdjustment":
        this.#booking.applyPositionAdjustment(update);
        return;
      case "settings":
        this.#positions.applySettings(update);
        return;
      case "fundingPayment":
        this.#booking.applyFundingPayment(update.payment);
        return;
      case "fundingDue":
        this.#fundingDue.request();
        return;
      case "externalOrder":
        this.#externalOrders.report(update.order);
        return;
      case "gap":
        this.#questions.noteGap();
        events.emit("gap", { reason: update.reason, timestampMs: update.timestampMs });
        this.#catchUp.request();
        return;
    }
  }

  /** Applies an update of an order or a fill with its source; returns its effect. */
  applyToOrders(update: OrderUpdate | TradeUpdate, source?: EvidenceSource): ApplyEffect {
    return this.#orders.apply(update, source);
  }

  /**
   * A new fill of ours, once: booked in the unit that counts it. Returns what tells of the position, before the fill.
   */
  applyFill(fill: Fill): () => void {
    this.#positions.countChange(fill.tradingPair);
    const { account, tracker } = this.#options;
    const order = tracker.orderByClientId(fill.clientOrderId);
    this.#booking.applyFill(fill, order?.positionMode);
    const { position, isDoubtful } = account.applyFill(fill, order);
    if (isDoubtful) this.#afterFill.request();
    return () => this.#emitWhenNew("position", position);
  }

  /** Balances and positions are read again soon. */
  requestRefresh(): void {
    this.#afterFill.request();
  }

  /** Everything is asked for again, at once. */
  requestCatchUp(): void {
    this.#questions.noteGap();
    this.#catchUp.request();
  }

  /** Position mode, open orders, fills since the cursor, every order of ours that is not open, account, funding. */
  async catchUp(signal: AbortSignal): Promise<void> {
    await this.#questions.all(signal);
  }

  /**
   * Asks for everything and resolves when all of it was taken: positions that a fill overtook on the way are asked for
   * again, and balances that are estimated because orders changed meanwhile. Rejects when that goes on for too long with
   * positions.
   */
  async refresh(signal: AbortSignal): Promise<void> {
    await this.catchUp(signal);
    await this.#retakePositions(signal);
    await this.#retakeBalances(signal);
  }

  /**
   * Asks for positions of the whole account, and for nothing else. Resolves with the rows that could not be read, in
   * words.
   */
  async readPositions(signal: AbortSignal): Promise<readonly string[]> {
    const unread = await this.updatePositions(signal);
    return (await this.#retakePositions(signal)) ?? unread;
  }

  /** Resolves with what could not be read, where anything had to be asked for again. */
  async #retakePositions(signal: AbortSignal): Promise<readonly string[] | undefined> {
    const { clock, timers, timings } = this.#options;
    const untilMs = clock.monotonic() + timings.requestTimeoutMs;
    let unread: readonly string[] | undefined;
    const { overtaken } = this.#positions;
    for (let waitMs = FIRST_RETAKE_MS; overtaken.size > 0; waitMs = Math.min(waitMs * 2, MAX_RETAKE_MS)) {
      if (clock.monotonic() + waitMs > untilMs) {
        throw new VenueUnavailableError(`positions on ${[...overtaken].join(", ")} change faster than they are told`, {
          code: "OVERTAKEN",
          outcome: "definite",
          hint: "fills keep coming; positions are up to date by them",
        });
      }
      await timers.sleep(waitMs, signal);
      unread = await this.updatePositions(signal);
    }
    return unread;
  }

  async #retakeBalances(signal: AbortSignal): Promise<void> {
    const { account, timers } = this.#options;
    for (let waitMs = 0, n = 0; account.isEstimated && n < BALANCE_RETAKES; waitMs += FIRST_RETAKE_MS, n += 1) {
      await timers.sleep(waitMs, signal);
      await this.updateBalances(signal);
    }
  }

  /** The open orders of the account, and the status of each of ours that is not among them. */
  updateOrders(signal: AbortSignal): Promise<void> {
    return this.#orders.updateOrders(signal);
  }

  /** All fills of the account since the cursor. */
  async updateOrderFills(signal: AbortSignal): Promise<void> {
    await this.#fills.run(signal);
    this.#options.tracker.takeParked(PARKED_MS);
  }

  /**
   * True when a market's failure concerns that market alone: the venue does not know it, or refuses to answer for it.
   */
  #isLeftOut(tradingPair: TradingPair, error: unknown): boolean {
    const isLeftOut = isRefusal(error) || this.#options.isGone(tradingPair);
    if (isLeftOut) this.#options.onMarketUnavailable(tradingPair, error);
    return isLeftOut;
  }

  #throwFailuresOf({ failures }: AccountReading): void {
    for (const [tradingPair, error] of failures) if (!this.#isLeftOut(tradingPair, error)) throw error;
  }

  /** The private stream told something that cannot be read: what it may be about is asked for. */
  onUnreadableRow(row: UnreadableRow): void {
    this.#rowAlarms.onStreamRow(row);
  }

  /** The venue's own account of the day, where it has one. */
  async pollCashFlows(signal: AbortSignal): Promise<void> {
    await this.#options.cashFlows.poll(signal);
  }

  async updateBalancesAndPositions(signal: AbortSignal): Promise<void> {
    await Promise.all([this.updateBalances(signal), this.updatePositions(signal)]);
  }

  async updateBalances(signal: AbortSignal): Promise<void> {
    const { venue, account, context } = this.#options;
    const reading = new AccountReading(context(), signal);
    this.#balanceQuestions.asked += 1;
    const question = this.#balanceQuestions.asked;
    const heard = account.heard;
    const updates = await venue.derivative.fetchBalances(reading.context);
    if (question < this.#balanceQuestions.answered) return;
    this.#balanceQuestions.answered = question;
    // Settings come first: locked margin is computed with the leverage of the same answer.
    const isSetting = ({ type }: AccountUpdate) => type === "settings";
    for (const update of updates.filter(isSetting)) this.#applyPolled(update, heard);
    for (const update of updates) if (!isSetting(update)) this.#applyPolled(update, heard);
    const unread = reading.unread("balance");
    // Venues leave out what an account no longer holds: it is gone, not as it was.
    const listed = new Set(updates.map((update) => (update.type === "balance" ? update.asset : undefined)));
    for (const { asset, timestampMs } of account.balances) {
      if (listed.has(asset) || unread.some((row) => row.asset == null || row.asset === asset)) continue;
      const nowMs = Math.max(timestampMs, context().now());
      this.#applyPolled({ type: "balance", asset, total: ZERO, available: ZERO, timestampMs: nowMs }, heard);
    }
    if (unread.length === 0) account.balancesListed();
    this.#areBalancesKnown = true;
  }

  #applyPolled(update: AccountUpdate, heardWhenAsked: Heard): void {
    const { account } = this.#options;
    if (update.type === "balance") this.#emitWhenNew("balance", account.applyBalance(update, "poll", heardWhenAsked));
    else this.apply(update);
  }

  async updatePositions(signal: AbortSignal): Promise<readonly string[]> {
    const unread = await this.#positions.updatePositions(signal);
    this.#seePositions();
    return unread;
  }

  #seePositions(): void {
    this.#booking.seePositions();
    this.#doubtful.check();
  }

  async updatePositionModes(signal: AbortSignal): Promise<void> {
    await this.#positions.updatePositionModes(signal);
  }

  /** Beside the list of positions, which tells the mode of each market where each has its own (Bybit). */
  async updateModeOfAccount(signal: AbortSignal): Promise<void> {
    if (this.#options.venue.derivative.canHedge === undefined) await this.updatePositionModes(signal);
  }

  /** The position mode may be another than is known: it is asked for at once. */
  requestPositionModes(): void {
    this.#positions.requestModes();
  }

  /** Settlements since the last ones that are known. */
  async updateFundingPayments(signal: AbortSignal): Promise<void> {
    const { venue, fundingLedger, context, tradingPairs } = this.#options;
    const reading = new AccountReading(context(), signal);
    const askedAtMs = this.#options.askedAtMs();
    const pairs = tradingPairs();
    const sinceMs = fundingLedger.backfillSince(pairs);
    const payments = await venue.derivative.fetchFundingPayments(reading.context, sinceMs, pairs);
    await this.#booking.applyFundingPayments(payments, () => this.#options.timers.sleep(0, signal));
    const isHeld = this.#rowAlarms.isHeldByPayments(reading.unread("fundingPayment"));
    const behind = (pair: TradingPair) => isHeld && reading.isSilentAbout(pair, "fundingPayment");
    fundingLedger.backfilled(
      pairs.filter((pair) => !reading.failures.has(pair) && !behind(pair)),
      askedAtMs,
    );
    this.#throwFailuresOf(reading);
  }

  #emitWhenNew<Name extends "balance" | "position">(name: Name, event: ConnectorEvents[Name] | undefined): void {
    if (event !== undefined) this.#options.events.emit(name, event);
  }
}
