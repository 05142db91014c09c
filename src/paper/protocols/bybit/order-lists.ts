import { isClosed } from "../order-intake.ts";
import { type BybitContext, type PrivateCall, privateRoute, type Route } from "./context.ts";
import { invalidParameter, parameterError } from "./errors.ts";
import { CATEGORY, COIN, findMarket, symbolOf } from "./market-names.ts";
import { type BybitOrder, executionObject, orderObject, statusOf } from "./order-objects.ts";
import { newestPage, pageObject, readWindow } from "./paging.ts";
import { Parameters } from "./parameters.ts";
import type { WireObject } from "./wire.ts";

const ORDER_ROWS = { usual: 20, most: 50 };
const EXECUTION_ROWS = { usual: 50, most: 100 };
/** `openOnly=1` knows that many, until the venue restarts. */
const RECENT_CLOSED = 500;
const DAY_MS = 86_400_000;

/** `spot`, `inverse` and `option` have nothing here. */
export function isOtherCategory(parameters: Parameters): boolean {
  const category = parameters.required("category");
  if (category === CATEGORY) return false;
  if (category === "spot" || category === "inverse" || category === "option") return true;
  throw invalidParameter("category");
}

type Filter = (symbol: string) => boolean;

/** Reads the filter by `symbol`, `baseCoin` and `settleCoin`; undefined when all are absent. */
function readSymbolFilter({ engine }: Pick<BybitContext, "engine">, parameters: Parameters): Filter | undefined {
  const symbol = parameters.text("symbol");
  const baseCoin = parameters.text("baseCoin");
  const settleCoin = parameters.text("settleCoin");
  if (symbol === undefined && baseCoin === undefined && settleCoin === undefined) return undefined;
  if (symbol !== undefined && findMarket(engine, symbol) === undefined) throw invalidParameter("symbol");
  return (name) =>
    (symbol === undefined || name === symbol) &&
    (baseCoin === undefined || name === `${baseCoin}${COIN}`) &&
    (settleCoin === undefined || settleCoin === COIN);
}

/** The first that is there of `symbol`, `baseCoin` and `settleCoin` (docs v5, cancel-all). */
export function readFirstFilter(context: Pick<BybitContext, "engine">, parameters: Parameters): Filter | undefined {
  const name = (["symbol", "baseCoin", "settleCoin"] as const).find((one) => parameters.text(one) !== undefined);
  if (name === undefined) return undefined;
  return readSymbolFilter(context, new Parameters({ [name]: parameters.required(name) }));
}

const CONDITIONAL_FILTERS = ["StopOrder", "tpslOrder", "OcoOrder", "BidirectionalTpslOrder"] as const;

/** True where only conditional orders are meant, of which this venue has none. */
export function asksForConditional(parameters: Parameters): boolean {
  const filter = parameters.oneOf("orderFilter", ["Order", "OpenOrder", ...CONDITIONAL_FILTERS]);
  return CONDITIONAL_FILTERS.some((conditional) => conditional === filter);
}

const NO_ORDERS = pageObject({ rows: [], nextPageCursor: "" });

function marketSymbol({ engine }: BybitContext, name: string): string {
  const market = engine.market(name);
  return market === undefined ? name : symbolOf(market);
}

/** Finds the order of the call's id; null when it is not found, undefined when the call has no id. */
export function findOrder({ context, parameters, login }: PrivateCall): BybitOrder | null | undefined {
  const orderId = parameters.text("orderId");
  const orderLinkId = parameters.text("orderLinkId");
  if (orderId !== undefined) return context.orders.find(login.accountId, orderId) ?? null;
  if (orderLinkId !== undefined) return context.orders.byClientId(login.accountId, orderLinkId) ?? null;
  return undefined;
}

function closedMs(order: BybitOrder): number {
  return order.refusedFor !== null ? order.refusedMs : (order.view?.updatedMs ?? order.createdMs);
}

