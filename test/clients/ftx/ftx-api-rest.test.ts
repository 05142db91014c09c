import { describe, expect, it } from "vitest";
import { BTC_BUY, bought, ftxApiRest, orderStatus, refusalOf, refused, rested, type Wire } from "../support/ftx-api.ts";
import { accountOf, amount, bookOf, openVenue } from "../support/paper-venue.ts";
import { until } from "../support/until.ts";

describe("ftx-api reads the market", () => {
  it("lists the markets and futures that the engine has", async () => {
    const venue = await openVenue({ emptyBooks: false, quiet: true });
    const rest = ftxApiRest(venue);

    const { result: markets } = await rest.getMarkets();
    const { result: futures } = await rest.listAllFutures();

    expect(markets.map(({ name }: Wire) => name)).toEqual(["BTC-PERP", "ETH-PERP", "SOL-PERP", "DOGE-PERP"]);
    const btc = venue.engine.market("BTC-USD")!;
    expect(markets[0]).toMatchObject({
      type: "future",
      underlying: "BTC",
      enabled: true,
      priceIncrement: 1,
      sizeIncrement: 0.0001,
      minProvideSize: 0.001,
      bid: amount(btc.bestBid!),
      ask: amount(btc.bestAsk!),
    });
    expect(futures[0]).toMatchObject({
      name: "BTC-PERP",
      perpetual: true,
      mark: amount(btc.mark),
      index: amount(btc.index),
    });
    expect((await rest.getMarket("DOGE-PERP")).result).toEqual(markets[3]);
    expect((await rest.getFuture("BTC-PERP")).result).toEqual(futures[0]);
  });

  it("gets the order book level by level as the engine has it", async () => {
    const venue = await openVenue({ emptyBooks: false, quiet: true });
    const rest = ftxApiRest(venue);
    for (const market of ["BTC", "ETH", "SOL", "DOGE"]) {
      const { result } = await rest.getOrderbook({ marketName: `${market}-PERP`, depth: 100 });
      expect(result).toEqual(bookOf(venue, `${market}-USD`));
    }
    const { result } = await rest.getOrderbook({ marketName: "BTC-PERP" });
    expect(result).toEqual(bookOf(venue, "BTC-USD", 20));
  });

  it("gets trades, newest first, and the candle that sums them up", async () => {
    const venue = await openVenue();
    const rest = ftxApiRest(venue);
    for (const [price, size] of [
      ["20000", "0.1"],
      ["20100", "0.2"],
      ["19950", "0.3"],
    ] as const) {
      venue.trader.order({ market: "BTC-USD", side: "sell", price, size });
      await rest.placeOrder({ ...BTC_BUY, price: Number(price), size: Number(size) });
      await until("the trade", () =>
        venue.engine.trades("BTC-USD").find((trade) => amount(trade.price) === Number(price)),
      );
    }

    const { result: trades } = await rest.getTrades({ market_name: "BTC-PERP" });
    const { result: candles } = await rest.getHistoricalPrices({ market_name: "BTC-PERP", resolution: 86_400 });

    expect(trades.map(({ price, size, side }: Wire) => [price, size, side])).toEqual([
      [19_950, 0.3, "buy"],
      [20_100, 0.2, "buy"],
      [20_000, 0.1, "buy"],
    ]);
    const volume = candles.reduce((sum: number, candle: Wire) => sum + candle.volume, 0);
    expect(volume).toBeCloseTo(20_000 * 0.1 + 20_100 * 0.2 + 19_950 * 0.3, 6);
    expect(candles.at(-1).close).toBe(19_950);
  });

  it("is told which market, future or resolution is wrong", async () => {
    const rest = ftxApiRest(await openVenue());
    expect(await refusalOf(rest.getMarket("BTC-PERPX"))).toMatchObject(refused(404, "No such market: BTC-PERPX"));
    expect(await refusalOf(rest.getFuture("BTC-0329"))).toMatchObject(refused(404, "No such future: BTC-0329"));
    expect(await refusalOf(rest.getHistoricalPrices({ market_name: "BTC-PERP", resolution: 61 }))).toMatchObject(
      refused(400, "Invalid parameter resolution"),
    );
  });
});

