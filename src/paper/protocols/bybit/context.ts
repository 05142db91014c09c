import type { AccountLedger } from "../account-ledger.ts";
import type { Login } from "../accounts.ts";
import type { MarketSeries } from "../market-series.ts";
import type { IntakeOrder, OrderIntake } from "../order-intake.ts";
import type { ProtocolParts } from "../protocol-parts.ts";
import type { BookPublishers } from "./book-publishers.ts";
import type { DisconnectProtection } from "./disconnect-protection.ts";
import type { WireIds } from "./ids.ts";
import type { OtherCoins } from "./other-coins.ts";
import type { Parameters } from "./parameters.ts";
import type { RateLimiter } from "./rate-limit.ts";
import type { WireObject } from "./wire.ts";

/** Context from which the routes and channels answer. */
export interface BybitContext extends ProtocolParts {
  readonly limiter: RateLimiter;
  readonly orders: OrderIntake<string>;
  readonly ledger: AccountLedger;
  readonly books: BookPublishers;
  readonly prices: MarketSeries;
  readonly protection: DisconnectProtection;
  /** Accounts that want a price beyond its limit refused instead of moved to the limit. */
  readonly priceRefusers: Set<string>;
  readonly otherCoins: OtherCoins;
  readonly ids: WireIds;
  /** The wallet to those who listen, with one coin that is not the engine's cash. */
  sendOtherCoin(accountId: string, coin: string): void;
  /** An order's row once more to those who listen. */
  sendOrderAgain(order: IntakeOrder<string>, changes: WireObject): void;
  /** Time of the last restart: `/v5/order/realtime` forgets orders that closed before it. */
  closedSinceMs(): number;
}

export interface PublicCall {
  readonly context: BybitContext;
  readonly parameters: Parameters;
}

export interface PrivateCall extends PublicCall {
  readonly login: Login;
  /** Number of a batch's rows that the limit lets pass. */
  readonly passingRows?: number;
}

export interface Answer {
  readonly result: WireObject;
  readonly retExtInfo?: WireObject;
}

interface CommonRoute {
  readonly method: "GET" | "POST";
  readonly path: string;
}

export interface PublicRoute extends CommonRoute {
  readonly access: "public";
  answer(call: PublicCall): Answer;
}

export interface PrivateRoute extends CommonRoute {
  readonly access: "private";
  /** Per account and second. */
  readonly limit: number;
  /** Rows of a batch, each of which takes one of the limit. */
  rows?(parameters: Parameters): number;
  answer(call: PrivateCall): Answer;
}

export type Route = PublicRoute | PrivateRoute;

export function publicGet(path: string, result: (call: PublicCall) => WireObject): PublicRoute {
  return { method: "GET", path, access: "public", answer: (call) => ({ result: result(call) }) };
}

export function privateRoute(
  method: "GET" | "POST",
  path: string,
  limit: number,
  result: (call: PrivateCall) => WireObject,
): PrivateRoute {
  return { method, path, limit, access: "private", answer: (call) => ({ result: result(call) }) };
}
