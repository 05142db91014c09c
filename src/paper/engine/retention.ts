import type { Account, EngineState } from "./records.ts";

export const DEFAULT_ENDED_ORDERS_KEPT = 100_000;

/** Forgetting is put off until an eighth of what is kept has to go, since each time costs all that are kept. */
export const SLACK_SHIFT = 3;

/** Tells that an account has so many ended orders, or such old ones, that some have to go. */
export function isCrowded({ config, nowMs }: EngineState, { closedViews }: Account): boolean {
  const { endedOrdersKept: kept = DEFAULT_ENDED_ORDERS_KEPT, endedOrdersKeptMs: keptMs } = config;
  if (closedViews.length > kept + (kept >> SLACK_SHIFT)) return true;
  const oldestMs = closedViews[0]?.updatedMs;
  return keptMs !== undefined && oldestMs !== undefined && oldestMs < nowMs - keptMs * (1 + 2 ** -SLACK_SHIFT);
}

/** Counts the oldest ended orders that have to go: those beyond the number and those beyond the age. */
function surplusOf({ config, nowMs }: EngineState, { closedViews }: Account): number {
  const { endedOrdersKept = DEFAULT_ENDED_ORDERS_KEPT, endedOrdersKeptMs = Number.POSITIVE_INFINITY } = config;
  const youngest = closedViews.findIndex(({ updatedMs }) => updatedMs >= nowMs - endedOrdersKeptMs);
  return Math.max(closedViews.length - endedOrdersKept, youngest === -1 ? closedViews.length : youngest);
}

/** Marks the accounts whose ended orders have grown too old, also while no order ends in them. */
export function findCrowdedByTime(state: EngineState): void {
  if (state.config.endedOrdersKeptMs === undefined) return;
  for (const account of state.accounts.values()) if (isCrowded(state, account)) state.crowded.add(account);
}

/** Forgets the orders that ended first, with their fills. What they did to positions and cash stays. */
export function forgetEndedOrders(state: EngineState, account: Account): void {
  const { closedViews, orderSlots, orderFills, orderIdByClientId, orderViews, fills } = account;
  const orderIds = new Set<number>();
  for (const { orderId, clientId } of closedViews.splice(0, surplusOf(state, account))) {
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
