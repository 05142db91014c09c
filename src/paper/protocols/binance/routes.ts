import type { ServerRequest, ServerResponse } from "../../../runtime/runtime.ts";
import type { Login } from "../accounts.ts";
import type { RequestKind } from "../paper-protocol.ts";
import { splitTarget } from "../request-target.ts";
import { kindOfRoute, RouteTable } from "../route-table.ts";
import { accountRoutes } from "./account-routes.ts";
import { authenticate, loginOf, signedPayload } from "./auth.ts";
import type { ProtocolContext, Route } from "./context.ts";
import { ApiError, noSuchRoute, refused } from "./errors.ts";
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

const ROUTES = new RouteTable<Route>([
  ...publicRoutes,
  ...orderRoutes,
  ...accountRoutes,
  ...settingsRoutes,
  ...historyRoutes,
  ...klineRoutes,
  ...positionRoutes,
  ...listenKeyRoutes,
  ...walletRoutes,
]);

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

/** Decides the request's kind for the faults. A listen key is what a login is elsewhere. */
export function kindOf(request: Pick<ServerRequest, "method" | "target">): RequestKind {
  const { path } = splitTarget(request.target);
  const found = ROUTES.get(request.method.toUpperCase(), path);
  if (found !== undefined && path === "/fapi/v1/listenKey") return found.method === "POST" ? "login" : "private";
  const isOfAccount = found !== undefined && found.security !== "none";
  return kindOfRoute(request, isOfAccount, (each) => BOOK_PATHS.has(each));
}

const LOOK_UPS: ReadonlySet<string> = new Set(["/fapi/v1/order", "/fapi/v1/openOrder"]);
const ORDER_PATHS: ReadonlySet<string> = new Set(["/fapi/v1/order", "/fapi/v1/batchOrders"]);

export function placesOrder({ method, target }: Pick<ServerRequest, "method" | "target">): boolean {
  return method.toUpperCase() === "POST" && ORDER_PATHS.has(splitTarget(target).path);
}

export function maintenance(): ServerResponse {
  return errorResponse(new ApiError(503, -1016, "This service is no longer available."));
}

/** The answer to a look-up of an order that is not there. */
export function nothingFound({ target }: Pick<ServerRequest, "target">): ServerResponse | undefined {
  return LOOK_UPS.has(splitTarget(target).path) ? errorResponse(refused(-2013)) : undefined;
}

/** Usage of the limits by a call, which errors report too. */
export interface Usage {
  weight: number;
  orders: OrderCounts | undefined;
}

/** A call of REST or of a socket, and how its caller is found. */
export interface RouteCall {
  readonly method: string;
  readonly path: string;
  readonly parameters: Parameters;
  readonly address: string;
  readonly usage: Usage;
  /** Throws what Binance answers to a caller who is not known. */
  login(security: "key" | "signed"): Login;
}

async function route(context: ProtocolContext, request: ServerRequest, headers: Headers): Promise<WireValue> {
  const { path, query } = splitTarget(request.target);
  const parameters = Parameters.read(query, request.body);
  const usage: Usage = { weight: 0, orders: undefined };
  const apiKey = request.headers["x-mbx-apikey"];
  try {
    return await callRoute(context, {
      method: request.method.toUpperCase(),
      path,
      parameters,
      address: request.remoteAddress,
      usage,
      login: (security) => {
        if (security === "key") return loginOf(apiKey, context.accounts);
        const payload = signedPayload(query, request.body);
        return authenticate({ apiKey, payload, parameters }, context.accounts, context.now());
      },
    });
  } finally {
    headers["x-mbx-used-weight-1m"] = String(usage.weight);
    if (usage.orders !== undefined) {
      headers["x-mbx-order-count-10s"] = String(usage.orders.in10Seconds);
      headers["x-mbx-order-count-1m"] = String(usage.orders.inMinute);
    }
  }
}

/** REST and sockets share the routes and their limits (docs, websocket-api-general-info). Throws `ApiError`. */
export async function callRoute(context: ProtocolContext, call: RouteCall): Promise<WireValue> {
  const { method, path, parameters, address, usage } = call;
  const found = ROUTES.get(method, path);
  const nowMs = context.now();
  usage.weight = context.limiter.weigh(address, weightOf(found, parameters), nowMs);
  context.limiter.checkWeight(address, usage.weight, nowMs);
  if (found === undefined) throw noSuchRoute(method, path);
  if (found.security === "none") return found.answer({ context, parameters });
  const login = call.login(found.security);
  if (found.orders !== undefined) {
    usage.orders = context.limiter.countOrders(login.accountId, found.orders(), context.now());
    context.limiter.checkOrders(usage.orders, context.now());
  }
  return found.answer({ context, parameters, login });
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
