import type { OrderView } from "../../engine/types.ts";
import { createRoute, type PrivateCall, privateRoute, type Route } from "./context.ts";
import { requireContract, requireListed } from "./contracts.ts";
import { expired, GateError, invalidParameter, malformedBody, missingParameter } from "./errors.ts";
import { amendOrder, cancelOrder, cancelOrders, createOrder, readWish } from "./order-commands.ts";
import { orderObject } from "./order-objects.ts";
import type { Parameters } from "./parameters.ts";
import { CANCEL_LIMIT, ORDER_LIMIT, PRIVATE_LIMIT } from "./rate-limit.ts";
import type { WireObject, WireValue } from "./wire.ts";

const MAX_BATCH = 10;
const MAX_CANCELS = 20;
const MIN_COUNTDOWN_SECONDS = 5;

const one = (call: PrivateCall, order: OrderView): WireObject => orderObject(call.context, order, call.form);

async function cancelMany(call: PrivateCall): Promise<WireValue> {
  const { context, parameters } = call;
  const contract = parameters.text("contract");
  const side = parameters.oneOf("side", ["bid", "ask"]);
  const orders = await cancelOrders(call, {
    market: contract === undefined ? undefined : requireContract(context.engine, contract).spec.market,
    side: side === undefined ? undefined : side === "bid" ? "buy" : "sell",
    sparesReduceOnly: parameters.flag("exclude_reduce_only"),
  });
  return orders.map((order) => one(call, order));
}

/** Answers each row with an order or an error of its own; a body that is none is refused as a whole. */
async function batch(
  call: PrivateCall,
  change: (row: PrivateCall) => Promise<OrderView>,
  nameOf: (row: Parameters) => string | undefined,
): Promise<WireValue> {
  const rows = call.parameters.objects(MAX_BATCH);
  const answers = rows.map((parameters) => {
    const row = { ...call, parameters };
    // A row that is refused before its turn comes has an answer of its own too.
    return Promise.resolve()
      .then(() => change(row))
      .then((order) => ({ succeeded: true, ...one(call, order) }))
      .catch((error: unknown) => refusedRow(error, nameOf(parameters)));
  });
  return Promise.all(answers);
}

function refusedRow(error: unknown, text: string | undefined): WireObject {
  if (!(error instanceof GateError)) throw error;
  return { succeeded: false, label: error.label, detail: error.message, ...(text === undefined ? {} : { text }) };
}

const textOf = (row: Parameters): string | undefined => row.text("text");

/** Labels of a request that is wrong in itself: a batch with such a row is refused as a whole. */
const MALFORMED: ReadonlySet<string> = new Set(["INVALID_PARAM_VALUE", "MISSING_REQUIRED_PARAM"]);

function createBatch(call: PrivateCall): Promise<WireValue> {
  for (const parameters of call.parameters.objects(MAX_BATCH)) {
    try {
      readWish({ ...call, parameters });
    } catch (error) {
      if (!(error instanceof GateError) || MALFORMED.has(error.label)) throw error;
    }
  }
  return batch(call, createOrder, textOf);
}

function amendBatch(call: PrivateCall): Promise<WireValue> {
  const change = (row: PrivateCall): Promise<OrderView> => {
    const reference = row.parameters.text("order_id") ?? row.parameters.text("text");
    if (reference === undefined) throw missingParameter("order_id");
    return amendOrder(row, reference);
  };
  return batch(call, change, textOf);
}

/** Ids as text; the reason of what was not canceled is its label. */
async function cancelBatch(call: PrivateCall): Promise<WireValue> {
  const ids = call.parameters.list(MAX_CANCELS).map((id) => {
    if (typeof id !== "string" && typeof id !== "number") throw malformedBody();
    return String(id);
  });
  const user_id = call.login.identifier;
  const rows = ids.map((id) =>
    cancelOrder(call, id)
      .then(() => ({ id, user_id, succeeded: true, message: "" }))
      .catch((error: unknown) => {
        if (!(error instanceof GateError)) throw error;
        return { id, user_id, succeeded: false, message: error.label };
      }),
  );
  return Promise.all(rows);
}

/** Cancels all orders, or a contract's, unless it is called again in time; 0 calls it off. */
function countdown(call: PrivateCall): WireValue {
  const { context, parameters, login } = call;
  const timeout = parameters.integer("timeout");
  const contract = parameters.text("contract");
  if (timeout === undefined) throw missingParameter("timeout");
  if (timeout < 0 || (timeout > 0 && timeout < MIN_COUNTDOWN_SECONDS)) throw invalidParameter("timeout");
  const market = contract === undefined ? undefined : requireListed(context.engine, contract).spec.market;
  context.countdowns.set(`${login.accountId} ${market ?? ""}`, timeout * 1_000, () => {
    void cancelOrders(call, { market }).catch(() => undefined);
  });
  return { triggerTime: String(timeout === 0 ? 0 : Math.floor(context.now()) + timeout * 1_000) };
}

/** A create, an amend or a cancel that arrives after its own deadline is refused. */
export function refuseLate(deadline: string | undefined, nowMs: number): void {
  if (deadline === undefined || deadline === "") return;
  if (!/^\d{1,15}$/.test(deadline)) throw invalidParameter("x-gate-exptime");
  if (nowMs > Number(deadline)) throw expired("the request came after x-gate-exptime");
}

const HAS_DEADLINE = /\/futures\/usdt\/(orders|batch_)/;

export function hasDeadline({ method, path }: Pick<Route, "method" | "path">): boolean {
  return method !== "GET" && HAS_DEADLINE.test(path);
}

export const orderRoutes: readonly Route[] = [
  createRoute("/api/v4/futures/usdt/orders", ORDER_LIMIT, async (call) => one(call, await createOrder(call))),
  privateRoute("POST", "/api/v4/futures/usdt/batch_orders", ORDER_LIMIT, createBatch),
  privateRoute("PUT", "/api/v4/futures/usdt/orders/{}", ORDER_LIMIT, async (call) =>
    one(call, await amendOrder(call, call.name)),
  ),
  privateRoute("POST", "/api/v4/futures/usdt/batch_amend_orders", ORDER_LIMIT, amendBatch),
  privateRoute("DELETE", "/api/v4/futures/usdt/orders/{}", CANCEL_LIMIT, async (call) =>
    one(call, await cancelOrder(call, call.name)),
  ),
  privateRoute("DELETE", "/api/v4/futures/usdt/orders", CANCEL_LIMIT, cancelMany),
  privateRoute("POST", "/api/v4/futures/usdt/batch_cancel_orders", CANCEL_LIMIT, cancelBatch),
  privateRoute("POST", "/api/v4/futures/usdt/countdown_cancel_all", PRIVATE_LIMIT, countdown),
];
