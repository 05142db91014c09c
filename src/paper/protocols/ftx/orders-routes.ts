import { type Answer, type PrivateCall, privateRoute, type Route } from "./context.ts";
import { badRequest, missingParameter, notFound } from "./errors.ts";
import { requireMarket } from "./market-names.ts";
import type { DeskOrder, OrderRequest } from "./order-desk.ts";
import { orderObject } from "./order-objects.ts";
import { newestRows, ORDER_HISTORY_ROWS, readPage } from "./pagination.ts";
import type { Parameters } from "./parameters.ts";
import type { WireValue } from "./wire.ts";

const SIDES = ["buy", "sell"] as const;
const TYPES = ["limit", "market"] as const;

export const orderRoutes: readonly Route[] = [
  { method: "GET", pattern: /^\/orders\/history$/, access: "private", answer: orderHistory },
  privateRoute("GET", /^\/orders$/, openOrders),
  privateRoute("POST", /^\/orders$/, placeOrder),
  privateRoute("DELETE", /^\/orders$/, cancelAll),
  privateRoute("DELETE", /^\/bulk_orders$/, cancelByIds),
  privateRoute("DELETE", /^\/bulk_orders_by_client_id$/, cancelByClientIds),
  privateRoute("POST", /^\/orders\/by_client_id\/(.+)\/modify$/, (call) => modify(call, byClientId(call))),
  privateRoute("GET", /^\/orders\/by_client_id\/(.+)$/, (call) => show(call, byClientId(call))),
  privateRoute("DELETE", /^\/orders\/by_client_id\/(.+)$/, (call) => cancel(call, byClientId(call))),
  privateRoute("POST", /^\/orders\/([^/]+)\/modify$/, (call) => modify(call, byOrderId(call))),
  privateRoute("GET", /^\/orders\/([^/]+)$/, (call) => show(call, byOrderId(call))),
  privateRoute("DELETE", /^\/orders\/([^/]+)$/, (call) => cancel(call, byOrderId(call))),
];

function byClientId({ context, login, path: [clientId = ""] }: PrivateCall): DeskOrder {
  return context.orders.byClientId(login.accountId, clientId);
}

function byOrderId({ context, login, path: [text = ""] }: PrivateCall): DeskOrder {
  if (!/^\d{1,15}$/.test(text)) throw notFound("Order not found");
  return context.orders.order(login.accountId, Number(text));
}

function show({ context }: PrivateCall, order: DeskOrder): WireValue {
  return orderObject(context.engine, context.orders, order);
}

/** The engine's name of the market that a filter names; undefined without filter. */
function marketFilter({ context, parameters }: PrivateCall): string | undefined {
  const name = parameters.text("market");
  return name === undefined ? undefined : requireMarket(context.engine, name).spec.market;
}

function openOrders(call: PrivateCall): WireValue {
  const market = marketFilter(call);
  const orders = call.context.orders.intake.open(call.login.accountId);
  const wanted = orders.filter(({ request }) => market === undefined || request.market === market);
  return wanted.toReversed().map((order) => show(call, order));
}

function orderHistory(call: PrivateCall): Answer {
  const { context, login, parameters } = call;
  const market = marketFilter(call);
  const side = parameters.oneOf("side", SIDES);
  const type = parameters.oneOf("orderType", TYPES);
  const page = newestRows(
    context.orders.intake.all(login.accountId),
    ({ createdMs }) => createdMs,
    readPage(parameters, ORDER_HISTORY_ROWS),
    ({ request }) =>
      (market === undefined || request.market === market) &&
      (side === undefined || request.side === side) &&
      (type === undefined || request.type === type),
  );
  return { result: page.rows.map((order) => show(call, order)), siblings: { hasMoreData: page.hasMoreData } };
}

function placeOrder(call: PrivateCall): WireValue {
  const { context, login, parameters } = call;
  const market = requireMarket(context.engine, parameters.requiredText("market"));
  context.limiter.order(login.accountId, market.spec.market, context.now());
  const rejectAfterMs = parameters.number("rejectAfterTs");
  if (rejectAfterMs !== undefined && context.now() > rejectAfterMs) throw badRequest("Order took too long to process");
  const request = readOrder(parameters, login.accountId, market.spec.market);
  return show(call, context.orders.place(request));
}

/** The key `price` must be there; it is null for a market order. */
function readOrder(parameters: Parameters, accountId: string, market: string): OrderRequest {
  const side = parameters.oneOf("side", SIDES);
  if (side === undefined) throw missingParameter("side");
  const type = parameters.oneOf("type", TYPES);
  if (type === undefined) throw missingParameter("type");
  if (!parameters.isPresent("price")) throw missingParameter("price");
  return {
    accountId,
    market,
    side,
    type,
    price: type === "market" ? null : (parameters.amount("price") ?? null),
    size: parameters.requiredAmount("size"),
    ioc: parameters.flag("ioc"),
    postOnly: parameters.flag("postOnly"),
    reduceOnly: parameters.flag("reduceOnly"),
    clientId: parameters.text("clientId") ?? null,
  };
}

function modify(call: PrivateCall, { orderId }: DeskOrder): WireValue {
  const { context, login, parameters } = call;
  const price = parameters.amount("price") ?? null;
  const size = parameters.amount("size") ?? null;
  if (price === null && size === null) throw badRequest("Must modify either price or size");
  const clientId = parameters.text("clientId") ?? null;
  return show(call, context.orders.modify(login.accountId, orderId, { price, size, clientId }));
}

function cancel({ context, login }: PrivateCall, { orderId }: DeskOrder): WireValue {
  context.orders.cancel(login.accountId, orderId);
  return "Order queued for cancellation";
}

function cancelAll(call: PrivateCall): WireValue {
  const { context, login, parameters } = call;
  const market = marketFilter(call);
  const side = parameters.oneOf("side", SIDES);
  const isWanted = (order: { readonly market: string; readonly side: string }) =>
    (market === undefined || order.market === market) && (side === undefined || order.side === side);
  if (!parameters.flag("limitOrdersOnly")) context.conditionals.cancelWhere(login.accountId, isWanted);
  if (!parameters.flag("conditionalOrdersOnly")) {
    context.orders.cancelWhere(login.accountId, ({ request }) => isWanted(request));
  }
  return "Orders queued for cancelation";
}

function cancelByIds({ context, login, parameters }: PrivateCall): WireValue {
  const ids = new Set(parameters.list("orderIds").map(Number));
  return context.orders.cancelWhere(login.accountId, ({ orderId }) => ids.has(orderId));
}

function cancelByClientIds({ context, login, parameters }: PrivateCall): WireValue {
  const ids = new Set(parameters.list("clientOrderIds").map(String));
  const canceled: string[] = [];
  context.orders.cancelWhere(login.accountId, ({ request: { clientId } }) => {
    if (clientId === null || !ids.has(clientId)) return false;
    canceled.push(clientId);
    return true;
  });
  return canceled;
}
