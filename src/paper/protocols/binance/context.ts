import type { Random } from "../../../runtime/runtime.ts";
import type { Command, EngineEvent } from "../../engine/types.ts";
import type { Login } from "../accounts.ts";
import type { Countdowns } from "../countdowns.ts";
import type { PastViews } from "../past-views.ts";
import type { ProtocolParts } from "../protocol-parts.ts";
import type { EngineIds } from "../symbol-ids.ts";
import type { BookSides } from "./book-feed.ts";
import type { BookIds } from "./book-ids.ts";
import type { GoodTillDates } from "./good-till-dates.ts";
import type { ListenKeys } from "./listen-keys.ts";
import type { MarginLog } from "./margin-log.ts";
import type { OrderNames } from "./order-names.ts";
import type { Parameters } from "./parameters.ts";
import type { PriceTape } from "./price-tape.ts";
import type { OrderCounts, RateLimiter } from "./rate-limit.ts";
import type { SymbolTable } from "./symbols.ts";
import type { TradeTape } from "./trade-tape.ts";
import type { WireValue } from "./wire.ts";

/** Executes a command and tells every client; the events are what happened. */
export type Execute = (command: Command) => readonly EngineEvent[];

/** Context from which the routes answer. */
export interface ProtocolContext extends ProtocolParts {
  /** Past books by the engine's name of the market. */
  readonly pastBooks: PastViews<{ readonly book: BookSides; readonly lastUpdateId: number }>;
  readonly symbols: SymbolTable;
  readonly limiter: RateLimiter;
  readonly tape: TradeTape;
  readonly priceTape: PriceTape;
  readonly marginLog: MarginLog;
  readonly bookIds: BookIds;
  readonly listenKeys: ListenKeys;
  readonly countdowns: Countdowns;
  readonly goodTillDates: GoodTillDates;
  readonly orderNames: OrderNames;
  readonly random: Random;
  /** Executions of the venue itself have the statuses that are no longer documented. */
  readonly hasForcedStatuses: boolean;
  /** Ids of orders and trades. */
  readonly ids: EngineIds;
  /** Added to the engine's other counters. */
  readonly firstId: number;
  /** Lets work wait for its turn at the matching engine; what it throws is the answer. */
  submit<T>(work: (execute: Execute) => T): Promise<T>;
}

/** A call to a route. */
export interface Call {
  readonly context: ProtocolContext;
  readonly parameters: Parameters;
}

export interface PrivateCall extends Call {
  readonly login: Login;
}

export type Answer = WireValue | Promise<WireValue>;
export type Method = "GET" | "POST" | "PUT" | "DELETE";
/** A number, or what it depends on. */
export type Weight = number | ((parameters: Parameters) => number);

interface RouteHead {
  readonly method: Method;
  readonly path: string;
  readonly weight: Weight;
}

/** `none`: anyone may call. `key`: with an API key, without a signature. `signed`: with both. */
export type Route = RouteHead &
  (
    | { readonly security: "none"; answer(call: Call): Answer }
    | {
        readonly security: "key" | "signed";
        /** Number of orders that the call counts as. */
        readonly orders?: () => OrderCounts;
        answer(call: PrivateCall): Answer;
      }
  );

export function publicGet(path: string, weight: Weight, answer: (call: Call) => Answer): Route {
  return { method: "GET", path, weight, security: "none", answer };
}

export function keyRoute(method: Method, path: string, weight: Weight, answer: (call: PrivateCall) => Answer): Route {
  return { method, path, weight, security: "key", answer };
}

export function signedRoute(
  method: Method,
  path: string,
  weight: Weight,
  answer: (call: PrivateCall) => Answer,
): Route {
  return { method, path, weight, security: "signed", answer };
}
