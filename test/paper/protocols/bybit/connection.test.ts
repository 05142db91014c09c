import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PAPER_MARKETS } from "../../../../src/paper/index.ts";
import { type Harness, type Socket, startVenue } from "./harness.ts";

let harness: Harness;
beforeEach(async () => {
  harness = await startVenue();
});
afterEach(() => harness.venue.stop());

const ask = async (socket: Socket, message: object) => {
  const before = socket.frames.length;
  socket.send(message);
  await harness.settle();
  return socket.frames[before];
};

describe("a public socket", () => {
  it("acknowledges with the request's own id, in compact JSON", async () => {
    const socket = await harness.socket("/v5/public/linear");
    const topic = "publicTrade.BTCUSDT";
    expect(await ask(socket, { op: "subscribe", req_id: topic, args: [topic] })).toEqual({
      success: true,
      ret_msg: "",
      conn_id: expect.any(String),
      req_id: topic,
      op: "subscribe",
    });
    expect(await ask(socket, { op: "unsubscribe", req_id: 7, args: [topic] })).toMatchObject({
      success: true,
      req_id: 7,
    });
    expect(await ask(socket, { op: "ping" })).toMatchObject({ success: true, ret_msg: "pong", req_id: "", op: "ping" });
    expect(socket.texts.at(-1)).toContain('"ret_msg":"pong"');
  });

  it("has 21,000 characters for topics at a time, which an unsubscribe gives back", async () => {
    const markets = PAPER_MARKETS.slice(0, 1).flatMap((market) =>
      Array.from({ length: 200 }, (_, index) => {
        const base = `B${String(index).padStart(3, "0")}${"X".repeat(50)}`;
        return { ...market, base, market: `${base}-USD` };
      }),
    );
    await harness.venue.stop();
    harness = await startVenue({ markets });
    const topics = (from: number, to: number) =>
      markets.slice(from, to).flatMap(({ base }) => [`tickers.${base}USDT`, `publicTrade.${base}USDT`]);
    const socket = await harness.socket("/v5/public/linear");
    const change = (op: string, from: number, to: number) => ask(socket, { op, args: topics(from, to) });
    expect(await change("subscribe", 0, 140)).toMatchObject({ success: true });
    expect(await change("subscribe", 140, 180)).toMatchObject({ success: false, ret_msg: "error:args are too long" });
    expect(await change("unsubscribe", 0, 40)).toMatchObject({ success: true });
    expect(await change("subscribe", 140, 180)).toMatchObject({ success: true });
  });

  it.each([
    ["orderbook.7.BTCUSDT"],
    ["orderbook.500.BTCUSDT"],
    ["orderbook.50.NOPE"],
    ["nothing.BTCUSDT"],
    ["tickers"],
    ["order"],
  ])("refuses %s by name, and all of that request", async (topic) => {
    const socket = await harness.socket("/v5/public/linear");
    const reply = await ask(socket, { op: "subscribe", args: ["publicTrade.BTCUSDT", topic] });
    expect(reply).toMatchObject({ success: false, ret_msg: `Invalid topic: ${topic}` });
    harness.venue.trader.order({ market: "BTC-USD", side: "sell", size: "1", price: "20000" });
    await harness.place({ side: "Buy", qty: "0.01", price: "20000" });
    expect(socket.of("publicTrade.BTCUSDT")).toEqual([]);
  });

  it("refuses a topic that it has, too many of them, what it cannot do and what it cannot read", async () => {
    const socket = await harness.publicSocket("tickers.BTCUSDT");
    expect(await ask(socket, { op: "subscribe", args: ["tickers.BTCUSDT"] })).toMatchObject({
      success: false,
      ret_msg: "error:already subscribed,topic:tickers.BTCUSDT",
    });
    const many = Array.from({ length: 2_000 }, () => "publicTrade.BTCUSDT");
    expect(await ask(socket, { op: "subscribe", args: many })).toMatchObject({ success: false });
    expect(await ask(socket, { op: "dance" })).toMatchObject({ success: false, op: "dance" });
    expect(await ask(socket, { op: "auth", args: [] })).toMatchObject({ success: false, op: "auth" });
    socket.connection!.send("{");
    await harness.settle();
    expect(socket.frames.at(-1)).toMatchObject({ success: false });
    expect(socket.isClosed).toBe(false);
  });

  it("is cut when it says nothing for ten minutes", async () => {
    const silent = await harness.socket("/v5/public/linear");
    const alive = await harness.socket("/v5/public/linear");
    await harness.world.advance(300_000);
    alive.send({ op: "ping" });
    await harness.world.advance(301_000);
    expect([silent.isClosed, alive.isClosed]).toEqual([true, false]);
  });

  it("is not cut while a channel has news for it", async () => {
    const listening = await harness.publicSocket("tickers.BTCUSDT");
    for (let minute = 1; minute <= 12; minute += 1) {
      harness.venue.execute({
        type: "setIndexPrice",
        market: "BTC-USD",
        price: BigInt(20_000 + minute) * 100_000_000n,
      });
      await harness.world.advance(60_000);
    }
    expect(listening.isClosed).toBe(false);
  });

  it("is refused on a path that the venue does not have", async () => {
    await expect(harness.socket("/v5/public/spot")).rejects.toMatchObject({
      code: "TRANSPORT_HANDSHAKE",
      venueCode: "404",
    });
  });
});

