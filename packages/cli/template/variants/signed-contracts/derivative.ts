import type { Market } from "../../../../../src/model/market.ts";
import type { OrderToPlace } from "../../../../../src/model/order.ts";

export function sizeOf(order: OrderToPlace, market: Market) {
  return {
    // <order-side>
    // </order-side>
    // <order-size>
    // Sizes are contracts, and a sale has a negative one.
    size: order.amount
      .div(market.rule.contractSize)
      .times(order.side === "buy" ? 1 : -1)
      .toFixed(),
    // </order-size>
  };
}
