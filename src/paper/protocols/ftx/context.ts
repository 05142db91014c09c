import type { Login } from "../accounts.ts";
import type { BookSides } from "../book-levels.ts";
import type { PastViews } from "../past-views.ts";
import type { ProtocolParts } from "../protocol-parts.ts";
import type { ConditionalDesk } from "./conditional-desk.ts";
import type { OrderDesk } from "./order-desk.ts";
import type { Parameters } from "./parameters.ts";
import type { RateLimiter } from "./rate-limit.ts";
import type { TransferLog } from "./transfer-log.ts";
import type { WireObject, WireValue } from "./wire.ts";

/** Context from which the routes answer. */
export interface ProtocolContext extends ProtocolParts {
  /** Past views of ungrouped books, by the market's name on the wire. */
  readonly pastBooks: PastViews<BookSides>;
  readonly limiter: RateLimiter;
  readonly orders: OrderDesk;
  readonly conditionals: ConditionalDesk;
  readonly transfers: TransferLog;
  /** Added to the engine's counters of fills, trades and payments. */
  readonly firstId: number;
}

/** A call to a public route; `path` holds what the route's pattern caught, decoded. */
export interface PublicCall {
  readonly context: ProtocolContext;
  readonly path: readonly string[];
  readonly parameters: Parameters;
}

export interface PrivateCall extends PublicCall {
  readonly login: Login;
}

export interface Answer {
  readonly result: WireValue;
  /** Next to `result` in the envelope: `hasMoreData`. */
  readonly siblings?: WireObject;
}

export type Route = {
  readonly method: "GET" | "POST" | "DELETE";
  /** Matched against the whole decoded path after `/api`. */
  readonly pattern: RegExp;
} & (
  | { readonly access: "public"; answer(call: PublicCall): Answer }
  | { readonly access: "private"; answer(call: PrivateCall): Answer }
);

export function publicGet(pattern: RegExp, result: (call: PublicCall) => WireValue): Route {
  return { method: "GET", pattern, access: "public", answer: (call) => ({ result: result(call) }) };
}

export function privateRoute(
  method: Route["method"],
  pattern: RegExp,
  result: (call: PrivateCall) => WireValue,
): Route {
  return { method, pattern, access: "private", answer: (call) => ({ result: result(call) }) };
}
