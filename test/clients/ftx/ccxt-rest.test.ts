import { describe, expect, it } from "vitest";
import type { PaperVenue } from "../../../src/paper/index.ts";
import { BTC, type Ccxt, ccxtRest, errors, levelsOf } from "../support/ccxt-ftx.ts";
import { accountOf, amount, bookOf, openVenue } from "../support/paper-venue.ts";
import { until } from "../support/until.ts";

const ETH = "ETH/USD:USD";

function orderStatus(exchange: Ccxt, id: string, status: string): Promise<Ccxt> {
  return until(`order ${id} is ${status}`, async () => {
    const order = await exchange.fetchOrder(id);
    return order.status === status ? order : undefined;
  });
}

/** ccxt calls a new order open as well; this one is in the book. */
async function rested(exchange: Ccxt, symbol: string, size: number, price: number, params: object = {}): Promise<Ccxt> {
  const { id } = await exchange.createOrder(symbol, "limit", "buy", size, price, params);
  return until("the order rests", async () => {
    const order = await exchange.fetchOrder(id);
    return order.info.status === "open" ? order : undefined;
  });
}

/** Buys from the venue's trader at 20,000, which makes a position. */
async function bought(venue: PaperVenue, exchange: Ccxt, size: number): Promise<Ccxt> {
  venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: String(size) });
  const { id } = await exchange.createOrder(BTC, "limit", "buy", size, 20_000);
  return orderStatus(exchange, id, "closed");
}

describe("ccxt reads the market", () => {
  it("lists linear perpetual swaps with the engine's steps and limits", async () => {
    const venue = await openVenue();
    const exchange = ccxtRest(venue);
    const markets = await exchange.loadMarkets();
    expect(Object.keys(markets).sort()).toEqual([BTC, "DOGE/USD:USD", ETH, "SOL/USD:USD"]);
    for (const { spec } of venue.engine.markets()) {
      expect(markets[`${spec.base}/USD:USD`]).toMatchObject({
        id: `${spec.base}-PERP`,
        type: "swap",
        swap: true,
        linear: true,
        active: true,
        settle: "USD",
        precision: { price: amount(spec.tick), amount: amount(spec.lot) },
      });
    }
  });

  it("fetches books as the engine has them", async () => {
    const venue = await openVenue({ emptyBooks: false, quiet: true });
    const exchange = ccxtRest(venue);
    for (const { spec } of venue.engine.markets()) {
      const { bids, asks } = await exchange.fetchOrderBook(`${spec.base}/USD:USD`, 100);
      expect({ bids: levelsOf(bids), asks: levelsOf(asks) }).toEqual(bookOf(venue, spec.market));
    }
    expect((await exchange.fetchOrderBook(BTC, 5)).bids).toHaveLength(5);
  });

  it("fetches tickers, trades and candles that agree with each other", async () => {
    const venue = await openVenue();
    const exchange = ccxtRest(venue);
    const sinceMs = Date.now() - 60_000;
    await bought(venue, exchange, 0.3);
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "19990", size: "1" });
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20010", size: "1" });

    expect(await exchange.fetchTicker(BTC)).toMatchObject({
      last: 20_000,
      bid: 19_990,
      ask: 20_010,
      quoteVolume: 6_000,
    });
    const tickers = await exchange.fetchTickers();
    expect(Object.keys(tickers).sort()).toEqual([BTC, "DOGE/USD:USD", ETH, "SOL/USD:USD"]);
    expect(await exchange.fetchTrades(BTC)).toMatchObject([{ price: 20_000, amount: 0.3, side: "buy" }]);
    const candles: number[][] = await exchange.fetchOHLCV(BTC, "1m", sinceMs);
    expect(candles.reduce((sum, [, , , , , volume = 0]) => sum + volume, 0)).toBeCloseTo(6_000, 6);
    expect(candles.at(-1)?.slice(1, 5)).toEqual([20_000, 20_000, 20_000, 20_000]);
    expect(await exchange.fetchOpenInterest(BTC)).toMatchObject({ openInterestAmount: 0.3 });
  });

  it("fetches the funding rate that the engine predicts and the rates that were", async () => {
    const venue = await openVenue({ fundingIntervalMs: 250 });
    const exchange = ccxtRest(venue);
    const settled = await until("a settled rate", () => venue.engine.fundingRates("BTC-USD")[0]);

    const rate = await exchange.fetchFundingRate(BTC);
    const history = await exchange.fetchFundingRateHistory(BTC);

    const btc = venue.engine.market("BTC-USD")!;
    expect(rate).toMatchObject({ symbol: BTC, fundingRate: amount(btc.predictedRate) });
    expect(rate.fundingTimestamp).toBeGreaterThan(settled.timeMs);
    expect(history[0]).toMatchObject({ symbol: BTC, fundingRate: amount(settled.rate), timestamp: settled.timeMs });
  });

  it("fetches what happened since a time, up to the whole second that it sends as the end", async () => {
    const venue = await openVenue();
    const exchange = ccxtRest(venue);
    const sinceMs = Date.now() - 60_000;
    const { id } = await bought(venue, exchange, 0.3);
    const since = async (fetch: (symbol: string, sinceMs: number) => Promise<Ccxt[]>) =>
      until("the second is over", async () => (await fetch.call(exchange, BTC, sinceMs))[0]);

    expect(await since(exchange.fetchTrades)).toMatchObject({ price: 20_000, amount: 0.3 });
    expect(await since(exchange.fetchMyTrades)).toMatchObject({ order: id, amount: 0.3 });
    expect(await since(exchange.fetchOrders)).toMatchObject({ id, status: "closed" });
    expect(await exchange.fetchMyTrades(BTC, Date.now() + 60_000)).toEqual([]);
  });
});

