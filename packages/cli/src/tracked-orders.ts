import type { PerpetualConnector } from "../../../src/connector/perpetual-connector.ts";
import type { InFlightOrder } from "../../../src/trading/in-flight-order.ts";

/** Orders of ours that have not ended as far as the journal knows. */
export function trackedOrders(connector: PerpetualConnector): readonly InFlightOrder[] {
  return [...connector.inFlightOrders.values(), ...connector.lostOrders];
}

/** The order of ours with this client order id or id of the venue, ended or not. */
export function findTracked(connector: PerpetualConnector, orderId: string): InFlightOrder | undefined {
  return (
    connector.order(orderId) ??
    trackedOrders(connector).find(({ exchangeOrderIds }) => exchangeOrderIds.includes(orderId))
  );
}
