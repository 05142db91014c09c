import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type FrameObject, type Harness, keys, type Params, startVenue, type TestSocket } from "./harness.ts";

const HOUR_MS = 3_600_000;
const SYMBOL = { symbol: "BTCUSDT" };

let harness: Harness;
beforeEach(async () => {
  harness = await startVenue({ startingBalance: "10000", fundingIntervalMs: HOUR_MS });
});
afterEach(() => harness.venue.stop());

const call = (method: string, path: string, params: Params = {}) => harness.call(method, `/fapi${path}`, params);
const limit = (extra: Params = {}): Params => ({
  ...SYMBOL,
  side: "BUY",
  type: "LIMIT",
  quantity: "0.010",
  price: "50000",
  timeInForce: "GTC",
  ...extra,
});
const market = (extra: Params = {}): Params => ({
  ...SYMBOL,
  side: "BUY",
  type: "MARKET",
  quantity: "0.010",
  ...extra,
});
const listenKey = async () => (await harness.keyed("POST", "/fapi/v1/listenKey")).json.listenKey as string;
const listen = async (suffix = ""): Promise<TestSocket> =>
  harness.connect(`/private/ws?listenKey=${await listenKey()}${suffix}`);
const orders = (socket: TestSocket) => socket.of("ORDER_TRADE_UPDATE").map(({ o }) => o);
const lives = (socket: TestSocket) => orders(socket).map(({ x, X }) => `${x} ${X}`);
const bestAsk = () => Number(harness.venue.engine.market("BTC-USDT")!.bestAsk) / 1e8;
const settled = () => harness.world.advance(50);

