import { describe, expect, it } from "vitest";
import type { PaperVenue } from "../../../src/paper/index.ts";
import { BTC_MARKET, openBinance, quote, take } from "../support/binance-venue.ts";
import { type Ccxt, errors, levelsOf } from "../support/ccxt.ts";
import { BTC, ccxtBinance, classOf, ETH } from "../support/ccxt-binance.ts";
import { accountOf, amount, bookOf } from "../support/paper-venue.ts";
import { until } from "../support/until.ts";

const SYMBOLS = [BTC, ETH, "SOL/USDT:USDT", "DOGE/USDT:USDT"];
const UNIT = 100_000_000n;

const buy = (exchange: Ccxt, size: number, price: number, params: object = {}): Promise<Ccxt> =>
  exchange.createOrder(BTC, "limit", "buy", size, price, params);
const idsOf = (orders: readonly Ccxt[]) => orders.map(({ id }) => id);

/** Buys from the venue's trader at 60,000, which makes a position. */
async function bought(venue: PaperVenue, exchange: Ccxt, size: number): Promise<Ccxt> {
  quote(venue, "sell", 60_000, size);
  return buy(exchange, size, 60_000);
}

describe("ccxt reads Binance's market", () => {
  it("lists linear perpetual swaps with the engine's steps and limits", async () => {
    const venue = await openBinance();
    const exchange = await ccxtBinance(venue);
    const { markets } = exchange;
    expect(Object.keys(markets).sort()).toEqual([...SYMBOLS].sort());
    for (const { spec } of venue.engine.markets()) {
      expect(markets[`${spec.base}/USDT:USDT`]).toMatchObject({
        id: `${spec.base}USDT`,
        type: "swap",
        swap: true,
        linear: true,
        active: true,
        settle: "USDT",
        contractSize: 1,
        precision: { price: amount(spec.tick), amount: amount(spec.lot) },
        limits: {
          amount: { min: amount(spec.minSize), max: amount(spec.maxSize) },
          cost: { min: amount(spec.minNotional) },
        },
      });
    }
  });

  it("fetches books as the engine has them", async () => {
    const venue = await openBinance({ emptyBooks: false, quiet: true });
    const exchange = await ccxtBinance(venue);
    for (const { spec } of venue.engine.markets()) {
      const { bids, asks, nonce } = await exchange.fetchOrderBook(`${spec.base}/USDT:USDT`, 1_000);
      expect({ bids: levelsOf(bids), asks: levelsOf(asks) }).toEqual(bookOf(venue, spec.market, 1_000));
      expect(nonce).toBeGreaterThan(0);
    }
    expect((await exchange.fetchOrderBook(BTC, 5)).bids).toHaveLength(5);
  });

  it("fetches tickers, trades and candles that agree with each other", async () => {
    const venue = await openBinance();
    const exchange = await ccxtBinance(venue);
    const sinceMs = Date.now() - 60_000;
    await bought(venue, exchange, 0.3);
    quote(venue, "buy", 59_990, 1);
    quote(venue, "sell", 60_010, 1);

    expect(await exchange.fetchTicker(BTC)).toMatchObject({ last: 60_000, baseVolume: 0.3, quoteVolume: 18_000 });
    expect((await exchange.fetchBidsAsks([BTC]))[BTC]).toMatchObject({ bid: 59_990, ask: 60_010 });
    expect(Object.keys(await exchange.fetchTickers()).sort()).toEqual([...SYMBOLS].sort());
    expect(await exchange.fetchTrades(BTC)).toMatchObject([{ price: 60_000, amount: 0.3, side: "buy" }]);
    const candles: number[][] = await exchange.fetchOHLCV(BTC, "1m", sinceMs);
    expect(candles.reduce((sum, [, , , , , volume = 0]) => sum + volume, 0)).toBeCloseTo(0.3, 9);
    expect(candles.at(-1)?.slice(1, 5)).toEqual([60_000, 60_000, 60_000, 60_000]);
    expect(await exchange.fetchOpenInterest(BTC)).toMatchObject({ openInterestAmount: 0.3 });
  });

  it("fetches the funding rate that the engine predicts and the rates that were", async () => {
    const venue = await openBinance({ fundingIntervalMs: 250 });
    const exchange = await ccxtBinance(venue);
    const settled = await until("a settled rate", () => venue.engine.fundingRates(BTC_MARKET)[0]);
    const rate = await exchange.fetchFundingRate(BTC);
    const history = await exchange.fetchFundingRateHistory(BTC);
    expect(rate).toMatchObject({
      symbol: BTC,
      fundingRate: amount(venue.engine.market(BTC_MARKET)!.predictedRate),
      markPrice: 60_000,
      indexPrice: 60_000,
    });
    expect(rate.fundingTimestamp).toBeGreaterThan(settled.timeMs);
    expect(history[0]).toMatchObject({ symbol: BTC, fundingRate: amount(settled.rate) });
    expect(history[0].timestamp).toBe(Math.floor(settled.timeMs));
  });
});

