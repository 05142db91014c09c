import type { ServerRequest, ServerResponse } from "../../../runtime/runtime.ts";
import type { Login } from "../accounts.ts";
import type { RequestKind } from "../paper-protocol.ts";
import { splitTarget } from "../request-target.ts";
import { type FoundRoute, kindOfRoute, RouteTable } from "../route-table.ts";
import { accountRoutes } from "./account-routes.ts";
import { authenticate } from "./auth.ts";
import type { Answer, GateContext, PrivateRoute, Route } from "./context.ts";
import type { SizeForm } from "./contracts.ts";
import { GateError, orderNotFound, serverError, tooBusy, tooManyRequests } from "./errors.ts";
import { marketRoutes } from "./market-routes.ts";
import { orderListRoutes } from "./order-lists.ts";
import { hasDeadline, orderRoutes, refuseLate } from "./order-routes.ts";
import { Parameters } from "./parameters.ts";
import { positionHistoryRoutes } from "./position-history.ts";
import { positionRoutes } from "./position-routes.ts";
import { priceOrderRoutes } from "./price-order-routes.ts";
import { type Allowance, limitHeaders, PUBLIC_LIMIT } from "./rate-limit.ts";
import { type WireObject, type WireValue, wireJson } from "./wire.ts";

const ROUTES = new RouteTable<Route>([
  ...marketRoutes,
  ...orderRoutes,
  ...orderListRoutes,
  ...positionRoutes,
  ...positionHistoryRoutes,
  ...accountRoutes,
  ...priceOrderRoutes,
]);
const BOOK_PATH = "/api/v4/futures/usdt/order_book";
const LOOK_UP = /^\/api\/v4\/futures\/usdt\/orders\/[^/]+$/;
const PLACES = /^\/api\/v4\/futures\/usdt\/(orders|batch_orders)$/;
const JSON_TYPE = { "content-type": "application/json" };

/** The coin of a path may be in capitals: ccxt cancels batches so. */
function plainPath(path: string): string {
  return path.replace(/^\/api\/v4\/futures\/USDT\//, "/api/v4/futures/usdt/");
}

function findRoute({ method, target }: Pick<ServerRequest, "method" | "target">): FoundRoute<Route> | undefined {
  return ROUTES.find(method.toUpperCase(), plainPath(splitTarget(target).path));
}

export const formOf = (headers: Readonly<Record<string, string>>): SizeForm =>
  headers["x-gate-size-decimal"] === "1" ? "decimal" : "whole";

/**
 * Answers any request under `/api/v4`: a success is the bare value, a failure has a label and a status of 400 or more.
 */
export async function answerRequest(context: GateContext, request: ServerRequest): Promise<ServerResponse> {
  const inTime = Math.round(context.now() * 1_000);
  const times = () => ({ "X-In-Time": String(inTime), "X-Out-Time": String(Math.round(context.now() * 1_000)) });
  try {
    const { value, status = 200, headers = {} } = await call(context, request);
    return { status, headers: { ...JSON_TYPE, ...times(), ...headers }, body: wireJson(value) };
  } catch (error) {
    if (!(error instanceof GateError)) throw error;
    return refuse(error, times());
  }
}

async function call(context: GateContext, request: ServerRequest): Promise<Answer> {
  const { query } = splitTarget(request.target);
  const found = findRoute(request);
  if (found === undefined) throw new GateError(404, "NOT_FOUND", "no such path");
  const { route, name } = found;
  const form = formOf(request.headers);
  const nowMs = context.now();
  if (route.access === "public") {
    const subject = `ip ${request.remoteAddress} ${route.path}`;
    const headers = limitHeaders(context.limiter.take(subject, PUBLIC_LIMIT, 1, nowMs));
    return { headers, ...route.answer({ context, parameters: Parameters.ofQuery(query), name, form }) };
  }
  const login = authenticate(request, context.accounts, nowMs);
  if (hasDeadline(route)) refuseLate(request.headers["x-gate-exptime"], nowMs);
  const parameters = route.source === "query" ? Parameters.ofQuery(query) : Parameters.ofBody(request.body);
  const { answer, allowance } = await callPrivate(context, route, { parameters, name, form, login, isSocket: false });
  return { ...answer, headers: { ...limitHeaders(allowance), ...answer.headers } };
}

export interface RouteCall {
  readonly parameters: Parameters;
  readonly name: string;
  readonly form: SizeForm;
  readonly login: Login;
  readonly isSocket: boolean;
}

/** REST and sockets share the routes; orders of both count for one limit here. */
export async function callPrivate(
  context: GateContext,
  route: PrivateRoute,
  routeCall: RouteCall,
): Promise<{ readonly answer: Answer; readonly allowance: Allowance }> {
  const { limit, path, method } = route;
  const subject = `user ${routeCall.login.accountId} ${limit.name ?? `${method} ${path}`}`;
  const allowance = context.limiter.take(subject, limit, routeCall.parameters.rowCount, context.now());
  return { answer: await route.answer({ context, ...routeCall }), allowance };
}

export function privateRouteOf(method: string, path: string): PrivateRoute | undefined {
  const route = ROUTES.get(method, path);
  return route?.access === "private" ? route : undefined;
}

function refuse(error: GateError, headers: Readonly<Record<string, string>> = {}): ServerResponse {
  const { status, label, message, textField } = error;
  const body: WireObject = { label, [textField]: message };
  return { status, headers: { ...JSON_TYPE, ...headers, ...error.headers }, body: wireJson(body satisfies WireValue) };
}

/** Tells the faults what a request is. */
export function kindOf(request: Pick<ServerRequest, "method" | "target">): RequestKind {
  return kindOfRoute(request, findRoute(request)?.route.access === "private", (path) => path === BOOK_PATH);
}

export function placesOrder({ method, target }: Pick<ServerRequest, "method" | "target">): boolean {
  return method.toUpperCase() === "POST" && PLACES.test(plainPath(splitTarget(target).path));
}

export function maintenance(): ServerResponse {
  return refuse(tooBusy());
}

/** The answer to a look-up of an order that is not there. */
export function nothingFound({ target }: Pick<ServerRequest, "target">): ServerResponse | undefined {
  return LOOK_UP.test(splitTarget(target).path) ? refuse(orderNotFound()) : undefined;
}

/** A fault of the venue. A 429 tells when to come again in its headers, where it may. */
export function failure(
  { now }: Pick<GateContext, "now">,
  status: number,
  message: string,
  headers?: Readonly<Record<string, string>>,
): ServerResponse {
  if (status === 429) {
    const isTold = headers?.["retry-after"] !== undefined;
    return refuse(tooManyRequests(isTold ? limitHeaders({ limit: 200, left: 0, resetMs: now() + 1_000 }) : {}));
  }
  if (status >= 500) return refuse(serverError());
  return refuse(
    new GateError(status, status === 404 ? "NOT_FOUND" : "BAD_REQUEST", message, { headers: headers ?? {} }),
  );
}