function realtime(call: PrivateCall): WireObject {
  const { context, parameters, login } = call;
  if (isOtherCategory(parameters)) return pageObject({ rows: [], nextPageCursor: "" });
  const filter = readSymbolFilter(context, parameters);
  const one = findOrder(call);
  const recent = context.orders.closed(login.accountId).slice(-RECENT_CLOSED);
  const isKept = (order: BybitOrder) => closedMs(order) >= context.closedSinceMs();
  if (one !== undefined) {
    const isKnown = one !== null && (!isClosed(one) || (recent.includes(one) && isKept(one)));
    return pageObject({ rows: isKnown ? [orderObject(context, one)] : [], nextPageCursor: "" });
  }
  if (filter === undefined) {
    throw parameterError("Missing some parameters that must be filled in, symbol or settleCoin or baseCoin");
  }
  if (asksForConditional(parameters)) return NO_ORDERS;
  const orders = parameters.integer("openOnly") === 1 ? recent.filter(isKept) : context.orders.open(login.accountId);
  const page = newestPage(orders, parameters, ORDER_ROWS, ({ request }) =>
    filter(marketSymbol(context, request.market)),
  );
  return pageObject({ ...page, rows: page.rows.map((order) => orderObject(context, order)) });
}

/** Closed orders of the last seven days; those without fills for a day only. */
function history(call: PrivateCall): WireObject {
  const { context, parameters, login } = call;
  if (isOtherCategory(parameters)) return pageObject({ rows: [], nextPageCursor: "" });
  const filter = readSymbolFilter(context, parameters) ?? (() => true);
  const nowMs = context.now();
  const isKept = (order: BybitOrder) => (order.view?.filled ?? 0n) > 0n || closedMs(order) > nowMs - DAY_MS;
  const isOfMarket = (order: BybitOrder) => filter(marketSymbol(context, order.request.market));
  const one = findOrder(call);
  if (one !== undefined) {
    const isWanted = one !== null && isClosed(one) && isKept(one);
    return pageObject({ rows: isWanted ? [orderObject(context, one)] : [], nextPageCursor: "" });
  }
  if (asksForConditional(parameters)) return NO_ORDERS;
  const { startMs, endMs } = readWindow(parameters, nowMs);
  const status = parameters.text("orderStatus");
  const isWanted = (order: BybitOrder) =>
    isKept(order) &&
    isOfMarket(order) &&
    order.createdMs >= startMs &&
    order.createdMs <= endMs &&
    (status === undefined || statusOf(order) === status);
  const page = newestPage(context.orders.closed(login.accountId), parameters, ORDER_ROWS, isWanted);
  return pageObject({ ...page, rows: page.rows.map((order) => orderObject(context, order)) });
}

/** Lists executions. With an id all other filters are ignored (docs v5, execution). */
function executions(call: PrivateCall): WireObject {
  const { context, parameters, login } = call;
  if (isOtherCategory(parameters)) return pageObject({ rows: [], nextPageCursor: "" });
  const all = context.ledger.executions(login.accountId);
  const one = findOrder(call);
  const toRow = (execution: (typeof all)[number]) => executionObject(context, execution);
  if (one !== undefined) {
    const engineId = one?.view?.orderId;
    const page = newestPage(all, parameters, EXECUTION_ROWS, (execution) => {
      return execution.kind === "fill" && engineId !== undefined && execution.fill.orderId === engineId;
    });
    return pageObject({ ...page, rows: page.rows.map(toRow) });
  }
  const filter = readSymbolFilter(context, parameters) ?? (() => true);
  const { startMs, endMs } = readWindow(parameters, context.now());
  const execType = parameters.text("execType");
  const page = newestPage(all, parameters, EXECUTION_ROWS, (execution) => {
    const { timeMs } = execution;
    const { market } = execution.kind === "fill" ? execution.fill : execution.payment;
    if (timeMs < startMs || timeMs >= endMs + 1 || !filter(marketSymbol(context, market))) return false;
    return execType === undefined || toRow(execution).execType === execType;
  });
  return pageObject({ ...page, rows: page.rows.map(toRow) });
}

export const orderListRoutes: readonly Route[] = [
  privateRoute("GET", "/v5/order/realtime", 50, realtime),
  privateRoute("GET", "/v5/order/history", 50, history),
  privateRoute("GET", "/v5/execution/list", 50, executions),
];
