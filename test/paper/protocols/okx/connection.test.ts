import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BTC, type Harness, type Socket, startVenue } from "./harness.ts";

let harness: Harness;
beforeEach(async () => {
  harness = await startVenue();
});
afterEach(() => harness.venue.stop());

const trades = { channel: "trades", instId: BTC };
const ask = async (socket: Socket, message: object | string) => {
  const before = socket.texts.length;
  if (typeof message === "string") socket.connection!.send(message);
  else socket.send(message);
  await harness.settle();
  return socket.texts.slice(before).map((text) => (text === "pong" ? text : JSON.parse(text)));
};

describe("any socket", () => {
  it("answers the text ping with the text pong", async () => {
    const socket = await harness.socket("public");
    expect(await ask(socket, "ping")).toEqual(["pong"]);
  });

  it("acknowledges each argument by itself, with the request's id where it has one", async () => {
    const socket = await harness.socket("public");
    const books = { channel: "books5", instId: BTC };
    const [first, second, data] = await ask(socket, { id: "7", op: "subscribe", args: [trades, books] });
    const connId = expect.stringMatching(/^[0-9a-f]{8}$/);
    expect([first, second]).toEqual([
      { id: "7", event: "subscribe", arg: trades, connId },
      { id: "7", event: "subscribe", arg: books, connId },
    ]);
    expect(data).toMatchObject({ arg: books, data: [{ asks: [], bids: [] }] });
    expect(await ask(socket, { op: "unsubscribe", args: [trades] })).toEqual([
      { event: "unsubscribe", arg: trades, connId },
    ]);
  });

  it.each([
    ["an unknown channel", { channel: "nothing", instId: BTC }],
    ["an unknown instrument", { channel: "books", instId: "NO-USDT-SWAP" }],
    ["a channel of the other socket", { channel: "account" }],
  ])("refuses %s with 60018, and only that argument", async (_, arg) => {
    const socket = await harness.socket("public");
    const [refused, taken] = await ask(socket, { op: "subscribe", args: [arg, trades] });
    expect(refused).toMatchObject({ event: "error", code: "60018", msg: expect.stringContaining(arg.channel) });
    expect(taken).toMatchObject({ event: "subscribe", arg: trades });
  });

  it("says so when it cannot read or do what is asked", async () => {
    const socket = await harness.socket("public");
    expect(await ask(socket, "{")).toMatchObject([{ event: "error", code: "60012" }]);
    expect(await ask(socket, { op: "dance" })).toMatchObject([{ event: "error", code: "60019" }]);
    expect(await ask(socket, { op: "subscribe" })).toMatchObject([{ event: "error", code: "60012" }]);
    expect(await ask(socket, { op: "subscribe", args: ["trades"] })).toMatchObject([{ event: "error", code: "60013" }]);
    expect(socket.closeCode).toBeUndefined();
  });

  it("is closed after half a minute in which nothing went either way", async () => {
    const silent = await harness.publicSocket(trades);
    const pinged = await harness.publicSocket(trades);
    const fed = await harness.publicSocket({ channel: "open-interest", instId: BTC });
    await harness.world.advance(20_000);
    pinged.connection!.send("ping");
    await harness.world.advance(15_000);
    expect([silent.closeCode, pinged.closeCode, fed.closeCode]).toEqual([4_004, undefined, undefined]);
  });

  it("is refused on a path that the venue does not have", async () => {
    await expect(harness.socket("spot" as "public")).rejects.toMatchObject({
      code: "TRANSPORT_HANDSHAKE",
      venueCode: "404",
    });
  });
});

