import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { OrderOptions } from "../../../src/connector/order-request.ts";
import { PerpetualConnector } from "../../../src/connector/perpetual-connector.ts";
import { SimulatedWorld } from "../../../src/runtime/simulated.ts";
import { type RecordedEvent, RecordingLogger, recordEvents } from "../../../src/testing/kit/recording.ts";
import { type Answer, ScriptedVenue } from "../../../src/testing/kit/scripted-venue.ts";
import { venueModule } from "../../../src/venues/bybit/derivative.ts";
import {
  bookFrame,
  flatPosition,
  frame,
  instrument,
  NOW,
  ticker,
  wireExecution,
  wireOrder,
  wirePosition,
  wireWallet,
} from "./wire.ts";

/** A connector in virtual time in front of a small Bybit that answers what a test tells it to. */

const CREDENTIALS = { apiKey: "key-of-the-desk", apiSecret: "secret-of-the-desk-1234" };
const AHEAD_MS = 4_000;
const { execType: _, ...EXECUTION } = wireExecution();

let world: SimulatedWorld;
let server: ScriptedVenue;
let connector: PerpetualConnector;
let events: RecordedEvent[];
let logger: RecordingLogger;
let snapshots: number;

const list = (...rows: readonly unknown[]): Answer => envelope({ list: rows, nextPageCursor: "" });

function envelope(result: unknown, retCode = 0, retMsg = ""): Answer {
  return { body: { retCode, retMsg, result, retExtInfo: {}, time: venueTime() } };
}

const venueTime = (): number => Math.floor(world.now()) + AHEAD_MS;
/** A frame that the venue makes now. */
const push = (topic: string, ...rows: readonly unknown[]): void =>
  server.sendPrivate({ ...frame(topic, ...rows), creationTime: venueTime() });

const SNAPSHOT_LEVELS = [
  [
    ["59999.90", "3.4"],
    ["59999.80", "1"],
  ],
  [["60000.10", "1.2"]],
] as const;

function answersTo(message: unknown): readonly unknown[] {
  const { op, args = [] } = message as { op: string; args?: readonly string[] };
  if (op === "auth") return [{ success: true, ret_msg: "", op: "auth", conn_id: "c-1" }];
  if (op === "ping") return [{ success: true, ret_msg: "pong", conn_id: "c-1", req_id: "", op: "ping" }];
  const answer = { success: true, ret_msg: "", op, conn_id: "c-1" };
  if (op !== "subscribe") return [answer];
  const pushed = args.flatMap((topic): unknown[] => {
    if (topic === "tickers.BTCUSDT") return [{ topic, type: "snapshot", data: ticker(), cs: 1, ts: NOW }];
    if (topic !== "orderbook.200.BTCUSDT") return [];
    snapshots += 1;
    return [bookFrame("snapshot", snapshots * 1_000, ...SNAPSHOT_LEVELS)];
  });
  return [answer, ...pushed];
}

function script(): void {
  const get = (path: string, ...rows: readonly unknown[]) => server.on("GET", path, () => list(...rows));
  server.on("GET", "/v5/market/time", () => {
    const timeNano = `${Math.floor((world.now() + AHEAD_MS) * 1_000)}000`;
    return envelope({ timeSecond: timeNano.slice(0, 10), timeNano });
  });
  get("/v5/market/instruments-info", instrument("BTC"), instrument("ETH"));
  get("/v5/account/wallet-balance", wireWallet());
  get("/v5/account/fee-rate", { symbol: "BTCUSDT", takerFeeRate: "0.0006", makerFeeRate: "0.0001" });
  server.on("GET", "/v5/account/info", () => envelope({ marginMode: "REGULAR_MARGIN", unifiedMarginStatus: 6 }));
  server.on("GET", "/v5/position/list", ({ params }) => (params.symbol === undefined ? list() : list(flatPosition())));
  for (const path of ["order/realtime", "order/history", "execution/list", "account/transaction-log"])
    get(`/v5/${path}`);
}

async function start(tradingPairs = ["BTC-USDT"]): Promise<void> {
  await server.listen(world.runtime("venue"));
  connector = new PerpetualConnector({
    venue: venueModule.createVenue({
      domain: "bybit_perpetual",
      restUrl: server.restUrl,
      webSocketUrl: "ws://venue.test:443",
    }),
    runtime: world.runtime("connector"),
    tradingPairs,
    credentials: CREDENTIALS,
    logger,
    journalPath: "journal.db",
  });
  events = recordEvents(connector);
  await world.run(connector.start());
  await world.run(connector.waitUntilReady());
}

