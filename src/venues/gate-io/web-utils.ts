import { z } from "zod";
import type { CreateVenueOptions, VenueWebUtils } from "../../connector/perpetual-venue.ts";
import { ConfigError, ProtocolError } from "../../model/error.ts";
import { createApiFactories } from "../../net/api-factories.ts";
import { excerpt, parseJson, parseRetryAfter } from "../../net/json.ts";
import type { RateLimitFeedback } from "../../net/rest-assistant.ts";
import type { RestRequest, VenueContext } from "../../net/venue-api.ts";
import { readPayload, wireDecimal, wireText, wireTimeMs, wireTimeSeconds } from "../../net/wire.ts";
import type { HttpResponse } from "../../runtime/runtime.ts";
import * as constants from "./constants.ts";
import { errorOf, NO_CHANGE } from "./errors.ts";

const { VENUE, SERVER_TIME_PATH_URL } = constants;

export function read<Schema extends z.ZodType>(what: string, schema: Schema, payload: unknown): z.output<Schema> {
  return readPayload(VENUE, what, schema, payload);
}

/** Epoch seconds, with fractions or without, as epoch milliseconds. */
export const wireSeconds = wireTimeSeconds;

/** Epoch seconds up to the year 5000; milliseconds have more digits since 1973. */
const LATEST_SECONDS = 99_999_999_999;

/** Some fields are in seconds over REST and in milliseconds on the stream: `update_time` of an order. */
export const wireMoment = wireDecimal
  .transform((value): string | number => (value.gt(LATEST_SECONDS) ? value.div(1_000) : value).toFixed())
  .pipe(wireTimeSeconds);

type Fields = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Settings stand in the query of these, and one that is so already is no failure. */
function isSetting({ method, path }: Pick<RestRequest, "method" | "path">): boolean {
  return method === "POST" && (path === constants.DUAL_MODE_PATH_URL || path.endsWith("/leverage"));
}

/** The bare object or list of a 2xx, or `{label, message}`, in some errors `{label, detail}`: only the label counts. */
export function unwrapResponse(response: HttpResponse, request: Pick<RestRequest, "method" | "path">): unknown {
  const { status, text } = response;
  const payload = parseBody(response);
  if (status >= 200 && status < 300) return payload;
  const { label, detail, message } = isObject(payload) ? payload : {};
  if (label === NO_CHANGE && isSetting(request)) return undefined;
  throw errorOf({
    status,
    label: wireText(label) || undefined,
    text: wireText(detail) || wireText(message) || excerpt(text),
    retryAfterMs: status === 429 ? resetsInMs(response) : undefined,
    serverTimeMs: answeredAtMs(response),
  });
}

function parseBody({ status, text }: HttpResponse): unknown {
  try {
    return parseJson(text);
  } catch (cause) {
    // The pages of proxies are not JSON, and some failures have no body: the status still tells what happened.
    if (status < 200 || status >= 300) return undefined;
    throw new ProtocolError("Gate.io answered with a body that is not JSON", { venue: VENUE, cause });
  }
}

/** `X-Out-Time`, epoch microseconds. */
function answeredAtMs({ headers }: HttpResponse): number | undefined {
  const timeMs = Number(headers["x-out-time"]) / 1_000;
  return timeMs > 0 && timeMs <= LATEST_SECONDS * 1_000 ? timeMs : undefined;
}

/** Time when an exceeded limit opens again, by the answer's own time; a window is ten seconds at most. */
function resetsInMs(response: HttpResponse): number | undefined {
  const { headers } = response;
  const answeredMs = answeredAtMs(response);
  const reset = Number(headers["x-gate-ratelimit-reset-timestamp"]);
  const resetMs = (reset <= LATEST_SECONDS ? reset * 1_000 : reset) - (answeredMs ?? Number.NaN);
  if (resetMs > 0 && resetMs <= 60_000) return Math.ceil(resetMs);
  return parseRetryAfter(headers["retry-after"], answeredMs ?? Number.NaN);
}

/** `X-Gate-RateLimit-Limit` and `-Requests-Remain` of the endpoint's own limit; on 429 also when it opens. */
export function rateLimitFeedback(response: HttpResponse, request: RestRequest): readonly RateLimitFeedback[] {
  const { headers, status } = response;
  const used = Number(headers["x-gate-ratelimit-limit"]) - Number(headers["x-gate-ratelimit-requests-remain"]);
  const isRefused = status === 429;
  if (!(used >= 0) && !isRefused) return [];
  const retryAfterMs = isRefused ? resetsInMs(response) : undefined;
  return [{ limitId: request.limitId, used: used >= 0 ? used : undefined, retryAfterMs, isRefused }];
}

const wireServerTime = z.object({ server_time: wireTimeMs });

/** Epoch milliseconds: futures have no time of their own, spot's is the same. */
export async function getCurrentServerTime({ api, signal }: Pick<VenueContext, "api" | "signal">): Promise<number> {
  const request = { method: "GET", path: SERVER_TIME_PATH_URL, isAuthRequired: false } as const;
  const payload = await api.send({ ...request, limitId: SERVER_TIME_PATH_URL }, signal);
  return read(`GET ${SERVER_TIME_PATH_URL}`, wireServerTime, payload).server_time;
}

/** Every frame that is sent tells its time, in seconds; that of a signed one is part of the signature. */
function stampFrame(message: unknown, nowMs: number): unknown {
  return isObject(message) ? { time: Math.floor(nowMs / 1_000), ...message } : message;
}

const trimmed = (url: string): string => url.replace(/(?<!\/)\/+$/, "");

/** The user's own URLs replace the domain's hosts; the paths of the streams are appended to theirs. */
export function createWebUtils({ domain, restUrl, webSocketUrl }: CreateVenueOptions): VenueWebUtils {
  const urls = constants.URLS[domain];
  const rest = trimmed(restUrl ?? urls?.rest ?? "");
  const webSocketUrls = webSocketUrl === undefined ? urls?.webSockets : constants.webSockets(trimmed(webSocketUrl));
  if (rest === "" || webSocketUrls === undefined) {
    throw new ConfigError(`Gate.io has no domain "${domain}"`, { hint: `it has ${constants.DOMAINS.join(", ")}` });
  }
  const restUrlOf = (request: RestRequest): string => `${rest}${request.path}`;
  const { SIZE_HEADERS: headers } = constants;
  const conventions = { restUrl: restUrlOf, headers, webSocketHeaders: headers, unwrapResponse, rateLimitFeedback };
  return {
    ...conventions,
    ...createApiFactories({ conventions, getCurrentServerTime, stampFrame }),
    webSocketUrls,
    getCurrentServerTime,
  };
}

/** A frame of either stream: data has a `result`, an answer the `event` that it is about. */
export type GateFrame = Readonly<
  Partial<Record<"id" | "time_ms" | "channel" | "event" | "payload" | "error" | "result", unknown>>
>;

export function isFrame(message: unknown): message is GateFrame {
  return isObject(message);
}

/** The subscription that a frame answers, and why it was refused; undefined where the frame is no answer. */
export function answerOf(message: unknown) {
  if (!isFrame(message) || (message.event !== "subscribe" && message.event !== "unsubscribe")) return undefined;
  const { event: operation, id, error } = message;
  const requestId = typeof id === "number" && id > 0 ? id : undefined;
  if (error == null) return { operation, requestId, isAccepted: true } as const;
  const { code, message: text } = isObject(error) ? error : {};
  const reason = `${wireText(code)} ${wireText(text) || "no text"}`.trim();
  return { operation, requestId, isAccepted: false, code, reason } as const;
}
