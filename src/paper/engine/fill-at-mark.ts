import { applyTrade, planTrade } from "./accounts.ts";
import { fillSide } from "./matching.ts";
import { opposite } from "./order.ts";
import { acceptOrder, closeOrder } from "./orders.ts";
import { positionOf } from "./position.ts";
import type { EngineState, Order, Position } from "./records.ts";

/** Reason why the venue made it: auto-deleveraging, or the end of a market. */
type Cause = "adl" | "settlement";

/** Reduces a position by an order of the venue that the insurance fund fills at mark, without fee; resting orders stay. */
export function fillAtMark(state: EngineState, position: Position, size: bigint, cause: Cause): Order {
  const { account, market } = position;
  const order = acceptOrder(state, {
    account,
    market,
    side: position.size > 0n ? "sell" : "buy",
    positionSide: position.side,
    orderType: "market",
    price: null,
    size,
    timeInForce: "IOC",
    postOnly: false,
    reduceOnly: true,
    liquidation: false,
    [cause]: true,
    clientId: null,
  });
  const tradeId = state.nextTradeId++;
  const price = market.mark;
  fillSide(state, order, { tradeId, price, size, feeRate: 0n, isMaker: false, takeover: cause === "adl" });
  applyTrade(state, planTrade(positionOf(state.insurance, market, "both"), opposite(order.side), price, size));
  closeOrder(state, order, "filled");
  return order;
}
