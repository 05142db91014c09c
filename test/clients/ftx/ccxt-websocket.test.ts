import { describe, expect, it } from "vitest";
import { BTC, type Ccxt, ccxtPro, errors, levelsOf, watchUntil } from "../support/ccxt-ftx.ts";
import { DrivenMarket } from "../support/driven-market.ts";
import { within } from "../support/inbox.ts";
import { bookOf, openVenue } from "../support/paper-venue.ts";
import { until } from "../support/until.ts";

const BOOK_UPDATES = 200;

const sides = ({ bids, asks }: Ccxt) => ({ bids: levelsOf(bids), asks: levelsOf(asks) });

describe("ccxt.pro listens to the market", () => {
  it("holds the engine's book, level by level, after every one of many updates, with its checksums on", async () => {
    const venue = await openVenue();
    const market = new DrivenMarket(venue, "BTC-USD");
    const exchange = ccxtPro(venue);
    expect(sides(await within(exchange.watchOrderBook(BTC), "the first book"))).toEqual(bookOf(venue, "BTC-USD"));

    for (let update = 0; update < BOOK_UPDATES; update++) {
      const arrived = exchange.watchOrderBook(BTC);
      market.move();
      expect(sides(await within(arrived, `book update ${update}`))).toEqual(bookOf(venue, "BTC-USD"));
    }
  });

  it("holds the small numbers of a cheap coin, which Python writes with exponents", async () => {
    const venue = await openVenue();
    const market = new DrivenMarket(venue, "DOGE-USD");
    const exchange = ccxtPro(venue);
    await within(exchange.watchOrderBook("DOGE/USD:USD"), "the first book");
    for (let update = 0; update < 20; update++) {
      const arrived = exchange.watchOrderBook("DOGE/USD:USD");
      market.move();
      expect(sides(await within(arrived, `book update ${update}`))).toEqual(bookOf(venue, "DOGE-USD"));
    }
  });

  it("notices a book update that lost a level", async () => {
    const venue = await openVenue();
    const market = new DrivenMarket(venue, "BTC-USD");
    const exchange = ccxtPro(venue);
    await within(exchange.watchOrderBook(BTC), "the first book");
    venue.faults.set({ breakSequence: 1 });
    const broken = exchange.watchOrderBook(BTC);
    market.move();
    await expect(within(broken, "a book update")).rejects.toThrow(errors.InvalidNonce);
  });

  it("watches trades and the ticker", async () => {
    const venue = await openVenue({ matchingDelayMs: [50, 50] });
    const exchange = ccxtPro(venue);
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "0.3" });
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "19990", size: "0.4" });
    const trades = exchange.watchTrades(BTC);
    const ticker = exchange.watchTicker(BTC);
    await until("both subscriptions", () => (Object.keys(subscriptionsOf(exchange)).length === 2 ? true : undefined));

    await exchange.createOrder(BTC, "market", "buy", 0.1);

    expect(await within(trades, "a trade")).toMatchObject([{ price: 20_000, amount: 0.1, side: "buy", symbol: BTC }]);
    expect(await within(ticker, "a ticker")).toMatchObject({ bid: 19_990, ask: 20_000 });
    await watchUntil(
      "the ticker after the trade",
      () => exchange.watchTicker(BTC),
      () => (exchange.tickers[BTC].last === 20_000 ? true : undefined),
    );
    expect(exchange.tickers[BTC]).toMatchObject({ bidVolume: 0.4, askVolume: 0.2 });
  });
});

function clientOf(exchange: Ccxt): Ccxt {
  return Object.values(exchange.clients ?? {})[0];
}

function subscriptionsOf(exchange: Ccxt): object {
  return clientOf(exchange)?.subscriptions ?? {};
}

/** Logs in and listens to orders. Nothing tells when the venue has heard of it but an order that is reported. */
async function listening(exchange: Ccxt): Promise<Ccxt> {
  await exchange.loadMarkets();
  const seenBefore = exchange.orders?.length ?? 0;
  const first = exchange.watchOrders();
  await until("a report of an order", async () => {
    await exchange.createOrder("SOL/USD:USD", "limit", "buy", 0.01, 25);
    return (exchange.orders?.length ?? 0) > seenBefore ? true : undefined;
  });
  await first;
  return exchange;
}

const statesOf = (exchange: Ccxt, id: string): string[] =>
  (exchange.orders ?? []).filter((order: Ccxt) => order.id === id).map(({ status }: Ccxt) => status);

