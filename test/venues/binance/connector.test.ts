import { afterEach, describe, expect, test } from "vitest";
import { PerpetualConnector } from "../../../src/connector/perpetual-connector.ts";
import { SimulatedWorld } from "../../../src/runtime/simulated.ts";
import { type RecordedEvent, RecordingLogger, recordEvents } from "../../../src/testing/kit/recording.ts";
import { type Answer, ScriptedVenue } from "../../../src/testing/kit/scripted-venue.ts";
import { venueModule } from "../../../src/venues/binance/derivative.ts";
import { EXCHANGE_INFO, FUNDING_INTERVALS, fillRow, orderEvent, orderRow, TIME } from "./wire.ts";

const LISTEN_KEY_PATH = "/fapi/v1/listenKey";
const totals = { totalMarginBalance: "10000", availableBalance: "10000", totalMaintMargin: "0" };
const assets = [{ asset: "USDT", walletBalance: "10000", availableBalance: "10000" }];
const premium = {
  symbol: "BTCUSDT",
  markPrice: "61005",
  indexPrice: "61010",
  lastFundingRate: "0.0001",
  nextFundingTime: TIME + 3_600_000,
  time: TIME,
};
const routes = [
  { path: "/fapi/v1/exchangeInfo", body: EXCHANGE_INFO },
  { path: "/fapi/v1/fundingInfo", body: FUNDING_INTERVALS },
  { path: "/fapi/v3/account", body: { ...totals, assets } },
  { path: "/fapi/v3/positionRisk", body: [] },
  { path: "/fapi/v1/symbolConfig", body: [{ symbol: "BTCUSDT", leverage: 20 }] },
  { path: "/fapi/v1/commissionRate", body: { makerCommissionRate: "0.0002", takerCommissionRate: "0.0005" } },
  { path: "/fapi/v1/openOrders", body: [] },
  { path: "/fapi/v1/userTrades", body: [] },
  { path: "/fapi/v1/income", body: [] },
  { path: "/fapi/v1/forceOrders", body: [] },
  { path: "/fapi/v1/premiumIndex", body: premium },
].map((route) => ({ method: "GET" as const, ...route }));

const depth = (U: number, u: number, pu: number, b: string[][] = [], a: string[][] = []) => ({
  stream: "btcusdt@depth@100ms",
  data: { e: "depthUpdate", E: TIME, T: TIME, s: "BTCUSDT", U, u, pu, b, a },
});
const snapshot = (lastUpdateId: number, bid = "60000.0") => ({
  body: { lastUpdateId, E: TIME, T: TIME, bids: [[bid, "1"]], asks: [["60001.0", "1"]] },
});
const mark = {
  e: "markPriceUpdate",
  E: TIME,
  s: "BTCUSDT",
  p: "61005",
  i: "61010",
  P: "61012",
  r: "0.0001",
  T: TIME + 3_600_000,
};

let stop: () => Promise<void> = async () => undefined;
afterEach(() => stop());

