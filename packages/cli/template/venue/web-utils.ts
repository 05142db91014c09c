import { z } from "zod";
import type { CreateVenueOptions, VenueWebUtils } from "../../../../src/connector/perpetual-venue.ts";
import { ConfigError, ProtocolError } from "../../../../src/model/error.ts";
import { createApiFactories } from "../../../../src/net/api-factories.ts";
import { excerpt, parseJson, parseRetryAfter } from "../../../../src/net/json.ts";
import { type PayloadSchema, readPayload } from "../../../../src/net/payload.ts";
import type { RateLimitFeedback } from "../../../../src/net/rest-assistant.ts";
import type { QueryValue, RestRequest, VenueContext } from "../../../../src/net/venue-api.ts";
import { wireText, wireTimeMs } from "../../../../src/net/wire.ts";
import type { HttpResponse } from "../../../../src/runtime/runtime.ts";
import { DISPLAY_NAME, REQUESTS_LIMIT_ID, SERVER_TIME_PATH_URL, URLS, VENUE, webSockets } from "./constants.ts";
import { errorOf } from "./errors.ts";

/** Reads a payload by its schema; what does not fit is a `ProtocolError`. */
export function read<Output>(what: string, schema: PayloadSchema<Output>, payload: unknown): Output {
  return readPayload(VENUE, what, schema, payload);
}

export function publicRequest(path: string, params: Readonly<Record<string, QueryValue>> = {}): RestRequest {
  return { method: "GET", path, params, isAuthRequired: false, limitId: REQUESTS_LIMIT_ID, lane: "poll" };
}

// CHECK: the envelope, and how a failure looks.
// <envelope-comment>
/** `{code: 0, message, data}`, or an error of the table. Both the code and the status are believed. */
// </envelope-comment>
export function unwrapResponse(response: HttpResponse): unknown {
  const payload = parsePayload(response);
  const envelope: Readonly<Record<string, unknown>> =
    typeof payload === "object" && payload !== null ? { ...payload } : {};
  // <envelope>
  if (response.status === 200 && wireText(envelope.code) === "0") return envelope.data;
  // </envelope>
  const code = wireText(envelope.code) || undefined;
  throw errorOf(response.status, code, wireText(envelope.message) || "no text", retryAfterMs(response));
}

function parsePayload({ status, text }: HttpResponse): unknown {
  try {
    return parseJson(text);
  } catch (cause) {
    // A proxy's HTML page, or a body cut short: the status still tells what kind of failure it was.
    if (status !== 200) throw errorOf(status, undefined, excerpt(text));
    throw new ProtocolError(`${DISPLAY_NAME} answered 200 with a body that is not JSON`, { venue: VENUE, cause });
  }
}

// CHECK: whether a date may stand there, and whether other headers tell what is used of a limit.
function retryAfterMs({ headers }: HttpResponse): number | undefined {
  return parseRetryAfter(headers["retry-after"], Number.POSITIVE_INFINITY);
}

export function rateLimitFeedback(response: HttpResponse, request: RestRequest): readonly RateLimitFeedback[] {
  if (response.status !== 429) return [];
  return [{ limitId: request.limitId, retryAfterMs: retryAfterMs(response) }];
}

// <server-time>
// CHECK: the name of the field, and its unit.
const wireServerTime = z.object({ serverTime: wireTimeMs });

/** Epoch milliseconds. */
export async function getCurrentServerTime({ api, signal }: Pick<VenueContext, "api" | "signal">): Promise<number> {
  const payload = await api.send(publicRequest(SERVER_TIME_PATH_URL), signal);
  return read(`GET ${SERVER_TIME_PATH_URL}`, wireServerTime, payload).serverTime;
}
// </server-time>

// <fetch-socket-address>
// </fetch-socket-address>

/** The user's own URLs replace the domain's: one serves for both streams. */
export function createWebUtils({ domain, restUrl, webSocketUrl }: CreateVenueOptions): VenueWebUtils {
  const urls = URLS[domain];
  const rest = (restUrl ?? urls?.rest)?.replace(/\/+$/, "");
  const webSocketUrls = webSocketUrl === undefined ? urls?.webSockets : webSockets(webSocketUrl, webSocketUrl);
  if (rest === undefined || webSocketUrls === undefined) {
    throw new ConfigError(`${VENUE} has no domain "${domain}"`, { hint: `it has ${Object.keys(URLS).join(", ")}` });
  }
  const restUrlOf = (request: RestRequest): string => `${rest}${request.path}`;
  const conventions = { restUrl: restUrlOf, unwrapResponse, rateLimitFeedback };
  return {
    ...conventions,
    // <factories>
    ...createApiFactories({ conventions, getCurrentServerTime }),
    getCurrentServerTime,
    webSocketUrls,
    // </factories>
    // <socket-address>
    // </socket-address>
  };
}

// CHECK: what a frame of either stream looks like; here data has a `channel`, an answer an `op`.
export type WireFrame = Readonly<
  Partial<Record<"op" | "success" | "message" | "channel" | "type" | "symbol" | "timestamp" | "data", unknown>>
>;

export function isFrame(message: unknown): message is WireFrame {
  return typeof message === "object" && message !== null;
}
