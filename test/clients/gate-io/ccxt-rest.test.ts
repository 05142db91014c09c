import { describe, expect, it } from "vitest";
import type { PaperVenue } from "../../../src/paper/index.ts";
import { type Ccxt, errors } from "../support/ccxt.ts";
import { BTC, bookInContracts, CONTRACT, ccxtGate, ETH, sidesOf } from "../support/ccxt-gate.ts";
import { accountOf, amount, openVenue } from "../support/paper-venue.ts";
import { until } from "../support/until.ts";

const start = async (options = {}) => {
  const venue = await openVenue({ api: "gate_io", ...options });
  return { venue, exchange: await ccxtGate(venue) };
};

/** Buys contracts from the venue's trader at 20,000, which makes a position. */
async function bought(venue: PaperVenue, exchange: Ccxt, contracts: number): Promise<Ccxt> {
  venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: String(contracts / 1_000) });
  return exchange.createOrder(BTC, "limit", "buy", contracts, 20_000);
}

describe("ccxt reads the market", () => {
  it("lists linear perpetual swaps with the engine's steps and limits, in contracts", async () => {
    const { venue, exchange } = await start();
    const { markets } = exchange;
    expect(Object.keys(markets).sort()).toEqual([BTC, "DOGE/USDT:USDT", ETH, "SOL/USDT:USDT"]);
    for (const { spec } of venue.engine.markets()) {
      const contractSize = CONTRACT[spec.base]!;
      expect(markets[`${spec.base}/USDT:USDT`]).toMatchObject({
        ...{ id: `${spec.base}_USDT`, type: "swap", linear: true, active: true, settle: "USDT", contractSize },
        precision: { price: amount(spec.tick), amount: 1 },
        limits: {
          leverage: { max: amount(spec.maxLeverage) },
          amount: { min: 1, max: Math.round(amount(spec.maxSize) / contractSize) },
        },
      });
    }
    expect(Object.keys(await exchange.fetchCurrencies()).sort()).toEqual(["BTC", "DOGE", "ETH", "SOL", "USDT"]);
  });

  it("fetches books as the engine has them", async () => {
    const { venue, exchange } = await start({ emptyBooks: false, quiet: true });
    for (const { spec } of venue.engine.markets()) {
      const book = await exchange.fetchOrderBook(`${spec.base}/USDT:USDT`, 50);
      expect(sidesOf(book)).toEqual(bookInContracts(venue, spec.base, 50));
      expect(book.nonce).toBeGreaterThan(0);
    }
    expect((await exchange.fetchOrderBook(BTC, 5)).bids).toHaveLength(5);
  });

  it("fetches tickers, trades and candles that agree with each other", async () => {
    const { venue, exchange } = await start();
    await bought(venue, exchange, 300);
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "19990", size: "1" });
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20010", size: "2" });
    const ticker = { last: 20_000, bid: 19_990, ask: 20_010, quoteVolume: 6_000 };
    expect(await exchange.fetchTicker(BTC)).toMatchObject(ticker);
    expect(Object.keys(await exchange.fetchTickers()).sort()).toEqual([BTC, "DOGE/USDT:USDT", ETH, "SOL/USDT:USDT"]);
    const [trade] = venue.engine.trades("BTC-USD");
    expect(await exchange.fetchTrades(BTC)).toMatchObject([
      { price: 20_000, amount: 300, side: "buy", timestamp: Math.floor(trade!.timeMs) },
    ]);
    expect(await exchange.fetchTime()).toBeGreaterThan(trade!.timeMs);
    const [candle] = await exchange.fetchOHLCV(BTC, "1m");
    expect(candle.slice(1)).toEqual([20_000, 20_000, 20_000, 20_000, 300]);
  });

  it("fetches the funding rate that the engine predicts and the rates that were", async () => {
    const { venue, exchange } = await start({ fundingIntervalMs: 1_000 });
    const settled = await until("a settled rate", () => venue.engine.fundingRates("BTC-USD")[0]);
    const rate = await exchange.fetchFundingRate(BTC);
    const history = await exchange.fetchFundingRateHistory(BTC);
    const btc = venue.engine.market("BTC-USD")!;
    expect(rate).toMatchObject({ symbol: BTC, fundingRate: amount(btc.predictedRate), markPrice: 20_000 });
    expect(rate.fundingTimestamp).toBeGreaterThan(settled.timeMs);
    expect(history).toContainEqual(
      expect.objectContaining({
        symbol: BTC,
        fundingRate: amount(settled.rate),
        timestamp: Math.floor(settled.timeMs / 1_000) * 1_000,
      }),
    );
  });
});

