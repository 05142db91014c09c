import type { BookVenue } from "./venues.ts";

interface Request {
  readonly op?: string;
  readonly event?: string;
  readonly method?: string;
  readonly args?: readonly unknown[];
  readonly id?: unknown;
  readonly req_id?: unknown;
  readonly channel?: unknown;
  readonly market?: unknown;
  readonly payload?: unknown;
  readonly subscription?: unknown;
}

/** How each venue says that it has subscribed what was asked for. */
const ANSWERS: Readonly<Record<BookVenue, (request: Request) => readonly object[]>> = {
  bybit: ({ op, req_id }) => (op === "subscribe" ? [{ success: true, ret_msg: "", conn_id: "1", op, req_id }] : []),
  binance: ({ method, id }) => (method === "SUBSCRIBE" ? [{ result: null, id }] : []),
  okx: ({ op, args = [] }) => (op === "subscribe" ? args.map((arg) => ({ event: op, arg, connId: "1" })) : []),
  gate_io({ event, channel, payload, id }) {
    const times = { time: 1_700_000_000, time_ms: 1_700_000_000_000 };
    return event === "subscribe" ? [{ ...times, id, channel, event, payload, result: { status: "success" } }] : [];
  },
  hyperliquid: ({ method, subscription }) =>
    method === "subscribe" ? [{ channel: "subscriptionResponse", data: { method, subscription } }] : [],
  ftx: ({ op, channel, market }) => (op === "subscribe" ? [{ type: "subscribed", channel, market }] : []),
};

/** Messages with which a venue answers one of ours; none for a heartbeat. */
export function answersTo(venue: BookVenue, text: string): readonly string[] {
  if (!text.startsWith("{")) return [];
  return ANSWERS[venue](JSON.parse(text) as Request).map((answer) => JSON.stringify(answer));
}
