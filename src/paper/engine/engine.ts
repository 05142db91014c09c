import { coverDebt } from "./accounts.ts";
import { applyCommand } from "./commands.ts";
import { checkPlacement } from "./order-commands.ts";
import { presentPositions } from "./position.ts";
import type { Account, EngineState } from "./records.ts";
import { enforceReduceOnly } from "./reduce-only.ts";
import { forgetEndedOrders } from "./retention.ts";
import { settingsOf } from "./settings.ts";
import { newState } from "./state.ts";
import type {
  Command,
  Engine,
  EngineConfig,
  EngineEvent,
  MarketSettingsView,
  OrderView,
  PositionView,
} from "./types.ts";
import { accountView, houseView, marketView, positionView } from "./views.ts";

/**
 * A perpetual exchange in memory: price-time matching, one-way and hedge positions,
 * cross and isolated margin, funding, liquidation. Pure and deterministic: it
 * knows no clock and no chance, only commands and their times.
 *
 * Throws `RangeError` when a command's time is before the last one's.
 */
export function createEngine(config: EngineConfig): Engine {
  const state = newState(config);
  return {
    execute: (command, nowMs) => execute(state, command, nowMs),
    check: (order, ahead) => checkPlacement(state, order, ahead)?.code ?? null,
    sequence: () => state.sequence,
    markets: () =>
      [...state.markets.values()]
        .filter(({ status }) => status !== "delisted")
        .map((market) => marketView(state, market)),
    nextFundingMs: () => nextFundingMs(state),
    market: (name) => {
      const market = state.markets.get(name);
      return market === undefined ? undefined : marketView(state, market);
    },
    book: (name, depth) => {
      const book = state.markets.get(name)?.book;
      return { bids: book?.levels("buy", depth) ?? [], asks: book?.levels("sell", depth) ?? [] };
    },
    account: (accountId) => {
      const account = state.accounts.get(accountId);
      return account === undefined ? undefined : accountView(account);
    },
    accountIds: () => [...state.accounts.keys()],
    positions: (accountId, market) => positionsView(state, accountId, market),
    settings: (accountId, market) => settingsView(state, accountId, market),
    order: (accountId, orderId) => findOrder(state.accounts.get(accountId), orderId),
    orderByClientId: (accountId, clientId) => {
      const account = state.accounts.get(accountId);
      const orderId = account?.orderIdByClientId.get(clientId);
      return orderId === undefined ? undefined : findOrder(account, orderId);
    },
    openOrders: (accountId, market) => openOrders(state.accounts.get(accountId), market),
    openOrderCount: (accountId) => state.accounts.get(accountId)?.openOrders.size ?? 0,
    orders: (accountId) => state.accounts.get(accountId)?.orderViews ?? [],
    closedOrders: (accountId, sinceMs) => closedOrders(state.accounts.get(accountId), sinceMs),
    fills: (accountId) => state.accounts.get(accountId)?.fills ?? [],
    orderFills: (accountId, orderId) => state.accounts.get(accountId)?.orderFills.get(orderId) ?? [],
    trades: (market) => state.markets.get(market)?.trades ?? [],
    fundingPayments: (accountId) => state.accounts.get(accountId)?.payments ?? [],
    fundingRates: (market) => state.markets.get(market)?.fundingRates ?? [],
    house: () => houseView(state),
  };
}

function execute(state: EngineState, command: Command, nowMs: number): readonly EngineEvent[] {
  if (!(nowMs >= state.nowMs)) throw new RangeError(`time ${nowMs} is before ${state.nowMs}`);
  state.nowMs = nowMs;
  state.turn += 1;
  const events: EngineEvent[] = [];
  state.events = events;
  state.sequence += 1;
  const refused = applyCommand(state, command);
  if (refused !== null) {
    state.sequence -= 1;
    events.push({ type: "refused", code: refused.code, message: refused.message });
    return events;
  }
  finish(state);
  if (events.length === 0) state.sequence -= 1;
  return events;
}

/** Finishes a command: fits reduce-only orders again, covers debts, and reports each change once. */
function finish(state: EngineState): void {
  for (const position of state.reduceOnlyChecks) enforceReduceOnly(state, position);
  state.reduceOnlyChecks.clear();
  for (const position of state.changedPositions) {
    coverDebt(state, position.account);
    if (position.account === state.insurance) continue;
    state.events.push({
      type: "positionChanged",
      accountId: position.account.id,
      position: positionView(position),
    });
  }
  state.changedPositions.clear();
  for (const { spec, book } of state.touchedMarkets) book.reportChanges(spec.market, state.events);
  state.touchedMarkets.clear();
  for (const account of state.crowded) forgetEndedOrders(state, account);
  state.crowded.clear();
}

function nextFundingMs(state: EngineState): number {
  let nextMs = Number.POSITIVE_INFINITY;
  for (const market of state.markets.values()) {
    if (market.status !== "delisted") nextMs = Math.min(nextMs, market.nextFundingMs);
  }
  return nextMs;
}

function findOrder(account: Account | undefined, orderId: number): OrderView | undefined {
  if (account === undefined) return undefined;
  const slot = account.orderSlots.get(orderId);
  if (slot !== undefined) return account.orderViews[slot];
  return account.openOrders.get(orderId)?.view ?? undefined;
}

function openOrders(account: Account | undefined, market: string | undefined): readonly OrderView[] {
  const orders = market === undefined ? account?.openOrders : account?.marketOrders.get(market);
  const views: OrderView[] = [];
  for (const { view } of orders?.values() ?? []) if (view !== null) views.push(view);
  return views;
}

/** Closing times only grow, so the start is found by halving. */
function closedOrders(account: Account | undefined, sinceMs: number | undefined): readonly OrderView[] {
  const views = account?.closedViews ?? [];
  if (sinceMs === undefined) return views;
  let low = 0;
  let high = views.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((views[middle]?.updatedMs ?? 0) < sinceMs) low = middle + 1;
    else high = middle;
  }
  return views.slice(low);
}

function positionsView(state: EngineState, accountId: string, name: string): readonly PositionView[] {
  const account = state.accounts.get(accountId);
  const market = state.markets.get(name);
  if (account === undefined || market === undefined) return [];
  return presentPositions(account, market).map((position) => positionView(position));
}

function settingsView(state: EngineState, accountId: string, name: string): MarketSettingsView | undefined {
  const account = state.accounts.get(accountId);
  const market = state.markets.get(name);
  if (account === undefined || market === undefined) return undefined;
  const { leverage, positionMode, marginMode } = settingsOf(account, market);
  return { market: name, leverage, positionMode, marginMode };
}
