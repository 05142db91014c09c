import type { PreparedRequest } from "../../net/auth.ts";
import type { OrderSocketConventions, OrderSocketFrame } from "../../net/order-socket.ts";
import type { RestRequest } from "../../net/venue-api.ts";
import { wireText } from "../../net/wire.ts";
import * as constants from "./constants.ts";
import { LOGIN_LOST } from "./errors.ts";
import { isObject } from "./web-utils.ts";

/** Channels by the requests that they stand for (docs, WebSocket, order placement). */
const CHANNELS: ReadonlyMap<string, string> = new Map([
  [`POST ${constants.ORDERS_PATH_URL}`, "futures.order_place"],
  [`POST ${constants.CREATE_BATCH_PATH_URL}`, "futures.order_batch_place"],
  [`POST ${constants.CANCEL_BATCH_PATH_URL}`, "futures.order_cancel_ids"],
]);
/** Channels of the requests that name their order in the path, by method; a message names it in its parameters. */
const CHANNELS_OF_ORDER: ReadonlyMap<string, string> = new Map([
  ["DELETE", "futures.order_cancel"],
  ["PUT", "futures.order_amend"],
]);
const ORDER_PATH = `${constants.ORDERS_PATH_URL}/`;
const DEADLINE = "x-gate-exptime";
const UNKNOWN_STATUS = 500;

/** Fields of an answer's header by the headers of REST; one is misspelt there (docs, order placement). */
const HEADERS: ReadonlyMap<string, string> = new Map([
  ["x_out_time", "x-out-time"],
  ["x_gate_ratelimit_limit", "x-gate-ratelimit-limit"],
  ["x_gate_ratelimit_requests_remain", "x-gate-ratelimit-requests-remain"],
  ["x_gat_ratelimit_reset_timestamp", "x-gate-ratelimit-reset-timestamp"],
  ["x_gate_ratelimit_reset_timestamp", "x-gate-ratelimit-reset-timestamp"],
]);

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields => (isObject(value) ? value : {});

function operationOf({ method, path, data }: RestRequest): { channel: string; parameters: unknown } | undefined {
  const whole = CHANNELS.get(`${method} ${path}`);
  if (whole !== undefined) return { channel: whole, parameters: data };
  const channel = path.startsWith(ORDER_PATH) ? CHANNELS_OF_ORDER.get(method) : undefined;
  if (channel === undefined) return undefined;
  const order_id = decodeURIComponent(path.slice(ORDER_PATH.length));
  return { channel, parameters: { order_id, ...fieldsOf(data) } };
}

/** The deadline is a field of the message; nothing else of a signed request is, for the connection is logged in. */
function deadlineOf({ headers }: PreparedRequest): Fields {
  const deadline = headers[DEADLINE];
  return deadline === undefined ? {} : { req_header: { [DEADLINE]: deadline } };
}

function headersOf(header: Fields): Readonly<Record<string, string>> {
  const told = [...HEADERS].flatMap(([field, name]): [string, string][] => {
    const text = wireText(header[field]);
    return text === "" ? [] : [[name, text]];
  });
  return Object.fromEntries(told);
}

/**
 * Status of a refusal. One that has none is what its label says; without either the venue failed, and nobody knows at what.
 */
function statusOf(status: number, label: unknown): number {
  if (status >= 400) return status;
  return wireText(label) === "" ? UNKNOWN_STATUS : 400;
}

export const orderSocket: OrderSocketConventions = {
  socket: "private",
  needsLogin: true,
  limitId: constants.SOCKET_LIMIT_ID,
  limitCountsOrders: true,

  messageOf(request, req_id, signed) {
    const operation = operationOf(request);
    if (operation === undefined) return undefined;
    const { channel, parameters: req_param } = operation;
    return { channel, event: "api", payload: { req_id, ...deadlineOf(signed), req_param } };
  },

  /**
   * A create is answered twice: first that it has come, which says nothing of the order, then with what became of it. A
   * refusal is the last answer, whether it says `ack` or not.
   */
  readFrame(message): OrderSocketFrame {
    if (!isObject(message)) return { kind: "ignored" };
    if (message.channel === constants.SYSTEM_CHANNEL) return { kind: "reconnect" };
    const header = fieldsOf(message.header);
    const { result, errs } = fieldsOf(message.data);
    const { label, message: text } = fieldsOf(errs);
    const status = Number(wireText(header.status));
    const isRefused = errs != null || status >= 400;
    if (header.channel === constants.LOGIN_CHANNEL) {
      if (!isRefused) return { kind: "authenticated" };
      return { kind: "authFailed", reason: `${wireText(label)} ${wireText(text)}`.trim() || "no reason" };
    }
    const id = wireText(message.request_id);
    if (id === "" || (message.ack === true && !isRefused)) return { kind: "ignored" };
    const response = {
      status: isRefused ? statusOf(status, label) : 200,
      headers: headersOf(header),
      text: JSON.stringify((isRefused ? errs : result) ?? null),
    };
    return { kind: "answer", id, response, isLast: label === LOGIN_LOST };
  },
};
