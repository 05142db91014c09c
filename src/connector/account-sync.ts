import type { AccountUpdate, OrderUpdate, TradeUpdate } from "../model/account-update.ts";
import type { ConnectorEvents } from "../model/event.ts";
import { absurdityOf } from "../model/fact-checks.ts";
import type { Fill } from "../model/fill.ts";
import type { TradingPair } from "../model/market.ts";
import { MAX_COPY_DELAY_MS } from "../model/time.ts";
import { isRefusal } from "../net/fan-out.ts";
import type { UnreadableRow } from "../net/rows.ts";
import type { ApplyEffect, EvidenceSource } from "../trading/client-order-tracker.ts";
import { absurdRow, doubtfulBalance } from "./absurd-facts.ts";
import { AccountBooking } from "./account-booking.ts";
import type { AccountReading } from "./account-reading.ts";
import { AccountRetakes } from "./account-retakes.ts";
import type { AccountSyncOptions } from "./account-sync-options.ts";
import { BalanceSync } from "./balance-sync.ts";
import { CatchUp } from "./catch-up.ts";
import { DoubtfulPositions } from "./doubtful-positions.ts";
import { FillCatchUp } from "./fill-catch-up.ts";
import { FundingSync } from "./funding-sync.ts";
import { OrderSync } from "./order-sync.ts";
import { PositionSync } from "./position-sync.ts";
import { Refresher, type RefresherOptions } from "./refresher.ts";
import { RowAlarms } from "./row-alarms.ts";

/** An update whose order nobody claimed for this long belongs to somebody else's order. */
const PARKED_MS = 10_000;
/** The payments of a settlement are listed this long after it was announced; a late one comes with the next poll. */
const FUNDING_BOOKED_MS = 2_000;
/** No copy of the venue's books is behind a fill or a gap so long after it, nor behind one that followed in the first half. */
const WELL_AFTER = { delayMs: 2 * MAX_COPY_DELAY_MS, servesAfterMs: MAX_COPY_DELAY_MS } as const;

/**
 * The one way in for account facts, and the catch-up that answers every gap: whatever may have been missed is asked for
 * again from the last cursor, and what is known already changes nothing.
 */
export class AccountSync {
  readonly #options: AccountSyncOptions;
  readonly #catchUp: Refresher;
  readonly #afterFill: Refresher;
  readonly #wellAfterFill: Refresher;
  readonly #wellAfterGap: Refresher;
  readonly #fundingDue: Refresher;
  readonly #rowAlarms: RowAlarms;
  readonly #fills: FillCatchUp;
  readonly #orders: OrderSync;
  readonly #positions: PositionSync;
  readonly #doubtful: DoubtfulPositions;
  readonly #questions: CatchUp;
  readonly #booking: AccountBooking;
  readonly #balances: BalanceSync;
  readonly #funding: FundingSync;
  readonly #retakes: AccountRetakes;

