import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Harness, type Params, startVenue } from "./harness.ts";
import { callsOf, codeOf, market, SYMBOL } from "./order-calls.ts";

let harness: Harness;
beforeEach(async () => {
  harness = await startVenue({ startingBalance: "10000", quiet: false });
});
afterEach(() => harness.venue.stop());

const MINUTE_MS = 60_000;
const { call } = callsOf(() => harness);
const get = (path: string, params: Params = {}) => harness.get(`/fapi/v1/${path}`, params);

describe("candles", () => {
  test("of a pair's perpetual are those of its symbol", async () => {
    await harness.world.advance(2 * MINUTE_MS);
    const page = { interval: "1m", limit: 3 };
    const plain = (await get("klines", { ...SYMBOL, ...page })).json;
    const pair = { pair: "BTCUSDT", contractType: "PERPETUAL" };
    expect((await get("continuousKlines", { ...pair, ...page })).json).toEqual(plain);
    expect(codeOf(await get("continuousKlines", { ...pair, contractType: "CURRENT_QUARTER", ...page }))).toBe(
      "400 -1130",
    );
    expect(codeOf(await get("continuousKlines", { pair: "BTCUSDT", ...page }))).toBe("400 -1102");
  });

  test("of mark price, index price and premium hold what was told of them", async () => {
    await harness.world.advance(3 * MINUTE_MS);
    const { markPrice, indexPrice } = (await get("premiumIndex", SYMBOL)).json;
    const [mark, index, premium] = [
      (await get("markPriceKlines", { ...SYMBOL, interval: "1m" })).json,
      (await get("indexPriceKlines", { pair: "BTCUSDT", interval: "1m" })).json,
      (await get("premiumIndexKlines", { ...SYMBOL, interval: "1m" })).json,
    ];
    expect(mark.length).toBeGreaterThanOrEqual(2);
    expect(Number(mark.at(-1)[4])).toBeCloseTo(Number(markPrice), 1);
    expect(Number(index.at(-1)[4])).toBeCloseTo(Number(indexPrice), 1);
    expect(Number(premium.at(-1)[4])).toBeCloseTo(Number(markPrice) / Number(indexPrice) - 1, 5);
    for (const row of [...mark, ...index, ...premium]) {
      const [open, high, low, close] = row.slice(1, 5).map(Number);
      expect(high).toBeGreaterThanOrEqual(Math.max(open, close));
      expect(low).toBeLessThanOrEqual(Math.min(open, close));
    }
    expect((await get("markPriceKlines", { ...SYMBOL, interval: "1h" })).json).toHaveLength(1);
    expect(codeOf(await get("markPriceKlines", { ...SYMBOL, interval: "7m" }))).toBe("400 -1120");
  });

  test("are streamed while they are open, and once as closed", async () => {
    const socket = await harness.connect("/market/ws/btcusdt@kline_1m/btcusdt_perpetual@continuousKline_1m");
    await harness.world.advance(3 * MINUTE_MS);
    for (const kind of ["kline", "continuous_kline"]) {
      const candles = socket.of(kind).map(({ k }) => k);
      const closed = candles.filter(({ x }) => x);
      expect(closed.length).toBeGreaterThanOrEqual(2);
      expect(new Set(closed.map(({ t }) => t)).size).toBe(closed.length);
      const rows = (await get("klines", { ...SYMBOL, interval: "1m" })).json;
      const row = rows.find(([start]: [number]) => start === closed[1].t);
      expect([closed[1].o, closed[1].h, closed[1].l, closed[1].c, closed[1].v, closed[1].n]).toEqual([
        ...row.slice(1, 6),
        row[8],
      ]);
    }
    expect(socket.of("continuous_kline")[0]).toMatchObject({ ps: "BTCUSDT", ct: "PERPETUAL" });
  });
});

