import type { ServerRequest, ServerResponse } from "../../../runtime/runtime.ts";
import type { Login } from "../accounts.ts";
import type { RequestKind } from "../paper-protocol.ts";
import { splitTarget } from "../request-target.ts";
import { accountRoutes } from "./account-routes.ts";
import { authenticate, loginOf } from "./auth.ts";
import type { ProtocolContext, Route } from "./context.ts";
import { ApiError, noSuchRoute } from "./errors.ts";
import { historyRoutes } from "./history-routes.ts";
import { klineRoutes } from "./kline-routes.ts";
import { listenKeyRoutes } from "./listen-key-routes.ts";
import { orderRoutes } from "./order-routes.ts";
import { Parameters } from "./parameters.ts";
import { positionRoutes } from "./position-routes.ts";
import { publicRoutes } from "./public-routes.ts";
import type { OrderCounts } from "./rate-limit.ts";
import { settingsRoutes } from "./settings-routes.ts";
import { walletRoutes } from "./wallet-routes.ts";
import type { WireValue } from "./wire.ts";

const ROUTES: ReadonlyMap<string, Route> = new Map(
  [
    ...publicRoutes,
    ...orderRoutes,
    ...accountRoutes,
    ...settingsRoutes,
    ...historyRoutes,
    ...klineRoutes,
    ...positionRoutes,
    ...listenKeyRoutes,
    ...walletRoutes,
  ].map((route) => [`${route.method} ${route.path}`, route]),
);

const BOOK_PATHS: ReadonlySet<string> = new Set(["/fapi/v1/depth", "/fapi/v1/rpiDepth"]);

type Headers = Record<string, string>;

/** Answers any request under `/fapi` and `/sapi`. A success is the bare value; a failure has a code and a status of 400 or more. */
export async function answerRequest(context: ProtocolContext, request: ServerRequest): Promise<ServerResponse> {
  const headers: Headers = { "content-type": "application/json" };
  try {
    const value = await route(context, request, headers);
    return { status: 200, headers, body: JSON.stringify(value) };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return errorResponse(error, headers);
  }
}

export function errorResponse(error: ApiError, headers: Readonly<Headers> = {}): ServerResponse {
  return {
    status: error.status,
    headers: { "content-type": "application/json", ...headers, ...error.headers },
    body: JSON.stringify({ code: error.code, msg: error.message }),
  };
}

/** What a request is to the faults. A listen key is what a login is elsewhere. */
export function kindOf({ method, target }: Pick<ServerRequest, "method" | "target">): RequestKind {
  const { path } = splitTarget(target);
  const found = ROUTES.get(`${method.toUpperCase()} ${path}`);
  if (found === undefined || found.security === "none") return BOOK_PATHS.has(path) ? "snapshot" : "public";
  if (path === "/fapi/v1/listenKey") return found.method === "POST" ? "login" : "private";
  return found.method === "GET" ? "private" : "change";
}

/** Fills `headers` with what is used of the limits, which errors report too. */
async function route(context: ProtocolContext, request: ServerRequest, headers: Headers): Promise<WireValue> {
  const { path, query } = splitTarget(request.target);
  const method = request.method.toUpperCase();
  const found = ROUTES.get(`${method} ${path}`);
  const parameters = Parameters.read(query, request.body);
  const nowMs = context.now();
  const used = context.limiter.weigh(request.remoteAddress, weightOf(found, parameters), nowMs);
  headers["x-mbx-used-weight-1m"] = String(used);
  context.limiter.checkWeight(request.remoteAddress, used, nowMs);
  if (found === undefined) throw noSuchRoute(method, path);
  const call = { context, request, parameters };
  if (found.security === "none") return found.answer(call);
  const login =
    found.security === "key"
      ? loginOf(request, context.accounts)
      : authenticate(request, query, parameters, context.accounts, nowMs);
  if (found.orders !== undefined) countOrders(context, login, found.orders(), headers);
  return found.answer({ ...call, login });
}

/** A request that cannot be read weighs as much as the least. */
function weightOf(found: Route | undefined, parameters: Parameters): number {
  if (found === undefined) return 1;
  const { weight } = found;
  if (typeof weight === "number") return weight;
  try {
    return weight(parameters);
  } catch (error) {
    if (error instanceof ApiError) return 1;
    throw error;
  }
}

function countOrders(context: ProtocolContext, login: Login, orders: OrderCounts, headers: Headers): void {
  const nowMs = context.now();
  const counts = context.limiter.countOrders(login.accountId, orders, nowMs);
  headers["x-mbx-order-count-10s"] = String(counts.in10Seconds);
  headers["x-mbx-order-count-1m"] = String(counts.inMinute);
  context.limiter.checkOrders(counts, nowMs);
}
