import { describe, expect, it } from "vitest";
import type { PaperVenue } from "../../../src/paper/index.ts";
import { type Ccxt, errors, levelsOf } from "../support/ccxt.ts";
import { BTC, ccxtBybit, ETH, orderStatus, orderWhen } from "../support/ccxt-bybit.ts";
import { accountOf, amount, bookOf, openVenue } from "../support/paper-venue.ts";
import { until } from "../support/until.ts";

/** An order is open for ccxt before it is in the book, so the venue tells. */
async function rested(
  venue: PaperVenue,
  exchange: Ccxt,
  symbol: string,
  size: number,
  price: number,
  params: object = {},
): Promise<Ccxt> {
  const { id } = await exchange.createOrder(symbol, "limit", "buy", size, price, params);
  await until("the order rests", () =>
    venue.truth().orders.some(({ orderId, status }) => orderId === id && status === "open") ? true : undefined,
  );
  return orderStatus(exchange, id, "open", symbol);
}

/** Buys from the venue's trader at 20,000, which makes a position. */
async function bought(venue: PaperVenue, exchange: Ccxt, size: number, params: object = {}): Promise<Ccxt> {
  venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: String(size) });
  const { id } = await exchange.createOrder(BTC, "limit", "buy", size, 20_000, params);
  return orderStatus(exchange, id, "closed");
}

describe("ccxt reads the market", () => {
  it("lists linear perpetual swaps with the engine's steps and limits", async () => {
    const venue = await openVenue({ api: "bybit" });
    const { markets } = await ccxtBybit(venue);
    expect(Object.keys(markets).sort()).toEqual([BTC, "DOGE/USDT:USDT", ETH, "SOL/USDT:USDT"]);
    for (const { spec } of venue.engine.markets()) {
      expect(markets[`${spec.base}/USDT:USDT`]).toMatchObject({
        id: `${spec.base}USDT`,
        type: "swap",
        linear: true,
        active: true,
        settle: "USDT",
        contractSize: 1,
        precision: { price: amount(spec.tick), amount: amount(spec.lot) },
        limits: { leverage: { max: amount(spec.maxLeverage) }, amount: { max: amount(spec.maxSize) } },
      });
    }
  });

  it("fetches books as the engine has them", async () => {
    const venue = await openVenue({ api: "bybit", emptyBooks: false, quiet: true });
    const exchange = await ccxtBybit(venue);
    for (const { spec } of venue.engine.markets()) {
      const { bids, asks } = await exchange.fetchOrderBook(`${spec.base}/USDT:USDT`, 200);
      expect({ bids: levelsOf(bids), asks: levelsOf(asks) }).toEqual(bookOf(venue, spec.market, 200));
    }
    expect((await exchange.fetchOrderBook(BTC, 5)).bids).toHaveLength(5);
  });

  it("fetches tickers, trades and open interest that agree with each other", async () => {
    const venue = await openVenue({ api: "bybit" });
    const exchange = await ccxtBybit(venue);
    await bought(venue, exchange, 0.3);
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "19990", size: "1" });
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20010", size: "2" });

    expect(await exchange.fetchTicker(BTC)).toMatchObject({
      last: 20_000,
      bid: 19_990,
      bidVolume: 1,
      ask: 20_010,
      askVolume: 2,
      baseVolume: 0.3,
      quoteVolume: 6_000,
    });
    const tickers = await exchange.fetchTickers();
    expect(Object.keys(tickers).sort()).toEqual([BTC, "DOGE/USDT:USDT", ETH, "SOL/USDT:USDT"]);
    const [trade] = venue.engine.trades("BTC-USD");
    expect(await exchange.fetchTrades(BTC)).toMatchObject([
      { price: 20_000, amount: 0.3, side: "buy", timestamp: Math.floor(trade!.timeMs) },
    ]);
    expect(await exchange.fetchTime()).toBeGreaterThan(trade!.timeMs);
  });

  it("fetches the funding rate that the engine predicts and the rates that were", async () => {
    const venue = await openVenue({ api: "bybit", fundingIntervalMs: 250 });
    const exchange = await ccxtBybit(venue);
    const settled = await until("a settled rate", () => venue.engine.fundingRates("BTC-USD")[0]);

    const rate = await exchange.fetchFundingRate(BTC);
    const history = await exchange.fetchFundingRateHistory(BTC);

    const btc = venue.engine.market("BTC-USD")!;
    expect(rate).toMatchObject({ symbol: BTC, fundingRate: amount(btc.predictedRate), markPrice: amount(btc.mark) });
    expect(rate.fundingTimestamp).toBeGreaterThan(settled.timeMs);
    expect(history).toContainEqual(
      expect.objectContaining({ symbol: BTC, fundingRate: amount(settled.rate), timestamp: settled.timeMs }),
    );
  });
});