describe("ccxt trades", () => {
  it("finds its order by both ids, before and after exactly a part of it is filled", async () => {
    const venue = await openVenue();
    const exchange = ccxtRest(venue);
    const { id } = await rested(exchange, BTC, 0.5, 20_000, { clientOrderId: "half", postOnly: true });

    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "0.2", timeInForce: "IOC" });

    const byId = await exchange.fetchOrder(id);
    expect(byId).toMatchObject({
      symbol: BTC,
      clientOrderId: "half",
      timeInForce: "PO",
      status: "open",
      filled: 0.2,
      remaining: 0.3,
      average: 20_000,
    });
    expect(await exchange.fetchOrder("any", BTC, { clientOrderId: "half" })).toEqual(byId);
    expect(await exchange.fetchOpenOrders(BTC)).toEqual([byId]);
    const fills = await exchange.fetchMyTrades(BTC);
    expect(fills).toMatchObject([
      { order: id, amount: 0.2, price: 20_000, side: "buy", takerOrMaker: "maker", fee: { cost: 0.8, rate: 0.0002 } },
    ]);
    expect(fills[0].id).toBe(String(venue.truth().fills[0]?.fillId));
    expect(await exchange.fetchOrderTrades(id, BTC)).toEqual(fills);
  });

  it("sees a cancelled order as canceled and a filled one as closed", async () => {
    const venue = await openVenue();
    const exchange = ccxtRest(venue);
    const open = await rested(exchange, BTC, 0.5, 19_000);
    await exchange.cancelOrder(open.id);
    const canceled = await orderStatus(exchange, open.id, "canceled");
    expect(canceled).toMatchObject({ filled: 0, amount: 0.5 });

    const byClientId = await rested(exchange, BTC, 0.5, 19_000, { clientOrderId: "bye" });
    await exchange.cancelOrder("any", BTC, { clientOrderId: "bye" });
    await orderStatus(exchange, byClientId.id, "canceled");

    const filled = await bought(venue, exchange, 0.2);
    expect(filled).toMatchObject({ filled: 0.2, remaining: 0, average: 20_000, cost: 4_000 });
    expect((await exchange.fetchOrders(BTC)).map(({ status }: Ccxt) => status)).toEqual([
      "canceled",
      "canceled",
      "closed",
    ]);
  });

  it("cancels one market's orders, and then all", async () => {
    const exchange = ccxtRest(await openVenue());
    const btc = await rested(exchange, BTC, 0.5, 19_000);
    const eth = await rested(exchange, ETH, 1, 1_400);
    await exchange.cancelAllOrders(BTC);
    await orderStatus(exchange, btc.id, "canceled");
    expect((await exchange.fetchOpenOrders()).map(({ id }: Ccxt) => id)).toEqual([eth.id]);
    await exchange.cancelAllOrders();
    await orderStatus(exchange, eth.id, "canceled");
    const several = await Promise.all([19_100, 19_200].map((price) => rested(exchange, BTC, 0.1, price)));
    await exchange.cancelOrders(several.map(({ id }) => id));
    for (const { id } of several) await orderStatus(exchange, id, "canceled");
  });

  it("edits an order into a new one with another price and size", async () => {
    const exchange = ccxtRest(await openVenue());
    const first = await rested(exchange, BTC, 0.5, 19_000, { clientOrderId: "edit-me" });
    const second = await exchange.editOrder(first.id, BTC, "limit", "buy", 0.4, 19_100);
    expect(second.id).not.toBe(first.id);
    expect(await orderStatus(exchange, first.id, "canceled")).toMatchObject({ clientOrderId: "edit-me" });
    expect(await exchange.fetchOpenOrders(BTC)).toMatchObject([{ id: second.id, price: 19_100, amount: 0.4 }]);
  });

  it("sees a post-only order that crosses canceled without a fill", async () => {
    const venue = await openVenue();
    const exchange = ccxtRest(venue);
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "1" });
    const { id } = await exchange.createOrder(BTC, "limit", "buy", 0.5, 20_000, { postOnly: true });
    expect(await orderStatus(exchange, id, "canceled")).toMatchObject({ filled: 0, remaining: 0.5 });
    expect(await exchange.fetchMyTrades(BTC)).toEqual([]);
  });

  it("gets what is there with an IOC or a market order, and the rest is canceled", async () => {
    const venue = await openVenue();
    const exchange = ccxtRest(venue);
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "0.3" });
    const ioc = await exchange.createOrder(BTC, "limit", "buy", 0.5, 20_000, { timeInForce: "IOC" });
    expect(await orderStatus(exchange, ioc.id, "canceled")).toMatchObject({ filled: 0.3, timeInForce: "IOC" });

    venue.trader.order({ market: "BTC-USD", side: "buy", price: "19999", size: "1" });
    const market = await exchange.createOrder(BTC, "market", "sell", 0.1);
    expect(await orderStatus(exchange, market.id, "closed")).toMatchObject({ filled: 0.1, average: 19_999 });
  });

  it("is refused a reduce-only order that would open a position, and never trades more than it has", async () => {
    const venue = await openVenue();
    const exchange = ccxtRest(venue);
    const close = () => exchange.createOrder(BTC, "market", "sell", 0.5, undefined, { reduceOnly: true });
    await expect(close()).rejects.toThrow(errors.InvalidOrder);

    await bought(venue, exchange, 0.2);
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "20000", size: "1" });
    const { id } = await close();

    await until("the order is done", async () => {
      const order = await exchange.fetchOrder(id);
      return order.info.status === "closed" ? order : undefined;
    });
    expect(accountOf(venue).positions).toMatchObject([{ size: 0n }]);
    expect((await exchange.fetchMyTrades(BTC)).map(({ side, amount: size }: Ccxt) => [side, size])).toEqual([
      ["buy", 0.2],
      ["sell", 0.2],
    ]);
  });

  it("raises its own class of error for each refusal", async () => {
    const exchange = ccxtRest(await openVenue());
    const buy = (size: number, price: number, params: object = {}) =>
      exchange.createOrder(BTC, "limit", "buy", size, price, params);
    const { id } = await rested(exchange, BTC, 0.01, 19_000, { clientOrderId: "once" });
    const cases: readonly (readonly [call: () => Promise<unknown>, error: Ccxt])[] = [
      [() => buy(51, 20_000), errors.InsufficientFunds],
      [() => buy(0.0005, 20_000), errors.InvalidOrder],
      [() => buy(2_000, 20_000), errors.InvalidOrder],
      [() => buy(0.01, 50_000), errors.InvalidOrder],
      [() => buy(0.01, 19_000, { clientOrderId: "once" }), errors.DuplicateOrderId],
      [() => exchange.fetchOrder("123"), errors.OrderNotFound],
      [() => exchange.cancelOrder("123"), errors.OrderNotFound],
      [() => exchange.fetchOrderBook("XRP/USD:USD"), errors.BadSymbol],
      [() => exchange.publicGetMarketsMarketName({ market_name: "XRP-PERP" }), errors.BadSymbol],
      [() => exchange.publicGetFuturesFutureName({ future_name: "XRP-PERP" }), errors.BadSymbol],
      [
        () => exchange.publicGetMarketsMarketNameCandles({ market_name: "BTC-PERP", resolution: 61 }),
        errors.BadRequest,
      ],
    ];
    for (const [call, error] of cases) await expect(call()).rejects.toThrow(error);

    await exchange.cancelOrder(id);
    await orderStatus(exchange, id, "canceled");
    await expect(exchange.cancelOrder(id)).rejects.toThrow(errors.InvalidOrder);
  });

  it("is told that a cancel is pending when it sends a second one before the first is done", async () => {
    const exchange = ccxtRest(await openVenue({ matchingDelayMs: [300, 300] }));
    const { id } = await rested(exchange, BTC, 0.01, 19_000);
    await exchange.cancelOrder(id);
    await expect(exchange.cancelOrder(id)).rejects.toThrow(errors.CancelPending);
    await orderStatus(exchange, id, "canceled");
  });

  it("is limited in rate when it places orders faster than FTX allowed", async () => {
    const exchange = ccxtRest(await openVenue({ rateLimits: "strict" }));
    await exchange.loadMarkets();
    const orders = Array.from({ length: 8 }, () => exchange.createOrder(BTC, "limit", "buy", 0.01, 19_000));
    const refusals = (await Promise.allSettled(orders)).filter((outcome) => outcome.status === "rejected");
    expect(refusals.length).toBeGreaterThan(0);
    for (const { reason } of refusals) expect(reason).toBeInstanceOf(errors.RateLimitExceeded);
  });
});