describe("a login", () => {
  const login = async (change: (socket: Socket) => void) => {
    const socket = await harness.socket("private");
    change(socket);
    await harness.settle();
    return socket;
  };

  it("is acknowledged, and needed for private channels", async () => {
    const { apiKey, apiSecret } = harness.venue;
    const socket = await harness.socket("private");
    expect(await ask(socket, { op: "subscribe", args: [{ channel: "account" }] })).toMatchObject([
      { event: "error", code: "60011" },
    ]);
    socket.login(apiKey, apiSecret, harness.now());
    await harness.settle();
    expect(socket.events("login")).toMatchObject([{ code: "0", msg: "" }]);
    const [ack, count, state] = await ask(socket, { op: "subscribe", args: [{ channel: "account" }] });
    expect(ack).toMatchObject({ event: "subscribe", arg: { channel: "account" } });
    expect(count).toMatchObject({ event: "channel-conn-count", channel: "account", connCount: "1" });
    expect(state).toMatchObject({ arg: { channel: "account" }, eventType: "snapshot", data: [{ totalEq: "100000" }] });
  });

  it("acknowledges the thirty-first connection of a channel and ends its subscription", async () => {
    const arg = { channel: "positions", instType: "SWAP" };
    for (let index = 0; index < 30; index += 1) await harness.privateSocket(arg);
    const last = await harness.privateSocket(arg, { channel: "account" });
    expect(last.events("subscribe").map((frame) => frame.arg.channel)).toEqual(["positions", "account"]);
    expect(last.events("channel-conn-count-error")).toMatchObject([{ channel: "positions", connCount: "31" }]);
    expect(last.events("channel-conn-count")).toMatchObject([{ channel: "account", connCount: "1" }]);
    await harness.world.advance(21_000);
    expect([last.of("positions").length, last.of("account").length]).toEqual([0, 5]);
    last.send({ op: "unsubscribe", args: [arg] });
    await harness.settle();
    const next = await harness.privateSocket(arg);
    expect(next.events("channel-conn-count-error")).toMatchObject([{ connCount: "31" }]);
  });

  it.each([
    ["of an unknown key", (s: Socket) => s.login("stranger", harness.venue.apiSecret, harness.now()), "60005"],
    ["of a wrong secret", (s: Socket) => s.login(harness.venue.apiKey, "guess", harness.now()), "60007"],
    [
      "that is late",
      (s: Socket) => s.login(harness.venue.apiKey, harness.venue.apiSecret, harness.now() - 40_000),
      "60006",
    ],
    [
      "with a wrong passphrase",
      (s: Socket) => s.login(harness.venue.apiKey, harness.venue.apiSecret, harness.now(), "No"),
      "60024",
    ],
    ["without a key", (s: Socket) => s.send({ op: "login", args: [{}] }), "60027"],
    [
      "with a time that is none",
      (s: Socket) => s.send({ op: "login", args: [{ apiKey: "a", passphrase: "b", sign: "c", timestamp: "now" }] }),
      "60004",
    ],
  ])("%s is refused, and the connection ends", async (_name, change, code) => {
    const socket = await login(change);
    expect(socket.events("error")).toMatchObject([{ code }]);
    expect(socket.closeCode).toBe(4_001);
  });
});

