import { describe, expect, it } from "vitest";
import type { Ccxt } from "../support/ccxt.ts";
import { BTC, plainCcxtGate } from "../support/ccxt-gate.ts";
import { within } from "../support/inbox.ts";
import { openVenue } from "../support/paper-venue.ts";
import { until } from "../support/until.ts";

/** Nothing but its URLs is replaced: no option is set, and all kinds of markets are asked for. */
const start = async (emptyBooks = true) => {
  const venue = await openVenue({ api: "gate_io", emptyBooks, quiet: !emptyBooks });
  return { venue, exchange: await plainCcxtGate(venue) };
};

describe("ccxt with keys and no option", () => {
  it("loads currencies and markets, places, amends, cancels and closes", async () => {
    const { venue, exchange } = await start();
    expect(Object.keys(exchange.markets)).toContain(BTC);
    expect(Object.keys(exchange.currencies)).toContain("USDT");
    const { id } = await exchange.createOrder(BTC, "limit", "buy", 10, 19_000);
    expect((await exchange.editOrder(id, BTC, "limit", "buy", 20, 19_100)).amount).toBe(20);
    expect((await exchange.cancelOrder(id, BTC)).status).toBe("canceled");
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "0.5" });
    await exchange.createOrder(BTC, "market", "buy", 500);
    expect((await exchange.fetchPositions([BTC]))[0]?.contracts).toBe(500);
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "19900", size: "0.5" });
    await exchange.closePosition(BTC);
    expect(venue.truth().positions.filter(({ size }) => size !== "0")).toEqual([]);
    expect(await exchange.fetchPositionsHistory([BTC])).toMatchObject([{ symbol: BTC, side: "long" }]);
  });

  it("reads candles of every size that there is here, tiers and fees", async () => {
    const { exchange } = await start(false);
    for (const timeframe of Object.keys(exchange.timeframes)) {
      if (timeframe === "10s" || timeframe === "2h" || timeframe === "6h" || timeframe === "12h") continue;
      expect([timeframe, (await exchange.fetchOHLCV(BTC, timeframe)).length > 0]).toEqual([timeframe, true]);
    }
    const tiers = await exchange.fetchMarketLeverageTiers(BTC);
    expect(tiers.at(-1).maxLeverage).toBe(exchange.markets[BTC].limits.leverage.max);
    expect(await exchange.fetchTradingFee(BTC)).toMatchObject({ maker: 0.0002, taker: 0.0005 });
  });

  it("watches candles, and orders over the socket", async () => {
    const { venue, exchange } = await start();
    let candles: Ccxt;
    const watching = within<Ccxt>(exchange.watchOHLCV(BTC, "1m"), "a candle").then((told) => {
      candles = told;
    });
    // Candles are told when something is traded, and nothing tells when the venue has heard of the subscription.
    await until("a candle is told", async () => {
      venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "0.01" });
      await exchange.createOrder(BTC, "limit", "buy", 10, 20_000);
      return candles === undefined ? undefined : true;
    });
    await watching;
    expect(candles.at(-1)).toHaveLength(6);
    const { id } = await within<Ccxt>(exchange.createOrderWs(BTC, "limit", "buy", 10, 19_000), "the order");
    await within(exchange.editOrderWs(id, BTC, "limit", "buy", 20, 19_000), "the amend");
    expect((await within<Ccxt>(exchange.cancelOrderWs(id, BTC), "the cancel")).status).toBe("canceled");
  });

  it("is refused what the venue does not do, by Gate's label", async () => {
    const { exchange } = await start();
    const iceberg = exchange.createOrder(BTC, "limit", "buy", 10, 19_000, { iceberg: 5 });
    await expect(iceberg).rejects.toThrow(/INVALID_PARAM_VALUE/);
    expect(await exchange.fetchOpenOrders(BTC)).toEqual([]);
  });
});