async function until(condition: () => boolean, limitMs = 60_000): Promise<void> {
  const endMs = world.elapsedMs() + limitMs;
  await world.settle();
  while (!condition()) {
    if (world.elapsedMs() > endMs) throw new Error(`not within ${limitMs} ms\n${logger.text}`);
    await world.advance(5);
  }
}

const named = (name: RecordedEvent["name"]) => events.filter((each) => each.name === name).map(({ event }) => event);

function buy(options: Partial<OrderOptions> = {}) {
  return connector.buy("BTC-USDT", { amount: "0.010", price: "59999", position: "open", ...options });
}

/** Answers creates with an acknowledgement, as Bybit does whatever becomes of the order. */
function acknowledge(orderId = "o-1"): void {
  server.on("POST", "/v5/order/create", ({ body }) => {
    const { orderLinkId } = body as { orderLinkId: string };
    return envelope({ orderId, orderLinkId });
  });
}

async function openOrder(options: Partial<OrderOptions> = {}) {
  acknowledge();
  const order = buy(options);
  expect((await world.run(order.accepted)).ok).toBe(true);
  const ids = { orderLinkId: order.clientOrderId, orderId: "o-1", price: "59999", updatedTime: String(NOW + 5) };
  return { order, row: (changes: object = {}) => wireOrder({ ...ids, ...changes }), ids };
}

beforeEach(() => {
  world = new SimulatedWorld({ seed: 1, startMs: NOW });
  logger = new RecordingLogger();
  snapshots = 0;
  const isPrivate = (message: unknown) => (message as { op?: string }).op === "auth";
  server = new ScriptedVenue({ basePath: "", routes: [], socket: { answersTo, isPrivate }, now: () => world.now() });
  script();
});

afterEach(async () => {
  await world.run(connector.stop());
  await server.close();
  expect(logger.text).not.toContain(CREDENTIALS.apiSecret);
  expect(server.unscripted).toEqual([]);
});

