import type { Login } from "../accounts.ts";
import { isObject, textOf } from "../json-fields.ts";
import type { RequestKind } from "../paper-protocol.ts";
import { authenticateLogin } from "./auth.ts";
import type { GateContext, Method } from "./context.ts";
import type { SizeForm } from "./contracts.ts";
import { GateError, invalidParameter, missingParameter, tooBusy } from "./errors.ts";
import { hasDeadline, refuseLate } from "./order-routes.ts";
import { Parameters } from "./parameters.ts";
import { type Allowance, SOCKET_LIMIT } from "./rate-limit.ts";
import { callPrivate, privateRouteOf } from "./routes.ts";
import type { WireObject, WireValue } from "./wire.ts";

export type ApiMessage = Readonly<Record<string, unknown>>;

interface Operation {
  readonly method: Method;
  readonly path: string;
  readonly kind: RequestKind;
  /** True where an acknowledgement comes before the answer. */
  readonly isAcknowledged?: boolean;
  /** True where its order is named in the path. */
  readonly isOfOrder?: boolean;
}

const operation = (method: Method, path: string, kind: RequestKind): Operation => ({
  ...{ method, path: `/api/v4/futures/usdt/${path}`, kind, isOfOrder: path.endsWith("{}") },
  isAcknowledged: kind === "order",
});

export const LOGIN_CHANNEL = "futures.login";

/** Operations of the socket are routes of REST in another envelope. */
const OPERATIONS: ReadonlyMap<string, Operation> = new Map([
  ["futures.order_place", operation("POST", "orders", "order")],
  ["futures.order_batch_place", operation("POST", "batch_orders", "order")],
  ["futures.order_cancel", operation("DELETE", "orders/{}", "change")],
  ["futures.order_cancel_ids", operation("POST", "batch_cancel_orders", "change")],
  ["futures.order_cancel_cp", operation("DELETE", "orders", "change")],
  ["futures.order_amend", operation("PUT", "orders/{}", "change")],
  ["futures.order_list", operation("GET", "orders", "private")],
  ["futures.order_status", operation("GET", "orders/{}", "private")],
]);

export function kindOfOperation(channel: string): RequestKind {
  return channel === LOGIN_CHANNEL ? "login" : (OPERATIONS.get(channel)?.kind ?? "public");
}

/** Parts of a connection that its answers need. */
export interface EntryPorts {
  readonly context: GateContext;
  readonly connectionId: string;
  readonly form: SizeForm;
}

interface Request {
  readonly channel: string;
  readonly requestId: string;
  readonly payload: ApiMessage;
}

export function readRequest(message: ApiMessage): Request {
  const payload = isObject(message.payload) ? message.payload : {};
  const id = payload.req_id;
  const requestId = typeof id === "string" || typeof id === "number" ? String(id) : "";
  return { channel: textOf(message.channel), requestId, payload };
}

/** Login and orders of one socket. */
export class OrderEntry {
  readonly #ports: EntryPorts;

  constructor(ports: EntryPorts) {
    this.#ports = ports;
  }

  /** Throws `GateError`. What was sent is signed, which may be no parameters at all. */
  login({ channel, payload }: Request): Login {
    const { context } = this.#ports;
    const fields = new Parameters(payload);
    const signed = payload.req_param;
    const parameters = signed === undefined || signed === "" ? "" : JSON.stringify(signed);
    const claim = {
      apiKey: fields.required("api_key"),
      signature: fields.required("signature"),
      timestamp: fields.required("timestamp"),
      parameters,
    };
    return authenticateLogin(channel, claim, context.accounts, context.now());
  }

  /** The first of the two answers to a create. */
  acknowledgement({ channel, requestId, payload }: Request, login: Login | undefined): WireObject | undefined {
    if (login === undefined || OPERATIONS.get(channel)?.isAcknowledged !== true) return undefined;
    const request = { req_id: requestId, req_param: echo(payload.req_param) };
    return { request_id: requestId, ack: true, header: this.#header(channel, 200), data: { result: request } };
  }

  async answer(request: Request, login: Login | undefined): Promise<WireObject> {
    const { channel, requestId, payload } = request;
    try {
      const { value, allowance } = await this.#call(channel, payload, login);
      const header = { ...this.#header(channel, 200), ...limitFields(allowance) };
      return { request_id: requestId, ...this.#ackField(channel), header, data: { result: value } };
    } catch (error) {
      if (!(error instanceof GateError)) throw error;
      return this.refusal(request, error);
    }
  }

  loggedIn({ channel, requestId }: Request, { identifier, apiKey }: Login): WireObject {
    const result = { uid: String(identifier), api_key: apiKey };
    return { request_id: requestId, header: this.#header(channel, 200), data: { result } };
  }

  refusal({ channel, requestId }: Request, { status, label, message }: GateError): WireObject {
    const data = { errs: { label, message } };
    return { request_id: requestId, ...this.#ackField(channel), header: this.#header(channel, status), data };
  }

  #ackField(channel: string): WireObject {
    return OPERATIONS.get(channel)?.isAcknowledged === true ? { ack: false } : {};
  }

  async #call(channel: string, payload: ApiMessage, login: Login | undefined) {
    const { context, form } = this.#ports;
    if (login === undefined) throw new GateError(401, "AUTHENTICATION_FAILED", "Not login");
    if (context.faults.isInMaintenance()) throw tooBusy();
    const found = OPERATIONS.get(channel);
    const route = found === undefined ? undefined : privateRouteOf(found.method, found.path);
    if (found === undefined || route === undefined) throw new GateError(400, "INVALID_PROTOCOL", "unknown channel");
    const header = isObject(payload.req_header) ? new Parameters(payload.req_header) : new Parameters({});
    if (hasDeadline(route)) refuseLate(header.text("x-gate-exptime"), context.now());
    if (payload.req_param === undefined) throw missingParameter("req_param");
    const parameters = Parameters.ofValue(payload.req_param);
    const name = found.isOfOrder === true ? parameters.required("order_id") : "";
    if (name.includes("/")) throw invalidParameter("order_id");
    const call = { parameters, name, form, login, isSocket: true };
    const ofSocket = found.kind === "private" ? undefined : this.#takeRoom(login, parameters.rowCount);
    const { answer, allowance } = await callPrivate(context, route, call);
    return { value: answer.value, allowance: ofSocket ?? allowance };
  }

  #takeRoom({ accountId }: Login, orders: number): Allowance {
    const { limiter, now } = this.#ports.context;
    return limiter.take(`user ${accountId} ${SOCKET_LIMIT.name}`, SOCKET_LIMIT, orders, now());
  }

  #header(channel: string, status: number): WireObject {
    const { context, connectionId } = this.#ports;
    const nowMs = Math.floor(context.now());
    const micros = nowMs * 1_000;
    return {
      response_time: String(nowMs),
      status: String(status),
      channel,
      event: "api",
      client_id: connectionId,
      conn_id: connectionId,
      x_in_time: micros,
      x_out_time: micros,
    };
  }
}

/** The third name lacks its `e` at Gate too. */
function limitFields({ limit, left, resetMs }: Allowance): WireObject {
  return {
    x_gate_ratelimit_requests_remain: left,
    x_gate_ratelimit_limit: limit,
    x_gat_ratelimit_reset_timestamp: Math.ceil(resetMs),
  };
}

/** Repeats what a client sent, as a value of the wire. */
function echo(value: unknown): WireValue {
  if (Array.isArray(value)) return value.map(echo);
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, echo(each)]));
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  return null;
}
