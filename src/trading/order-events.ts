import { InsufficientMarginError, OrderRejectedError, PerpwireError } from "../model/error.ts";
import type { ConnectorEvents, OrderEndedEvent, OrderEvent } from "../model/event.ts";
import type { OrderResult } from "./in-flight-order.ts";
import {
  amountOf,
  averagePriceOf,
  currentExchangeOrderId,
  endingOf,
  type OrderRecord,
  priceOf,
  stateOf,
} from "./order-record.ts";

type OrderEventName =
  | "orderCreated"
  | "orderFilled"
  | "orderAmended"
  | "orderAmendFailed"
  | "orderCompleted"
  | "orderCanceled"
  | "orderExpired"
  | "orderFailed"
  | "orderUnknown"
  | "orderLost";

export type OrderEventEmitter = <Name extends OrderEventName>(name: Name, event: ConnectorEvents[Name]) => void;

export function orderEvent(record: OrderRecord, timestampMs: number): OrderEvent {
  const { order } = record;
  return {
    clientOrderId: order.clientOrderId,
    exchangeOrderId: currentExchangeOrderId(record),
    tradingPair: order.tradingPair,
    side: order.side,
    orderType: order.type,
    positionAction: order.positionAction,
    amount: amountOf(record),
    price: priceOf(record),
    executedAmount: record.executed.amount,
    timestampMs,
  };
}

function orderEndedEvent(record: OrderRecord, timestampMs: number): OrderEndedEvent {
  return {
    ...orderEvent(record, timestampMs),
    averagePrice: averagePriceOf(record),
    reason: endingOf(record)?.reason,
    missingAmount: record.missingAmount,
  };
}

/** Teller of how an order ended, as it is now. `error` is why it failed, where its facts do not say so. */
export function endTeller(
  record: OrderRecord,
  emit: OrderEventEmitter,
  timestampMs: number,
  error?: PerpwireError,
): () => void {
  const state = stateOf(record);
  if (state === "failed") {
    const event = { ...orderEvent(record, timestampMs), error: error ?? failureOf(record) };
    return () => emit("orderFailed", event);
  }
  const name = state === "filled" ? "orderCompleted" : state === "expired" ? "orderExpired" : "orderCanceled";
  const event = orderEndedEvent(record, timestampMs);
  return () => emit(name, event);
}

/** Builds the result with which an ended, refused or lost order resolves `done`. */
export function orderResult(record: OrderRecord, error: PerpwireError | undefined, timestampMs: number): OrderResult {
  const outcome = {
    executedAmount: record.executed.amount,
    averagePrice: averagePriceOf(record),
    missingAmount: record.missingAmount,
    fees: new Map(record.executed.fees),
    timestampMs,
  };
  const state = stateOf(record);
  if (state === "filled" || state === "canceled" || state === "expired") {
    return { ...outcome, ok: true, state, reason: endingOf(record)?.reason };
  }
  return { ...outcome, ok: false, state, error: error ?? failureOf(record) };
}

/** Reason why an order failed, from its facts. */
export function failureOf(record: OrderRecord): PerpwireError {
  const id = record.order.clientOrderId;
  if (record.refusal !== undefined)
    return new OrderRejectedError(record.refusal.message, { code: record.refusal.code });
  const ending = endingOf(record);
  if (ending?.state === "failed") {
    const Failure = ending.reason === "margin" ? InsufficientMarginError : OrderRejectedError;
    return new Failure(`the venue rejected order ${id} (reason: ${ending.reason ?? "venue"})`);
  }
  return lostError(id);
}

export function lostError(clientOrderId: string, cause?: unknown): PerpwireError {
  return new PerpwireError(`the venue could not tell what became of order ${clientOrderId}`, {
    code: "ORDER_LOST",
    outcome: "unknown",
    retry: "never",
    hint: "it is still watched and can be canceled; check the position before ordering again",
    cause,
  });
}
