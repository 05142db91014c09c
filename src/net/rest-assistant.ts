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
import type { Logger } from "../runtime/logger.ts";
import type { Clock, HttpClient, HttpResponse, Timers } from "../runtime/runtime.ts";
import type { Authenticator, PreparedRequest } from "./auth.ts";
import type { Intent } from "./intent.ts";
import { excerpt, parseRetryAfter } from "./json.ts";
import type { OrderSocket } from "./order-socket.ts";
import { redactError, secretsOf } from "./redaction.ts";
import { RememberedAnswers } from "./remembered-answers.ts";
import { prepareRequest } from "./rest-encoding.ts";
import { SharedQuestions } from "./shared-questions.ts";
import type { Throttler } from "./throttler.ts";
import type { TimeSynchronizer } from "./time-synchronizer.ts";
import { isQuestion, type RestRequest, type VenueApi } from "./venue-api.ts";

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

/** Runs before the request waits for its rate limit. */
export type RestPreProcessor = (request: RestRequest) => RestRequest | Promise<RestRequest>;
export type RestPostProcessor = (response: HttpResponse) => HttpResponse;

/** Metrics of a request. `status` is absent when no response came. */
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
  readonly orderSocket?: Pick<OrderSocket, "exchange"> | undefined;
}

const DEFAULT_TIMEOUT_MS = 10_000;
/** Pauses before a request of which nothing had left is sent again; the last one goes on. */
const RESEND_PAUSES_MS = [0, 100, 200, 400, 800, 1_000];
const RESENDS_OF_POLL = 3;
/** Time for which creates and cancels are sent again; a request that is an intent has an age of its own. */
const RESEND_FOR_MS = 5_000;

/**
 * Sends a venue's REST requests:
 *
 *   pre-processors -> rate limit -> encode -> sign -> network -> rate-limit feedback -> post-processors -> unwrap
 *
 * It sends again, signed anew: once, a request refused for our clock, after asking for the venue's time; within a bound,
 * one of which provably no byte left. Errors thrown before the request reaches the network have outcome `definite`; none
 * holds a header, a signature or a signed query.
 */
