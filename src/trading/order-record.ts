import { type Decimal, sum, ZERO } from "../model/decimal.ts";
import type { OrderReference, OrderState, OrderToPlace, TerminalReason } from "../model/order.ts";
import type { FillTotals } from "./fill-ledger.ts";

export type EndState = "filled" | "canceled" | "expired" | "failed";

/** The venue's word that an order ended; the order is done when its fills add up as well. */
export interface Ending {
  readonly state: EndState;
  readonly reason: TerminalReason | undefined;
  readonly exchangeOrderId: string | undefined;
  /** What the venue said was executed on that exchange order id, where it said so. */
  readonly executedAmount: Decimal | undefined;
  readonly timestampMs: number;
  /** By our clock. */
  readonly seenAtMs: number;
}

/** A refusal that proves that the order never existed, until evidence of existence beats it. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly timestampMs: number;
}

/** `requested`: to be sent as soon as possible; `sent`: waiting for the answer; `unconfirmed`: the answer was lost. */
export type CancelProgress = "none" | "requested" | "sent" | "unconfirmed";

/** Price and amount that an amend asked for and the venue has not acknowledged. */
export interface AmendTarget {
  readonly price: Decimal | undefined;
  readonly amount: Decimal;
}

/**
 * The facts about one order. They only ever grow, so that late and reordered messages cannot move it backwards; its
 * state is computed from them.
 */
export interface OrderRecord {
  readonly order: OrderToPlace;
  readonly createdAtMs: number;
  /** Acknowledged by the venue, or as sent. */
  price: Decimal | undefined;
  amount: Decimal;
  amend: AmendTarget | undefined;
  /** Oldest first; the last one is current. */
  readonly exchangeOrderIds: string[];
  /** The venue has shown that the order exists or existed. */
  exists: boolean;
  doubt: "unknown" | "lost" | undefined;
  refusal: Refusal | undefined;
  cancel: CancelProgress;
  ending: Ending | undefined;
  /** The order ended and its fills add up, or were given up. */
  ended: boolean;
  endedAtMs: number | undefined;
  /** What the venue claims was executed, by exchange order id ("" before one is known). */
  readonly venueExecuted: Map<string, Decimal>;
  venueAveragePrice: Decimal | undefined;
  /** Since when, by our clock, the venue has claimed more than the fills that have come. */
  fillsMissingSinceMs: number | undefined;
  /** The venue's latest time; undefined until it has spoken. Never compared with our clock. */
  lastUpdateMs: number | undefined;
  /** Sums of the fill ledger, kept live by it. */
  readonly executed: FillTotals;
}

export function newOrderRecord(order: OrderToPlace, createdAtMs: number, executed: FillTotals): OrderRecord {
  return {
    order,
    createdAtMs,
    price: order.price,
    amount: order.amount,
    amend: undefined,
    exchangeOrderIds: [],
    exists: false,
    doubt: undefined,
    refusal: undefined,
    cancel: "none",
    ending: undefined,
    ended: false,
    endedAtMs: undefined,
    venueExecuted: new Map(),
    venueAveragePrice: undefined,
    fillsMissingSinceMs: undefined,
    lastUpdateMs: undefined,
    executed,
  };
}

export function venueExecutedAmount(record: OrderRecord): Decimal {
  return sum(record.venueExecuted.values());
}

export function stateOf(record: OrderRecord): OrderState {
  if (record.ended && record.ending !== undefined) return record.ending.state;
  if (record.refusal !== undefined) return "failed";
  if (record.doubt !== undefined) return record.doubt;
  if (!record.exists) return "pendingCreate";
  if (record.cancel === "sent" || record.cancel === "unconfirmed") return "pendingCancel";
  return record.executed.amount.gt(0) || venueExecutedAmount(record).gt(0) ? "partiallyFilled" : "open";
}

/** What the fills must add up to before the order is done. */
export function claimedAmount(record: OrderRecord): Decimal {
  const claimed = venueExecutedAmount(record);
  const silent = record.ending?.state === "filled" && record.ending.executedAmount === undefined;
  return silent && record.amount.gt(claimed) ? record.amount : claimed;
}

export function fillsAddUp(record: OrderRecord): boolean {
  return record.executed.amount.gte(claimedAmount(record));
}

export function averagePriceOf(record: OrderRecord): Decimal | undefined {
  const { amount, cost } = record.executed;
  return amount.gt(ZERO) ? cost.div(amount) : record.venueAveragePrice;
}

export function currentExchangeOrderId(record: OrderRecord): string | undefined {
  return record.exchangeOrderIds.at(-1);
}

export function referenceOf(record: OrderRecord): OrderReference {
  const { order } = record;
  return {
    clientOrderId: order.clientOrderId,
    exchangeOrderId: currentExchangeOrderId(record),
    tradingPair: order.tradingPair,
    side: order.side,
    amount: record.amount,
    price: record.price,
    type: order.type,
    timeInForce: order.timeInForce,
    createdAtMs: record.createdAtMs,
  };
}