describe("ccxt trades on Binance", () => {
  it("finds its order by both ids, before and after exactly a part of it is filled", async () => {
    const venue = await openBinance();
    const exchange = await ccxtBinance(venue);
    const { id } = await buy(exchange, 0.5, 60_000, { clientOrderId: "half", postOnly: true });

    take(venue, "sell", 60_000, 0.2);

    const byId = await exchange.fetchOrder(id, BTC);
    expect(byId).toMatchObject({
      symbol: BTC,
      clientOrderId: "half",
      timeInForce: "PO",
      postOnly: true,
      status: "open",
      filled: 0.2,
      remaining: 0.3,
      average: 60_000,
      cost: 12_000,
    });
    expect(await exchange.fetchOrder("any", BTC, { clientOrderId: "half" })).toEqual(byId);
    expect(await exchange.fetchOpenOrder(id, BTC)).toEqual(byId);
    expect(await exchange.fetchOpenOrders(BTC)).toEqual([byId]);
    const fills = await exchange.fetchMyTrades(BTC);
    expect(fills).toMatchObject([
      {
        order: id,
        amount: 0.2,
        price: 60_000,
        side: "buy",
        takerOrMaker: "maker",
        fee: { cost: 2.4, currency: "USDT" },
      },
    ]);
    expect(fills[0].id).toBe(String(venue.truth().fills[0]?.fillId));
    expect(await exchange.fetchMyTrades(BTC, undefined, undefined, { orderId: id })).toEqual(fills);
  });

  it("sees a cancelled order as canceled and a filled one as closed", async () => {
    const venue = await openBinance();
    const exchange = await ccxtBinance(venue);
    const open = await buy(exchange, 0.5, 59_000);
    expect(await exchange.cancelOrder(open.id, BTC)).toMatchObject({ id: open.id, status: "canceled", filled: 0 });
    await buy(exchange, 0.5, 59_000, { clientOrderId: "bye" });
    await exchange.cancelOrder("any", BTC, { clientOrderId: "bye" });
    const filled = await bought(venue, exchange, 0.2);
    expect(filled).toMatchObject({ status: "closed", filled: 0.2, remaining: 0 });
    expect(await exchange.fetchOrder(filled.id, BTC)).toMatchObject({ average: 60_000, cost: 12_000 });
    expect((await exchange.fetchOrders(BTC)).map(({ status }: Ccxt) => status)).toEqual([
      "canceled",
      "canceled",
      "closed",
    ]);
  });

  it("cancels one market's orders, and several at once", async () => {
    const exchange = await ccxtBinance(await openBinance(), {
      options: { fetchOpenOrders: { warnWithoutSymbol: false } },
    });
    await buy(exchange, 0.5, 59_000);
    const eth = await exchange.createOrder(ETH, "limit", "buy", 1, 2_900);
    await exchange.cancelAllOrders(BTC);
    expect(idsOf(await exchange.fetchOpenOrders())).toEqual([eth.id]);

    const several = await exchange.createOrders(
      [59_100, 59_200].map((price) => ({ symbol: BTC, type: "limit", side: "buy", amount: 0.1, price })),
    );
    expect(several).toMatchObject([
      { status: "open", price: 59_100 },
      { status: "open", price: 59_200 },
    ]);
    expect(await exchange.cancelOrders(idsOf(several), BTC)).toMatchObject([
      { id: several[0].id, status: "canceled" },
      { id: several[1].id, status: "canceled" },
    ]);
    expect(await exchange.fetchOpenOrders(BTC)).toEqual([]);
  });

  it("edits an order, which keeps its id", async () => {
    const exchange = await ccxtBinance(await openBinance());
    const { id } = await buy(exchange, 0.5, 59_000, { clientOrderId: "edit-me" });
    expect(await exchange.editOrder(id, BTC, "limit", "buy", 0.4, 59_100)).toMatchObject({
      id,
      clientOrderId: "edit-me",
    });
    expect(await exchange.fetchOpenOrders(BTC)).toMatchObject([{ id, price: 59_100, amount: 0.4 }]);
  });

  it("gets what is there with an IOC or a market order, and the rest expires", async () => {
    const venue = await openBinance();
    const exchange = await ccxtBinance(venue);
    quote(venue, "sell", 60_000, 0.3);
    const ioc = await buy(exchange, 0.5, 60_000, { timeInForce: "IOC" });
    expect(ioc).toMatchObject({ status: "expired", filled: 0.3, timeInForce: "IOC" });
    quote(venue, "buy", 59_999, 1);
    const market = await exchange.createOrder(BTC, "market", "sell", 0.1);
    expect(market).toMatchObject({ status: "closed", filled: 0.1 });
    expect(await exchange.fetchOrder(market.id, BTC)).toMatchObject({ average: 59_999 });
  });

  it("is refused a reduce-only order that would open a position, and never trades more than it has", async () => {
    const venue = await openBinance();
    const exchange = await ccxtBinance(venue);
    quote(venue, "buy", 59_990, 1);
    const close = () => exchange.createOrder(BTC, "market", "sell", 0.5, undefined, { reduceOnly: true });
    await expect(close()).rejects.toThrow('"code":-2022,');
    await bought(venue, exchange, 0.2);
    expect(await close()).toMatchObject({ filled: 0.2, reduceOnly: true });
    expect(accountOf(venue).positions).toMatchObject([{ size: 0n }]);
    expect((await exchange.fetchMyTrades(BTC)).map(({ side, amount: size }: Ccxt) => [side, size])).toEqual([
      ["buy", 0.2],
      ["sell", 0.2],
    ]);
  });

  it("is refused with codes for which it has a class of error", async () => {
    const venue = await openBinance();
    const exchange = await ccxtBinance(venue);
    quote(venue, "sell", 60_000, 1);
    const { id } = await buy(exchange, 0.01, 59_000, { clientOrderId: "once" });
    await exchange.cancelOrder((await buy(exchange, 0.01, 59_000, { clientOrderId: "gone" })).id, BTC);
    const cases: readonly (readonly [call: () => Promise<unknown>, error: Ccxt, code: number])[] = [
      [() => buy(exchange, 20, 60_000), errors.InsufficientFunds, -2019],
      [() => buy(exchange, 0.5, 60_000, { postOnly: true }), errors.OrderNotFillable, -5022],
      [() => buy(exchange, 2, 60_000, { timeInForce: "FOK" }), errors.OrderNotFillable, -5021],
      [() => buy(exchange, 0.001, 59_000), errors.InvalidOrder, -4164],
      [() => buy(exchange, 0.01, 59_000, { clientOrderId: "once" }), errors.InvalidOrder, -4116],
      [() => buy(exchange, 0.01, 59_000, { positionSide: "LONG" }), errors.OperationRejected, -4061],
      [() => buy(exchange, 0.01, 59_000, { reduceOnly: true }), errors.InvalidOrder, -2022],
      [() => exchange.fetchOrder("123", BTC), errors.OrderNotFound, -2013],
      [() => exchange.cancelOrder("123", BTC), errors.OrderNotFound, -2011],
      [() => exchange.cancelOrder("any", BTC, { clientOrderId: "gone" }), errors.OrderNotFound, -2011],
      [() => exchange.fapiPublicGetDepth({ symbol: "XRPUSDT" }), errors.BadSymbol, -1121],
      [() => exchange.setPositionMode(false), errors.OperationRejected, -4059],
      [() => exchange.fapiPrivatePutListenKey(), errors.AuthenticationError, -1125],
    ];
    for (const [call, error, code] of cases) {
      const raised = await call().then(
        () => undefined,
        (reason: Error) => reason,
      );
      expect(raised).toBeInstanceOf(errors.ExchangeError);
      expect(raised?.message).toContain(`"code":${code},`);
      expect(classOf(exchange, code)).toBe(error);
    }
    expect(idsOf(await exchange.fetchOpenOrders(BTC))).toEqual([id]);
  });
});

