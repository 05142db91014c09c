import { TimeSyncError } from "../../../src/model/error.ts";
import type { FixtureOrder, ServerTimeFixtures } from "../../support/connector-fixtures.ts";
import type { Route } from "../../support/scripted-venue.ts";
import { bookFrame, instrument, NOW, ticker, wireExecution, wireOrder, wireWallet } from "./wire.ts";

/** Bybit's answers in the words of the checklist's fixtures. */

export const ORDER_IDS = ["5f0c8f3e-0000-4a5b-9d2a-000000000001", "5f0c8f3e-0000-4a5b-9d2a-000000000002"] as const;
/** After everything that a scene has asked. */
export const LATER = NOW + 30_000;
type Changes = Readonly<Record<string, unknown>>;

export const envelope = (result: unknown, retCode = 0, retMsg = "OK", retExtInfo: unknown = {}) => ({
  retCode,
  retMsg,
  result,
  retExtInfo,
  time: NOW,
});
export const list = (...rows: readonly unknown[]) => envelope({ category: "linear", list: rows, nextPageCursor: "" });
export const get = (path: string, ...rows: readonly unknown[]): Route => ({ method: "GET", path, body: list(...rows) });
export const post = (path: string, result: unknown): Route => ({ method: "POST", path, body: envelope(result) });
export const refused = (path: string, retCode: number, retMsg: string): Route => ({
  method: "POST",
  path,
  body: envelope({}, retCode, retMsg),
});
export const time = (nowMs: number): Route => ({
  method: "GET",
  path: "/v5/market/time",
  body: envelope({ timeSecond: String(Math.floor(nowMs / 1_000)), timeNano: `${Math.floor(nowMs)}000000` }),
});

export const orderRow = (order: FixtureOrder, changes: Changes = {}) =>
  wireOrder({
    orderId: order.exchangeOrderId,
    orderLinkId: order.clientOrderId,
    side: order.side === "buy" ? "Buy" : "Sell",
    price: order.price,
    qty: order.amount,
    createdTime: String(NOW),
    updatedTime: String(NOW + 1_000),
    ...changes,
  });
export const executionRow = (order: FixtureOrder, changes: Changes = {}) =>
  wireExecution({
    orderId: order.exchangeOrderId,
    orderLinkId: order.clientOrderId,
    execPrice: "5000",
    execQty: order.amount,
    execFee: "0.5",
    execTime: String(NOW),
    ...changes,
  });
export const filled = (order: FixtureOrder) => ({ orderStatus: "Filled", cumExecQty: order.amount, avgPrice: "5000" });
export const canceled = { orderStatus: "Cancelled", cancelType: "UNKNOWN" };
export const rejected = { orderStatus: "Rejected", rejectReason: "EC_Others" };
export const fills = (order: FixtureOrder, changes?: Changes) => [
  get("/v5/execution/list", executionRow(order, changes)),
];

/** A status is asked for by either id, among the open orders and then in the history. */
export function statuses(order: FixtureOrder, changes?: Changes): readonly Route[] {
  const route = get("/v5/order/realtime", orderRow(order, changes));
  return byEitherId(order, route);
}

export const byEitherId = (order: FixtureOrder, route: Route): readonly Route[] => [
  { ...route, params: { orderId: order.exchangeOrderId } },
  { ...route, params: { orderLinkId: order.clientOrderId } },
];

export const wallet = (totalAvailableBalance: string, ...coins: readonly Changes[]) =>
  wireWallet({
    totalAvailableBalance,
    coin: coins.map((coin) => ({ totalOrderIM: "0", totalPositionIM: "0", locked: "0", bonus: "0", ...coin })),
  });
export const BTC = { coin: "BTC", walletBalance: "15", locked: "5" };
export const instruments = get("/v5/market/instruments-info", instrument("BTC"), instrument("ETH"));
export const LEVELS = {
  b: [
    ["59999.90", "3.4"],
    ["59999.80", "1"],
  ],
  a: [["60000.10", "1.2"]],
};
export const SNAPSHOT = bookFrame("snapshot", 1_000, LEVELS.b, LEVELS.a);
export const tickerFrame = (changes: Changes, ts = NOW) => ({
  topic: "tickers.BTCUSDT",
  type: "snapshot",
  data: ticker(changes),
  cs: 1,
  ts,
});

export function answersTo(message: unknown): readonly unknown[] {
  const { op, args = [] } = message as { op: string; args?: readonly string[] };
  if (op === "auth") return [{ success: true, ret_msg: "", op: "auth", conn_id: "c-1" }];
  if (op === "ping") return [{ success: true, ret_msg: "pong", conn_id: "c-1", req_id: "", op: "ping" }];
  const answer = { success: true, ret_msg: "", op, conn_id: "c-1" };
  if (op !== "subscribe") return [answer];
  const pushed = args.flatMap((topic): unknown[] => {
    const symbol = topic.split(".").at(-1);
    if (topic.startsWith("tickers.")) return [{ ...tickerFrame({ symbol }), topic }];
    if (topic.startsWith("orderbook.")) return [{ ...SNAPSHOT, topic, data: { ...SNAPSHOT.data, s: symbol } }];
    return [];
  });
  return [answer, ...pushed];
}

export const serverTimeFixtures: ServerTimeFixtures = {
  serverTimePath: "/v5/market/time",
  serverTime: time,
  serverTimeRefused: { method: "GET", path: "/v5/market/time", status: 500, body: {} },
  timestampRefused: {
    method: "GET",
    path: "/v5/account/wallet-balance",
    body: envelope({}, 10002, "invalid request, please check your server timestamp or recv_window param."),
  },
  timestampOf: ({ headers }) => Number(headers["x-bapi-timestamp"]),
  timeError: new TimeSyncError("invalid request, please check your server timestamp"),
};
