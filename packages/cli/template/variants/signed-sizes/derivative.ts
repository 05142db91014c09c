import type { OrderToPlace } from "../../../../../src/model/order.ts";

export function sizeOf(order: OrderToPlace) {
  return {
    // <order-side>
    // </order-side>
    // <order-size>
    // A sale has a negative size.
    size: order.amount.times(order.side === "buy" ? 1 : -1).toFixed(),
    // </order-size>
  };
}
