import { type Answer, type PrivateCall, type PrivateRoute, privateRoute, type Route } from "./context.ts";
import { PROTECTED_PRODUCTS } from "./disconnect-protection.ts";
import { BybitError, parameterError, TOO_MANY_VISITS } from "./errors.ts";
import { CATEGORY, marketOf, symbolOf } from "./market-names.ts";
import { ackOf, amendOrder, cancelAll, cancelOrder, createOrder, requireLinear } from "./order-commands.ts";
import { asksForConditional, readFirstFilter } from "./order-lists.ts";
import type { BybitOrder } from "./order-objects.ts";
import type { Parameters } from "./parameters.ts";
import { timeText, type WireObject } from "./wire.ts";

/** Per account and second, of every call that changes orders. */
const ORDER_LIMIT = 10;
const BATCH_ROWS = 20;
/** Most orders of one cancel-all (docs v5, cancel-all). */
const MAX_CANCELED = 500;

function batchRoute(
  path: string,
  change: (call: PrivateCall) => BybitOrder,
  extra: (order: BybitOrder | undefined) => WireObject = () => ({}),
): PrivateRoute {
  const answer = (call: PrivateCall): Answer => {
    requireLinear(call.parameters);
    const rows = call.parameters.list("request");
    if (rows.length === 0 || rows.length > BATCH_ROWS) throw parameterError("params error: request invalid");
    const list: WireObject[] = [];
    const verdicts: WireObject[] = [];
    for (const [index, row] of rows.entries()) {
      const isPassing = index < (call.passingRows ?? rows.length);
      const { order, code, msg } = isPassing
        ? tryChange(change, { ...call, parameters: row.with("category", CATEGORY) })
        : { order: undefined, code: TOO_MANY_VISITS, msg: "Too many visits!" };
      list.push({
        category: CATEGORY,
        symbol: row.text("symbol") ?? "",
        orderId: order?.orderId ?? "",
        orderLinkId: order === undefined ? (row.text("orderLinkId") ?? "") : (order.request.clientId ?? ""),
        ...extra(order),
      });
      verdicts.push({ code, msg });
    }
    return { result: { list }, retExtInfo: { list: verdicts } };
  };
  const rows = (parameters: Parameters) => parameters.list("request").length;
  return { method: "POST", path, access: "private", limit: ORDER_LIMIT, rows, answer };
}

function tryChange(change: (call: PrivateCall) => BybitOrder, call: PrivateCall) {
  try {
    return { order: change(call), code: 0, msg: "OK" };
  } catch (error) {
    if (!(error instanceof BybitError)) throw error;
    return { order: undefined, code: error.retCode, msg: error.message };
  }
}

function cancelAllOrders({ context, parameters, login }: PrivateCall): WireObject {
  requireLinear(parameters);
  const filter = readFirstFilter(context, parameters);
  if (filter === undefined) throw parameterError("params error: symbol, baseCoin or settleCoin is required");
  const isConditional = asksForConditional(parameters);
  const isWanted = ({ request }: BybitOrder) =>
    !isConditional && filter(symbolOf(marketOf(context.engine, request.market)));
  return { list: cancelAll(context, login.accountId, isWanted, MAX_CANCELED).map(ackOf), success: "1" };
}

const MAX_WINDOW_SECONDS = 300;
const MIN_WINDOW_SECONDS = 3;

function setProtection({ context, parameters, login }: PrivateCall): WireObject {
  const seconds = parameters.integer("timeWindow");
  if (seconds === undefined || seconds < MIN_WINDOW_SECONDS || seconds > MAX_WINDOW_SECONDS) {
    throw parameterError("params error: timeWindow invalid");
  }
  const product = parameters.oneOf("product", PROTECTED_PRODUCTS) ?? "OPTIONS";
  context.protection.set(login.accountId, product, seconds);
  return {};
}

export const orderRoutes: readonly Route[] = [
  privateRoute("POST", "/v5/order/create", ORDER_LIMIT, (call) => ackOf(createOrder(call))),
  privateRoute("POST", "/v5/order/amend", ORDER_LIMIT, (call) => ackOf(amendOrder(call))),
  privateRoute("POST", "/v5/order/cancel", ORDER_LIMIT, (call) => ackOf(cancelOrder(call))),
  privateRoute("POST", "/v5/order/cancel-all", ORDER_LIMIT, cancelAllOrders),
  batchRoute("/v5/order/create-batch", createOrder, (order) => ({
    createAt: order === undefined ? "" : timeText(order.createdMs),
  })),
  batchRoute("/v5/order/amend-batch", amendOrder),
  batchRoute("/v5/order/cancel-batch", cancelOrder),
  privateRoute("POST", "/v5/order/disconnected-cancel-all", 5, setProtection),
];