describe("ccxt reads its account at Binance", () => {
  it("has the balance, position and fees that the engine has", async () => {
    const venue = await openBinance();
    const exchange = await ccxtBinance(venue);
    await bought(venue, exchange, 0.5);
    const { cash, equity, freeCollateral, initialMargin } = accountOf(venue);

    expect((await exchange.fetchBalance()).USDT).toEqual({
      total: amount(equity),
      free: amount(freeCollateral),
      used: amount(initialMargin),
    });
    expect(cash).toBe(99_985n * UNIT);
    expect(await exchange.fetchPositions([BTC])).toMatchObject([
      {
        symbol: BTC,
        side: "long",
        contracts: 0.5,
        entryPrice: 60_000,
        markPrice: 60_000,
        notional: 30_000,
        unrealizedPnl: 0,
        initialMargin: 3_000,
        initialMarginPercentage: 0.1,
        maintenanceMarginPercentage: 0.004,
        hedged: false,
      },
    ]);
    expect(await exchange.fetchTradingFee(BTC)).toMatchObject({ maker: 0.0002, taker: 0.0005 });
  });

  it("sets the leverage, and the margin follows", async () => {
    const venue = await openBinance();
    const exchange = await ccxtBinance(venue);
    await bought(venue, exchange, 1);
    await exchange.setLeverage(4, BTC);
    expect(accountOf(venue).initialMargin).toBe(15_000n * UNIT);
    expect((await exchange.fetchBalance()).USDT.used).toBe(15_000);
    expect(await exchange.fetchLeverage(BTC)).toMatchObject({ longLeverage: 4, shortLeverage: 4, marginMode: "cross" });
    const tiers = await exchange.fetchLeverageTiers([BTC]);
    expect(tiers[BTC]).toMatchObject([{ maxLeverage: 125, maintenanceMarginRate: 0.004 }]);
  });

  it("sets the margin mode, and raises its own class of error when it is set already", async () => {
    const venue = await openBinance();
    const exchange = await ccxtBinance(venue);
    await exchange.setMarginMode("isolated", BTC);
    expect(await exchange.fetchMarginMode(BTC)).toMatchObject({ marginMode: "isolated" });
    await expect(exchange.setMarginMode("isolated", BTC)).rejects.toThrow(errors.MarginModeAlreadySet);
    expect(venue.engine.settings(venue.accountId, BTC_MARKET)?.marginMode).toBe("isolated");
  });

  it("trades both legs of a hedge", async () => {
    const venue = await openBinance();
    const exchange = await ccxtBinance(venue);
    await exchange.setPositionMode(true);
    expect(await exchange.fetchPositionMode()).toMatchObject({ hedged: true });
    quote(venue, "sell", 60_000, 0.5);
    quote(venue, "buy", 59_900, 0.5);
    await buy(exchange, 0.3, 60_000, { hedged: true });
    await exchange.createOrder(BTC, "limit", "sell", 0.2, 59_900, { hedged: true });
    await exchange.createOrder(BTC, "market", "sell", 0.1, undefined, { hedged: true, reduceOnly: true });

    const positions = await exchange.fetchPositions([BTC]);
    expect(positions.map(({ side, contracts, hedged }: Ccxt) => [side, contracts, hedged])).toEqual([
      ["long", 0.2, true],
      ["short", 0.2, true],
    ]);
  });

  it("receives funding as a short while the contract trades above the index", async () => {
    const venue = await openBinance({ fundingIntervalMs: 250 });
    const exchange = await ccxtBinance(venue);
    quote(venue, "buy", 60_000, 1);
    await exchange.createOrder(BTC, "market", "sell", 1);
    quote(venue, "buy", 60_000, 1);
    quote(venue, "sell", 60_000.1, 1);
    venue.execute({ type: "setIndexPrice", market: BTC_MARKET, price: 59_400n * UNIT });

    const payment = await until("a payment", async () =>
      (await exchange.fetchFundingHistory(BTC)).find(({ amount: paid }: Ccxt) => paid > 0),
    );

    const truth = venue.truth().fundingPayments.find(({ paymentId }) => String(paymentId) === payment.id)!;
    expect(payment).toMatchObject({ symbol: BTC, code: "USDT", amount: Number(truth.amount) });
    expect(payment.timestamp).toBe(Math.floor(truth.timeMs));
  });
});

