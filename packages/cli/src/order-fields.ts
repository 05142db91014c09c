import type { InFlightOrder } from "../../../src/trading/in-flight-order.ts";
import { isoTime } from "./output.ts";

/** Fields that commands print of one of our orders. */
export function orderFields(order: InFlightOrder): Readonly<Record<string, unknown>> {
  return {
    clientOrderId: order.clientOrderId,
    exchangeOrderId: order.exchangeOrderId,
    tradingPair: order.tradingPair,
    side: order.side,
    type: order.type,
    amount: order.amount,
    price: order.price,
    timeInForce: order.timeInForce,
    reduceOnly: order.reduceOnly,
    position: order.positionAction,
    state: order.state,
    time: isoTime(order.lastUpdateMs),
  };
}
