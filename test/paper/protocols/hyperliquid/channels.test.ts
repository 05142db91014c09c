import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RateLimiter } from "../../../../src/paper/protocols/hyperliquid/rate-limit.ts";
import { cloidOf, signedAction } from "../../../support/hyperliquid-signer.ts";
import { type Harness, orderOf, startVenue, tif } from "./harness.ts";

let harness: Harness;
beforeEach(async () => {
  harness = await startVenue();
});
afterEach(() => harness.venue.stop());

const book = (fields: object = {}) => ({ type: "l2Book", coin: "BTC", ...fields });
const own = (type: string, fields: object = {}) => ({ type, user: harness.user, ...fields });
const A = cloidOf("a");

describe("a subscription", () => {
  it("is told again with what it left out, once, and ends once", async () => {
    const socket = await harness.socket(book(), own("userFills"), { type: "candle", coin: "BTC", interval: "1m" });
    const acks = [
      { type: "l2Book", coin: "BTC", nSigFigs: null, mantissa: null },
      { type: "userFills", user: harness.user, aggregateByTime: false },
      { type: "candle", coin: "BTC", interval: "1m" },
    ];
    expect(socket.of("subscriptionResponse")).toEqual(
      acks.map((subscription) => ({ method: "subscribe", subscription })),
    );
    socket.send({ method: "subscribe", subscription: book() });
    for (let count = 0; count < 2; count += 1) socket.send({ method: "unsubscribe", subscription: book() });
    await harness.settle();
    expect(socket.of("subscriptionResponse").at(-1)).toEqual({ method: "unsubscribe", subscription: acks[0] });
    expect(socket.of("error")).toEqual([
      `Already subscribed: ${JSON.stringify(acks[0])}`,
      `Already unsubscribed: ${JSON.stringify(acks[0])}`,
    ]);
    const before = socket.of("l2Book").length;
    harness.quote("buy", "19000");
    await harness.settle(1_000);
    expect(socket.of("l2Book")).toHaveLength(before);
  });

  it("that is none is refused, and so is a message that is none", async () => {
    const socket = await harness.socket({ type: "bbo", coin: "NOPE" }, book({ nSigFigs: 9 }), own("webData2"));
    socket.send("hello");
    socket.send({ method: "dance" });
    await harness.settle();
    expect(socket.of("error")).toEqual([
      'Invalid subscription {"type":"bbo","coin":"NOPE"}',
      'Invalid subscription {"type":"l2Book","coin":"BTC","nSigFigs":9}',
      `Invalid subscription ${JSON.stringify(own("webData2"))}`,
      "Error parsing JSON into valid websocket request: hello",
      'Error parsing JSON into valid websocket request: {"method":"dance"}',
    ]);
  });

  it("keeps a connection that asks, and one on which nothing is sent for a minute is closed", async () => {
    const [asking, silent] = [await harness.socket(), await harness.socket()];
    for (let count = 0; count < 3; count += 1) {
      asking.send({ method: "ping" });
      await harness.settle(25_000);
    }
    expect(asking.texts).toEqual(Array.from({ length: 3 }, () => '{"channel":"pong"}'));
    expect([asking.closed, silent.closed]).toEqual([undefined, 1_000]);
  });
});