  constructor(options: AccountSyncOptions) {
    this.#options = options;
    const { timings } = options;
    this.#rowAlarms = this.#createRowAlarms();
    this.#fills = this.#createFills();
    this.#booking = new AccountBooking({
      ...options,
      onPositionAdjustment: ({ tradingPair }) => {
        this.#positions.countChange(tradingPair);
        this.#refreshTwice();
      },
    });
    this.#positions = this.#createPositions();
    this.#doubtful = this.#createDoubtful();
    this.#orders = this.#createOrders();
    this.#balances = new BalanceSync({ ...options, apply: (update) => this.apply(update) });
    this.#funding = new FundingSync({
      ...options,
      booking: this.#booking,
      rowAlarms: this.#rowAlarms,
      throwFailuresOf: (reading) => this.#throwFailuresOf(reading),
    });
    this.#retakes = new AccountRetakes({
      ...options,
      positions: this.#positions,
      updatePositions: (signal) => this.updatePositions(signal),
      updateBalances: (signal) => this.updateBalances(signal),
    });
    this.#questions = new CatchUp([
      (signal) => this.updateModeOfAccount(signal),
      (signal) => this.updateOrders(signal),
      (signal) => this.updateOrderFills(signal),
      (signal) => this.updateBalancesAndPositions(signal),
      (signal) => this.updateFundingPayments(signal),
      (signal) => options.cashFlows.update(signal),
    ]);
    const refresh = (signal: AbortSignal) => this.updateBalancesAndPositions(signal);
    const soon = { name: "the refresh of balances and positions", delayMs: timings.refreshAfterFillMs };
    this.#catchUp = this.#refresher({
      name: "the catch-up",
      delayMs: 0,
      refresh: (signal) => this.#questions.rest(signal),
    });
    this.#afterFill = this.#refresher({ ...soon, refresh });
    this.#wellAfterFill = this.#refresher({ name: "the second refresh after a fill", ...WELL_AFTER, refresh });
    const rest = async (signal: AbortSignal): Promise<void> => {
      await this.updateOrders(signal);
      await this.updateOrderFills(signal);
      await refresh(signal);
    };
    this.#wellAfterGap = this.#refresher({ name: "the second catch-up after a gap", ...WELL_AFTER, refresh: rest });
    const funding = { name: "the refresh of funding payments", delayMs: FUNDING_BOOKED_MS };
    this.#fundingDue = this.#refresher({ ...funding, refresh: (signal) => this.updateFundingPayments(signal) });
  }

  #createRowAlarms(): RowAlarms {
    return new RowAlarms({
      ...this.#options,
      apply: (update) => this.apply(update),
      updateOrderStatus: (order, signal) =>
        this.#orders.updateOrderStatus(order, this.#options.clock.monotonic(), signal),
      requestRefresh: () => this.requestRefresh(),
      requestCatchUp: () => this.requestCatchUp(),
    });
  }

  #createFills(): FillCatchUp {
    return new FillCatchUp({
      ...this.#options,
      overlapMs: this.#options.timings.catchUpOverlapMs,
      lookBackMs: this.#options.timings.fundingHistoryMs,
      apply: (update) => this.apply(update),
      inUnit: (work) => this.#options.tracker.unit(work),
      isLeftOut: (tradingPair, error) => this.#isLeftOut(tradingPair, error),
      forgetBefore: (timestampMs, behind) => this.#booking.forgetTradesBefore(timestampMs, behind),
      heldBy: (rows, signal) => this.#rowAlarms.heldByFills(rows, signal),
    });
  }

  #createPositions(): PositionSync {
    return new PositionSync({
      ...this.#options,
      apply: (update) => this.apply(update),
      tell: (news) => this.#options.tracker.tell(news),
      requestRefresh: () => this.#refreshTwice(),
      throwFailuresOf: (reading) => this.#throwFailuresOf(reading),
    });
  }

  #createDoubtful(): DoubtfulPositions {
    return new DoubtfulPositions({
      ...this.#options,
      isInDoubt: () => this.#options.dailyResult.arePositionsInDoubt,
      read: async (signal) => {
        await this.updateOrderFills(signal);
        await this.updatePositions(signal);
      },
    });
  }

  #createOrders(): OrderSync {
    return new OrderSync({
      ...this.#options,
      booking: this.#booking,
      onAbsurd: (update, reason, isPushed) => this.#onAbsurd(update, reason, isPushed),
      requestRefresh: () => this.#refreshTwice(),
      throwFailuresOf: (reading) => this.#throwFailuresOf(reading),
    });
  }

  #refresher(options: Pick<RefresherOptions, "name" | "delayMs" | "servesAfterMs" | "refresh">): Refresher {
    const { timers, logger } = this.#options;
    return new Refresher({ ...options, firstRetryMs: 500, longestRetryMs: 30_000, timers, logger });
  }

  /** True once the venue has listed them, however few there are: a new account holds nothing. */
  get areBalancesKnown(): boolean {
    return this.#balances.areKnown;
  }

  /** False from a gap on until a catch-up that began after it has ended. */
  get isCaughtUp(): boolean {
    return this.#questions.isDone && !this.#rowAlarms.isPending;
  }

  /** The loops; run until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { cashFlows } = this.#options;
    const refreshers = [this.#catchUp, this.#afterFill, this.#wellAfterFill, this.#wellAfterGap, this.#fundingDue];
    const loops = [...refreshers, this.#positions, this.#doubtful, this.#rowAlarms, cashFlows];
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
        if (account.believesPushed(update)) this.#emitWhenNew("balance", account.applyBalance(update));
        else this.#afterFill.request();
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
        this.#options.externalOrders.report(update.order);
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
    if (isDoubtful) this.#refreshTwice();
    return () => this.#emitWhenNew("position", position);
  }

  /** Balances and positions are read again soon. */
  requestRefresh(): void {
    this.#afterFill.request();
  }

  #refreshTwice(): void {
    this.#afterFill.request();
    this.#wellAfterFill.request();
  }

  /** Facts that a gap may have hidden are asked for once more when no copy of the venue's books can be behind. */
  requestSecondCatchUp(): void {
    this.#wellAfterGap.request();
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
    await this.#retakes.positions(signal);
    await this.#retakes.balances(signal);
  }

  /**
   * Asks for positions of the whole account, and for nothing else. Resolves with the rows that could not be read, in
   * words.
   */
  async readPositions(signal: AbortSignal): Promise<readonly string[]> {
    const unread = await this.updatePositions(signal);
    return (await this.#retakes.positions(signal)) ?? unread;
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
    await this.#balances.update(signal);
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

  /**
   * Updates the mode of the account, beside the list of positions, which tells the mode of each market where each has
   * its own (Bybit).
   */
  async updateModeOfAccount(signal: AbortSignal): Promise<void> {
    if (this.#options.venue.derivative.canHedge === undefined) await this.updatePositionModes(signal);
  }

  /** The position mode may be another than is known: it is asked for at once. */
  requestPositionModes(): void {
    this.#positions.requestModes();
  }

  /** Settlements since the last ones that are known. */
  async updateFundingPayments(signal: AbortSignal): Promise<void> {
    await this.#funding.update(signal);
  }

  #emitWhenNew<Name extends "balance" | "position">(name: Name, event: ConnectorEvents[Name] | undefined): void {
    if (event !== undefined) this.#options.events.emit(name, event);
  }
}