describe("ccxt.pro listens to its account", () => {
  it("hears of an order, of the exact part that is filled, and of the rest that is cancelled", async () => {
    const venue = await openVenue();
    const exchange = await listening(ccxtPro(venue));
    const trades = exchange.watchMyTrades(BTC);
    const { id } = await exchange.createOrder(BTC, "limit", "buy", 0.5, 20_000, { clientOrderId: "part" });
    const order = () => exchange.orders.find((candidate: Ccxt) => candidate.id === id);
    const orderUntil = (what: string, isWanted: (order: Ccxt) => boolean) =>
      watchUntil(
        what,
        () => exchange.watchOrders(BTC),
        () => (order() !== undefined && isWanted(order()) ? order() : undefined),
      );
    expect(await orderUntil("the order rests", ({ filled }) => filled === 0)).toMatchObject({
      status: "open",
      remaining: 0.5,
      clientOrderId: "part",
    });

    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "0.2" });
    expect(await orderUntil("a part is filled", ({ filled }) => filled > 0)).toMatchObject({
      status: "open",
      filled: 0.2,
      remaining: 0.3,
      average: 20_000,
    });
    expect(await within(trades, "the fill")).toMatchObject([
      { order: id, amount: 0.2, price: 20_000, takerOrMaker: "maker", fee: { cost: 0.8, currency: "USD" } },
    ]);

    await exchange.cancelOrder(id);
    expect(await orderUntil("the rest is cancelled", ({ status }) => status !== "open")).toMatchObject({
      status: "canceled",
      filled: 0.2,
    });
  });

  it("hears of its sub-account alone when its headers name one", async () => {
    const venue = await openVenue();
    const hedge = await listening(ccxtPro(venue, { headers: { "FTX-SUBACCOUNT": "hedge" } }));
    await ccxtPro(venue).createOrder(BTC, "limit", "buy", 0.1, 20_000);
    const { id } = await hedge.createOrder(BTC, "limit", "buy", 0.2, 20_000);
    await watchUntil(
      "the order rests",
      () => hedge.watchOrders(BTC),
      () => statesOf(hedge, id)[0],
    );
    expect(hedge.orders.filter(({ symbol }: Ccxt) => symbol === BTC).map((order: Ccxt) => order.id)).toEqual([id]);
  });

  it.each([
    ["key", { apiKey: "stranger" }],
    ["secret", { secret: "guess" }],
  ])("raises an authentication error when its %s is wrong", async (_, credentials) => {
    const exchange = ccxtPro(await openVenue(), credentials);
    await expect(within(exchange.watchOrders(), "the refusal")).rejects.toThrow(errors.AuthenticationError);
  });
});

describe("ccxt.pro stays connected", () => {
  it("gets a pong for each ping", async () => {
    const exchange = ccxtPro(await openVenue({ emptyBooks: false, quiet: true }), { streaming: { keepAlive: 20 } });
    await within(exchange.watchOrderBook(BTC), "the first book");
    const client = clientOf(exchange);
    for (let pong = 0; pong < 5; pong++) {
      const before = client.lastPong ?? 0;
      await until("a pong", () => (client.lastPong > before ? true : undefined));
    }
    expect(client.error).toBeUndefined();
    expect(client.isOpen()).toBe(true);
  });

  it("gets a network error when the venue drops it, then a whole book on a new connection", async () => {
    const venue = await openVenue({ emptyBooks: false, quiet: true });
    const exchange = ccxtPro(venue);
    await within(exchange.watchOrderBook(BTC), "the first book");
    const before = clientOf(exchange);

    const dropped = expect(within(exchange.watchOrderBook(BTC), "the end")).rejects.toThrow(errors.NetworkError);
    await venue.restart(20);
    await dropped;
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "19000", size: "0.5" });

    expect(sides(await within(exchange.watchOrderBook(BTC), "the book again"))).toEqual(bookOf(venue, "BTC-USD"));
    expect(clientOf(exchange)).not.toBe(before);
  });

  it("logs in again on the new connection and hears of the fill that comes then", async () => {
    const venue = await openVenue();
    const exchange = await listening(ccxtPro(venue));
    const { id } = await exchange.createOrder(BTC, "limit", "buy", 0.5, 20_000);
    await watchUntil(
      "the order rests",
      () => exchange.watchOrders(),
      () => statesOf(exchange, id)[0],
    );
    const dropped = expect(within(exchange.watchOrders(), "the end")).rejects.toThrow(errors.NetworkError);
    await venue.restart(20);
    await dropped;

    await listening(exchange);
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "0.5" });
    await watchUntil(
      "the order is filled",
      () => exchange.watchOrders(),
      () => statesOf(exchange, id).find((status) => status === "closed"),
    );
    expect(await exchange.fetchMyTrades(BTC)).toMatchObject([{ order: id, amount: 0.5 }]);
  });
});
