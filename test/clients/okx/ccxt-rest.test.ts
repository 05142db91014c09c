import { describe, expect, it } from "vitest";
import type { PaperVenue } from "../../../src/paper/index.ts";
import { type Ccxt, errors } from "../support/ccxt.ts";
import { BTC, bookInContracts, CONTRACT, ccxtOkx, ETH, orderStatus, orderWhen, sidesOf } from "../support/ccxt-okx.ts";
import { accountOf, amount, openVenue } from "../support/paper-venue.ts";
import { until } from "../support/until.ts";

/** An order is open for ccxt before it is in the book, so the venue tells. */
async function rested(
  venue: PaperVenue,
  exchange: Ccxt,
  symbol: string,
  contracts: number,
  price: number,
  params: object = {},
): Promise<Ccxt> {
  const { id } = await exchange.createOrder(symbol, "limit", "buy", contracts, price, params);
  await until("the order rests", () =>
    venue.truth().orders.some(({ orderId, status }) => orderId === id && status === "open") ? true : undefined,
  );
  return orderStatus(exchange, id, "open", symbol);
}

/** Buys contracts from the venue's trader at 20,000, which makes a position. */
async function bought(venue: PaperVenue, exchange: Ccxt, contracts: number, params: object = {}): Promise<Ccxt> {
  venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: String(contracts / 100) });
  const { id } = await exchange.createOrder(BTC, "limit", "buy", contracts, 20_000, params);
  return orderStatus(exchange, id, "closed");
}

describe("ccxt reads the market", () => {
  it("lists linear perpetual swaps with the engine's steps and limits, in contracts", async () => {
    const venue = await openVenue({ api: "okx" });
    const { markets } = await ccxtOkx(venue);
    expect(Object.keys(markets).sort()).toEqual([BTC, "DOGE/USDT:USDT", ETH, "SOL/USDT:USDT"]);
    for (const { spec } of venue.engine.markets()) {
      const contractSize = CONTRACT[spec.base]!;
      expect(markets[`${spec.base}/USDT:USDT`]).toMatchObject({
        id: `${spec.base}-USDT-SWAP`,
        type: "swap",
        linear: true,
        active: true,
        settle: "USDT",
        contractSize,
        precision: { price: amount(spec.tick), amount: amount(spec.lot) / contractSize },
        limits: { leverage: { max: amount(spec.maxLeverage) }, amount: { max: amount(spec.maxSize) / contractSize } },
      });
    }
  });

  it("loads the currencies that it asks for with its key", async () => {
    const exchange = await ccxtOkx(await openVenue({ api: "okx" }));
    expect(Object.keys(await exchange.fetchCurrencies()).sort()).toEqual(["BTC", "DOGE", "ETH", "SOL", "USDT"]);
  });

  it("fetches books as the engine has them", async () => {
    const venue = await openVenue({ api: "okx", emptyBooks: false, quiet: true });
    const exchange = await ccxtOkx(venue);
    for (const { spec } of venue.engine.markets()) {
      const book = await exchange.fetchOrderBook(`${spec.base}/USDT:USDT`, 400);
      expect(sidesOf(book)).toEqual(bookInContracts(venue, spec.base, 400));
    }
    expect((await exchange.fetchOrderBook(BTC, 5)).bids).toHaveLength(5);
  });

  it("fetches tickers, trades, marks and open interest that agree with each other", async () => {
    const venue = await openVenue({ api: "okx" });
    const exchange = await ccxtOkx(venue);
    await bought(venue, exchange, 30);
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "19990", size: "1" });
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20010", size: "2" });

    expect(await exchange.fetchTicker(BTC)).toMatchObject({
      last: 20_000,
      bid: 19_990,
      bidVolume: 100,
      ask: 20_010,
      askVolume: 200,
      baseVolume: 30,
    });
    const tickers = await exchange.fetchTickers();
    expect(Object.keys(tickers).sort()).toEqual([BTC, "DOGE/USDT:USDT", ETH, "SOL/USDT:USDT"]);
    const [trade] = venue.engine.trades("BTC-USD");
    expect(await exchange.fetchTrades(BTC)).toMatchObject([
      { price: 20_000, amount: 30, side: "buy", timestamp: Math.floor(trade!.timeMs) },
    ]);
    expect(await exchange.fetchOpenInterest(BTC)).toMatchObject({ openInterestAmount: 30 });
    expect((await exchange.fetchMarkPrice(BTC)).markPrice).toBe(20_000);
    expect(await exchange.fetchTime()).toBeGreaterThan(trade!.timeMs);
    const [candle] = await exchange.fetchOHLCV(BTC, "1m");
    expect(candle.slice(1)).toEqual([20_000, 20_000, 20_000, 20_000, 0.3]);
  });

  it("fetches the funding rate that the engine predicts and the rates that were", async () => {
    const venue = await openVenue({ api: "okx", fundingIntervalMs: 250 });
    const exchange = await ccxtOkx(venue);
    const settled = await until("a settled rate", () => venue.engine.fundingRates("BTC-USD")[0]);

    const rate = await exchange.fetchFundingRate(BTC);
    const history = await exchange.fetchFundingRateHistory(BTC);

    const btc = venue.engine.market("BTC-USD")!;
    expect(rate).toMatchObject({ symbol: BTC, fundingRate: amount(btc.predictedRate) });
    expect(rate.fundingTimestamp).toBeGreaterThan(settled.timeMs);
    expect(rate.nextFundingTimestamp - rate.fundingTimestamp).toBe(250);
    expect(history).toContainEqual(
      expect.objectContaining({
        symbol: BTC,
        fundingRate: amount(settled.rate),
        timestamp: Math.floor(settled.timeMs),
      }),
    );
  });
});