describe("trades of the past", () => {
  test("want a key, and are a hundred unless told", async () => {
    await harness.world.advance(MINUTE_MS);
    expect(codeOf(await get("historicalTrades", SYMBOL))).toBe("401 -2014");
    const rows = (await harness.keyed("GET", "/fapi/v1/historicalTrades", SYMBOL)).json;
    expect(rows.length).toBeLessThanOrEqual(100);
    const from = await harness.keyed("GET", "/fapi/v1/historicalTrades", { ...SYMBOL, fromId: rows[0].id, limit: 1 });
    expect(from.json).toEqual([rows[0]]);
  });

  test("in aggregates reach back two days", async () => {
    await harness.world.advance(MINUTE_MS);
    expect((await get("aggTrades", SYMBOL)).json.length).toBeGreaterThan(0);
    harness.world.setClockSkew("venue", 49 * 3_600_000);
    const rows = (await get("aggTrades", SYMBOL)).json;
    const nowMs = harness.world.now() + 49 * 3_600_000;
    for (const { T } of rows) expect(nowMs - T).toBeLessThanOrEqual(48 * 3_600_000);
  });
});

describe("the best quotes of all symbols", () => {
  test("come every five seconds", async () => {
    const socket = await harness.connect("/public/ws/!bookTicker");
    await harness.world.advance(11_000);
    const symbols = new Set(socket.of("bookTicker").map(({ s }) => s));
    expect(socket.of("bookTicker")).toHaveLength(2 * symbols.size);
  });
});

describe("what clients ask of the account", () => {
  test("is the place of each position in the line of auto-deleveraging", async () => {
    expect((await call("GET", "/v1/adlQuantile")).json).toEqual([]);
    await call("POST", "/v1/order", market());
    const rows = (await call("GET", "/v1/adlQuantile")).json;
    expect(rows).toMatchObject([{ symbol: "BTCUSDT", adlQuantile: { LONG: 0, SHORT: 0 } }]);
    expect(rows[0].adlQuantile.BOTH).toBeGreaterThanOrEqual(1);
  });

  test("is the margin that was moved, with its direction", async () => {
    await call("POST", "/v1/marginType", { ...SYMBOL, marginType: "ISOLATED" });
    await call("POST", "/v1/order", market());
    await call("POST", "/v1/positionMargin", { ...SYMBOL, amount: "5", type: 1 });
    await call("POST", "/v1/positionMargin", { ...SYMBOL, amount: "2", type: 2 });
    const rows = (await call("GET", "/v1/positionMargin/history", SYMBOL)).json;
    expect(rows).toMatchObject([
      { ...SYMBOL, type: 1, amount: "5.00000000", asset: "USDT", deltaType: "USER_ADJUST", positionSide: "BOTH" },
      { type: 2, amount: "-2.00000000" },
    ]);
    const added = await call("GET", "/v1/positionMargin/history", { ...SYMBOL, type: 1 });
    expect(added.json).toHaveLength(1);
  });

  test("are modes that it can be in, and a refusal of those that it cannot", async () => {
    expect(codeOf(await call("POST", "/v1/multiAssetsMargin", { multiAssetsMargin: true }))).toBe("400 -4169");
    expect(codeOf(await call("POST", "/v1/multiAssetsMargin", { multiAssetsMargin: false }))).toBe("400 -4171");
    expect((await call("GET", "/v1/feeBurn")).json).toEqual({ feeBurn: false });
    expect((await call("POST", "/v1/feeBurn", { feeBurn: false })).json).toEqual({ code: 200, msg: "success" });
    expect(codeOf(await call("POST", "/v1/feeBurn", { feeBurn: true }))).toBe("400 -1130");
    expect((await call("GET", "/v1/apiTradingStatus")).json).toMatchObject({ indicators: {} });
  });

  test.each([
    ["POST", "/fapi/v1/algoOrder"],
    ["GET", "/fapi/v1/algoOrder"],
    ["GET", "/fapi/v1/constituents"],
    ["GET", "/futures/data/openInterestHist"],
    ["GET", "/sapi/v1/asset/assetDetail"],
  ])("is never a success where it is not served: %s %s", async (method, path) => {
    const reply = await harness.call(method, path, SYMBOL);
    expect(reply).toMatchObject({ status: 404, json: { code: -5000 } });
  });
});