describe("market data", () => {
  it("of a book is all of it, twenty levels a side, half a second apart at least", async () => {
    const socket = await harness.socket(book(), book({ fast: true }), { type: "bbo", coin: "BTC" });
    expect(socket.of("l2Book")).toMatchObject([{ coin: "BTC", levels: [[], []] }, { levels: [[], []] }]);
    for (let level = 0; level < 30; level += 1) harness.quote("buy", String(19_000 - level), "0.01");
    harness.quote("sell", "20000", "0.5");
    await harness.settle(150);
    expect(
      socket
        .of("l2Book")
        .at(-1)
        .levels.map((side: unknown[]) => side.length),
    ).toEqual([5, 1]);
    await harness.settle(400);
    const { levels } = socket.of("l2Book").findLast((frame) => frame.levels[0].length > 5);
    expect(levels[0]).toHaveLength(20);
    expect(levels[0][0]).toEqual({ px: "19000.0", sz: "0.01", n: 1 });
    expect(levels[1]).toEqual([{ px: "20000.0", sz: "0.5", n: 1 }]);
    expect(socket.of("bbo").at(-1)).toMatchObject({ bbo: [{ px: "19000.0" }, { px: "20000.0", sz: "0.5" }] });
    const count = socket.of("bbo").length;
    harness.quote("buy", "18000", "0.01");
    await harness.settle(5_500);
    expect(socket.of("bbo")).toHaveLength(count);
    expect(socket.of("l2Book").length).toBeGreaterThan(6);
  });

  it("of a book may be rounded together, bids down and asks up", async () => {
    for (const price of ["19123", "19120", "19110", "18999"]) harness.quote("buy", price, "0.1");
    for (const price of ["20001", "20009"]) harness.quote("sell", price, "0.1");
    expect((await harness.info("l2Book", { coin: "BTC", nSigFigs: 4 })).levels).toEqual([
      [
        { px: "19120.0", sz: "0.2", n: 2 },
        { px: "19110.0", sz: "0.1", n: 1 },
        { px: "18990.0", sz: "0.1", n: 1 },
      ],
      [{ px: "20010.0", sz: "0.2", n: 2 }],
    ]);
    const { levels } = await harness.info("l2Book", { coin: "BTC", nSigFigs: 5, mantissa: 5 });
    expect(levels[0].map(({ px }: { px: string }) => px)).toEqual(["19120.0", "19110.0", "18995.0"]);
  });

  it("of trades has those of a block in one frame, with the taker's side", async () => {
    const socket = await harness.socket(
      { type: "trades", coin: "BTC" },
      { type: "candle", coin: "BTC", interval: "1m" },
    );
    harness.quote("sell", "20000", "0.1");
    harness.quote("sell", "20001", "0.1");
    await harness.place({ p: "20001", s: "0.2", ...tif("Ioc") });
    await harness.settle(1_200);
    const [frame, ...others] = socket.of("trades");
    expect(others).toEqual([]);
    expect(frame).toMatchObject([
      { coin: "BTC", side: "B", px: "20000.0", sz: "0.1", tid: expect.any(Number), hash: /^0x[0-9a-f]{64}$/ },
      { px: "20001.0" },
    ]);
    expect(await harness.info("recentTrades", { coin: "BTC" })).toEqual(frame.toReversed());
    expect(socket.of("candle").at(-1)).toMatchObject({ s: "BTC", i: "1m", o: "20000.0", c: "20001.0", v: "0.2" });
    const [candle] = await harness.info("candleSnapshot", { req: { coin: "BTC", interval: "1m", startTime: 0 } });
    expect(candle).toMatchObject({ o: "20000.0", h: "20001.0" });
    expect(candle.T - candle.t).toBe(59_999);
  });

  it("of all middles and of a coin's context follows book and mark", async () => {
    const socket = await harness.socket({ type: "allMids" }, { type: "activeAssetCtx", coin: "BTC" });
    expect(socket.of("activeAssetCtx")[0].ctx).toMatchObject({ premium: null, midPx: null, impactPxs: null });
    harness.quote("buy", "19990");
    harness.quote("sell", "20000");
    await harness.settle(1_200);
    expect(socket.of("allMids").at(-1).mids.BTC).toBe("19995.0");
    expect(socket.of("activeAssetCtx").at(-1)).toMatchObject({
      coin: "BTC",
      ctx: { midPx: "19995.0", impactPxs: ["19990.0", "20000.0"], oraclePx: "20000.0", premium: "0.0" },
    });
  });
});

