import {
  AbortError,
  AuthError,
  describeError,
  isAbort,
  PerpwireError,
  ProtocolError,
  RateLimitError,
  TimeSyncError,
  TransportError,
  throwIfAborted,
} from "../model/error.ts";
import type { Clock, HttpClient, HttpResponse } from "../runtime/runtime.ts";
import type { Authenticator, PreparedRequest } from "./auth.ts";
import type { Intent } from "./intent.ts";
import { parseRetryAfter } from "./json.ts";
import type { Logger } from "./logger.ts";
import { redactError, secretsOf } from "./redaction.ts";
import { prepareRequest } from "./rest-encoding.ts";
import type { Throttler } from "./throttler.ts";
import type { RestRequest, VenueApi } from "./venue-api.ts";

/** What a response said about a rate limit: what is used of it, or when it opens again. */
export interface RateLimitFeedback {
  readonly limitId: string;
  readonly used?: number | undefined;
  readonly retryAfterMs?: number | undefined;
}

/** How a venue's REST API is spoken; from its web utils. */
export interface RestConventions {
  /** Absolute, without the query. */
  restUrl(request: RestRequest): string;
  /** Sent with every request, signed or not. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The payload, or throws the error of the venue's table. */
  unwrapResponse(response: HttpResponse, request: RestRequest): unknown;
  rateLimitFeedback?(response: HttpResponse, request: RestRequest): readonly RateLimitFeedback[];
}

/** Runs before the request waits for its rate limit. */
export type RestPreProcessor = (request: RestRequest) => RestRequest | Promise<RestRequest>;
export type RestPostProcessor = (response: HttpResponse) => HttpResponse;

/** For metrics. `status` is absent when no response came. */
export interface RequestMetrics {
  readonly method: RestRequest["method"];
  readonly path: string;
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
  readonly throttler: Throttler;
  readonly webUtils: RestConventions;
  readonly authenticator?: Authenticator | undefined;
  readonly preProcessors?: readonly RestPreProcessor[] | undefined;
  readonly postProcessors?: readonly RestPostProcessor[] | undefined;
  /** Asks the venue for its time again, after it refused a request for ours. */
  readonly resynchronizeTime?: (() => Promise<void>) | undefined;
  /** Default 10 s. */
  readonly defaultTimeoutMs?: number | undefined;
  readonly logger: Logger;
  readonly onRequest?: ((metrics: RequestMetrics) => void) | undefined;
}

const DEFAULT_TIMEOUT_MS = 10_000;

/**
 * Sends a venue's REST requests:
 *
 *   pre-processors -> rate limit -> encode -> sign -> network -> rate-limit feedback -> post-processors -> unwrap
 *
 * It retries exactly one thing, once: a request refused for our clock, after asking for the venue's time. Errors thrown
 * before the request reaches the network have outcome `definite`; none holds a header, a signature or a signed query.
 */
export class RestAssistant implements VenueApi {
  readonly #options: RestAssistantOptions;

  constructor(options: RestAssistantOptions) {
    this.#options = options;
  }

  async send(request: RestRequest, signal?: AbortSignal, intent?: Intent): Promise<unknown> {
    const { payload } = await this.sendTimed(request, signal, intent);
    return payload;
  }

  /** As `send`, with the times of the request itself: without waits for rate limits, pre-processors and signing. */
  async sendTimed(request: RestRequest, signal?: AbortSignal, intent?: Intent): Promise<TimedPayload> {
    try {
      return await this.#attempt(request, signal, intent);
    } catch (error) {
      if (!(error instanceof TimeSyncError)) throw error;
      intent?.returned();
      if (!(await this.#resynchronized(request, error))) throw error;
    }
    return this.#attempt(request, signal, intent);
  }

  async #resynchronized(request: RestRequest, refusal: TimeSyncError): Promise<boolean> {
    const { resynchronizeTime, logger } = this.#options;
    if (resynchronizeTime === undefined) return false;
    const fields = { method: request.method, path: request.path };
    logger.warn("the venue refused our time, asking for its own", { ...fields, error: describeError(refusal) });
    try {
      await resynchronizeTime();
      return true;
    } catch (error) {
      logger.warn("could not get the venue's time", { ...fields, error: describeError(error) });
      return false;
    }
  }

  async #attempt(
    original: RestRequest,
    signal: AbortSignal | undefined,
    intent: Intent | undefined,
  ): Promise<TimedPayload> {
    let request = original;
    let unsigned: PreparedRequest;
    let signed: PreparedRequest;
    try {
      throwIfAborted(signal);
      intent?.assertWanted();
      request = await this.#preProcess(original);
      await this.#acquire(request, signal, intent);
      const { webUtils } = this.#options;
      if (intent !== undefined) request = intent.leave(request);
      unsigned = prepareRequest(request, webUtils.restUrl(request), webUtils.headers);
      signed = await this.#sign(request, unsigned);
      throwIfAborted(signal);
    } catch (error) {
      intent?.returned();
      throw notSent(request, error);
    }
    try {
      return await this.#exchange(request, signed, signal);
    } catch (error) {
      redactError(error, secretsOf(unsigned, signed));
      throw error;
    }
  }