describe("a private socket", () => {
  it.each(["number", "string"] as const)("takes an expiry that is a %s", async (kind) => {
    const socket = await harness.socket("/v5/private");
    socket.auth(harness.venue.apiKey, harness.venue.apiSecret, harness.world.now() + 5_000, kind);
    await harness.settle();
    expect(socket.replies("auth")).toMatchObject([{ success: true, ret_msg: "", req_id: "a" }]);
    expect(await ask(socket, { op: "subscribe", args: ["order"] })).toMatchObject({ success: true });
  });

  it.each([
    ["a wrong secret", (harness: Harness) => [harness.venue.apiKey, "other", 5_000] as const],
    ["an unknown key", (harness: Harness) => ["nobody", harness.venue.apiSecret, 5_000] as const],
    ["an expiry that has passed", (harness: Harness) => [harness.venue.apiKey, harness.venue.apiSecret, -1] as const],
  ])("is closed after %s", async (_, credentials) => {
    const socket = await harness.socket("/v5/private");
    const [key, secret, aheadMs] = credentials(harness);
    socket.auth(key, secret, harness.world.now() + aheadMs);
    await harness.settle();
    expect(socket.replies("auth")).toMatchObject([{ success: false }]);
    expect(socket.isClosed).toBe(true);
  });

  it("gives nothing without a login, and answers pings in its own form", async () => {
    const socket = await harness.socket("/v5/private");
    expect(await ask(socket, { op: "subscribe", args: ["order"] })).toMatchObject({ success: false });
    expect(await ask(socket, { op: "ping", req_id: "p" })).toEqual({
      req_id: "p",
      op: "pong",
      args: [expect.stringMatching(/^\d{13}$/)],
      conn_id: expect.any(String),
    });
  });

  it("sends nothing at first, and then under the form that was asked for", async () => {
    const all = await harness.privateSocket("order", "execution", "position", "wallet");
    const categorised = await harness.privateSocket(
      "order.linear",
      "execution.linear",
      "execution.fast",
      "position.linear",
    );
    expect(all.frames.filter(({ topic }) => topic !== undefined)).toEqual([]);
    harness.venue.trader.order({ market: "BTC-USD", side: "sell", size: "1", price: "20000" });
    await harness.place({ side: "Buy", qty: "0.01", price: "20000" });
    const topics = (socket: Socket) => socket.frames.map(({ topic }) => topic).filter((topic) => topic !== undefined);
    expect(topics(all)).toEqual(["order", "execution", "position", "wallet"]);
    expect(topics(categorised)).toEqual(["order.linear", "execution.linear", "execution.fast", "position.linear"]);
    const [order] = all.of("order");
    expect(order).toMatchObject({
      id: expect.any(String),
      creationTime: expect.any(Number),
      data: [{ category: "linear" }],
    });
    const [fast] = categorised.rows("execution.fast");
    expect(Object.keys(fast).sort()).toEqual([
      "category",
      "execId",
      "execPrice",
      "execQty",
      "execTime",
      "isMaker",
      "orderId",
      "orderLinkId",
      "seq",
      "side",
      "symbol",
    ]);
  });

  it("does not mix the forms of a channel, and takes those of other products in silence", async () => {
    const socket = await harness.privateSocket();
    const mixed = await ask(socket, { op: "subscribe", args: ["order", "order.linear"] });
    expect(mixed).toMatchObject({ success: false });
    expect(await ask(socket, { op: "subscribe", args: ["order.spot", "position.linear"] })).toMatchObject({
      success: true,
    });
    expect(await ask(socket, { op: "subscribe", args: ["order.moon"] })).toMatchObject({
      success: false,
      ret_msg: "Invalid topic: order.moon",
    });
    await harness.place({ side: "Buy", qty: "0.01", price: "19000" });
    expect(socket.of("order.spot")).toEqual([]);
    expect(socket.rows("position.linear")).toMatchObject([
      { symbol: "BTCUSDT", side: "", size: "0.0000", entryPrice: "0" },
    ]);
  });

  it("tells an account of its own only", async () => {
    const socket = await harness.privateSocket("order", "execution", "wallet");
    harness.venue.trader.order({ market: "BTC-USD", side: "sell", size: "1", price: "20000" });
    harness.venue.trader.order({ market: "BTC-USD", side: "buy", size: "1", price: "19000" });
    await harness.settle();
    expect(socket.frames.filter(({ topic }) => topic !== undefined)).toEqual([]);
  });

  it("is cut as early as it asks to be", async () => {
    const socket = await harness.socket("/v5/private?max_active_time=30s");
    await harness.world.advance(29_000);
    expect(socket.isClosed).toBe(false);
    await harness.world.advance(2_000);
    expect(socket.isClosed).toBe(true);
  });
});

