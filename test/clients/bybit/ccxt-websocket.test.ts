import { describe, expect, it } from "vitest";
import { type Ccxt, errors, levelsOf, watchUntil } from "../support/ccxt.ts";
import { BTC, ccxtBybit } from "../support/ccxt-bybit.ts";
import { DrivenMarket } from "../support/driven-market.ts";
import { within } from "../support/inbox.ts";
import { accountOf, amount, type Book, bookOf, openVenue } from "../support/paper-venue.ts";
import { until } from "../support/until.ts";

const BOOK_MOVES = 60;
/** What ccxt asks for when it is not told a depth. */
const DEPTH = 50;

const sides = ({ bids, asks }: Ccxt): Book => ({ bids: levelsOf(bids), asks: levelsOf(asks) });
const isSame = (left: Book, right: Book) => JSON.stringify(left) === JSON.stringify(right);

describe("ccxt.pro listens to the market", () => {
  it.each(["BTC", "DOGE"])("holds the engine's book of %s through many updates", async (base) => {
    const venue = await openVenue({ api: "bybit" });
    const market = new DrivenMarket(venue, `${base}-USD`);
    const exchange = await ccxtBybit(venue);
    const symbol = `${base}/USDT:USDT`;
    const truth = () => bookOf(venue, `${base}-USD`, DEPTH);
    const watch = () => exchange.watchOrderBook(symbol);
    expect(sides(await within(watch(), "the first book"))).toEqual(truth());

    for (let move = 0; move < BOOK_MOVES; move++) {
      market.move();
      await watchUntil(`the book after move ${move}`, watch, () =>
        isSame(sides(exchange.orderbooks[symbol]), truth()) ? true : undefined,
      );
    }
    expect(sides(exchange.orderbooks[symbol])).toEqual(truth());
  });

  it("watches trades and the ticker", async () => {
    const venue = await openVenue({ api: "bybit" });
    const exchange = await ccxtBybit(venue);
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "0.3" });
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "19990", size: "0.4" });
    // Of the two the ticker alone has a first message, and the subscription to trades came before it.
    const trades = exchange.watchTrades(BTC);
    expect(await within(exchange.watchTicker(BTC), "a ticker")).toMatchObject({ bid: 19_990, ask: 20_000 });

    await exchange.createOrder(BTC, "market", "buy", 0.1);

    expect(await within(trades, "a trade")).toMatchObject([{ price: 20_000, amount: 0.1, side: "buy", symbol: BTC }]);
    const ticker = await watchUntil(
      "the ticker after the trade",
      () => exchange.watchTicker(BTC),
      () => (exchange.tickers[BTC].baseVolume === 0.1 ? exchange.tickers[BTC] : undefined),
    );
    expect(ticker).toMatchObject({ last: 20_000, bidVolume: 0.4, askVolume: 0.2, symbol: BTC });
  });
});

/**
 * Logs in and listens to orders. Nothing tells when the venue has heard of it but an order that is reported. All orders,
 * always: ccxt subscribes once more for each symbol, and Bybit refuses a topic that is subscribed already.
 */
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

/**
 * Waits until the venue has heard of a subscription, of which ccxt does not show the confirmation: frames of a socket are
 * answered in their order, so the pong of a later ping proves it.
 */
