import type { ServerRequest, ServerResponse } from "../../../runtime/runtime.ts";
import type { Login } from "../accounts.ts";
import type { RequestKind } from "../paper-protocol.ts";
import { splitTarget } from "../request-target.ts";
import { kindOfRoute, RouteTable } from "../route-table.ts";
import { accountRoutes } from "./account-routes.ts";
import { assetRoutes } from "./asset-routes.ts";
import { authenticate } from "./auth.ts";
import { closedPnlRoutes } from "./closed-pnl.ts";
import type { Answer, BybitContext, PrivateRoute, Route } from "./context.ts";
import { BybitError, SERVER_ERROR, TOO_MANY_VISITS } from "./errors.ts";
import { klineRoutes } from "./kline-routes.ts";
import { marketRoutes } from "./market-routes.ts";
import { orderListRoutes } from "./order-lists.ts";
import { orderRoutes } from "./order-routes.ts";
import { Parameters } from "./parameters.ts";
import { positionRoutes } from "./position-routes.ts";
import { limitHeaders } from "./rate-limit.ts";
import { type WireObject, wireJson } from "./wire.ts";

const ROUTES = new RouteTable<Route>([
  ...marketRoutes,
  ...klineRoutes,
  ...assetRoutes,
  ...closedPnlRoutes,
  ...orderRoutes,
  ...orderListRoutes,
  ...positionRoutes,
  ...accountRoutes,
]);
const JSON_TYPE = { "content-type": "application/json; charset=utf-8" };

const BOOK_PATHS: ReadonlySet<string> = new Set(["/v5/market/orderbook", "/v5/market/rpi_orderbook"]);

type Headers = Readonly<Record<string, string>>;
type Now = Pick<BybitContext, "now">;

/** Answers any request under `/v5`: business errors have status 200 and a `retCode`. */
export function answerRequest(context: BybitContext, request: ServerRequest): ServerResponse {
  try {
    const { answer, headers } = route(context, request);
    return respond(context, 200, 0, "OK", answer, headers);
  } catch (error) {
    if (!(error instanceof BybitError)) throw error;
    const { status, retCode, message, headers, result } = error;
    if (status === 403) return { status, headers: { "content-type": "text/plain" }, body: message };
    return respond(context, status, retCode, message, { result }, headers);
  }
}

function route(context: BybitContext, request: ServerRequest): { readonly answer: Answer; readonly headers: Headers } {
  context.limiter.address(request.remoteAddress, context.now());
  const method = request.method.toUpperCase();
  const { path, query } = splitTarget(request.target);
  if (method === "GET" && request.body !== "") throw new BybitError(TOO_MANY_VISITS, "403 Forbidden", 403);
  const found = ROUTES.get(method, path);
  if (found === undefined)
    throw new BybitError(ROUTES.hasPath(path) ? 10_001 : 404, "Request path or method is invalid", 404);
  const parameters = method === "GET" ? Parameters.ofQuery(query) : Parameters.ofBody(request.body);
  if (found.access === "public") return { answer: found.answer({ context, parameters }), headers: {} };
  const login = authenticate(request, context.accounts, context.now());
  return callPrivate(context, found, login, parameters);
}

/** The headers of the limit come with an error of the route too. */
export function callPrivate(
  context: BybitContext,
  route: PrivateRoute,
  login: Login,
  parameters: Parameters,
): { readonly answer: Answer; readonly headers: Headers } {
  const { path, limit } = route;
  const { accountId } = login;
  const rows = route.rows?.(parameters);
  const { passing, headers } =
    rows === undefined
      ? { passing: 1, headers: context.limiter.endpoint(accountId, path, limit, context.now()) }
      : context.limiter.rows(accountId, path, limit, rows, context.now());
  try {
    return { answer: route.answer({ context, parameters, login, passingRows: passing }), headers };
  } catch (error) {
    if (!(error instanceof BybitError)) throw error;
    throw new BybitError(error.retCode, error.message, error.status, { ...headers, ...error.headers }, error.result);
  }
}

export function privateRouteOf(path: string): PrivateRoute | undefined {
  const found = ROUTES.get("POST", path);
  return found?.access === "private" ? found : undefined;
}

/** Decides the request's kind for the faults. */
export function kindOf(request: Pick<ServerRequest, "method" | "target">): RequestKind {
  const route = ROUTES.get(request.method.toUpperCase(), splitTarget(request.target).path);
  return kindOfRoute(request, route?.access === "private", (path) => BOOK_PATHS.has(path));
}

export function placesOrder({ method, target }: Pick<ServerRequest, "method" | "target">): boolean {
  return method.toUpperCase() === "POST" && /^\/v5\/order\/create(-batch)?(\?|$)/.test(target);
}

/**
 * A fault of the venue: a 429 is a 10006 with status 200, which tells in `X-Bapi-Limit-Reset-Timestamp` when to come again
 * where it may, and a 500 a 10016, whose outcome is unknown.
 */
export function failure(context: Now, status: number, message: string, headers?: Headers): ServerResponse {
  if (status === 429) {
    const limits = headers?.["retry-after"] === undefined ? {} : limitHeaders(10, 0, context.now() + 1_000);
    return fault(context, 200, TOO_MANY_VISITS, "Too many visits!", limits);
  }
  if (status >= 500) return fault(context, 200, SERVER_ERROR, "Internal server error.");
  return fault(context, status, status, message);
}

/** 10016 has two meanings: an internal error, and a service that is restarting (docs v5, error). */
export function maintenance(context: Now): ServerResponse {
  return fault(context, 200, SERVER_ERROR, "Service is restarting.");
}

function fault({ now }: Now, status: number, retCode: number, retMsg: string, headers: Headers = {}): ServerResponse {
  const body = wireJson({ retCode, retMsg, result: {}, retExtInfo: {}, time: Math.floor(now()) });
  return { status, headers: { ...JSON_TYPE, ...headers }, body };
}

function respond(
  { now }: BybitContext,
  status: number,
  retCode: number,
  retMsg: string,
  { result, retExtInfo = {} }: Answer,
  headers: Headers,
): ServerResponse {
  const nowMs = Math.floor(now());
  const body: WireObject = { retCode, retMsg, result, retExtInfo, time: nowMs };
  return { status, headers: { ...JSON_TYPE, Timenow: String(nowMs), ...headers }, body: wireJson(body) };
}
