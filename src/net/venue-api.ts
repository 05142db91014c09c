import type { TradingPair } from "../model/market.ts";
import type { VenueMarkets } from "../model/venue-markets.ts";
import type { Intent } from "./intent.ts";
import type { OnMarketFailure } from "./market-failure.ts";
import type { RestRequest } from "./rest-request.ts";
import type { OnUnreadable } from "./unreadable-row.ts";

export { isQuestion, type Lane, type QueryValue, type RestRequest } from "./rest-request.ts";

/**
 * A venue's access to the network. Resolves to the unwrapped payload (`unwrapResponse` of the venue's web utils);
 * rejects with an error of the venue's table, a `TransportError` or an `AbortError`. An `intent` can be called back
 * while it waits: then with its `NotSentError`.
 */
export interface VenueApi {
  send(request: RestRequest, signal?: AbortSignal, intent?: Intent): Promise<unknown>;
  /**
   * Weight that requests of this limit and lane (`poll` by default) have left now, for questions that can be asked in
   * lighter words. Absent where nothing is counted.
   */
  room?(request: Pick<RestRequest, "limitId" | "lane">): number;
}

/** Context that the engine hands to every function of a venue that does I/O. */
export interface VenueContext {
  readonly api: VenueApi;
  readonly markets: VenueMarkets;
  /** The venue's time as far as known, epoch milliseconds. */
  now(): number;
  readonly signal?: AbortSignal | undefined;
  /** Hears of rows of a list that could not be read and were left out. */
  readonly onUnreadable?: OnUnreadable | undefined;
  /** Hears of markets that a question to each of several markets had no answer for: see `settleEach`. */
  readonly onMarketFailure?: OnMarketFailure | undefined;
  /** Tells that an order is known to be ours, by the venue's id: nobody has to be asked then whose it is. */
  readonly isOwnOrder?: ((tradingPair: TradingPair, exchangeOrderId: string) => boolean) | undefined;
  /** Lets everything else that waits have its turn: long lists are read in slices. */
  readonly pause?: (() => Promise<void>) | undefined;
}

/** An action described, not done: the engine sends it, times it and judges the outcome. Other kinds may come. */
export interface VenueRequest<T> {
  readonly kind: "rest";
  readonly request: RestRequest;
  parse(payload: unknown): T;
}
