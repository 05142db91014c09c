import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Harness, startVenue, type Wire } from "./harness.ts";

let harness: Harness;
beforeEach(async () => {
  harness = await startVenue();
});
afterEach(() => harness.venue.stop());

const rest = async (orderLinkId: string, symbol = "BTCUSDT") => {
  const price = symbol === "BTCUSDT" ? "19000" : "1450";
  const { result } = await harness.place({ symbol, side: "Buy", qty: "0.01", price, orderLinkId });
  return result.orderId;
};
const cancel = async (orderLinkId: string, symbol = "BTCUSDT") => {
  await harness.post("/v5/order/cancel", { symbol, orderLinkId });
  await harness.settle();
};
const links = (rows: Wire[]) => rows.map((row) => row.orderLinkId);

/** All pages, with the cursor sent as it came or decoded and encoded once. */
async function pages(path: string, query: Record<string, string>, isDecoded: boolean): Promise<Wire[][]> {
  const all: Wire[][] = [];
  let cursor = "";
  do {
    const text = new URLSearchParams(query).toString();
    const tail = cursor === "" ? "" : `&cursor=${isDecoded ? encodeURIComponent(decodeURIComponent(cursor)) : cursor}`;
    const { result } = JSON.parse((await harness.send("GET", `${path}?${text}${tail}`, "")).text);
    all.push(result.list);
    cursor = result.nextPageCursor;
  } while (cursor !== "");
  return all;
}

describe("/v5/order/realtime", () => {
  it("lists open orders, newest first, and closed ones only when asked", async () => {
    for (const id of ["a", "b", "c"]) await rest(id);
    await cancel("b");
    expect(links(await harness.list("/v5/order/realtime", { symbol: "BTCUSDT" }))).toEqual(["c", "a"]);
    expect(links(await harness.list("/v5/order/realtime", { symbol: "BTCUSDT", openOnly: "1" }))).toEqual(["b"]);
    expect(links(await harness.list("/v5/order/realtime", { orderLinkId: "b" }))).toEqual(["b"]);
  });

  it("answers an unknown order with an empty list and no error", async () => {
    for (const query of [{ orderId: "none" }, { orderLinkId: "none" }]) {
      const reply = await harness.get("/v5/order/realtime", { category: "linear", ...query });
      expect([reply.code, reply.result.list]).toEqual([0, []]);
    }
    expect((await harness.get("/v5/order/realtime", { category: "linear" })).code).toBe(10_001);
  });

  it.each([true, false])("pages through all orders, none twice (cursor decoded: %s)", async (isDecoded) => {
    const ids = ["1", "2", "3", "4", "5"];
    for (const id of ids) await rest(id);
    const found = await pages("/v5/order/realtime", { category: "linear", settleCoin: "USDT", limit: "2" }, isDecoded);
    expect(found.map(links)).toEqual([["5", "4"], ["3", "2"], ["1"]]);
  });

  it("remembers 500 closed orders, and none after a restart, where the history does", async () => {
    for (let batch = 0; batch < 26; batch += 1) {
      const request = Array.from({ length: 20 }, (_, index) => ({
        symbol: "BTCUSDT",
        side: "Buy",
        orderType: "Limit",
        qty: "0.001",
        price: "19000",
        orderLinkId: `${batch}-${index}`,
      }));
      await harness.post("/v5/order/create-batch", { request });
      await harness.settle();
      await harness.post("/v5/order/cancel-all", { symbol: "BTCUSDT" });
      await harness.settle();
    }
    const query = { category: "linear", symbol: "BTCUSDT", openOnly: "1", limit: "50" };
    expect((await pages("/v5/order/realtime", query, true)).flat()).toHaveLength(500);
    expect(await harness.list("/v5/order/realtime", { orderLinkId: "0-0" })).toEqual([]);
    expect(await harness.list("/v5/order/realtime", { orderLinkId: "25-0" })).toHaveLength(1);
    await rest("open");
    await harness.world.run(harness.venue.restart(100));
    expect(await harness.list("/v5/order/realtime", { orderLinkId: "25-0" })).toEqual([]);
    expect(await harness.list("/v5/order/realtime", { symbol: "BTCUSDT", openOnly: "1" })).toEqual([]);
    expect(links(await harness.list("/v5/order/realtime", { symbol: "BTCUSDT" }))).toEqual(["open"]);
    expect(await harness.list("/v5/order/history", { orderLinkId: "25-0" })).toHaveLength(1);
  });
});