describe("order operations", () => {
  const codeOf = async (): Promise<number> =>
    (await harness.list("/public/instruments", { instType: "SWAP", instId: BTC }))[0].instIdCode;
  const terms = { tdMode: "cross", side: "buy", ordType: "limit", sz: "1", px: "19000" };

  it("close the socket before an order is accepted or instead of its answer, or are answered 50011, as faults of REST", async () => {
    const instIdCode = await codeOf();
    const place = async (clOrdId: string) => {
      const socket = await harness.privateSocket();
      const [answer] = await ask(socket, { id: "1", op: "order", args: [{ ...terms, instIdCode, clOrdId }] });
      return { answer, closeCode: socket.closeCode };
    };
    harness.venue.faults.set({ resetBeforeAccept: 1 });
    expect(await place("before")).toEqual({ answer: undefined, closeCode: 1_001 });
    harness.venue.faults.set({ error429: 1 });
    expect(await place("busy")).toMatchObject({ answer: { id: "1", op: "order", code: "50011", data: [] } });
    harness.venue.faults.set({ resetAfterAccept: 1 });
    expect(await place("after")).toEqual({ answer: undefined, closeCode: 1_001 });
    harness.venue.faults.clear();
    const open = await harness.list("/trade/orders-pending", { instType: "SWAP" });
    expect(open.map(({ clOrdId }) => clOrdId)).toEqual(["after"]);
  });

  it("are the REST routes in an envelope with the request's id, and name the instrument by its code", async () => {
    const socket = await harness.privateSocket();
    const instIdCode = await codeOf();
    const order = { ...terms, instIdCode, clOrdId: "ws1" };
    const [placed] = await ask(socket, { id: "1", op: "order", args: [order] });
    expect(placed).toMatchObject({ id: "1", op: "order", code: "0", msg: "", data: [{ clOrdId: "ws1", sCode: "0" }] });
    const [{ ordId }] = placed.data;
    const named = { instIdCode, ordId };
    const [amended] = await ask(socket, { id: "2", op: "amend-order", args: [{ ...named, newSz: "2" }] });
    expect(amended).toMatchObject({ code: "0", data: [{ ordId }] });
    expect(await harness.order(ordId)).toMatchObject({ sz: "2", instId: BTC });
    const [cancelled] = await ask(socket, {
      id: "3",
      op: "batch-cancel-orders",
      args: [named, { ...named, ordId: "1" }],
    });
    expect(cancelled).toMatchObject({ code: "2", data: [{ sCode: "0" }, { sCode: "51400" }] });
    expect((await harness.order(ordId)).state).toBe("canceled");
  });

  it("are refused as a whole where they name it by its id, and where the code is of none", async () => {
    const socket = await harness.privateSocket();
    const refusedWith = (code: string) => [{ id: "1", op: "order", code, data: [] }];
    const place = (named: object) => ask(socket, { id: "1", op: "order", args: [{ ...terms, ...named }] });
    expect(await place({ instId: BTC })).toMatchObject(refusedWith("50014"));
    expect(await place({ instIdCode: 7 })).toMatchObject(refusedWith("51001"));
    expect(harness.venue.truth().orders).toEqual([]);
  });

  it("are refused once their expTime has passed, over REST as well", async () => {
    const socket = await harness.privateSocket();
    const args = [{ ...terms, instIdCode: await codeOf() }];
    const late = String(Math.floor(harness.now()) - 1);
    expect(await ask(socket, { id: "1", op: "order", args, expTime: late })).toMatchObject([
      { code: "50036", data: [] },
    ]);
    const body = { ...terms, instId: BTC };
    expect((await harness.post("/trade/order", body, { headers: { expTime: late } })).code).toBe("50036");
    expect(harness.venue.truth().orders).toEqual([]);
    const soon = String(Math.floor(harness.now()) + 1_000);
    expect((await harness.post("/trade/order", body, { headers: { expTime: soon } })).code).toBe("0");
  });

  it("want a login and arguments", async () => {
    const stranger = await harness.socket("private");
    const order = { ...terms, instIdCode: await codeOf() };
    expect(await ask(stranger, { id: "1", op: "order", args: [order] })).toMatchObject([
      { id: "1", op: "order", code: "60011", data: [] },
    ]);
    const socket = await harness.privateSocket();
    expect(await ask(socket, { id: "2", op: "order", args: [] })).toMatchObject([{ id: "2", code: "60013" }]);
    expect(await ask(socket, { id: "3", op: "order", args: [{ ...order, sz: "0.05" }] })).toMatchObject([
      { code: "1", msg: "", data: [{ sCode: "51020" }] },
    ]);
    expect(harness.venue.truth().orders).toEqual([]);
  });
});

describe("a restart", () => {
  it("is announced on each connection, and lets books count anew", async () => {
    const socket = await harness.publicSocket({ channel: "books", instId: BTC });
    const other = await harness.privateSocket();
    harness.quote("buy", "19990");
    await harness.world.advance(200);
    harness.quote("buy", "19980");
    await harness.world.run(harness.venue.restart(50));
    expect([socket, other].map((one) => one.events("notice").map(({ code }) => code))).toEqual([["64008"], ["64008"]]);
    const [snapshot, update, last, reset] = socket.rows("books");
    expect(snapshot.prevSeqId).toBe(-1);
    expect(update.prevSeqId).toBe(snapshot.seqId);
    expect([last.prevSeqId, last.bids]).toEqual([update.seqId, [["19980", "100", "0", "1"]]]);
    expect(reset).toMatchObject({ prevSeqId: last.seqId, seqId: 1, bids: [], asks: [] });
    const again = await harness.publicSocket({ channel: "books", instId: BTC });
    harness.quote("buy", "19970");
    await harness.world.advance(200);
    expect(again.rows("books").map(({ prevSeqId, seqId }) => [prevSeqId, seqId])).toEqual([
      [-1, 1],
      [1, 2],
    ]);
  });
});
