import { wordTable } from "../../../model/word-table.ts";
import type { ServerRequest, ServerResponse } from "../../../runtime/runtime.ts";
import { textOf } from "../json-fields.ts";
import type { RequestKind } from "../paper-protocol.ts";
import { splitTarget } from "../request-target.ts";
import { kindOfRoute, RouteTable } from "../route-table.ts";
import { accountRoutes } from "./account-routes.ts";
import { authenticate } from "./auth.ts";
import { candleRoutes } from "./candles.ts";
import type { Answer, OkxContext, PrivateCall, Route } from "./context.ts";
import { OkxError, orderUnknown, parameterError, serverError, serviceUnavailable, tooManyRequests } from "./errors.ts";
import { findInstrument, instIdOf } from "./instruments.ts";
import { marketRoutes } from "./market-routes.ts";
import { orderListRoutes } from "./order-lists.ts";
import { orderRoutes } from "./order-routes.ts";
import { Parameters } from "./parameters.ts";
import { positionRoutes } from "./position-routes.ts";
import { settingRoutes } from "./setting-routes.ts";
import { unservedRoutes } from "./unserved-routes.ts";
import { wireJson } from "./wire.ts";

const ROUTES = new RouteTable<Route>([
  ...[...marketRoutes, ...candleRoutes, ...orderRoutes, ...orderListRoutes, ...accountRoutes, ...settingRoutes],
  ...[...positionRoutes, ...unservedRoutes],
]);
/** Operations that an `expTime` holds for. */
const EXPIRING: ReadonlySet<string> = new Set(
  ["order", "batch-orders", "amend-order", "amend-batch-orders"].map((name) => `/api/v5/trade/${name}`),
);
/** A batch of one order counts as that order by itself (docs v5, place multiple orders). */
const SINGLE: Readonly<Record<string, string>> = wordTable({
  "/api/v5/trade/batch-orders": "/api/v5/trade/order",
  "/api/v5/trade/cancel-batch-orders": "/api/v5/trade/cancel-order",
  "/api/v5/trade/amend-batch-orders": "/api/v5/trade/amend-order",
});
const JSON_TYPE = { "content-type": "application/json; charset=utf-8" };

/** Answers any request under `/api/v5/`. */
export function answerRequest(context: OkxContext, request: ServerRequest): ServerResponse {
  try {
    const { code = "0", msg = "", data, isTimed = false } = route(context, request);
    const times = isTimed ? passageTimes(context) : {};
    return { status: 200, headers: JSON_TYPE, body: wireJson({ code, msg, data, ...times }) };
  } catch (error) {
    if (!(error instanceof OkxError)) throw error;
    return refuse(error);
  }
}

/** Microseconds; the gateway takes no time here. */
export function passageTimes({ now }: Pick<OkxContext, "now">): { readonly inTime: string; readonly outTime: string } {
  const micros = String(Math.floor(now() * 1_000));
  return { inTime: micros, outTime: micros };
}

function route(context: OkxContext, request: ServerRequest): Answer {
  const method = request.method.toUpperCase();
  const { path, query } = splitTarget(request.target);
  const found = ROUTES.get(method, path);
  if (found === undefined) {
    throw ROUTES.hasPath(path)
      ? new OkxError("50115", "Invalid request method.", 405)
      : new OkxError("404", "Not Found", 404);
  }
  const nowMs = context.now();
  if (found.access === "public") {
    const parameters = Parameters.ofQuery(query);
    limit(context, found, `ip ${request.remoteAddress}`, parameters, nowMs);
    return found.answer({ context, parameters });
  }
  const login = authenticate(request, context.accounts, nowMs);
  if (method === "POST" && !/^application\/json\b/i.test(request.headers["content-type"] ?? "")) {
    throw new OkxError("50006", 'Invalid Content-Type. Please use the "application/json" content type.', 400);
  }
  if (EXPIRING.has(path)) refuseExpired(request.headers.exptime, nowMs);
  const parameters = method === "GET" ? Parameters.ofQuery(query) : Parameters.ofBody(request.body);
  return callPrivate(context, found, { context, parameters, login }, nowMs);
}

