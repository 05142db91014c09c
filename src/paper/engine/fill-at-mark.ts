import { applyTrade, planTrade } from "./accounts.ts";
import { fillSide } from "./matching.ts";
import { type Order, opposite } from "./order.ts";
import { acceptOrder, closeOrder } from "./orders.ts";
import { type Position, positionOf } from "./position.ts";
import type { EngineState } from "./state.ts";

interface Kind {
  /** The insurance fund takes it over: no public trade. */
  readonly takeover: boolean;
  /** Auto-deleveraging made the order. */
  readonly adl?: boolean;
}

/** Reduces a position by an order of the venue that the insurance fund fills at mark, without fee; resting orders stay. */
export function fillAtMark(state: EngineState, position: Position, size: bigint, { takeover, adl }: Kind): Order {
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
    ...(adl === undefined ? {} : { adl }),
    clientId: null,
  });
  const tradeId = state.nextTradeId++;
  const price = market.mark;
  fillSide(state, order, { tradeId, price, size, feeRate: 0n, isMaker: false, takeover });
  applyTrade(state, planTrade(positionOf(state.insurance, market, "both"), opposite(order.side), price, size));
  closeOrder(state, order, "filled");
  return order;
}
