import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseAmount } from "../../../../src/paper/index.ts";
import { contractValue } from "../../../../src/paper/protocols/okx/instruments.ts";
import { BTC, type Harness, startVenue } from "./harness.ts";

const START_MS = Date.UTC(2026, 0, 5, 10);
let harness: Harness;
beforeEach(async () => {
  harness = await startVenue({ fundingIntervalMs: 60_000 }, START_MS);
});
afterEach(() => harness.venue.stop());

const list = (path: string, query: Record<string, string> = {}) => harness.list(path, query, { unsigned: true });

describe("instruments", () => {
  it("are linear swaps whose steps are the engine's, in contracts", async () => {
    const rows = await list("/public/instruments", { instType: "SWAP" });
    expect(rows.map(({ instId, ctVal, lotSz, minSz, tickSz }) => [instId, ctVal, lotSz, minSz, tickSz])).toEqual([
      ["BTC-USDT-SWAP", "0.01", "0.01", "0.1", "1"],
      ["ETH-USDT-SWAP", "0.1", "0.01", "0.01", "0.1"],
      ["SOL-USDT-SWAP", "1", "0.01", "0.01", "0.0025"],
      ["DOGE-USDT-SWAP", "1000", "0.001", "0.001", "0.0000005"],
    ]);
    expect(rows[0]).toMatchObject({
      instType: "SWAP",
      instFamily: "BTC-USDT",
      uly: "BTC-USDT",
      settleCcy: "USDT",
      ctType: "linear",
      ctMult: "1",
      ctValCcy: "BTC",
      state: "live",
      lever: "20",
      maxLmtSz: "100000",
    });
  });

  it("are filtered by id and family; other products have none, and the type is wanted", async () => {
    expect(await list("/public/instruments", { instType: "SWAP", instId: BTC })).toHaveLength(1);
    expect(await list("/public/instruments", { instType: "SWAP", instFamily: "ETH-USDT" })).toHaveLength(1);
    expect(await list("/public/instruments", { instType: "SPOT" })).toEqual([]);
    expect(await harness.get("/public/instruments")).toMatchObject({ status: 400, code: "50014" });
    expect((await harness.get("/public/instruments", { instType: "COIN" })).code).toBe("51000");
    expect((await harness.get("/public/instruments", { instType: "SWAP", instId: "X-USDT-SWAP" })).code).toBe("51001");
  });

  it.each([
    ["BTC", "0.001", "0.01"],
    ["BTC", "0.00000001", "0.01"],
    ["DOGE", "0.000001", "0.000001"],
    ["XYZ", "0.5", "0.5"],
  ])("of %s with a step of %s have contracts of %s", (base, lot, expected) => {
    expect(contractValue({ base, lot: parseAmount(lot) })).toBe(parseAmount(expected));
  });
});

describe("market data", () => {
  it("agrees between ticker, trades, book and marks", async () => {
    harness.quote("sell", "20000", "0.3");
    await harness.place({ sz: "30", ordType: "market" });
    harness.quote("buy", "19990", "1");
    harness.quote("sell", "20010", "2");
    const [ticker] = await list("/market/ticker", { instId: BTC });
    expect(ticker).toMatchObject({
      instId: BTC,
      last: "20000",
      lastSz: "30",
      bidPx: "19990",
      bidSz: "100",
      askPx: "20010",
      askSz: "200",
      vol24h: "30",
      volCcy24h: "0.3",
    });
    const tickers = await list("/market/tickers", { instType: "SWAP" });
    expect(tickers.map(({ instId }) => instId)).toHaveLength(4);
    expect({ ...tickers[0], ts: "" }).toEqual({ ...ticker, ts: "" });
    expect(await list("/market/trades", { instId: BTC })).toMatchObject([
      { px: "20000", sz: "30", side: "buy", tradeId: expect.stringMatching(/^\d+$/) },
    ]);
    const [book] = await list("/market/books", { instId: BTC, sz: "400" });
    expect([book.bids, book.asks]).toEqual([[["19990", "100", "0", "1"]], [["20010", "200", "0", "1"]]]);
    expect(await list("/public/mark-price", { instType: "SWAP", instId: BTC })).toMatchObject([{ markPx: "20000" }]);
    expect(await list("/market/index-tickers", { instId: "BTC-USDT" })).toMatchObject([{ idxPx: "20000" }]);
    expect(await list("/public/open-interest", { instType: "SWAP", instId: BTC })).toMatchObject([
      { oi: "30", oiCcy: "0.3", oiUsd: "6000" },
    ]);
    expect(await list("/public/price-limit", { instId: BTC })).toMatchObject([{ buyLmt: "26000", sellLmt: "14000" }]);
    const [candle] = (await harness.get("/market/candles", { instId: BTC, bar: "1m" })).data;
    expect(candle.slice(1)).toEqual(["20000", "20000", "20000", "20000", "30", "0.3", "6000", "0"]);
  });

  it("shows one level of the book unless told, and 400 at most", async () => {
    for (const price of ["19990", "19980"]) harness.quote("buy", price);
    expect((await list("/market/books", { instId: BTC }))[0].bids).toHaveLength(1);
    expect((await list("/market/books", { instId: BTC, sz: "2" }))[0].bids).toHaveLength(2);
    expect((await harness.get("/market/books", { instId: BTC, sz: "401" })).code).toBe("51000");
  });

  it("tells the rate to come, its time, and what was settled", async () => {
    await harness.world.advance(125_000);
    const [rate] = await list("/public/funding-rate", { instId: BTC });
    const fundingTime = harness.venue.engine.market("BTC-USD")!.nextFundingMs;
    expect(rate).toMatchObject({
      instId: BTC,
      method: "current_period",
      nextFundingRate: "",
      fundingTime: String(fundingTime),
      nextFundingTime: String(fundingTime + 60_000),
    });
    expect(await list("/public/funding-rate", { instId: "ANY" })).toHaveLength(4);
    const history = await list("/public/funding-rate-history", { instId: BTC });
    expect(history.map((row) => Number(row.fundingTime))).toEqual([fundingTime - 60_000, fundingTime - 120_000]);
    const older = { instId: BTC, after: history[0].fundingTime };
    expect(await list("/public/funding-rate-history", older)).toEqual([history[1]]);
    expect(await list("/public/funding-rate-history", { instId: BTC, before: history[1].fundingTime })).toEqual([
      history[0],
    ]);
  });
});
