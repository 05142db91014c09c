import type { ServerRequest, ServerResponse } from "../../../runtime/runtime.ts";
import type { RequestKind } from "../paper-protocol.ts";
import { splitTarget } from "../request-target.ts";
import { kindOfRoute } from "../route-table.ts";
import { absentProductRoutes } from "./absent-products.ts";
import { authenticate } from "./auth.ts";
import { conditionalRoutes } from "./conditional-routes.ts";
import type { Answer, ProtocolContext, Route } from "./context.ts";
import { ApiError, failureBody, notFound, successBody } from "./errors.ts";
import { orderRoutes } from "./orders-routes.ts";
import { Parameters } from "./parameters.ts";
import { privateRoutes } from "./private-routes.ts";
import { publicRoutes } from "./public-routes.ts";
import { walletRoutes } from "./wallet-routes.ts";

const ROUTES: readonly Route[] = [
  ...publicRoutes,
  ...privateRoutes,
  ...orderRoutes,
  ...conditionalRoutes,
  ...walletRoutes,
  ...absentProductRoutes,
];
const JSON_TYPE = { "content-type": "application/json" };

/** Answers any request under `/api`; a failure of any kind has FTX's envelope and a status that is not 200. */
export function answerRequest(context: ProtocolContext, request: ServerRequest): ServerResponse {
  try {
    const { result, siblings } = route(context, request);
    return { status: 200, headers: JSON_TYPE, body: successBody(result, siblings) };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return failure(error.status, error.message, error.headers);
  }
}

export function failure(
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): ServerResponse {
  return { status, headers: { ...JSON_TYPE, ...headers }, body: failureBody(message) };
}

/** Decides the request's kind for the faults. */
export function kindOf(request: Pick<ServerRequest, "method" | "target">): RequestKind {
  const path = splitTarget(request.target).path.replace(/^\/api/, "");
  const isOfAccount = findRoute(request.method, path)?.route.access === "private";
  return kindOfRoute(request, isOfAccount, () => /\/orderbook$/.test(path));
}

function route(context: ProtocolContext, request: ServerRequest): Answer {
  const { path, query } = splitTarget(request.target);
  const found = findRoute(request.method, routePath(path));
  context.limiter.request(callerOf(context, request), context.now());
  if (found === undefined) throw notFound("Not Found");
  const caught = found.match.slice(1);
  if (found.route.access === "public") {
    return found.route.answer({ context, path: caught, parameters: Parameters.read(query, request.body) });
  }
  const login = authenticate(request, context.accounts, context.now());
  return found.route.answer({ context, path: caught, parameters: Parameters.read(query, request.body), login });
}

function findRoute(
  method: string,
  path: string,
): { readonly route: Route; readonly match: RegExpExecArray } | undefined {
  for (const route of ROUTES) {
    const match = route.method === method.toUpperCase() ? route.pattern.exec(path) : null;
    if (match !== null) return { route, match };
  }
  return undefined;
}

/** Path as the routes have it: a market's slash comes raw or as `%2F`, and a slash at the end is ignored. */
function routePath(rawPath: string): string {
  try {
    const path = decodeURIComponent(rawPath.replace(/^\/api/, ""));
    return path.length > 1 ? path.replace(/\/$/, "") : path;
  } catch {
    throw notFound("Not Found");
  }
}

/** Name of a caller for the limits: a known key, else the address. Made-up keys had a budget each, and were kept for ever. */
function callerOf({ accounts }: ProtocolContext, { headers, remoteAddress }: ServerRequest): string {
  const apiKey = headers["ftx-key"] ?? headers["ftxus-key"];
  return apiKey !== undefined && accounts.key(apiKey) !== undefined ? apiKey : remoteAddress;
}