describe("an account's channel", () => {
  it("of orders tells each status, and an instant fill as open and filled in one frame", async () => {
    const socket = await harness.socket(own("orderUpdates"));
    expect(socket.of("orderUpdates")).toEqual([]);
    harness.quote("sell", "20000", "0.01");
    await harness.place({ p: "20000", ...tif("Ioc"), c: A });
    await harness.place({});
    await harness.place({ p: "20000", s: "100" });
    await harness.place({ p: "19000", ...tif("Ioc") });
    await harness.settle();
    const told = socket.of("orderUpdates");
    expect(told.map((rows) => rows.map(({ status }: { status: string }) => status))).toEqual([
      ["open", "filled"],
      ["open"],
      ["perpMarginRejected"],
      ["iocCancelRejected"],
    ]);
    expect(told[0]).toMatchObject([
      { order: { coin: "BTC", side: "B", limitPx: "20000.0", sz: "0.01", origSz: "0.01", cloid: A } },
      { order: { sz: "0.0", origSz: "0.01" }, statusTimestamp: expect.any(Number) },
    ]);
  });

  it("of fills begins with those that there were, and tells new ones once", async () => {
    harness.quote("sell", "20000", "0.01");
    await harness.place({ p: "20000", c: A });
    const socket = await harness.socket(own("userFills"), own("userEvents"));
    const [snapshot] = socket.of("userFills");
    expect(snapshot).toMatchObject({ isSnapshot: true, user: harness.user });
    expect(snapshot.fills).toEqual([
      {
        ...{ coin: "BTC", px: "20000.0", sz: "0.01", side: "B", startPosition: "0.0", dir: "Open Long" },
        ...{ closedPnl: "0.0", crossed: true, fee: "0.09", feeToken: "USDC", cloid: A, twapId: null },
        ...{ time: expect.any(Number), hash: expect.any(String), oid: expect.any(Number), tid: expect.any(Number) },
      },
    ]);
    harness.quote("buy", "20100", "0.03");
    await harness.place({ b: false, p: "20100", s: "0.03", ...tif("Ioc") });
    await harness.settle();
    const [, update, ...others] = socket.of("userFills");
    expect(others).toEqual([]);
    expect(update.isSnapshot).toBeUndefined();
    expect(update.fills).toMatchObject([{ dir: "Long > Short", startPosition: "0.01", closedPnl: "1.0" }]);
    expect(socket.of("user")).toEqual([{ fills: update.fills }]);
    expect(await harness.ask("userFills")).toEqual([...update.fills, ...snapshot.fills]);
    const forward = await harness.ask("userFillsByTime", { startTime: 0 });
    expect(forward).toEqual([...snapshot.fills, ...update.fills]);
    expect(await harness.ask("userFillsByTime", { startTime: 0, reversed: true })).toEqual(forward.toReversed());
  });

  it("of its state tells all of it when it has changed", async () => {
    const channels = ["clearinghouseState", "openOrders"].map((type) => own(type));
    const socket = await harness.socket(...channels, own("activeAssetData", { coin: "BTC" }));
    expect(socket.of("openOrders")).toEqual([{ dex: "", user: harness.user, orders: [] }]);
    expect(socket.of("activeAssetData")[0]).toMatchObject({ coin: "BTC", leverage: { type: "cross", value: 10 } });
    await harness.place({});
    await harness.act({ type: "updateLeverage", asset: 0, isCross: true, leverage: 20 });
    await harness.settle(300);
    expect(socket.of("openOrders").at(-1).orders).toEqual(await harness.ask("frontendOpenOrders"));
    expect(socket.of("activeAssetData").at(-1).leverage).toEqual({ type: "cross", value: 20 });
    const { clearinghouseState } = socket.of("clearinghouseState").at(-1);
    const { time: _, ...asked } = await harness.ask("clearinghouseState");
    expect(clearinghouseState).toMatchObject(asked);
  });

  it("of its state tells a change of isolated margin, which changes no order, fill or cash", async () => {
    await harness.act({ type: "updateLeverage", asset: 0, isCross: false, leverage: 5 });
    harness.quote("sell", "20000");
    await harness.place({ p: "20000", s: "0.1" });
    await harness.settle(300);
    const socket = await harness.socket(own("clearinghouseState"));
    const told = () => socket.of("clearinghouseState").at(-1).clearinghouseState.assetPositions[0].position.marginUsed;
    const before = Number(told());
    await harness.act({ type: "updateIsolatedMargin", asset: 0, isBuy: true, ntli: 100_000_000 });
    await harness.settle(300);
    expect(Number(told()) - before).toBeCloseTo(100);
  });

  it("may be listened to by anybody, and one of nobody says nothing", async () => {
    const nobody = `0x${"0".repeat(39)}1`;
    const socket = await harness.socket({ type: "userFills", user: nobody }, { type: "orderUpdates", user: nobody });
    expect(socket.of("userFills")).toEqual([{ isSnapshot: true, user: nobody, fills: [] }]);
    await harness.place({});
    await harness.settle(300);
    expect(socket.of("orderUpdates")).toEqual([]);
  });
});

