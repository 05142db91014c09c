import { describe, expect, it } from "vitest";
import { type Ccxt, errors, watchUntil } from "../support/ccxt.ts";
import { BTC, bookInContracts, ccxtOkx, sidesOf } from "../support/ccxt-okx.ts";
import { DrivenMarket } from "../support/driven-market.ts";
import { within } from "../support/inbox.ts";
import { accountOf, amount, type Book, openVenue } from "../support/paper-venue.ts";
import { until } from "../support/until.ts";

const BOOK_MOVES = 30;
const DEPTH = 400;

const isSame = (left: Book, right: Book) => JSON.stringify(left) === JSON.stringify(right);

describe("ccxt.pro listens to the market", () => {
  it.each(["BTC", "DOGE"])("holds the engine's book of %s, level by level, through many updates", async (base) => {
    const venue = await openVenue({ api: "okx" });
    const market = new DrivenMarket(venue, `${base}-USD`);
    const exchange = await ccxtOkx(venue);
    const symbol = `${base}/USDT:USDT`;
    const truth = () => bookInContracts(venue, base, DEPTH);
    const watch = () => exchange.watchOrderBook(symbol);
    expect(sidesOf(await within(watch(), "the first book"))).toEqual(truth());

    for (let move = 0; move < BOOK_MOVES; move++) {
      market.move();
      await watchUntil(`the book after move ${move}`, watch, () =>
        isSame(sidesOf(exchange.orderbooks[symbol]), truth()) ? true : undefined,
      );
    }
    expect(sidesOf(exchange.orderbooks[symbol])).toEqual(truth());
  });

  it("is told by its own check that a message of the book is missing", async () => {
    const venue = await openVenue({ api: "okx" });
    const market = new DrivenMarket(venue, "BTC-USD");
    const exchange = await ccxtOkx(venue);
    await within(exchange.watchOrderBook(BTC), "the first book");
    venue.faults.set({ breakSequence: 1 });
    const gap = expect(within(exchange.watchOrderBook(BTC), "the gap")).rejects.toThrow(errors.InvalidNonce);
    market.move();
    await gap;
    venue.faults.clear();
    expect(sidesOf(await within(exchange.watchOrderBook(BTC), "the book again"))).toEqual(
      bookInContracts(venue, "BTC", DEPTH),
    );
  });

  it("watches trades, the ticker, the best prices, the mark and the funding rate", async () => {
    const venue = await openVenue({ api: "okx" });
    const exchange = await ccxtOkx(venue);
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "0.3" });
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "19990", size: "0.4" });
    // Of the two the ticker alone has a first message, and the subscription to trades came before it.
    const trades = exchange.watchTrades(BTC);
    expect(await within(exchange.watchTicker(BTC), "a ticker")).toMatchObject({ bid: 19_990, ask: 20_000 });
    expect(await within(exchange.watchBidsAsks([BTC]), "best prices")).toMatchObject({
      [BTC]: { ask: 20_000, askVolume: 30 },
    });
    expect((await within<Ccxt>(exchange.watchMarkPrice(BTC), "a mark")).markPrice).toBe(20_000);
    const { predictedRate } = venue.engine.market("BTC-USD")!;
    expect((await within<Ccxt>(exchange.watchFundingRate(BTC), "a rate")).fundingRate).toBe(amount(predictedRate));

    await exchange.createOrder(BTC, "market", "buy", 10);

    expect(await within(trades, "a trade")).toMatchObject([{ price: 20_000, amount: 10, side: "buy", symbol: BTC }]);
    const ticker = await watchUntil(
      "the ticker after the trade",
      () => exchange.watchTicker(BTC),
      () => (exchange.tickers[BTC].baseVolume === 10 ? exchange.tickers[BTC] : undefined),
    );
    expect(ticker).toMatchObject({ last: 20_000, bidVolume: 40, askVolume: 20, symbol: BTC });
  });
});

/** Logs in and listens to orders. Nothing tells when the venue has heard of it but an order that is reported. */
async function listening(exchange: Ccxt): Promise<Ccxt> {
  const seenBefore = exchange.orders?.length ?? 0;
  const first = exchange.watchOrders();
  await until("a report of an order", async () => {
    await exchange.createOrder("SOL/USDT:USDT", "limit", "buy", 0.1, 25);
    return (exchange.orders?.length ?? 0) > seenBefore ? true : undefined;
  });
  await first;
  return exchange;
}

const orderOf = (exchange: Ccxt, id: string): Ccxt | undefined =>
  (exchange.orders ?? []).find((order: Ccxt) => order.id === id);

function orderTold(exchange: Ccxt, id: string, what: string, isWanted: (order: Ccxt) => boolean): Promise<Ccxt> {
  return watchUntil(
    what,
    () => exchange.watchOrders(),
    () => {
      const order = orderOf(exchange, id);
      return order !== undefined && isWanted(order) ? order : undefined;
    },
  );
}

