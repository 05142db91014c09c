import type { AccountLedger } from "../account-ledger.ts";
import type { Login } from "../accounts.ts";
import type { Countdowns } from "../countdowns.ts";
import type { MarketStatistics } from "../market-statistics.ts";
import type { OrderIntake } from "../order-intake.ts";
import type { PositionCostBook } from "../position-costs.ts";
import type { ProtocolParts } from "../protocol-parts.ts";
import type { BookPublishers } from "./books.ts";
import type { WireIds } from "./ids.ts";
import type { OkxOrder, OrderDetails, OrderPush } from "./orders.ts";
import type { Parameters } from "./parameters.ts";
import type { Limit, RateLimiter } from "./rate-limit.ts";
import type { WireValue } from "./wire.ts";

/** Context from which the routes and channels answer. */
export interface OkxContext extends ProtocolParts {
  readonly limiter: RateLimiter;
  readonly orders: OrderIntake<string>;
  /** Details, by `ordId`, that the engine does not keep of an order that came over this protocol. */
  readonly details: Map<string, OrderDetails>;
  /** Orders whose cancel was acknowledged. */
  readonly canceling: WeakSet<OkxOrder>;
  readonly ledger: AccountLedger;
  readonly costs: PositionCostBook;
  readonly books: BookPublishers;
  /** Marks and indexes since the venue's start. */
  readonly marks: MarketStatistics;
  readonly indexes: MarketStatistics;
  readonly countdowns: Countdowns;
  readonly ids: WireIds;
  /** A row of the `orders` channel that no event of the engine brings about. */
  pushOrder(order: OkxOrder, push: OrderPush): void;
}

export interface PublicCall {
  readonly context: OkxContext;
  readonly parameters: Parameters;
}

export interface PrivateCall extends PublicCall {
  readonly login: Login;
}

/** Parts of an answer; by default `code` is "0" and `msg` empty. */
export interface Answer {
  readonly code?: string;
  readonly msg?: string;
  readonly data: readonly WireValue[];
  /** True where it tells when the request came in and the answer went out, as those of order operations do. */
  readonly isTimed?: boolean;
}

interface CommonRoute {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly limit: Limit;
}

export interface PublicRoute extends CommonRoute {
  readonly access: "public";
  answer(call: PublicCall): Answer;
}

export interface PrivateRoute extends CommonRoute {
  readonly access: "private";
  answer(call: PrivateCall): Answer;
}

export type Route = PublicRoute | PrivateRoute;

export function publicGet(path: string, limit: Limit, data: (call: PublicCall) => readonly WireValue[]): PublicRoute {
  return { method: "GET", path, limit, access: "public", answer: (call) => ({ data: data(call) }) };
}

export function privateRoute(
  method: "GET" | "POST",
  path: string,
  limit: Limit,
  data: (call: PrivateCall) => readonly WireValue[],
): PrivateRoute {
  return { method, path, limit, access: "private", answer: (call) => ({ data: data(call) }) };
}
