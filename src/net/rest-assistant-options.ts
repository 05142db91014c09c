import type { Logger } from "../runtime/logger.ts";
import type { Clock, HttpClient, HttpResponse, Timers } from "../runtime/runtime.ts";
import type { Authenticator } from "./auth.ts";
import type { OrderSocket } from "./order-socket.ts";
import type { RestConventions } from "./rest-conventions.ts";
import type { Throttler } from "./throttler.ts";
import type { TimeSynchronizer } from "./time-synchronizer.ts";
import type { RestRequest } from "./venue-api.ts";

/** Runs before the request waits for its rate limit. */
export type RestPreProcessor = (request: RestRequest) => RestRequest | Promise<RestRequest>;
export type RestPostProcessor = (response: HttpResponse) => HttpResponse;

/** Metrics of a request. `status` is absent when no response came. */
export interface RequestMetrics {
  readonly method: RestRequest["method"];
  readonly path: string;
  /** True for a signed request that changes something: orders, or a setting of the account. */
  readonly isChange: boolean;
  readonly status: number | undefined;
  readonly durationMs: number;
}

/** A payload with the monotonic times between which the venue made it. */
export interface TimedPayload {
  readonly payload: unknown;
  readonly sentMonotonicMs: number;
  readonly receivedMonotonicMs: number;
}

export interface RestAssistantOptions {
  readonly http: HttpClient;
  readonly clock: Clock;
  /** Timers for the pauses before a request is sent again. Without them it is sent again at once, once. */
  readonly timers?: Timers | undefined;
  readonly throttler: Throttler;
  readonly webUtils: RestConventions;
  readonly authenticator?: Authenticator | undefined;
  readonly preProcessors?: readonly RestPreProcessor[] | undefined;
  readonly postProcessors?: readonly RestPostProcessor[] | undefined;
  /** Clock of the signer: learns from refusals for the time. */
  readonly timeSynchronizer?: TimeSynchronizer | undefined;
  /** Asks the venue for its time again, after it refused a request for ours. */
  readonly resynchronizeTime?: (() => Promise<void>) | undefined;
  /** Default 10 s. */
  readonly defaultTimeoutMs?: number | undefined;
  readonly logger: Logger;
  readonly onRequest?: ((metrics: RequestMetrics) => void) | undefined;
  /** Takes requests about orders while it is up. */
  readonly orderSocket?: Pick<OrderSocket, "exchange" | "isLive"> | undefined;
}
