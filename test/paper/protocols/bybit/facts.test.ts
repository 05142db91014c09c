import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Harness, startVenue, type Wire } from "./harness.ts";

// A Wednesday.
const START_MS = Date.UTC(2026, 8, 30, 10);
let harness: Harness;
beforeEach(async () => {
  harness = await startVenue({}, START_MS);
  harness.venue.trader.order({ market: "BTC-USD", side: "buy", size: "5", price: "20000" });
  harness.venue.trader.order({ market: "BTC-USD", side: "sell", size: "5", price: "20010" });
});
afterEach(() => harness.venue.stop());

const trade = (side: "Buy" | "Sell", qty: string) => harness.place({ side, orderType: "Market", qty });
const index = (price: bigint) =>
  harness.venue.execute({ type: "setIndexPrice", market: "BTC-USD", price: price * 100_000_000n });
const BTC = { symbol: "BTCUSDT" };

describe("closed profit and loss", () => {
  it("is a row an order that closed something, with the fees of both ends", async () => {
    await trade("Buy", "0.4");
    const { result } = await trade("Sell", "0.1");
    await trade("Sell", "0.5");
    const rows = await harness.list("/v5/position/closed-pnl", BTC);
    const shown = rows.map(({ side, closedSize, avgEntryPrice, avgExitPrice, openFee, closeFee, closedPnl }: Wire) => [
      ...[side, closedSize, avgEntryPrice, avgExitPrice],
      ...[openFee, closeFee, closedPnl].map(Number),
    ]);
    expect(shown).toEqual([
      ["Sell", "0.3000", "20010", "20000", 3.30165, 3.3, -9.60165],
      ["Sell", "0.1000", "20010", "20000", 1.10055, 1.1, -3.20055],
    ]);
    expect(rows[1]).toMatchObject({ orderId: result.orderId, qty: "0.1000", fillCount: "1", leverage: "10" });
    expect(await harness.list("/v5/position/closed-pnl", { symbol: "ETHUSDT" })).toEqual([]);
  });
});

describe("candles of prices that are not trades", () => {
  it("are what mark, index and premium were", async () => {
    index(20_100n);
    await harness.world.advance(60_000);
    index(20_300n);
    await harness.world.advance(1_000);
    const kline = async (path: string) =>
      (await harness.get(path, { category: "linear", ...BTC, interval: "1" })).result.list as Wire[];
    const [now, before] = await kline("/v5/market/index-price-kline");
    expect([now[4], before[1], before[4]]).toEqual(["20300", "20000", "20100"]);
    expect(now).toHaveLength(5);
    const [mark] = await kline("/v5/market/mark-price-kline");
    const [premium] = await kline("/v5/market/premium-index-price-kline");
    expect(Number(premium[4])).toBeCloseTo(Number(mark[4]) / 20_300 - 1, 6);
  });

  it("begin on a Monday for a week and with the month for a month", async () => {
    await trade("Buy", "0.4");
    const startOf = async (interval: string) => {
      const { result } = await harness.get("/v5/market/kline", { category: "linear", ...BTC, interval });
      return result.list.map((row: Wire) => Number(row[0]));
    };
    expect(await startOf("W")).toEqual([Date.UTC(2026, 8, 28)]);
    expect(await startOf("M")).toEqual([Date.UTC(2026, 8, 1)]);
    expect((await harness.get("/v5/market/kline", { category: "linear", ...BTC, interval: "Y" })).code).toBe(10_001);
  });
});

describe("open interest", () => {
  it("counts both sides in the ticker, and one side in its history", async () => {
    await trade("Buy", "0.4");
    const [ticker] = await harness.list("/v5/market/tickers", BTC);
    expect(ticker).toMatchObject({ openInterest: "0.8000", singleOpenInterest: "0.4000" });
    const [latest] = await harness.list("/v5/market/open-interest", { ...BTC, intervalTime: "5min" });
    expect(latest).toEqual({ openInterest: "0.4000", timestamp: String(START_MS) });
  });
});

describe("what clients ask for before they trade", () => {
  it("is there: coins, instruments of the account, risk limits, leverages, status", async () => {
    const { rows } = (await harness.get("/v5/asset/coin/query-info")).result;
    expect(rows.map(({ coin }: Wire) => coin)).toEqual(["USDT", "USDC", "MNT", "BTC", "ETH", "SOL", "DOGE"]);
    const instruments = await harness.list("/v5/account/instruments-info", BTC);
    expect(instruments).toMatchObject([{ symbol: "BTCUSDT", isPublicRpi: false }]);
    const [limit] = await harness.list("/v5/market/risk-limit", BTC);
    expect(limit).toMatchObject({ id: 1, maintenanceMargin: "0.03", initialMargin: "0.05", maxLeverage: "20" });
    expect(await harness.list("/v5/position/symbol-info", BTC)).toEqual([
      { symbol: "BTCUSDT", leverage: "10", side: "", positionIdx: 0 },
    ]);
    expect(await harness.list("/v5/system/status")).toEqual([]);
    expect((await harness.get("/v5/account/smp-group")).result).toEqual({ smpGroup: 0 });
    expect(await harness.list("/v5/account/collateral-info", { currency: "USDC" })).toMatchObject([
      { currency: "USDC", collateralSwitch: false },
    ]);
  });

  it("is answered with 404 where it is not, never with success", async () => {
    for (const path of ["/v5/market/account-ratio", "/v5/asset/transfer/query-inter-transfer-list"])
      expect((await harness.get(path)).status).toBe(404);
  });
});

describe("the fast executions", () => {
  it("have no id, and name a client's id on the fills of orders that never rested", async () => {
    const socket = await harness.privateSocket("execution.fast", "execution");
    await harness.place({ side: "Buy", qty: "0.1", price: "20005", orderLinkId: "rests" });
    harness.venue.trader.order({ market: "BTC-USD", side: "sell", size: "0.1", price: "20005" });
    await harness.place({ side: "Buy", orderType: "Market", qty: "0.1", orderLinkId: "takes" });
    const fast = socket.rows("execution.fast").map(({ orderLinkId, isMaker }: Wire) => [orderLinkId, isMaker]);
    expect(fast).toEqual([
      ["", true],
      ["takes", false],
    ]);
    await harness.place({ side: "Buy", qty: "0.1", price: "20002", orderLinkId: "crosses" });
    await harness.post("/v5/order/amend", { symbol: "BTCUSDT", orderLinkId: "crosses", price: "20010" });
    await harness.settle();
    expect(socket.rows("execution.fast").at(-1)).toMatchObject({ orderLinkId: "", isMaker: false });
    expect(socket.rows("execution").at(-1)).toMatchObject({ orderLinkId: "crosses", isMaker: false });
    expect(socket.rows("execution")[0]).toMatchObject({ orderLinkId: "rests", feeCurrency: "USDT", extraFees: "" });
    expect(socket.of("execution.fast").some((frame) => "id" in frame)).toBe(false);
    expect(socket.of("execution").every((frame) => "id" in frame)).toBe(true);
  });
});
