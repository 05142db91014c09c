import { describe, expect, it } from "vitest";
import type { FixtureOrder } from "../../src/testing/kit/scene.ts";
import { openScene } from "../../src/testing/kit/scene.ts";
import { binanceFixtures as fixtures } from "../venues/binance/fixtures.ts";

const ORDER = "/fapi/v1/order";
const BATCH = "/fapi/v1/batchOrders";

/** An order object of Binance, which answers creations, cancels and amends alike. */
const row = (order: FixtureOrder, changes: object = {}) => ({
  ...{ symbol: "BTCUSDT", orderId: Number(order.exchangeOrderId), clientOrderId: order.clientOrderId, status: "NEW" },
  ...{ side: "BUY", positionSide: "BOTH", type: "LIMIT", origType: "LIMIT", timeInForce: "GTC", reduceOnly: false },
  ...{ price: order.price, origQty: order.amount, executedQty: "0", avgPrice: "0" },
  ...{ time: fixtures.startMs, updateTime: fixtures.startMs + 20_000, ...changes },
});

describe("an answer to a cancel", () => {
  it.each([
    ["executed less than nothing", { executedQty: "-1" }],
    ["executed more than the order has", { executedQty: "5" }],
  ])("that tells that the order %s is no end: the order is looked up", async (_, changes) => {
    await using scene = await openScene(fixtures);
    const { order, fixture } = await scene.openOrder();
    const absurd = row(fixture, { status: "CANCELED", ...changes });
    scene.server.on("DELETE", ORDER, { body: absurd });
    scene.server.on("GET", ORDER, { body: row(fixture, { status: "CANCELED" }) });
    scene.connector.cancel(order.clientOrderId);
    await scene.until("the end", () => order.isDone);
    expect([order.state, order.venueExecutedAmount.toFixed()]).toEqual(["canceled", "0"]);
    expect(scene.server.requestsTo("GET", ORDER).length).toBeGreaterThan(0);
  });
});

describe("an answer to an amend", () => {
  it("that names another order changes nothing: the order is looked up", async () => {
    await using scene = await openScene(fixtures);
    const { order, fixture } = await scene.openOrder();
    scene.server.on("PUT", ORDER, { body: row(fixture, { clientOrderId: "another", orderId: 77, price: "4900" }) });
    scene.server.on("GET", ORDER, { body: row(fixture, { price: "4900" }) });
    const amended = scene.connector.amend(order.clientOrderId, { price: "4900" });
    await expect(scene.run(amended)).rejects.toMatchObject({ outcome: "unknown" });
    await scene.until("the look-up", () => order.price?.eq("4900") === true);
    expect(order.exchangeOrderIds).toEqual([fixture.exchangeOrderId]);
  });
});

describe("an answer to a batch", () => {
  it("with a row that cannot be true says nothing of the others", async () => {
    await using scene = await openScene(fixtures);
    const options = { side: "buy", tradingPair: "BTC-USDT", amount: "1", price: "5000", position: "open" } as const;
    const handles = scene.connector.batchOrderCreate([options, options, options]);
    const rows = handles.map((order, index) => row(scene.fixture(order, String(81_000_000 + index))));
    const absurd = rows.map((each, index) => (index === 1 ? { ...each, executedQty: "-1" } : each));
    scene.server.on("POST", BATCH, { body: absurd });
    scene.server.on("GET", ORDER, { body: rows[1] });
    await scene.run(Promise.all(handles.map((order) => order.accepted)));
    expect(handles.map(({ state }) => state)).toEqual(["open", "open", "open"]);
    expect(scene.server.requestsTo("GET", ORDER)).toHaveLength(1);
  });
});

describe("an answer to a look-up", () => {
  it("that names another order says nothing of the one that was asked about", async () => {
    await using scene = await openScene(fixtures);
    const order = scene.order();
    const fixture = scene.fixture(order);
    scene.server.on("POST", ORDER, { status: 503, body: { code: -1007, msg: "Timeout" } });
    const another = row(fixture, { clientOrderId: "another", orderId: 77, status: "FILLED", executedQty: "1" });
    scene.server.on("GET", ORDER, { body: another }, { body: row(fixture) });
    await scene.until("found", () => order.state === "open");
    expect(order.exchangeOrderIds).toEqual([fixture.exchangeOrderId]);
    expect(scene.server.requestsTo("GET", ORDER)).toHaveLength(2);
  });
});