describe("ccxt trades", () => {
  it("finds its order by both ids, before and after exactly a part of it is filled", async () => {
    const venue = await openVenue({ api: "okx" });
    const exchange = await ccxtOkx(venue);
    const { id } = await rested(venue, exchange, BTC, 50, 20_000, { clientOrderId: "half", postOnly: true });

    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "0.2", timeInForce: "IOC" });

    const byId = await orderWhen(exchange, id, "filled in part", ({ filled }) => filled > 0);
    expect(byId).toMatchObject({
      symbol: BTC,
      clientOrderId: "half",
      postOnly: true,
      status: "open",
      filled: 20,
      remaining: 30,
      average: 20_000,
      cost: 4_000,
      fee: { cost: 0.8, currency: "USDT" },
    });
    expect(await exchange.fetchOrder(undefined, BTC, { clientOrderId: "half" })).toEqual(byId);
    expect(await exchange.fetchOpenOrders(BTC)).toEqual([byId]);
    const fills = await exchange.fetchMyTrades(BTC);
    expect(fills).toMatchObject([
      { order: id, amount: 20, price: 20_000, cost: 4_000, side: "buy", takerOrMaker: "maker" },
    ]);
    expect(fills[0].fee).toMatchObject({ cost: 0.8, currency: "USDT" });
    expect(fills[0].id).toBe(venue.truth().fills[0]?.fillId);
    expect(await exchange.fetchOrderTrades(id, BTC)).toMatchObject(fills);
  });

  it("sees a cancelled order as canceled and a filled one as closed", async () => {
    const venue = await openVenue({ api: "okx" });
    const exchange = await ccxtOkx(venue);
    const open = await rested(venue, exchange, BTC, 50, 19_000);
    await exchange.cancelOrder(open.id, BTC);
    expect(await orderStatus(exchange, open.id, "canceled")).toMatchObject({ filled: 0, amount: 50 });

    const byClientId = await rested(venue, exchange, BTC, 50, 19_000, { clientOrderId: "bye" });
    await exchange.cancelOrder(undefined, BTC, { clientOrderId: "bye" });
    await orderStatus(exchange, byClientId.id, "canceled");

    const filled = await bought(venue, exchange, 20);
    expect(filled).toMatchObject({ filled: 20, remaining: 0, average: 20_000, cost: 4_000 });
    const idsOf = (orders: Ccxt[]) => orders.map(({ id, status }: Ccxt) => [id, status]);
    expect(idsOf(await exchange.fetchClosedOrders(BTC))).toEqual([[filled.id, "closed"]]);
    expect(idsOf(await exchange.fetchCanceledOrders(BTC))).toEqual([
      [open.id, "canceled"],
      [byClientId.id, "canceled"],
    ]);
  });

  it("cancels all that is open, over two markets with one request", async () => {
    const venue = await openVenue({ api: "okx" });
    const exchange = await ccxtOkx(venue);
    const btc = await rested(venue, exchange, BTC, 50, 19_000);
    const eth = await rested(venue, exchange, ETH, 10, 1_400);
    const open = await exchange.fetchOpenOrders();
    expect(open.map(({ id }: Ccxt) => id)).toEqual([btc.id, eth.id]);
    await exchange.cancelOrdersForSymbols(open.map(({ id, symbol }: Ccxt) => ({ id, symbol })));
    await orderStatus(exchange, btc.id, "canceled");
    await orderStatus(exchange, eth.id, "canceled", ETH);
    const several = await Promise.all([19_100, 19_200].map((price) => rested(venue, exchange, BTC, 10, price)));
    await exchange.cancelOrders(
      several.map(({ id }) => id),
      BTC,
    );
    for (const { id } of several) await orderStatus(exchange, id, "canceled");
    expect(await exchange.fetchOpenOrders()).toEqual([]);
  });

  it("places several orders with one request", async () => {
    const venue = await openVenue({ api: "okx" });
    const exchange = await ccxtOkx(venue);
    const row = { symbol: BTC, type: "limit", side: "buy", amount: 10, price: 19_000 };
    const placed: Ccxt[] = await exchange.createOrders([row, { ...row, price: 19_100 }]);
    const prices = placed.map(async ({ id }) => (await orderStatus(exchange, id, "open")).price);
    expect(await Promise.all(prices)).toEqual([19_000, 19_100]);
  });

  it("edits an order, which stays the same one, with another price and size", async () => {
    const venue = await openVenue({ api: "okx" });
    const exchange = await ccxtOkx(venue);
    const { id } = await rested(venue, exchange, BTC, 50, 19_000, { clientOrderId: "edit1" });
    const edited = await exchange.editOrder(id, BTC, "limit", "buy", 40, 19_100);
    expect(edited.id).toBe(id);
    expect(await orderWhen(exchange, id, "edited", ({ price }) => price === 19_100)).toMatchObject({
      clientOrderId: "edit1",
      status: "open",
      amount: 40,
    });
    expect(await exchange.fetchOpenOrders(BTC)).toHaveLength(1);
  });

  it("sees a post-only order that crosses canceled without a fill", async () => {
    const venue = await openVenue({ api: "okx" });
    const exchange = await ccxtOkx(venue);
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "1" });
    const { id } = await exchange.createOrder(BTC, "limit", "buy", 50, 20_000, { postOnly: true });
    const canceled = await orderStatus(exchange, id, "canceled");
    expect(canceled).toMatchObject({ filled: 0, postOnly: true, info: { cancelSource: "31" } });
    expect(await exchange.fetchMyTrades(BTC)).toEqual([]);
  });

  it("gets what is there with an IOC, a FOK or a market order, and the rest is canceled", async () => {
    const venue = await openVenue({ api: "okx" });
    const exchange = await ccxtOkx(venue);
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "0.3" });
    const fok = await exchange.createOrder(BTC, "limit", "buy", 50, 20_000, { timeInForce: "FOK" });
    expect(await orderStatus(exchange, fok.id, "canceled")).toMatchObject({ filled: 0, timeInForce: "FOK" });
    const ioc = await exchange.createOrder(BTC, "limit", "buy", 50, 20_000, { timeInForce: "IOC" });
    expect(await orderStatus(exchange, ioc.id, "canceled")).toMatchObject({ filled: 30, timeInForce: "IOC" });

    venue.trader.order({ market: "BTC-USD", side: "buy", price: "19999", size: "1" });
    const market = await exchange.createOrder(BTC, "market", "sell", 10);
    expect(await orderStatus(exchange, market.id, "closed")).toMatchObject({
      filled: 10,
      average: 19_999,
      type: "market",
    });
  });

  it("is refused a reduce-only order that would open a position, and never trades more than it has", async () => {
    const venue = await openVenue({ api: "okx" });
    const exchange = await ccxtOkx(venue);
    const close = () => exchange.createOrder(BTC, "market", "sell", 50, undefined, { reduceOnly: true });
    await expect(close()).rejects.toThrow(/51169/);

    await bought(venue, exchange, 20);
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "20000", size: "1" });
    const { id } = await close();

    await orderWhen(exchange, id, "done", ({ status }) => status !== "open");
    expect(accountOf(venue).positions).toMatchObject([{ size: 0n }]);
    expect((await exchange.fetchMyTrades(BTC)).map(({ side, amount: size }: Ccxt) => [side, size])).toEqual([
      ["buy", 20],
      ["sell", 20],
    ]);
  });

  it("raises its own class of error for each refusal", async () => {
    const venue = await openVenue({ api: "okx" });
    const exchange = await ccxtOkx(venue);
    const buy = (contracts: number, price: number, params: object = {}) =>
      exchange.createOrder(BTC, "limit", "buy", contracts, price, params);
    const { id } = await rested(venue, exchange, BTC, 1, 19_000, { clientOrderId: "once" });
    const cases: readonly (readonly [what: string, call: () => Promise<unknown>, error: Ccxt])[] = [
      ["insufficient margin", () => buy(5_100, 20_000), errors.InsufficientFunds],
      ["too large", () => buy(200_000, 20_000), errors.InvalidOrder],
      ["too far away", () => buy(1, 50_000), errors.InvalidOrder],
      ["a client id again", () => buy(1, 19_000, { clientOrderId: "once" }), errors.InvalidOrder],
      ["a leg in net mode", () => buy(1, 19_000, { posSide: "long" }), errors.BadRequest],
      ["the cancel of an unknown order", () => exchange.cancelOrder("123", BTC), errors.OrderNotFound],
      ["an unknown order", () => exchange.fetchOrder("123", BTC), errors.OrderNotFound],
      [
        "the edit of an unknown order",
        () => exchange.editOrder("123", BTC, "limit", "buy", 1, 1),
        errors.ExchangeError,
      ],
      ["an unknown market", () => exchange.publicGetMarketBooks({ instId: "XRP-USDT-SWAP" }), errors.BadSymbol],
    ];
    for (const [what, call, error] of cases) await expect(call(), what).rejects.toThrow(error);

    await exchange.cancelOrder(id, BTC);
    await orderStatus(exchange, id, "canceled");
    await expect(exchange.cancelOrder(id, BTC)).rejects.toThrow(errors.OrderNotFound);
  });

  it("is limited in rate when it asks faster than OKX allows", async () => {
    const exchange = await ccxtOkx(await openVenue({ api: "okx", rateLimits: "strict" }));
    const calls = Array.from({ length: 14 }, () => exchange.fetchAccounts());
    const refusals = (await Promise.allSettled(calls)).filter((outcome) => outcome.status === "rejected");
    expect(refusals.length).toBe(9);
    for (const { reason } of refusals) expect(reason).toBeInstanceOf(errors.RateLimitExceeded);
  });
});

