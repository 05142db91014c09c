import type { OrderSocketConventions, OrderSocketFrame } from "../../net/order-socket.ts";
import { wireText } from "../../net/wire.ts";
import * as constants from "./constants.ts";
import { isAccepted } from "./web-utils.ts";

/** Commands by the paths that they stand for (docs, websocket trade guideline). */
const OPERATIONS: ReadonlyMap<string, string> = new Map([
  [constants.CREATE_ORDER_PATH_URL, "order.create"],
  [constants.AMEND_ORDER_PATH_URL, "order.amend"],
  [constants.CANCEL_ORDER_PATH_URL, "order.cancel"],
  [constants.CREATE_BATCH_PATH_URL, "order.create-batch"],
  [constants.CANCEL_BATCH_PATH_URL, "order.cancel-batch"],
]);
/** Headers of a signed request that the command repeats: the login is the signature here. */
const HEADERS = ["X-BAPI-TIMESTAMP", "X-BAPI-RECV-WINDOW"] as const;

/** Code of a service that restarts: it takes nothing more on this connection (docs, websocket trade guideline). */
const RESTARTING = 10019;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

/** An answer in REST's envelope: its result is called `data`, its time and limits stand in `header`. */
function answerOf(frame: Readonly<Record<string, unknown>>): OrderSocketFrame {
  const { reqId, retCode, retMsg, data, retExtInfo } = frame;
  const header = isObject(frame.header) ? frame.header : {};
  const headers = Object.fromEntries(
    Object.entries(header).map(([name, value]) => [name.toLowerCase(), wireText(value)]),
  );
  const timeMs = Number(headers.timenow || Number.NaN);
  const time = Number.isNaN(timeMs) ? undefined : timeMs;
  const text = JSON.stringify({ retCode, retMsg, result: data, retExtInfo, time });
  const response = { status: 200, headers, text };
  return { kind: "answer", id: wireText(reqId), response, isLast: retCode === RESTARTING };
}

export const orderSocket: OrderSocketConventions = {
  socket: "trade",
  needsLogin: true,

  messageOf({ path, data }, reqId, { headers }) {
    const op = OPERATIONS.get(path);
    if (op === undefined) return undefined;
    const header = Object.fromEntries(HEADERS.map((name) => [name, headers[name]]));
    return { reqId, header, op, args: [data] };
  },

  readFrame(message): OrderSocketFrame {
    if (!isObject(message)) return { kind: "ignored" };
    if (message.op === "auth") {
      if (isAccepted(message)) return { kind: "authenticated" };
      return { kind: "authFailed", reason: `${wireText(message.retCode)} ${wireText(message.retMsg)}` };
    }
    return "reqId" in message ? answerOf(message) : { kind: "ignored" };
  },
};
