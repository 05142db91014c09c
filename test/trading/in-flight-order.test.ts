import { describe, expect, test } from "vitest";
import { decimal } from "../../src/model/decimal.ts";
import { OrderRejectedError } from "../../src/model/error.ts";
import { limitBuy, orderUpdate, START_MS, scene, trade } from "./scene.ts";

describe("the handle of an order", () => {
  test("shows what was sent, at once", () => {
    const { tracker } = scene();
    const order = tracker.startTracking(limitBuy());
    expect(order).toMatchObject({
      clientOrderId: "c1",
      exchangeOrderId: undefined,
      tradingPair: "BTC-USD",
      side: "buy",
      type: "limit",
      timeInForce: "GTC",
      positionAction: "open",
      positionMode: "oneWay",
      reduceOnly: false,
      state: "pendingCreate",
      reason: undefined,
      averagePrice: undefined,
      createdAtMs: START_MS,
      lastUpdateMs: START_MS,
    });
    expect(order.reference()).toMatchObject({ clientOrderId: "c1", exchangeOrderId: undefined, createdAtMs: START_MS });
  });

  test("averages the fills and sums their fees by token", () => {
    const { tracker } = scene();
    const order = tracker.startTracking(limitBuy());
    tracker.apply(trade("f1", "0.25", { price: decimal("100") }));
    tracker.apply(trade("f2", "0.75", { price: decimal("104") }));
    expect(order.averagePrice?.toFixed()).toBe("103");
    expect(order.fees.get("USD")?.toFixed()).toBe("0.1");
    expect(order.lastUpdateMs).toBe(START_MS + 150);
  });

  test("accepted resolves with the exchange order id; done with the result", async () => {
    const { tracker } = scene();
    const order = tracker.startTracking(limitBuy());
    tracker.apply(orderUpdate("open"));
    expect(await order.accepted).toEqual({ ok: true, exchangeOrderId: "e1", timestampMs: START_MS + 100 });
    tracker.apply(trade("f1", "1"));
    tracker.apply(orderUpdate("filled", { executedAmount: decimal("1") }));
    const result = await order.done;
    expect(result).toMatchObject({ ok: true, state: "filled", reason: undefined });
    expect(result.averagePrice?.toFixed()).toBe("100");
    expect(result.fees.get("USD")?.toFixed()).toBe("0.05");
  });

  test("promises never reject: a refusal is a result", async () => {
    const { tracker } = scene();
    const order = tracker.startTracking(limitBuy());
    tracker.fail("c1", new OrderRejectedError("no"));
    await expect(order.accepted).resolves.toMatchObject({ ok: false });
    await expect(order.done).resolves.toMatchObject({ ok: false, state: "failed" });
  });
});

describe("fills()", () => {
  async function collect(fills: AsyncIterable<{ fillId: string }>): Promise<string[]> {
    const ids: string[] = [];
    for await (const { fillId } of fills) ids.push(fillId);
    return ids;
  }

  test("replays earlier fills, then live ones, and ends with the order", async () => {
    const { tracker, world } = scene();
    const order = tracker.startTracking(limitBuy());
    tracker.apply(trade("f1", "0.4"));
    const collected = collect(order.fills());
    await world.settle();
    tracker.apply(trade("f2", "0.5"));
    tracker.apply(trade("f3", "0.1"));
    tracker.apply(orderUpdate("filled", { executedAmount: decimal("1") }));
    expect(await world.run(collected)).toEqual(["f1", "f2", "f3"]);
    expect(await collect(order.fills())).toEqual(["f1", "f2", "f3"]);
  });

  test("ends without a fill when the order fails or is lost", async () => {
    const { tracker } = scene();
    const failed = tracker.startTracking(limitBuy("c1"));
    const lost = tracker.startTracking(limitBuy("c2"));
    tracker.fail("c1", new OrderRejectedError("no"));
    tracker.markLost("c2");
    expect(await collect(failed.fills())).toEqual([]);
    expect(await collect(lost.fills())).toEqual([]);
  });

  test("several readers each get every fill", async () => {
    const { tracker, world } = scene();
    const order = tracker.startTracking(limitBuy());
    const readers = Promise.all([collect(order.fills()), collect(order.fills())]);
    await world.settle();
    tracker.apply(trade("f1", "1"));
    tracker.apply(orderUpdate("filled", { executedAmount: decimal("1") }));
    expect(await world.run(readers)).toEqual([["f1"], ["f1"]]);
  });

  test("are bounded: a reader that falls behind what is kept is told so, never silently short", async () => {
    const { tracker, world } = scene({ maxFillsKept: 2 });
    const order = tracker.startTracking(limitBuy("c1", { amount: decimal("10") }));
    const slow = order.fills()[Symbol.asyncIterator]();
    tracker.apply(trade("f1", "1"));
    await slow.next();
    for (const id of ["f2", "f3", "f4"]) tracker.apply(trade(id, "1"));
    await expect(slow.next()).rejects.toMatchObject({ code: "FILLS_DROPPED" });
    expect(order.executedAmount.toFixed()).toBe("4");
    await world.settle();
  });

  test("leaving the loop early leaves nothing behind", async () => {
    const { tracker } = scene();
    const order = tracker.startTracking(limitBuy());
    tracker.apply(trade("f1", "0.4"));
    for await (const fill of order.fills()) {
      expect(fill.amount.toFixed()).toBe("0.4");
      break;
    }
    tracker.apply(trade("f2", "0.6"));
    tracker.apply(orderUpdate("filled", { executedAmount: decimal("1") }));
    expect(order.state).toBe("filled");
  });
});
