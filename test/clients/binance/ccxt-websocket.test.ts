import { describe, expect, it } from "vitest";
import type { PaperVenue } from "../../../src/paper/index.ts";
import { BTC_MARKET, openBinance, quote, take } from "../support/binance-venue.ts";
import { type Ccxt, errors, levelsOf, watchUntil } from "../support/ccxt.ts";
import { BTC, ccxtBinance } from "../support/ccxt-binance.ts";
import { DrivenMarket } from "../support/driven-market.ts";
import { within } from "../support/inbox.ts";
import { accountOf, amount, bookOf } from "../support/paper-venue.ts";
import { until } from "../support/until.ts";

const BOOK_UPDATES = 25;
const MOVES_AN_UPDATE = 5;
const WHOLE_BOOK = 1_000;

const sides = ({ bids, asks }: Ccxt) => ({ bids: levelsOf(bids), asks: levelsOf(asks) });
const isSameBook = (venue: PaperVenue, book: Ccxt): true | undefined =>
  JSON.stringify(sides(book)) === JSON.stringify(bookOf(venue, BTC_MARKET, WHOLE_BOOK)) ? true : undefined;

/** ccxt wants an update before it asks for the book itself, so the market moves until it has one. */
async function firstBook(venue: PaperVenue, exchange: Ccxt, market: DrivenMarket): Promise<void> {
  let isHere = false;
  const first = within(exchange.watchOrderBook(BTC), "the first book").then(() => {
    isHere = true;
  });
  await until("the first book", () => {
    if (!isHere) market.move();
    return isHere || undefined;
  });
  await first;
  await watchUntil(
    "the book at rest",
    () => exchange.watchOrderBook(BTC),
    () => isSameBook(venue, exchange.orderbooks[BTC]),
  );
}

const ordersOf = (exchange: Ccxt): Ccxt[] => [...(exchange.orders ?? [])];
const orderOf = (exchange: Ccxt, id: string): Ccxt => ordersOf(exchange).find((order) => order.id === id);

/** Waits until the user stream told of an order what is wanted. */
function orderWhen(exchange: Ccxt, id: string, what: string, isWanted: (order: Ccxt) => boolean): Promise<Ccxt> {
  return watchUntil(
    what,
    () => exchange.watchOrders(),
    () => {
      const order = orderOf(exchange, id);
      return order !== undefined && isWanted(order) ? order : undefined;
    },
  );
}

const buy = (exchange: Ccxt, size: number, price: number, params: object = {}): Promise<Ccxt> =>
  exchange.createOrder(BTC, "limit", "buy", size, price, params);

/** Listens to the account. Nothing tells that the socket is open but an order that is reported. */
async function listening(exchange: Ccxt): Promise<Ccxt> {
  const first = within(exchange.watchOrders(), "a report of an order");
  const { length: seenBefore } = ordersOf(exchange);
  await until("a report of an order", async () => {
    await exchange.createOrder("SOL/USDT:USDT", "limit", "buy", 1, 149);
    return ordersOf(exchange).length > seenBefore || undefined;
  });
  await first;
  return exchange;
}

const clientAt = (exchange: Ccxt, place: string): Ccxt =>
  Object.values<Ccxt>(exchange.clients).find(({ url }) => url.includes(`/${place}/`));

