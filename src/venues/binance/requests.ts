import { z } from "zod";
import type { TradingPair } from "../../model/market.ts";
import { CLOCKS_DIFFER_MS } from "../../model/time.ts";
import { marketOf, type VenueMarkets } from "../../model/venue-markets.ts";
import type { QueryValue, RestRequest, VenueContext, VenueRequest } from "../../net/venue-api.ts";
import * as constants from "./constants.ts";
import { publicRequest, read } from "./web-utils.ts";

export type Params = Readonly<Record<string, QueryValue>>;

const wireRows = z.array(z.unknown());

/** Signed question about the account. */
export function get(path: string, weight: number, params?: Params): RestRequest {
  return { ...publicRequest(path, weight, params), isAuthRequired: true };
}

/** Signed command with a form as its body. */
export function send(method: "POST" | "PUT", path: string, form: Params, weight = 1): RestRequest {
  return { ...get(path, weight), method, params: undefined, form, lane: "create" };
}

/** Command that makes or changes an order, which the venue counts apart from weight. */
export function sendOrder(method: "POST" | "PUT", path: string, form: Params): RestRequest {
  return { ...send(method, path, form), limitId: constants.ORDERS_10SEC };
}

/** Command that makes several orders. */
export function sendOrders(path: string, form: Params): RestRequest {
  return { ...send("POST", path, form, 5), limitId: constants.ORDER_BATCHES };
}

export function sendCancel(path: string, params: Params): RestRequest {
  return { ...get(path, 1, params), method: "DELETE", lane: "cancel" };
}

/** Public question about funding, which has a limit of its own. */
export function funding(path: string, params?: Params): RestRequest {
  return { ...publicRequest(path, 1, params), limitId: constants.FUNDING_REQUESTS };
}

export function rest<T>(request: RestRequest, parse: (payload: unknown) => T): VenueRequest<T> {
  return { kind: "rest", request, parse };
}

export function rowsOf(what: string, payload: unknown): readonly unknown[] {
  return read(what, wireRows, payload);
}

export function symbolOf(markets: VenueMarkets, tradingPair: TradingPair): string {
  return marketOf(markets, tradingPair).symbol;
}

/** Time ranges of at most seven days from `sinceMs` to now, and a little more. */
export function* windowsSince(context: VenueContext, sinceMs: number) {
  const nowMs = Math.floor(context.now());
  const untilMs = nowMs + CLOCKS_DIFFER_MS;
  for (let fromMs = Math.max(0, Math.floor(sinceMs)); fromMs < untilMs; fromMs += constants.WINDOW_MS) {
    // The last range does not begin in the future: it asks for some rows again.
    const startTime = Math.min(fromMs, nowMs - CLOCKS_DIFFER_MS);
    yield { startTime, endTime: startTime + constants.WINDOW_MS - 1 };
  }
}