describe("the trade socket", () => {
  const header = () => ({ "X-BAPI-TIMESTAMP": String(Math.floor(harness.world.now())), "X-BAPI-RECV-WINDOW": "5000" });
  const order = { category: "linear", symbol: "BTCUSDT", side: "Buy", orderType: "Limit", qty: "0.01", price: "19000" };

  it("places, amends and cancels as REST does", async () => {
    const socket = await harness.socket("/v5/trade");
    expect(await ask(socket, { reqId: "0", op: "order.create", header: header(), args: [order] })).toMatchObject({
      retCode: 10_003,
    });
    socket.auth(harness.venue.apiKey, harness.venue.apiSecret, harness.world.now() + 5_000);
    await harness.settle();
    expect(socket.replies("auth")).toEqual([{ retCode: 0, retMsg: "OK", op: "auth", connId: expect.any(String) }]);
    const placed = await ask(socket, {
      reqId: "1",
      op: "order.create",
      header: header(),
      args: [{ ...order, orderLinkId: "w" }],
    });
    expect(placed).toMatchObject({
      reqId: "1",
      retCode: 0,
      retMsg: "OK",
      op: "order.create",
      data: { orderLinkId: "w" },
      header: { "X-Bapi-Limit": "10" },
    });
    const change = { category: "linear", symbol: "BTCUSDT", orderLinkId: "w" };
    expect(
      await ask(socket, { reqId: "2", op: "order.amend", header: header(), args: [{ ...change, qty: "0.02" }] }),
    ).toMatchObject({ retCode: 0 });
    expect(await harness.order(placed.data.orderId)).toMatchObject({ qty: "0.0200" });
    expect(await ask(socket, { reqId: "3", op: "order.cancel", header: header(), args: [change] })).toMatchObject({
      retCode: 0,
    });
    expect(await ask(socket, { reqId: "4", op: "order.cancel", header: header(), args: [change] })).toMatchObject({
      retCode: 110_001,
      data: {},
    });
    expect(await ask(socket, { reqId: "4", op: "order.cancel", header: header(), args: [change] })).toMatchObject({
      retCode: 20_006,
    });
    const late = { "X-BAPI-TIMESTAMP": String(Math.floor(harness.world.now()) - 9_000) };
    expect(await ask(socket, { reqId: "5", op: "order.cancel", header: late, args: [change] })).toMatchObject({
      retCode: 10_002,
    });
    const batch = [{ category: "linear", request: [{ ...order, orderLinkId: "w" }] }];
    expect(await ask(socket, { reqId: "6", op: "order.create-batch", header: header(), args: batch })).toMatchObject({
      retCode: 0,
      retExtInfo: { list: [{ code: 110_072 }] },
    });
    expect(await ask(socket, { op: "ping" })).toMatchObject({ retCode: 0, op: "pong" });
    socket.auth(harness.venue.apiKey, harness.venue.apiSecret, harness.world.now() + 5_000);
    await harness.settle();
    expect(socket.replies("auth").at(-1)).toMatchObject({ retCode: 20_001 });
  });
});

describe("the trade socket under faults", () => {
  const order = { category: "linear", symbol: "BTCUSDT", side: "Buy", orderType: "Limit", qty: "0.01", price: "19000" };
  const create = async (orderLinkId: string) => {
    const socket = await harness.socket("/v5/trade");
    socket.auth(harness.venue.apiKey, harness.venue.apiSecret, harness.now() + 10_000);
    await harness.settle();
    const header = { "X-BAPI-TIMESTAMP": String(Math.floor(harness.now())) };
    const answer = await ask(socket, {
      reqId: orderLinkId,
      header,
      op: "order.create",
      args: [{ ...order, orderLinkId }],
    });
    return { socket, answer };
  };
  const linkIds = async () =>
    (await harness.list("/v5/order/realtime", { symbol: "BTCUSDT" })).map((row) => row.orderLinkId);

  it("closes before an order is accepted, or after it instead of answering", async () => {
    harness.venue.faults.set({ resetBeforeAccept: 1 });
    expect(await create("before")).toMatchObject({ answer: undefined, socket: { isClosed: true } });
    harness.venue.faults.set({ resetAfterAccept: 1 });
    expect(await create("after")).toMatchObject({ answer: undefined, socket: { isClosed: true } });
    harness.venue.faults.clear();
    expect(await linkIds()).toEqual(["after"]);
  });

  it("answers 10006 where REST would, and nothing is placed", async () => {
    harness.venue.faults.set({ error429: 1 });
    const { answer } = await create("busy");
    expect(answer).toMatchObject({ reqId: "busy", op: "order.create", retCode: 10_006, retMsg: "Too many visits!" });
    harness.venue.faults.clear();
    expect(await linkIds()).toEqual([]);
  });
});
