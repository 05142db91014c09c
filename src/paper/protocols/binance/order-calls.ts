import type { EngineEvent, OrderView } from "../../engine/types.ts";
import type { Execute, PrivateCall, ProtocolContext } from "./context.ts";
import { type ApiError, missingParameter, refusalOf, refused } from "./errors.ts";
import type { Parameters } from "./parameters.ts";

/** Parts of a call that one order of a batch needs. */
export type OrderCall = Pick<PrivateCall, "context" | "login" | "parameters">;

export function refusalIn(events: readonly EngineEvent[]): ApiError {
  const event = events.find(({ type }) => type === "refused");
  return event?.type === "refused" ? refusalOf(event.code) : refused(-1000);
}

export function cancel(context: ProtocolContext, execute: Execute, { accountId, orderId }: OrderView): OrderView {
  execute({ type: "cancelOrder", accountId, orderId });
  const order = context.engine.order(accountId, orderId);
  if (order === undefined) throw refused(-2011);
  return order;
}

export function readReference(parameters: Parameters) {
  const orderId = parameters.integer("orderId");
  const clientOrderId = parameters.text("origClientOrderId");
  if (orderId === undefined && clientOrderId === undefined) throw missingParameter("orderId");
  return { orderId, clientOrderId };
}
