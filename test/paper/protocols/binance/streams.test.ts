import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseStream, parseTarget } from "../../../../src/paper/protocols/binance/stream-names.ts";
import { SymbolTable } from "../../../../src/paper/protocols/binance/symbols.ts";
import { type Harness, startVenue } from "./harness.ts";

let harness: Harness;
beforeEach(async () => {
  harness = await startVenue({ quiet: false });
});
afterEach(() => harness.venue.stop());

describe("the target of a connection", () => {
  test.each([
    ["/public/ws", "public", false, []],
    ["/public/ws/0", "public", false, []],
    ["/market/ws/2", "market", false, []],
    ["/market/stream", "market", true, []],
    ["/public/ws/btcusdt@depth", "public", false, ["btcusdt@depth"]],
    [
      "/market/stream?streams=btcusdt@aggTrade/ethusdt@markPrice@1s",
      "market",
      true,
      ["btcusdt@aggTrade", "ethusdt@markPrice@1s"],
    ],
    ["/private/ws?listenKey=K", "private", false, ["K"]],
    ["/private/ws/K", "private", false, ["K"]],
    ["/private/stream?listenKey=K", "private", true, ["K"]],
    ["/private/stream?streams=K", "private", true, ["K"]],
  ])("%s is understood", (target, place, isWrapped, names) => {
    expect(parseTarget(target)).toMatchObject({ place, isWrapped, names });
  });

  test("may name the events that are wanted", () => {
    const target = parseTarget("/private/ws?listenKey=K&events=ORDER_TRADE_UPDATE/ACCOUNT_UPDATE");
    expect(target?.events).toEqual(new Set(["ORDER_TRADE_UPDATE", "ACCOUNT_UPDATE"]));
  });

  test.each(["/ws", "/stream?streams=btcusdt@depth", "/ws/btcusdt@depth", "/public", "/other/ws"])(
    "%s is not served",
    async (target) => {
      expect(parseTarget(target)).toBeUndefined();
      await expect(harness.connect(target)).rejects.toThrow(/404/);
    },
  );
});

test("stream names say what, where and how often", () => {
  const table = new SymbolTable(harness.venue.engine);
  const parsed = (name: string) => {
    const stream = parseStream(name, table);
    return stream === undefined ? undefined : `${stream.place} ${stream.kind} ${stream.everyMs} ${stream.levels}`;
  };
  expect(parsed("btcusdt@depth")).toBe("public depth 250 0");
  expect(parsed("btcusdt@depth20@500ms")).toBe("public partialDepth 500 20");
  expect(parsed("btcusdt@trade")).toBe("public trade 0 0");
  expect(parsed("btcusdt@markPrice")).toBe("market markPrice 3000 0");
  expect(parsed("btcusdt@markPrice@1s")).toBe("market markPrice 1000 0");
  for (const name of ["BTCUSDT@depth", "btcusdt@depth@10ms", "xyzusdt@depth", "btcusdt", "@depth", "!nothing"]) {
    expect(parsed(name), name).toBeUndefined();
  }
});

