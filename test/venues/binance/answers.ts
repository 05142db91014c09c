import { TimeSyncError } from "../../../src/model/error.ts";
import type { FixtureOrder, ListenKeyFixtures, ServerTimeFixtures } from "../../support/connector-fixtures.ts";
import type { Route, ScriptedVenue } from "../../support/scripted-venue.ts";
import { fillRow, orderEvent, orderRow, symbolRow, TIME } from "./wire.ts";

/** Binance's answers in the words of the checklist's fixtures. */

export const LISTEN_KEY = "pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a65a1";
export const LISTEN_KEY_PATH = "/fapi/v1/listenKey";
/** After everything that a scene has asked. */
export const LATER = TIME + 30_000;
type Changes = Readonly<Record<string, unknown>>;

export const get = (path: string, body: unknown): Route => ({ method: "GET", path: `/fapi/${path}`, body });
export const post = (path: string, body: unknown): Route => ({ ...get(path, body), method: "POST" });
export const refused = (route: Route, code: number, msg: string): Route => ({
  ...route,
  status: 400,
  body: { code, msg },
});
export const time = (nowMs: number): Route => get("v1/time", { serverTime: Math.round(nowMs) });
export const listenKey = (method: Route["method"]): Route => ({
  method,
  path: LISTEN_KEY_PATH,
  body: { listenKey: LISTEN_KEY },
});

export const wireOrder = (order: FixtureOrder, changes: Changes = {}) =>
  orderRow({
    orderId: Number(order.exchangeOrderId),
    clientOrderId: order.clientOrderId,
    side: order.side.toUpperCase(),
    price: order.price,
    origQty: order.amount,
    updateTime: TIME + 1_000,
    ...changes,
  });
export const event = (order: FixtureOrder, changes: Changes = {}) =>
  orderEvent({
    i: Number(order.exchangeOrderId),
    c: order.clientOrderId,
    S: order.side.toUpperCase(),
    p: order.price,
    q: order.amount,
    T: TIME + 1_000,
    ...changes,
  });
export const filled = (order: FixtureOrder) => ({ status: "FILLED", executedQty: order.amount, avgPrice: "5000" });
export const canceled = { status: "CANCELED" };
export const fills = (order: FixtureOrder, qty = order.amount): readonly Route[] => {
  const ids = { orderId: Number(order.exchangeOrderId), time: TIME };
  return [get("v1/userTrades", [fillRow(500001, { ...ids, price: "5000", qty, commission: "0.5" })])];
};
export const byEitherId = (order: FixtureOrder, route: Route): readonly Route[] => [
  { ...route, params: { orderId: order.exchangeOrderId } },
  { ...route, params: { origClientOrderId: order.clientOrderId } },
];
export const statuses = (order: FixtureOrder, changes?: Changes) =>
  byEitherId(order, get("v1/order", wireOrder(order, changes)));

export const markets = get("v1/exchangeInfo", {
  symbols: [
    symbolRow("BTC"),
    symbolRow("ETH"),
    symbolRow("BTC", { symbol: "BTCUSDT_270326", contractType: "CURRENT_QUARTER" }),
    symbolRow("LUNA", { status: "SETTLING" }),
  ],
});
export const account = (...assets: readonly (readonly [asset: string, total: string, available: string])[]) =>
  get("v3/account", {
    totalMarginBalance: "10000",
    availableBalance: "10000",
    totalMaintMargin: "0",
    assets: assets.map(([asset, walletBalance, availableBalance]) => ({ asset, walletBalance, availableBalance })),
  });
export const accountEvent = (B: readonly unknown[], P: readonly unknown[] = []) => ({
  e: "ACCOUNT_UPDATE",
  E: LATER,
  T: LATER,
  a: { m: "ORDER", B, P },
});
export const premiumIndex = (lastFundingRate: string) =>
  get("v1/premiumIndex", {
    symbol: "BTCUSDT",
    markPrice: "61005.00000000",
    indexPrice: "61010.11000000",
    lastFundingRate,
    nextFundingTime: TIME + 3_600_000,
    time: TIME,
  });
export const markPrice = (symbol: string, changes: Changes = {}) => ({
  stream: `${symbol.toLowerCase()}@markPrice@1s`,
  data: {
    ...{ e: "markPriceUpdate", E: TIME, s: symbol, p: "61005.00000000", i: "61010.11000000" },
    ...{ r: "0.00010000", T: TIME + 3_600_000, ...changes },
  },
});
export const depth = (symbol: string, U: number, u: number, pu: number, a: readonly (readonly string[])[] = []) => ({
  stream: `${symbol.toLowerCase()}@depth@100ms`,
  data: { e: "depthUpdate", E: TIME, T: TIME, s: symbol, U, u, pu, b: [], a },
});
export const BOOK = {
  lastUpdateId: 7_000,
  E: TIME,
  T: TIME,
  bids: [
    ["60000.0", "1"],
    ["59999.9", "2"],
  ],
  asks: [["60001.0", "1"]],
};

export function answersTo(frame: unknown): readonly unknown[] {
  const { method, params, id } = frame as { method: string; params: readonly string[]; id: unknown };
  const streams = method === "SUBSCRIBE" ? params : [];
  const marks = streams.filter((stream) => stream.endsWith("@markPrice@1s"));
  return [{ result: null, id }, ...marks.map((stream) => markPrice(stream.split("@")[0]?.toUpperCase() ?? ""))];
}

/** What depends on the time; and the diff that a book's snapshot is joined with. */
export function script(server: ScriptedVenue, now: () => number): void {
  server.on("GET", "/fapi/v1/time", () => ({ body: time(now()).body }));
  server.on("GET", "/fapi/v1/depth", ({ params }) => {
    server.sendPublic(depth(params.symbol ?? "", 6_990, 7_010, 6_985));
    return { body: BOOK };
  });
}

export const listenKeyFixtures: ListenKeyFixtures = {
  listenKey: LISTEN_KEY,
  getListenKey: listenKey("POST"),
  getListenKeyRefused: refused(listenKey("POST"), -2015, "Invalid API-key, IP, or permissions for action."),
  pingListenKey: listenKey("PUT"),
  pingListenKeyRefused: refused(listenKey("PUT"), -1125, "This listenKey does not exist."),
  keepAliveIntervalMs: 1_800_000,
};

export const serverTimeFixtures: ServerTimeFixtures = {
  serverTimePath: "/fapi/v1/time",
  serverTime: time,
  serverTimeRefused: { ...time(TIME), status: 500, body: {} },
  timestampRefused: refused(account(), -1021, "Timestamp for this request is outside of the recvWindow."),
  timestampOf: ({ params }) => Number(params.timestamp),
  timeError: new TimeSyncError("Timestamp for this request is outside of the recvWindow."),
};
