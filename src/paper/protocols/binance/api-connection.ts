import type { Timers } from "../../../runtime/runtime.ts";
import type { Login } from "../accounts.ts";
import type { FrameSink } from "../frame.ts";
import { idOf, JsonConnection, readObject } from "../json-connection.ts";
import { isObject, textOf } from "../json-fields.ts";
import type { ProtocolConnection, RequestKind } from "../paper-protocol.ts";
import { splitTarget } from "../request-target.ts";
import { type AnsweredFault, passSocketRequest } from "../socket-request.ts";
import { authenticate, checkSessionTime, isEd25519, loginOf, sortedPayload } from "./auth.ts";
import { KEEP_ALIVE } from "./connection.ts";
import type { Method, ProtocolContext } from "./context.ts";
import { ApiError, refused } from "./errors.ts";
import { Parameters } from "./parameters.ts";
import { banned, RATE_LIMIT_ROWS } from "./rate-limit.ts";
import { callRoute, type Usage } from "./routes.ts";
import type { WireObject, WireValue } from "./wire.ts";

const API_PATH = "/ws-fapi/v1";
/** A handshake weighs as much (docs, websocket-api-general-info). */
const HANDSHAKE_WEIGHT = 5;
const BAN_MS = 2_000;

interface Operation {
  readonly method: Method;
  readonly path: string;
  readonly kind: RequestKind;
}

const operation = (method: Method, path: string, kind: RequestKind): Operation => ({
  method,
  path: `/fapi/${path}`,
  kind,
});

/** Methods of the socket are routes of REST in another envelope. */
const OPERATIONS: ReadonlyMap<string, Operation> = new Map([
  ["order.place", operation("POST", "v1/order", "order")],
  ["order.modify", operation("PUT", "v1/order", "change")],
  ["order.cancel", operation("DELETE", "v1/order", "change")],
  ["order.status", operation("GET", "v1/order", "private")],
  ["account.status", operation("GET", "v2/account", "private")],
  ["v2/account.status", operation("GET", "v3/account", "private")],
  ["account.balance", operation("GET", "v2/balance", "private")],
  ["v2/account.balance", operation("GET", "v3/balance", "private")],
  ["account.position", operation("GET", "v2/positionRisk", "private")],
  ["v2/account.position", operation("GET", "v3/positionRisk", "private")],
  ["userDataStream.start", operation("POST", "v1/listenKey", "login")],
  ["userDataStream.ping", operation("PUT", "v1/listenKey", "private")],
  ["userDataStream.stop", operation("DELETE", "v1/listenKey", "private")],
  ["depth", operation("GET", "v1/depth", "snapshot")],
  ["ticker.price", operation("GET", "v2/ticker/price", "public")],
  ["ticker.book", operation("GET", "v1/ticker/bookTicker", "public")],
]);

export function isApiTarget(target: string): boolean {
  return splitTarget(target).path.replace(/\/$/, "") === API_PATH;
}

interface Message {
  readonly id: WireValue;
  readonly method: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly parameters: Parameters;
}

/** One client's WebSocket of the WebSocket API: requests and answers, no streams. */
export class ApiConnection implements ProtocolConnection {
  readonly #context: ProtocolContext;
  readonly #sink: FrameSink;
  readonly #socket: JsonConnection<WireObject>;
  readonly #address: string;
  readonly #connectedMs: number;
  #showsLimits: boolean;
  #session: { readonly login: Login; readonly sinceMs: number } | undefined;

