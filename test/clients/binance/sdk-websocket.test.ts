import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { PaperVenue } from "../../../src/paper/index.ts";
import { BinanceBook } from "../support/binance-book.ts";
import {
  type BinanceSocket,
  BTC_BUY,
  BTC_SELL,
  binanceRest,
  binanceSocket,
  clientId,
  listening,
  refusalOf,
  subscribed,
  type Wire,
} from "../support/binance-sdk.ts";
import { BTC_MARKET, openBinance, quote, take } from "../support/binance-venue.ts";
import { DrivenMarket } from "../support/driven-market.ts";
import { accountOf, amount, bookOf } from "../support/paper-venue.ts";

const DEPTH = "btcusdt@depth@100ms";
const WHOLE_BOOK = 1_000;
const BOOK_UPDATES = 25;
const MOVES_AN_UPDATE = 5;
const UNIT = 100_000_000n;

const isBook = ({ e }: Wire) => e === "depthUpdate";
const isOrder = (orderId: number, status: string) => (message: Wire) =>
  message.e === "ORDER_TRADE_UPDATE" && message.o.i === orderId && message.o.X === status;
const isAccount = (reason: string) => (message: Wire) => message.e === "ACCOUNT_UPDATE" && message.a.m === reason;
const ofType = ({ messages }: BinanceSocket, type: string): readonly Wire[] =>
  messages.items.filter(({ e }) => e === type);

/** Subscribes to the book and keeps it as documented; nothing moves but the market that it returns. */
async function keepBook(venue: PaperVenue, socket: BinanceSocket) {
  const market = new DrivenMarket(venue, BTC_MARKET);
  const book = new BinanceBook();
  const failures: unknown[] = [];
  socket.client.on("message", (message: Wire) => {
    try {
      if (isBook(message)) book.apply(message);
    } catch (error) {
      failures.push(error);
    }
  });
  await subscribed(socket, [DEPTH]);
  const buffered = socket.messages.next(isBook, "an update before the snapshot");
  market.move();
  await buffered;
  const straddling = socket.messages.next(isBook, "the update around the snapshot");
  market.move();
  book.start((await binanceRest(venue).getOrderBook({ symbol: "BTCUSDT", limit: WHOLE_BOOK })) as Wire);
  // Else it could be on its way still, and be taken for the next one.
  await straddling;
  /** Lets the market move, and resolves once an update has told of it. */
  const update = async () => {
    const arrived = socket.messages.next(isBook, "a book update");
    for (let move = 0; move < MOVES_AN_UPDATE; move++) market.move();
    await arrived;
  };
  return { book, failures, update };
}