describe("a connector to Bybit", () => {
  it("becomes ready with two sockets, the venue's clock and what the account holds", async () => {
    await start();
    expect(server.connections.map(({ target }) => target).toSorted()).toEqual(["/v5/private", "/v5/public/linear"]);
    const signed = server.requestsTo("GET", "/v5/account/wallet-balance")[0];
    const offBy = Number(signed?.headers["x-bapi-timestamp"]) - ((signed?.atMs ?? 0) + AHEAD_MS);
    expect(Math.abs(offBy)).toBeLessThanOrEqual(10);
    expect(connector.orderBook("BTC-USDT").bestBid?.price.toFixed()).toBe("59999.9");
    expect(connector.fundingInfo("BTC-USDT").rate.toFixed()).toBe("0.0001");
    expect(connector.availableBalance("USDT").toFixed()).toBe("9949.75");
    expect(connector.leverage("BTC-USDT").toFixed()).toBe("10");
    expect(connector.positionMode).toBe("oneWay");
    expect(connector.feeSchema("BTC-USDT").makerPercentFee.toFixed()).toBe("0.0001");
  });

  it("starts where there are no fee rates, as on demo trading, with those that Bybit publishes", async () => {
    server.on("GET", "/v5/account/fee-rate", () => envelope({}, 10001, "Request parameter error."));
    await start();
    expect(connector.feeSchema("BTC-USDT").takerPercentFee.toFixed()).toBe("0.00055");
  });

  it("pings both sockets and notices one that does not answer", async () => {
    await start();
    await world.advance(21_000);
    const pings = () =>
      server.connections.flatMap(({ received }) => received.filter((each) => JSON.stringify(each) === '{"op":"ping"}'));
    expect(pings()).toHaveLength(2);
    server.socket = {
      ...server.socket,
      answersTo: (message) => ((message as { op: string }).op === "ping" ? [] : answersTo(message)),
    };
    await world.advance(35_000);
    expect(server.connections.length).toBeGreaterThan(2);
  });

  it("resubscribes a book whose update ids have a gap, and only that", async () => {
    await start();
    server.sendPublic(bookFrame("delta", 1_001, [["59999.95", "1"]], []));
    await until(() => connector.orderBook("BTC-USDT").bestBid?.price.toFixed() === "59999.95");
    server.sendPublic(bookFrame("delta", 1_003, [["59999.96", "1"]], []));
    await until(() => named("bookHealed").length === 1);
    expect(named("bookInvalid")).toMatchObject([{ tradingPair: "BTC-USDT" }]);
    expect(connector.orderBook("BTC-USDT").bestBid?.price.toFixed()).toBe("59999.9");
    const [socket] = server.openConnections(false);
    expect(socket?.received.slice(-2)).toEqual([
      { req_id: "2", op: "unsubscribe", args: ["orderbook.200.BTCUSDT"] },
      { req_id: "3", op: "subscribe", args: ["orderbook.200.BTCUSDT"] },
    ]);
    expect(server.connections).toHaveLength(2);
  });

  it("follows an order from the acknowledgement over its fills to its end", async () => {
    await start();
    const { order, row, ids } = await openOrder({ type: "limitMaker" });
    expect(server.requestsTo("POST", "/v5/order/create")[0]?.body).toMatchObject({
      timeInForce: "PostOnly",
      positionIdx: 0,
    });
    const at = String(venueTime());
    const fill = (execId: string, execQty: string) => wireExecution({ ...ids, execId, execQty, execTime: at });
    const filled = row({ orderStatus: "Filled", cumExecQty: "0.010", avgPrice: "60000", updatedTime: at });
    push("order", row({ orderStatus: "PartiallyFilled", cumExecQty: "0.004" }));
    push("execution", fill("e-1", "0.004"), fill("e-2", "0.006"));
    push("order", filled);
    push("order", { ...filled, cancelType: "CancelByUser", rejectReason: "EC_OrigClOrdIDDoesNotExist" });
    push("execution", fill("e-2", "0.006"));
    push("position", wirePosition({ entryPrice: "60000" }));
    push("wallet", wireWallet({ totalAvailableBalance: "9000.5" }));
    const result = await world.run(order.done);
    expect([result.state, result.executedAmount.toFixed()]).toEqual(["filled", "0.01"]);
    await world.advance(50);
    expect(named("orderFilled")).toHaveLength(2);
    expect(named("orderCompleted")).toHaveLength(1);
    expect(connector.position("BTC-USDT")?.amount.toFixed()).toBe("0.01");
    expect(connector.availableBalance("USDT").toFixed()).toBe("9000.5");
  });

  it("reports a post-only order that would have taken as canceled for that", async () => {
    await start();
    const { order, row } = await openOrder({ type: "limitMaker" });
    const dead = { orderStatus: "Rejected", timeInForce: "PostOnly", rejectReason: "EC_PostOnlyWillTakeLiquidity" };
    push("order", row(dead));
    const result = await world.run(order.done);
    expect([result.state, order.reason]).toEqual(["canceled", "postOnly"]);
    expect(named("orderFailed")).toEqual([]);
  });

  it("fails an order at once that the venue refuses by a code of its documents", async () => {
    await start();
    server.on("POST", "/v5/order/create", () =>
      envelope({}, 110090, "Order placement failed as your position may exceed"),
    );
    const startedMs = world.elapsedMs();
    const order = buy();
    await world.run(order.done);
    expect(order.state).toBe("failed");
    expect(world.elapsedMs() - startedMs).toBeLessThan(1_000);
  });

  it("keeps the balance of a coin that a push does not name", async () => {
    await start();
    push("wallet", wireWallet({ totalWalletBalance: "95", coin: [{ coin: "USDC", walletBalance: "-0.066" }] }));
    await until(() => connector.balance("USDC").isNegative());
    expect(connector.balance("USDT").toFixed()).toBe("10000");
    expect(connector.availableBalance("USDT").toFixed()).toBe("9949.75");
  });

  it("cancels several orders in one batch", async () => {
    await start();
    acknowledge("o-1");
    const one = buy();
    await world.run(one.accepted);
    acknowledge("o-2");
    const two = buy();
    await world.run(two.accepted);
    server.on("POST", "/v5/order/cancel-batch", () => {
      const codes = [
        { code: 0, msg: "OK" },
        { code: 0, msg: "OK" },
      ];
      const body = { retCode: 0, retMsg: "", result: { list: [{ orderId: "o-1" }, { orderId: "o-2" }] } };
      return { body: { ...body, retExtInfo: { list: codes }, time: NOW } };
    });
    const all = connector.cancelAll(5_000);
    await world.advance(100);
    const ended = (orderId: string, orderLinkId: string) =>
      wireOrder({
        orderId,
        orderLinkId,
        orderStatus: "Cancelled",
        cancelType: "CancelByUser",
        updatedTime: String(NOW + 500),
      });
    push("order", ended("o-1", one.clientOrderId), ended("o-2", two.clientOrderId));
    expect((await world.run(all)).map(({ success }) => success)).toEqual([true, true]);
    expect(server.requestsTo("POST", "/v5/order/cancel-batch")).toHaveLength(1);
    // A batch takes one unit of its limit for each of its rows.
    const pool = connector.metrics().rateLimits.find(({ limitId }) => limitId === "/v5/order/cancel-batch");
    expect(pool?.used).toBe(2);
  });
});