/** Orders and amends may say until when they are of use, in epoch milliseconds (docs v5, expTime). */
export function refuseExpired(expTime: unknown, nowMs: number): void {
  if (expTime === undefined || expTime === "") return;
  if (!/^\d{1,15}$/.test(textOf(expTime))) throw parameterError("expTime");
  if (Number(expTime) < nowMs)
    throw new OkxError(
      "50036",
      "The expTime can't be earlier than the current system time. Please adjust the expTime and try again.",
    );
}

/** Counts the call, as the WebSocket's order operations do with the same limits, and answers it. */
export function callPrivate(
  context: OkxContext,
  found: Extract<Route, { access: "private" }>,
  call: PrivateCall,
  nowMs: number,
): Answer {
  limit(context, found, `user ${call.login.accountId}`, call.parameters, nowMs);
  return found.answer(call);
}

export function privateRouteOf(path: string): Extract<Route, { access: "private" }> | undefined {
  const found = ROUTES.get("POST", path);
  return found?.access === "private" ? found : undefined;
}

/** A batch counts its orders, each for its instrument. */
function limit(context: OkxContext, route: Route, who: string, parameters: Parameters, nowMs: number): void {
  const { limiter } = context;
  const single = parameters.rows?.length === 1 ? privateRouteOf(SINGLE[route.path] ?? "") : undefined;
  const found = single ?? route;
  const subject = `${who} ${found.method} ${found.path}`;
  if (found.limit.perInstrument !== true) {
    limiter.take(subject, found.limit, 1, nowMs);
    return;
  }
  const counts = new Map<string, number>();
  for (const row of parameters.rows ?? [parameters]) {
    // Names that are no instrument count as one: made-up ones had a budget each, and were kept for ever.
    const instrument = findInstrument(context.engine, row.text("instId") ?? "");
    const instId = instrument === undefined ? "" : instIdOf(instrument);
    counts.set(instId, (counts.get(instId) ?? 0) + 1);
  }
  for (const [instId, count] of counts) limiter.take(`${subject} ${instId}`, found.limit, count, nowMs);
}

/**
 * Renders a refusal. Where the whole request is refused there is no data; a refusal of the credentials has no such
 * field at all.
 */
function refuse({ code, message: msg, status, headers }: OkxError): ServerResponse {
  const body = status === 401 ? { msg, code } : { code, msg, data: [] };
  return { status, headers: { ...JSON_TYPE, ...headers }, body: wireJson(body) };
}

/** Decides the request's kind for the faults. */
export function kindOf(request: Pick<ServerRequest, "method" | "target">): RequestKind {
  const route = ROUTES.get(request.method.toUpperCase(), splitTarget(request.target).path);
  return kindOfRoute(request, route?.access === "private", (path) => path === "/api/v5/market/books");
}

export function placesOrder({ method, target }: Pick<ServerRequest, "method" | "target">): boolean {
  return method.toUpperCase() === "POST" && /^\/api\/v5\/trade\/(order|batch-orders)(\?|$)/.test(target);
}

export function maintenance(): ServerResponse {
  return refuse(serviceUnavailable());
}

/** The answer to a look-up of an order that is not there. */
export function nothingFound({ target }: Pick<ServerRequest, "target">): ServerResponse | undefined {
  return splitTarget(target).path === "/api/v5/trade/order" ? refuse(orderUnknown()) : undefined;
}

/** A fault of the venue: a 429 is a 50011 and a 500 a 50026, whose outcome is unknown. */
export function failure(
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): ServerResponse {
  if (status === 429) return refuse(tooManyRequests(headers));
  if (status >= 500) return refuse(serverError());
  return refuse(new OkxError(String(status), message, status, headers));
}
