import { describe, expect, it } from "vitest";
import { type Ccxt, errors, watchUntil } from "../support/ccxt.ts";
import { BTC, bookInContracts, ccxtGate, sidesOf } from "../support/ccxt-gate.ts";
import { DrivenMarket } from "../support/driven-market.ts";
import { within } from "../support/inbox.ts";
import { accountOf, amount, type Book, openVenue } from "../support/paper-venue.ts";
import { until } from "../support/until.ts";

const BOOK_MOVES = 30;
const DEPTH = 100;

const isSame = (left: Book, right: Book) => JSON.stringify(left) === JSON.stringify(right);

const start = async (options = {}) => {
  const venue = await openVenue({ api: "gate_io", ...options });
  return { venue, exchange: await ccxtGate(venue) };
};

describe("ccxt.pro listens to the market", () => {
  it.each(["BTC", "DOGE"])("holds the engine's book of %s, level by level, through many updates", async (base) => {
    const { venue, exchange } = await start();
    const market = new DrivenMarket(venue, `${base}-USD`);
    const symbol = `${base}/USDT:USDT`;
    const truth = () => bookInContracts(venue, base, DEPTH);
    const watch = () => exchange.watchOrderBook(symbol);
    const first = within(watch(), "the first book");
    // ccxt asks for a whole book when something changes, where the subscription does not begin with one.
    const moving = setInterval(() => market.move(), 100);
    await first;
    clearInterval(moving);
    for (let move = 0; move < BOOK_MOVES; move++) {
      market.move();
      await watchUntil(`the book after move ${move}`, watch, () =>
        isSame(sidesOf(exchange.orderbooks[symbol].limit()), truth()) ? true : undefined,
      );
    }
    expect(sidesOf(exchange.orderbooks[symbol])).toEqual(truth());
  });

  it("is told by its own check that a message of the book is missing", async () => {
    const { venue, exchange } = await start();
    const market = new DrivenMarket(venue, "BTC-USD");
    const moving = setInterval(() => market.move(), 100);
    await within(exchange.watchOrderBook(BTC), "the first book");
    venue.faults.set({ breakSequence: 1 });
    const error = await until("the gap", () =>
      within(exchange.watchOrderBook(BTC), "an update").then(
        () => undefined,
        (reason: unknown) => reason,
      ),
    );
    expect(error).toBeInstanceOf(errors.ChecksumError);
    venue.faults.clear();
    clearInterval(moving);
  });

  it("watches trades, the ticker, best prices and candles", async () => {
    const { venue, exchange } = await start();
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "0.3" });
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "19990", size: "0.4" });
    const trades = exchange.watchTrades(BTC);
    const candles = exchange.watchOHLCV(BTC, "1m");
    const best = exchange.watchBidsAsks([BTC]);
    // A ticker comes each second, the others when something changes.
    expect(await within(exchange.watchTicker(BTC), "a ticker")).toMatchObject({ symbol: BTC, markPrice: 20_000 });
    await exchange.createOrder(BTC, "market", "buy", 100);
    expect(await within(trades, "a trade")).toMatchObject([{ price: 20_000, amount: 100, side: "buy", symbol: BTC }]);
    expect(await within(best, "best prices")).toMatchObject({ [BTC]: { bid: 19_990, askVolume: 200 } });
    expect((await within<Ccxt>(candles, "a candle")).at(-1)).toEqual([
      expect.any(Number),
      ...Array(4).fill(20_000),
      100,
    ]);
    await watchUntil(
      "the ticker after the trade",
      () => exchange.watchTicker(BTC),
      () => (exchange.tickers[BTC].last === 20_000 && exchange.tickers[BTC].quoteVolume === 2_000 ? true : undefined),
    );
  });
});

/** Listens to orders. Nothing tells when the venue has heard of it but an order that is reported. */
async function listening(exchange: Ccxt): Promise<Ccxt> {
  const seenBefore = exchange.orders?.length ?? 0;
  const first = exchange.watchOrders();
  await until("a report of an order", async () => {
    await exchange.createOrder("SOL/USDT:USDT", "limit", "buy", 1, 25);
    return (exchange.orders?.length ?? 0) > seenBefore ? true : undefined;
  });
  await first;
  return exchange;
}

function orderTold(exchange: Ccxt, id: string, what: string, isWanted: (order: Ccxt) => boolean): Promise<Ccxt> {
  return watchUntil(
    what,
    () => exchange.watchOrders(),
    () => (exchange.orders ?? []).find((order: Ccxt) => order.id === id && isWanted(order)),
  );
}

