import type { Decimal } from "../model/decimal.ts";
import type { PerpwireError } from "../model/error.ts";
import type { Fill } from "../model/fill.ts";
import { INSPECT, type Inspect, inspected, timeShown } from "../model/inspect.ts";
import type { TradingPair } from "../model/market.ts";
import {
  isTerminal,
  type MarginMode,
  type OrderReference,
  type OrderSide,
  type OrderState,
  type OrderType,
  type PositionAction,
  type PositionMode,
  type TerminalReason,
  type TimeInForce,
} from "../model/order.ts";
import { FillLog } from "./fill-log.ts";
import { encodeOrderRecord } from "./order-codec.ts";
import {
  amountOf,
  averagePriceOf,
  awaitsCreation,
  currentExchangeOrderId,
  endingOf,
  type OrderRecord,
  openAmountOf,
  openLegs,
  priceOf,
  referenceOf,
  stateOf,
  targetAmountOf,
  targetPriceOf,
  venueExecutedAmount,
} from "./order-record.ts";

/** Acceptance of an order by the venue. `ok: false` with `error.outcome: "unknown"`: the venue could not tell. */
export type OrderAcceptance =
  | { readonly ok: true; readonly exchangeOrderId: string | undefined; readonly timestampMs: number }
  | { readonly ok: false; readonly error: PerpwireError };

interface OrderOutcome {
  readonly executedAmount: Decimal;
  readonly averagePrice: Decimal | undefined;
  /** Amount that the venue says was executed and never gave the fills of; zero unless it did not answer for minutes. */
  readonly missingAmount: Decimal;
  readonly fees: ReadonlyMap<string, Decimal>;
  readonly timestampMs: number;
}

/**
 * Result of the order. `lost`: the venue could not tell in time (`error.outcome` is `unknown`); the order is still
 * watched, and later findings come as events.
 */
export type OrderResult =
  | (OrderOutcome & {
      readonly ok: true;
      readonly state: "filled" | "canceled" | "expired";
      readonly reason: TerminalReason | undefined;
    })
  | (OrderOutcome & { readonly ok: false; readonly state: OrderState; readonly error: PerpwireError });

/** Value that a promise resolves to, once; the promise is made when somebody waits for it, which few do for each order. */
class Outcome<T> {
  #value: T | undefined;
  #waiting: PromiseWithResolvers<T> | undefined;

  settle(value: T): void {
    this.#value ??= value;
    this.#waiting?.resolve(this.#value);
  }