describe("ccxt reads its account", () => {
  it("has the balance, position and fees that the engine has", async () => {
    const venue = await openVenue({ api: "okx" });
    const exchange = await ccxtOkx(venue);
    await bought(venue, exchange, 50);
    const { cash, equity, freeCollateral, initialMargin } = accountOf(venue);

    const balance = await exchange.fetchBalance();
    expect(balance.USDT).toMatchObject({ total: amount(equity), free: amount(freeCollateral) });
    expect(Number(balance.info.data[0].details[0].cashBal)).toBe(amount(cash));
    expect(await exchange.fetchPositions([BTC])).toMatchObject([
      {
        symbol: BTC,
        side: "long",
        contracts: 50,
        contractSize: 0.01,
        entryPrice: 20_000,
        leverage: 10,
        notional: 10_000,
        initialMargin: amount(initialMargin),
        marginMode: "cross",
        hedged: false,
      },
    ]);
    expect(await exchange.fetchPosition(BTC)).toMatchObject({ side: "long", contracts: 50 });
    expect(await exchange.fetchTradingFee(BTC)).toMatchObject({ maker: 0.0002, taker: 0.0005 });
  });

  it("sets the leverage, and the margin follows; setting it again changes nothing", async () => {
    const venue = await openVenue({ api: "okx" });
    const exchange = await ccxtOkx(venue);
    await bought(venue, exchange, 100);
    await exchange.setLeverage(4, BTC);
    expect(amount(accountOf(venue).initialMargin)).toBe(5_000);
    expect(await exchange.fetchLeverage(BTC)).toMatchObject({ longLeverage: 4, shortLeverage: 4 });
    expect(await exchange.setLeverage(4, BTC)).toMatchObject({ code: "0" });
    await expect(exchange.setLeverage(100, BTC)).rejects.toThrow(/59102/);
  });

  it("holds a long and a short position at once in hedge mode", async () => {
    const venue = await openVenue({ api: "okx" });
    const exchange = await ccxtOkx(venue);
    expect(await exchange.fetchPositionMode()).toMatchObject({ hedged: false });
    await exchange.setPositionMode(true);
    expect(await exchange.fetchPositionMode()).toMatchObject({ hedged: true });
    await bought(venue, exchange, 30, { hedged: true });
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "20000", size: "0.2" });
    const { id } = await exchange.createOrder(BTC, "limit", "sell", 20, 20_000, { hedged: true });
    await orderStatus(exchange, id, "closed");
    const positions: Ccxt[] = await exchange.fetchPositions([BTC]);
    expect(positions.map(({ side, contracts, hedged }) => [side, contracts, hedged]).toSorted()).toEqual([
      ["long", 30, true],
      ["short", 20, true],
    ]);
    await expect(exchange.setPositionMode(false)).rejects.toThrow(/59000/);
  });

  it("holds an isolated position, and adds margin to it", async () => {
    const venue = await openVenue({ api: "okx" });
    const exchange = await ccxtOkx(venue);
    await bought(venue, exchange, 50, { marginMode: "isolated" });
    const [position] = await exchange.fetchPositions([BTC]);
    expect(position).toMatchObject({ marginMode: "isolated", contracts: 50 });
    await exchange.addMargin(BTC, 100, { posSide: "net" });
    const held = accountOf(venue).positions[0]!.isolatedMargin;
    expect(Number((await exchange.fetchPositions([BTC]))[0].info.margin)).toBe(amount(held));
    expect(amount(held)).toBeGreaterThan(Number(position.info.margin) + 99);
  });

  it("is told what the venue knows of a funding payment that it receives", async () => {
    const venue = await openVenue({ api: "okx", fundingIntervalMs: 250 });
    const exchange = await ccxtOkx(venue);
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "20000", size: "1" });
    await exchange.createOrder(BTC, "market", "sell", 100);
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "20000", size: "1" });
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20001", size: "1" });
    venue.execute({ type: "setIndexPrice", market: "BTC-USD", price: 19_800n * 100_000_000n });

    const truth = await until("a payment", () =>
      venue.truth().fundingPayments.find(({ amount: paid }) => Number(paid) > 0),
    );
    const history: Ccxt[] = await exchange.fetchFundingHistory(BTC);
    const payment = history.find(({ timestamp }) => timestamp === Math.floor(truth.timeMs));
    expect(payment).toMatchObject({ id: truth.paymentId, symbol: BTC, code: "USDT", amount: Number(truth.amount) });

    const ledger: Ccxt[] = await exchange.fetchLedger("USDT", undefined, undefined, { subType: "174" });
    expect(ledger.find(({ id }) => id === truth.paymentId)).toMatchObject({ currency: "USDT", amount: payment.amount });
    const rates = await exchange.fetchFundingRateHistory(BTC);
    expect(rates).toContainEqual(
      expect.objectContaining({ fundingRate: Number(truth.rate), timestamp: payment.timestamp }),
    );
  });

  it("raises an authentication error for a wrong key, secret and passphrase, and a nonce error for a wrong clock", async () => {
    const venue = await openVenue({ api: "okx" });
    for (const wrong of [{ apiKey: "stranger" }, { secret: "guess" }, { password: "Other-Pass-1" }]) {
      const stranger = await ccxtOkx(venue, wrong);
      await expect(stranger.fetchBalance()).rejects.toThrow(errors.AuthenticationError);
      await expect(stranger.createOrder(BTC, "limit", "buy", 1, 19_000)).rejects.toThrow(errors.AuthenticationError);
    }
    expect(venue.engine.orders(venue.accountId)).toEqual([]);
    const exchange = await ccxtOkx(venue);
    venue.faults.set({ clockSkewMs: 60_000 });
    await expect(exchange.fetchBalance()).rejects.toThrow(errors.InvalidNonce);
    await exchange.loadTimeDifference();
    expect((await exchange.fetchBalance()).USDT.total).toBe(100_000);
  });
});