describe("ccxt trades", () => {
  it("finds its order by both ids, before and after exactly a part of it is filled", async () => {
    const venue = await openVenue({ api: "bybit" });
    const exchange = await ccxtBybit(venue);
    const { id } = await rested(venue, exchange, BTC, 0.5, 20_000, { clientOrderId: "half", postOnly: true });

    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "0.2", timeInForce: "IOC" });

    const byId = await orderWhen(exchange, id, "filled in part", ({ filled }) => filled > 0);
    expect(byId).toMatchObject({
      symbol: BTC,
      clientOrderId: "half",
      timeInForce: "PO",
      postOnly: true,
      status: "open",
      filled: 0.2,
      remaining: 0.3,
      average: 20_000,
      cost: 4_000,
    });
    const [byClientId] = await exchange.fetchOpenOrders(BTC, undefined, undefined, { orderLinkId: "half" });
    expect(byClientId).toEqual(byId);
    expect(await exchange.fetchOpenOrder(id, BTC)).toEqual(byId);
    expect(await exchange.fetchOpenOrders(BTC)).toEqual([byId]);
    const fills = await exchange.fetchMyTrades(BTC);
    expect(fills).toMatchObject([
      { order: id, amount: 0.2, price: 20_000, side: "buy", takerOrMaker: "maker", fee: { cost: 0.8, rate: 0.0002 } },
    ]);
    expect(fills[0].fee.currency).toBe("USDT");
    expect(fills[0].id).toBe(venue.truth().fills[0]?.fillId);
    expect(await exchange.fetchOrderTrades(id, BTC)).toEqual(fills);
  });

  it("sees a cancelled order as canceled and a filled one as closed", async () => {
    const venue = await openVenue({ api: "bybit" });
    const exchange = await ccxtBybit(venue);
    const open = await rested(venue, exchange, BTC, 0.5, 19_000);
    await exchange.cancelOrder(open.id, BTC);
    expect(await orderStatus(exchange, open.id, "canceled")).toMatchObject({ filled: 0, amount: 0.5 });

    const byClientId = await rested(venue, exchange, BTC, 0.5, 19_000, { clientOrderId: "bye" });
    await exchange.cancelOrder(undefined, BTC, { orderLinkId: "bye" });
    await orderStatus(exchange, byClientId.id, "canceled");

    const filled = await bought(venue, exchange, 0.2);
    expect(filled).toMatchObject({ filled: 0.2, remaining: 0, average: 20_000, cost: 4_000 });
    const closed = await exchange.fetchCanceledAndClosedOrders(BTC);
    expect(closed.map(({ id, status }: Ccxt) => [id, status])).toEqual([
      [open.id, "canceled"],
      [byClientId.id, "canceled"],
      [filled.id, "closed"],
    ]);
  });

  it("cancels one market's orders, several at once, and then all", async () => {
    const venue = await openVenue({ api: "bybit" });
    const exchange = await ccxtBybit(venue);
    const btc = await rested(venue, exchange, BTC, 0.5, 19_000);
    const eth = await rested(venue, exchange, ETH, 1, 1_400);
    await exchange.cancelAllOrders(BTC);
    await orderStatus(exchange, btc.id, "canceled");
    expect((await exchange.fetchOpenOrders()).map(({ id }: Ccxt) => id)).toEqual([eth.id]);
    await exchange.cancelAllOrders();
    await orderStatus(exchange, eth.id, "canceled", ETH);
    const several = await Promise.all([19_100, 19_200].map((price) => rested(venue, exchange, BTC, 0.1, price)));
    await exchange.cancelOrders(
      several.map(({ id }) => id),
      BTC,
    );
    for (const { id } of several) await orderStatus(exchange, id, "canceled");
  });

  it("places several orders with one request", async () => {
    const venue = await openVenue({ api: "bybit" });
    const exchange = await ccxtBybit(venue);
    const row = { symbol: BTC, type: "limit", side: "buy", amount: 0.1, price: 19_000 };
    const placed: Ccxt[] = await exchange.createOrders([row, { ...row, price: 19_100 }]);
    const prices = placed.map(async ({ id }) => (await orderStatus(exchange, id, "open")).price);
    expect(await Promise.all(prices)).toEqual([19_000, 19_100]);
  });

  it("edits an order, which stays the same one, with another price and size", async () => {
    const venue = await openVenue({ api: "bybit" });
    const exchange = await ccxtBybit(venue);
    const { id } = await rested(venue, exchange, BTC, 0.5, 19_000, { clientOrderId: "edit-me" });
    const edited = await exchange.editOrder(id, BTC, "limit", "buy", 0.4, 19_100);
    expect(edited.id).toBe(id);
    expect(await orderWhen(exchange, id, "edited", ({ price }) => price === 19_100)).toMatchObject({
      clientOrderId: "edit-me",
      status: "open",
      amount: 0.4,
    });
    expect(await exchange.fetchOpenOrders(BTC)).toHaveLength(1);
  });

  it("sees a post-only order that crosses canceled without a fill", async () => {
    const venue = await openVenue({ api: "bybit" });
    const exchange = await ccxtBybit(venue);
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "1" });
    const { id } = await exchange.createOrder(BTC, "limit", "buy", 0.5, 20_000, { postOnly: true });
    const canceled = await orderStatus(exchange, id, "canceled");
    expect(canceled).toMatchObject({ filled: 0, info: { rejectReason: "EC_PostOnlyWillTakeLiquidity" } });
    expect(await exchange.fetchMyTrades(BTC)).toEqual([]);
  });

  it("gets what is there with an IOC or a market order, and the rest is canceled", async () => {
    const venue = await openVenue({ api: "bybit" });
    const exchange = await ccxtBybit(venue);
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "0.3" });
    const ioc = await exchange.createOrder(BTC, "limit", "buy", 0.5, 20_000, { timeInForce: "IOC" });
    expect(await orderStatus(exchange, ioc.id, "canceled")).toMatchObject({ filled: 0.3, timeInForce: "IOC" });

    venue.trader.order({ market: "BTC-USD", side: "buy", price: "19999", size: "1" });
    const market = await exchange.createOrder(BTC, "market", "sell", 0.1);
    expect(await orderStatus(exchange, market.id, "closed")).toMatchObject({
      filled: 0.1,
      average: 19_999,
      type: "market",
    });
  });

  it("is refused a reduce-only order that would open a position, and never trades more than it has", async () => {
    const venue = await openVenue({ api: "bybit" });
    const exchange = await ccxtBybit(venue);
    const close = () => exchange.createOrder(BTC, "market", "sell", 0.5, undefined, { reduceOnly: true });
    await expect(close()).rejects.toThrow(errors.InvalidOrder);

    await bought(venue, exchange, 0.2);
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "20000", size: "1" });
    const { id } = await close();

    await orderWhen(exchange, id, "done", ({ status }) => status !== "open");
    expect(accountOf(venue).positions).toMatchObject([{ size: 0n }]);
    expect((await exchange.fetchMyTrades(BTC)).map(({ side, amount: size }: Ccxt) => [side, size])).toEqual([
      ["buy", 0.2],
      ["sell", 0.2],
    ]);
  });

  it("raises its own class of error for each refusal", async () => {
    const venue = await openVenue({ api: "bybit" });
    const exchange = await ccxtBybit(venue);
    const buy = (size: number, price: number, params: object = {}) =>
      exchange.createOrder(BTC, "limit", "buy", size, price, params);
    const { id } = await rested(venue, exchange, BTC, 0.01, 19_000, { clientOrderId: "once" });
    const cases: readonly (readonly [what: string, call: () => Promise<unknown>, error: Ccxt])[] = [
      ["insufficient margin", () => buy(51, 20_000), errors.InsufficientFunds],
      ["too large", () => buy(2_000, 20_000), errors.BadRequest],
      ["a client id again", () => buy(0.01, 19_000, { clientOrderId: "once" }), errors.InvalidOrder],
      ["the cancel of an unknown order", () => exchange.cancelOrder("123", BTC), errors.OrderNotFound],
      ["an unknown open order", () => exchange.fetchOpenOrder("123", BTC), errors.OrderNotFound],
      [
        "the edit of an unknown order",
        () => exchange.editOrder("123", BTC, "limit", "buy", 1, 1),
        errors.OrderNotFound,
      ],
      [
        "an unknown market",
        () => exchange.publicGetV5MarketOrderbook({ category: "linear", symbol: "XRPUSDT" }),
        errors.BadRequest,
      ],
    ];
    for (const [what, call, error] of cases) await expect(call(), what).rejects.toThrow(error);

    await exchange.cancelOrder(id, BTC);
    await orderStatus(exchange, id, "canceled");
    await expect(exchange.cancelOrder(id, BTC)).rejects.toThrow(errors.OrderNotFound);
  });

  it("is limited in rate when it places orders faster than Bybit allows", async () => {
    const exchange = await ccxtBybit(await openVenue({ api: "bybit", rateLimits: "strict" }));
    const orders = Array.from({ length: 14 }, () => exchange.createOrder(BTC, "limit", "buy", 0.01, 19_000));
    const refusals = (await Promise.allSettled(orders)).filter((outcome) => outcome.status === "rejected");
    expect(refusals.length).toBeGreaterThan(0);
    for (const { reason } of refusals) expect(reason).toBeInstanceOf(errors.RateLimitExceeded);
  });
});

