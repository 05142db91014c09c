import type { Account, EngineState } from "./state.ts";

const DEFAULT_ENDED_ORDERS_KEPT = 100_000;

function keptBy({ config }: EngineState): number {
  return config.endedOrdersKept ?? DEFAULT_ENDED_ORDERS_KEPT;
}

/** So many ended orders that some have to go: an eighth more than are kept, for each time costs all that are kept. */
export function isCrowded(state: EngineState, { closedViews }: Account): boolean {
  const kept = keptBy(state);
  return closedViews.length > kept + (kept >> 3);
}

/** Forgets the orders that ended first, with their fills. What they did to positions and cash stays. */
export function forgetEndedOrders(state: EngineState, account: Account): void {
  const { closedViews, orderSlots, orderFills, orderIdByClientId, orderViews, fills } = account;
  const orderIds = new Set<number>();
  for (const { orderId, clientId } of closedViews.splice(0, closedViews.length - keptBy(state))) {
    orderIds.add(orderId);
    orderSlots.delete(orderId);
    orderFills.delete(orderId);
    if (clientId !== null && orderIdByClientId.get(clientId) === orderId) orderIdByClientId.delete(clientId);
  }
  keepWhere(orderViews, ({ orderId }) => !orderIds.has(orderId));
  for (const [slot, { orderId }] of orderViews.entries()) orderSlots.set(orderId, slot);
  keepWhere(fills, ({ orderId }) => !orderIds.has(orderId));
  state.events.push({ type: "ordersForgotten", accountId: account.id, orderIds });
}

/** Drops all other items from a list that others hold. */
export function keepWhere<T>(items: T[], isKept: (item: T) => boolean): void {
  let length = 0;
  for (const item of items) {
    if (!isKept(item)) continue;
    items[length] = item;
    length += 1;
  }
  items.length = length;
}
