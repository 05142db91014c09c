import { type AccountTrade, tradeOf, tradeOfAdjustment } from "../account/account-trade.ts";
import type { DailyResult } from "../account/daily-result.ts";
import type { FundingLedger } from "../account/funding-ledger.ts";
import type { PerpetualAccount } from "../account/perpetual-account.ts";
import { TradeKeys } from "../account/trade-keys.ts";
import { VenueTrades } from "../account/venue-trades.ts";
import type { OrderUpdate, PositionAdjustment, TradeUpdate } from "../model/account-update.ts";
import type { ConnectorEvents } from "../model/event.ts";
import type { Fill } from "../model/fill.ts";
import type { FundingPayment } from "../model/funding.ts";
import type { TradingPair } from "../model/market.ts";
import type { PositionMode } from "../model/order.ts";
import type { Position } from "../model/position.ts";
import type { TypedEmitter } from "../model/typed-emitter.ts";
import type { ClientOrderTracker } from "../trading/client-order-tracker.ts";
import type { OrderJournal } from "../trading/order-journal.ts";
import type { UntoldNews } from "../trading/untold-news.ts";
import type { CashFlowSync } from "./cash-flow-sync.ts";
import { inSlices } from "./in-slices.ts";

export interface AccountBookingOptions {
  readonly tracker: ClientOrderTracker;
  readonly account: PerpetualAccount;
  readonly fundingLedger: FundingLedger;
  readonly dailyResult: DailyResult;
  readonly cashFlows: CashFlowSync;
  readonly journal: OrderJournal;
  readonly untold: UntoldNews;
  readonly events: TypedEmitter<ConnectorEvents>;
  /** The venue changed a position by itself: positions and balances are to be read again. */
  readonly onPositionAdjustment: (adjustment: PositionAdjustment) => void;
}

/** Books what changes what the account has, whoever made it: each fact once, also across restarts. */
export class AccountBooking {
  readonly #options: AccountBookingOptions;
  readonly #venueTrades = new VenueTrades();
  readonly #adjustmentsTold: TradeKeys;

  constructor(options: AccountBookingOptions) {
    this.#options = options;
    this.#adjustmentsTold = new TradeKeys(options.journal, "adjustment");
  }

  /** A fill of ours that the ledger counts, in the unit that does. */
  applyFill(fill: Fill, mode?: PositionMode): void {
    const { dailyResult, cashFlows } = this.#options;
    dailyResult.applyTrade(this.#tradeOf(fill, mode), { isCounted: true });
    cashFlows.request();
  }

  /** A fill of an order that is not known for ours: it changes what the account has all the same. */
  applyForeignTrade(update: TradeUpdate): void {
    const { dailyResult, cashFlows } = this.#options;
    this.#venueTrades.noteForeign(update);
    dailyResult.applyTrade(this.#tradeOf(update));
    cashFlows.request();
  }

  applyPositionAdjustment(update: PositionAdjustment): void {
    const { account, dailyResult, cashFlows, journal, tracker, onPositionAdjustment } = this.#options;
    // Bybit does not tell which position of a hedged market it traded; what a venue trades by itself only closes.
    const isHedged = account.positionModeOf(update.tradingPair) === "hedge" && update.side === "both";
    const adjustment = isHedged ? ({ ...update, side: update.amount.lt(0) ? "long" : "short" } as const) : update;
    const trade = tradeOfAdjustment(adjustment);
    // A catch-up lists what was told before once more, also after a restart.
    if (this.#adjustmentsTold.has(trade) || this.#adjustmentsTold.isForgotten(trade)) return;
    journal.batch(() => {
      this.#adjustmentsTold.add(trade);
      dailyResult.applyTrade(trade);
    });
    const effect = account.applyPositionAdjustment(adjustment);
    if (effect !== undefined) tracker.tell(() => this.#tellAdjustment(adjustment, effect.position));
    onPositionAdjustment(adjustment);
    cashFlows.request();
  }

  /** The position first, as with a fill: the venue's own word on it does not differ from it any more, and tells nothing. */
  #tellAdjustment(adjustment: PositionAdjustment, position: Position | undefined): void {
    const { events } = this.#options;
    if (position !== undefined) events.emit("position", position);
    events.emit("positionAdjustment", adjustment);
  }

  /** Counted, booked and owed to the listeners in one unit, then told. */
  applyFundingPayment(payment: FundingPayment): void {
    const { fundingLedger, dailyResult, cashFlows, journal, untold, events, tracker } = this.#options;
    const tell = journal.batch(() => {
      const recorded = fundingLedger.record(payment);
      if (recorded.kind === "known") return undefined;
      if (recorded.kind === "corrected") {
        const { previous } = recorded;
        dailyResult.applyFunding(payment, previous);
        return () => events.emit("fundingPaymentCorrected", { payment, previous });
      }
      dailyResult.applyFunding(payment);
      const news = { kind: "funding", paymentId: payment.paymentId } as const;
      return untold.owe(news, () => events.emit("fundingPayment", payment));
    });
    if (tell === undefined) return;
    cashFlows.request();
    tracker.tell(tell);
  }

  /** A list that has a payment twice has it corrected: its last word counts. */
  async applyFundingPayments(payments: readonly FundingPayment[], pause: () => Promise<void>): Promise<void> {
    const last = new Map(payments.map((payment) => [payment.paymentId, payment]));
    const applyAll = (slice: readonly FundingPayment[]): void => {
      for (const payment of slice) this.applyFundingPayment(payment);
    };
    await inSlices([...last.values()], pause, (slice) => this.#options.tracker.unit(() => applyAll(slice)));
  }

  /**
   * An order that the venue made by itself, where the order says so and its fills do not. Returns whether the update is
   * of one: its fills are told as adjustments then, and it is no order of ours.
   */
  takesOfVenue(update: OrderUpdate | TradeUpdate): boolean {
    const { tracker } = this.#options;
    const { tradingPair, exchangeOrderId = "" } = update;
    if (tracker.orderByExchangeId(tradingPair, exchangeOrderId) !== undefined) return false;
    if (update.type === "trade") {
      const adjustment = this.#venueTrades.adjustmentBy(update);
      if (adjustment !== undefined) this.applyPositionAdjustment(adjustment);
      return adjustment !== undefined;
    }
    const { order } = update;
    if (order?.adjustmentReason === undefined) return false;
    for (const adjustment of this.#venueTrades.noteOrder(order, order.adjustmentReason)) {
      this.applyPositionAdjustment(adjustment);
    }
    return true;
  }

  /** The account has told positions. */
  seePositions(): void {
    const { account, dailyResult } = this.#options;
    for (const position of account.positions) dailyResult.seePosition(position);
    if (account.listedAtMs !== undefined) dailyResult.seeListing(account.listedAtMs);
    dailyResult.comparePositions();
  }

  /** Trades before this time are not listed again, nor those of markets that are behind before theirs. */
  forgetTradesBefore(timestampMs: number, behind: ReadonlyMap<TradingPair, number>): void {
    this.#options.journal.batch(() => {
      this.#options.dailyResult.forgetTradesBefore(timestampMs, behind);
      this.#adjustmentsTold.forgetTradesBefore(timestampMs, behind);
    });
  }

  #tradeOf(trade: Fill | TradeUpdate, ofOrder?: PositionMode): AccountTrade {
    const { account, dailyResult } = this.#options;
    const mode = ofOrder ?? account.positionModeOf(trade.tradingPair);
    return tradeOf(trade, mode, (side) => dailyResult.held(trade.tradingPair, side));
  }
}
