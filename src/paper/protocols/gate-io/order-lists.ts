import type { FillView, OrderView } from "../../engine/types.ts";
import { type Answer, type PrivateCall, type PrivateRoute, privateRoute, type Route } from "./context.ts";
import { requireContract } from "./contracts.ts";
import { invalidParameter, missingParameter, orderNotFound } from "./errors.ts";
import { fillObject, orderObject } from "./order-objects.ts";
import { type Page, pageOf, readPage, readSpan } from "./parameters.ts";
import { PRIVATE_LIMIT } from "./rate-limit.ts";
import type { WireObject, WireValue } from "./wire.ts";

/** The engine's name of the market that `contract` names; undefined where none is asked for. */
export function wantedMarket({ context, parameters }: Pick<PrivateCall, "context" | "parameters">): string | undefined {
  const contract = parameters.text("contract");
  return contract === undefined ? undefined : requireContract(context.engine, contract).spec.market;
}

function lookUp({ context, login, name, form }: PrivateCall): WireObject {
  const order = context.notes.find(login.accountId, name, context.now());
  if (order === undefined) throw orderNotFound();
  return orderObject(context, order, form);
}

/** Lists the orders that are remembered, newest first. */
function ordersOf({ context, login }: PrivateCall, status: "open" | "finished", market: string | undefined) {
  const { engine, notes, now } = context;
  const all: readonly OrderView[] =
    status === "open" ? engine.openOrders(login.accountId, market) : engine.closedOrders(login.accountId);
  const nowMs = now();
  return all
    .filter((order) => (market === undefined || order.market === market) && notes.isListed(order, nowMs))
    .toReversed();
}

/** Headers that tell how many rows there are in all. */
function paged(page: Page, total: number, value: WireValue): Answer {
  const headers = {
    "X-Pagination-Limit": String(page.limit),
    "X-Pagination-Offset": String(page.offset),
    "X-Pagination-Total": String(total),
  };
  return { value, headers };
}

function listOrders(call: PrivateCall): Answer {
  const { context, parameters, form } = call;
  const status = parameters.oneOf("status", ["open", "finished"]);
  if (status === undefined) throw missingParameter("status");
  const lastId = parameters.text("last_id");
  const all = ordersOf(call, status, wantedMarket(call));
  const after = lastId === undefined ? undefined : context.ids.engineOrder(lastId);
  const rows = after === undefined ? all : all.filter(({ orderId }) => orderId < after);
  const page = readPage(parameters);
  const value = pageOf(rows, page).map((order) => orderObject(context, order, form));
  return paged(page, rows.length, value);
}

/** Lists finished orders by when they were made. */
function ordersInSpan(call: PrivateCall): WireValue {
  const { context, parameters, form } = call;
  const isWanted = readSpan(parameters);
  const rows = ordersOf(call, "finished", wantedMarket(call)).filter(({ createdMs }) => isWanted(createdMs));
  return pageOf(rows, readPage(parameters)).map((order) => orderObject(context, order, form));
}

/** Lists fills, newest first. */
function fillsOf(call: PrivateCall, isTimerange: boolean): WireValue {
  const { context, parameters, login, form } = call;
  const market = wantedMarket(call);
  const orderText = parameters.text("order");
  const engineId = orderText === undefined ? undefined : context.ids.engineOrder(orderText);
  if (engineId === -1) throw invalidParameter("order");
  const role = parameters.oneOf("role", ["maker", "taker"]);
  const lastId = isTimerange ? undefined : parameters.integer("last_id");
  const isInSpan = isTimerange ? readSpan(parameters) : () => true;
  const isWanted = (fill: FillView) =>
    (market === undefined || fill.market === market) &&
    (engineId === undefined || fill.orderId === engineId) &&
    (role === undefined || (role === "maker") === fill.isMaker) &&
    (lastId === undefined || lastId === 0 || context.ids.trade(fill.tradeId) < lastId) &&
    isInSpan(fill.timeMs);
  const rows = context.engine.fills(login.accountId).filter(isWanted).toReversed();
  return pageOf(rows, readPage(parameters)).map((fill) => fillObject(context, fill, form, isTimerange));
}

const listRoute: PrivateRoute = {
  ...privateRoute("GET", "/api/v4/futures/usdt/orders", PRIVATE_LIMIT, () => null),
  answer: listOrders,
};

export const orderListRoutes: readonly Route[] = [
  listRoute,
  privateRoute("GET", "/api/v4/futures/usdt/orders/{}", PRIVATE_LIMIT, lookUp),
  privateRoute("GET", "/api/v4/futures/usdt/orders_timerange", PRIVATE_LIMIT, ordersInSpan),
  privateRoute("GET", "/api/v4/futures/usdt/my_trades", PRIVATE_LIMIT, (call) => fillsOf(call, false)),
  privateRoute("GET", "/api/v4/futures/usdt/my_trades_timerange", PRIVATE_LIMIT, (call) => fillsOf(call, true)),
];
