import { describe, expect, it } from "vitest";
import { type Ccxt, ccxtPro } from "../support/ccxt.ts";
import { BTC, orderStatus } from "../support/ccxt-okx.ts";
import { within } from "../support/inbox.ts";
import { openVenue } from "../support/paper-venue.ts";
import { until } from "../support/until.ts";

/** Nothing but its URLs is replaced: no option is set, and all kinds of markets are asked for. */
const open = async (emptyBooks = true) => {
  const venue = await openVenue({ api: "okx", emptyBooks, quiet: !emptyBooks });
  return { venue, exchange: await ccxtPro("okx", venue) };
};

const codeOf = (error: unknown): string | undefined => /"(?:code|sCode)":"(5\d{4})"/.exec(String(error))?.[1];

describe("ccxt with keys and no option", () => {
  it("loads currencies and markets, places, amends, cancels and closes", async () => {
    const { venue, exchange } = await open();
    expect(Object.keys(exchange.markets)).toContain(BTC);
    expect(Object.keys(exchange.currencies)).toContain("USDT");
    const { id } = await exchange.createOrder(BTC, "limit", "buy", 10, 19_000);
    await orderStatus(exchange, id, "open");
    await exchange.editOrder(id, BTC, "limit", "buy", 20, 19_100);
    await until("it is amended", async () => ((await exchange.fetchOrder(id, BTC)).amount === 20 ? true : undefined));
    await exchange.cancelOrder(id, BTC);
    await orderStatus(exchange, id, "canceled");
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "0.5" });
    await exchange.createOrder(BTC, "market", "buy", 50);
    await until("it is held", async () =>
      (await exchange.fetchPositions([BTC]))[0]?.contracts === 50 ? true : undefined,
    );
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "19900", size: "0.5" });
    await exchange.closePosition(BTC);
    await until("it is flat", async () => ((await exchange.fetchPositions()).length === 0 ? true : undefined));
    const [closed] = await exchange.fetchPositionsHistory([BTC]);
    expect(closed).toMatchObject({ symbol: BTC, info: { type: "2", closeTotalPos: "50" } });
  });

  it("reads candles of every size, tiers and fees", async () => {
    const { exchange } = await open(false);
    for (const timeframe of Object.keys(exchange.timeframes)) {
      expect([timeframe, (await exchange.fetchOHLCV(BTC, timeframe)).length > 0]).toEqual([timeframe, true]);
    }
    const tiers = await exchange.fetchMarketLeverageTiers(BTC, { marginMode: "cross" });
    expect(tiers).toMatchObject([{ tier: 1, maxLeverage: exchange.markets[BTC].limits.leverage.max }]);
    expect(await exchange.fetchTradingFee(BTC)).toMatchObject({ maker: 0.0002, taker: 0.0005 });
  });

  it("watches candles, and orders over the socket", async () => {
    const { venue, exchange } = await open();
    const watching = within<Ccxt>(exchange.watchOHLCV(BTC, "1m"), "a candle");
    await until("a candle is told", async () => {
      venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "0.01" });
      await exchange.createOrder(BTC, "limit", "buy", 1, 20_000);
      return true;
    });
    expect((await watching).at(-1)).toHaveLength(6);
    const { id } = await within<Ccxt>(exchange.createOrderWs(BTC, "limit", "buy", 10, 19_000), "the order");
    await orderStatus(exchange, id, "open");
    await within(exchange.editOrderWs(id, BTC, "limit", "buy", 20, 19_000), "the amend");
    await within(exchange.cancelOrderWs(id, BTC), "the cancel");
    await orderStatus(exchange, id, "canceled");
  });

  it("is refused what the venue does not do, by OKX's code", async () => {
    const { exchange } = await open();
    const trigger = exchange.createOrder(BTC, "limit", "buy", 1, 19_000, { triggerPrice: 19_500 });
    expect(codeOf(await trigger.catch((error: unknown) => error))).toBe("50062");
    const attached = exchange.createOrder(BTC, "limit", "buy", 1, 19_000, { stopLoss: { triggerPrice: 18_000 } });
    expect(codeOf(await attached.catch((error: unknown) => error))).toBe("51000");
    expect(await exchange.fetchOpenOrders(BTC)).toEqual([]);
  });
});
