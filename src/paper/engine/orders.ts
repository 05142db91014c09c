import type { Order } from "./order.ts";
import { remaining } from "./order.ts";
import { type Account, type EngineState, type Market, positionOf } from "./state.ts";
import type { CloseReason, EngineEvent, Side } from "./types.ts";
import { orderView } from "./views.ts";

type OrderEventType = Extract<
  EngineEvent,
  { type: "orderAccepted" | "orderOpened" | "orderChanged" | "orderClosed" }
>["type"];

/** What an order asks for, after the checks. */
export interface OrderRequest {
  readonly account: Account;
  readonly market: Market;
  readonly side: Side;
  readonly orderType: "limit" | "market";
  readonly price: bigint | null;
  readonly size: bigint;
  readonly timeInForce: "GTC" | "IOC" | "FOK";
  readonly postOnly: boolean;
  readonly reduceOnly: boolean;
  readonly liquidation: boolean;
  readonly clientId: string | null;
}

/** Creates the order with the next id and reports it as accepted. */
export function acceptOrder(state: EngineState, request: OrderRequest): Order {
  const { account, market } = request;
  const order: Order = {
    id: state.nextOrderId++,
    account,
    market,
    position: positionOf(account, market),
    clientId: request.clientId,
    side: request.side,
    type: request.orderType,
    price: request.orderType === "market" ? null : request.price,
    timeInForce: request.orderType === "market" && request.timeInForce === "GTC" ? "IOC" : request.timeInForce,
    postOnly: request.postOnly,
    reduceOnly: request.reduceOnly,
    liquidation: request.liquidation,
    createdMs: state.nowMs,
    size: request.size,
    filled: 0n,
    filledCost: 0n,
    updatedMs: state.nowMs,
    closeReason: null,
    level: null,
    ahead: null,
    behind: null,
    view: null,
  };
  if (order.clientId !== null) account.orderIdByClientId.set(order.clientId, order.id);
  if (account.retain) account.orderSlots.set(order.id, account.orderViews.length);
  publish(state, order, "orderAccepted");
  return order;
}

/** Reports the order's new state and keeps it for the views. */
export function publish(state: EngineState, order: Order, type: OrderEventType): void {
  const view = orderView(order);
  order.view = view;
  const slot = order.account.orderSlots.get(order.id);
  if (slot !== undefined) order.account.orderViews[slot] = view;
  state.events.push({ type, order: view });
}

/** Puts what is left of a limit order into the book. */
export function restOrder(state: EngineState, order: Order, price: bigint): void {
  order.market.book.add(order, price);
  held(order)[order.side] += remaining(order);
  order.account.openOrders.set(order.id, order);
  if (order.reduceOnly) state.reduceOnlyChecks.add(order.position);
  order.updatedMs = state.nowMs;
  publish(state, order, "orderOpened");
}

export function closeOrder(state: EngineState, order: Order, reason: CloseReason): void {
  if (order.level !== null) {
    held(order)[order.side] -= remaining(order);
    order.market.book.remove(order);
    order.account.openOrders.delete(order.id);
  }
  order.closeReason = reason;
  order.updatedMs = state.nowMs;
  publish(state, order, "orderClosed");
}

/** Counts a fill; a resting order gives up that much of its level and its margin. */
export function fillOrder(state: EngineState, order: Order, price: bigint, size: bigint): void {
  if (order.level !== null) {
    order.market.book.shrink(order, size);
    held(order)[order.side] -= size;
  }
  order.filled += size;
  order.filledCost += price * size;
  order.updatedMs = state.nowMs;
}

/** Makes a resting order smaller; it keeps its place. */
export function cutOrder(state: EngineState, order: Order, cut: bigint): void {
  order.market.book.shrink(order, cut);
  held(order)[order.side] -= cut;
  order.size -= cut;
  order.updatedMs = state.nowMs;
  publish(state, order, "orderChanged");
}

function held(order: Order): Record<Side, bigint> {
  return order.reduceOnly ? order.position.reducing : order.position.open;
}