describe("an order on the user stream", () => {
  test("is NEW, changed and CANCELED", async () => {
    const socket = await listen();
    const { json } = await call("POST", "/v1/order", limit({ newClientOrderId: "c-1" }));
    await call("PUT", "/v1/order", { ...limit({ price: "50001" }), orderId: json.orderId });
    await call("DELETE", "/v1/order", { ...SYMBOL, orderId: json.orderId });
    await settled();
    expect(lives(socket)).toEqual(["NEW NEW", "AMENDMENT NEW", "CANCELED CANCELED"]);
    expect(orders(socket)[0]).toMatchObject({
      i: json.orderId,
      c: "c-1",
      s: "BTCUSDT",
      S: "BUY",
      f: "GTC",
      z: "0.000",
    });
    expect(orders(socket)[1].p).toBe("50001.00");
    expect(socket.of("ACCOUNT_UPDATE")).toEqual([]);
  });

  test("has each fill with its own totals, commission and profit, and a short form before it", async () => {
    const socket = await listen();
    const [first, second] = harness.venue.engine.book("BTC-USDT", 2).asks;
    const size = first![1] + second![1];
    await call("POST", "/v1/order", market({ quantity: String(Number(size) / 1e8) }));
    await settled();
    const trades = orders(socket).filter(({ x }) => x === "TRADE");
    expect(trades.length).toBeGreaterThanOrEqual(2);
    expect(trades.map(({ X }) => X)).toEqual([...Array(trades.length - 1).fill("PARTIALLY_FILLED"), "FILLED"]);
    let total = 0;
    for (const trade of trades) {
      total += Number(trade.l);
      expect(Number(trade.z)).toBeCloseTo(total, 8);
      expect(trade).toMatchObject({ N: "USDT", m: false, rp: "0.00000000", o: "MARKET", f: "GTC" });
      expect(Number(trade.n)).toBeCloseTo(0.0005 * Number(trade.l) * Number(trade.L), 7);
    }
    expect(socket.of("TRADE_LITE").map(({ t }) => t)).toEqual(trades.map(({ t }) => t));
    const kinds = socket.frames.map(({ e }) => e);
    expect(kinds.indexOf("TRADE_LITE")).toBeLessThan(kinds.indexOf("ORDER_TRADE_UPDATE", 1));
    const rest = (await call("GET", "/v1/userTrades", SYMBOL)).json;
    expect(rest.map((row: FrameObject) => [row.id, row.qty, row.commission])).toEqual(
      trades.map(({ t, l, n }) => [t, l, n]),
    );
  });

  test("has the keys that Binance documents", async () => {
    const socket = await listen();
    await call("POST", "/v1/order", market());
    await settled();
    const trade = orders(socket).find(({ x }) => x === "TRADE");
    expect(keys(trade)).toEqual(
      "s c S o f q p ap sp x X i l z L N n T t b a m R wt ot ps cp pP si ss rp V pm gtd er".split(" ").sort(),
    );
    expect(keys(socket.of("TRADE_LITE")[0])).toEqual("e E T s q p m c S L l t i".split(" ").sort());
    const [update] = socket.of("ACCOUNT_UPDATE");
    expect(keys(update.a.P[0])).toEqual("s pa ep bep cr up mt iw ps".split(" ").sort());
    expect(keys(update.a.B[0])).toEqual("a wb cw bc".split(" ").sort());
  });

  test("of ours that somebody takes is a maker's", async () => {
    const socket = await listen();
    const price = (bestAsk() - 0.1).toFixed(1);
    harness.venue.execute({ type: "cancelAll", accountId: "flow:maker-1:BTC-USDT" });
    await call("POST", "/v1/order", limit({ price, timeInForce: "GTX" }));
    harness.venue.trader.order({ market: "BTC-USDT", side: "sell", size: "0.01", price });
    await settled();
    expect(lives(socket)).toEqual(["NEW NEW", "TRADE FILLED"]);
    expect(orders(socket)[1]).toMatchObject({ m: true, f: "GTX" });
  });

  test("that is refused does not show, and one that expires says why", async () => {
    const socket = await listen();
    const ask = bestAsk();
    await call("POST", "/v1/order", limit({ price: ask.toFixed(1), timeInForce: "GTX" }));
    await call("POST", "/v1/order", limit({ price: "55000", timeInForce: "FOK" }));
    await settled();
    expect(socket.frames).toEqual([]);
    const size = Number(harness.venue.engine.book("BTC-USDT", 1).asks[0]![1]) / 1e8;
    await call(
      "POST",
      "/v1/order",
      limit({ price: ask.toFixed(1), quantity: (size + 0.01).toFixed(3), timeInForce: "IOC" }),
    );
    await settled();
    expect(lives(socket).at(-1)).toBe("EXPIRED EXPIRED");
    expect(orders(socket).at(-1)).toMatchObject({ er: "2", l: "0.000" });
  });

  test("that meets one of ours closes it in the match", async () => {
    const socket = await listen();
    const price = (bestAsk() - 0.1).toFixed(1);
    await call("POST", "/v1/order", limit({ price, newClientOrderId: "maker" }));
    const level = harness.venue.engine.book("BTC-USDT", 1).bids[0]![1];
    const quantity = String(Number(level) / 1e8);
    await call("POST", "/v1/order", limit({ side: "SELL", price, quantity, newClientOrderId: "taker" }));
    await settled();
    expect(orders(socket).find(({ c, x }) => c === "maker" && x === "EXPIRED")).toMatchObject({
      X: "EXPIRED_IN_MATCH",
    });
    const { json } = await call("GET", "/v1/order", { ...SYMBOL, origClientOrderId: "maker" });
    expect(json.status).toBe("EXPIRED_IN_MATCH");
  });
});

