import type { EngineEvent, OrderView } from "../../engine/types.ts";
import { amendOrder } from "./amend-orders.ts";
import { type PrivateCall, type ProtocolContext, type Route, signedRoute } from "./context.ts";
import { ApiError, invalidParameter, refused } from "./errors.ts";
import { cancel, type OrderCall, readReference, refusalIn } from "./order-calls.ts";
import { checkOrder } from "./order-checks.ts";
import { asAccepted, orderResponse } from "./order-objects.ts";
import { type OrderRequest, placeCommand, readOrder } from "./order-request.ts";
import { Parameters } from "./parameters.ts";
import type { ListedSymbol } from "./symbols.ts";
import type { WireObject, WireValue } from "./wire.ts";

const MAX_IN_BATCH = 5;
/** Weight of a batch in 10 seconds, however many orders it has; in the minute it counts once. */
const ORDERS_OF_BATCH = { in10Seconds: 5, inMinute: 1 };
const ONE_ORDER = { in10Seconds: 1, inMinute: 1 };
const MAX_CANCELS_IN_BATCH = 10;

export const orderRoutes: readonly Route[] = [
  {
    ...signedRoute("POST", "/fapi/v1/order", 0, placeOrder),
    security: "signed",
    answer: placeOrder,
    orders: () => ONE_ORDER,
  },
  {
    ...signedRoute("PUT", "/fapi/v1/order", 0, amendOrder),
    security: "signed",
    answer: amendOrder,
    orders: () => ONE_ORDER,
  },
  {
    ...signedRoute("POST", "/fapi/v1/order/test", 0, testOrder),
    security: "signed",
    answer: testOrder,
    orders: () => ONE_ORDER,
  },
  signedRoute("DELETE", "/fapi/v1/order", 1, cancelOrder),
  {
    ...signedRoute("POST", "/fapi/v1/batchOrders", 5, placeBatch),
    security: "signed",
    answer: placeBatch,
    orders: () => ORDERS_OF_BATCH,
  },
  {
    ...signedRoute("PUT", "/fapi/v1/batchOrders", 5, amendBatch),
    security: "signed",
    answer: amendBatch,
    orders: () => ORDERS_OF_BATCH,
  },
  signedRoute("DELETE", "/fapi/v1/batchOrders", 1, cancelBatch),
  signedRoute("DELETE", "/fapi/v1/allOpenOrders", 1, cancelAll),
  signedRoute("POST", "/fapi/v1/countdownCancelAll", 10, countdownCancelAll),
  signedRoute("GET", "/fapi/v1/openAlgoOrders", (call) => (call.text("symbol") === undefined ? 40 : 1), openAlgoOrders),
];

/** None: orders that wait for a price are not taken here. */
function openAlgoOrders(): readonly WireObject[] {
  return [];
}

async function placeOrder({ context, login, parameters }: OrderCall): Promise<WireObject> {
  const request = readOrder(context, parameters);
  checkOrder(context, login.accountId, request);
  const order = await context.submit(() => place(context, login.accountId, request));
  return orderResponse(context, request.wantsResult ? order : asAccepted(order));
}

/** Checks an order as if it were placed; nothing reaches the matching engine. */
function testOrder({ context, login, parameters }: OrderCall): WireObject {
  checkOrder(context, login.accountId, readOrder(context, parameters));
  return {};
}

/** A post-only order that would take and a fill-or-kill order that cannot fill leave no trace. */
function place(context: ProtocolContext, accountId: string, request: OrderRequest): OrderView {
  const events = context.apply(placeCommand(accountId, request));
  const orderId = acceptedId(events);
  const order = orderId === undefined ? undefined : context.engine.order(accountId, orderId);
  if (order !== undefined) {
    context.orderNames.notePriceMatch(order.orderId, request.priceMatch);
    if (request.goodTillDateMs > 0) context.goodTillDates.note(order, request.goodTillDateMs);
  }
  const unrecorded = order === undefined || order.filled > 0n ? undefined : UNRECORDED[order.closeReason ?? ""];
  if (order !== undefined && unrecorded !== undefined) context.orderNames.hide(order.orderId);
  context.publish(events);
  if (unrecorded !== undefined) throw refused(unrecorded);
  if (order === undefined) throw refusalIn(events);
  return order;
}

