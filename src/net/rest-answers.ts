import { describeError, PerpwireError, ProtocolError, RateLimitError } from "../model/error.ts";
import type { HttpResponse } from "../runtime/runtime.ts";
import { excerpt, parseRetryAfter } from "./json.ts";
import type { RestAssistantOptions } from "./rest-assistant-options.ts";
import { isQuestion } from "./rest-request.ts";
import type { RestRequest } from "./venue-api.ts";

/** Answers of the venue: their payload or error, and their word on rate limits. */
export class RestAnswers {
  readonly #options: RestAssistantOptions;

  constructor(options: RestAssistantOptions) {
    this.#options = options;
  }

  /** Logs a request that has an answer, or will have none, and tells who counts them. */
  report(request: RestRequest, response: HttpResponse | undefined, durationMs: number): void {
    const { logger, onRequest } = this.#options;
    const { method, path, lane = "poll", isAuthRequired } = request;
    const isChange = isAuthRequired && !isQuestion(lane);
    const metrics = { method, path, isChange, status: response?.status, durationMs };
    logger.debug("request", metrics);
    try {
      onRequest?.(metrics);
    } catch (error) {
      logger.error("the listener for request metrics failed", { error: describeError(error) });
    }
  }

  /** The payload; throws the error of the venue's table. */
  unwrap(request: RestRequest, received: HttpResponse, sentMonotonicMs: number): unknown {
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