describe("ccxt.pro listens to its account", () => {
  it("hears of an order, of the exact part that is filled, and of the rest that is cancelled", async () => {
    const venue = await openVenue({ api: "okx" });
    const exchange = await listening(await ccxtOkx(venue));
    const trades = exchange.watchMyTrades();
    const { id } = await exchange.createOrder(BTC, "limit", "buy", 50, 20_000, { clientOrderId: "part" });
    expect(await orderTold(exchange, id, "the order rests", ({ filled }) => filled === 0)).toMatchObject({
      status: "open",
      remaining: 50,
      clientOrderId: "part",
    });
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "0.2" });
    expect(await orderTold(exchange, id, "a part is filled", ({ filled }) => filled > 0)).toMatchObject({
      status: "open",
      filled: 20,
      remaining: 30,
      average: 20_000,
    });
    const [fill] = (await within<Ccxt[]>(trades, "the fill")) as [Ccxt];
    expect(fill).toMatchObject({ order: id, amount: 20, price: 20_000, takerOrMaker: "maker", symbol: BTC });
    expect([fill.id, fill.info.fillFee]).toEqual([venue.truth().fills[0]?.fillId, "-0.8"]);

    await exchange.cancelOrder(id, BTC);
    expect(await orderTold(exchange, id, "the rest is cancelled", ({ status }) => status !== "open")).toMatchObject({
      status: "canceled",
      filled: 20,
    });
  });

  it("hears of its position and its balance as the engine has them", async () => {
    const venue = await openVenue({ api: "okx" });
    const exchange = await listening(await ccxtOkx(venue));
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "0.5" });
    expect(await within(exchange.watchPositions(), "the positions before")).toEqual([]);
    expect((await within<Ccxt>(exchange.watchBalance(), "the balance before")).USDT.total).toBe(100_000);
    await exchange.createOrder(BTC, "market", "buy", 50);
    await watchUntil(
      "the balance after the fee",
      () => exchange.watchBalance(),
      () => (exchange.balance.USDT.total === amount(accountOf(venue).equity) ? true : undefined),
    );
    const position = () => exchange.positions.find(({ symbol }: Ccxt) => symbol === BTC);
    await watchUntil(
      "the position",
      () => exchange.watchPositions(),
      () => (position()?.contracts === 50 ? true : undefined),
    );
    expect(position()).toMatchObject({ side: "long", entryPrice: 20_000, leverage: 10, notional: 10_000 });
    expect(amount(accountOf(venue).cash)).toBe(99_995);
  });

  it("places, edits and cancels orders over its socket", async () => {
    const venue = await openVenue({ api: "okx" });
    const exchange = await listening(await ccxtOkx(venue));
    const placed = await within<Ccxt>(exchange.createOrderWs(BTC, "limit", "buy", 50, 19_000), "the order");
    await orderTold(exchange, placed.id, "the order rests", ({ status }) => status === "open");
    const edited = await within<Ccxt>(exchange.editOrderWs(placed.id, BTC, "limit", "buy", 40, 19_100), "the edit");
    expect(edited.id).toBe(placed.id);
    await orderTold(exchange, placed.id, "the order is edited", ({ price }) => price === 19_100);
    await within(exchange.cancelOrderWs(placed.id, BTC), "the cancel");
    expect(await orderTold(exchange, placed.id, "the end", ({ status }) => status === "canceled")).toMatchObject({
      amount: 40,
      filled: 0,
    });
    await expect(within(exchange.cancelOrderWs(placed.id, BTC), "the refusal")).rejects.toThrow(errors.OrderNotFound);
  });

  it.each([
    ["key", { apiKey: "stranger" }],
    ["secret", { secret: "guess" }],
    ["passphrase", { password: "Other-Pass-1" }],
  ])("is told that its login failed when its %s is wrong", async (_, credentials) => {
    const exchange = await ccxtOkx(await openVenue({ api: "okx" }), credentials);
    await expect(within(exchange.watchOrders(), "the refusal")).rejects.toThrow(errors.AuthenticationError);
  });
});

describe("ccxt.pro stays connected", () => {
  it("gets a pong for each ping on both of its sockets", async () => {
    const venue = await openVenue({ api: "okx", emptyBooks: false, quiet: true });
    const exchange = await ccxtOkx(venue, { streaming: { keepAlive: 250 } });
    await listening(exchange);
    await within(exchange.watchOrderBook(BTC), "the first book");
    const clients = Object.values<Ccxt>(exchange.clients);
    expect(clients).toHaveLength(2);
    for (const client of clients) {
      for (let pong = 0; pong < 2; pong++) {
        const before = client.lastPong ?? 0;
        await until(`a pong from ${client.url}`, () => (client.lastPong > before ? true : undefined));
      }
      expect(client.isOpen()).toBe(true);
    }
  });

  it("gets a network error when the venue drops it, then a whole book on a new connection", async () => {
    const venue = await openVenue({ api: "okx", emptyBooks: false, quiet: true });
    const exchange = await ccxtOkx(venue);
    await within(exchange.watchOrderBook(BTC), "the first book");
    // ccxt takes the notice of the restart for one, before the connection breaks.
    const dropped = expect(within(exchange.watchOrderBook(BTC), "the end")).rejects.toThrow(errors.NetworkError);
    await venue.restart(20);
    await dropped;
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "19000", size: "0.5" });
    await until("the book again", async () => {
      const book = await exchange.watchOrderBook(BTC).catch(() => undefined);
      return book !== undefined && isSame(sidesOf(book), bookInContracts(venue, "BTC", DEPTH)) ? true : undefined;
    });
  });

  it("logs in again on the new connection and hears of the fill that comes then", async () => {
    const venue = await openVenue({ api: "okx" });
    const exchange = await listening(await ccxtOkx(venue));
    const { id } = await exchange.createOrder(BTC, "limit", "buy", 50, 20_000);
    await orderTold(exchange, id, "the order rests", () => true);
    const dropped = expect(within(exchange.watchOrders(), "the end")).rejects.toThrow(errors.NetworkError);
    await venue.restart(20);
    await dropped;

    await until("a connection that listens", () => listening(exchange).catch(() => undefined));
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "0.5" });
    await orderTold(exchange, id, "the order is filled", ({ status }) => status === "closed");
    expect(await exchange.fetchMyTrades(BTC)).toMatchObject([{ order: id, amount: 50 }]);
  });
});