describe("ccxt reads its account", () => {
  it("has the balance, position and fees that the engine has", async () => {
    const venue = await openVenue();
    const exchange = ccxtRest(venue);
    await bought(venue, exchange, 0.5);
    const { equity, freeCollateral } = accountOf(venue);

    expect(await exchange.fetchBalance()).toMatchObject({
      USD: { total: amount(equity), free: amount(freeCollateral), used: 1_000 },
    });
    expect(await exchange.fetchPositions([BTC])).toMatchObject([
      { symbol: BTC, side: "long", contracts: 0.5, entryPrice: 20_000, unrealizedPnl: 0, initialMarginPercentage: 0.1 },
    ]);
    expect((await exchange.fetchTradingFees())[BTC]).toMatchObject({ maker: 0.0002, taker: 0.0007 });
  });

  it("sets the leverage, and the margin follows", async () => {
    const venue = await openVenue();
    const exchange = ccxtRest(venue);
    await bought(venue, exchange, 1);
    await exchange.setLeverage(4);
    expect(accountOf(venue).initialMargin).toBe(5_000n * 100_000_000n);
    expect(await exchange.fetchPositions([BTC])).toMatchObject([{ initialMarginPercentage: 0.25 }]);
    expect((await exchange.fetchBalance()).USD.used).toBe(5_000);
  });

  it("receives funding as a short while the contract trades above the index", async () => {
    const venue = await openVenue({ fundingIntervalMs: 250 });
    const exchange = ccxtRest(venue);
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "20000", size: "1" });
    await exchange.createOrder(BTC, "market", "sell", 1);
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "20000", size: "1" });
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20001", size: "1" });
    venue.execute({ type: "setIndexPrice", market: "BTC-USD", price: 19_800n * 100_000_000n });

    const payment = await until("a payment", async () =>
      (await exchange.fetchFundingHistory(BTC)).find((row: Ccxt) => row.amount < 0),
    );

    const truth = venue.truth().fundingPayments.find(({ paymentId }) => String(paymentId) === payment.id)!;
    expect(String(-payment.amount)).toBe(truth.amount);
    expect(payment).toMatchObject({ symbol: BTC, timestamp: truth.timeMs });
    expect(await exchange.fetchFundingRateHistory(BTC)).toContainEqual(
      expect.objectContaining({ fundingRate: Number(truth.rate), timestamp: truth.timeMs }),
    );
  });

  it("trades in a sub-account by parameter and by header", async () => {
    const venue = await openVenue();
    const exchange = ccxtRest(venue);
    const hedge = ccxtRest(venue, { headers: { "FTX-SUBACCOUNT": "hedge" } });
    const { id } = await rested(hedge, BTC, 0.5, 19_000);
    expect(await exchange.fetchOpenOrders()).toEqual([]);
    expect(await exchange.fetchOpenOrders(undefined, undefined, undefined, { subaccount: "hedge" })).toMatchObject([
      { id },
    ]);
    await expect(exchange.fetchBalance({ subaccount: "no such" })).rejects.toThrow(errors.AuthenticationError);
  });

  it("raises an authentication error for a wrong key, a wrong secret and a wrong clock", async () => {
    const venue = await openVenue();
    await expect(ccxtRest(venue, { apiKey: "stranger" }).fetchBalance()).rejects.toThrow(/Invalid API key/);
    const forger = ccxtRest(venue, { secret: "guess" });
    await expect(forger.fetchBalance()).rejects.toThrow(errors.AuthenticationError);
    await expect(forger.fetchBalance()).rejects.toThrow(/Invalid signature/);
    await expect(forger.createOrder(BTC, "limit", "buy", 0.1, 19_000)).rejects.toThrow(errors.AuthenticationError);
    expect(venue.engine.orders(venue.accountId)).toEqual([]);
    venue.faults.set({ clockSkewMs: 60_000 });
    await expect(ccxtRest(venue).fetchBalance()).rejects.toThrow(/Timestamp too far/);
  });
});

