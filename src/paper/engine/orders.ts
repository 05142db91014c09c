import { remaining } from "./order.ts";
import { closesLeg, positionOf } from "./position.ts";
import type { Account, EngineState, Market, Order } from "./records.ts";
import { isCrowded } from "./retention.ts";
import type { CloseReason, OrderEvent, OrderView, PositionSide, Side, TimeInForce } from "./types.ts";
import { orderView } from "./views.ts";

/** Terms that an order asks for. */
export interface OrderRequest {
  readonly account: Account;
  readonly market: Market;
  readonly side: Side;
  readonly positionSide: PositionSide;
  readonly orderType: "limit" | "market";
  readonly price: bigint | null;
  readonly size: bigint;
  readonly timeInForce: TimeInForce;
  readonly postOnly: boolean;
  readonly reduceOnly: boolean;
  readonly liquidation: boolean;
  readonly adl?: boolean;
  readonly settlement?: boolean;
  readonly clientId: string | null;
  readonly isPriceBandKept?: boolean;
}

export function isReducing(request: Pick<OrderRequest, "reduceOnly" | "positionSide" | "side">): boolean {
  return request.reduceOnly || closesLeg(request.positionSide, request.side);
}

/** Creates the order with the next id and reports it as accepted. */
export function acceptOrder(state: EngineState, request: OrderRequest): Order {
  const { account, market } = request;
  const order: Order = {
    id: state.nextOrderId++,
    account,
    market,
    position: positionOf(account, market, request.positionSide),
    clientId: request.clientId,
    side: request.side,
    type: request.orderType,
    price: request.orderType === "market" ? null : request.price,
    timeInForce: request.orderType === "market" && request.timeInForce === "GTC" ? "IOC" : request.timeInForce,
    postOnly: request.postOnly,
    reduceOnly: request.reduceOnly,
    isReducing: isReducing(request),
    liquidation: request.liquidation,
    adl: request.adl ?? false,
    settlement: request.settlement ?? false,
    createdMs: state.nowMs,
    size: request.size,
    filled: 0n,
    filledCost: 0n,
    fees: 0n,
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
export function publish(state: EngineState, order: Order, type: OrderEvent["type"]): void {
  const { view: last } = order;
  if (type === "orderOpened" && last !== null && isShownBy(order, last)) {
    state.events.push({ type, order: last });
    return;
  }
  const view = orderView(order);
  order.view = view;
  const slot = order.account.orderSlots.get(order.id);
  if (slot !== undefined) order.account.orderViews[slot] = view;
  state.events.push({ type, order: view });
}

/** Tells that a new order is as it was accepted: most come to rest so, and need no second view. */
function isShownBy({ size, filled, updatedMs }: Order, view: OrderView): boolean {
  return view.filled === filled && view.size === size && view.updatedMs === updatedMs;
}

/** Puts what is left of a limit order into the book. An order that rested before, and was amended, stays opened. */
export function restOrder(state: EngineState, order: Order, price: bigint, isNew: boolean): void {
  const { account, market, view } = order;
  const name = market.spec.market;
  market.book.add(order, price);
  held(order)[order.side] += remaining(order);
  account.openOrders.set(order.id, order);
  const siblings = account.marketOrders.get(name);
  if (siblings === undefined) account.marketOrders.set(name, new Map([[order.id, order]]));
  else siblings.set(order.id, order);
  if (order.isReducing) state.reduceOnlyChecks.add(order.position);
  order.updatedMs = state.nowMs;
  if (isNew) publish(state, order, "orderOpened");
  else if (view?.filled !== order.filled || view.size !== order.size) publish(state, order, "orderChanged");
}

/** Takes a resting order out of the book, with what it held. */
export function unrestOrder(order: Order): void {
  if (order.level === null) return;
  held(order)[order.side] -= remaining(order);
  order.market.book.remove(order);
  order.account.openOrders.delete(order.id);
  order.account.marketOrders.get(order.market.spec.market)?.delete(order.id);
}

export function closeOrder(state: EngineState, order: Order, reason: CloseReason): void {
  unrestOrder(order);
  order.closeReason = reason;
  order.updatedMs = state.nowMs;
  publish(state, order, "orderClosed");
  if (!order.account.retain || order.view === null) return;
  order.account.closedViews.push(order.view);
  if (isCrowded(state, order.account)) state.crowded.add(order.account);
}

/** Counts a fill; a resting order gives up that much of its level and its margin. */
export function fillOrder(state: EngineState, order: Order, price: bigint, size: bigint, fee: bigint): void {
  if (order.level !== null) {
    order.market.book.shrink(order, size);
    held(order)[order.side] -= size;
  }
  order.filled += size;
  order.filledCost += price * size;
  order.fees += fee;
  order.updatedMs = state.nowMs;
}

/** Makes a resting order smaller; it keeps its place. */
export function cutOrder(
  state: EngineState,
  order: Order,
  cut: bigint,
  type: "orderChanged" | "orderAmended" = "orderChanged",
): void {
  order.market.book.shrink(order, cut);
  held(order)[order.side] -= cut;
  order.size -= cut;
  order.updatedMs = state.nowMs;
  publish(state, order, type);
}

function held(order: Order): Record<Side, bigint> {
  return order.isReducing ? order.position.reducing : order.position.open;
}