  get promise(): Promise<T> {
    if (this.#waiting !== undefined) return this.#waiting.promise;
    this.#waiting = Promise.withResolvers<T>();
    if (this.#value !== undefined) this.#waiting.resolve(this.#value);
    return this.#waiting.promise;
  }
}

/** The tracker's side of a handle: it settles the promises and appends the fills. */
export class OrderSignals {
  readonly log: FillLog;
  readonly #isEnded: () => boolean;
  readonly #acceptance = new Outcome<OrderAcceptance>();
  readonly #result = new Outcome<OrderResult>();

  constructor(maxFillsKept: number, isEnded: () => boolean = () => false) {
    this.log = new FillLog(maxFillsKept, isEnded);
    this.#isEnded = isEnded;
  }

  get accepted(): Promise<OrderAcceptance> {
    return this.#acceptance.promise;
  }

  get done(): Promise<OrderResult> {
    return this.#result.promise;
  }

  accept(acceptance: OrderAcceptance): void {
    if (!this.#isEnded()) this.#acceptance.settle(acceptance);
  }

  finish(result: OrderResult): void {
    if (!this.#isEnded()) this.#result.settle(result);
    this.log.close();
  }
}

/** A live, read-only view of one order. Everything it says comes from the venue or from what was sent. */
export class InFlightOrder {
  readonly #record: OrderRecord;
  readonly #signals: OrderSignals;

  constructor(record: OrderRecord, signals: OrderSignals) {
    this.#record = record;
    this.#signals = signals;
  }

  get clientOrderId(): string {
    return this.#record.order.clientOrderId;
  }
  /** The current one; undefined until the venue names it. */
  get exchangeOrderId(): string | undefined {
    return currentExchangeOrderId(this.#record);
  }
  /** All that amends gave it, oldest first; of a long chain the newest. */
  get exchangeOrderIds(): readonly string[] {
    return this.#record.legs.map((leg) => leg.exchangeOrderId).filter((id) => id !== "");
  }
  get tradingPair(): TradingPair {
    return this.#record.order.tradingPair;
  }
  get side(): OrderSide {
    return this.#record.order.side;
  }
  get type(): OrderType {
    return this.#record.order.type;
  }
  /** Price as the venue last showed it, as sent before it has; undefined for market orders. */
  get price(): Decimal | undefined {
    return priceOf(this.#record);
  }
  /** Amount as the venue last showed it, as sent before it has; never below what is executed. */
  get amount(): Decimal {
    return amountOf(this.#record);
  }
  /** Price that the last amend under way asks for, unless a later one that set it is done; otherwise `price`. */
  get targetPrice(): Decimal | undefined {
    return targetPriceOf(this.#record);
  }
  get targetAmount(): Decimal {
    return targetAmountOf(this.#record);
  }
  /**
   * Amount that can still be filled at most, base units, whichever of the amends under way the venue takes; zero once
   * the venue has said that the order ended.
   */
  get openAmount(): Decimal {
    return openAmountOf(this.#record);
  }
  get leverage(): Decimal | undefined {
    return this.#record.order.leverage;
  }
  get positionAction(): PositionAction {
    return this.#record.order.positionAction;
  }
  get positionMode(): PositionMode {
    return this.#record.order.positionMode;
  }

  /** Margin mode of the position that it trades; undefined where the market or the account decides it. */
  get marginMode(): MarginMode | undefined {
    return this.#record.order.marginMode;
  }
  get reduceOnly(): boolean {
    return this.#record.order.reduceOnly;
  }
  get timeInForce(): TimeInForce {
    return this.#record.order.timeInForce;
  }
  get state(): OrderState {
    return stateOf(this.#record);
  }
  get isDone(): boolean {
    return isTerminal(this.state);
  }
  /** The venue says that the order ended, and not all of its fills have come. */
  get isAwaitingFills(): boolean {
    return !this.#record.ended && endingOf(this.#record) !== undefined;
  }
  /** Reason why it ended. */
  get reason(): TerminalReason | undefined {
    return this.#record.ended ? endingOf(this.#record)?.reason : undefined;
  }
  /** The sum of the fills that came. */
  get executedAmount(): Decimal {
    return this.#record.executed.amount;
  }
  /** Amount that the venue claims was executed; ahead of `executedAmount` while fills are under way. */
  get venueExecutedAmount(): Decimal {
    return venueExecutedAmount(this.#record);
  }
  /** Average price of the fills; the venue's own figure before the first one. */
  get averagePrice(): Decimal | undefined {
    return averagePriceOf(this.#record);
  }
  /** Paid so far by token; rebates are negative. */
  get fees(): ReadonlyMap<string, Decimal> {
    return new Map(this.#record.executed.fees);
  }
  /** Creation time, by the venue's clock as far as that was known. */
  get createdAtMs(): number {
    return this.#record.createdAtMs;
  }
  /** Time of the last update by the venue's clock; the creation time until the venue has spoken. */
  get lastUpdateMs(): number {
    return this.#record.lastUpdateMs ?? this.#record.createdAtMs;
  }
  /** Resolves when the venue took or refused the order, or could not tell. Never rejects. */
  get accepted(): Promise<OrderAcceptance> {
    return this.#signals.accepted;
  }
  /** Resolves when the order ended and its fills add up, or when it is lost. Never rejects. */
  get done(): Promise<OrderResult> {
    return this.#signals.done;
  }

  /** Every fill from the first one on, ending when `done` resolves. */
  fills(): AsyncIterable<Fill> {
    return { [Symbol.asyncIterator]: () => this.#signals.log.read() };
  }

  /**
   * Amount that the venue claims was executed and never gave the fills of; zero unless it did not answer for minutes.
   */
  get missingAmount(): Decimal {
    return this.#record.missingAmount;
  }

  /** References that the venue needs to find the order. */
  reference(): OrderReference {
    return referenceOf(this.#record);
  }

  /** References that the venue needs to find each order of its chain that has not ended, the current one last. */
  openReferences(): readonly OrderReference[] {
    const legs = openLegs(this.#record);
    const open = legs.length === 0 ? [this.reference()] : legs.map((leg) => referenceOf(this.#record, leg));
    return awaitsCreation(this.#record) ? [{ ...this.reference(), exchangeOrderId: undefined }, ...open] : open;
  }

  /**
   * Exchange ids of each order of its chain that has not ended, the current one last; empty for one that is not named
   * yet.
   */
  get openExchangeOrderIds(): readonly string[] {
    const legs = openLegs(this.#record);
    return legs.length === 0 ? this.exchangeOrderIds.slice(-1) : legs.map((leg) => leg.exchangeOrderId);
  }

  [INSPECT](depth: number, options: object, inspect: Inspect): string {
    const { clientOrderId, exchangeOrderId, tradingPair, side, type, price, amount, state, reason } = this;
    const { targetPrice, targetAmount, executedAmount, averagePrice, positionAction: position, fees } = this;
    const fields = {
      ...{ clientOrderId, exchangeOrderId, tradingPair, side, type, position },
      reduceOnly: this.reduceOnly || undefined,
      ...{ price, amount, state, reason, executedAmount, averagePrice },
      targetPrice: price !== undefined && targetPrice?.eq(price) === false ? targetPrice : undefined,
      targetAmount: targetAmount.eq(amount) ? undefined : targetAmount,
      fees: fees.size === 0 ? undefined : Object.fromEntries(fees),
      updated: timeShown(this.lastUpdateMs),
    };
    return inspected("InFlightOrder", fields, depth, options, inspect);
  }

  toJSON(): unknown {
    return {
      ...encodeOrderRecord(this.#record),
      price: this.price?.toFixed(),
      amount: this.amount.toFixed(),
      state: this.state,
      targetPrice: this.targetPrice?.toFixed(),
      targetAmount: this.targetAmount.toFixed(),
    };
  }
}