it("too many visits close the endpoint's pool until its reset, and nothing else", async () => {
  await start();
  let refusals = 1;
  server.on("GET", "/v5/execution/list", () => {
    refusals -= 1;
    if (refusals < 0) return list();
    const time = venueTime();
    const headers = {
      "X-Bapi-Limit": "50",
      "X-Bapi-Limit-Status": "0",
      "X-Bapi-Limit-Reset-Timestamp": String(time + 700),
    };
    return { body: { retCode: 10006, retMsg: "Too many visits!", result: {}, time }, headers };
  });
  const refused = await world.run(connector.refresh().catch((error: unknown) => error));
  expect(refused).toMatchObject({ name: "RateLimitError", outcome: "definite" });
  const closed = connector
    .metrics()
    .rateLimits.filter(({ closedUntilMonotonicMs }) => closedUntilMonotonicMs !== undefined);
  expect(closed.map(({ limitId }) => limitId)).toEqual(["/v5/execution/list"]);
  await world.run(connector.refresh());
});

describe("a hedged account", () => {
  const legs = [wirePosition({ positionIdx: 1, size: "0.5" }), flatPosition({ positionIdx: 2 })];

  beforeEach(() => {
    server.on("GET", "/v5/account/info", () => envelope({ marginMode: "REGULAR_MARGIN", unifiedMarginStatus: 6 }));
    server.on("GET", "/v5/position/list", ({ params }) =>
      list(...(params.symbol === undefined ? legs.slice(0, 1) : legs)),
    );
  });

  it("that is deleveraged loses of the leg that the trade closes, and no order is filled", async () => {
    await start();
    const adl = {
      ...EXECUTION,
      execType: "AdlTrade",
      execId: "a-1",
      orderId: "adl-1",
      orderLinkId: "",
      side: "Sell",
      execQty: "0.2",
    };
    push("execution", { ...adl, execTime: String(venueTime()) });
    await until(() => named("positionAdjustment").length === 1);
    expect(named("positionAdjustment")).toMatchObject([{ side: "long", reason: "adl" }]);
    expect(named("orderFilled")).toEqual([]);
    expect(named("externalOrder")).toEqual([]);
  });
});

it("a private stream that was cut catches up before it is ready: fills, and a liquidation", async () => {
  server.on("GET", "/v5/account/info", () => envelope({ marginMode: "REGULAR_MARGIN", unifiedMarginStatus: 6 }));
  server.on("GET", "/v5/position/list", () => list(wirePosition()));
  await start();
  const { order, row, ids } = await openOrder();
  await until(() => connector.position("BTC-USDT") !== undefined);
  server.on("GET", "/v5/account/info", () => envelope({ marginMode: "REGULAR_MARGIN", unifiedMarginStatus: 6 }));
  server.on("GET", "/v5/position/list", ({ params }) => (params.symbol === undefined ? list() : list(flatPosition())));
  const execTime = String(venueTime());
  const fill = wireExecution({ ...ids, execQty: "0.010", execTime });
  const bust = wireExecution({ execType: "BustTrade", execId: "b-1", orderId: "liq-1", orderLinkId: "", side: "Sell" });
  server.on("GET", "/v5/execution/list", () => list({ ...bust, execQty: "0.020", execTime }, fill));
  server.on("GET", "/v5/order/realtime", ({ params }) =>
    params.settleCoin === undefined ? list(row({ orderStatus: "Filled", cumExecQty: "0.010" })) : list(),
  );
  for (const { connection } of server.openConnections(true)) connection.terminate();
  expect((await world.run(order.done)).state).toBe("filled");
  await until(() => named("gap").length === 1 && connector.ready);
  await world.run(connector.refresh());
  expect(named("orderFilled")).toHaveLength(1);
  expect(named("positionAdjustment")).toMatchObject([{ reason: "liquidation", side: "both", adjustmentId: "b-1" }]);
  expect(connector.position("BTC-USDT")).toBeUndefined();
});