describe("ccxt trades", () => {
  it("finds its order by both ids, before and after exactly a part of it is filled", async () => {
    const { venue, exchange } = await start();
    const { id } = await exchange.createOrder(BTC, "limit", "buy", 500, 20_000, {
      clientOrderId: "half",
      postOnly: true,
    });
    expect(id).toBe(venue.truth().orders[0]?.orderId);
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "0.2", timeInForce: "IOC" });
    const order = await exchange.fetchOrder(id, BTC);
    expect(order).toMatchObject({
      ...{ symbol: BTC, clientOrderId: "t-half", postOnly: true, status: "open", side: "buy" },
      ...{ amount: 500, filled: 200, remaining: 300, average: 20_000, cost: 4_000 },
    });
    expect(await exchange.fetchOrder("t-half", BTC)).toEqual(order);
    expect(await exchange.fetchOpenOrders(BTC)).toEqual([order]);
    const fills = await exchange.fetchMyTrades(BTC);
    expect(fills).toMatchObject([
      { order: id, amount: 200, price: 20_000, cost: 4_000, side: "buy", takerOrMaker: "maker" },
    ]);
    expect(fills[0].fee).toMatchObject({ cost: 0.8, currency: "USDT" });
    expect(fills[0].id).toBe(venue.truth().fills[0]?.fillId);
  });

  it("is answered with what became of an order: taken, rested or ended", async () => {
    const { venue, exchange } = await start();
    expect(await bought(venue, exchange, 200)).toMatchObject({ status: "closed", filled: 200, average: 20_000 });
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "0.3" });
    const ioc = await exchange.createOrder(BTC, "limit", "buy", 500, 20_000, { timeInForce: "IOC" });
    expect(ioc).toMatchObject({ status: "canceled", filled: 300, remaining: 200 });
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "19999", size: "1" });
    expect(await exchange.createOrder(BTC, "market", "sell", 100)).toMatchObject({
      ...{ status: "closed", filled: 100, average: 19_999, type: "market" },
    });
    const resting = await exchange.createOrder(BTC, "limit", "buy", 50, 19_000);
    expect(await exchange.cancelOrder(resting.id, BTC)).toMatchObject({
      id: resting.id,
      status: "canceled",
      filled: 0,
    });
    const closed: Ccxt[] = await exchange.fetchClosedOrders(BTC);
    expect(closed.map(({ status }) => status).toSorted()).toEqual(["canceled", "canceled", "closed", "closed"]);
  });

  it("places, edits and cancels several orders", async () => {
    const { exchange } = await start();
    const row = { symbol: BTC, type: "limit", side: "buy", amount: 10, price: 19_000 };
    const placed: Ccxt[] = await exchange.createOrders([row, { ...row, price: 19_100 }]);
    expect(placed.map(({ status, price }) => [status, price])).toEqual([
      ["open", 19_000],
      ["open", 19_100],
    ]);
    const edited = await exchange.editOrder(placed[0].id, BTC, "limit", "buy", 40, 19_200);
    expect(edited).toMatchObject({ id: placed[0].id, amount: 40, price: 19_200, status: "open" });
    const cancelled: Ccxt[] = await exchange.cancelOrders(
      placed.map(({ id }) => id),
      BTC,
    );
    expect(cancelled.map(({ id }) => id)).toEqual(placed.map(({ id }) => id));
    expect(await exchange.fetchOpenOrders()).toEqual([]);
    await exchange.createOrder(BTC, "limit", "buy", 10, 19_000);
    await exchange.createOrder(BTC, "limit", "sell", 10, 21_000);
    await exchange.cancelAllOrders(BTC);
    expect(await exchange.fetchOpenOrders()).toEqual([]);
  });

  it("waits for a price with a trigger order, and closes by reduce-only", async () => {
    const { venue, exchange } = await start();
    await bought(venue, exchange, 200);
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "18000", size: "1" });
    const stop = await exchange.createOrder(BTC, "market", "sell", 200, undefined, {
      ...{ stopLossPrice: 19_000, reduceOnly: true, price_type: 1 },
    });
    expect(await exchange.fetchOpenOrders(BTC, undefined, undefined, { trigger: true })).toHaveLength(1);
    venue.setPrice("BTC-USD", 18_900n * 100_000_000n);
    await until("the stop has closed the position", () =>
      accountOf(venue).positions[0]?.size === 0n ? true : undefined,
    );
    const order = await exchange.fetchOrder(stop.id, BTC, { trigger: true });
    expect(order.status).toBe("closed");
    await expect(exchange.createOrder(BTC, "market", "sell", 10, undefined, { reduceOnly: true })).rejects.toThrow(
      errors.InvalidOrder,
    );
  });

  it("raises its own class of error for each refusal", async () => {
    const { venue, exchange } = await start();
    const buy = (contracts: number, price: number, params: object = {}) =>
      exchange.createOrder(BTC, "limit", "buy", contracts, price, params);
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "1" });
    const { id } = await buy(1, 19_000);
    const cases: readonly (readonly [what: string, call: () => Promise<unknown>, error: Ccxt])[] = [
      ["insufficient margin", () => buy(51_000, 19_000), errors.InsufficientFunds],
      ["too large", () => buy(2_000_000, 19_000), errors.InvalidOrder],
      ["post-only that takes", () => buy(1, 20_000, { postOnly: true }), errors.OrderImmediatelyFillable],
      ["fill or kill", () => buy(2_000, 20_000, { timeInForce: "FOK" }), errors.ExchangeError],
      ["the cancel of an unknown order", () => exchange.cancelOrder("123", BTC), errors.OrderNotFound],
      ["an unknown order", () => exchange.fetchOrder("123", BTC), errors.OrderNotFound],
      [
        "an edit that changes nothing",
        () => exchange.editOrder(id, BTC, "limit", "buy", 1, 19_000),
        errors.ExchangeError,
      ],
    ];
    for (const [what, call, error] of cases) await expect(call(), what).rejects.toThrow(error);
    await exchange.cancelOrder(id, BTC);
    await expect(exchange.cancelOrder(id, BTC)).rejects.toThrow(/ORDER_FINISHED/);
  });

  it("is limited in rate when it asks faster than Gate allows", async () => {
    const { exchange } = await start({ rateLimits: "strict" });
    const calls = Array.from({ length: 205 }, () => exchange.fetchTime());
    const refusals = (await Promise.allSettled(calls)).filter((outcome) => outcome.status === "rejected");
    expect(refusals.length).toBe(5);
    for (const { reason } of refusals) expect(reason).toBeInstanceOf(errors.RateLimitExceeded);
  });
});