describe("a post", () => {
  it("asks and acts as over HTTP, under the caller's number", async () => {
    const socket = await harness.socket();
    const action = { type: "order", orders: [orderOf({ c: A })], grouping: "na" };
    const payload = signedAction(action, harness.nonce(), harness.privateKey);
    socket.send({ method: "post", id: 7, request: { type: "info", payload: { type: "allMids" } } });
    socket.send({ method: "post", id: 8, request: { type: "action", payload } });
    await harness.settle(50);
    socket.send({ method: "post", id: 9, request: { type: "action", payload } });
    socket.send({ method: "post", id: 10, request: { type: "info", payload: { type: "nothing" } } });
    await harness.settle(50);
    expect(socket.of("post")).toEqual([
      { id: 7, response: { type: "info", payload: { type: "allMids", data: expect.any(Object) } } },
      {
        id: 8,
        response: {
          type: "action",
          payload: {
            status: "ok",
            response: { type: "order", data: { statuses: [{ resting: { oid: expect.any(Number), cloid: A } }] } },
          },
        },
      },
      {
        id: 9,
        response: {
          type: "action",
          payload: { status: "err", response: `Invalid nonce: duplicate nonce ${payload.nonce}` },
        },
      },
      {
        id: 10,
        response: { type: "error", payload: "422: Failed to deserialize the JSON body into the target type" },
      },
    ]);
  });

  it("has the faults of a request: the answer is lost with its connection, and what was done is done", async () => {
    const order = () => {
      const action = { type: "order", orders: [orderOf({})], grouping: "na" };
      return { type: "action", payload: signedAction(action, harness.nonce(), harness.privateKey) };
    };
    const socket = await harness.socket();
    harness.venue.faults.set({ resetAfterAccept: 1 });
    socket.send({ method: "post", id: 1, request: order() });
    await harness.settle(50);
    expect([socket.closed, socket.of("post")]).toEqual([1_001, []]);
    expect(harness.venue.truth().orders).toHaveLength(1);
    const other = await harness.socket();
    harness.venue.faults.set({ error429: 1 });
    other.send({ method: "post", id: 2, request: order() });
    await harness.settle(50);
    expect(other.of("post")).toEqual([{ id: 2, response: { type: "error", payload: "429: null" } }]);
    expect(harness.venue.truth().orders).toHaveLength(1);
  });
});

describe("limits", () => {
  it("of a host: messages and posts of all its sockets, and those of one that ended count no more", async () => {
    await harness.venue.stop();
    harness = await startVenue({ rateLimits: "strict", matchingDelayMs: [300, 400] });
    const [one, other] = [await harness.socket(), await harness.socket()];
    const post = (id: number) => {
      const action = { type: "order", orders: [orderOf({})], grouping: "na" };
      const payload = signedAction(action, harness.nonce(), harness.privateKey);
      return { method: "post", id, request: { type: "action", payload } };
    };
    for (let id = 1; id <= 60; id += 1) one.send(post(id));
    for (let id = 61; id <= 101; id += 1) other.send(post(id));
    await harness.settle(1_000);
    const refused = () => [...one.of("error"), ...other.of("error")];
    expect(refused()).toEqual([expect.stringMatching(/^too many pending post requests id=\d+$/)]);
    expect(one.of("post").length + other.of("post").length).toBe(100);
    for (let id = 1; id <= 60; id += 1) one.send(post(id));
    one.connection?.terminate();
    await harness.settle(1_000);
    other.send(post(102));
    await harness.settle(1_000);
    expect(other.of("post").at(-1)).toMatchObject({ id: 102 });
    await harness.settle(60_000);
    const pinging = [await harness.socket(), await harness.socket()];
    for (let count = 0; count < 1_050; count += 1) for (const socket of pinging) socket.send({ method: "ping" });
    await harness.settle(1_000);
    const told = (channel: string) => pinging.flatMap((socket) => socket.of(channel));
    expect(told("error")).toEqual(Array(100).fill("Cannot send more than 2000 messages per minute."));
    expect(told("pong")).toHaveLength(2_000);
  });

  it("of a host: its weight, its sockets, its subscriptions and users", async () => {
    await harness.venue.stop();
    harness = await startVenue({ rateLimits: "strict" });
    let passed = 0;
    while (typeof (await harness.info("meta")) !== "string") passed += 1;
    expect([passed, await harness.info("meta")]).toEqual([60, "429 null"]);
    await harness.settle(60_000);
    expect(await harness.info("meta")).toMatchObject({ collateralToken: 0 });
    const users = Array.from({ length: 11 }, (_, index) => `0x${String(index).padStart(40, "0")}`);
    const socket = await harness.socket(...users.map((user) => ({ type: "userFills", user })));
    expect(socket.of("error")).toEqual(["Cannot track more than 10 total users."]);
    for (let count = 0; count < 9; count += 1) await harness.socket();
    await expect(harness.socket()).rejects.toMatchObject({ name: "TransportError" });
  });

  it("of an account: an action for each dollar traded beyond the first ten thousand", async () => {
    const limiter = new RateLimiter(true);
    limiter.act("ann", 10_000, 0n, false, 0);
    expect(() => limiter.act("ann", 1, 0n, false, 5_000)).toThrow(
      "Too many cumulative requests sent (10001 > 10000) for cumulative volume traded $0.0.",
    );
    limiter.act("ann", 1, 0n, true, 5_000);
    limiter.act("ann", 1, 0n, false, 16_000);
    limiter.act("ann", 1, 500_000_000n, false, 16_000 + 10_000);
  });
});
