import type { OrderUpdate, TradeUpdate } from "../model/account-update.ts";
import { ABSURD_FACT, ProtocolError } from "../model/error.ts";
import { absurdityOf } from "../model/fact-checks.ts";
import type { OrderReference } from "../model/order.ts";
import type { ClientOrderTracker } from "../trading/client-order-tracker.ts";
import { originalClientOrderId } from "../trading/order-ids.ts";
import type { PlacedOrder } from "./perpetual-venue.ts";

type Named = Pick<OrderReference, "tradingPair" | "clientOrderId" | "exchangeOrderId">;
type Judge = Pick<ClientOrderTracker, "contradictionOf">;

const AN_ANSWER = { kind: "answer", amend: 0 } as const;

/**
 * Checks that the answer to a creation or an amend is about its order. Throws `ProtocolError`, whose outcome is
 * unknown, where it names no order or another one, or cannot be true. The order's fate is then looked up by its client
 * id.
 */
export function assertAnswers(order: Named, placed: PlacedOrder, tracker: Judge, nowMs: number): void {
  const { exchangeOrderId, clientOrderId, update, trades = [], timestampMs = nowMs } = placed;
  if (exchangeOrderId === "") throw new ProtocolError("an acknowledgement without the id of an order");
  assertNames(order, { tradingPair: order.tradingPair, clientOrderId, ...update });
  const { tradingPair } = order;
  const opened = { type: "order", tradingPair, exchangeOrderId, state: "open", timestampMs } as const;
  // A row without a client order id is of the order that was sent.
  const named = { ...(update ?? opened), clientOrderId: update?.clientOrderId ?? order.clientOrderId };
  for (const fact of [named, ...trades]) assertTrue(fact, tracker);
}

/** Throws as `assertAnswers` does, for the answer to a cancel that tells the order's end. */
export function assertEnds(order: Named, end: OrderUpdate, tracker: Judge): void {
  assertNames(order, end);
  assertTrue(end, tracker);
}

function assertTrue(fact: OrderUpdate | TradeUpdate, tracker: Judge): void {
  const absurdity = absurdityOf(fact) ?? tracker.contradictionOf(fact, AN_ANSWER);
  if (absurdity !== undefined) throw new ProtocolError(`an answer that tells of ${absurdity}`, { code: ABSURD_FACT });
}

type Answer = Pick<OrderUpdate, "tradingPair" | "clientOrderId" | "exchangeOrderId">;

/** Throws `ProtocolError` where an answer names another order than the one that was asked about. */
export function assertNames(order: Named, answer: Answer): void {
  if (!isNamedBy(order, answer))
    throw new ProtocolError(`an answer about order ${order.clientOrderId} names another order`);
}

/** Tells that an answer is about the order that was asked about, as far as it says. */
export function isNamedBy(order: Named, answer: Answer): boolean {
  const { tradingPair, clientOrderId, exchangeOrderId } = answer;
  const isOfMarket = tradingPair === order.tradingPair;
  const isNamed =
    clientOrderId === undefined || originalClientOrderId(clientOrderId) === originalClientOrderId(order.clientOrderId);
  // A leg that an amend has replaced meanwhile has another id.
  const isKnown =
    clientOrderId !== undefined || order.exchangeOrderId === undefined || exchangeOrderId === order.exchangeOrderId;
  return isOfMarket && isNamed && (isKnown || exchangeOrderId === undefined);
}