describe("ccxt reads its account", () => {
  it("has the balance, position and fees that the engine has", async () => {
    const { venue, exchange } = await start();
    await bought(venue, exchange, 500);
    const { cash, freeCollateral, initialMargin } = accountOf(venue);
    const balance = await exchange.fetchBalance();
    expect(balance.USDT).toMatchObject({ total: amount(cash), free: amount(freeCollateral) });
    expect(await exchange.fetchPositions([BTC])).toMatchObject([
      {
        ...{ symbol: BTC, side: "long", contracts: 500, contractSize: 0.001, entryPrice: 20_000, notional: 10_000 },
        ...{ initialMargin: amount(initialMargin), marginMode: "cross", info: { lever: "10" } },
      },
    ]);
    expect(await exchange.fetchPosition(BTC)).toMatchObject({ side: "long", contracts: 500 });
    expect(await exchange.fetchTradingFee(BTC)).toMatchObject({ maker: 0.0002, taker: 0.0005 });
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "20100", size: "0.5" });
    await exchange.createOrder(BTC, "market", "sell", 500, undefined, { reduceOnly: true });
    expect(await exchange.fetchPositionsHistory([BTC])).toMatchObject([{ symbol: BTC, side: "long" }]);
  });

  it("sets the leverage, which isolates as Gate does, and holds both legs of a hedge", async () => {
    const { venue, exchange } = await start();
    await exchange.setLeverage(4, BTC);
    expect(venue.engine.settings(venue.accountId, "BTC-USD")).toMatchObject({
      ...{ leverage: 400_000_000n, marginMode: "isolated" },
    });
    await expect(exchange.setLeverage(100, BTC)).rejects.toThrow(errors.InvalidOrder);
    await exchange.setPositionMode(true);
    await bought(venue, exchange, 300);
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "20000", size: "0.2" });
    await exchange.createOrder(BTC, "limit", "sell", 200, 20_000);
    const positions: Ccxt[] = await exchange.fetchPositions([BTC]);
    expect(positions.map(({ side, contracts }) => [side, contracts]).toSorted()).toEqual([
      ["long", 300],
      ["short", 200],
    ]);
    await expect(exchange.setPositionMode(false)).rejects.toThrow(/POSITION_HOLDING/);
  });

  it("is told what the venue knows of a funding payment that it receives", async () => {
    const { venue, exchange } = await start({ fundingIntervalMs: 1_000 });
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "20000", size: "1" });
    await exchange.createOrder(BTC, "market", "sell", 1_000);
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "20000", size: "1" });
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20001", size: "1" });
    venue.execute({ type: "setIndexPrice", market: "BTC-USD", price: 19_800n * 100_000_000n });
    const truth = await until("a payment", () =>
      venue.truth().fundingPayments.find(({ amount: paid }) => Number(paid) > 0),
    );
    const history: Ccxt[] = await exchange.fetchFundingHistory(BTC);
    const payment = history.find(({ amount: paid }) => paid === Number(truth.amount));
    expect(payment).toMatchObject({ symbol: BTC, code: "USDT", amount: Number(truth.amount) });
    const ledger: Ccxt[] = await exchange.fetchLedger("USDT", undefined, undefined, { type: "swap" });
    expect(ledger.find(({ id }) => id === truth.paymentId)).toMatchObject({ amount: payment.amount });
  });

  it("raises an authentication error for a wrong key, secret and clock", async () => {
    const { venue, exchange } = await start();
    for (const wrong of [{ apiKey: "stranger" }, { secret: "guess" }]) {
      const stranger = await ccxtGate(venue, wrong);
      await expect(stranger.fetchBalance()).rejects.toThrow(errors.AuthenticationError);
      await expect(stranger.createOrder(BTC, "limit", "buy", 1, 19_000)).rejects.toThrow(errors.AuthenticationError);
    }
    expect(venue.engine.orders(venue.accountId)).toEqual([]);
    venue.faults.set({ clockSkewMs: 90_000 });
    await expect(exchange.fetchBalance()).rejects.toThrow(errors.AuthenticationError);
  });
});

describe("ccxt meets a venue in trouble", () => {
  it("raises that the exchange is not available, and a rate limit error", async () => {
    const { venue, exchange } = await start();
    expect((await exchange.fetchBalance()).USDT.total).toBe(100_000);
    venue.faults.set({ error5xx: 1 });
    await expect(exchange.fetchBalance()).rejects.toThrow(errors.ExchangeNotAvailable);
    venue.faults.clear();
    venue.faults.set({ error429: 1 });
    await expect(exchange.fetchBalance()).rejects.toThrow(errors.RateLimitExceeded);
    venue.faults.clear();
    expect((await exchange.fetchBalance()).USDT.total).toBe(100_000);
  });

  it("gets a network error for an order whose answer is lost, and finds the order by its text", async () => {
    const { venue, exchange } = await start();
    venue.faults.set({ resetAfterAccept: 1 });
    await expect(exchange.createOrder(BTC, "limit", "buy", 50, 19_000, { clientOrderId: "lost" })).rejects.toThrow(
      errors.NetworkError,
    );
    venue.faults.clear();
    expect(await exchange.fetchOrder("t-lost", BTC)).toMatchObject({
      ...{ status: "open", amount: 50, clientOrderId: "t-lost" },
    });
  });
});