  async #acquire(request: RestRequest, signal: AbortSignal | undefined, intent: Intent | undefined): Promise<void> {
    const { limitId, lane, weight } = request;
    const ends = [signal, intent?.signal].filter((each) => each !== undefined);
    const either = ends.length === 2 ? AbortSignal.any(ends) : ends[0];
    try {
      await this.#options.throttler.acquire(limitId, { lane, weight, signal: either });
    } catch (error) {
      intent?.assertWanted();
      throw error;
    }
  }

  async #preProcess(original: RestRequest): Promise<RestRequest> {
    this.#requireCredentials(original);
    let request = original;
    for (const preProcess of this.#options.preProcessors ?? []) request = await preProcess(request);
    return request;
  }

  #requireCredentials(request: RestRequest): void {
    if (!request.isAuthRequired || this.#options.authenticator !== undefined) return;
    throw new AuthError(`${request.method} ${request.path} needs credentials`, {
      code: "CREDENTIALS_MISSING",
      hint: "give <connector>_api_key and <connector>_api_secret in the config file or, in capitals, the environment",
    });
  }

  #sign(request: RestRequest, unsigned: PreparedRequest): PreparedRequest | Promise<PreparedRequest> {
    const { authenticator } = this.#options;
    return request.isAuthRequired && authenticator !== undefined ? authenticator.restAuthenticate(unsigned) : unsigned;
  }

  async #exchange(
    request: RestRequest,
    prepared: PreparedRequest,
    signal: AbortSignal | undefined,
  ): Promise<TimedPayload> {
    const { clock, http, defaultTimeoutMs = DEFAULT_TIMEOUT_MS } = this.#options;
    const sentMonotonicMs = clock.monotonic();
    let response: HttpResponse | undefined;
    try {
      response = await http.request({ ...prepared, timeoutMs: request.timeoutMs ?? defaultTimeoutMs, signal });
    } finally {
      this.#report(request, response, clock.monotonic() - sentMonotonicMs);
    }
    const receivedMonotonicMs = clock.monotonic();
    return { payload: this.#unwrap(request, response), sentMonotonicMs, receivedMonotonicMs };
  }

  #report(request: RestRequest, response: HttpResponse | undefined, durationMs: number): void {
    const { logger, onRequest } = this.#options;
    const metrics = { method: request.method, path: request.path, status: response?.status, durationMs };
    logger.debug("request", metrics);
    try {
      onRequest?.(metrics);
    } catch (error) {
      logger.error("the listener for request metrics failed", { error: describeError(error) });
    }
  }

  #unwrap(request: RestRequest, received: HttpResponse): unknown {
    const lanesClosed = this.#applyFeedback(request, received);
    try {
      const { postProcessors = [], webUtils } = this.#options;
      const response = postProcessors.reduce((current, postProcess) => postProcess(current), received);
      return webUtils.unwrapResponse(response, request);
    } catch (error) {
      if (error instanceof RateLimitError && !lanesClosed) this.#closeLanes(request, received, error);
      if (error instanceof PerpwireError) throw error;
      const where = `${request.method} ${request.path}`;
      throw new ProtocolError(`${where}: cannot read the response (HTTP ${received.status})`, { cause: error });
    }
  }

  /** Returns whether the response itself said which limits are closed and until when. */
  #applyFeedback(request: RestRequest, response: HttpResponse): boolean {
    const { throttler, webUtils, clock, logger } = this.#options;
    let closed = false;
    try {
      for (const { limitId, used, retryAfterMs } of webUtils.rateLimitFeedback?.(response, request) ?? []) {
        if (used !== undefined) throttler.correctUsage(limitId, used);
        if (retryAfterMs === undefined) continue;
        throttler.closeUntil(limitId, clock.monotonic() + retryAfterMs);
        closed = true;
      }
    } catch (error) {
      logger.warn("cannot read the rate-limit headers", { path: request.path, error: describeError(error) });
    }
    return closed;
  }

  #closeLanes(request: RestRequest, response: HttpResponse, error: RateLimitError): void {
    const { throttler, clock } = this.#options;
    const retryAfterMs = error.retryAfterMs ?? parseRetryAfter(response.headers["retry-after"], clock.now());
    throttler.closeRequest(request.limitId, retryAfterMs);
  }
}

/** An error from before the network was touched: nothing happened, whatever the error was about. */
function notSent(request: RestRequest, error: unknown): unknown {
  if (isAbort(error)) return new AbortError();
  if (error instanceof PerpwireError && error.outcome === "definite") return error;
  return new TransportError(`${request.method} ${request.path} was not sent: ${describeError(error)}`, {
    bytesMayHaveLeft: false,
    cause: error,
  });
}
