import type { HttpResponse } from "../runtime/runtime.ts";
import type { RestRequest } from "./venue-api.ts";

/** Statement of a response about a rate limit: the part that is used, or the time when it opens again. */
export interface RateLimitFeedback {
  readonly limitId: string;
  readonly used?: number | undefined;
  readonly retryAfterMs?: number | undefined;
  /** The request was refused for this limit, also where no time was told. */
  readonly isRefused?: boolean | undefined;
}

/** Conventions of a venue's REST API; from its web utils. */
export interface RestConventions {
  /** Absolute, without the query. */
  restUrl(request: RestRequest): string;
  /** Sent with every request, signed or not. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Sent with every WebSocket handshake. */
  readonly webSocketHeaders?: Readonly<Record<string, string>> | undefined;
  /** The message with which a venue begins every connection (KuCoin): nothing is sent before it. */
  isWelcome?(message: unknown): boolean;
  /** The payload, or throws the error of the venue's table. */
  unwrapResponse(response: HttpResponse, request: RestRequest): unknown;
  /** Tells that a request was refused for our clock, beside a `TimeSyncError`, which always is one. */
  isRequestExceptionRelatedToTimeSynchronizer?(error: unknown): boolean;
  rateLimitFeedback?(response: HttpResponse, request: RestRequest): readonly RateLimitFeedback[];
}