async function confirmed(exchange: Ccxt, ...topics: string[]): Promise<void> {
  const client = Object.values<Ccxt>(exchange.clients).find(({ url }) => url.endsWith("/v5/private"));
  await until("ccxt subscribes", () => (topics.every((topic) => topic in client.subscriptions) ? true : undefined));
  const before = client.lastPong ?? 0;
  await until("the pong", async () => {
    await client.send({ op: "ping", req_id: "confirm" });
    return client.lastPong > before ? true : undefined;
  });
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
    const venue = await openVenue({ api: "bybit" });
    const exchange = await listening(await ccxtBybit(venue));
    const trades = exchange.watchMyTrades();
    await confirmed(exchange, "myTrades");
    const { id } = await exchange.createOrder(BTC, "limit", "buy", 0.5, 20_000, { clientOrderId: "part" });
    expect(await orderTold(exchange, id, "the order rests", ({ filled }) => filled === 0)).toMatchObject({
      status: "open",
      remaining: 0.5,
      clientOrderId: "part",
    });
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "0.2" });
    expect(await orderTold(exchange, id, "a part is filled", ({ filled }) => filled > 0)).toMatchObject({
      status: "open",
      filled: 0.2,
      remaining: 0.3,
      average: 20_000,
    });
    expect(await within(trades, "the fill")).toMatchObject([
      { order: id, amount: 0.2, price: 20_000, takerOrMaker: "maker", fee: { cost: 0.8, currency: "USDT" } },
    ]);

    await exchange.cancelOrder(id, BTC);
    expect(await orderTold(exchange, id, "the rest is cancelled", ({ status }) => status !== "open")).toMatchObject({
      status: "canceled",
      filled: 0.2,
    });
  });

  it("hears of its position and its balance as the engine has them", async () => {
    const venue = await openVenue({ api: "bybit" });
    const exchange = await listening(await ccxtBybit(venue));
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "0.5" });
    // The first answer is what REST says; only then does ccxt subscribe.
    expect(
      (await within<Ccxt[]>(exchange.watchPositions(), "the positions before")).filter(
        ({ contracts }: Ccxt) => contracts,
      ),
    ).toEqual([]);
    const told = [exchange.watchPositions(), exchange.watchBalance()];
    await confirmed(exchange, "positions", "balances:unified");
    await exchange.createOrder(BTC, "market", "buy", 0.5);
    await within(Promise.all(told), "a position and a balance");
    const { cash } = accountOf(venue);
    const wallet = () => exchange.balance.unified?.USDT;
    await watchUntil(
      "the balance after the fee",
      () => exchange.watchBalance(),
      () => (wallet()?.total === amount(cash) ? true : undefined),
    );
    const position = () => exchange.positions.find(({ symbol }: Ccxt) => symbol === BTC);
    await watchUntil(
      "the position",
      () => exchange.watchPositions(),
      () => (position()?.contracts === 0.5 ? true : undefined),
    );
    expect(position()).toMatchObject({ side: "long", entryPrice: 20_000, leverage: 10 });
    expect(amount(cash)).toBe(99_994.5);
  });

  /** Bybit's refusal has no code on this socket, without which ccxt has no class of its own for it. */
  it.each([
    ["key", { apiKey: "stranger" }, /API key is invalid/],
    ["secret", { secret: "guess" }, /Invalid sign/],
  ])("is told that its login failed when its %s is wrong", async (_, credentials, reason) => {
    const known = { options: { enableUnifiedMargin: false, enableUnifiedAccount: true } };
    const exchange = await ccxtBybit(await openVenue({ api: "bybit" }), { ...credentials, ...known });
    await expect(within(exchange.watchOrders(), "the refusal")).rejects.toThrow(reason);
  });
});

describe("ccxt.pro stays connected", () => {
  it("gets a pong for each ping on both of its sockets", async () => {
    const venue = await openVenue({ api: "bybit", emptyBooks: false, quiet: true });
    const exchange = await ccxtBybit(venue, { streaming: { keepAlive: 250 } });
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
    const venue = await openVenue({ api: "bybit", emptyBooks: false, quiet: true });
    const exchange = await ccxtBybit(venue);
    await within(exchange.watchOrderBook(BTC), "the first book");
    const dropped = expect(within(exchange.watchOrderBook(BTC), "the end")).rejects.toThrow(errors.NetworkError);
    await venue.restart(20);
    await dropped;
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "19000", size: "0.5" });
    expect(sides(await within(exchange.watchOrderBook(BTC), "the book again"))).toEqual(
      bookOf(venue, "BTC-USD", DEPTH),
    );
  });

  it("logs in again on the new connection and hears of the fill that comes then", async () => {
    const venue = await openVenue({ api: "bybit" });
    const exchange = await listening(await ccxtBybit(venue));
    const { id } = await exchange.createOrder(BTC, "limit", "buy", 0.5, 20_000);
    await orderTold(exchange, id, "the order rests", () => true);
    const dropped = expect(within(exchange.watchOrders(), "the end")).rejects.toThrow(errors.NetworkError);
    await venue.restart(20);
    await dropped;

    await listening(exchange);
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "0.5" });
    await orderTold(exchange, id, "the order is filled", ({ status }) => status === "closed");
    expect(await exchange.fetchMyTrades(BTC)).toMatchObject([{ order: id, amount: 0.5 }]);
  });
});
