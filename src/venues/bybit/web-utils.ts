import { z } from "zod";
import type { CreateVenueOptions, VenueWebUtils } from "../../connector/perpetual-venue.ts";
import { ConfigError, ProtocolError } from "../../model/error.ts";
import { createApiFactories } from "../../net/api-factories.ts";
import { excerpt, parseJson, parseRetryAfter } from "../../net/json.ts";
import type { RateLimitFeedback } from "../../net/rest-assistant.ts";
import type { RestRequest, VenueContext } from "../../net/venue-api.ts";
import { readPayload, wireText, wireTimeMs } from "../../net/wire.ts";
import type { HttpResponse } from "../../runtime/runtime.ts";
import { BALANCES_PATH_URL, IP_LIMIT_ID, SERVER_TIME_PATH_URL, URLS, VENUE, webSockets } from "./constants.ts";
import { ALREADY_SO, errorOf, TOO_MANY_VISITS } from "./errors.ts";

/** Epoch milliseconds, as text or as a number. */
export const wireTime = wireTimeMs;

export function read<Schema extends z.ZodType>(what: string, schema: Schema, payload: unknown): z.output<Schema> {
  return readPayload(VENUE, what, schema, payload);
}

/**
 * `{retCode, retMsg, result, retExtInfo, time}`, or an error of the table. Only `retCode` counts: good texts have many
 * forms. A POST keeps its envelope: an acknowledgement has its time, a batch its codes by row, nowhere else. So does
 * the time of wallets, which is put beside their list.
 */
export function unwrapResponse(response: HttpResponse, request: Pick<RestRequest, "method" | "path">): unknown {
  const { status } = response;
  const { retCode, retMsg, result, time, retExtInfo } = parseEnvelope(response);
  if (typeof retCode !== "number" && status === 200)
    throw new ProtocolError("Bybit answered 200 without a retCode", { venue: VENUE });
  const code = typeof retCode === "number" ? retCode : undefined;
  const isFine = code === 0 || (code !== undefined && ALREADY_SO.has(code));
  if (status === 200 && isFine) {
    if (request.method !== "GET") return { result, time, retExtInfo };
    return request.path === BALANCES_PATH_URL && typeof result === "object" ? { ...result, time } : result;
  }
  const retryAfterMs = code === TOO_MANY_VISITS ? resetsInMs(response, time) : undefined;
  throw errorOf(status, isFine ? undefined : code, wireText(retMsg ?? "no text"), retryAfterMs);
}

function parseEnvelope({ status, text }: HttpResponse): Readonly<Record<string, unknown>> {
  try {
    const payload = parseJson(text);
    return typeof payload === "object" && payload !== null ? { ...payload } : {};
  } catch (cause) {
    // "403, access too frequent" and the pages of proxies are not JSON: status and text still tell what happened.
    if (status !== 200) throw errorOf(status, undefined, excerpt(text));
    throw new ProtocolError("Bybit answered 200 with a body that is not JSON", { venue: VENUE, cause });
  }
}

/**
 * Time when an exceeded limit opens again, by the answer's own time; its window is a second. A proxy may name a longer
 * wait.
 */
function resetsInMs({ headers }: HttpResponse, time: unknown): number {
  const answeredMs = Number(wireText(time) || Number.NaN);
  const resetMs = Number(headers["x-bapi-limit-reset-timestamp"]) - answeredMs;
  if (resetMs > 0 && resetMs < 60_000) return resetMs;
  return parseRetryAfter(headers["retry-after"], answeredMs) ?? 1_000;
}

/** `X-Bapi-Limit` and `X-Bapi-Limit-Status` (what is left) of the endpoint's own pool; on 10006 also when it opens. */
export function rateLimitFeedback(response: HttpResponse, request: RestRequest): readonly RateLimitFeedback[] {
  const { headers, text } = response;
  const used = Number(headers["x-bapi-limit"]) - Number(headers["x-bapi-limit-status"]);
  const isRefused = /^\s*\{\s*"retCode"\s*:\s*10006\b/.test(text);
  const retryAfterMs = isRefused ? resetsInMs(response, parseEnvelope(response).time) : undefined;
  if (Number.isNaN(used) && retryAfterMs === undefined) return [];
  return [{ limitId: request.limitId, used: used >= 0 ? used : undefined, retryAfterMs }];
}

/** Epoch milliseconds, with microseconds. There is no ping: this is also the sign of life. */
export async function getCurrentServerTime({ api, signal }: Pick<VenueContext, "api" | "signal">): Promise<number> {
  const request = { method: "GET", path: SERVER_TIME_PATH_URL, isAuthRequired: false, limitId: IP_LIMIT_ID } as const;
  const shape = z.object({ timeNano: z.string().regex(/^\d{1,22}$/) });
  const { timeNano } = read(`GET ${SERVER_TIME_PATH_URL}`, shape, await api.send(request, signal));
  return Number(BigInt(timeNano) / 1_000n) / 1_000;
}

const trimmed = (url: string): string => url.replace(/(?<!\/)\/+$/, "");

/** The user's own URLs replace the domain's hosts; the paths of the streams are appended to theirs. */
export function createWebUtils({ domain, restUrl, webSocketUrl }: CreateVenueOptions): VenueWebUtils {
  const urls = URLS[domain];
  const rest = trimmed(restUrl ?? urls?.rest ?? "");
  const host = webSocketUrl === undefined ? undefined : trimmed(webSocketUrl);
  const webSocketUrls = host === undefined ? urls?.webSockets : webSockets(host);
  if (rest === "" || webSocketUrls === undefined) {
    throw new ConfigError(`Bybit has no domain "${domain}"`, { hint: `it has ${Object.keys(URLS).join(", ")}` });
  }
  const restUrlOf = (request: RestRequest): string => `${rest}${request.path}`;
  const conventions = { restUrl: restUrlOf, unwrapResponse, rateLimitFeedback };
  return {
    ...conventions,
    ...createApiFactories({ conventions, getCurrentServerTime }),
    webSocketUrls,
    getCurrentServerTime,
  };
}

/** A frame of either stream: data has a `topic`, an answer an `op`. */
export type BybitFrame = Readonly<
  Partial<
    Record<
      "topic" | "type" | "ts" | "creationTime" | "data" | "op" | "success" | "ret_msg" | "req_id" | "retCode",
      unknown
    >
  >
>;

export function isFrame(message: unknown): message is BybitFrame {
  return typeof message === "object" && message !== null;
}

/** Answers have `success`; some logins have `retCode` instead (docs, websocket trade guideline). */
export function isAccepted(frame: BybitFrame): boolean {
  return frame.success === true || (frame.success === undefined && frame.retCode === 0);
}
