import { describe, expect, it } from "vitest";
import { openScene } from "../../src/testing/kit/scene.ts";
import { ftxFixtures as fixtures } from "../venues/ftx/fixtures.ts";
import { fillsFrame, ordersFrame, wireFill, wireOrder } from "../venues/ftx/wire.ts";

const closed = { status: "closed", remainingSize: 0 };

describe("fills", () => {
  it("that come before the answer to the order are kept for it", async () => {
    await using scene = await openScene(fixtures);
    const gate = Promise.withResolvers<void>();
    const order = scene.order();
    const fixture = scene.fixture(order);
    scene.server.on("POST", "/orders", async () => {
      await gate.promise;
      return { body: scene.fill(fixtures.orderCreationRequestSuccessfulMockResponse, fixture)[0]?.body };
    });
    await scene.world.advance(20);
    scene.server.sendPrivate(scene.fill(fixtures.tradeEventForFullFillWebsocketUpdate, fixture));
    await scene.world.advance(50);
    expect(scene.named("orderFilled")).toHaveLength(0);
    scene.server.route(...scene.fill(fixtures.configureCompletelyFilledOrderStatusResponse, fixture));
    gate.resolve();
    await scene.until("filled", () => order.isDone);
    expect(order.state).toBe("filled");
    expect(scene.named("orderFilled")).toHaveLength(1);
  });

  it("are awaited by done, and fetched when they do not come", async () => {
    await using scene = await openScene(fixtures);
    const { order, fixture } = await scene.openOrder();
    let isDone = false;
    void order.done.then(() => {
      isDone = true;
    });
    scene.server.sendPrivate(scene.fill(fixtures.orderEventForFullFillWebsocketUpdate, fixture));
    await scene.world.advance(1_000);
    expect([isDone, order.isAwaitingFills, order.venueExecutedAmount.toFixed()]).toEqual([false, true, "1"]);
    scene.server.route(...scene.fill(fixtures.configureFullFillTradeResponse, fixture));
    await scene.until("done", () => isDone);
    expect(order.executedAmount.toFixed()).toBe("1");
    expect(order.fees.get("USD")?.toFixed()).toBe("0.5");
  });

  it("of an order that was partly filled and then canceled: canceled, with what was executed", async () => {
    await using scene = await openScene(fixtures);
    const { order, fixture } = await scene.openOrder();
    const half = { filledSize: 0.5, avgFillPrice: 5000 };
    scene.server.sendPrivate(
      ordersFrame(wireOrder(fixture, { ...closed, ...half })),
      fillsFrame(wireFill(fixture, { size: 0.5 })),
    );
    const result = await scene.run(order.done);
    expect(result).toMatchObject({ ok: true, state: "canceled", reason: "venue" });
    expect(result.executedAmount.toFixed()).toBe("0.5");
    expect(scene.named("orderCanceled")[0]?.executedAmount.toFixed()).toBe("0.5");
    expect(scene.named("orderCompleted")).toHaveLength(0);
  });

  it("can be read as they come, from the first one on", async () => {
    await using scene = await openScene(fixtures);
    const { order, fixture } = await scene.openOrder();
    const ids: string[] = [];
    const reading = (async () => {
      for await (const fill of order.fills()) ids.push(fill.fillId);
    })();
    scene.server.route(...scene.fill(fixtures.configureCompletelyFilledOrderStatusResponse, fixture));
    for (const [id, size] of [
      [1, 0.25],
      [2, 0.25],
      [2, 0.25],
      [3, 0.5],
    ]) {
      scene.server.sendPrivate(fillsFrame(wireFill(fixture, { id, size })));
    }
    await scene.run(reading);
    expect(ids).toEqual(["1", "2", "3"]);
    expect(order.state).toBe("filled");
  });

  it("of others on the same account change no order of ours", async () => {
    await using scene = await openScene(fixtures);
    const { order } = await scene.openOrder();
    const external = { ...scene.fixture(order), exchangeOrderId: "999", clientOrderId: "by-hand" };
    scene.server.sendPrivate(
      ordersFrame(wireOrder(external)),
      ordersFrame(wireOrder(external)),
      fillsFrame(wireFill(external, { id: 77 })),
      ordersFrame(wireOrder(external, { ...closed, filledSize: 1 })),
    );
    const before = scene.server.requestsTo("GET", "/positions").length;
    await scene.world.advance(1_000);
    expect(scene.named("externalOrder").map(({ order: each }) => [each.clientOrderId, each.state])).toEqual([
      ["by-hand", "open"],
      ["by-hand", "filled"],
    ]);
    expect(scene.named("orderFilled")).toHaveLength(0);
    expect(order.executedAmount.isZero()).toBe(true);
    expect(scene.server.requestsTo("GET", "/positions").length).toBeGreaterThan(before);
  });

  it("that come while positions are read win over what was read", async () => {
    await using scene = await openScene(fixtures);
    const { fixture } = await scene.openOrder();
    scene.server.route(...scene.fill(fixtures.configureOpenOrderStatusResponse, fixture));
    const gate = Promise.withResolvers<void>();
    scene.server.on(
      "GET",
      "/positions",
      async () => {
        await gate.promise;
        return { body: { success: true, result: [{ future: "BTC-PERP", netSize: 0 }] } };
      },
      {
        body: {
          success: true,
          result: [{ future: "BTC-PERP", netSize: 1, entryPrice: 5003, recentAverageOpenPrice: 5000 }],
        },
      },
    );
    const asked = () => scene.server.requestsTo("GET", "/positions").length;
    const before = asked();
    const refreshing = scene.connector.refresh();
    await scene.until("asked", () => asked() > before);
    scene.server.sendPrivate(scene.fill(fixtures.tradeEventForFullFillWebsocketUpdate, fixture));
    await scene.until("filled", () => scene.named("orderFilled").length === 1);
    gate.resolve();
    await scene.run(refreshing);
    const position = () => scene.connector.position("BTC-USD");
    expect(position()?.amount.toFixed()).toBe("1");
    await scene.world.advance(1_000);
    expect(position()?.entryPrice.toFixed()).toBe("5000");
    expect(position()?.markPrice?.toFixed()).toBe("5003");
    expect(scene.named("position").some((event) => event.amount.isZero() && event.timestampMs > 0)).toBe(false);
  });

  it("follow a position that the venue closed by itself", async () => {
    await using scene = await openScene(fixtures);
    const { fixture } = await scene.openOrder();
    scene.server.route(...scene.fill(fixtures.configureOpenOrderStatusResponse, fixture));
    const open = { future: "BTC-PERP", netSize: 1, entryPrice: 5003, recentAverageOpenPrice: 5000 };
    scene.server.on("GET", "/positions", { body: { success: true, result: [open] } });
    scene.server.sendPrivate(scene.fill(fixtures.tradeEventForFullFillWebsocketUpdate, fixture));
    await scene.world.advance(1_000);
    expect(scene.connector.positions()).toHaveLength(1);
    scene.server.on("GET", "/positions", { body: { success: true, result: [] } });
    await scene.run(scene.connector.refresh());
    expect(scene.connector.positions()).toEqual([]);
  });
});
