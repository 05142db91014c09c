import type { OrderUpdate } from "../model/account-update.ts";
import { ZERO } from "../model/decimal.ts";
import type { VenueOrderState } from "../model/order.ts";
import { claimedAmount, currentExchangeOrderId, type Ending, fillsAddUp, type OrderRecord } from "./order-record.ts";

/*
 * What one piece of evidence changes in an order's facts. Each returns whether it said anything new, so that repeated
 * and reordered messages have no effect.
 */

export function bindExchangeOrderId(record: OrderRecord, exchangeOrderId: string): boolean {
  if (record.exchangeOrderIds.includes(exchangeOrderId)) return false;
  record.exchangeOrderIds.push(exchangeOrderId);
  const claimedBefore = record.venueExecuted.get("");
  if (claimedBefore !== undefined) {
    record.venueExecuted.delete("");
    record.venueExecuted.set(exchangeOrderId, claimedBefore);
  }
  // An amend that replaces the order ends the old one: that is not the end of ours.
  const { ending } = record;
  if (ending?.exchangeOrderId !== undefined && !record.ended) record.ending = undefined;
  return true;
}

/** The total that the venue claims for one exchange order id never goes down. */
export function claimExecution(record: OrderRecord, update: OrderUpdate, nowMs: number): boolean {
  const claimed = update.executedAmount;
  if (claimed === undefined) return false;
  const id = update.exchangeOrderId ?? currentExchangeOrderId(record) ?? "";
  if (claimed.lte(record.venueExecuted.get(id) ?? ZERO)) return false;
  record.venueExecuted.set(id, claimed);
  if (update.averagePrice !== undefined) record.venueAveragePrice = update.averagePrice;
  noteMissingFills(record, nowMs);
  return true;
}

/** Price and amount as the venue shows them now; older messages than the last one do not count. */
export function acknowledgeTerms(record: OrderRecord, update: OrderUpdate): boolean {
  const shown = update.order;
  if (shown === undefined || record.ended || isSuperseded(record, update) || isOvertaken(record, update)) return false;
  const { amend } = record;
  const meetsAmend = amend?.amount.eq(shown.amount) === true && (amend.price ?? ZERO).eq(shown.price ?? ZERO);
  const price = record.order.type === "market" ? record.price : (shown.price ?? record.price);
  const isNew = !shown.amount.eq(record.amount) || (price !== undefined && record.price?.eq(price) !== true);
  if (meetsAmend) record.amend = undefined;
  // A replaced order's amount is that of its last leg, not of the whole.
  if (record.exchangeOrderIds.length <= 1) record.amount = shown.amount;
  record.price = price;
  return isNew || meetsAmend;
}

/** The first end that the venue reports counts; that of a leg which an amend replaced does not. */
export function noteEnding(record: OrderRecord, update: OrderUpdate, nowMs: number): boolean {
  if (record.ending !== undefined || record.refusal !== undefined || isSuperseded(record, update)) return false;
  const state = endStateOf(record, update.state);
  if (state === undefined) return false;
  const byUser = state === "canceled" && record.cancel !== "none" ? "user" : undefined;
  record.ending = {
    state,
    reason: state === "filled" ? undefined : (update.reason ?? byUser ?? update.inferredReason ?? "venue"),
    exchangeOrderId: update.exchangeOrderId,
    executedAmount: update.executedAmount,
    timestampMs: update.timestampMs,
    seenAtMs: nowMs,
  };
  noteMissingFills(record, nowMs);
  return true;
}

function endStateOf(record: OrderRecord, state: VenueOrderState): Ending["state"] | undefined {
  if (state === "open" || state === "partiallyFilled") return undefined;
  // An order that traded did not fail.
  return state === "failed" && (record.executed.amount.gt(0) || claimedAmount(record).gt(0)) ? "canceled" : state;
}

/**
 * The order has gone on since. Times alone do not tell: an order that is taken, cut to its position and filled at once
 * is told of in several messages of one millisecond, and the answer to the request may come before the first of them.
 */
function isOvertaken(record: OrderRecord, update: OrderUpdate): boolean {
  if (record.lastUpdateMs !== undefined && update.timestampMs < record.lastUpdateMs) return true;
  if (record.ending !== undefined && endStateOf(record, update.state) === undefined) return true;
  const known = record.venueExecuted.get(update.exchangeOrderId ?? currentExchangeOrderId(record) ?? "");
  return known !== undefined && update.executedAmount?.lt(known) === true;
}

function isSuperseded(record: OrderRecord, update: OrderUpdate): boolean {
  return update.exchangeOrderId !== undefined && update.exchangeOrderId !== currentExchangeOrderId(record);
}

export function noteMissingFills(record: OrderRecord, nowMs: number): void {
  if (fillsAddUp(record)) record.fillsMissingSinceMs = undefined;
  else record.fillsMissingSinceMs ??= nowMs;
}

/** Fills that reach the whole amount prove that the order is filled, whatever was said or not said of its state. */
export function noteFilledByFills(record: OrderRecord, timestampMs: number, nowMs: number): void {
  if (record.ended || record.amend !== undefined || record.executed.amount.lt(record.amount)) return;
  // Where an amend replaced the order, the old one may have traded meanwhile: the new one can still have a rest.
  if (record.exchangeOrderIds.length > 1) return;
  if (record.ending?.state === "filled") return;
  record.ending = {
    state: "filled",
    reason: undefined,
    exchangeOrderId: currentExchangeOrderId(record),
    executedAmount: record.executed.amount,
    timestampMs: record.ending?.timestampMs ?? timestampMs,
    seenAtMs: nowMs,
  };
}

/** An order that was executed whole is filled, also where the replacement that an amend asked for came to nothing. */
export function noteExecutedWhole(record: OrderRecord): void {
  const { ending } = record;
  if (ending === undefined || record.ended || record.amend !== undefined || ending.state === "filled") return;
  if (record.executed.amount.lt(record.amount)) return;
  record.ending = { ...ending, state: "filled", reason: undefined };
}

/** Whether the order is over: the venue said so, no amend is open, and the fills add up. */
export function isReadyToEnd(record: OrderRecord): boolean {
  return !record.ended && record.ending !== undefined && record.amend === undefined && fillsAddUp(record);
}