export class RestAssistant implements VenueApi {
  readonly #options: RestAssistantOptions;
  readonly #remembered: RememberedAnswers;
  readonly #questions = new SharedQuestions(async (request, signal, onLeaving) => {
    const { payload } = await this.#sendTimed(request, signal, undefined, onLeaving);
    return payload;
  });

  constructor(options: RestAssistantOptions) {
    this.#options = options;
    this.#remembered = new RememberedAnswers(options.clock);
  }

  /** A question that somebody else asks and that has not left yet is shared with them. */
  async send(request: RestRequest, signal?: AbortSignal, intent?: Intent): Promise<unknown> {
    const isShared = intent === undefined && isAsked(request) && isQuestion(request.lane ?? "poll");
    if (isShared) return await this.#ask(request, signal);
    if (request.outdatesAnswers !== true) return (await this.sendTimed(request, signal, intent)).payload;
    this.#remembered.forget();
    try {
      return (await this.sendTimed(request, signal, intent)).payload;
    } finally {
      this.#remembered.forget();
    }
  }

  #ask(request: RestRequest, signal: AbortSignal | undefined): Promise<unknown> {
    const { freshForMs } = request;
    if (freshForMs === undefined) return this.#questions.ask(request, signal);
    return this.#remembered.ask(request, freshForMs, () => this.#questions.ask(request, signal));
  }

  /**
   * Sends as `send` does, and returns the times of the request itself: without waits for rate limits, pre-processors
   * and signing.
   */
  sendTimed(request: RestRequest, signal?: AbortSignal, intent?: Intent): Promise<TimedPayload> {
    return this.#sendTimed(request, signal, intent);
  }

  async #sendTimed(
    request: RestRequest,
    signal: AbortSignal | undefined,
    intent: Intent | undefined,
    onLeaving?: () => void,
  ): Promise<TimedPayload> {
    const startedMs = this.#options.clock.monotonic();
    let wasTimeRefused = false;
    for (let resends = 0; ; ) {
      try {
        return await this.#attempt(request, signal, intent, onLeaving);
      } catch (error) {
        if (!wasTimeRefused && this.#isTimeRefusal(error)) {
          wasTimeRefused = true;
          intent?.returned();
          if (await this.#resynchronized(request, error)) continue;
        }
        if (!neverLeft(error)) throw error;
        intent?.returned();
        if (!this.#maySendAgain(request, resends, startedMs, intent)) throw error;
        await this.#pause(resends, signal, intent, error);
        resends += 1;
      }
    }
  }

  #maySendAgain(
    { lane = "poll" }: RestRequest,
    resends: number,
    startedMs: number,
    intent: Intent | undefined,
  ): boolean {
    const { clock, timers } = this.#options;
    if (timers === undefined) return resends === 0;
    if (intent?.maxAgeMs !== undefined) return true;
    if (isQuestion(lane)) return resends < RESENDS_OF_POLL;
    return clock.monotonic() - startedMs < RESEND_FOR_MS;
  }

  async #pause(
    resends: number,
    signal: AbortSignal | undefined,
    intent: Intent | undefined,
    failure: unknown,
  ): Promise<void> {
    const pauseMs = RESEND_PAUSES_MS[resends] ?? RESEND_PAUSES_MS.at(-1) ?? 0;
    intent?.assertWanted(failure);
    if (pauseMs === 0) return;
    try {
      await this.#options.timers?.sleep(pauseMs, eitherOf(signal, intent?.signal));
    } catch (error) {
      intent?.assertWanted(failure);
      throw error;
    }
  }

  #isTimeRefusal(error: unknown): boolean {
    const { webUtils } = this.#options;
    return error instanceof TimeSyncError || webUtils.isRequestExceptionRelatedToTimeSynchronizer?.(error) === true;
  }

  /** True when more is known of the venue's time than when the request was signed. */
  async #resynchronized(request: RestRequest, refusal: unknown): Promise<boolean> {
    const { resynchronizeTime, logger } = this.#options;
    if (resynchronizeTime === undefined) return false;
    const fields = { method: request.method, path: request.path };
    logger.warn("the venue refused our time, asking for its own", { ...fields, error: describeError(refusal) });
    try {
      await resynchronizeTime();
      return true;
    } catch (error) {
      logger.warn("could not get the venue's time", { ...fields, error: describeError(error) });
      if (!(refusal instanceof TimeSyncError) || this.#options.timeSynchronizer === undefined) return false;
      return Object.keys(refusal.refusal).length > 0;
    }
  }

  async #attempt(
    original: RestRequest,
    signal: AbortSignal | undefined,
    intent: Intent | undefined,
    onLeaving: (() => void) | undefined,
  ): Promise<TimedPayload> {
    let request = original;
    let unsigned: PreparedRequest;
    let signed: PreparedRequest;
    let signedTimeMs: number | undefined;
    let takeBack: (() => void) | undefined;
    try {
      throwIfAborted(signal);
      intent?.assertWanted();
      request = await this.#preProcess(original);
      await this.#acquire(request, signal, intent);
      const { clock, throttler, webUtils, timeSynchronizer } = this.#options;
      const takenMs = clock.monotonic();
      // Limit and weight as they were taken: the request that leaves may be a part of it.
      const { limitId, weight } = request;
      takeBack = () => throttler.takeBack(limitId, takenMs, weight);
      onLeaving?.();
      if (intent !== undefined) request = intent.leave(request);
      unsigned = prepareRequest(request, webUtils.restUrl(request), webUtils.headers);
      signedTimeMs = timeSynchronizer?.signingTime();
      signed = await this.#sign(request, unsigned);
      throwIfAborted(signal);
    } catch (error) {
      takeBack?.();
      intent?.returned();
      throw notSent(request, error);
    }
    try {
      return await this.#exchange(request, signed, signal, signedTimeMs);
    } catch (error) {
      if (neverLeft(error) || isAbortBefore(error)) takeBack();
      redactError(error, secretsOf(unsigned, signed));
      throw error;
    }
  }

  room({ limitId, lane = "poll" }: Pick<RestRequest, "limitId" | "lane">): number {
    return this.#options.throttler.room(limitId, lane);
  }

  async #acquire(request: RestRequest, signal: AbortSignal | undefined, intent: Intent | undefined): Promise<void> {
    const { limitId, lane, weight } = request;
    const { throttler } = this.#options;
    try {
      const turn = throttler.acquire(limitId, { lane, weight, signal: eitherOf(signal, intent?.signal) });
      if (turn === undefined) return;
      intent?.waitsInTurn(() => throttler.closedSinceMs(limitId));
      await turn;
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
    signedTimeMs: number | undefined,
  ): Promise<TimedPayload> {
    const { clock, http, throttler, orderSocket, defaultTimeoutMs = DEFAULT_TIMEOUT_MS } = this.#options;
    const { timeoutMs = defaultTimeoutMs } = request;
    const sentMonotonicMs = clock.monotonic();
    let response: HttpResponse | undefined;
    try {
      response = await orderSocket?.exchange(request, prepared, timeoutMs, signal);
      response ??= await http.request({ ...prepared, timeoutMs, signal });
    } finally {
      if (response === undefined) throttler.unanswered(request.limitId, sentMonotonicMs);
      this.#report(request, response, clock.monotonic() - sentMonotonicMs);
    }
    const receivedMonotonicMs = clock.monotonic();
    try {
      return { payload: this.#unwrap(request, response, sentMonotonicMs), sentMonotonicMs, receivedMonotonicMs };
    } catch (error) {
      if (error instanceof TimeSyncError && signedTimeMs !== undefined) {
        this.#options.timeSynchronizer?.refused({
          ...error.refusal,
          signedTimeMs,
          sentMonotonicMs,
          receivedMonotonicMs,
        });
      }
      throw error;
    }
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

  #unwrap(request: RestRequest, received: HttpResponse, sentMonotonicMs: number): unknown {
    const isLimitClosed = this.#applyFeedback(request, received, sentMonotonicMs);
    const { postProcessors = [], webUtils, throttler } = this.#options;
    try {
      const response = postProcessors.reduce((current, postProcess) => postProcess(current), received);
      const payload = webUtils.unwrapResponse(response, request);
      throttler.answered(request.limitId, sentMonotonicMs);
      return payload;
    } catch (error) {
      if (!(error instanceof RateLimitError)) throttler.answered(request.limitId, sentMonotonicMs);
      else if (!isLimitClosed) this.#closeLanes(request, received, error, sentMonotonicMs);
      const where = `${request.method} ${request.path}`;
      const encoding = encodingOf(received);
      if (error instanceof ProtocolError && encoding !== undefined)
        throw new ProtocolError(`${where}: the answer is encoded (${encoding}), which nothing asked for`, {
          venue: error.venue,
          cause: error,
        });
      if (error instanceof PerpwireError) throw error;
      throw new ProtocolError(`${where}: cannot read the response (HTTP ${received.status})`, { cause: error });
    }
  }

  /** Returns whether the response itself said which limits are closed. */
  #applyFeedback(request: RestRequest, response: HttpResponse, sentMonotonicMs: number): boolean {
    const { throttler, webUtils, logger } = this.#options;
    let isClosed = false;
    try {
      for (const feedback of webUtils.rateLimitFeedback?.(response, request) ?? []) {
        const { limitId, used, retryAfterMs, isRefused } = feedback;
        if (used !== undefined) throttler.correctUsage(limitId, used);
        if (retryAfterMs === undefined && isRefused !== true) continue;
        throttler.closeLimit(limitId, { sentMonotonicMs, retryAfterMs });
        isClosed = true;
      }
    } catch (error) {
      logger.warn("cannot read the rate-limit headers", { path: request.path, error: describeError(error) });
    }
    return isClosed;
  }

  #closeLanes(request: RestRequest, response: HttpResponse, error: RateLimitError, sentMonotonicMs: number): void {
    const { throttler, clock, timeSynchronizer } = this.#options;
    const nowMs = timeSynchronizer?.time() ?? clock.now();
    const untilMs = error.retryAtMs === undefined ? undefined : Math.max(0, error.retryAtMs - nowMs);
    const told = [untilMs, parseRetryAfter(response.headers["retry-after"], nowMs), error.retryAfterMs];
    const retryAfterMs = told.find((each) => each !== undefined);
    throttler.closeRequest(request.limitId, { sentMonotonicMs, retryAfterMs, isBan: error.isBan });
  }
}

/** The encoding of a body that cannot be read for it: requests ask for none. */
function encodingOf({ headers }: HttpResponse): string | undefined {
  const encoding = excerpt(headers["content-encoding"] ?? "identity");
  return encoding.toLowerCase() === "identity" ? undefined : encoding;
}

function eitherOf(left: AbortSignal | undefined, right: AbortSignal | undefined): AbortSignal | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  return AbortSignal.any([left, right]);
}

/** Some venues take questions as POST with a body (Hyperliquid `/info`). */
const isAsked = ({ method, isQuestion: isSaidToBe }: RestRequest): boolean => method === "GET" || isSaidToBe === true;

/** The network failed before a byte left, and may work the next time. */
function neverLeft(error: unknown): boolean {
  if (!(error instanceof TransportError) || error.bytesMayHaveLeft) return false;
  return error.retry !== "never" && error.code !== "TRANSPORT_CLOSED" && error.code.startsWith("TRANSPORT_");
}

/** It was given up before any of it had left. */
function isAbortBefore(error: unknown): boolean {
  return error instanceof AbortError && error.outcome === "definite";
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
