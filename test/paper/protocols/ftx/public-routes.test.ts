import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Harness, startVenue } from "../../ftx-harness.ts";

const MARKET_KEYS =
  "name enabled postOnly priceIncrement sizeIncrement minProvideSize last bid ask price type futureType baseCurrency isEtfMarket quoteCurrency underlying restricted highLeverageFeeExempt largeOrderThreshold change1h change24h changeBod quoteVolume24h volumeUsd24h priceHigh24h priceLow24h";
const FUTURE_KEYS =
  "name underlying description type expiry perpetual expired enabled postOnly priceIncrement sizeIncrement last bid ask index mark imfFactor lowerBound upperBound underlyingDescription expiryDescription moveStart marginPrice positionLimitWeight group change1h change24h changeBod volumeUsd24h volume openInterest openInterestUsd";

let harness: Harness;
beforeAll(async () => {
  harness = await startVenue({ fundingIntervalMs: 60_000 });
  await harness.world.advance(190_000);
});
afterAll(() => harness.venue.stop());

const get = (path: string) => harness.call("GET", path, { unsigned: true });
const keys = (value: object) => Object.keys(value).sort();
const sorted = (text: string) => text.split(" ").sort();

describe("public endpoints", () => {
  test("answer pings with true, with and without a slash", async () => {
    expect(await get("")).toMatchObject({ status: 200, success: true, result: true });
    expect(await get("/")).toMatchObject({ status: 200, success: true, result: true });
  });

  test("tell the time", async () => {
    const { result } = await get("/time");
    expect(result).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/);
    expect(Math.abs(Date.parse(result) - harness.world.now())).toBeLessThan(10);
  });

  test("list markets, perpetuals as futures with their underlying", async () => {
    const { result, text } = await get("/markets");
    for (const market of result) expect(keys(market)).toEqual(sorted(MARKET_KEYS));
    expect(result[0]).toMatchObject({
      name: "BTC-PERP",
      type: "future",
      futureType: "perpetual",
      underlying: "BTC",
      baseCurrency: null,
      quoteCurrency: null,
      enabled: true,
    });
    expect(text).toContain('"priceIncrement":1.0,"sizeIncrement":0.0001,"minProvideSize":0.001,');
  });

  test("show one market as an object, not in a list", async () => {
    expect((await get("/markets/ETH-PERP")).result).toMatchObject({ name: "ETH-PERP", underlying: "ETH" });
  });

  test("show the book, best first, to the depth asked for", async () => {
    const { result, text } = await get("/markets/BTC-PERP/orderbook?depth=5");
    expect(keys(result)).toEqual(["asks", "bids"]);
    expect([result.bids.length, result.asks.length]).toEqual([5, 5]);
    expect(result.bids.map(([price]: number[]) => price)).toEqual(
      result.bids.map(([price]: number[]) => price).sort((left: number, right: number) => right - left),
    );
    expect(result.bids[0][0]).toBeLessThan(result.asks[0][0]);
    expect(text).toMatch(/"bids":\[\[\d+\.0,\d+\.\d+\]/);
    expect((await get("/markets/BTC-PERP/orderbook")).result.bids).toHaveLength(20);
    expect((await get("/markets/BTC-PERP/orderbook?depth=1000")).result.bids).toHaveLength(100);
    expect(await get("/markets/BTC-PERP/orderbook?depth=0")).toMatchObject({
      status: 400,
      error: "Invalid parameter depth",
    });
  });

  test("ignore parameters that they do not know", async () => {
    expect(
      (await get("/markets/BTC-PERP/orderbook?market_name=BTC-PERP&depth=undefined&x=1")).result.bids,
    ).toHaveLength(20);
  });

  test("list trades, newest first, and page by time without a gap", async () => {
    const { result } = await get("/markets/BTC-PERP/trades");
    expect(keys(result[0])).toEqual(sorted("id price size side liquidation time"));
    expect(result).toHaveLength(100);
    const ids = result.map(({ id }: { id: number }) => id);
    expect(ids).toEqual([...ids].sort((left, right) => right - left));
    const all = await get("/markets/BTC-PERP/trades?start_time=0&end_time=99999999999");
    const pages: number[] = [];
    for (let end = 99_999_999_999; ; ) {
      const page = (await get(`/markets/BTC-PERP/trades?start_time=0&end_time=${end}&limit=50`)).result;
      const fresh = page.filter(({ id }: { id: number }) => !pages.includes(id));
      pages.push(...fresh.map(({ id }: { id: number }) => id));
      if (page.length < 50 || fresh.length === 0) break;
      end = Date.parse(page.at(-1).time) / 1_000 + Number(`0.000${page.at(-1).time.slice(23, 26)}`);
    }
    expect(pages).toEqual(all.result.map(({ id }: { id: number }) => id));
  });

  test("list candles of trades, oldest first, without holes", async () => {
    const { result, text } = await get("/markets/BTC-PERP/candles?resolution=15&start_time=1704067200");
    expect(keys(result[0])).toEqual(sorted("startTime time open high low close volume"));
    const times = result.map(({ time }: { time: number }) => time);
    expect(times.slice(1).every((time: number, index: number) => time - times[index] === 15_000)).toBe(true);
    expect(text).toMatch(/"startTime":"2024-01-01T00:00:00\+00:00","time":1704067200000\.0,/);
    for (const { open, high, low, close } of result) {
      expect(high).toBeGreaterThanOrEqual(Math.max(open, close));
      expect(low).toBeLessThanOrEqual(Math.min(open, close));
    }
    const minutes = (await get("/markets/BTC-PERP/candles?resolution=60&start_time=1704067200")).result;
    expect(minutes[0].volume).toBeCloseTo(
      result.slice(0, 4).reduce((sum: number, { volume }: { volume: number }) => sum + volume, 0),
      6,
    );
    expect(minutes[0].close).toBe(result[3].close);
    expect((await get("/markets/BTC-PERP/candles?resolution=15&limit=3")).result).toEqual(result.slice(-3));
    expect(await get("/markets/BTC-PERP/candles?resolution=16")).toMatchObject({
      status: 400,
      error: "Invalid parameter resolution",
    });
    expect(await get("/markets/BTC-PERP/candles")).toMatchObject({
      status: 400,
      error: "Missing parameter resolution",
    });
  });

  test("list futures as perpetuals with mark and index", async () => {
    const { result } = await get("/futures");
    for (const future of result) {
      expect(keys(future)).toEqual(sorted(FUTURE_KEYS));
      expect(future).toMatchObject({ perpetual: true, type: "perpetual", expiry: null });
    }
    const { result: one } = await get("/futures/BTC-PERP");
    expect(one.lowerBound).toBeLessThan(one.mark);
    expect(Math.abs(one.mark / one.index - 1)).toBeLessThan(0.01);
  });

  test("tell the next funding", async () => {
    const { result } = await get("/futures/BTC-PERP/stats");
    expect(keys(result)).toEqual(sorted("volume nextFundingRate nextFundingTime openInterest"));
    expect(result.nextFundingTime).toBe("2024-01-01T00:04:00+00:00");
  });

  test("list settled funding rates, newest first", async () => {
    const { result } = await get("/funding_rates?future=BTC-PERP");
    expect(keys(result[0])).toEqual(["future", "rate", "time"]);
    expect(result.map(({ time }: { time: string }) => time)).toEqual([
      "2024-01-01T00:03:00+00:00",
      "2024-01-01T00:02:00+00:00",
      "2024-01-01T00:01:00+00:00",
    ]);
    const all = (await get("/funding_rates")).result;
    expect(new Set(all.map(({ future }: { future: string }) => future))).toEqual(
      new Set(["BTC-PERP", "ETH-PERP", "SOL-PERP", "DOGE-PERP"]),
    );
    const from = Date.parse("2024-01-01T00:02:00Z") / 1_000;
    expect((await get(`/funding_rates?future=BTC-PERP&start_time=${from}&end_time=${from}`)).result).toHaveLength(1);
  });

  test("list coins", async () => {
    const { result } = await get("/coins");
    expect(result[0]).toEqual({ id: "USD", name: "USD" });
    expect((await get("/wallet/coins")).result[0]).toMatchObject({ id: "USD", collateral: true, fiat: true });
  });

  test("take a signature that they do not need, even a wrong one", async () => {
    expect((await harness.call("GET", "/markets/BTC-PERP", { signature: "00" })).status).toBe(200);
  });
});

describe("what does not exist", () => {
  test.each([
    ["/markets/BTC-PERPX", "No such market: BTC-PERPX"],
    ["/markets/BTC/USD", "No such market: BTC/USD"],
    ["/markets/BTC%2FUSD/orderbook", "No such market: BTC/USD"],
    ["/markets/BTC/USD/trades", "No such market: BTC/USD"],
    ["/futures/NO-PERP", "No such future: NO-PERP"],
    ["/futures/NO-PERP/stats", "No such future: NO-PERP"],
    ["/funding_rates?future=NO-PERP", "No such future: NO-PERP"],
    ["/nothing", "Not Found"],
    ["/markets/%zz", "Not Found"],
  ])("%s is a 404 in the envelope", async (path, error) => {
    expect(await get(path)).toMatchObject({ status: 404, success: false, error });
  });
});
