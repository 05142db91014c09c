import type { TradingPair } from "../model/market.ts";
import type { VenueMarkets } from "../model/venue-markets.ts";
import type { OnMarketFailure } from "./fan-out.ts";
import type { Intent } from "./intent.ts";
import type { OnUnreadable } from "./rows.ts";

export type QueryValue = string | number | boolean | undefined;

/** Requests of a lane wait for those of a better one: cancels before creates before snapshots of books before polls. */
export type Lane = "cancel" | "create" | "book" | "poll";

/** Whether requests of a lane change nothing at the venue. */
export const isQuestion = (lane: Lane): boolean => lane === "book" || lane === "poll";

/** A REST request in the venue's terms. `path` is relative to the base URL of its visibility. */
export interface RestRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  /** In the order in which they are sent; undefined values are left out. */
  readonly params?: Readonly<Record<string, QueryValue>> | undefined;
  /** Sent as a JSON body. */
  readonly data?: unknown;
  /** What the same request says over a socket that takes orders, where that is not `data` (OKX). */
  readonly socketData?: unknown;
  /** Sent as a form body, for venues that want one. */
  readonly form?: Readonly<Record<string, QueryValue>> | undefined;
  /** Set where a request that is no GET changes nothing at the venue: it may be shared with whoever asks the same. */
  readonly isQuestion?: boolean | undefined;
  /**
   * Of a dear question whose answer seldom changes: how old an answer may be that is told again, milliseconds. Default: each
   * is asked for.
   */
  readonly freshForMs?: number | undefined;
  /** Set where what it changes may be in such an answer: all are asked for anew. */
  readonly outdatesAnswers?: boolean | undefined;
  readonly isAuthRequired: boolean;
  /** The rate limit to count against. */
  readonly limitId: string;
  readonly lane?: Lane | undefined;
  /** What it takes of that limit, where one request counts as several. Default: the limit's own weight. */
  readonly weight?: number | undefined;
  readonly timeoutMs?: number | undefined;
}

/**
 * What a venue does I/O through. Resolves to the unwrapped payload (`unwrapResponse` of the venue's web utils); rejects
 * with an error of the venue's table, a `TransportError` or an `AbortError`. An `intent` can be called back while it
 * waits: then with its `NotSentError`.
 */
export interface VenueApi {
  send(request: RestRequest, signal?: AbortSignal, intent?: Intent): Promise<unknown>;
  /**
   * Weight that requests of this limit and lane (`poll` by default) have left now, for questions that can be asked in
   * lighter words. Absent where nothing is counted.
   */
  room?(request: Pick<RestRequest, "limitId" | "lane">): number;
}

/** What the engine hands to every function of a venue that does I/O. */
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
  /** Whether an order is known for one of ours, by the venue's id: nobody has to be asked then whose it is. */
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