describe("ccxt.pro listens to Binance's market", () => {
  it("holds the engine's book, level by level, after each of many updates", async () => {
    const venue = await openBinance();
    const exchange = await ccxtBinance(venue);
    const market = new DrivenMarket(venue, BTC_MARKET);
    await firstBook(venue, exchange, market);
    for (let update = 0; update < BOOK_UPDATES; update++) {
      const arrived = exchange.watchOrderBook(BTC);
      for (let move = 0; move < MOVES_AN_UPDATE; move++) market.move();
      expect(sides(await within(arrived, `book update ${update}`))).toEqual(bookOf(venue, BTC_MARKET, WHOLE_BOOK));
    }
  });

  it("notices that a book update was lost", async () => {
    const venue = await openBinance();
    const exchange = await ccxtBinance(venue);
    const market = new DrivenMarket(venue, BTC_MARKET);
    await firstBook(venue, exchange, market);
    const update = () => {
      const arrived = within(exchange.watchOrderBook(BTC), "a book update");
      market.move();
      return arrived;
    };
    // ccxt does not look at `pu` in the update that follows its snapshot.
    await update();
    venue.faults.set({ breakSequence: 1 });
    await expect(update()).rejects.toThrow(errors.ChecksumError);
  });

  it("watches trades, the ticker, the best prices and the mark price", async () => {
    const venue = await openBinance();
    const exchange = await ccxtBinance(venue);
    quote(venue, "buy", 59_990, 0.4);
    const trades = exchange.watchTrades(BTC);
    const best = exchange.watchBidsAsks([BTC]);
    const ticker = exchange.watchTicker(BTC);
    const mark = exchange.watchMarkPrice(BTC);
    // The stream of the best prices tells of changes only: one that came before it was subscribed is not told again.
    await until("a trade and a change of the best prices that ccxt hears of", async () => {
      quote(venue, "sell", 60_000, 0.3);
      await exchange.createOrder(BTC, "market", "buy", 0.3);
      return (exchange.trades[BTC]?.length > 0 && exchange.bidsasks[BTC] !== undefined) || undefined;
    });

    expect((await within<Ccxt>(trades, "a trade"))[0]).toMatchObject({
      price: 60_000,
      amount: 0.3,
      side: "buy",
      symbol: BTC,
    });
    expect((await within<Ccxt>(best, "the best prices"))[BTC]).toMatchObject({ bid: 59_990, bidVolume: 0.4 });
    expect(await within<Ccxt>(mark, "the mark price")).toMatchObject({
      markPrice: amount(venue.engine.market(BTC_MARKET)!.mark),
    });
    expect(await within<Ccxt>(ticker, "the ticker")).toMatchObject({ symbol: BTC, last: 60_000, high: 60_000 });
    const ids = [...exchange.trades[BTC]].map(({ id }: Ccxt) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe("ccxt.pro listens to its account at Binance", () => {
  it("hears of an order, of the exact part that is filled, and of the rest that is cancelled", async () => {
    const venue = await openBinance();
    const exchange = await listening(await ccxtBinance(venue));
    const trades = exchange.watchMyTrades(BTC);
    const { id } = await buy(exchange, 0.5, 60_000, { clientOrderId: "part" });
    expect(await orderWhen(exchange, id, "the order rests", ({ filled }) => filled === 0)).toMatchObject({
      status: "open",
      remaining: 0.5,
      clientOrderId: "part",
    });

    take(venue, "sell", 60_000, 0.2);
    expect(await orderWhen(exchange, id, "a part is filled", ({ filled }) => filled > 0)).toMatchObject({
      status: "open",
      filled: 0.2,
      remaining: 0.3,
      average: 60_000,
    });
    expect(await within(trades, "the fill")).toMatchObject([
      { order: id, amount: 0.2, price: 60_000, takerOrMaker: "maker", fee: { cost: 2.4, currency: "USDT" } },
    ]);

    await exchange.cancelOrder(id, BTC);
    expect(await orderWhen(exchange, id, "the rest is cancelled", ({ status }) => status !== "open")).toMatchObject({
      status: "canceled",
      filled: 0.2,
    });
    expect([...exchange.myTrades].map((trade: Ccxt) => trade.id)).toEqual(
      venue.truth().fills.map(({ fillId }) => String(fillId)),
    );
  });

  it("watches what a trade does to its balance and its position", async () => {
    const venue = await openBinance();
    const exchange = await listening(await ccxtBinance(venue));
    const balance = exchange.watchBalance();
    quote(venue, "sell", 60_000, 0.5);
    await buy(exchange, 0.5, 60_000);

    const position = await watchUntil(
      "a position",
      () => exchange.watchPositions(),
      () => [...(exchange.positions.future ?? [])].find(({ contracts }: Ccxt) => contracts > 0),
    );
    expect(position).toMatchObject({ symbol: BTC, side: "long", contracts: 0.5, entryPrice: 60_000 });
    expect(await within<Ccxt>(balance, "the balance")).toMatchObject({
      USDT: { total: amount(accountOf(venue).cash) },
    });
  });

  it("raises an authentication error when its key is wrong", async () => {
    const exchange = await ccxtBinance(await openBinance(), { apiKey: "stranger" });
    await expect(within(exchange.watchOrders(), "the refusal")).rejects.toThrow(errors.AuthenticationError);
  });

  it("hears of its orders for longer than its listen key would live, because it extends it", async () => {
    const listenKeyMs = 1_500;
    const venue = await openBinance({ listenKeyMs });
    const exchange = await listening(await ccxtBinance(venue, { options: { listenKeyRefreshRate: 200 } }));
    const openedMs = venue.now();
    while (venue.now() < openedMs + 1.5 * listenKeyMs) {
      const { id } = await buy(exchange, 0.01, 59_000);
      await orderWhen(exchange, id, "the order rests", ({ status }) => status === "open");
      await exchange.cancelOrder(id, BTC);
      await orderWhen(exchange, id, "the order is cancelled", ({ status }) => status === "canceled");
    }
  });

  it("is told that its key is gone when it tries to extend it, then listens again with a new one", async () => {
    const venue = await openBinance();
    const exchange = await listening(await ccxtBinance(venue, { options: { listenKeyRefreshRate: 500 } }));
    venue.faults.set({ expireListenKey: 1 });
    await expect(within(exchange.watchOrders(), "the end of the key")).rejects.toThrow('"code":-1125,');
    venue.faults.clear();
    await listening(exchange);
  });
});

describe("ccxt.pro stays connected to Binance", () => {
  it("gets a pong for each ping", async () => {
    const venue = await openBinance();
    const exchange = await ccxtBinance(venue, { streaming: { keepAlive: 20 } });
    const market = new DrivenMarket(venue, BTC_MARKET);
    await firstBook(venue, exchange, market);
    const client = clientAt(exchange, "public");
    for (let pong = 0; pong < 5; pong++) {
      const before = client.lastPong ?? 0;
      await until("a pong", () => (client.lastPong > before ? true : undefined));
    }
    expect(client.error).toBeUndefined();
    expect(client.isOpen()).toBe(true);
  });

  it("gets a network error when the venue drops it, then a whole book on a new connection", async () => {
    const venue = await openBinance();
    const exchange = await ccxtBinance(venue);
    const market = new DrivenMarket(venue, BTC_MARKET);
    await firstBook(venue, exchange, market);
    const before = clientAt(exchange, "public");
    const dropped = expect(within(exchange.watchOrderBook(BTC), "the end")).rejects.toThrow(errors.NetworkError);
    await venue.restart(20);
    await dropped;
    await firstBook(venue, exchange, market);
    expect(clientAt(exchange, "public")).not.toBe(before);
  });

  it("listens to its account again on a new connection and hears of the fill that comes then", async () => {
    const venue = await openBinance();
    const exchange = await listening(await ccxtBinance(venue));
    const { id } = await buy(exchange, 0.5, 60_000);
    await orderWhen(exchange, id, "the order rests", ({ filled }) => filled === 0);
    const dropped = expect(within(exchange.watchOrders(), "the end")).rejects.toThrow(errors.NetworkError);
    await venue.restart(20);
    await dropped;

    await listening(exchange);
    take(venue, "sell", 60_000, 0.5);
    await orderWhen(exchange, id, "the order is filled", ({ status }) => status === "closed");
    expect(await exchange.fetchMyTrades(BTC)).toMatchObject([{ order: id, amount: 0.5 }]);
  });
});
