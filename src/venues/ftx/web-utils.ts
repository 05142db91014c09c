import type { CreateVenueOptions, VenueWebUtils } from "../../connector/perpetual-venue.ts";
import { ConfigError, ProtocolError } from "../../model/error.ts";
import { createApiFactories } from "../../net/api-factories.ts";
import { excerpt, parseJson, parseRetryAfter } from "../../net/json.ts";
import type { RateLimitFeedback } from "../../net/rest-assistant.ts";
import type { RestRequest } from "../../net/venue-api.ts";
import type { HttpResponse } from "../../runtime/runtime.ts";
import { ORDERS_LIMIT_ID } from "./constants.ts";
import { errorOf, errorOfPage, isOrdersLimit, isRequestExceptionRelatedToTimeSynchronizer } from "./errors.ts";

function required(url: string | undefined, what: string): string {
  if (url !== undefined) return url.replace(/(?<!\/)\/+$/, "");
  throw new ConfigError(`ftx_perpetual has no ${what} URL: FTX closed in November 2022`, {
    hint:
      "paper: true (--paper) trades on the exchange in the box; restUrl and webSocketUrl (--rest-url, --ws-url) name " +
      "another server that speaks FTX's protocol",
  });
}

/** `{"success": true, "result": ...}`, or an error of the table. Both `success` and the status are believed. */
export function unwrapResponse(response: HttpResponse): unknown {
  const envelope = parseEnvelope(response);
  if (response.status === 200 && envelope.success === true) return envelope.result;
  throw errorOf(response.status, typeof envelope.error === "string" ? envelope.error : `no error text`);
}

function parseEnvelope(response: HttpResponse): { success?: unknown; result?: unknown; error?: unknown } {
  let payload: unknown;
  try {
    payload = parseJson(response.text);
  } catch (cause) {
    // A proxy's HTML page, or a body cut short: the status still tells what kind of failure it was.
    if (response.status !== 200) throw errorOfPage(response.status, excerpt(response.text));
    throw new ProtocolError("FTX answered 200 with a body that is not JSON", { venue: "ftx_perpetual", cause });
  }
  if (typeof payload === "object" && payload !== null && "success" in payload) return payload;
  if (response.status !== 200) throw errorOfPage(response.status, "no envelope");
  throw new ProtocolError("FTX answered 200 without an envelope", { venue: "ftx_perpetual" });
}

/** A refusal for the rate of orders closes their limit; any other one all limits of its request. */
export function rateLimitFeedback({ status, text, headers }: HttpResponse): readonly RateLimitFeedback[] {
  if (status !== 429 || !isOrdersLimit(text)) return [];
  const retryAfterMs = parseRetryAfter(headers["retry-after"], Number.POSITIVE_INFINITY);
  return [{ limitId: ORDERS_LIMIT_ID, retryAfterMs, isRefused: true }];
}

export function createWebUtils(options: CreateVenueOptions): VenueWebUtils {
  const restUrl = required(options.restUrl, "REST");
  const webSocketUrl = required(options.webSocketUrl, "WebSocket");
  const conventions = {
    // One base URL serves public and private paths; a market's slash stays raw (`/markets/BTC/USD`).
    restUrl: (request: RestRequest) => (request.path === "/" ? restUrl : `${restUrl}${request.path}`),
    unwrapResponse,
    rateLimitFeedback,
    isRequestExceptionRelatedToTimeSynchronizer,
  };
  return {
    ...conventions,
    ...createApiFactories({ conventions }),
    webSocketUrls: { all: webSocketUrl },
  };
}

/** The topic and the payload of a data frame: `{channel, market, type, data}`. */
export interface FtxFrame {
  readonly type?: unknown;
  readonly channel?: unknown;
  readonly market?: unknown;
  readonly code?: unknown;
  readonly msg?: unknown;
  readonly data?: unknown;
}

export function isFrame(message: unknown): message is FtxFrame {
  return typeof message === "object" && message !== null;
}