describe("ccxt meets a venue in trouble", () => {
  it("raises that the exchange is not available, and a rate limit error", async () => {
    const venue = await openVenue({ api: "okx" });
    const exchange = await ccxtOkx(venue);
    expect((await exchange.fetchBalance()).USDT.total).toBe(100_000);
    venue.faults.set({ error5xx: 1 });
    await expect(exchange.fetchBalance()).rejects.toThrow(errors.ExchangeNotAvailable);
    venue.faults.clear();
    venue.faults.set({ error429: 1 });
    await expect(exchange.fetchBalance()).rejects.toThrow(errors.RateLimitExceeded);
    venue.faults.clear();
    expect((await exchange.fetchBalance()).USDT.total).toBe(100_000);
  });

  it("gets a network error for an order whose answer is lost, and finds the order by its own id", async () => {
    const venue = await openVenue({ api: "okx" });
    const exchange = await ccxtOkx(venue);
    await exchange.fetchBalance();
    venue.faults.set({ resetAfterAccept: 1 });
    await expect(exchange.createOrder(BTC, "limit", "buy", 50, 19_000, { clientOrderId: "lost" })).rejects.toThrow(
      errors.NetworkError,
    );
    venue.faults.clear();
    const found = await exchange.fetchOrder(undefined, BTC, { clientOrderId: "lost" });
    expect(found).toMatchObject({ status: "open", amount: 50, clientOrderId: "lost" });
  });
});
