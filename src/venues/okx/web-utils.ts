import { z } from "zod";
import type { CreateVenueOptions, VenueWebUtils } from "../../connector/perpetual-venue.ts";
import { ConfigError, ProtocolError } from "../../model/error.ts";
import { createApiFactories } from "../../net/api-factories.ts";
import { excerpt, parseJson } from "../../net/json.ts";
import type { RestRequest, VenueContext } from "../../net/venue-api.ts";
import { readPayload, wireText, wireTimeMs } from "../../net/wire.ts";
import type { HttpResponse } from "../../runtime/runtime.ts";
import * as constants from "./constants.ts";
import { errorOf } from "./errors.ts";

const { VENUE, SERVER_TIME_PATH_URL } = constants;

export function read<Schema extends z.ZodType>(what: string, schema: Schema, payload: unknown): z.output<Schema> {
  return readPayload(VENUE, what, schema, payload);
}

/** Epoch milliseconds, as text. */
export const wireTime = wireTimeMs;
const wireTimes = z.tuple([z.object({ ts: wireTime })]);

const wireRow = z.looseObject({ sCode: z.string(), sMsg: z.string().optional() });
/** Their rows tell one by one what became of them. */
const BATCHES: ReadonlySet<string> = new Set([constants.CREATE_BATCH_PATH_URL, constants.CANCEL_BATCH_PATH_URL]);

/**
 * `{code, msg, data}`: the data, or an error of the table. Code 1 says that every row failed and 2 that some did: the
 * rows' own `sCode`s tell why (docs, place order).
 */
export function unwrapResponse({ status, text }: HttpResponse, { path }: Pick<RestRequest, "path">): unknown {
  const { code, msg, data } = parseEnvelope(status, text);
  if (typeof code !== "string") {
    if (status === 200) throw new ProtocolError("OKX answered 200 without a code", { venue: VENUE });
    throw errorOf(status, undefined, excerpt(text));
  }
  const row = Array.isArray(data) ? wireRow.safeParse(data[0]).data : undefined;
  const hasRows = row !== undefined && ["0", "1", "2"].includes(code);
  if (hasRows && BATCHES.has(path)) return data;
  if (hasRows && row.sCode !== "0") throw errorOf(status, row.sCode, row.sMsg ?? "no text");
  if (code === "0" && status === 200) return data;
  throw errorOf(status, code, wireText(msg ?? "no text"));
}

function parseEnvelope(status: number, text: string): Readonly<Record<string, unknown>> {
  try {
    const payload = parseJson(text);
    return typeof payload === "object" && payload !== null ? { ...payload } : {};
  } catch (cause) {
    // The pages of proxies are not JSON: status and text still tell what happened.
    if (status !== 200) throw errorOf(status, undefined, excerpt(text));
    throw new ProtocolError("OKX answered 200 with a body that is not JSON", { venue: VENUE, cause });
  }
}

/** Epoch milliseconds. There is no ping: this is also the sign of life. */
export async function getCurrentServerTime({ api, signal }: Pick<VenueContext, "api" | "signal">): Promise<number> {
  const request = { method: "GET", path: SERVER_TIME_PATH_URL, isAuthRequired: false } as const;
  const payload = await api.send({ ...request, limitId: SERVER_TIME_PATH_URL }, signal);
  return read(`GET ${SERVER_TIME_PATH_URL}`, wireTimes, payload)[0].ts;
}

/** A heartbeat is answered with a bare text, which is no JSON. */
const quotePong = (text: string): string => (text === "pong" ? '"pong"' : text);

const trimmed = (url: string): string => url.replace(/(?<!\/)\/+$/, "");

/** The user's own URLs replace the domain's hosts; the paths of the streams are appended to theirs. */
export function createWebUtils({ domain, restUrl, webSocketUrl }: CreateVenueOptions): VenueWebUtils {
  const urls = constants.URLS[domain];
  const rest = trimmed(restUrl ?? urls?.rest ?? "");
  const webSocketUrls = webSocketUrl === undefined ? urls?.webSockets : constants.webSockets(trimmed(webSocketUrl));
  if (rest === "" || webSocketUrls === undefined) {
    throw new ConfigError(`OKX has no domain "${domain}"`, { hint: `it has ${constants.DOMAINS.join(", ")}` });
  }
  const restUrlOf = (request: RestRequest): string => `${rest}${request.path}`;
  const headers = domain === constants.DEMO_DOMAIN ? constants.DEMO_HEADERS : undefined;
  const conventions = { restUrl: restUrlOf, headers, unwrapResponse };
  return {
    ...conventions,
    ...createApiFactories({ conventions, getCurrentServerTime, quoteText: quotePong }),
    webSocketUrls,
    getCurrentServerTime,
  };
}

/** A frame of either stream: data has `arg` and `data`, an answer an `event`. */
export type OkxFrame = Readonly<Partial<Record<"event" | "code" | "msg" | "channel" | "action" | "data", unknown>>> & {
  readonly arg?: { readonly channel?: unknown; readonly instId?: unknown } | null;
};

export function isFrame(message: unknown): message is OkxFrame {
  return typeof message === "object" && message !== null;
}
