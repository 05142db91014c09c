import type { OrderSocketConventions, OrderSocketFrame } from "../../net/order-socket.ts";
import { wireText } from "../../net/wire.ts";
import * as constants from "./constants.ts";
import { isRow } from "./requests.ts";
import { isFrame, isLimitText, quotedOf } from "./web-utils.ts";

/** Actions about orders; settings and `scheduleCancel` go over REST. */
const ORDER_ACTIONS: ReadonlySet<unknown> = new Set(["order", "modify", "batchModify", "cancel", "cancelByCloid"]);

const TOO_MANY_POSTS = /^too many pending post requests id=(\d+)/i;
const UNREAD = "Error parsing JSON into valid websocket request";

/** Status of an answer whose text has none: the venue failed, and nobody knows at what. */
const UNKNOWN_STATUS = 500;

function answer(id: string, status: number, text: string): OrderSocketFrame {
  return { kind: "answer", id, response: { status, headers: {}, text } };
}

/** An answer is of HTTP in an envelope: "422: Failed to deserialize", or what the body of a 200 would be. */
function answerOf(data: unknown): OrderSocketFrame {
  const { id, response } = isRow(data) ? data : {};
  const name = wireText(id);
  if (name === "" || !isRow(response)) return { kind: "ignored" };
  const { type, payload } = response;
  if (type !== "error") return answer(name, 200, JSON.stringify(payload ?? null));
  const text = wireText(payload);
  const [, status = "", rest = text] = /^(\d{3})\b[:\s]*(.*)$/s.exec(text) ?? [];
  return answer(name, status === "" ? UNKNOWN_STATUS : Number(status), rest);
}

/** Errors have texts alone. One that names no message may be of any: the connection is left, and its orders looked up. */
function errorFrame(text: string): OrderSocketFrame {
  const [, pending] = TOO_MANY_POSTS.exec(text) ?? [];
  if (pending !== undefined) return answer(pending, 429, text);
  if (isLimitText(text)) return { kind: "reconnect" };
  if (!text.startsWith(UNREAD)) return { kind: "ignored" };
  // The message is quoted, with its signature: of it the id is taken alone.
  const quoted = quotedOf(text);
  const id = isRow(quoted) ? wireText(quoted.id) : "";
  return id === "" ? { kind: "reconnect" } : answer(id, 400, UNREAD);
}

export const orderSocket: OrderSocketConventions = {
  socket: "private",
  // An action is signed by itself, over a socket as over REST.
  needsLogin: false,
  limitId: constants.WEB_SOCKET_MESSAGES,
  maxUnanswered: constants.MAX_UNANSWERED_POSTS,

  messageOf({ path, data }, id, { body }) {
    const action = isRow(data) && isRow(data.action) ? data.action : {};
    if (path !== constants.EXCHANGE_PATH_URL || !ORDER_ACTIONS.has(action.type)) return undefined;
    return { method: "post", id: Number(id), request: { type: "action", payload: JSON.parse(body ?? "null") } };
  },

  readFrame(message): OrderSocketFrame {
    if (!isFrame(message)) return { kind: "ignored" };
    const { channel, data } = message;
    if (channel === "post") return answerOf(data);
    return channel === "error" ? errorFrame(wireText(data)) : { kind: "ignored" };
  },
};
