import type { Random } from "../../../runtime/runtime.ts";
import type { AccountLedger } from "../account-ledger.ts";
import type { Login } from "../accounts.ts";
import type { Countdowns } from "../countdowns.ts";
import type { MarketSeries } from "../market-series.ts";
import type { PositionCostBook } from "../position-costs.ts";
import type { ProtocolParts } from "../protocol-parts.ts";
import type { BookPublishers } from "./books.ts";
import type { SizeForm } from "./contracts.ts";
import type { ForcedLog } from "./forced-log.ts";
import type { WireIds } from "./ids.ts";
import type { OrderNotes } from "./order-notes.ts";
import type { Parameters } from "./parameters.ts";
import type { PriceOrderDesk } from "./price-orders.ts";
import type { Limit, RateLimiter } from "./rate-limit.ts";
import type { WireValue } from "./wire.ts";

/** Context from which the routes and channels answer. */
export interface GateContext extends ProtocolParts {
  readonly limiter: RateLimiter;
  readonly ids: WireIds;
  readonly notes: OrderNotes;
  readonly ledger: AccountLedger;
  readonly costs: PositionCostBook;
  readonly forced: ForcedLog;
  readonly books: BookPublishers;
  readonly series: MarketSeries;
  readonly countdowns: Countdowns;
  readonly priceOrders: PriceOrderDesk;
  readonly random: Random;
  /** Lets work wait for its turn at the matching engine; what it throws is the answer. */
  submit<T>(work: () => T): Promise<T>;
}

export interface PublicCall {
  readonly context: GateContext;
  readonly parameters: Parameters;
  /** Name in the place of `{}` in the path. */
  readonly name: string;
  readonly form: SizeForm;
}

export interface PrivateCall extends PublicCall {
  readonly login: Login;
  /** True of a call over a socket: orders without a text are named otherwise then. */
  readonly isSocket: boolean;
}

export interface Answer {
  readonly value: WireValue;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Method = "GET" | "POST" | "PUT" | "DELETE";

interface CommonRoute {
  readonly method: Method;
  /** Path of the route; `{}` stands in for a name. */
  readonly path: string;
}

export interface PublicRoute extends CommonRoute {
  readonly access: "public";
  answer(call: PublicCall): Answer;
}

export interface PrivateRoute extends CommonRoute {
  readonly access: "private";
  readonly limit: Limit;
  /**
   * Part of the request that has the parameters of a change: settings are in the query, and a body is not looked at.
   */
  readonly source: "query" | "body";
  answer(call: PrivateCall): Answer | Promise<Answer>;
}

export type Route = PublicRoute | PrivateRoute;

export function publicGet(path: string, value: (call: PublicCall) => WireValue): PublicRoute {
  return { method: "GET", path, access: "public", answer: (call) => ({ value: value(call) }) };
}

type Value = (call: PrivateCall) => WireValue | Promise<WireValue>;

export function privateRoute(method: Method, path: string, limit: Limit, value: Value): PrivateRoute {
  const source = method === "GET" || method === "DELETE" ? "query" : "body";
  return { method, path, limit, access: "private", source, answer: async (call) => ({ value: await value(call) }) };
}

/** A change whose parameters are in the query. */
export function settingRoute(method: Method, path: string, limit: Limit, value: Value): PrivateRoute {
  return { ...privateRoute(method, path, limit, value), source: "query" };
}

/** A change that makes something: the answer is a 201. */
export function createRoute(path: string, limit: Limit, value: Value): PrivateRoute {
  const route = privateRoute("POST", path, limit, value);
  return { ...route, answer: async (call) => ({ ...(await route.answer(call)), status: 201 }) };
}