/** A connector in front of a small scripted venue; started with a book unless `depthAnswers` says otherwise. */
async function open(
  setup: {
    readonly depthAnswers?: readonly Answer[];
    readonly clockOffsetMs?: number;
    readonly isHedge?: boolean;
  } = {},
) {
  const world = new SimulatedWorld({ seed: 3, startMs: TIME });
  const logger = new RecordingLogger();
  const echo = (frame: unknown) => [{ result: null, id: (frame as { id: unknown }).id }];
  const server = new ScriptedVenue({
    basePath: "",
    routes,
    socket: { answersTo: echo, isPrivate: () => false },
    now: () => world.now(),
  });
  const dualSidePosition = setup.isHedge === true;
  server.route({ method: "GET", path: "/fapi/v1/positionSide/dual", body: { dualSidePosition } });
  const { clockOffsetMs = 0, depthAnswers = [snapshot(7_000)] } = setup;
  server.on("GET", "/fapi/v1/time", () => ({ body: { serverTime: Math.round(world.now()) + clockOffsetMs } }));
  server.on("GET", "/fapi/v1/depth", ...depthAnswers);
  let keys = 0;
  server.on("POST", LISTEN_KEY_PATH, () => ({ body: { listenKey: `KEY${++keys}` } }));
  server.on("PUT", LISTEN_KEY_PATH, () => ({ body: { listenKey: `KEY${keys}` } }));
  await server.listen(world.runtime("venue"));
  const connector = new PerpetualConnector({
    venue: venueModule.createVenue({
      domain: "binance_perpetual",
      restUrl: "http://venue.test:443",
      webSocketUrl: "ws://venue.test:443",
    }),
    runtime: world.runtime("connector"),
    tradingPairs: ["BTC-USDT"],
    credentials: { apiKey: "key-of-the-desk", apiSecret: "secret-of-the-desk-1234" },
    logger,
    journalPath: "journal.db",
  });
  const events: RecordedEvent[] = recordEvents(connector);
  stop = async () => {
    await world.run(connector.stop());
    await server.close();
    expect(logger.text).not.toContain("secret-of-the-desk");
    expect(logger.text).not.toMatch(/signature=[0-9a-f]/);
  };
  const sockets = (path: string) =>
    server.connections.filter((each) => each.target.startsWith(path) && each.connection.isOpen);
  const push = (path: string, ...frames: readonly unknown[]) => {
    for (const { connection } of sockets(path)) for (const frame of frames) connection.send(JSON.stringify(frame));
  };
  const until = async (what: string, condition: () => boolean, limitMs = 20_000) => {
    for (let waited = 0; !condition(); waited += 5) {
      expect(waited, `${what}\n${logger.text}`).toBeLessThan(limitMs);
      await world.advance(5);
    }
  };
  const named = (name: RecordedEvent["name"]) => events.filter((each) => each.name === name).map((each) => each.event);
  await world.run(connector.start());
  const isSubscribed = (path: string) => sockets(path).some((each) => each.received.length > 0);
  await until("subscribed", () => isSubscribed("/public") && isSubscribed("/market"));
  push("/market", { stream: "btcusdt@markPrice@1s", data: mark });
  return { world, server, connector, logger, sockets, push, until, named };
}

async function ready(setup: Parameters<typeof open>[0] = {}) {
  const scene = await open(setup);
  scene.push("/public", depth(6_990, 7_010, 6_985));
  await scene.until("ready", () => scene.connector.ready);
  return scene;
}

describe("the connector on the wire", () => {
  test("becomes ready with three sockets and signs with the venue's time", async () => {
    const { server, connector } = await ready({ clockOffsetMs: 7_000 });
    expect(server.connections.map(({ target }) => target).sort()).toEqual([
      "/market/stream",
      "/private/ws?listenKey=KEY1",
      "/public/stream",
    ]);
    expect(connector.leverage("BTC-USDT").toFixed()).toBe("20");
    expect(connector.fundingInfo("BTC-USDT").markPrice.toFixed()).toBe("61005");
    const signed = server.requests.filter(({ params }) => params.signature !== undefined);
    expect(signed.length).toBeGreaterThan(5);
    for (const { params, atMs } of signed) expect(Math.abs(Number(params.timestamp) - atMs - 7_000)).toBeLessThan(20);
    expect(server.unscripted).toEqual([]);
  });
});