describe("the account on the user stream", () => {
  test("has only what changed, with the profit that a close realised", async () => {
    const socket = await listen();
    await call("POST", "/v1/order", market());
    await call("POST", "/v1/order", market({ side: "SELL", reduceOnly: "true" }));
    await settled();
    const [opened, closed] = socket.of("ACCOUNT_UPDATE").map(({ a }) => a);
    expect(opened).toMatchObject({ m: "ORDER", B: [{ a: "USDT", bc: "0.00000000" }] });
    expect(opened.P).toHaveLength(1);
    expect(opened.P[0]).toMatchObject({ s: "BTCUSDT", pa: "0.010", mt: "cross", ps: "BOTH" });
    expect(closed.P[0]).toMatchObject({ pa: "0.000" });
    const profit = orders(socket)
      .filter(({ x }) => x === "TRADE")
      .reduce((total, { rp }) => total + Number(rp), 0);
    expect(Number(closed.P[0].cr)).toBeCloseTo(profit, 8);
    const [balance] = (await call("GET", "/v3/balance")).json;
    expect(closed.B[0].wb).toBe(balance.balance);
  });

  test("hears of funding with the balance alone in cross, and with the position in isolated", async () => {
    await call("POST", "/v1/marginType", { symbol: "ETHUSDT", marginType: "ISOLATED" });
    await call("POST", "/v1/order", market());
    await call("POST", "/v1/order", market({ symbol: "ETHUSDT", quantity: "0.1" }));
    const socket = await listen();
    await harness.world.advance(HOUR_MS);
    const updates = socket.of("ACCOUNT_UPDATE").filter(({ a }) => a.m === "FUNDING_FEE");
    expect(updates).toHaveLength(2);
    expect(updates.map(({ a }) => a.S)).toEqual(["BTCUSDT", "ETHUSDT"]);
    expect(updates.map(({ a }) => a.P.map(({ s }: { s: string }) => s))).toEqual([[], ["ETHUSDT"]]);
    const rows = (await call("GET", "/v1/income", { incomeType: "FUNDING_FEE" })).json;
    expect(rows.map((row: FrameObject) => row.income)).toEqual(updates.map(({ a }) => a.B[0].bc));
    expect(new Set(rows.map((row: FrameObject) => row.tranId)).size).toBe(2);
    expect(rows.map((row: FrameObject) => row.time)).toEqual(updates.map(({ T }) => T));
    const [balance] = (await call("GET", "/v3/balance")).json;
    expect(updates[1].a.B[0].wb).toBe(balance.balance);
    const { json } = await harness.get("/fapi/v1/fundingRate", SYMBOL);
    expect(json.at(-1).fundingTime).toBe(rows[0].time);
  });

  test("hears of a new leverage, not of the same again, and of margin that is moved", async () => {
    const socket = await listen();
    await call("POST", "/v1/leverage", { ...SYMBOL, leverage: 20 });
    await call("POST", "/v1/leverage", { ...SYMBOL, leverage: 20 });
    await call("POST", "/v1/marginType", { ...SYMBOL, marginType: "ISOLATED" });
    await call("POST", "/v1/order", market());
    await call("POST", "/v1/positionMargin", { ...SYMBOL, amount: "5", type: 1 });
    harness.venue.execute({ type: "deposit", accountId: harness.venue.accountId, amount: 100_000_000n });
    await settled();
    expect(socket.of("ACCOUNT_CONFIG_UPDATE").map(({ ac }) => ac)).toEqual([{ s: "BTCUSDT", l: 20 }]);
    expect(socket.of("ACCOUNT_UPDATE").map(({ a }) => a.m)).toEqual([
      "MARGIN_TYPE_CHANGE",
      "ORDER",
      "MARGIN_TRANSFER",
      "DEPOSIT",
    ]);
    expect(socket.of("ACCOUNT_UPDATE").at(-1).a.B[0].bc).toBe("1.00000000");
  });

  test("sees its liquidation under an id of the venue's", async () => {
    await call("POST", "/v1/leverage", { ...SYMBOL, leverage: 100 });
    await call("POST", "/v1/order", limit({ price: "59000", newClientOrderId: "resting" }));
    await call("POST", "/v1/order", market({ quantity: "10" }));
    const socket = await listen();
    harness.venue.execute({ type: "setIndexPrice", market: "BTC-USDT", price: 5_000_000_000_000n });
    harness.venue.execute({ type: "advance" });
    await settled();
    expect(orders(socket).find(({ c }) => c === "resting")).toMatchObject({ x: "EXPIRED", er: "5" });
    const liquidation = orders(socket).filter(({ c }) => c.startsWith("autoclose-"));
    expect(liquidation[0]).toMatchObject({ x: "NEW", o: "LIMIT", f: "IOC", S: "SELL" });
    expect(liquidation.at(-1)!.X).toBe("FILLED");
    expect(["TRADE", "CALCULATED"]).toContain(liquidation.at(-1)!.x);
    const { json } = await call("GET", "/v1/forceOrders", SYMBOL);
    expect(json).toHaveLength(1);
    expect(json[0]).toMatchObject({ status: "FILLED", clientOrderId: liquidation[0].c });
    const name = { ...SYMBOL, origClientOrderId: liquidation[0].c };
    expect((await call("GET", "/v1/order", name)).json.orderId).toBe(json[0].orderId);
  });
});