describe("ftx-api trades", () => {
  it("finds its order by both ids, before and after exactly a part of it is filled", async () => {
    const venue = await openVenue();
    const rest = ftxApiRest(venue);
    const { result: accepted } = await rest.placeOrder({ ...BTC_BUY, clientId: "half-1", postOnly: true });
    expect(accepted).toMatchObject({ status: "new", filledSize: 0, remainingSize: 0.5, clientId: "half-1" });
    await orderStatus(rest, accepted.id, "open");

    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "0.2", timeInForce: "IOC" });

    const { result: byId } = await rest.getOrderStatus(String(accepted.id));
    const { result: byClientId } = await rest.getOrderStatusByClientId("half-1");
    expect(byId).toMatchObject({ status: "open", filledSize: 0.2, remainingSize: 0.3, avgFillPrice: 20_000 });
    expect(byClientId).toEqual(byId);
    expect((await rest.getOpenOrders("BTC-PERP")).result).toEqual([byId]);
    expect((await rest.getOpenOrders("ETH-PERP")).result).toEqual([]);
    expect((await rest.getFills({ market: "BTC-PERP" })).result).toMatchObject([
      { orderId: accepted.id, price: 20_000, size: 0.2, liquidity: "maker", feeRate: 0.0002, fee: 0.8, side: "buy" },
    ]);
  });

  it("cancels by either id, and a cancelled order is closed with nothing remaining", async () => {
    const rest = ftxApiRest(await openVenue());
    const first = await rested(rest, BTC_BUY);
    await rested(rest, { ...BTC_BUY, clientId: "bye" });

    await rest.cancelOrder(String(first.id));
    await rest.cancelOrderByClientId("bye");

    const closed = await orderStatus(rest, first.id, "closed");
    expect(closed).toMatchObject({ filledSize: 0, remainingSize: 0, size: 0.5 });
    await until("no open order", async () => ((await rest.getOpenOrders()).result.length === 0 ? true : undefined));
    expect(await refusalOf(rest.cancelOrder(String(first.id)))).toMatchObject(refused(400, "Order already closed"));
    expect(await refusalOf(rest.cancelOrder("123"))).toMatchObject(refused(404, "Order not found"));
    expect(await refusalOf(rest.getOrderStatusByClientId("nobody"))).toMatchObject(refused(404, "Order not found"));
  });

  it("cancels one market's orders, and then all, with and without a body", async () => {
    const rest = ftxApiRest(await openVenue());
    const btc = await rested(rest, BTC_BUY);
    const eth = await rested(rest, { ...BTC_BUY, market: "ETH-PERP", price: 1_400 });
    const sol = await rested(rest, { ...BTC_BUY, market: "SOL-PERP", price: 30 });

    await rest.cancelAllOrders({ market: "BTC-PERP" });
    await orderStatus(rest, btc.id, "closed");
    expect((await rest.getOpenOrders()).result.map(({ id }: Wire) => id)).toEqual([sol.id, eth.id]);

    await rest.cancelAllOrders();
    await orderStatus(rest, eth.id, "closed");
    await orderStatus(rest, sol.id, "closed");
    expect((await rest.getOpenOrders()).result).toEqual([]);
  });

  it("modifies an order into a new one, by either id", async () => {
    const rest = ftxApiRest(await openVenue());
    const first = await rested(rest, { ...BTC_BUY, clientId: "first" });

    const { result: second } = await rest.modifyOrder({ orderId: String(first.id), price: 19_900, clientId: "second" });
    expect(second).toMatchObject({ price: 19_900, size: 0.5, clientId: "second" });
    expect(second.id).not.toBe(first.id);
    await orderStatus(rest, second.id, "open");
    await orderStatus(rest, first.id, "closed");

    const { result: third } = await rest.modifyOrderByClientId("second", { size: 0.4 });
    expect(await orderStatus(rest, third.id, "open")).toMatchObject({ price: 19_900, size: 0.4, clientId: null });
    expect((await rest.getOpenOrders()).result.map(({ id }: Wire) => id)).toEqual([third.id]);
  });

  it("sees a post-only order that crosses closed without a fill", async () => {
    const venue = await openVenue();
    const rest = ftxApiRest(venue);
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "1" });

    const { result } = await rest.placeOrder({ ...BTC_BUY, postOnly: true });

    expect(await orderStatus(rest, result.id, "closed")).toMatchObject({
      filledSize: 0,
      remainingSize: 0,
      postOnly: true,
    });
    expect((await rest.getFills({})).result).toEqual([]);
  });

  it("gets what is there with an IOC or a market order, and the rest is cancelled", async () => {
    const venue = await openVenue();
    const rest = ftxApiRest(venue);
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "0.3" });
    const { result: ioc } = await rest.placeOrder({ ...BTC_BUY, ioc: true });
    expect(await orderStatus(rest, ioc.id, "closed")).toMatchObject({ filledSize: 0.3, remainingSize: 0, ioc: true });

    venue.trader.order({ market: "BTC-USD", side: "buy", price: "19999", size: "0.1" });
    const sale = { market: "BTC-PERP", side: "sell", type: "market", price: null, size: 0.2 } as const;
    const { result: market } = await rest.placeOrder(sale);
    expect(await orderStatus(rest, market.id, "closed")).toMatchObject({
      filledSize: 0.1,
      avgFillPrice: 19_999,
      price: null,
    });
  });

  it("is refused a reduce-only order that would open a position, and never trades more than it has", async () => {
    const venue = await openVenue();
    const rest = ftxApiRest(venue);
    const sale = { ...BTC_BUY, side: "sell", reduceOnly: true, ioc: true } as const;
    expect(await refusalOf(rest.placeOrder(sale))).toMatchObject(refused(400, "Invalid reduce-only order"));

    await bought(venue, rest, 0.2);
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "20000", size: "1" });
    const { result } = await rest.placeOrder(sale);

    expect(await orderStatus(rest, result.id, "closed")).toMatchObject({ filledSize: 0.2, reduceOnly: true });
    expect(accountOf(venue).positions).toMatchObject([{ market: "BTC-USD", size: 0n }]);
  });

  it("is told in FTX's words why an order is refused", async () => {
    const rest = ftxApiRest(await openVenue());
    await rested(rest, { ...BTC_BUY, size: 0.01, clientId: "once" });
    const words: readonly (readonly [order: object, error: string])[] = [
      [{ size: 51 }, "Account does not have enough margin for order"],
      [{ size: 0.00001 }, "Size too small"],
      [{ size: 0.0005 }, "Size too small for provide"],
      [{ size: 2_000 }, "Size too large"],
      [{ price: 20_000.5 }, "Invalid price"],
      [{ price: undefined }, "Missing parameter price"],
      [{ size: 0.01, clientId: "once" }, "Duplicate client order ID"],
    ];
    for (const [change, error] of words) {
      expect(await refusalOf(rest.placeOrder({ ...BTC_BUY, ...change } as Wire))).toMatchObject(refused(400, error));
    }
    expect(await refusalOf(rest.placeOrder({ ...BTC_BUY, market: "XRP-PERP" }))).toMatchObject(
      refused(404, "No such market: XRP-PERP"),
    );
  });

  it("pages through its order history without a gap or a repetition", async () => {
    const rest = ftxApiRest(await openVenue());
    for (let index = 0; index < 12; index++)
      await rest.placeOrder({ ...BTC_BUY, size: 0.01, clientId: `page-${index}` });

    const seen: string[] = [];
    let endTime: number | undefined;
    for (let hasMoreData = true; hasMoreData; ) {
      const page: Wire = await rest.getOrderHistory({
        market: "BTC-PERP",
        limit: 5,
        ...(endTime === undefined ? {} : { start_time: 0, end_time: endTime }),
      } as Wire);
      seen.push(...page.result.map(({ clientId }: Wire) => clientId));
      hasMoreData = page.hasMoreData;
      endTime = microseconds(page.result.at(-1).createdAt) / 1e6;
    }

    expect([...new Set(seen)]).toEqual(Array.from({ length: 12 }, (_, index) => `page-${11 - index}`));
  });

  it("gets fills in either order, and those of one order alone", async () => {
    const venue = await openVenue();
    const rest = ftxApiRest(venue);
    for (const size of [0.1, 0.2, 0.3]) await bought(venue, rest, size);
    const sizes = async (request: Wire) => (await rest.getFills(request)).result.map(({ size }: Wire) => size);

    expect(await sizes({})).toEqual([0.3, 0.2, 0.1]);
    expect(await sizes({ order: "asc", market: "BTC-PERP" })).toEqual([0.1, 0.2, 0.3]);
    const [, second] = (await rest.getFills({})).result;
    expect(await sizes({ orderId: second.orderId })).toEqual([0.2]);
    expect((await rest.getFills({})).result.map(({ id, tradeId, fee }: Wire) => [id, tradeId, String(fee)])).toEqual(
      venue
        .truth()
        .fills.map(({ fillId, tradeId, fee }) => [fillId, tradeId, fee])
        .reverse(),
    );
  });

  it("places, lists and cancels trigger orders, and the one whose price comes is sent", async () => {
    const venue = await openVenue();
    const rest = ftxApiRest(venue);
    await bought(venue, rest, 0.2);
    const stop = { market: "BTC-PERP", side: "sell", type: "stop", size: 0.2, reduceOnly: true } as const;
    const { result: far } = await rest.placeTriggerOrder({ ...stop, triggerPrice: 15_000 } as Wire);
    await rest.placeTriggerOrder({ ...stop, triggerPrice: 19_000 } as Wire);
    expect((await rest.getOpenTriggerOrders({ market: "BTC-PERP" })).result).toHaveLength(2);

    await rest.cancelOpenTriggerOrder(far.id);
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "18990", size: "1" });
    venue.execute({ type: "placeOrder", ...RIVAL_SALE });

    await until("the position is closed", () => (accountOf(venue).positions[0]?.size === 0n ? true : undefined));
    expect((await rest.getOpenTriggerOrders({ market: "BTC-PERP" })).result).toEqual([]);
    expect((await rest.getFills({})).result[0]).toMatchObject({ side: "sell", size: 0.2, price: 18_990 });
  });
});

/** Trades at 18,990, which triggers a stop at 19,000. */
const RIVAL_SALE = {
  accountId: "rival@example.com",
  market: "BTC-USD",
  side: "sell",
  orderType: "market",
  price: null,
  size: 1_000_000n,
  timeInForce: "IOC",
  postOnly: false,
  reduceOnly: false,
  clientId: null,
} as const;

function microseconds(isoText: string): number {
  const [, seconds = "", fraction = "0"] = /^(.*?)(?:\.(\d+))?\+00:00$/.exec(isoText) ?? [];
  return Date.parse(`${seconds}Z`) * 1_000 + Number(fraction.padEnd(6, "0"));
}