describe("binance listens to the market", () => {
  it("holds the engine's book, level by level, by the documented steps, after each of many updates", async () => {
    const venue = await openBinance();
    const socket = binanceSocket(venue);
    const { book, failures, update } = await keepBook(venue, socket);
    for (let count = 0; count < BOOK_UPDATES; count++) {
      await update();
      expect(book.view()).toEqual(bookOf(venue, BTC_MARKET, WHOLE_BOOK));
    }
    expect(failures).toEqual([]);
    const updates = ofType(socket, "depthUpdate");
    for (const [index, { U, u, pu }] of updates.entries()) {
      expect(u).toBeGreaterThanOrEqual(U);
      if (index === 0) continue;
      expect(pu).toBe(updates[index - 1].u);
      expect(U).not.toBe(pu + 1);
    }
  });

  it("notices by pu that an update lost a level", async () => {
    const venue = await openBinance();
    const { failures, update } = await keepBook(venue, binanceSocket(venue));
    await update();
    venue.faults.set({ breakSequence: 1 });
    await update();
    expect(failures).toMatchObject([{ message: expect.stringMatching(/^pu is \d+ after \d+$/) }]);
  });

  it("gets each trade once, single and aggregated, and the best prices that it leaves", async () => {
    const venue = await openBinance();
    const socket = await subscribed(binanceSocket(venue), ["btcusdt@trade", "btcusdt@bookTicker"], "usdmPublic");
    await subscribed(socket, ["btcusdt@aggTrade", "btcusdt@miniTicker"]);
    quote(venue, "buy", 59_990, 0.4);
    quote(venue, "sell", 60_000, 0.1);
    quote(venue, "sell", 60_000, 0.3);
    quote(venue, "sell", 60_001, 0.5);

    await binanceRest(venue).submitNewOrder({ ...BTC_BUY, price: 60_001, quantity: 0.6 });

    await socket.messages.first(({ e, p }) => e === "aggTrade" && p === "60001.00", "the last trade");
    await socket.messages.first(({ e, a }) => e === "bookTicker" && a === "60001.00", "the best prices after it");
    expect(ofType(socket, "trade").map(({ p, q, m }) => [p, q, m])).toEqual([
      ["60000.00", "0.100", false],
      ["60000.00", "0.300", false],
      ["60001.00", "0.200", false],
    ]);
    expect(ofType(socket, "aggTrade").map(({ p, q, m }) => [p, q, m])).toEqual([
      ["60000.00", "0.400", false],
      ["60001.00", "0.200", false],
    ]);
    const [first, second] = ofType(socket, "aggTrade");
    const ids = ofType(socket, "trade").map(({ t }) => t);
    expect([first.f, first.l, second.f, second.l]).toEqual([ids[0], ids[1], ids[2], ids[2]]);
    expect(ofType(socket, "bookTicker").at(-1)).toMatchObject({
      s: "BTCUSDT",
      b: "59990.00",
      B: "0.400",
      a: "60001.00",
      A: "0.300",
    });
    await socket.messages.first(
      ({ e, c, v }) => e === "24hrMiniTicker" && c === "60001.00" && v === "0.600",
      "the day",
    );
  });

  it("hears of mark, index and the next funding every second", async () => {
    const venue = await openBinance();
    const socket = await subscribed(binanceSocket(venue), ["btcusdt@markPrice@1s"]);
    venue.execute({ type: "setIndexPrice", market: BTC_MARKET, price: 60_600n * UNIT });
    const { mark, nextFundingMs } = venue.engine.market(BTC_MARKET)!;
    const message = await socket.messages.first(({ e, i }) => e === "markPriceUpdate" && i === "60600.00000000", "it");
    expect(Number(message.p)).toBe(amount(mark));
    expect(message.T).toBe(Math.floor(nextFundingMs));
  });

  it("hears nothing more of a stream that it unsubscribed", async () => {
    const venue = await openBinance();
    const socket = await subscribed(binanceSocket(venue), ["btcusdt@trade", "btcusdt@bookTicker"], "usdmPublic");
    const confirmed = socket.responses.next(({ request }) => request?.method === "UNSUBSCRIBE", "the end");
    await socket.client.unsubscribe(["btcusdt@trade"], "usdmPublic");
    await confirmed;
    quote(venue, "sell", 60_000, 0.1);
    const gone = socket.messages.first(({ e, A }) => e === "bookTicker" && A === "0.000", "the quote is gone");
    await binanceRest(venue).submitNewOrder({ ...BTC_BUY, quantity: 0.1 });
    await gone;
    expect(ofType(socket, "trade")).toEqual([]);
  });
});

