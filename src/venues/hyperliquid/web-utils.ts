import { z } from "zod";
import type { CreateVenueOptions, VenueWebUtils } from "../../connector/perpetual-venue.ts";
import { ConfigError, ProtocolError } from "../../model/error.ts";
import { createApiFactories } from "../../net/api-factories.ts";
import { excerpt, parseJson, parseRetryAfter } from "../../net/json.ts";
import type { RateLimitFeedback } from "../../net/rest-assistant.ts";
import type { RestRequest, VenueContext } from "../../net/venue-api.ts";
import { readPayload, wireText, wireTimeMs } from "../../net/wire.ts";
import type { HttpResponse } from "../../runtime/runtime.ts";
import * as constants from "./constants.ts";
import { ALLOWANCE_TEXT, errorOf } from "./errors.ts";

const { VENUE, EXCHANGE_PATH_URL, INFO_PATH_URL } = constants;

export function read<Schema extends z.ZodType>(what: string, schema: Schema, payload: unknown): z.output<Schema> {
  return readPayload(VENUE, what, schema, payload);
}

/** Epoch milliseconds, as a number. */
export const wireTime = wireTimeMs;

const wireAction = z.object({
  status: z.enum(["ok", "err"]),
  /** Text of a refusal of the whole action; else its type, and its data where it has any. */
  response: z.union([z.string(), z.object({ type: z.string(), data: z.unknown().optional() })]),
});
const wireTimes = z.object({ time: wireTime });
const wireStatuses = z.object({ statuses: z.array(z.unknown()) });

/**
 * Answers to questions are bare payloads. Those to actions are `{status, response}` with HTTP 200 also where nothing was
 * done: `ok` only says that the action was looked at, and each order of it has a status of its own.
 */
export function unwrapResponse({ status, text }: HttpResponse, { path }: Pick<RestRequest, "path">): unknown {
  const payload = parsed(status, text);
  if (status !== 200) throw errorOf(status, typeof payload === "string" ? payload : excerpt(text));
  if (path !== EXCHANGE_PATH_URL) return payload;
  const { status: outcome, response } = read("the answer to an action", wireAction, payload);
  if (outcome === "err") throw errorOf(200, typeof response === "string" ? response : excerpt(text));
  if (typeof response === "string") throw new ProtocolError("an action was taken without a type", { venue: VENUE });
  return wireStatuses.safeParse(response.data).data?.statuses ?? [];
}

function parsed(status: number, text: string): unknown {
  try {
    return parseJson(text);
  } catch (cause) {
    // Refusals of the HTTP layer are bare texts, and the pages of proxies are no JSON either.
    if (status !== 200) throw errorOf(status, text);
    throw new ProtocolError("Hyperliquid answered 200 with a body that is not JSON", { venue: VENUE, cause });
  }
}

/**
 * HTTP 429 is said of the address. An account that has used up its allowance is refused its actions alone, and its cancels
 * go on until they have used up theirs.
 */
export function rateLimitFeedback(
  { status, headers, text }: HttpResponse,
  { limitId }: Pick<RestRequest, "limitId">,
): readonly RateLimitFeedback[] {
  if (status === 429) {
    const retryAfterMs = parseRetryAfter(headers["retry-after"], Number.POSITIVE_INFINITY);
    return [{ limitId: constants.WEIGHT_LIMIT_ID, retryAfterMs, isRefused: true }];
  }
  if (status !== 200 || !text.toLowerCase().includes(ALLOWANCE_TEXT)) return [];
  return [{ limitId, retryAfterMs: constants.ALLOWANCE_PAUSE_MS, isRefused: true }];
}

/** A question: all go to one path, as POST. */
export function question(type: string, params: Readonly<Record<string, unknown>> = {}): RestRequest {
  return {
    ...{ method: "POST", path: INFO_PATH_URL, data: { type, ...params }, isQuestion: true, isAuthRequired: false },
    ...{ limitId: constants.WEIGHT_LIMIT_ID, weight: constants.weightOf(type), lane: "poll" },
  };
}

/** Epoch milliseconds. There is no ping: this is also the sign of life. */
export async function getCurrentServerTime({ api, signal }: Pick<VenueContext, "api" | "signal">): Promise<number> {
  const payload = await api.send(question("exchangeStatus"), signal);
  return read("exchangeStatus", wireTimes, payload).time;
}

const trimmed = (url: string): string => url.replace(/(?<!\/)\/+$/, "");
/** Anything that is no JSON: "Websocket connection established." */
const quoteGreeting = (text: string): string => (/^\s*[[{"]/.test(text) ? text : JSON.stringify(text));

/** The user's own URLs replace the domain's. */
export function createWebUtils({ domain, restUrl, webSocketUrl }: CreateVenueOptions): VenueWebUtils {
  const urls = constants.URLS[domain];
  const rest = trimmed(restUrl ?? urls?.rest ?? "");
  const webSocketUrls = webSocketUrl === undefined ? urls?.webSockets : constants.webSockets(trimmed(webSocketUrl));
  if (rest === "" || webSocketUrls === undefined) {
    throw new ConfigError(`Hyperliquid has no domain "${domain}"`, { hint: `it has ${constants.DOMAINS.join(", ")}` });
  }
  const restUrlOf = (request: RestRequest): string => `${rest}${request.path}`;
  const conventions = { restUrl: restUrlOf, unwrapResponse, rateLimitFeedback };
  return {
    ...conventions,
    ...createApiFactories({ conventions, getCurrentServerTime, quoteText: quoteGreeting }),
    webSocketUrls,
    getCurrentServerTime,
  };
}

/** A frame of either stream: `{channel, data}`. */
export interface HyperliquidFrame {
  readonly channel?: unknown;
  readonly data?: unknown;
}

export function isFrame(message: unknown): message is HyperliquidFrame {
  return typeof message === "object" && message !== null;
}

/** A subscription as an answer echoes it, with defaults that nobody asked for (`nSigFigs: null`). */
export interface EchoedSubscription {
  readonly operation: "subscribe" | "unsubscribe" | undefined;
  readonly type: string;
  readonly coin: string;
}

const wireEcho = z.object({ type: z.string(), coin: z.string().nullish() });
const wireAnswer = z.object({ method: z.enum(["subscribe", "unsubscribe"]), subscription: wireEcho });

/** The subscription that a `subscriptionResponse` confirms, or that an error quotes behind its text. */
export function echoOf({ channel, data }: HyperliquidFrame): EchoedSubscription | undefined {
  if (channel === "subscriptionResponse") {
    const answer = wireAnswer.safeParse(data).data;
    if (answer === undefined) return undefined;
    const { method: operation, subscription } = answer;
    return { operation, type: subscription.type, coin: subscription.coin ?? "" };
  }
  const quoted = quotedOf(wireText(data));
  // A request that cannot be read is quoted as a whole.
  const echo = wireEcho.safeParse(isFrame(quoted) && "subscription" in quoted ? quoted.subscription : quoted).data;
  return echo && { operation: undefined, type: echo.type, coin: echo.coin ?? "" };
}

/** The value that an error quotes behind its words; undefined where there is none. */
export function quotedOf(text: string): unknown {
  const at = text.indexOf("{");
  try {
    return at < 0 ? undefined : parseJson(text.slice(at));
  } catch {
    return undefined;
  }
}

/** The connection takes no more, which is no channel's fault. */
export const isLimitText = (text: string): boolean => /^cannot (track|subscribe to|send) more than/i.test(text);
export const isAlreadySoText = (text: string): boolean => /^already (un)?subscribed/i.test(text);
