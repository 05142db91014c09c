import { z } from "zod";
import type { CreateVenueOptions, VenueWebUtils } from "../../connector/perpetual-venue.ts";
import { ConfigError, ProtocolError } from "../../model/error.ts";
import { createApiFactories } from "../../net/api-factories.ts";
import { parseJson, parseRetryAfter } from "../../net/json.ts";
import type { RateLimitFeedback } from "../../net/rest-assistant.ts";
import type { RestRequest, VenueApi } from "../../net/venue-api.ts";
import { readPayload, wireTimeMs } from "../../net/wire.ts";
import type { HttpResponse } from "../../runtime/runtime.ts";
import * as constants from "./constants.ts";
import { ALREADY_SO, errorOf } from "./errors.ts";

const VENUE = "binance_perpetual";

/** An object of the wire whose fields are not known yet. */
export type WireObject = Readonly<Record<string, unknown>>;

export const isObject = (message: unknown): message is WireObject => typeof message === "object" && message !== null;

/** The event of a frame: the whole frame in raw mode, its `data` in `stream` mode. */
export function eventOf(message: unknown): WireObject | undefined {
  if (!isObject(message)) return undefined;
  return isObject(message.data) && typeof message.stream === "string" ? message.data : message;
}

/** Words of REST and the letters of their events, by the text of their pairs. */
const wordsByText = new Map<string, readonly (readonly [word: string, letter: string])[]>();

/** The fields of an event that is told in letters, by REST's words: `word:letter` pairs. */
export function renamed(event: WireObject, letters: string): WireObject {
  const words = wordsByText.get(letters) ?? letters.split(" ").map((pair) => pairOf(pair.split(":", 2)));
  wordsByText.set(letters, words);
  const row: Record<string, unknown> = {};
  for (const [word, letter] of words) row[word] = event[letter];
  return row;
}

const pairOf = ([word = "", letter = ""]: readonly string[]) => [word, letter] as const;

/** Reads a payload by its schema; what does not fit is a `ProtocolError`. */
export function read<Schema extends z.ZodType>(what: string, schema: Schema, payload: unknown): z.output<Schema> {
  return readPayload(VENUE, what, schema, payload);
}

export function publicRequest(path: string, weight: number, params: RestRequest["params"] = {}): RestRequest {
  const limitId = constants.REQUEST_WEIGHT;
  return { method: "GET", path, params, isAuthRequired: false, limitId, weight, lane: "poll" };
}

/** A failure has a negative `code`; a positive one, as in `{"code":200,"msg":"success"}`, is none. */
export function failureCodeOf(payload: unknown): number | undefined {
  return isObject(payload) && typeof payload.code === "number" && payload.code < 0 ? payload.code : undefined;
}

/** The bare payload, or an error of the table. */
export function unwrapResponse(response: HttpResponse): unknown {
  const isSuccess = response.status >= 200 && response.status < 300;
  let payload: unknown;
  try {
    payload = parseJson(response.text);
  } catch (cause) {
    // A proxy's HTML page, or a body cut short: the status still tells what kind of failure it was.
    if (!isSuccess) throw errorOf(response.status, undefined, "not JSON");
    throw new ProtocolError("Binance answered 200 with a body that is not JSON", { venue: VENUE, cause });
  }
  const code = failureCodeOf(payload);
  if ((isSuccess && code === undefined) || (code !== undefined && ALREADY_SO.has(code))) return payload;
  const text = isObject(payload) && typeof payload.msg === "string" ? payload.msg : "no error text";
  throw errorOf(response.status, code, text);
}

/** The venue's own counts; and with 429 which pool is closed, and for how long if it says so. */
export function rateLimitFeedback(response: HttpResponse): readonly RateLimitFeedback[] {
  const feedback: RateLimitFeedback[] = [];
  for (const [header, limitId] of Object.entries(constants.USAGE_HEADERS)) {
    const used = Number(response.headers[header] ?? "");
    if (used > 0) feedback.push({ limitId, used });
  }
  // A ban is of the whole address: its error says so, and until when.
  if (response.status !== 429 || /banned until/.test(response.text)) return feedback;
  const retryAfterMs = parseRetryAfter(response.headers["retry-after"], Number.POSITIVE_INFINITY);
  // -1015 is about orders; everything else is about the address, and closes it for orders as well.
  const limitId = /"code"\s*:\s*-1015\b/.test(response.text) ? constants.ORDERS_10SEC : constants.REQUEST_WEIGHT;
  return [...feedback, { limitId, retryAfterMs, isRefused: true }];
}

const wireTime = z.object({ serverTime: wireTimeMs });

export async function getCurrentServerTime({ api }: { readonly api: VenueApi }): Promise<number> {
  const payload = await api.send(publicRequest(constants.SERVER_TIME_PATH_URL, 1));
  return read("GET /fapi/v1/time", wireTime, payload).serverTime;
}

export function createWebUtils(options: CreateVenueOptions): VenueWebUtils {
  const own = constants.URLS[options.domain];
  const restUrl = (options.restUrl ?? own?.rest)?.replace(/(?<!\/)\/+$/, "");
  const webSocketUrl = (options.webSocketUrl ?? own?.webSocket)?.replace(/(?<!\/)\/+$/, "");
  if (restUrl === undefined || webSocketUrl === undefined) throw new ConfigError(`no domain "${options.domain}"`);
  const orders = options.webSocketUrl === undefined ? own?.orders : webSocketUrl;
  const restOf = (request: RestRequest): string => `${restUrl}${request.path}`;
  const conventions = { restUrl: restOf, unwrapResponse, rateLimitFeedback };
  return {
    ...conventions,
    ...createApiFactories({ conventions, getCurrentServerTime }),
    webSocketUrls: {
      ...Object.fromEntries(Object.entries(constants.SOCKET_PATHS).map(([name, path]) => [name, webSocketUrl + path])),
      ...(orders === undefined ? {} : { orders: orders + constants.ORDERS_SOCKET_PATH }),
    },
    getCurrentServerTime,
  };
}