const UNRECORDED: Readonly<Record<string, -5022 | -5021>> = { postOnly: -5022, fokUnfilled: -5021 };

function acceptedId(events: readonly EngineEvent[]): number | undefined {
  const accepted = events.find((event) => event.type === "orderAccepted");
  return accepted?.order.orderId;
}

async function cancelOrder({ context, login, parameters }: OrderCall): Promise<WireObject> {
  const listed = context.symbols.ever.required(parameters);
  const reference = readReference(parameters);
  return context.submit((execute) => {
    const order = context.orderNames.find(login.accountId, listed.spec.market, reference, context.now());
    if (order?.status !== "open") throw refused(-2011);
    return orderResponse(context, cancel(context, execute, order));
  });
}

async function cancelAll({ context, login, parameters }: OrderCall): Promise<WireValue> {
  const { market } = context.symbols.ever.required(parameters).spec;
  await context.submit((execute) => execute({ type: "cancelAll", accountId: login.accountId, market }));
  return { code: 200, msg: "The operation of cancel all open order is done." };
}

/** Each row is an order or an error; one does not hinder the others. */
async function batch(rows: readonly OrderCall[], one: (call: OrderCall) => Promise<WireObject>): Promise<WireValue> {
  return Promise.all(rows.map((row) => one(row).catch(errorRow)));
}

function errorRow(error: unknown): WireObject {
  if (error instanceof ApiError) return { code: error.code, msg: error.message };
  throw error;
}

function batchRows(call: OrderCall): readonly OrderCall[] {
  const rows = call.parameters.list("batchOrders");
  if (rows.length > MAX_IN_BATCH) throw refused(-4082);
  return rows.map((row) => {
    if (typeof row !== "object" || row === null) throw invalidParameter("batchOrders");
    return { ...call, parameters: Parameters.ofObject({ ...row }) };
  });
}

function placeBatch(call: OrderCall): Promise<WireValue> {
  return batch(batchRows(call), placeOrder);
}

function amendBatch(call: OrderCall): Promise<WireValue> {
  return batch(batchRows(call), amendOrder);
}

/** Binance documents the first spelling of each and takes the second as well, the only one that ccxt sends. */
const ID_LISTS = ["orderIdList", "orderidlist", "origClientOrderIdList", "origclientorderidlist"];

function cancelBatch(call: OrderCall): Promise<WireValue> {
  const { parameters } = call;
  const symbol = parameters.requiredText("symbol");
  const name = ID_LISTS.find((known) => parameters.text(known) !== undefined) ?? "orderIdList";
  const ids = parameters.list(name);
  if (ids.length > MAX_CANCELS_IN_BATCH) throw refused(-4032);
  const key = name.toLowerCase() === "orderidlist" ? "orderId" : "origClientOrderId";
  const rows = ids.map((id) => ({ ...call, parameters: Parameters.ofObject({ symbol, [key]: id }) }));
  return batch(rows, cancelOrder);
}

/** Cancels all orders of a symbol unless the call comes again in time; zero stops the countdown. */
function countdownCancelAll({ context, login, parameters }: PrivateCall): WireValue {
  const listed: ListedSymbol = context.symbols.required(parameters);
  const countdownMs = parameters.requiredInteger("countdownTime");
  const { accountId } = login;
  const { market } = listed.spec;
  context.countdowns.set(`${accountId} ${market}`, countdownMs, () => {
    void context.submit((execute) => execute({ type: "cancelAll", accountId, market })).catch(() => undefined);
  });
  return { symbol: listed.symbol, countdownTime: String(countdownMs) };
}