  constructor(
    context: ProtocolContext,
    sink: FrameSink,
    timers: Timers,
    request: { readonly target: string; readonly remoteAddress: string },
  ) {
    this.#context = context;
    this.#sink = sink;
    this.#address = request.remoteAddress;
    this.#connectedMs = context.now();
    this.#showsLimits = !/[?&]returnRateLimits=false(&|$)/.test(request.target);
    this.#socket = new JsonConnection({
      ...{ sink, timers, keepAlive: KEEP_ALIVE, now: context.now, json: JSON.stringify },
    });
    context.limiter.weigh(this.#address, HANDSHAKE_WEIGHT, context.now());
  }

  onText(text: string): void | Promise<void> {
    const message = readMessage(text);
    const usage: Usage = { weight: 0, orders: undefined };
    if (message instanceof ApiError) {
      return this.#socket.reply(this.#errorAnswer(null, message, usage, this.#showsLimits));
    }
    const { id, method, parameters } = message;
    const shown = parameters.text("returnRateLimits");
    const showsLimits = shown === undefined ? this.#showsLimits : shown === "true";
    return passSocketRequest<WireObject>({
      faults: this.#context.faults,
      sink: this.#sink,
      kind: method === "session.logon" ? "login" : (OPERATIONS.get(method)?.kind ?? "public"),
      answer: async () => {
        try {
          const result = await this.#answer(message, usage);
          return { id, status: 200, result, ...this.#limits(usage, showsLimits) };
        } catch (error) {
          if (!(error instanceof ApiError)) throw error;
          return this.#errorAnswer(id, error, usage, showsLimits);
        }
      },
      refuse: (fault, hadNoEffect) => this.#errorAnswer(id, this.#faultOf(fault, hadNoEffect), usage, showsLimits),
      reply: (answer) => this.#socket.reply(answer),
    });
  }

  onClose(): void {
    this.#socket.stop();
  }

  expireLogin(): void {
    this.#session = undefined;
  }

  async #answer(message: Message, usage: Usage): Promise<WireValue> {
    const { method, fields, parameters } = message;
    const nowMs = this.#context.now();
    if (method.startsWith("session.")) {
      usage.weight = this.#context.limiter.weigh(this.#address, 2, nowMs);
      this.#context.limiter.checkWeight(this.#address, usage.weight, nowMs);
      return this.#changeSession(message);
    }
    const found = OPERATIONS.get(method);
    if (found === undefined) throw unsupported();
    const isOfAccount = found.kind !== "public" && found.kind !== "snapshot";
    if (isOfAccount && this.#context.faults.isInMaintenance()) throw outOfService();
    return callRoute(this.#context, {
      method: found.method,
      path: found.path,
      parameters,
      address: this.#address,
      usage,
      login: (security) => this.#login(security, fields, parameters),
    });
  }

  /** A session stands in for key and signature, where a request has none of its own. */
  #login(security: "key" | "signed", fields: Message["fields"], parameters: Parameters): Login {
    const { accounts, now } = this.#context;
    const { apiKey } = fields;
    if (apiKey === undefined && this.#session !== undefined) {
      if (security === "signed") checkSessionTime(parameters, now());
      return this.#session.login;
    }
    if (security === "key") return loginOf(apiKey, accounts);
    return authenticate({ apiKey, payload: sortedPayload(fields), parameters }, accounts, now());
  }

  #changeSession({ method, fields, parameters }: Message): WireValue {
    const { accounts, now } = this.#context;
    if (method === "session.logon") {
      const { apiKey } = fields;
      const login = authenticate({ apiKey, payload: sortedPayload(fields), parameters }, accounts, now());
      if (!isEd25519(accounts.key(login.apiKey)?.apiSecret ?? "")) throw refused(-1022);
      this.#session = { login, sinceMs: now() };
    } else if (method === "session.logout") {
      this.#session = undefined;
    } else if (method !== "session.status") {
      throw unsupported();
    }
    return {
      apiKey: this.#session?.login.apiKey ?? null,
      authorizedSince: this.#session === undefined ? null : Math.floor(this.#session.sinceMs),
      connectedSince: Math.floor(this.#connectedMs),
      returnRateLimits: this.#showsLimits,
      serverTime: Math.floor(now()),
    };
  }

  #faultOf(fault: AnsweredFault, hadNoEffect: boolean): ApiError {
    const nowMs = this.#context.now();
    if (fault === "error418") return banned(this.#address, nowMs + BAN_MS, nowMs);
    if (fault === "error429") return new ApiError(429, -1003, "Too many requests.");
    return hadNoEffect
      ? new ApiError(503, -1001, "Internal error; unable to process your request. Please try again.")
      : new ApiError(
          408,
          -1007,
          "Timeout waiting for response from backend server. Send status unknown; execution status unknown.",
        );
  }

  #errorAnswer(id: WireValue, error: ApiError, usage: Usage, showsLimits: boolean): WireObject {
    const { status, code, message, headers } = error;
    const seconds = Number(headers["retry-after"]);
    const serverTime = Math.floor(this.#context.now());
    const data = seconds > 0 ? { data: { serverTime, retryAfter: serverTime + seconds * 1_000 } } : {};
    return { id, status, error: { code, msg: message, ...data }, ...this.#limits(usage, showsLimits) };
  }

  /** Limits that the request counted for. */
  #limits({ weight, orders }: Usage, areShown: boolean): WireObject {
    if (!areShown) return {};
    const [ofWeight, ofMinute, of10Seconds] = RATE_LIMIT_ROWS;
    const counted: WireObject[] = [{ ...ofWeight, count: weight }];
    if (orders !== undefined) {
      counted.push({ ...of10Seconds, count: orders.in10Seconds }, { ...ofMinute, count: orders.inMinute });
    }
    return { rateLimits: counted };
  }
}

const unsupported = () => new ApiError(400, -1020, "This operation is not supported.");
const outOfService = () => new ApiError(503, -1016, "This service is no longer available.");

function readMessage(text: string): Message | ApiError {
  const message = readObject(text);
  if (message === undefined) return new ApiError(400, -1135, "Invalid JSON Request");
  const { id, method, params = {} } = message;
  if (typeof method !== "string" || !isObject(params)) return new ApiError(400, -1135, "Invalid JSON Request");
  const known = Object.entries(params).filter(([, value]) => value !== null && value !== undefined);
  const fields = Object.fromEntries(known.map(([name, value]) => [name, textOf(value)]));
  return { id: idOf(id) ?? null, method, fields, parameters: Parameters.ofObject(fields) };
}