describe("joining the book's snapshot and its diffs", () => {
  const bid = (scene: Awaited<ReturnType<typeof open>>) =>
    scene.connector.orderBook("BTC-USDT").bestBid?.price.toFixed();

  test("diffs older than the snapshot are dropped and the one that straddles it is applied", async () => {
    const scene = await open();
    scene.push(
      "/public",
      depth(6_900, 6_950, 6_899, [["60000.9", "9"]]),
      depth(6_995, 7_010, 6_950, [["60000.5", "2"]]),
    );
    await scene.until("ready", () => scene.connector.ready);
    expect(bid(scene)).toBe("60000.5");
    expect(scene.server.requestsTo("GET", "/fapi/v1/depth")).toHaveLength(1);
    expect(scene.server.requestsTo("GET", "/fapi/v1/depth")[0]?.params).toEqual({ symbol: "BTCUSDT", limit: "1000" });
  });

  test("a diff that directly continues the snapshot is applied, over a hole in the ids", async () => {
    const scene = await open();
    scene.push(
      "/public",
      depth(7_006, 7_010, 7_000, [["60000.5", "2"]]),
      depth(7_050, 7_060, 7_010, [["60000.6", "3"]]),
    );
    await scene.until("ready", () => scene.connector.ready);
    expect(bid(scene)).toBe("60000.6");
    expect(scene.named("bookInvalid")).toEqual([]);
  });

  test("a snapshot older than the first diff is asked for again", async () => {
    const scene = await open({ depthAnswers: [snapshot(6_000), snapshot(7_005)] });
    scene.push("/public", depth(7_000, 7_010, 6_999, [["60000.5", "2"]]));
    await scene.until("ready", () => scene.connector.ready);
    expect(bid(scene)).toBe("60000.5");
  });
});

describe("the listen key", () => {
  test("that expires is a gap: a new one is made, and what was missed meanwhile is caught up with", async () => {
    const { server, connector, push, until, named, sockets } = await ready();
    const order = connector.buy("BTC-USDT", { amount: "0.01", price: "60000", position: "open" });
    server.route({ method: "POST", path: "/fapi/v1/order", body: orderRow({ clientOrderId: order.clientOrderId }) });
    await until("open", () => order.state === "open");
    const filled = orderRow({ clientOrderId: order.clientOrderId, status: "FILLED", executedQty: "0.010" });
    server.route({ method: "GET", path: "/fapi/v1/order", body: filled });
    server.route({ method: "GET", path: "/fapi/v1/userTrades", body: [fillRow(1)] });
    push("/private", { e: "listenKeyExpired", E: TIME, listenKey: "KEY1" });
    await until("filled", () => order.state === "filled");
    await until("ready", () => connector.ready);
    expect(named("gap")).not.toEqual([]);
    expect(sockets("/private").map(({ target }) => target)).toEqual(["/private/ws?listenKey=KEY2"]);
    expect(order.executedAmount.toFixed()).toBe("0.01");
  });
});