describe("a listen key", () => {
  test("works in the query, in the path, in a subscription, and with the events that are wanted", async () => {
    const key = await listenKey();
    const inPath = await harness.connect(`/private/ws/${key}`);
    const wrapped = await harness.connect(`/private/stream?listenKey=${key}`);
    const subscribed = await harness.connect("/private/stream");
    subscribed.subscribe(key);
    const some = await harness.connect(`/private/ws?listenKey=${key}&events=ACCOUNT_UPDATE`);
    await settled();
    await call("POST", "/v1/order", market());
    await settled();
    expect(lives(inPath)).toEqual(["NEW NEW", "TRADE FILLED"]);
    for (const socket of [wrapped, subscribed]) {
      const kinds = socket.frames.filter(({ stream }) => stream === key).map(({ data }) => data.e);
      expect(kinds).toEqual(["ORDER_TRADE_UPDATE", "TRADE_LITE", "ORDER_TRADE_UPDATE", "ACCOUNT_UPDATE"]);
    }
    expect(some.frames.map(({ e }) => e)).toEqual(["ACCOUNT_UPDATE"]);
  });

  test("brings its own account's events to it alone, and none from before", async () => {
    await call("POST", "/v1/order", limit());
    const socket = await listen();
    const unknown = await harness.connect("/private/ws?listenKey=nobody");
    harness.venue.trader.order({ market: "BTC-USDT", side: "buy", size: "0.01" });
    await settled();
    expect(socket.frames).toEqual([]);
    await call("DELETE", "/v1/allOpenOrders", SYMBOL);
    await settled();
    expect(lives(socket)).toEqual(["CANCELED CANCELED"]);
    expect(unknown.frames).toEqual([]);
    expect(unknown.closed).toBeUndefined();
  });

  test("is the same while it lives, and lives an hour after it was extended", async () => {
    const key = await listenKey();
    const socket = await harness.connect(`/private/ws?listenKey=${key}`);
    await harness.world.advance(50 * 60_000);
    expect((await harness.keyed("PUT", "/fapi/v1/listenKey", { listenKey: key })).json).toEqual({ listenKey: key });
    await harness.world.advance(50 * 60_000);
    expect(await listenKey()).toBe(key);
    await harness.world.advance(61 * 60_000);
    const expired = socket.of("listenKeyExpired");
    expect(expired).toMatchObject([{ listenKey: key }]);
    expect(socket.closed).toBeUndefined();
    const refused = await harness.keyed("PUT", "/fapi/v1/listenKey");
    expect(refused).toMatchObject({
      status: 400,
      json: { code: -1125, msg: expect.stringContaining("This listenKey does not exist. Please use POST") },
    });
    socket.clear();
    await call("POST", "/v1/order", limit());
    await settled();
    expect(socket.frames).toEqual([]);
    expect(await listenKey()).not.toBe(key);
  });

  test("may live as long as the venue is told, and may expire by a fault", async () => {
    await harness.venue.stop();
    harness = await startVenue({ listenKeyMs: 10_000 });
    const short = await listen();
    await harness.world.advance(9_000);
    expect(short.frames).toEqual([]);
    await harness.world.advance(2_000);
    expect(short.of("listenKeyExpired")).toHaveLength(1);
    const another = await listen();
    harness.venue.faults.set({ expireListenKey: 1 });
    await harness.world.advance(1_500);
    expect(another.of("listenKeyExpired")).toHaveLength(1);
  });

  test("that is closed takes its socket with it", async () => {
    const socket = await listen();
    expect((await harness.keyed("DELETE", "/fapi/v1/listenKey")).json).toEqual({});
    await settled();
    expect(socket.closed?.code).toBe(1_000);
    expect((await harness.raw("POST", "/fapi/v1/listenKey")).json.code).toBe(-2014);
  });
});
