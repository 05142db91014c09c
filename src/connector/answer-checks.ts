import type { OrderUpdate } from "../model/account-update.ts";
import { ABSURD_FACT, ProtocolError } from "../model/error.ts";
import { absurdityOf } from "../model/fact-checks.ts";
import type { OrderReference } from "../model/order.ts";
import { originalClientOrderId } from "../trading/order-ids.ts";
import type { PlacedOrder } from "./perpetual-venue.ts";

type Named = Pick<OrderReference, "tradingPair" | "clientOrderId" | "exchangeOrderId">;

/**
 * Throws `ProtocolError`, whose outcome is unknown, where the answer to a creation is no evidence of its order: it names
 * none, or another one, or tells what cannot be true. The order's fate is looked up by its client id then.
 */
export function assertAnswers(order: Named, placed: PlacedOrder): void {
  const { exchangeOrderId, clientOrderId, update, trades = [] } = placed;
  if (exchangeOrderId === "") throw new ProtocolError("an acknowledgement without the id of an order");
  assertNames(order, { tradingPair: order.tradingPair, clientOrderId, ...update });
  for (const fact of [update, ...trades]) {
    const absurdity = fact && absurdityOf(fact);
    if (absurdity !== undefined) throw new ProtocolError(`an acknowledgement of ${absurdity}`, { code: ABSURD_FACT });
  }
}

/** Throws `ProtocolError` where an answer names another order than the one that was asked about. */
export function assertNames(
  order: Named,
  answer: Pick<OrderUpdate, "tradingPair" | "clientOrderId" | "exchangeOrderId">,
): void {
  const { tradingPair, clientOrderId, exchangeOrderId } = answer;
  const isOfMarket = tradingPair === order.tradingPair;
  const isNamed = clientOrderId === undefined || originalClientOrderId(clientOrderId) === order.clientOrderId;
  // A leg that an amend has replaced meanwhile has another id.
  const isKnown =
    clientOrderId !== undefined || order.exchangeOrderId === undefined || exchangeOrderId === order.exchangeOrderId;
  if (isOfMarket && isNamed && (isKnown || exchangeOrderId === undefined)) return;
  throw new ProtocolError(`an answer about order ${order.clientOrderId} names another order`);
}
