import type { PreparedRequest } from "../../net/auth.ts";
import { parseRetryAfter } from "../../net/json.ts";
import type { OrderSocketConventions, OrderSocketFrame } from "../../net/order-socket.ts";
import { wireText } from "../../net/wire.ts";
import * as constants from "./constants.ts";
import { isObject, type WireObject } from "./web-utils.ts";

/** Methods of the WebSocket API by the requests that they stand for; it has no batches (docs, websocket-api). */
const METHODS: ReadonlyMap<string, string> = new Map([
  [`POST ${constants.ORDER_PATH_URL}`, "order.place"],
  [`PUT ${constants.ORDER_PATH_URL}`, "order.modify"],
  [`DELETE ${constants.ORDER_PATH_URL}`, "order.cancel"],
]);
/** Counters by the header that tells them over REST: `rateLimitType`, `intervalNum` and `interval`. */
const COUNTERS: ReadonlyMap<string, string> = new Map([
  ["REQUEST_WEIGHT 1 MINUTE", "x-mbx-used-weight-1m"],
  ["ORDERS 10 SECOND", "x-mbx-order-count-10s"],
  ["ORDERS 1 MINUTE", "x-mbx-order-count-1m"],
]);
/** Parameters that are signed anew. */
const SIGNED: ReadonlySet<string> = new Set(["recvWindow", "timestamp", "signature"]);

function parametersOf({ url, body }: PreparedRequest): WireObject {
  const text = body ?? url.split("?", 2)[1] ?? "";
  return Object.fromEntries([...new URLSearchParams(text)].filter(([name]) => !SIGNED.has(name)));
}

function headersOf({ rateLimits, error }: WireObject): Readonly<Record<string, string>> {
  const rows = Array.isArray(rateLimits) ? rateLimits.filter(isObject) : [];
  const counts = rows.flatMap(({ rateLimitType, intervalNum, interval, count }): [string, string][] => {
    const header = COUNTERS.get([rateLimitType, intervalNum, interval].map(wireText).join(" "));
    return header === undefined ? [] : [[header, wireText(count)]];
  });
  const data = isObject(error) && isObject(error.data) ? error.data : {};
  const timeOf = (time: unknown): number => Number(wireText(time) || Number.NaN);
  const waitMs = timeOf(data.retryAfter) - timeOf(data.serverTime);
  const seconds = waitMs > 0 ? String(Math.ceil(waitMs / 1_000)) : "";
  const isTold = parseRetryAfter(seconds, Number.POSITIVE_INFINITY) !== undefined;
  return { ...Object.fromEntries(counts), ...(isTold ? { "retry-after": seconds } : {}) };
}

export const orderSocket: OrderSocketConventions = {
  socket: "orders",
  // Sessions are for Ed25519 keys alone (docs, session.logon): each message is signed.
  needsLogin: false,

  messageOf({ method, path }, id, signed) {
    const name = METHODS.get(`${method} ${path}`);
    return name === undefined ? undefined : { id, method: name, params: parametersOf(signed) };
  },

  readFrame(message): OrderSocketFrame {
    if (!isObject(message)) return { kind: "ignored" };
    if (message.e === "serverShutdown") return { kind: "reconnect" };
    const id = wireText(message.id);
    if (id === "") return { kind: "ignored" };
    const text = JSON.stringify(message.error ?? message.result ?? null);
    const status = typeof message.status === "number" ? message.status : 200;
    return { kind: "answer", id, response: { status, headers: headersOf(message), text } };
  },
};