describe("orders", () => {
  const limit = { amount: "0.01", price: "60000", position: "open" } as const;

  test.each([
    ["the answer is lost", "reset" as const],
    [
      "503 says that the status is unknown",
      { status: 503, body: { code: 0, msg: "Unknown error, please check your request or try again later." } },
    ],
    [
      "a time-out of the backend",
      { status: 408, body: { code: -1007, msg: "Timeout waiting for response from backend server." } },
    ],
  ])("%s: the order is looked up by its client id, never sent again", async (_name, answer) => {
    const { server, connector, until, named } = await ready();
    server.on("POST", "/fapi/v1/order", answer);
    server.on("GET", "/fapi/v1/order", ({ params }) => ({
      body: orderRow({ clientOrderId: params.origClientOrderId }),
    }));
    const order = connector.buy("BTC-USDT", limit);
    await until("found", () => order.state === "open");
    expect(named("orderUnknown")).toHaveLength(1);
    expect(server.requestsTo("GET", "/fapi/v1/order")[0]?.params.origClientOrderId).toBe(order.clientOrderId);
    expect(server.requestsTo("POST", "/fapi/v1/order")).toHaveLength(1);
  });

  test("a post-only order that would take fails at once, with a word about it", async () => {
    const { server, connector, world } = await ready();
    const msg = "Due to the order could not be executed as maker, the Post Only order will be rejected.";
    server.route({ method: "POST", path: "/fapi/v1/order", status: 400, body: { code: -5022, msg } });
    const order = connector.buy("BTC-USDT", { ...limit, type: "limitMaker" });
    const accepted = await world.run(order.accepted);
    expect(accepted).toMatchObject({
      ok: false,
      error: { venueCode: "-5022", message: expect.stringContaining("Post Only") },
    });
    expect(order.state).toBe("failed");
    expect(server.requestsTo("POST", "/fapi/v1/order")[0]?.rawBody).toContain("timeInForce=GTX");
  });

  test("a fill counts once, whether it comes on the stream, lightly, or in a poll", async () => {
    const { server, connector, push, until, world, named } = await ready();
    server.on("POST", "/fapi/v1/order", ({ rawBody }) => ({
      body: orderRow({ clientOrderId: new URLSearchParams(rawBody).get("newClientOrderId") }),
    }));
    const order = connector.buy("BTC-USDT", limit);
    await until("open", () => order.state === "open");
    const fill = {
      x: "TRADE",
      X: "FILLED",
      c: order.clientOrderId,
      t: 1,
      l: "0.010",
      z: "0.010",
      L: "60000",
      N: "USDT",
      n: "0.12",
      m: true,
    };
    push(
      "/private",
      { e: "TRADE_LITE", s: "BTCUSDT", t: 1, l: "0.010", L: "60000" },
      orderEvent(fill),
      orderEvent(fill),
    );
    server.route({ method: "GET", path: "/fapi/v1/userTrades", body: [fillRow(1)] });
    await until("filled", () => order.state === "filled");
    await world.run(connector.refresh());
    expect(named("orderFilled")).toHaveLength(1);
    expect(named("gap")).toEqual([]);
  });

  test("cancels of several markets go in batches of one market each", async () => {
    const { server, connector, until } = await ready();
    const clientOrderIds: (string | null)[] = [];
    server.on("POST", "/fapi/v1/order", ({ rawBody }) => {
      const form = new URLSearchParams(rawBody);
      const clientOrderId = form.get("newClientOrderId");
      const orderId = clientOrderIds.push(clientOrderId);
      return { body: orderRow({ orderId, clientOrderId, symbol: form.get("symbol") }) };
    });
    const orders = ["BTC-USDT", "1000SHIB-USDT"].map((pair) => connector.buy(pair, limit));
    await until("open", () => orders.every((order) => order.state === "open"));
    const canceled = (symbol: string | undefined, orderId: number) =>
      orderRow({ symbol, orderId, clientOrderId: clientOrderIds[orderId - 1], status: "CANCELED" });
    server.on("DELETE", "/fapi/v1/batchOrders", ({ params }) => ({
      body: [canceled(params.symbol, Number(params.orderIdList?.slice(1, -1)))],
    }));
    server.on("DELETE", "/fapi/v1/order", ({ params }) => ({ body: canceled(params.symbol, Number(params.orderId)) }));
    void connector.cancelAll();
    await until("canceled", () => orders.every((order) => order.state === "canceled"));
  });
});

test("leverage changed elsewhere is known, and a ban of the address holds everything back until it ends", async () => {
  const { server, push, until, connector, world } = await ready();
  push("/private", { e: "ACCOUNT_CONFIG_UPDATE", E: TIME + 20_000, T: TIME + 20_000, ac: { s: "BTCUSDT", l: 7 } });
  await until("leverage", () => connector.leverage("BTC-USDT").eq(7));
  const banned = { status: 418, body: { code: -1003, msg: "IP banned" }, headers: { "retry-after": "120" } };
  server.on("GET", "/fapi/v3/account", banned, { body: { ...totals, assets } });
  connector.refresh().catch(() => undefined);
  await world.advance(1_000);
  const before = server.requests.length;
  await world.advance(100_000);
  expect(server.requests.length).toBe(before);
  await world.advance(60_000);
  expect(server.requests.length).toBeGreaterThan(before);
});

test("a mark price channel that falls silent on a live connection is subscribed anew", async () => {
  const { sockets, world } = await ready();
  await world.advance(25_000);
  const params = ["btcusdt@markPrice@1s"];
  expect(sockets("/market")[0]?.received.slice(1)).toEqual([
    { method: "UNSUBSCRIBE", params, id: 4 },
    { method: "SUBSCRIBE", params, id: 5 },
  ]);
});