describe("binance listens to its account", () => {
  it("hears of each step of an order, of each fill once, and of what they did to balance and position", async () => {
    const venue = await openBinance();
    const socket = await listening(binanceSocket(venue));
    const newClientOrderId = clientId();
    const { orderId } = await binanceRest(venue).submitNewOrder({ ...BTC_BUY, newClientOrderId });
    take(venue, "sell", 60_000, 0.2);
    take(venue, "sell", 60_000, 0.3);
    await socket.messages.first(isOrder(orderId, "FILLED"), "the order is filled");
    await socket.messages.first(() => ofType(socket, "ACCOUNT_UPDATE").length === 2, "both account updates");

    const fillIds = venue.truth().fills.map(({ fillId }) => fillId);
    const orders = ofType(socket, "ORDER_TRADE_UPDATE").map(({ o }) => o);
    expect(orders.map(({ x, X, l, z, n, t }) => [x, X, l, z, n, t])).toEqual([
      ["NEW", "NEW", "0.000", "0.000", undefined, 0],
      ["TRADE", "PARTIALLY_FILLED", "0.200", "0.200", "2.40000000", fillIds[0]],
      ["TRADE", "FILLED", "0.300", "0.500", "3.60000000", fillIds[1]],
    ]);
    for (const { i, c, s, m } of orders.slice(1)) {
      expect([i, c, s, m]).toEqual([orderId, newClientOrderId, "BTCUSDT", true]);
    }
    expect(ofType(socket, "TRADE_LITE").map(({ t, l, i }) => [t, l, i])).toEqual([
      [fillIds[0], "0.200", orderId],
      [fillIds[1], "0.300", orderId],
    ]);
    const { a: account } = ofType(socket, "ACCOUNT_UPDATE").at(-1);
    expect(account).toMatchObject({ m: "ORDER", B: [{ a: "USDT" }], P: [{ s: "BTCUSDT", pa: "0.500", ps: "BOTH" }] });
    expect(Number(account.B[0].wb)).toBe(amount(accountOf(venue).cash));
    expect(Number(account.P[0].ep)).toBe(60_000);
  });

  it("hears why an order ended without being filled, and of one that was changed", async () => {
    const venue = await openBinance();
    const rest = binanceRest(venue);
    const socket = await listening(binanceSocket(venue));
    const resting = await rest.submitNewOrder({ ...BTC_BUY });
    await rest.modifyOrder({ symbol: "BTCUSDT", side: "BUY", orderId: resting.orderId, price: 59_500, quantity: 0.4 });
    await rest.cancelOrder({ symbol: "BTCUSDT", orderId: resting.orderId });
    quote(venue, "sell", 60_000, 0.1);
    const ioc = await rest.submitNewOrder({ ...BTC_BUY, timeInForce: "IOC" });
    await socket.messages.first(isOrder(ioc.orderId, "EXPIRED"), "the rest of the IOC order");

    const steps = ofType(socket, "ORDER_TRADE_UPDATE").map(({ o }) => [o.i, o.x, o.X, o.q, o.z, o.er]);
    expect(steps).toEqual([
      [resting.orderId, "NEW", "NEW", "0.500", "0.000", "0"],
      [resting.orderId, "AMENDMENT", "NEW", "0.400", "0.000", "0"],
      [resting.orderId, "CANCELED", "CANCELED", "0.400", "0.000", "0"],
      [ioc.orderId, "NEW", "NEW", "0.500", "0.000", "0"],
      [ioc.orderId, "TRADE", "PARTIALLY_FILLED", "0.500", "0.100", "0"],
      [ioc.orderId, "EXPIRED", "EXPIRED", "0.500", "0.100", "2"],
    ]);
  });

  it("hears nothing of a refused post-only order", async () => {
    const venue = await openBinance();
    const rest = binanceRest(venue);
    const socket = await listening(binanceSocket(venue));
    quote(venue, "sell", 60_000, 1);
    await refusalOf(rest.submitNewOrder({ ...BTC_BUY, timeInForce: "GTX" }));
    const { orderId } = await rest.submitNewOrder({ ...BTC_SELL, price: 61_000, timeInForce: "GTX" });
    await socket.messages.first(isOrder(orderId, "NEW"), "the order that rests");
    expect(ofType(socket, "ORDER_TRADE_UPDATE").map(({ o }) => o.i)).toEqual([orderId]);
  });

  it("hears of funding, which changes the balance alone, and of a new leverage", async () => {
    const venue = await openBinance({ fundingIntervalMs: 250 });
    const rest = binanceRest(venue);
    const socket = await listening(binanceSocket(venue));
    quote(venue, "sell", 60_000, 1);
    await rest.submitNewOrder({ ...BTC_BUY, quantity: 1 });
    quote(venue, "buy", 60_000, 1);
    quote(venue, "sell", 60_000.1, 1);
    venue.execute({ type: "setIndexPrice", market: BTC_MARKET, price: 59_400n * UNIT });
    await rest.setLeverage({ symbol: "BTCUSDT", leverage: 7 });

    const paid = await socket.messages.first(
      (message) => isAccount("FUNDING_FEE")(message) && Number(message.a.B[0].bc) < 0,
      "a payment",
    );
    expect(paid.a.P).toEqual([]);
    const payment = venue.truth().fundingPayments.find(({ timeMs }) => Math.floor(timeMs) === paid.T)!;
    expect(Number(paid.a.B[0].bc)).toBe(Number(payment.amount));
    const config = await socket.messages.first(({ e }) => e === "ACCOUNT_CONFIG_UPDATE", "the leverage");
    expect(config.ac).toEqual({ s: "BTCUSDT", l: 7 });
  });

  it("hears of its orders being cancelled when it lets a countdown run out", async () => {
    const venue = await openBinance();
    const rest = binanceRest(venue);
    const socket = await listening(binanceSocket(venue));
    const { orderId } = await rest.submitNewOrder({ ...BTC_BUY });
    await rest.setCancelOrdersOnTimeout({ symbol: "BTCUSDT", countdownTime: 100 });
    await socket.messages.first(isOrder(orderId, "CANCELED"), "the end of the countdown");
    expect(await rest.getAllOpenOrders()).toEqual([]);
  });

  it("hears of its liquidation as of an order that it did not send, and so does everybody", async () => {
    const venue = await openBinance();
    const rest = binanceRest(venue);
    const socket = await listening(await subscribed(binanceSocket(venue), ["btcusdt@forceOrder"]));
    await rest.setLeverage({ symbol: "BTCUSDT", leverage: 100 });
    quote(venue, "sell", 60_000, 50);
    await rest.submitNewOrder({ ...BTC_BUY, quantity: 50 });
    quote(venue, "buy", 58_100, 50);
    quote(venue, "sell", 58_101, 50);
    venue.execute({ type: "setIndexPrice", market: BTC_MARKET, price: 58_100n * UNIT });
    venue.execute({ type: "advance" });

    const isLiquidation = ({ e, o }: Wire) => e === "ORDER_TRADE_UPDATE" && o.c.startsWith("autoclose-");
    const { o: order } = await socket.messages.first(
      (message) => isLiquidation(message) && message.o.X === "FILLED",
      "the liquidation",
    );
    const forced = await socket.messages.first(({ e }) => e === "forceOrder", "the public message");
    expect(order).toMatchObject({ s: "BTCUSDT", S: "SELL", o: "LIMIT", f: "IOC", z: order.q });
    expect(forced.o).toMatchObject({ s: "BTCUSDT", S: "SELL", X: "FILLED", q: order.q, z: order.z });
    expect(await rest.getForceOrders({ symbol: "BTCUSDT" })).toMatchObject([
      { orderId: order.i, clientOrderId: order.c, status: "FILLED", executedQty: order.q },
    ]);
    expect(await rest.getForceOrders({ symbol: "BTCUSDT", autoCloseType: "ADL" })).toEqual([]);
  });

  it("hears nothing of another account", async () => {
    const venue = await openBinance();
    const socket = await listening(binanceSocket(venue));
    quote(venue, "buy", 59_000, 1);
    const { orderId } = await binanceRest(venue).submitNewOrder({ ...BTC_BUY });
    await socket.messages.first(isOrder(orderId, "NEW"), "its own order");
    expect(ofType(socket, "ORDER_TRADE_UPDATE")).toHaveLength(1);
  });

  it("gets no stream when its key is wrong", async () => {
    const venue = await openBinance();
    const socket = binanceSocket({ host: venue.host, port: venue.port, apiKey: "stranger", apiSecret: "guess" });
    await listening(socket);
    expect(socket.exceptions.items).toMatchObject([{ error: { code: -2015 } }]);
    expect(socket.states.items).toEqual([]);
  });
});

