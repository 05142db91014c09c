import { formatAmount } from "./amount.ts";
import { checkOrder, checkWaiting, findAccount, findMarket, findOpenOrder, refusal } from "./checks.ts";
import { runOrder } from "./matching.ts";
import { remaining } from "./order.ts";
import { acceptOrder, closeOrder, cutOrder, type OrderRequest, publish, unrestOrder } from "./orders.ts";
import type { EngineState, Order } from "./records.ts";
import type { Refusal } from "./state.ts";
import type { OrderCommand, Placement, PlacementsAhead } from "./types.ts";

type Of<Type extends OrderCommand["type"]> = Extract<OrderCommand, { type: Type }>;

/** The order that a command asks for, or why there can be none. */
export function requestOf(state: EngineState, command: Of<"placeOrder">): OrderRequest | Refusal {
  const account = findAccount(state, command.accountId);
  if ("code" in account) return account;
  const market = findMarket(state, command.market);
  if ("code" in market) return market;
  const { side, orderType, price, size, timeInForce, postOnly, reduceOnly, clientId } = command;
  return {
    account,
    market,
    side,
    positionSide: command.positionSide ?? "both",
    orderType,
    price,
    size,
    timeInForce,
    postOnly,
    reduceOnly,
    liquidation: false,
    clientId,
    isPriceBandKept: command.isPriceBandKept === true,
  };
}

export function placeOrder(state: EngineState, command: Of<"placeOrder">): Refusal | null {
  const request = requestOf(state, command);
  if ("code" in request) return request;
  const refused = checkOrder(state, request, null);
  if (refused !== null) return refused;
  runOrder(state, acceptOrder(state, request));
  return null;
}

/** Looks at an order that waits behind others, as `placeOrder` looks at one whose turn has come. */
export function checkPlacement(state: EngineState, command: Placement, ahead: PlacementsAhead): Refusal | null {
  const request = requestOf(state, command);
  if ("code" in request) return request;
  const waiting = ahead.waiting.flatMap((each) => {
    const other = requestOf(state, each);
    return "code" in other ? [] : [other];
  });
  return checkWaiting(request, state, { ...ahead, waiting });
}

export function cancelOrder(state: EngineState, command: Of<"cancelOrder">): Refusal | null {
  const { accountId, orderId, isExpiry = false } = command;
  const account = findAccount(state, accountId);
  if ("code" in account) return account;
  const order = findOpenOrder(account, orderId);
  if ("code" in order) return order;
  closeOrder(state, order, isExpiry ? "expired" : "user");
  return null;
}

export function cancelAll(state: EngineState, command: Of<"cancelAll">): Refusal | null {
  const account = findAccount(state, command.accountId);
  if ("code" in account) return account;
  const { market, side } = command;
  if (market !== undefined && !state.markets.has(market)) return refusal("noSuchMarket", `no market "${market}"`);
  for (const order of [...account.openOrders.values()]) {
    if (market !== undefined && order.market.spec.market !== market) continue;
    if (side !== undefined && order.side !== side) continue;
    closeOrder(state, order, "user");
  }
  return null;
}

/** Replaces an order. The new one has the remaining size of the old one by default; it goes to the end of its queue. */
export function replaceOrder(state: EngineState, command: Of<"replaceOrder">): Refusal | null {
  const account = findAccount(state, command.accountId);
  if ("code" in account) return account;
  const replaced = findOpenOrder(account, command.orderId);
  if ("code" in replaced) return replaced;
  const request: OrderRequest = {
    account,
    market: replaced.market,
    side: replaced.side,
    positionSide: replaced.position.side,
    orderType: "limit",
    price: command.price ?? replaced.price,
    size: command.size ?? remaining(replaced),
    timeInForce: replaced.timeInForce,
    postOnly: replaced.postOnly,
    reduceOnly: replaced.reduceOnly,
    liquidation: false,
    clientId: command.clientId,
  };
  const refused = checkOrder(state, request, { order: replaced, filled: 0n });
  if (refused !== null) return refused;
  closeOrder(state, replaced, "amended");
  runOrder(state, acceptOrder(state, request));
  return null;
}

/** Amends an order: same id, new price or size. Only an order that does nothing but shrink keeps its place. */
export function amendOrder(state: EngineState, command: Of<"amendOrder">): Refusal | null {
  const account = findAccount(state, command.accountId);
  if ("code" in account) return account;
  const order = findOpenOrder(account, command.orderId);
  if ("code" in order) return order;
  const price = command.price ?? order.price;
  const size = command.size ?? order.size;
  if (price === order.price && size === order.size) return refusal("unchanged", "the order is so already");
  if (order.filled > 0n && size <= order.filled) {
    if (command.endsWhenFilled === true) {
      cutOrder(state, order, order.size - order.filled, "orderAmended");
      closeOrder(state, order, "filled");
      return null;
    }
    return refusal(
      "sizeBelowFilled",
      `size ${formatAmount(size)} is not above the ${formatAmount(order.filled)} filled`,
    );
  }
  const refused = checkOrder(state, amended(order, price, size, command.isPriceBandKept === true), {
    order,
    filled: order.filled,
  });
  if (refused !== null) return refused;
  if (price === order.price && size < order.size) {
    cutOrder(state, order, order.size - size, "orderAmended");
    return null;
  }
  unrestOrder(order);
  order.price = price;
  order.size = size;
  order.updatedMs = state.nowMs;
  publish(state, order, "orderAmended");
  runOrder(state, order, false);
  return null;
}

/** Builds the request of the amended order; its client id, being its own, is not checked again. */
function amended(order: Order, price: bigint | null, size: bigint, isPriceBandKept: boolean): OrderRequest {
  const { account, market, side, timeInForce, postOnly, reduceOnly } = order;
  return {
    account,
    market,
    side,
    positionSide: order.position.side,
    orderType: "limit",
    price,
    size,
    timeInForce,
    postOnly,
    reduceOnly,
    liquidation: false,
    clientId: null,
    isPriceBandKept,
  };
}