describe("ccxt.pro listens to its account", () => {
  it("hears of an order, of the exact part that is filled, and of the rest that is cancelled", async () => {
    const { venue, exchange } = await start();
    await listening(exchange);
    const trades = exchange.watchMyTrades(BTC);
    const { id } = await exchange.createOrder(BTC, "limit", "buy", 500, 20_000, { clientOrderId: "part" });
    await orderTold(exchange, id, "the order rests", ({ filled, status }) => filled === 0 && status === "open");
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "0.2" });
    expect(await orderTold(exchange, id, "a part is filled", ({ filled }) => filled > 0)).toMatchObject({
      ...{ filled: 200, remaining: 300, average: 20_000, clientOrderId: "t-part", info: { status: "open" } },
    });
    const [fill] = (await within<Ccxt[]>(trades, "the fill")) as [Ccxt];
    expect(fill).toMatchObject({ order: id, amount: 200, price: 20_000, takerOrMaker: "maker", symbol: BTC });
    expect(fill.id).toBe(venue.truth().fills[0]?.fillId);
    await exchange.cancelOrder(id, BTC);
    expect(await orderTold(exchange, id, "the end", ({ status }) => status === "canceled")).toMatchObject({
      ...{ status: "canceled", filled: 200 },
    });
  });

  it("hears of its position and its balance as the engine has them", async () => {
    const { venue, exchange } = await start();
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "0.5" });
    expect(await within(exchange.watchPositions(), "the positions before")).toEqual([]);
    const positions = exchange.watchPositions();
    const balance = exchange.watchBalance();
    await until("both are heard", async () => {
      await exchange.createOrder(BTC, "market", "buy", 10);
      return exchange.positions?.swap?.length > 0 && exchange.balance?.USDT !== undefined ? true : undefined;
    });
    await within(positions, "a position");
    await within(balance, "a balance");
    await exchange.createOrder(BTC, "market", "buy", 10);
    const held = () => accountOf(venue).positions[0]?.size ?? 0n;
    const position = await watchUntil(
      "the position",
      () => exchange.watchPositions(),
      () => exchange.positions.swap.find(({ contracts }: Ccxt) => contracts * 100_000 === Number(held())),
    );
    expect(position).toMatchObject({ symbol: BTC, side: "long", entryPrice: 20_000 });
    expect(amount(accountOf(venue).cash)).toBeLessThan(100_000);
  });

  it("places, edits and cancels orders over its socket", async () => {
    const { venue, exchange } = await start();
    const placed = await within<Ccxt>(exchange.createOrderWs(BTC, "limit", "buy", 50, 19_000), "the order");
    expect(placed).toMatchObject({ status: "open", amount: 50 });
    expect(placed.id).toBe(venue.truth().orders[0]?.orderId);
    const edited = await within<Ccxt>(exchange.editOrderWs(placed.id, BTC, "limit", "buy", 40, 19_100), "the edit");
    expect(edited).toMatchObject({ id: placed.id, price: 19_100, amount: 40 });
    expect(await within<Ccxt>(exchange.fetchOrderWs(placed.id, BTC), "a look")).toMatchObject({ price: 19_100 });
    expect(await within<Ccxt[]>(exchange.fetchOpenOrdersWs(BTC), "the list")).toHaveLength(1);
    const ended = await within<Ccxt>(exchange.cancelOrderWs(placed.id, BTC), "the cancel");
    expect(ended).toMatchObject({ status: "canceled", filled: 0 });
    await expect(within(exchange.cancelOrderWs("1", BTC), "the refusal")).rejects.toThrow(errors.OrderNotFound);
    const row = { symbol: BTC, type: "limit", side: "buy", amount: 10, price: 19_000, params: { text: "t-many" } };
    expect(await within<Ccxt[]>(exchange.createOrdersWs([row, row]), "several")).toHaveLength(2);
    await within(exchange.cancelAllOrdersWs(BTC), "all");
    expect(await exchange.fetchOpenOrders(BTC)).toEqual([]);
  });

  it.each([
    ["key", { apiKey: "stranger" }],
    ["secret", { secret: "guess" }],
  ])("is told that its subscription failed when its %s is wrong", async (_, credentials) => {
    const exchange = await ccxtGate(await openVenue({ api: "gate_io" }), credentials);
    await expect(within(exchange.watchOrders(), "the refusal")).rejects.toThrow(errors.AuthenticationError);
  });
});

describe("ccxt.pro stays connected", () => {
  it("gets a network error when the venue drops it, then hears of fills on a new connection", async () => {
    const { venue, exchange } = await start();
    await listening(exchange);
    const { id } = await exchange.createOrder(BTC, "limit", "buy", 50, 20_000);
    await orderTold(exchange, id, "the order rests", () => true);
    const dropped = expect(within(exchange.watchOrders(), "the end")).rejects.toThrow(errors.NetworkError);
    await venue.restart(20);
    await dropped;
    await until("a connection that listens", () => listening(exchange).catch(() => undefined));
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "0.05" });
    await orderTold(exchange, id, "the order is filled", ({ status }) => status === "closed");
    expect(await exchange.fetchMyTrades(BTC)).toMatchObject([{ order: id, amount: 50 }]);
  });
});
