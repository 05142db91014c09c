import type { Answer, PrivateCall, PrivateRoute, Route } from "./context.ts";
import { privateRoute } from "./context.ts";
import { ALL_FAILED, missingParameter, OkxError, orderUnknown, PARTLY_FAILED, parameterError } from "./errors.ts";
import { amendOrder, cancelAfterSilence, cancelOrder, findOrder, placeOrder } from "./order-commands.ts";
import { isForgotten } from "./order-lists.ts";
import { orderObject } from "./order-objects.ts";
import type { OkxOrder } from "./orders.ts";
import type { Parameters } from "./parameters.ts";
import { per2s } from "./rate-limit.ts";
import { timeText, type WireObject } from "./wire.ts";

const BATCH_ROWS = 20;
const TOO_MANY = {
  place: new OkxError("51111", `Maximum ${BATCH_ROWS} orders can be placed in bulk`),
  cancel: new OkxError("51406", `Canceled - order count exceeds the limit ${BATCH_ROWS}`, 400),
  amend: new OkxError("51501", `Maximum ${BATCH_ROWS} orders can be modified`, 400),
};
const MIN_SECONDS = 10;
const MAX_SECONDS = 120;

export type OrderChange = (call: PrivateCall) => OkxOrder;

/** Tries a row: `sCode` of its result is "0" or the code of its refusal. */
function attempt(change: OrderChange, call: PrivateCall): WireObject {
  const { context, parameters } = call;
  const ts = timeText(context.now());
  try {
    const order = change(call);
    const tag = context.details.get(order.orderId)?.tag ?? "";
    const reqId = parameters.text("reqId") ?? "";
    const { clientId } = order.request;
    return { clOrdId: clientId ?? "", ordId: order.orderId, reqId, sCode: "0", sMsg: "", subCode: "", tag, ts };
  } catch (error) {
    if (!(error instanceof OkxError)) throw error;
    const given = (name: string) => echo(parameters, name);
    return {
      clOrdId: given("clOrdId"),
      ordId: given("ordId"),
      reqId: given("reqId"),
      sCode: error.code,
      sMsg: error.message,
      subCode: "",
      tag: given("tag"),
      ts,
    };
  }
}

function echo(parameters: Parameters, name: string): string {
  try {
    return parameters.text(name) ?? "";
  } catch {
    return "";
  }
}

/** 0 when all rows are taken, 1 when none is, 2 when some are (docs v5, place multiple orders). */
function verdict(rows: readonly WireObject[]): Answer {
  const failed = rows.filter(({ sCode }) => sCode !== "0").length;
  if (failed === 0) return { data: rows, isTimed: true };
  return failed === rows.length
    ? { code: "1", msg: ALL_FAILED, data: rows, isTimed: true }
    : { code: "2", msg: PARTLY_FAILED, data: rows, isTimed: true };
}

function changeOne(change: OrderChange): (call: PrivateCall) => Answer {
  return (call) => verdict([attempt(change, call)]);
}

function changeMany(change: OrderChange, tooMany: OkxError): (call: PrivateCall) => Answer {
  return (call) => {
    const { rows } = call.parameters;
    if (rows === undefined || rows.length === 0) throw missingParameter("args");
    if (rows.length > BATCH_ROWS) throw tooMany;
    return verdict(rows.map((parameters) => attempt(change, { ...call, parameters })));
  };
}

function changeRoute(path: string, count: number, answer: (call: PrivateCall) => Answer): PrivateRoute {
  return { method: "POST", path, limit: per2s(count, true), access: "private", answer };
}

function orderDetails(call: PrivateCall): readonly WireObject[] {
  const order = findOrder(call);
  if (order === undefined || isForgotten(order, call.context.now())) throw orderUnknown();
  return [orderObject(call.context, order)];
}

/** `timeOut` is 0, which calls it off, or 10 to 120 seconds. */
function cancelAllAfter({ context, parameters, login }: PrivateCall): readonly WireObject[] {
  const seconds = parameters.integer("timeOut");
  const tag = parameters.text("tag");
  if (seconds === undefined) throw missingParameter("timeOut");
  if (seconds !== 0 && (seconds < MIN_SECONDS || seconds > MAX_SECONDS)) throw parameterError("timeOut");
  const { accountId } = login;
  context.countdowns.set(`${accountId} ${tag ?? ""}`, seconds * 1_000, () =>
    cancelAfterSilence(context, accountId, tag),
  );
  const nowMs = context.now();
  const triggerTime = seconds === 0 ? "0" : timeText(nowMs + seconds * 1_000);
  return [{ triggerTime, tag: tag ?? "", ts: timeText(nowMs) }];
}

export const orderRoutes: readonly Route[] = [
  changeRoute("/api/v5/trade/order", 60, changeOne(placeOrder)),
  changeRoute("/api/v5/trade/batch-orders", 300, changeMany(placeOrder, TOO_MANY.place)),
  changeRoute("/api/v5/trade/cancel-order", 60, changeOne(cancelOrder)),
  changeRoute("/api/v5/trade/cancel-batch-orders", 300, changeMany(cancelOrder, TOO_MANY.cancel)),
  changeRoute("/api/v5/trade/amend-order", 60, changeOne(amendOrder)),
  changeRoute("/api/v5/trade/amend-batch-orders", 300, changeMany(amendOrder, TOO_MANY.amend)),
  privateRoute("GET", "/api/v5/trade/order", per2s(60, true), orderDetails),
  privateRoute("POST", "/api/v5/trade/cancel-all-after", { count: 1, windowMs: 1_000 }, cancelAllAfter),
];