describe("subscriptions", () => {
  test("are acknowledged with the id as it came, number or text", async () => {
    const socket = await harness.connect("/public/ws");
    socket.send({ method: "SUBSCRIBE", params: ["btcusdt@depth"], id: 7 });
    socket.send({ method: "SUBSCRIBE", params: ["ethusdt@depth"], id: "a1b2" });
    socket.send({ method: "LIST_SUBSCRIPTIONS", id: 8 });
    socket.send({ method: "UNSUBSCRIBE", params: ["btcusdt@depth"], id: 9 });
    socket.send({ method: "LIST_SUBSCRIPTIONS", id: 10 });
    await harness.world.advance(100);
    expect(socket.frames.filter((frame) => "id" in frame)).toEqual([
      { result: null, id: 7 },
      { result: null, id: "a1b2" },
      { result: ["btcusdt@depth", "ethusdt@depth"], id: 8 },
      { result: null, id: 9 },
      { result: ["ethusdt@depth"], id: 10 },
    ]);
    await harness.world.advance(2_000);
    const symbols = new Set(socket.of("depthUpdate").map(({ s }) => s));
    expect(symbols).toEqual(new Set(["ETHUSDT"]));
  });

  test("are wrapped on /stream and bare on /ws", async () => {
    const wrapped = await harness.connect("/market/stream");
    const bare = await harness.connect("/market/ws/2");
    for (const socket of [wrapped, bare]) socket.subscribe("btcusdt@markPrice@1s");
    await harness.world.advance(1_500);
    expect(wrapped.frames[0]).toEqual({ result: null, id: 1 });
    expect(wrapped.frames[1]).toMatchObject({ stream: "btcusdt@markPrice@1s", data: { e: "markPriceUpdate" } });
    expect(bare.frames[1]).toMatchObject({ e: "markPriceUpdate", s: "BTCUSDT" });
  });

  test("of the other place are accepted and stay silent", async () => {
    const socket = await harness.connect("/public/ws");
    socket.subscribe("btcusdt@aggTrade", "btcusdt@markPrice@1s");
    await harness.world.advance(5_000);
    expect(socket.frames).toEqual([{ result: null, id: 1 }]);
  });

  test("that make no sense are answered with an error", async () => {
    const socket = await harness.connect("/public/ws");
    socket.connection!.send("{");
    socket.send({ method: "DANCE", id: 1 });
    socket.send({ method: "SUBSCRIBE", params: "btcusdt@depth", id: 2 });
    socket.send({ method: "SET_PROPERTY", params: ["combined", "yes"], id: 3 });
    await harness.world.advance(100);
    expect(socket.frames.map(({ error, id }) => [error.code, id])).toEqual([
      [3, null],
      [2, 1],
      [2, 2],
      [1, 3],
    ]);
  });
});