describe("binance keeps its listen key alive", () => {
  it("gets the same key as long as it lives, and another one after it closed it", async () => {
    const rest = binanceRest(await openBinance());
    const { listenKey } = await rest.getFuturesUserDataListenKey();
    expect(listenKey).toMatch(/^.{64}$/);
    expect(await rest.getFuturesUserDataListenKey()).toEqual({ listenKey });
    expect(await rest.keepAliveFuturesUserDataListenKey()).toEqual({ listenKey });
    expect(await rest.closeFuturesUserDataListenKey()).toEqual({});
    expect(await refusalOf(rest.keepAliveFuturesUserDataListenKey())).toMatchObject({
      code: -1125,
      message: expect.stringMatching(/^This listenKey does not exist\./),
    });
    expect((await rest.getFuturesUserDataListenKey()).listenKey).not.toBe(listenKey);
  });

  it("hears of its orders for longer than the key would live, because it extends it", async () => {
    const listenKeyMs = 1_500;
    const venue = await openBinance({ listenKeyMs });
    // The client extends the key by an interval of fifty minutes, which passes here when the test says so.
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    onTestFinished(() => void vi.useRealTimers());
    const socket = await listening(binanceSocket(venue, { disableHeartbeat: true }));
    const openedMs = venue.now();
    while (venue.now() < openedMs + 1.5 * listenKeyMs) {
      const extended = socket.log.next((text) => text.startsWith("Completed keep alive"), "the key is extended");
      vi.advanceTimersByTime(50 * 60_000);
      await extended;
    }

    const { orderId } = await binanceRest(venue).submitNewOrder({ ...BTC_BUY });
    await socket.messages.first(isOrder(orderId, "NEW"), "the order rests");
    expect(ofType(socket, "listenKeyExpired")).toEqual([]);
    expect(socket.states.items.map(({ state }) => state)).toEqual(["open"]);
  });

  it("is told when the key expires, gets a new one by itself and misses nothing from then on", async () => {
    const venue = await openBinance();
    const socket = await listening(binanceSocket(venue));
    const [before] = socket.states.items;
    const reopened = socket.states.next(({ state }) => state === "open" || state === "reconnected", "a new stream");
    venue.faults.set({ expireListenKey: 1 });
    await socket.messages.first(({ e }) => e === "listenKeyExpired", "the key expires");
    venue.faults.clear();
    expect((await reopened).wsKey).not.toBe(before?.wsKey);

    const { orderId } = await binanceRest(venue).submitNewOrder({ ...BTC_BUY });
    await socket.messages.first(isOrder(orderId, "NEW"), "the order rests");
  });
});

