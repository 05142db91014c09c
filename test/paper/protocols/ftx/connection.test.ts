import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Harness, startVenue, type TestSocket } from "../../ftx-harness.ts";

let harness: Harness;
let socket: TestSocket;
beforeEach(async () => {
  harness = await startVenue({
    quiet: true,
    accounts: [{ apiKey: "k", apiSecret: "s", subaccounts: ["sub"] }],
  });
  socket = await harness.connect();
});
afterEach(() => harness.venue.stop());

const pass = (ms = 20) => harness.world.advance(ms);
const login = (subaccount?: string) => socket.login("k", "s", harness.world.now(), subaccount);
const order = (extra: object = {}) => ({
  market: "BTC-PERP",
  side: "buy",
  price: null,
  type: "market",
  size: 0.01,
  ...extra,
});

describe("a connection", () => {
  test("answers a ping with the very text that clients compare", async () => {
    socket.send({ op: "ping" });
    await pass();
    expect(socket.texts).toEqual(['{"type": "pong"}']);
  });

  test("is served on both paths and no other", async () => {
    const handlers = { onText: () => {}, onClose: () => {} };
    const options = { handshakeTimeoutMs: 1_000 };
    const connect = (url: string) => harness.world.run(harness.runtime.webSocket.connect(url, handlers, options));
    expect((await connect(`${harness.venue.ws}/`)).isOpen).toBe(true);
    await expect(connect(harness.venue.ws.replace("/ws", "/other"))).rejects.toThrow();
  });

  test("says nothing to a login that succeeds, and takes private subscriptions sent with it", async () => {
    login();
    socket.subscribe("fills");
    socket.subscribe("orders", "");
    await pass();
    expect(socket.texts).toEqual([
      '{"type": "subscribed", "channel": "fills"}',
      '{"type": "subscribed", "channel": "orders"}',
    ]);
  });

  test("refuses a second login, a wrong one, and private channels without one", async () => {
    socket.subscribe("fills");
    socket.login("k", "wrong", harness.world.now());
    login();
    login();
    await pass();
    expect(socket.texts).toEqual([
      '{"type": "error", "code": 400, "msg": "Not logged in"}',
      '{"type": "error", "code": 400, "msg": "Invalid login credentials"}',
      '{"type": "error", "code": 400, "msg": "Already logged in"}',
    ]);
    expect(socket.connection!.isOpen).toBe(true);
  });

  test("names the market in its errors", async () => {
    socket.subscribe("orderbook", "BTC-PERPX");
    socket.subscribe("trades", "BTC-PERP");
    socket.subscribe("trades", "BTC-PERP");
    socket.subscribe("weather", "BTC-PERP");
    socket.subscribe("orderbook");
    socket.send({ op: "dance" });
    socket.connection!.send("{");
    await pass();
    expect(socket.errors()).toEqual([
      "404 No such market: BTC-PERPX",
      "400 Already subscribed: BTC-PERP",
      "400 Invalid channel: weather",
      "400 Missing parameter market",
      "400 Invalid op",
      "400 Invalid JSON",
    ]);
  });

  test("stops a channel that was unsubscribed, and starts it anew with a partial", async () => {
    socket.subscribe("orderbook", "BTC-PERP");
    await pass();
    socket.send({ op: "unsubscribe", channel: "orderbook", market: "BTC-PERP" });
    await pass();
    expect(socket.texts.at(-1)).toBe('{"type": "unsubscribed", "channel": "orderbook", "market": "BTC-PERP"}');
    const before = socket.frames.length;
    harness.venue.trader.order({ market: "BTC-USD", side: "buy", size: "1" });
    await pass(100);
    expect(socket.frames).toHaveLength(before);
    socket.subscribe("orderbook", "BTC-PERP");
    await pass();
    expect(socket.frames.slice(before).map(({ type }) => type)).toEqual(["subscribed", "partial"]);
  });

  test("is closed after 60 seconds without a frame of the client", async () => {
    await pass(40_000);
    socket.send({ op: "ping" });
    await pass(59_000);
    expect(socket.closed).toBeUndefined();
    await pass(2_000);
    expect(socket.closed).toBeDefined();
  });
});

describe("private channels", () => {
  test("tell an order's life: new in the book, open with a fill, closed", async () => {
    login();
    socket.subscribe("orders");
    socket.subscribe("fills");
    const body = order({ price: 19_990, type: "limit", size: 0.1, clientId: "c", postOnly: true });
    const { result } = await harness.call("POST", "/orders", { body });
    await pass();
    harness.venue.trader.order({ market: "BTC-USD", side: "sell", size: "500", price: "19991", timeInForce: "IOC" });
    harness.venue.trader.order({ market: "BTC-USD", side: "sell", size: "500", price: "19990", timeInForce: "IOC" });
    await pass();
    const updates = socket.of("orders").map(({ data }) => data);
    expect(updates.map(({ status, filledSize, remainingSize }) => [status, filledSize, remainingSize])).toEqual([
      ["new", 0, 0.1],
      ["closed", 0.1, 0],
    ]);
    expect(Object.keys(updates[0]).sort()).toEqual(
      "id clientId market type side price size status filledSize remainingSize reduceOnly liquidation avgFillPrice postOnly ioc createdAt"
        .split(" ")
        .sort(),
    );
    expect(updates[0]).toMatchObject({ id: result.id, clientId: "c", createdAt: result.createdAt });
    const fills = socket.of("fills");
    expect(Object.keys(fills[0]).sort()).toEqual(["channel", "data", "type"]);
    expect(fills.map(({ data }) => data)).toEqual((await harness.call("GET", "/fills?order=asc")).result);
  });

  test("show a partial fill as open", async () => {
    login();
    socket.subscribe("orders");
    await harness.call("POST", "/orders", { body: order({ side: "sell", price: 19_990, type: "limit", size: 50 }) });
    await pass();
    const last = socket.of("orders").at(-1).data;
    expect(last.status).toBe("open");
    expect(last.filledSize).toBeGreaterThan(0);
    expect(last.filledSize + last.remainingSize).toBeCloseTo(50, 8);
  });

  test("say only closed of a post-only order that would take, and of a cancelled one", async () => {
    login();
    socket.subscribe("orders");
    await harness.call("POST", "/orders", { body: order({ price: 20_100, type: "limit", postOnly: true }) });
    await pass();
    expect(socket.of("orders").map(({ data }) => data.status)).toEqual(["closed"]);
    const { result } = await harness.call("POST", "/orders", { body: order({ price: 19_000, type: "limit" }) });
    await pass();
    await harness.call("DELETE", `/orders/${result.id}`);
    await pass();
    expect(
      socket
        .of("orders")
        .slice(1)
        .map(({ data }) => [data.status, data.remainingSize]),
    ).toEqual([
      ["new", 0.01],
      ["closed", 0],
    ]);
  });

  test("belong to the account that logged in", async () => {
    login("sub");
    socket.subscribe("orders");
    await harness.call("POST", "/orders", { body: order() });
    await pass();
    expect(socket.of("orders")).toEqual([]);
    await harness.call("POST", "/orders", { body: order(), subaccount: "sub" });
    await pass();
    expect(socket.of("orders").map(({ data }) => data.status)).toEqual(["closed"]);
  });

  test("have no snapshot on subscribing", async () => {
    await harness.call("POST", "/orders", { body: order({ price: 19_000, type: "limit" }) });
    await pass();
    login();
    socket.subscribe("orders");
    await pass();
    expect(socket.of("orders")).toEqual([]);
  });
});