describe("ccxt is let in to Binance or not", () => {
  it.each([
    ["its key is wrong", { apiKey: "stranger" }, {}, errors.AuthenticationError, -2015],
    ["its secret is wrong", { secret: "guess" }, {}, errors.AuthenticationError, -1022],
    ["it is a minute late", {}, { clockSkewMs: 60_000 }, errors.InvalidNonce, -1021],
    ["it is a minute early", {}, { clockSkewMs: -60_000 }, errors.InvalidNonce, -1021],
  ])("raises its own class of error when %s, and nothing happens", async (_, credentials, faults, error, code) => {
    const venue = await openBinance({ faults });
    const exchange = await ccxtBinance(venue, { ...credentials, options: { fetchCurrencies: false } });
    for (const call of [() => exchange.fetchBalance(), () => buy(exchange, 0.5, 59_000)]) {
      const raised = await call().catch((reason: Error) => reason);
      expect(raised).toBeInstanceOf(error);
      expect(raised.message).toContain(`"code":${code},`);
    }
    expect(venue.engine.orders(venue.accountId)).toEqual([]);
  });

  it("keeps working when its clock is off but it may ask for the time", async () => {
    const venue = await openBinance({ faults: { clockSkewMs: 60_000 } });
    const exchange = await ccxtBinance(venue, {
      options: { adjustForTimeDifference: true, fetchCurrencies: false },
    });
    expect(await buy(exchange, 0.5, 59_000)).toMatchObject({ status: "open" });
  });

  it("is limited in rate when it places orders faster than Binance allows", async () => {
    const exchange = await ccxtBinance(await openBinance({ rateLimits: "strict" }));
    // Twice what ten seconds have: they may end in between.
    const orders = Array.from({ length: 601 }, (_, index) => buy(exchange, 20, 59_000, { clientOrderId: `o${index}` }));
    const reasons = (await Promise.allSettled(orders)).flatMap((outcome) =>
      outcome.status === "rejected" ? [outcome.reason] : [],
    );
    const limited = reasons.filter((reason) => !reason.message.includes('"code":-2019,'));
    expect(limited.length).toBeGreaterThan(0);
    for (const reason of limited) {
      expect(reason).toBeInstanceOf(errors.DDoSProtection);
      expect(reason.message).toContain('"code":-1015,');
    }
  });
});