describe("binance stays connected", () => {
  it("gets a pong for each ping and never reconnects", async () => {
    const socket = binanceSocket(await openBinance(), { pingInterval: 20, pongTimeout: 1_000 });
    await subscribed(socket, [DEPTH]);
    for (let ping = 0; ping < 5; ping++) {
      await socket.log.next((text) => text.startsWith("Received pong frame"), "a pong");
    }
    expect(socket.states.items.map(({ state }) => state)).toEqual(["open"]);
  });

  it("reconnects after a restart, to the streams and the account, and misses nothing from then on", async () => {
    const venue = await openBinance();
    const rest = binanceRest(venue);
    const socket = await listening(await subscribed(binanceSocket(venue), ["btcusdt@trade"], "usdmPublic"));
    const { orderId } = await rest.submitNewOrder({ ...BTC_BUY });
    await socket.messages.first(isOrder(orderId, "NEW"), "the order rests");
    const isBack = (part: string) =>
      socket.states.next(
        ({ state, wsKey }) => state !== "close" && state !== "reconnecting" && wsKey.includes(part),
        part,
      );
    const back = Promise.all([isBack("usdmPublic"), isBack("userData")]);
    const confirmed = socket.responses.next(({ result }) => result === null, "its subscription");

    await venue.restart(50);
    await back;
    await confirmed;

    take(venue, "sell", 60_000, 0.5);
    await socket.messages.first(isOrder(orderId, "FILLED"), "the order is filled");
    const trade = await socket.messages.first(({ e }) => e === "trade", "the trade");
    expect(trade).toMatchObject({ p: "60000.00", q: "0.500", m: true });
  });
});
