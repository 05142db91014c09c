import type { OrderSocketConventions, OrderSocketFrame } from "../../net/order-socket.ts";
import { wireText } from "../../net/wire.ts";
import * as constants from "./constants.ts";
import { isFrame } from "./web-utils.ts";

/** Operations by the paths that they stand for (docs, WebSocket order placement). */
const OPERATIONS: ReadonlyMap<string, string> = new Map([
  [constants.ORDER_PATH_URL, "order"],
  [constants.CREATE_BATCH_PATH_URL, "batch-orders"],
  [constants.CANCEL_ORDER_PATH_URL, "cancel-order"],
  [constants.CANCEL_BATCH_PATH_URL, "batch-cancel-orders"],
  [constants.AMEND_ORDER_PATH_URL, "amend-order"],
]);

/** "Please log in": the login of the connection is gone (docs, error code). */
const NOT_LOGGED_IN = "60011";

export const orderSocket: OrderSocketConventions = {
  socket: "private",
  needsLogin: true,

  messageOf({ method, path, socketData }, id) {
    const op = method === "POST" ? OPERATIONS.get(path) : undefined;
    if (op === undefined || socketData === undefined) return undefined;
    return { id, op, args: Array.isArray(socketData) ? socketData : [socketData] };
  },

  /** The envelope of an answer is REST's: `code`, `msg`, `data`. */
  readFrame(message): OrderSocketFrame {
    if (!isFrame(message)) return { kind: "ignored" };
    const { event, code, msg, data } = message;
    const id = "id" in message ? wireText(message.id) : "";
    if (id !== "") {
      const text = JSON.stringify({ code, msg, data });
      return { kind: "answer", id, response: { status: 200, headers: {}, text }, isLast: code === NOT_LOGGED_IN };
    }
    if (event === "login" && code === "0") return { kind: "authenticated" };
    if (event === "login" || event === "error") {
      return { kind: "authFailed", reason: `${wireText(code)} ${wireText(msg)}` };
    }
    return { kind: event === "notice" ? "reconnect" : "ignored" };
  },
};
