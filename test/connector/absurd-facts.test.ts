import { describe, expect, it } from "vitest";
import { openScene } from "../../src/testing/kit/scene.ts";
import { ftxFixtures as fixtures } from "../venues/ftx/fixtures.ts";
import { fillsFrame, ordersFrame, wireFill, wireOrder } from "../venues/ftx/wire.ts";

describe("a fill that cannot be true", () => {
  it.each([
    ["of nothing", { size: 0 }, "a fill of 0"],
    ["of less than nothing", { size: -0.5 }, "a fill of -0.5"],
    ["at no price", { price: 0 }, "a fill at a price of 0"],
    ["at a price below zero", { price: -5_000 }, "a fill at a price of -5000"],
    ["at a price beyond all measure", { price: 1e35 }, "a fill at a price of beyond all measure"],
  ])("%s is not booked: it is told, a gap is told, and the venue is asked", async (_, changes, reason) => {
    await using scene = await openScene(fixtures);
    const { order, fixture } = await scene.openOrder();
    scene.server.sendPrivate(fillsFrame(wireFill(fixture, changes)));
    await scene.until("told", () => scene.named("unreadableRow").length > 0);
    await scene.world.advance(5_000);
    expect(scene.named("unreadableRow")[0]).toMatchObject({ reason, mayBeOurs: true });
    expect(scene.named("gap").some((gap) => gap.reason.includes(reason))).toBe(true);
    expect(scene.named("orderFilled")).toHaveLength(0);
    expect([order.state, order.executedAmount.toFixed()]).toEqual(["open", "0"]);
    expect(scene.connector.position(fixtures.tradingPair)?.amount.toFixed() ?? "0").toBe("0");
  });

  it("because the order has not so much left is not booked, and one that fits is", async () => {
    await using scene = await openScene(fixtures);
    const { order, fixture } = await scene.openOrder();
    scene.server.sendPrivate(fillsFrame(wireFill(fixture, { id: 1, size: 0.5 })));
    scene.server.sendPrivate(fillsFrame(wireFill(fixture, { id: 2, size: 1_000 })));
    await scene.until("told", () => scene.named("unreadableRow").length > 0);
    await scene.world.advance(5_000);
    expect(scene.named("unreadableRow")[0]?.reason).toBe("a fill that brings an order of 1 to 1000.5");
    expect(order.executedAmount.toFixed()).toBe("0.5");
  });

  it("stays out where the venue's list says it again, and is not asked for without end", async () => {
    await using scene = await openScene(fixtures);
    const { order, fixture } = await scene.openOrder();
    const absurd = wireFill(fixture, { id: 7, size: -1 });
    let asked = 0;
    scene.server.on("GET", "/fills", () => {
      asked += 1;
      return { body: { success: true, result: [absurd] } };
    });
    scene.server.sendPrivate(fillsFrame(absurd));
    await scene.world.advance(120_000);
    const before = asked;
    await scene.world.advance(60_000);
    expect(asked - before).toBeLessThan(20);
    expect([order.state, order.executedAmount.toFixed()]).toEqual(["open", "0"]);
  });
});

describe("an order that cannot be true", () => {
  it.each([
    ["executed more than it has", { filledSize: 5, remainingSize: 0 }],
    ["executed less than nothing", { filledSize: -1 }],
  ])("because it %s changes nothing", async (_, changes) => {
    await using scene = await openScene(fixtures);
    const { order, fixture } = await scene.openOrder();
    scene.server.sendPrivate(ordersFrame(wireOrder(fixture, { ...changes, size: 1 })));
    await scene.until("told", () => scene.named("unreadableRow").length > 0);
    await scene.world.advance(2_000);
    expect([order.state, order.executedAmount.toFixed(), order.venueExecutedAmount.toFixed()]).toEqual([
      "open",
      "0",
      "0",
    ]);
  });
});

describe("an answer to a creation", () => {
  it.each([
    ["names another order", { clientId: "another" }],
    ["has an empty id", { id: "" }],
    ["has no id", { id: null }],
    ["tells of an execution below zero", { filledSize: -1 }],
  ])("that %s is evidence of nothing: the order is looked up", async (_, changes) => {
    await using scene = await openScene(fixtures);
    const order = scene.order();
    const fixture = scene.fixture(order);
    const found = { success: true, result: wireOrder(fixture, {}) };
    scene.server.on("POST", "/orders", () => ({ body: { success: true, result: wireOrder(fixture, changes) } }));
    let asked = 0;
    scene.server.on("GET", `/orders/by_client_id/${order.clientOrderId}`, () => {
      asked += 1;
      return { body: found };
    });
    await scene.until("found", () => order.state === "open");
    expect(asked).toBeGreaterThan(0);
  });
});