describe("ccxt meets a venue in trouble", () => {
  it("raises that the exchange is not available on a 5xx and a rate limit error on a 429", async () => {
    const venue = await openVenue();
    const exchange = ccxtRest(venue);
    await exchange.loadMarkets();
    venue.faults.set({ error5xx: 1 });
    await expect(exchange.fetchBalance()).rejects.toThrow(errors.ExchangeNotAvailable);
    venue.faults.set({ error429: 1 });
    await expect(exchange.fetchBalance()).rejects.toThrow(errors.RateLimitExceeded);
    venue.faults.clear();
    expect((await exchange.fetchBalance()).USD.total).toBe(100_000);
  });

  it("gets a network error for an order whose answer is lost, and finds the order by its own id", async () => {
    const venue = await openVenue();
    const exchange = ccxtRest(venue);
    await exchange.loadMarkets();
    venue.faults.set({ resetAfterAccept: 1 });
    await expect(exchange.createOrder(BTC, "limit", "buy", 0.5, 19_000, { clientOrderId: "lost" })).rejects.toThrow(
      errors.NetworkError,
    );
    venue.faults.clear();
    expect(await exchange.fetchOrder("any", BTC, { clientOrderId: "lost" })).toMatchObject({
      status: "open",
      amount: 0.5,
    });
  });
});
