import type { ServerRequest, ServerResponse } from "../../../runtime/runtime.ts";
import { isObject } from "../json-fields.ts";
import type { RequestKind } from "../paper-protocol.ts";
import { splitTarget } from "../request-target.ts";
import type { HyperliquidContext } from "./context.ts";
import { malformed, notJson, TransportRefusal, wrongContentType } from "./errors.ts";
import { answerAction } from "./exchange.ts";
import { answerInfo, infoTypeOf } from "./info.ts";
import { type WireValue, wireJson } from "./wire.ts";

/** Everything is under this as well, which no other protocol of the box has. */
const PREFIX = /^\/hyperliquid(?=\/)/;
const JSON_TYPE = { "content-type": "application/json" };
const TEXT_TYPE = { "content-type": "text/plain; charset=utf-8" };

export function pathOf(target: string): string {
  return splitTarget(target).path.replace(PREFIX, "");
}

/** Answers `POST /info` and `POST /exchange`. */
export async function answerRequest(context: HyperliquidContext, request: ServerRequest): Promise<ServerResponse> {
  const { method, headers, remoteAddress } = request;
  try {
    if (method.toUpperCase() !== "POST") throw new TransportRefusal(405, "");
    if (!/^application\/json\b/i.test(headers["content-type"] ?? "")) throw wrongContentType();
    const body = parse(request);
    if (body === undefined) throw notJson();
    const isInfo = pathOf(request.target) === "/info";
    const answer: WireValue = isInfo
      ? answerInfo(context, body, remoteAddress)
      : await answerAction(context, body, remoteAddress);
    return { status: 200, headers: JSON_TYPE, body: wireJson(answer) };
  } catch (error) {
    if (!(error instanceof TransportRefusal)) throw error;
    return refuse(error);
  }
}

function parse({ body }: ServerRequest): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function refuse({ status, body }: TransportRefusal, headers: Readonly<Record<string, string>> = {}): ServerResponse {
  return { status, headers: { ...(body === "null" ? JSON_TYPE : TEXT_TYPE), ...headers }, body };
}

export interface PostedRequest {
  readonly kind: RequestKind;
  readonly type: unknown;
  readonly payload: unknown;
  readonly address: string;
}

/** The same over a socket. */
export async function answerPost(context: HyperliquidContext, posted: PostedRequest): Promise<WireValue> {
  const { kind, type, payload, address } = posted;
  const isOfAccount = kind !== "public" && kind !== "snapshot";
  if (isOfAccount && context.faults.isInMaintenance()) throw closed();
  if (type === "info") return answerInfo(context, payload, address);
  if (type === "action") return answerAction(context, payload, address);
  throw malformed();
}

export function kindOfInfo(body: unknown): RequestKind {
  return infoTypeOf(body)?.kind ?? "public";
}

export function kindOfAction(body: unknown): RequestKind {
  const action = isObject(body) ? body.action : undefined;
  return isObject(action) && action.type === "order" ? "order" : "change";
}

/** Decides the request's kind for the faults, which its body says. */
export function kindOf(request: ServerRequest): RequestKind {
  const body = parse(request);
  return pathOf(request.target) === "/exchange" ? kindOfAction(body) : kindOfInfo(body);
}

/** The documents name no answer for a time in which the venue is closed to accounts. */
const closed = (): TransportRefusal => new TransportRefusal(503, "The API is closed for a network upgrade.");

export function maintenance(): ServerResponse {
  return refuse(closed());
}

/** The answer to a look-up of an order that is not there. */
export function nothingFound(request: ServerRequest): ServerResponse | undefined {
  if (infoTypeOf(parse(request))?.name !== "orderStatus") return undefined;
  return { status: 200, headers: JSON_TYPE, body: wireJson({ status: "unknownOid" }) };
}

/** A fault of the venue: a 429 is `null`. */
export function failure(
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): ServerResponse {
  return refuse(new TransportRefusal(status, status === 429 ? "null" : message), headers);
}