describe("/v5/order/history", () => {
  it("has closed orders by market and status; one that never filled for a day only", async () => {
    await rest("open");
    await rest("gone");
    await cancel("gone");
    harness.venue.trader.order({ market: "BTC-USD", side: "sell", size: "1", price: "20000" });
    await harness.place({ side: "Buy", qty: "0.01", price: "20000", orderLinkId: "filled" });
    await rest("other", "ETHUSDT");
    await cancel("other", "ETHUSDT");
    expect(links(await harness.list("/v5/order/history"))).toEqual(["other", "filled", "gone"]);
    expect(links(await harness.list("/v5/order/history", { symbol: "BTCUSDT" }))).toEqual(["filled", "gone"]);
    expect(links(await harness.list("/v5/order/history", { orderStatus: "Filled" }))).toEqual(["filled"]);
    expect(await harness.list("/v5/order/history", { orderLinkId: "open" })).toEqual([]);
    await harness.jump(86_400_000);
    expect(links(await harness.list("/v5/order/history"))).toEqual(["filled"]);
    await harness.jump(7 * 86_400_000);
    expect(await harness.list("/v5/order/history")).toEqual([]);
    expect(links(await harness.list("/v5/order/history", { orderLinkId: "filled" }))).toEqual(["filled"]);
  });
});

describe("/v5/execution/list", () => {
  beforeEach(async () => {
    for (const side of ["sell", "buy"] as const) {
      harness.venue.trader.order({ market: "BTC-USD", side, size: "10", price: side === "sell" ? "20001" : "19999" });
      harness.venue.trader.order({ market: "ETH-USD", side, size: "10", price: side === "sell" ? "1501" : "1499" });
    }
  });
  const trade = (symbol: string, orderLinkId: string) =>
    harness.place({ symbol, side: "Buy", orderType: "Market", qty: "0.01", orderLinkId });

  it("filters by market, time and type, and by an id that overrules them", async () => {
    await trade("BTCUSDT", "b1");
    const between = Math.floor(harness.world.now());
    await harness.world.advance(10);
    await trade("ETHUSDT", "e1");
    await trade("BTCUSDT", "b2");
    expect(links(await harness.list("/v5/execution/list"))).toEqual(["b2", "e1", "b1"]);
    expect(links(await harness.list("/v5/execution/list", { symbol: "BTCUSDT" }))).toEqual(["b2", "b1"]);
    expect(links(await harness.list("/v5/execution/list", { startTime: String(between) }))).toEqual(["b2", "e1"]);
    expect(links(await harness.list("/v5/execution/list", { endTime: String(between) }))).toEqual(["b1"]);
    expect(await harness.list("/v5/execution/list", { execType: "Funding" })).toEqual([]);
    expect(links(await harness.list("/v5/execution/list", { orderLinkId: "b1", symbol: "ETHUSDT" }))).toEqual(["b1"]);
    expect(await harness.list("/v5/execution/list", { orderId: "none" })).toEqual([]);
  });

  it("refuses a span of more than seven days and serves at most 100 rows", async () => {
    const startTime = String(Math.floor(harness.world.now()));
    const endTime = String(Number(startTime) + 7 * 86_400_000 + 1);
    expect((await harness.get("/v5/execution/list", { category: "linear", startTime, endTime })).code).toBe(10_001);
    for (let count = 0; count < 11; count += 1) {
      const row = { symbol: "BTCUSDT", side: "Buy", orderType: "Market", qty: "0.001" };
      await harness.post("/v5/order/create-batch", { request: Array.from({ length: 10 }, () => row) });
    }
    await harness.settle();
    const found = await pages("/v5/execution/list", { category: "linear", limit: "500" }, true);
    expect(found.map((rows) => rows.length)).toEqual([100, 10]);
    expect(new Set(found.flat().map((row) => row.execId)).size).toBe(110);
  });
});
