import {
  AbortError,
  AuthError,
  describeError,
  isAbort,
  PerpwireError,
  TimeSyncError,
  TransportError,
  throwIfAborted,
} from "../model/error.ts";
import type { HttpResponse } from "../runtime/runtime.ts";
import type { PreparedRequest } from "./auth.ts";
import { eitherSignal } from "./either-signal.ts";
import type { Intent } from "./intent.ts";
import type { OrderSocketResponse } from "./order-socket.ts";
import { redactError, secretsOf } from "./redaction.ts";
import { RememberedAnswers } from "./remembered-answers.ts";
import { RestAnswers } from "./rest-answers.ts";
import type { RestAssistantOptions, TimedPayload } from "./rest-assistant-options.ts";
import { prepareRequest } from "./rest-encoding.ts";
import { neverLeft, RestResends } from "./rest-resends.ts";
import { SharedQuestions } from "./shared-questions.ts";
import { isQuestion, type RestRequest, type VenueApi } from "./venue-api.ts";

export type {
  RequestMetrics,
  RestAssistantOptions,
  RestPostProcessor,
  RestPreProcessor,
  TimedPayload,
} from "./rest-assistant-options.ts";
export type { RateLimitFeedback, RestConventions } from "./rest-conventions.ts";

const DEFAULT_TIMEOUT_MS = 10_000;

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
  readonly #answers: RestAnswers;
  readonly #resends: RestResends;
  readonly #remembered: RememberedAnswers;
  readonly #questions = new SharedQuestions(async (request, signal, onLeaving) => {
    const { payload } = await this.#sendTimed(request, signal, undefined, onLeaving);
    return payload;
  });

  constructor(options: RestAssistantOptions) {
    this.#options = options;
    this.#answers = new RestAnswers(options);
    this.#resends = new RestResends(options);
    this.#remembered = new RememberedAnswers(options.clock);
  }

  /** The next questions are asked anew, however fresh the last answers are. */
  forgetAnswers(): void {
    this.#remembered.forget();
  }

  /** A question that somebody else asks and that has not left yet is shared with them. */
  async send(request: RestRequest, signal?: AbortSignal, intent?: Intent): Promise<unknown> {
    const isShared = intent === undefined && isAsked(request) && isQuestion(request.lane ?? "poll");
    if (isShared) return await this.#ask(request, signal);
    if (request.outdatesAnswers !== true) return (await this.#sendTimed(request, signal, intent)).payload;
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
        if (!wasTimeRefused && this.#resends.isTimeRefusal(error)) {
          wasTimeRefused = true;
          intent?.returned();
          if (await this.#resends.resynchronized(request, error)) continue;
        }
        if (!neverLeft(error)) throw error;
        intent?.returned();
        if (!this.#resends.maySendAgain(request, resends, startedMs, intent)) throw error;
        await this.#resends.pause(resends, signal, intent, error);
        resends += 1;
      }
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
      this.#requireCredentials(original);
      // An order can be called back until the call that asked is over.
      await undefined;
      for (const preProcess of this.#options.preProcessors ?? []) {
        const processed = preProcess(request);
        request = processed instanceof Promise ? await processed : processed;
      }
      const turn = this.#turn(request, signal, intent);
      if (turn !== undefined) await this.#waitFor(turn, intent);
      const { clock, throttler, webUtils, timeSynchronizer } = this.#options;
      const takenMs = clock.monotonic();
      // Limit and weight as they were taken: the request that leaves may be a part of it.
      const { limitId, weight } = request;
      takeBack = () => throttler.takeBack(limitId, takenMs, weight);
      onLeaving?.();
      if (intent !== undefined) request = intent.leave(request);
      unsigned = prepareRequest(request, webUtils.restUrl(request), webUtils.headers);
      signedTimeMs = timeSynchronizer?.signingTime();
      const signing = this.#sign(request, unsigned);
      signed = signing instanceof Promise ? await signing : signing;
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

  /** Undefined where the rate limits let it leave now. */
  #turn(request: RestRequest, signal: AbortSignal | undefined, intent: Intent | undefined): Promise<void> | undefined {
    const { limitId, lane, weight } = request;
    const { throttler } = this.#options;
    intent?.assertWanted();
    if (signal?.aborted === true) throw new AbortError();
    const signalOfWait = () => eitherSignal(signal, intent?.signal);
    const turn = throttler.acquire(limitId, { lane, weight, signalOfWait });
    if (turn !== undefined) intent?.waitsInTurn(() => throttler.closedSinceMs(limitId));
    return turn;
  }

  async #waitFor(turn: Promise<void>, intent: Intent | undefined): Promise<void> {
    try {
      await turn;
    } catch (error) {
      intent?.assertWanted();
      throw error;
    }
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
    let response: (HttpResponse & Partial<OrderSocketResponse>) | undefined;
    try {
      if (orderSocket?.isLive === true) response = await orderSocket.exchange(request, prepared, timeoutMs, signal);
      const { method, url, headers, body } = prepared;
      response ??= await http.request({ method, url, headers, body, timeoutMs, signal });
    } finally {
      if (response === undefined) throttler.unanswered(request.limitId, sentMonotonicMs);
      this.#answers.report(request, response, clock.monotonic() - sentMonotonicMs);
    }
    const receivedMonotonicMs = clock.monotonic();
    try {
      return {
        payload: this.#answers.unwrap(request, response, sentMonotonicMs),
        sentMonotonicMs,
        receivedMonotonicMs,
      };
    } catch (error) {
      if (error instanceof TimeSyncError && signedTimeMs !== undefined) {
        this.#options.timeSynchronizer?.refused({
          ...error.refusal,
          signedTimeMs,
          sentMonotonicMs,
          receivedMonotonicMs,
        });
      }
      redactError(error, response.secrets ?? []);
      throw error;
    }
  }
}

/** Some venues take questions as POST with a body (Hyperliquid `/info`). */
const isAsked = ({ method, isQuestion: isSaidToBe }: RestRequest): boolean => method === "GET" || isSaidToBe === true;

/** Tells that a request was given up before any of it had left. */
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
