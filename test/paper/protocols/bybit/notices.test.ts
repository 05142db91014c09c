import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Harness, startVenue, type Wire } from "./harness.ts";

const MARKET = "BTC-USD";
let harness: Harness;
beforeEach(async () => {
  harness = await startVenue({ insuranceFund: "1000" });
  harness.venue.trader.order({ market: MARKET, side: "buy", size: "0.4", price: "19990" });
  harness.venue.trader.order({ market: MARKET, side: "sell", size: "5", price: "20010" });
});
afterEach(() => harness.venue.stop());

const liquidate = () =>
  harness.venue.execute({
    type: "liquidate",
    accountId: harness.venue.accountId,
    market: MARKET,
    positionSide: "both",
  });

describe("the topic of all liquidations", () => {
  it("tells those of half a second together, with the side of the position", async () => {
    const socket = await harness.publicSocket("allLiquidation.BTCUSDT", "allLiquidation.ETHUSDT");
    await harness.place({ side: "Buy", orderType: "Market", qty: "0.3" });
    liquidate();
    await harness.world.advance(100);
    await harness.place({ side: "Buy", orderType: "Market", qty: "0.1" });
    liquidate();
    expect(socket.of("allLiquidation.BTCUSDT")).toEqual([]);
    await harness.world.advance(500);
    const [frame, ...others] = socket.of("allLiquidation.BTCUSDT");
    expect(others).toEqual([]);
    expect(frame).toMatchObject({ type: "snapshot", ts: expect.any(Number) });
    expect(frame.data).toEqual([
      { T: expect.any(Number), s: "BTCUSDT", S: "Buy", v: "0.3000", p: "19990" },
      { T: expect.any(Number), s: "BTCUSDT", S: "Buy", v: "0.1000", p: "19990" },
    ]);
    expect(socket.of("allLiquidation.ETHUSDT")).toEqual([]);
  });
});

describe("the topic of the price limits", () => {
  it("has them at first and, as the mark moves, every 300 ms, as REST has them", async () => {
    const socket = await harness.publicSocket("priceLimit.BTCUSDT");
    const { result } = await harness.get("/v5/market/price-limit", { symbol: "BTCUSDT" });
    const { ts: _, ...limits } = result;
    expect(socket.of("priceLimit.BTCUSDT").map(({ data }) => data)).toEqual([limits]);
    harness.venue.execute({ type: "setIndexPrice", market: MARKET, price: 20_500_00000000n });
    await harness.world.advance(310);
    const later = socket.of("priceLimit.BTCUSDT").at(-1);
    expect(Object.keys(later)).toEqual(["topic", "data", "ts"]);
    expect(Number(later.data.buyLmt)).toBeGreaterThan(Number(limits.buyLmt));
  });
});

describe("the insurance fund", () => {
  it("is told every second, one row a market, and over REST", async () => {
    const socket = await harness.publicSocket("adlAlert.USDT");
    await harness.world.advance(2_050);
    const frames = socket.of("adlAlert.USDT");
    expect(frames).toHaveLength(2);
    expect(frames[0].data.map(({ s }: Wire) => s)).toEqual(["BTCUSDT", "ETHUSDT", "SOLUSDT", "DOGEUSDT"]);
    expect(frames[0].data[0]).toEqual({
      ...{ c: "USDT", s: "BTCUSDT", b: 1_000, mb: "", i_pr: -0.3, pr: 0, adl_tt: 10_000, adl_sr: -0.25 },
    });
    const alerts = await harness.list("/v5/market/adlAlert", { symbol: "ETHUSDT" });
    expect(alerts).toMatchObject([{ coin: "USDT", symbol: "ETHUSDT", balance: "1000", maxBalance: "" }]);
    expect(await harness.list("/v5/market/insurance")).toEqual([
      { coin: "USDT", symbols: "BTCUSDT,ETHUSDT,SOLUSDT,DOGEUSDT", balance: "1000", value: "1000" },
    ]);
    expect(await harness.list("/v5/market/insurance", { coin: "ETH" })).toEqual([]);
  });

  it("is worth what it took over, at mark", async () => {
    await harness.place({ side: "Buy", orderType: "Market", qty: "2" });
    liquidate();
    const mark = harness.venue.engine.market(MARKET)!.mark;
    harness.venue.execute({ type: "setIndexPrice", market: MARKET, price: mark - 1_000_00000000n });
    const [{ balance }] = await harness.list("/v5/market/insurance");
    expect(Number(balance)).toBeLessThan(1_000);
  });
});

describe("the book with price improvement", () => {
  it("has 50 levels of three columns, none of which improves a price here", async () => {
    const socket = await harness.publicSocket("orderbook.rpi.BTCUSDT");
    const [first] = socket.of("orderbook.rpi.BTCUSDT");
    expect([first.type, first.data.u, first.data.b]).toEqual(["snapshot", 1, [["19990", "0.4000", "0"]]]);
    harness.venue.trader.order({ market: MARKET, side: "buy", size: "1", price: "19980" });
    await harness.world.advance(150);
    const delta = socket.of("orderbook.rpi.BTCUSDT").at(-1);
    expect([delta.type, delta.data.u, delta.data.b]).toEqual(["delta", 2, [["19980", "1.0000", "0"]]]);
    const { result } = await harness.get("/v5/market/rpi_orderbook", { symbol: "BTCUSDT", limit: "1" });
    expect([result.u, result.b, result.a]).toEqual([2, [["19990", "0.4000", "0"]], [["20010", "5.0000", "0"]]]);
    expect((await harness.get("/v5/market/rpi_orderbook", { symbol: "BTCUSDT" })).code).toBe(10_001);
  });
});