describe("ccxt reads its account", () => {
  it("has the balance, position and fees that the engine has", async () => {
    const venue = await openVenue({ api: "bybit" });
    const exchange = await ccxtBybit(venue);
    await bought(venue, exchange, 0.5);
    const { cash, initialMargin } = accountOf(venue);

    const balance = await exchange.fetchBalance();
    expect(balance.USDT.total).toBe(amount(cash));
    const [coin] = balance.info.result.list[0].coin;
    expect(Number(coin.totalPositionIM)).toBe(amount(initialMargin));
    expect(await exchange.fetchPositions([BTC])).toMatchObject([
      {
        symbol: BTC,
        side: "long",
        contracts: 0.5,
        contractSize: 1,
        entryPrice: 20_000,
        leverage: 10,
        notional: 10_000,
      },
    ]);
    expect(await exchange.fetchPosition(BTC)).toMatchObject({ side: "long", contracts: 0.5, hedged: false });
    expect(await exchange.fetchTradingFee(BTC)).toMatchObject({ maker: 0.0002, taker: 0.00055 });
    expect((await exchange.fetchTradingFees({ category: "linear" }))[ETH]).toMatchObject({
      maker: 0.0002,
      taker: 0.00055,
    });
  });

  it("sets the leverage, and the margin follows; setting it again is an error of its own", async () => {
    const venue = await openVenue({ api: "bybit" });
    const exchange = await ccxtBybit(venue);
    await bought(venue, exchange, 1);
    await exchange.setLeverage(4, BTC);
    expect(amount(accountOf(venue).initialMargin)).toBe(5_000);
    expect(await exchange.fetchLeverage(BTC)).toMatchObject({ longLeverage: 4, shortLeverage: 4 });
    await expect(exchange.setLeverage(4, BTC)).rejects.toThrow(/110043/);
  });

  it("holds a long and a short position at once in hedge mode", async () => {
    const venue = await openVenue({ api: "bybit" });
    const exchange = await ccxtBybit(venue);
    await exchange.setPositionMode(true, BTC);
    await expect(exchange.setPositionMode(true, BTC)).rejects.toThrow(errors.NoChange);
    await bought(venue, exchange, 0.3, { positionIdx: 1 });
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "20000", size: "0.2" });
    const { id } = await exchange.createOrder(BTC, "limit", "sell", 0.2, 20_000, { hedged: true });
    await orderStatus(exchange, id, "closed");
    const positions = await exchange.fetchPositions([BTC]);
    expect(positions.map(({ side, contracts, hedged }: Ccxt) => [side, contracts, hedged])).toEqual([
      ["long", 0.3, true],
      ["short", 0.2, true],
    ]);
    await expect(exchange.setPositionMode(false, BTC)).rejects.toThrow(/110024/);
  });

  it("is told what the venue knows of a funding payment that it receives", async () => {
    const venue = await openVenue({ api: "bybit", fundingIntervalMs: 250 });
    const exchange = await ccxtBybit(venue);
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "20000", size: "1" });
    await exchange.createOrder(BTC, "market", "sell", 1);
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "20000", size: "1" });
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20001", size: "1" });
    venue.execute({ type: "setIndexPrice", market: "BTC-USD", price: 19_800n * 100_000_000n });

    const truth = await until("a payment", () =>
      venue.truth().fundingPayments.find(({ amount: paid }) => Number(paid) > 0),
    );
    const history = await exchange.fetchFundingHistory(BTC);
    const payment = history.find(({ timestamp }: Ccxt) => timestamp === Math.floor(truth.timeMs));

    // ccxt hands on `execFee` as it is: negative is received.
    expect(payment).toMatchObject({ symbol: BTC, code: "USDT", amount: -Number(truth.amount) });
    const settlements = await exchange.fetchLedger("USDT", undefined, undefined, { type: "SETTLEMENT" });
    const settlement = settlements.find(({ timestamp }: Ccxt) => timestamp === payment.timestamp);
    expect(settlement).toMatchObject({ direction: "in", amount: Number(truth.amount), currency: "USDT" });
    const rates = await exchange.fetchFundingRateHistory(BTC);
    expect(rates).toContainEqual(
      expect.objectContaining({ fundingRate: Number(truth.rate), timestamp: payment.timestamp }),
    );
  });

  it("raises an authentication error for a wrong key and a wrong secret, and a nonce error for a wrong clock", async () => {
    const venue = await openVenue({ api: "bybit" });
    const stranger = await ccxtBybit(venue, { apiKey: "stranger" });
    await expect(stranger.fetchBalance()).rejects.toThrow(errors.AuthenticationError);
    const forger = await ccxtBybit(venue, { secret: "guess" });
    await expect(forger.fetchBalance()).rejects.toThrow(errors.AuthenticationError);
    await expect(forger.createOrder(BTC, "limit", "buy", 0.1, 19_000)).rejects.toThrow(errors.AuthenticationError);
    expect(venue.engine.orders(venue.accountId)).toEqual([]);
    const exchange = await ccxtBybit(venue);
    venue.faults.set({ clockSkewMs: 60_000 });
    await expect(exchange.fetchBalance()).rejects.toThrow(errors.InvalidNonce);
    await exchange.loadTimeDifference();
    expect((await exchange.fetchBalance()).USDT.total).toBe(100_000);
  });
});

describe("ccxt meets a venue in trouble", () => {
  it("raises that the exchange is not available, and a rate limit error", async () => {
    const venue = await openVenue({ api: "bybit" });
    const exchange = await ccxtBybit(venue);
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
    const venue = await openVenue({ api: "bybit" });
    const exchange = await ccxtBybit(venue);
    await exchange.fetchBalance();
    venue.faults.set({ resetAfterAccept: 1 });
    await expect(exchange.createOrder(BTC, "limit", "buy", 0.5, 19_000, { clientOrderId: "lost" })).rejects.toThrow(
      errors.NetworkError,
    );
    venue.faults.clear();
    const [found] = await exchange.fetchOpenOrders(BTC, undefined, undefined, { orderLinkId: "lost" });
    expect(found).toMatchObject({ status: "open", amount: 0.5, clientOrderId: "lost" });
  });
});