describe("market streams", () => {
  test("tell of the same trades, one by one and in aggregates, as REST does", async () => {
    const trades = await harness.connect("/public/ws/btcusdt@trade");
    const aggregates = await harness.connect("/market/ws/btcusdt@aggTrade");
    await harness.world.advance(20_000);
    const ids = trades.of("trade").map(({ t }) => t);
    expect(ids.length).toBeGreaterThan(10);
    const { json } = await harness.get("/fapi/v1/trades", { symbol: "BTCUSDT", limit: 1000 });
    const known = new Set(json.map(({ id }: { id: number }) => id));
    for (const id of ids) expect(known).toContain(id);
    const sum = (frames: { q: string }[]) => frames.reduce((total, { q }) => total + Number(q), 0);
    // The first may have begun before anybody listened, and the last one may still grow.
    const whole = aggregates.of("aggTrade").filter(({ f }) => f >= ids[0]);
    const [from, to] = [whole[0].f, whole.at(-1).l];
    const gathered = trades.of("trade").filter(({ t }) => t >= from && t <= to);
    expect(gathered.length).toBeGreaterThan(10);
    expect(sum(whole)).toBeCloseTo(sum(gathered), 6);
    const inRest = await harness.get("/fapi/v1/aggTrades", { symbol: "BTCUSDT", limit: 1000 });
    const streamed = aggregates.of("aggTrade").at(-1);
    const { e: _e, E: _E, s: _s, st: _st, ...row } = streamed;
    expect(inRest.json).toContainEqual(row);
  });

  test("gather the trades of one side at one price for 100 ms from the first of them", async () => {
    const quiet = await startVenue({ emptyBooks: true, quiet: true });
    const socket = await quiet.connect("/market/ws/btcusdt@aggTrade");
    const { trader } = quiet.venue;
    trader.order({ market: "BTC-USDT", side: "sell", size: "1", price: "60000" });
    trader.order({ market: "BTC-USDT", side: "sell", size: "1", price: "60001" });
    const take = async (size: string, waitMs: number) => {
      await quiet.call("POST", "/fapi/v1/order", { symbol: "BTCUSDT", side: "BUY", type: "MARKET", quantity: size });
      await quiet.world.advance(waitMs);
    };
    await take("0.1", 20);
    await take("0.2", 0);
    expect(socket.of("aggTrade")).toEqual([]);
    await quiet.world.advance(150);
    await take("0.3", 150);
    await take("0.6", 150);
    const [first, second, third, fourth, ...others] = socket.of("aggTrade");
    expect([first, second, third, fourth].map(({ p, q, m }) => [Number(p), Number(q), m])).toEqual([
      ...[[60_000, 0.3, false] as const, [60_000, 0.3, false] as const],
      ...[[60_000, 0.4, false] as const, [60_001, 0.2, false] as const],
    ]);
    expect([first.l - first.f, second.l - second.f, others]).toEqual([1, 0, []]);
    expect(second.a - first.a).toBe(1);
    await quiet.venue.stop();
  });

  test("tell the book with price improvement every half second, as the other one", async () => {
    const socket = await harness.connect("/public/ws/btcusdt@rpiDepth@500ms");
    await harness.world.advance(5_000);
    const frames = socket.of("depthUpdate");
    expect(frames.length).toBeGreaterThan(3);
    expect(frames.length).toBeLessThanOrEqual(10);
    for (const [index, { pu }] of frames.entries()) if (index > 0) expect(pu).toBe(frames[index - 1]?.u);
    const { json } = await harness.get("/fapi/v1/rpiDepth", { symbol: "BTCUSDT" });
    expect(json.bids.length).toBeGreaterThan(0);
    expect((await harness.get("/fapi/v1/rpiDepth", { symbol: "BTCUSDT", limit: 500 })).json.code).toBe(-4021);
  });

  test("send the best quotes whenever they change", async () => {
    const socket = await harness.connect("/public/ws/btcusdt@bookTicker");
    await harness.world.advance(10_000);
    const frames = socket.of("bookTicker");
    expect(frames.length).toBeGreaterThan(3);
    for (const [index, { b, B, a, A }] of frames.entries()) {
      const before = frames[index - 1];
      if (before !== undefined) expect([b, B, a, A]).not.toEqual([before.b, before.B, before.a, before.A]);
      expect(Number(b)).toBeLessThan(Number(a));
    }
  });

  test("give candles that add up to the day", async () => {
    await harness.world.advance(130_000);
    const { json } = await harness.get("/fapi/v1/klines", { symbol: "BTCUSDT", interval: "1m", limit: 1_440 });
    expect(json.length).toBeGreaterThanOrEqual(2);
    expect(json[0]).toHaveLength(12);
    const day = (await harness.get("/fapi/v1/ticker/24hr", { symbol: "BTCUSDT" })).json;
    const count = json.reduce((total: number, row: unknown[]) => total + Number(row[8]), 0);
    expect(count).toBe(day.count);
    expect((await harness.get("/fapi/v1/klines", { symbol: "BTCUSDT", interval: "7m" })).json.code).toBe(-1120);
  });

  test("of a dead channel fall silent until somebody subscribes anew", async () => {
    const socket = await harness.connect("/public/ws/btcusdt@depth@100ms");
    await harness.world.advance(1_000);
    harness.venue.faults.set({ deadChannel: { channel: "depth", market: "BTCUSDT" } });
    socket.clear();
    await harness.world.advance(3_000);
    expect(socket.of("depthUpdate")).toEqual([]);
    socket.send({ method: "UNSUBSCRIBE", params: ["btcusdt@depth@100ms"], id: 1 });
    socket.subscribe("btcusdt@depth@100ms");
    await harness.world.advance(3_000);
    expect(socket.of("depthUpdate").length).toBeGreaterThan(0);
  });
});

describe("a connection", () => {
  test("is pinged every three minutes", async () => {
    const quiet = await startVenue({ emptyBooks: true });
    const socket = await quiet.connect("/public/ws");
    await quiet.world.advance(179_000);
    expect(socket.pings).toBe(0);
    await quiet.world.advance(2_000);
    expect(socket.pings).toBe(1);
    await quiet.world.advance(180_000);
    expect(socket.pings).toBe(2);
    await quiet.venue.stop();
  });

  test("may send ten messages a second and no more", async () => {
    const strict = await startVenue({ rateLimits: "strict" });
    const socket = await strict.connect("/public/ws");
    for (let index = 0; index < 10; index += 1) socket.send({ method: "LIST_SUBSCRIPTIONS", id: index });
    await strict.world.advance(1_100);
    expect(socket.closed).toBeUndefined();
    for (let index = 0; index < 11; index += 1) socket.send({ method: "LIST_SUBSCRIPTIONS", id: index });
    await strict.world.advance(100);
    expect(socket.closed?.code).toBe(1_008);
    await strict.venue.stop();
  });
});
