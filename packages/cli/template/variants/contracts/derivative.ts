import type { Market } from "../../../../../src/model/market.ts";
import type { OrderToPlace } from "../../../../../src/model/order.ts";

export function sizeOf(order: OrderToPlace, market: Market) {
  return {
    // <order-size>
    // CHECK: sizes are contracts.
    size: order.amount.div(market.rule.contractSize).toFixed(),
    // </order-size>
  };
}
