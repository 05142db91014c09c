import { describeError, TimeSyncError, TransportError } from "../model/error.ts";
import { eitherSignal } from "./either-signal.ts";
import type { Intent } from "./intent.ts";
import type { RestAssistantOptions } from "./rest-assistant-options.ts";
import { isQuestion, type RestRequest } from "./venue-api.ts";

/** Pauses before a request of which nothing had left is sent again; the last one goes on. */
const RESEND_PAUSES_MS = [0, 100, 200, 400, 800, 1_000];
const RESENDS_OF_POLL = 3;
/** Time for which creates and cancels are sent again; a request that is an intent has an age of its own. */
const RESEND_FOR_MS = 5_000;

/** Decides which failed requests are sent again, when, and with what knowledge of the venue's time. */
export class RestResends {
  readonly #options: RestAssistantOptions;

  constructor(options: RestAssistantOptions) {
    this.#options = options;
  }

  /** Decides if a request of which no byte left may be sent once more. */
  maySendAgain(
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

  /** Waits before the request is sent again. Throws `failure` where it is not wanted any more. */
  async pause(
    resends: number,
    signal: AbortSignal | undefined,
    intent: Intent | undefined,
    failure: unknown,
  ): Promise<void> {
    const pauseMs = RESEND_PAUSES_MS[resends] ?? RESEND_PAUSES_MS.at(-1) ?? 0;
    intent?.assertWanted(failure);
    if (pauseMs === 0) return;
    try {
      await this.#options.timers?.sleep(pauseMs, eitherSignal(signal, intent?.signal));
    } catch (error) {
      intent?.assertWanted(failure);
      throw error;
    }
  }

  /** True when the venue refused the request for our clock. */
  isTimeRefusal(error: unknown): boolean {
    const { webUtils } = this.#options;
    return error instanceof TimeSyncError || webUtils.isRequestExceptionRelatedToTimeSynchronizer?.(error) === true;
  }

  /** True when more is known of the venue's time than when the request was signed. */
  async resynchronized(request: RestRequest, refusal: unknown): Promise<boolean> {
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
}

/** The network failed before a byte left, and may work the next time. */
export function neverLeft(error: unknown): boolean {
  if (!(error instanceof TransportError) || error.bytesMayHaveLeft) return false;
  return error.retry !== "never" && error.code !== "TRANSPORT_CLOSED" && error.code.startsWith("TRANSPORT_");
}
