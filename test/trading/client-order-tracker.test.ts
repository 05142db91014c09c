import { describe, expect, test } from "vitest";
import { decimal } from "../../src/model/decimal.ts";
import {
  InsufficientMarginError,
  JournalError,
  NotFoundError,
  OrderRejectedError,
  PerpwireError,
  TransportError,
  VenueUnavailableError,
} from "../../src/model/error.ts";
import type { InFlightOrder } from "../../src/trading/in-flight-order.ts";
import { limitBuy, orderUpdate, PAIR, START_MS, scene, shownOrder, startProcess, trade } from "./scene.ts";

const timedOut = new TransportError("timed out", { bytesMayHaveLeft: true });
const refused = new InsufficientMarginError("not enough margin");
const notFound = new NotFoundError("order not found");

describe("the life of an order", () => {
  test("created, filled in parts, completed: each fact is told once and in this order", () => {
    const { tracker, events, names } = scene();
    const order = tracker.startTracking(limitBuy());
    expect(order.state).toBe("pendingCreate");
    tracker.apply(orderUpdate("open"));
    expect(order.state).toBe("open");
    tracker.apply(trade("f1", "0.4"));
    expect(order.state).toBe("partiallyFilled");
    tracker.apply(trade("f2", "0.6"));
    tracker.apply(orderUpdate("filled", { executedAmount: decimal("1"), timestampMs: START_MS + 200 }));
    expect(order.state).toBe("filled");
    expect(names()).toEqual(["orderCreated", "orderFilled", "orderFilled", "orderCompleted"]);
    expect(events[0]?.event).toMatchObject({
      clientOrderId: "c1",
      exchangeOrderId: "e1",
      executedAmount: decimal("0"),
    });
    expect(events[3]?.event).toMatchObject({ executedAmount: decimal("1"), averagePrice: decimal("100") });
  });

  test("a repeated update and a repeated fill change nothing and tell nothing", () => {
    const { tracker, names } = scene();
    tracker.startTracking(limitBuy());
    for (let time = 0; time < 3; time += 1) {
      tracker.apply(orderUpdate("open"));
      tracker.apply(trade("f1", "0.4"));
    }
    expect(names()).toEqual(["orderCreated", "orderFilled"]);
    expect(tracker.apply(trade("f1", "0.4")).kind).toBe("unchanged");
    expect(tracker.orderByClientId("c1")?.executedAmount.toFixed()).toBe("0.4");
  });

  test("a fill is the first evidence: the order is created before it", () => {
    const { tracker, names } = scene();
    tracker.startTracking(limitBuy());
    tracker.apply(trade("f1", "1"));
    tracker.apply(orderUpdate("filled", { executedAmount: decimal("1") }));
    expect(names()).toEqual(["orderCreated", "orderFilled", "orderCompleted"]);
  });

  test("filled waits for its fills: the order is done when the ledger adds up", () => {
    const { tracker, names } = scene();
    const order = tracker.startTracking(limitBuy());
    tracker.apply(orderUpdate("filled", { executedAmount: decimal("1") }));
    expect(order.state).toBe("awaitingFills");
    expect(order.isAwaitingFills).toBe(true);
    expect(order.venueExecutedAmount.toFixed()).toBe("1");
    expect(order.executedAmount.toFixed()).toBe("0");
    tracker.apply(trade("f1", "0.4"));
    expect([order.isDone, order.state]).toEqual([false, "awaitingFills"]);
    tracker.apply(trade("f2", "0.6"));
    expect(order.state).toBe("filled");
    expect(names().at(-1)).toBe("orderCompleted");
  });

  test("filled without an executed amount means the whole amount", () => {
    const { tracker } = scene();
    const order = tracker.startTracking(limitBuy());
    tracker.apply(orderUpdate("filled"));
    tracker.apply(trade("f1", "0.9"));
    expect(order.isDone).toBe(false);
    tracker.apply(trade("f2", "0.1"));
    expect(order.state).toBe("filled");
  });

  test("fills that reach the whole amount prove no end: another hand may have made the order larger", async () => {
    const { tracker, names, world } = scene();
    const order = tracker.startTracking(limitBuy());
    tracker.apply(trade("f1", "1"));
    expect([order.state, order.isDone]).toEqual(["partiallyFilled", false]);
    await world.advance(1_000);
    expect(tracker.ordersOverdue(1_000)).toEqual([order]);
    tracker.apply(orderUpdate("partiallyFilled", { executedAmount: decimal("1"), order: shownOrder("3", "1") }));
    expect([order.state, order.amount.toFixed()]).toEqual(["partiallyFilled", "3"]);
    expect(tracker.ordersOverdue(0)).toEqual([]);
    tracker.apply(orderUpdate("filled", { executedAmount: decimal("3"), timestampMs: START_MS + 200 }));
    tracker.apply(trade("f2", "2"));
    expect(order.state).toBe("filled");
    expect(names().filter((name) => name === "orderCompleted")).toHaveLength(1);
  });

  test("an order that the venue no longer knows is filled when its fills reach the whole amount", () => {
    const { tracker, names } = scene();
    const order = tracker.startTracking(limitBuy());
    tracker.apply(trade("f1", "0.4"));
    expect(tracker.endFilledByFills("c1")).toBe(false);
    tracker.apply(trade("f2", "0.6"));
    expect(tracker.endFilledByFills("c1")).toBe(true);
    expect(order.state).toBe("filled");
    expect(names().at(-1)).toBe("orderCompleted");
  });

  test("a market order that is not told to have ended is due at once", async () => {
    const { tracker, world } = scene();
    const order = tracker.startTracking(limitBuy("c1", { type: "market", timeInForce: "IOC", price: undefined }));
    tracker.apply(orderUpdate("open"));
    expect(tracker.ordersOverdue(1_000)).toEqual([]);
    await world.advance(1_000);
    expect(tracker.ordersOverdue(1_000)).toEqual([order]);
    tracker.apply(orderUpdate("expired"));
    expect(tracker.ordersOverdue(0)).toEqual([]);
  });

  test("partly filled and then canceled is canceled, with what was executed", async () => {
    const { tracker, names } = scene();
    const order = tracker.startTracking(limitBuy());
    tracker.apply(orderUpdate("canceled", { executedAmount: decimal("0.4"), reason: "selfTrade" }));
    expect(order.isDone).toBe(false);
    tracker.apply(trade("f1", "0.4"));
    expect(order.state).toBe("canceled");
    expect(names()).toEqual(["orderCreated", "orderFilled", "orderCanceled"]);
    expect(await order.done).toMatchObject({ ok: true, state: "canceled", reason: "selfTrade" });
    expect((await order.done).executedAmount.toFixed()).toBe("0.4");
  });

  test("late and reordered messages do not move an order backwards", () => {
    const { tracker, names } = scene();
    const order = tracker.startTracking(limitBuy());
    tracker.apply(trade("f1", "1"));
    tracker.apply(orderUpdate("filled", { executedAmount: decimal("1") }));
    tracker.apply(orderUpdate("open", { timestampMs: START_MS + 50, executedAmount: decimal("0") }));
    tracker.apply(orderUpdate("partiallyFilled", { timestampMs: START_MS + 60, executedAmount: decimal("0.4") }));
    tracker.apply(orderUpdate("canceled", { timestampMs: START_MS + 500 }));
    expect(order.state).toBe("filled");
    expect(names()).toEqual(["orderCreated", "orderFilled", "orderCompleted"]);
  });

  test("the venue's executed total never goes down", () => {
    const { tracker } = scene();
    const order = tracker.startTracking(limitBuy());
    tracker.apply(orderUpdate("partiallyFilled", { executedAmount: decimal("0.4"), averagePrice: decimal("99") }));
    tracker.apply(orderUpdate("partiallyFilled", { executedAmount: decimal("0.2"), averagePrice: decimal("98") }));
    expect(order.venueExecutedAmount.toFixed()).toBe("0.4");
    expect(order.averagePrice?.toFixed()).toBe("99");
  });

  test("a late fill of an ended order is counted and told once", () => {
    const { tracker, names } = scene();
    const order = tracker.startTracking(limitBuy());
    tracker.apply(orderUpdate("canceled"));
    expect(order.state).toBe("canceled");
    tracker.apply(trade("late", "0.3"));
    tracker.apply(trade("late", "0.3"));
    expect(order.executedAmount.toFixed()).toBe("0.3");
    expect(order.state).toBe("canceled");
    expect(names()).toEqual(["orderCreated", "orderCanceled", "orderFilled"]);
  });

  test("fills that do not arrive are asked for after a while, and given up only on command", async () => {
    const { tracker, names, events, world } = scene({ fillsGraceMs: 1_000 });
    const order = tracker.startTracking(limitBuy());
    tracker.apply(orderUpdate("canceled", { executedAmount: decimal("0.4") }));
    await world.advance(999);
    expect(tracker.ordersMissingFills()).toEqual([]);
    await world.advance(1);
    expect(tracker.ordersMissingFills()).toEqual([order]);
    expect(tracker.endWithoutFills("c1")).toBe(true);
    expect(order.state).toBe("canceled");
    expect(order.executedAmount.toFixed()).toBe("0");
    expect(order.venueExecutedAmount.toFixed()).toBe("0.4");
    expect(order.missingAmount.toFixed()).toBe("0.4");
    await world.advance(10_000);
    expect(tracker.ordersMissingFills()).toEqual([]);
    expect(tracker.endWithoutFills("c1")).toBe(false);
    expect(names()).toEqual(["orderCreated", "orderCanceled"]);
    expect(events.at(-1)?.event).toMatchObject({ missingAmount: decimal("0.4") });
  });

  test("missing fills are noticed on a live order as well", async () => {
    const { tracker, world } = scene();
    const order = tracker.startTracking(limitBuy());
    tracker.apply(orderUpdate("partiallyFilled", { executedAmount: decimal("0.4") }));
    await world.advance(60_000);
    expect(tracker.ordersMissingFills()).toEqual([order]);
    tracker.apply(trade("f1", "0.4"));
    expect(tracker.ordersMissingFills()).toEqual([]);
  });

  test("an order that expires says so", async () => {
    const { tracker, names } = scene();
    const order = tracker.startTracking(limitBuy());
    tracker.apply(orderUpdate("expired", { reason: "iocRemainder" }));
    expect(names()).toEqual(["orderCreated", "orderExpired"]);
    expect(await order.done).toMatchObject({ ok: true, state: "expired", reason: "iocRemainder" });
  });

  test("the venue's smaller amount counts: a reduce-only order is cut to the position", () => {
    const { tracker } = scene();
    const order = tracker.startTracking(limitBuy());
    tracker.apply(orderUpdate("open", { order: shownOrder("0.4") }));
    expect(order.amount.toFixed()).toBe("0.4");
    tracker.apply(trade("f1", "0.4"));
    tracker.apply(orderUpdate("canceled", { executedAmount: decimal("0.4"), timestampMs: START_MS + 200 }));
    expect(order.state).toBe("filled");
  });

  test("terms of a message that the answer to the request overtook do not count", () => {
    const { tracker } = scene();
    const order = tracker.startTracking(limitBuy());
    const shown = (state: "open" | "filled", amount: string, executed: string) =>
      orderUpdate(state, {
        executedAmount: decimal(executed),
        order: {
          tradingPair: PAIR,
          exchangeOrderId: "e1",
          side: "buy",
          type: "limit",
          price: decimal("100"),
          amount: decimal(amount),
          executedAmount: decimal(executed),
          reduceOnly: true,
          state,
          timestampMs: START_MS + 100,
        },
      });
    tracker.apply(shown("filled", "0.4", "0.4"));
    tracker.apply(shown("open", "1", "0"));
    tracker.apply(trade("f1", "0.4"));
    expect(order.state).toBe("filled");
    expect(order.amount.toFixed()).toBe("0.4");
  });
});

describe("refusals and doubts", () => {
  test("a definite refusal makes the order failed", async () => {
    const { tracker, names, events } = scene();
    const order = tracker.startTracking(limitBuy());
    expect(tracker.fail("c1", refused)).toBe(true);
    expect(order.state).toBe("failed");
    expect(names()).toEqual(["orderFailed"]);
    expect(events[0]?.event.error).toBe(refused);
    expect(await order.accepted).toEqual({ ok: false, error: refused });
    expect(await order.done).toMatchObject({ ok: false, state: "failed", error: refused });
    expect(tracker.fail("c1", refused)).toBe(false);
  });

  test("evidence of existence beats any refusal that comes later", () => {
    const { tracker, names } = scene();
    const order = tracker.startTracking(limitBuy());
    tracker.apply(orderUpdate("open"));
    expect(tracker.fail("c1", refused)).toBe(false);
    expect(order.state).toBe("open");
    expect(names()).toEqual(["orderCreated"]);
  });

  test("evidence of existence beats a refusal that came first", () => {
    const { tracker, names } = scene();
    const order = tracker.startTracking(limitBuy());
    tracker.fail("c1", refused);
    tracker.apply(trade("f1", "0.4"));
    expect(order.state).toBe("partiallyFilled");
    expect(tracker.activeOrders).toEqual([order]);
    tracker.apply(orderUpdate("canceled", { executedAmount: decimal("0.4") }));
    expect(names()).toEqual(["orderFailed", "orderCreated", "orderFilled", "orderCanceled"]);
  });

  test("an error that proves nothing only makes the order unknown, however it is reported", () => {
    const { tracker, names } = scene();
    const order = tracker.startTracking(limitBuy());
    expect(tracker.fail("c1", new VenueUnavailableError("503"))).toBe(false);
    expect(order.state).toBe("unknown");
    tracker.markUnknown("c1", timedOut);
    expect(names()).toEqual(["orderUnknown"]);
    expect(tracker.unknownOrders).toEqual([order]);
    expect(tracker.activeOrders).toEqual([order]);
  });

  test("a lost answer is ignored when the stream has shown the order", () => {
    const { tracker, names } = scene();
    const order = tracker.startTracking(limitBuy());
    tracker.apply(orderUpdate("open"));
    expect(tracker.markUnknown("c1", timedOut)).toBe(false);
    expect(order.state).toBe("open");
    expect(names()).toEqual(["orderCreated"]);
  });

  test("an unknown order ends as failed only on a definite refusal", () => {
    const { tracker, names } = scene();
    const order = tracker.startTracking(limitBuy());
    tracker.markUnknown("c1", timedOut);
    tracker.fail("c1", notFound);
    expect(order.state).toBe("failed");
    expect(names()).toEqual(["orderUnknown", "orderFailed"]);
  });

  test("a lost order is reported, still watched, and comes back with evidence", async () => {
    const { tracker, names } = scene();
    const order = tracker.startTracking(limitBuy());
    tracker.markUnknown("c1", timedOut);
    tracker.markLost("c1", timedOut);
    expect(tracker.markLost("c1", timedOut)).toBe(false);
    expect(order.state).toBe("lost");
    expect(tracker.lostOrders).toEqual([order]);
    expect(tracker.activeOrders).toEqual([]);
    const result = await order.done;
    expect(result).toMatchObject({ ok: false, state: "lost", error: { code: "ORDER_LOST", outcome: "unknown" } });
    expect(await order.accepted).toMatchObject({ ok: false, error: { outcome: "unknown" } });
    tracker.apply(orderUpdate("open"));
    expect(order.state).toBe("open");
    tracker.apply(trade("f1", "1"));
    tracker.apply(orderUpdate("filled", { executedAmount: decimal("1") }));
    expect(names()).toEqual(["orderUnknown", "orderLost", "orderCreated", "orderFilled", "orderCompleted"]);
  });

  test("an order that the venue showed and then does not know is unknown again, not gone", () => {
    const { tracker } = scene();
    const order = tracker.startTracking(limitBuy());
    tracker.apply(orderUpdate("open"));
    expect(tracker.markMissing("c1", notFound)).toBe(true);
    expect(order.state).toBe("unknown");
    tracker.apply(orderUpdate("open", { timestampMs: START_MS + 300 }));
    expect(order.state).toBe("open");
  });

  test("a rejection in the venue's own words ends the order without creating it", async () => {
    const { tracker, names } = scene();
    const order = tracker.startTracking(limitBuy());
    tracker.apply(orderUpdate("failed", { reason: "postOnly" }));
    expect(order.state).toBe("failed");
    expect(order.reason).toBe("postOnly");
    expect(names()).toEqual(["orderFailed"]);
    const result = await order.done;
    expect(result.ok === false && result.error).toBeInstanceOf(OrderRejectedError);
  });

  test("an order that traded did not fail: it is canceled", () => {
    const { tracker, names } = scene();
    const order = tracker.startTracking(limitBuy());
    tracker.apply(trade("f1", "0.4"));
    tracker.apply(orderUpdate("failed", { executedAmount: decimal("0.4") }));
    expect(order.state).toBe("canceled");
    expect(names()).toEqual(["orderCreated", "orderFilled", "orderCanceled"]);
  });
});

describe("cancels", () => {
  function openOrder() {
    const due: InFlightOrder[] = [];
    const all = scene({ onCancelDue: (order) => due.push(order) });
    const order = all.tracker.startTracking(limitBuy());
    return { ...all, order, due };
  }

  test("a sent cancel makes the order pendingCancel until the venue confirms it", () => {
    const { tracker, order } = openOrder();
    tracker.apply(orderUpdate("open"));
    expect(tracker.cancels.request("c1")).toBe("send");
    tracker.cancels.sent("c1");
    expect(order.state).toBe("pendingCancel");
    expect(tracker.cancels.request("c1")).toBe("underWay");
    tracker.apply(orderUpdate("canceled", { timestampMs: START_MS + 300 }));
    expect(order.state).toBe("canceled");
    expect(order.reason).toBe("user");
    expect(tracker.cancels.request("c1")).toBe("ended");
  });

  test("a definite refusal takes the order back to where it was", () => {
    const { tracker, order } = openOrder();
    tracker.apply(trade("f1", "0.4"));
    tracker.cancels.request("c1");
    tracker.cancels.sent("c1");
    tracker.cancels.refused("c1", notFound);
    expect(order.state).toBe("partiallyFilled");
    expect(tracker.cancels.pendingOrders()).toEqual([]);
  });

  test("a cancel whose answer was lost stays pendingCancel and is to be sent again", () => {
    const { tracker, order } = openOrder();
    tracker.apply(orderUpdate("open"));
    tracker.cancels.request("c1");
    tracker.cancels.sent("c1");
    tracker.cancels.refused("c1", timedOut);
    expect(order.state).toBe("pendingCancel");
    expect(tracker.cancels.pendingOrders()).toEqual([order]);
    tracker.apply(trade("f1", "1"));
    tracker.apply(orderUpdate("filled", { executedAmount: decimal("1") }));
    expect(order.state).toBe("filled");
    expect(tracker.cancels.pendingOrders()).toEqual([]);
  });

  test("a cancel before the order appears is remembered and due when it does", () => {
    const { tracker, order, due } = openOrder();
    expect(tracker.cancels.request("c1")).toBe("remembered");
    expect(tracker.cancels.pendingOrders()).toEqual([]);
    tracker.apply(orderUpdate("open"));
    expect(due).toEqual([order]);
  });

  test("a cancel of an unknown order survives a refusal and is due again when the order appears", () => {
    const { tracker, order, due } = openOrder();
    tracker.markUnknown("c1", timedOut);
    expect(tracker.cancels.request("c1")).toBe("send");
    tracker.cancels.sent("c1");
    tracker.cancels.refused("c1", notFound);
    expect(order.state).toBe("unknown");
    expect(tracker.cancels.pendingOrders()).toEqual([order]);
    tracker.apply(orderUpdate("open"));
    expect(due).toEqual([order]);
  });

  test("a lost order can still be canceled", () => {
    const { tracker, order } = openOrder();
    tracker.markLost("c1");
    expect(tracker.cancels.request("c1")).toBe("send");
    tracker.cancels.sent("c1");
    tracker.apply(orderUpdate("canceled"));
    expect(order.state).toBe("canceled");
  });

  test("an order that ends before its remembered cancel is not canceled again", () => {
    const { tracker, due } = openOrder();
    tracker.cancels.request("c1");
    tracker.apply(orderUpdate("filled", { executedAmount: decimal("1") }));
    tracker.apply(trade("f1", "1"));
    expect(due).toEqual([]);
  });
});

describe("amends that change the order in place", () => {
  function opened(options: Parameters<typeof scene>[0] = {}) {
    const all = scene(options);
    const order = all.tracker.startTracking(limitBuy());
    all.tracker.apply(orderUpdate("open", { order: shownOrder("1") }));
    const amend = (price: string, amount = "1") => {
      const terms = { price: decimal(price), amount: decimal(amount) };
      const { sequence = 0 } = all.tracker.amends.requested("c1", terms, false) ?? {};
      all.tracker.amends.sent("c1", sequence, terms);
      return sequence;
    };
    const row = (price: string, atMs: number, amount = "1", executed = "0") =>
      orderUpdate("open", {
        timestampMs: START_MS + atMs,
        executedAmount: decimal(executed),
        order: shownOrder(amount, executed, price),
      });
    return { ...all, order, amend, row };
  }
  const acknowledged = { exchangeOrderId: "e1" };

  test("an acknowledgement is no acceptance: the terms are the asked ones when a row shows them", () => {
    const { tracker, order, amend, row, names } = opened();
    const first = amend("101", "2");
    expect([order.price?.toFixed(), order.targetPrice?.toFixed()]).toEqual(["100", "101"]);
    expect([order.amount.toFixed(), order.targetAmount.toFixed(), order.openAmount.toFixed()]).toEqual(["1", "2", "2"]);
    tracker.amends.answered("c1", first, acknowledged);
    expect([order.price?.toFixed(), order.targetPrice?.toFixed()]).toEqual(["100", "101"]);
    expect(tracker.amends.pendingOrders()).toEqual([order]);
    tracker.apply(row("101", 200, "2"));
    expect([order.price?.toFixed(), order.amount.toFixed()]).toEqual(["101", "2"]);
    expect(tracker.amends.pendingOrders()).toEqual([]);
    expect(names()).toEqual(["orderCreated", "orderAmended"]);
  });

  // Binance, hell, seed 128: the venue ends an order of which less is asked for than is filled, and answers with success.
  test("an answer that ends the order at other terms says that the amend was not done", () => {
    const { tracker, amend, row, names } = opened();
    const ended = (price: string, amount: string) => ({
      ...row(price, 200, amount, "0.6"),
      state: "canceled" as const,
    });
    const answer = (price: string, amount: string) => ({ ...acknowledged, update: ended(price, amount) });
    expect(tracker.amends.answered("c1", amend("101", "0.5"), answer("100", "1"))?.message).toContain("in place of");
    expect(tracker.amends.of("c1")).toEqual([]);
    expect(names()).toEqual(["orderCreated"]);
    // The stream was first: the order has ended, and told that the amend was not done.
    const late = opened();
    const sequence = late.amend("101", "0.5");
    late.tracker.apply(trade("f1", "0.6"));
    late.tracker.apply(ended("100", "1"));
    const asked = { price: decimal("101"), amount: decimal("0.5") };
    expect(late.tracker.amends.answered("c1", sequence, answer("100", "1"), asked)?.message).toContain("in place of");
    expect(late.names()).toContain("orderAmendFailed");
    const done = opened();
    expect(done.tracker.amends.answered("c1", done.amend("101", "0.9"), answer("101", "0.8"))).toBeUndefined();
    const resting = opened();
    expect(resting.tracker.amends.answered("c1", resting.amend("101"), { update: row("100", 200) })).toBeUndefined();
  });

  test("answers that arrive out of order leave the last word to the venue's time", () => {
    const { tracker, order, amend, row } = opened();
    const [first, second] = [amend("101"), amend("102")];
    tracker.amends.answered("c1", second, { ...acknowledged, update: row("102", 300) });
    tracker.amends.answered("c1", first, { ...acknowledged, update: row("101", 200) });
    expect([order.price?.toFixed(), order.targetPrice?.toFixed()]).toEqual(["102", "102"]);
    expect(tracker.amends.pendingOrders()).toEqual([]);
  });

  test("of rows of one millisecond the later one of the stream counts, and the answer to the later amend", () => {
    const { tracker, order, amend, row } = opened();
    const [first, second] = [amend("101"), amend("102")];
    tracker.amends.answered("c1", second, { ...acknowledged, update: row("102", 300) });
    tracker.amends.answered("c1", first, { ...acknowledged, update: row("101", 300) });
    expect(order.price?.toFixed()).toBe("102");
    tracker.apply(row("101", 300));
    tracker.apply(row("102", 300));
    expect(order.price?.toFixed()).toBe("102");
  });

  test("of rows of one millisecond the one that shows more executed, or the end, is the later one", () => {
    const { tracker, order, row } = opened();
    tracker.apply(row("100", 300, "1.1"));
    // Binance, hell, seeds 82 and 89: an order that only reduces was cut, and filled, within one millisecond.
    const answer = { kind: "answer", amend: 0 } as const;
    tracker.apply(row("100", 300, "0.9", "0.4"), answer);
    expect(order.amount.toFixed()).toBe("0.9");
    tracker.apply(orderUpdate("filled", { ...row("100", 300, "0.8", "0.4"), state: "filled" }), answer);
    expect(order.amount.toFixed()).toBe("0.8");
    tracker.apply(row("100", 300, "1.1"), answer);
    expect(order.amount.toFixed()).toBe("0.8");
  });

  test("the answer to one amend says nothing of the next", () => {
    const { tracker, order, amend } = opened();
    const [first, second] = [amend("101"), amend("102")];
    tracker.amends.answered("c1", first, acknowledged);
    tracker.amends.refused("c1", first);
    expect([order.targetPrice?.toFixed(), tracker.amends.of("c1").map(({ sequence }) => sequence)]).toEqual([
      "102",
      [second],
    ]);
    tracker.amends.refused("c1", second);
    expect(order.targetPrice?.toFixed()).toBe("100");
  });

  test("a refusal on the order's row ends the amend that it names, and is told", () => {
    const { tracker, order, amend, row, events } = opened();
    const [first, second] = [amend("101"), amend("102")];
    for (const sequence of [first, second]) tracker.amends.answered("c1", sequence, acknowledged);
    const amendRefusal = { clientOrderId: "c1-a1", reason: "too late" };
    tracker.apply({ ...row("100", 200), amendRefusal });
    expect(tracker.amends.of("c1").map(({ sequence }) => sequence)).toEqual([second]);
    expect(order.targetPrice?.toFixed()).toBe("102");
    expect(events.at(-1)).toMatchObject({
      name: "orderAmendFailed",
      event: { asked: { price: decimal("101") }, error: { message: "too late" } },
    });
  });

  test("an amend that came too late is told with the order's end", () => {
    const { tracker, order, amend, names } = opened();
    tracker.amends.answered("c1", amend("101", "2"), acknowledged);
    tracker.apply(trade("f1", "1"));
    expect(order.isDone).toBe(false);
    tracker.apply(orderUpdate("filled", { executedAmount: decimal("1"), timestampMs: START_MS + 300 }));
    expect([order.state, order.amount.toFixed()]).toEqual(["filled", "1"]);
    expect(names()).toEqual(["orderCreated", "orderFilled", "orderAmendFailed", "orderCompleted"]);
  });

  test("what was acknowledged and lost against a fill leaves the order open with what rests", () => {
    const { tracker, order, amend, row } = opened();
    tracker.amends.answered("c1", amend("100", "0.6"), acknowledged);
    tracker.apply(trade("f1", "0.6"));
    tracker.apply(row("100", 300, "1", "0.6"));
    expect([order.state, order.amount.toFixed(), order.openAmount.toFixed()]).toEqual(["partiallyFilled", "1", "0.4"]);
  });

  test("a poll corrects terms that another hand changed while the stream was silent", () => {
    const { tracker, order, row, runtime } = opened();
    tracker.apply(row("99", 400, "3"), { kind: "poll", askedMs: runtime.clock.monotonic() });
    expect([order.price?.toFixed(), order.amount.toFixed()]).toEqual(["99", "3"]);
    tracker.apply(row("100", 300, "1"), { kind: "poll", askedMs: runtime.clock.monotonic() });
    expect(order.price?.toFixed()).toBe("99");
  });

  test("of one millisecond a poll counts only when it was asked after the last word", async () => {
    const { tracker, order, row, world, runtime } = opened();
    const askedMs = runtime.clock.monotonic();
    await world.advance(10);
    tracker.apply(row("101", 300));
    tracker.apply(row("100", 300), { kind: "poll", askedMs });
    expect(order.price?.toFixed()).toBe("101");
    tracker.apply(row("102", 300), { kind: "poll", askedMs: runtime.clock.monotonic() });
    expect(order.price?.toFixed()).toBe("102");
  });

  test("numbers of amends are never used again, not even by a later process", () => {
    const { tracker, amend, world } = opened();
    tracker.amends.refused("c1", amend("101"));
    world.kill("main");
    const next = startProcess(world.runtime());
    expect(next.tracker.amends.requested("c1", { price: decimal("102") }, false)?.clientOrderId).toBe("c1-a2");
  });

  test("an amend under way when the process was killed is unconfirmed in the next", () => {
    const { amend, world } = opened();
    amend("101");
    world.kill("main");
    const next = startProcess(world.runtime());
    expect(next.tracker.amends.of("c1")).toMatchObject([{ sequence: 1, progress: "unconfirmed" }]);
  });
});

describe("amends that replace the order", () => {
  function opened(options: Parameters<typeof scene>[0] = {}) {
    const all = scene(options);
    const order = all.tracker.startTracking(limitBuy());
    all.tracker.apply(orderUpdate("open", { order: shownOrder("1") }));
    const amend = (price: string, amount = "1") => {
      const terms = { price: decimal(price), amount: decimal(amount) };
      const { sequence = 0 } = all.tracker.amends.requested("c1", terms, true) ?? {};
      all.tracker.amends.sent("c1", sequence, terms);
      return sequence;
    };
    const leg = (id: string, state: "open" | "canceled" | "filled", amount: string, executed = "0", price = "101") =>
      orderUpdate(state, {
        clientOrderId: undefined,
        exchangeOrderId: id,
        executedAmount: decimal(executed),
        order: { ...shownOrder(amount, executed, price), exchangeOrderId: id },
      });
    return { ...all, order, amend, leg };
  }

  test("make a chain of exchange ids; the end of a replaced leg is not the order's", () => {
    const { tracker, order, amend, leg, names } = opened();
    tracker.apply(trade("f1", "0.4"));
    const first = amend("101");
    tracker.apply(leg("e1", "canceled", "1", "0.4", "100"));
    expect([order.isDone, order.state]).toEqual([false, "partiallyFilled"]);
    tracker.amends.answered("c1", first, { exchangeOrderId: "e2", update: leg("e2", "open", "0.6") });
    expect([order.exchangeOrderIds, order.exchangeOrderId]).toEqual([["e1", "e2"], "e2"]);
    expect([order.price?.toFixed(), order.amount.toFixed(), order.openAmount.toFixed()]).toEqual(["101", "1", "0.6"]);
    tracker.apply(trade("f1", "0.6", { clientOrderId: undefined, exchangeOrderId: "e2" }));
    expect(order.isDone).toBe(false);
    tracker.apply(leg("e2", "filled", "0.6", "0.6"));
    expect([order.state, order.amount.toFixed()]).toEqual(["filled", "1"]);
    expect(names()).toEqual(["orderCreated", "orderFilled", "orderAmended", "orderFilled", "orderCompleted"]);
  });

  test("a leg that comes on the stream before the answer, or after it was given up, is the order's", () => {
    const { tracker, order, amend, leg } = opened();
    const first = amend("101");
    tracker.apply({ ...leg("e2", "open", "1"), clientOrderId: "c1-a1" });
    expect([order.exchangeOrderId, tracker.amends.pendingOrders()]).toEqual(["e2", []]);
    tracker.amends.answered("c1", first, { exchangeOrderId: "e2", update: leg("e2", "open", "1") });
    const second = amend("102");
    tracker.amends.unconfirmed("c1", second);
    tracker.amends.expired("c1", second);
    tracker.apply({ ...leg("e3", "open", "1", "0", "102"), clientOrderId: "c1-a2" });
    expect([order.exchangeOrderId, order.price?.toFixed()]).toEqual(["e3", "102"]);
  });

  test("an order that was filled before its replacement was refused is filled, with its own amount", () => {
    const { tracker, order, amend, leg, names } = opened();
    tracker.amends.answered("c1", amend("101"), { exchangeOrderId: "e2", update: leg("e2", "open", "1") });
    tracker.apply(trade("f1", "1"));
    expect(order.isDone).toBe(false);
    tracker.apply(leg("e2", "canceled", "1"));
    tracker.apply(leg("e1", "filled", "1", "1", "100"));
    expect([order.state, order.amount.toFixed()]).toEqual(["filled", "1"]);
    expect(names().at(-1)).toBe("orderCompleted");
  });

  test("a leg that traded while it was replaced makes the order larger, and it is not over before its replacement is", () => {
    const { tracker, order, amend, leg } = opened();
    const first = amend("101");
    tracker.apply(trade("f1", "0.4"));
    tracker.amends.answered("c1", first, { exchangeOrderId: "e2", update: leg("e2", "open", "1") });
    tracker.apply(leg("e1", "canceled", "1", "0.4", "100"));
    expect([order.amount.toFixed(), order.openAmount.toFixed()]).toEqual(["1.4", "1"]);
    tracker.apply(trade("f2", "1", { clientOrderId: undefined, exchangeOrderId: "e2" }));
    tracker.apply(leg("e2", "filled", "1", "1"));
    expect([order.state, order.executedAmount.toFixed()]).toEqual(["filled", "1.4"]);
  });

  test("an end that arrives while an amend is under way is provisional until the amend's fate is known", () => {
    const { tracker, order, amend, leg } = opened();
    const first = amend("101");
    tracker.apply(leg("e1", "canceled", "1", "0", "100"));
    expect(order.isDone).toBe(false);
    tracker.amends.unconfirmed("c1", first);
    expect(order.isDone).toBe(false);
    tracker.amends.expired("c1", first);
    expect(order.state).toBe("canceled");
  });

  test("a cancel between the old leg's end and the new one's appearance is kept and goes to the new one", () => {
    const due: InFlightOrder[] = [];
    const { tracker, order, amend, leg } = opened({ onCancelDue: (each) => due.push(each) });
    const first = amend("101");
    tracker.apply(leg("e1", "canceled", "1", "0", "100"));
    expect(tracker.cancels.request("c1")).toBe("remembered");
    expect(tracker.cancels.pendingOrders()).toEqual([]);
    tracker.amends.answered("c1", first, { exchangeOrderId: "e2", update: leg("e2", "open", "1") });
    expect(due).toEqual([order]);
    expect(order.reference().exchangeOrderId).toBe("e2");
  });

  test("a cancel that went to a leg which was being replaced is due again for its replacement", () => {
    const due: InFlightOrder[] = [];
    const { tracker, order, amend, leg } = opened({ onCancelDue: (each) => due.push(each) });
    const first = amend("101");
    expect(tracker.cancels.request("c1")).toBe("send");
    tracker.cancels.sent("c1");
    expect(tracker.cancels.refused("c1", notFound)).toBe(false);
    tracker.amends.answered("c1", first, { exchangeOrderId: "e2", update: leg("e2", "open", "1") });
    expect(due).toEqual([order]);
  });

  test("a replaced leg whose end is not told is due to be asked for", async () => {
    const { tracker, order, amend, leg, world } = opened();
    tracker.amends.answered("c1", amend("101"), { exchangeOrderId: "e2", update: leg("e2", "open", "1") });
    await world.advance(1_000);
    expect(tracker.ordersOverdue(1_000)).toEqual([order]);
    expect(order.openReferences().map(({ exchangeOrderId }) => exchangeOrderId)).toEqual(["e1", "e2"]);
    tracker.apply(leg("e1", "canceled", "1", "0", "100"));
    expect(tracker.ordersOverdue(0)).toEqual([]);
  });

  test("a chain of any length keeps its amounts and stays small", () => {
    const { tracker, order, amend, leg } = opened();
    tracker.apply(trade("f1", "0.1"));
    tracker.apply(leg("e1", "open", "1", "0.1", "100"));
    for (let count = 1; count <= 200; count += 1) {
      const [old, made] = [`e${count}`, `e${count + 1}`];
      const sequence = amend(String(100 + count));
      tracker.apply(leg(old, "canceled", count === 1 ? "1" : "0.9", count === 1 ? "0.1" : "0"));
      tracker.amends.answered("c1", sequence, { exchangeOrderId: made, update: leg(made, "open", "0.9") });
    }
    expect([order.amount.toFixed(), order.openAmount.toFixed()]).toEqual(["1", "0.9"]);
    expect(order.exchangeOrderIds.length).toBeLessThan(50);
    expect(tracker.orderByExchangeId(PAIR, "e201")).toBe(order);
  });
});

describe("an order that a poll lists as open after it has ended", () => {
  test("is looked at again, and is open when a second answer says so", async () => {
    const { tracker, world, runtime } = scene();
    const order = tracker.startTracking(limitBuy());
    tracker.apply(orderUpdate("canceled"));
    expect(order.state).toBe("canceled");
    const early = { kind: "poll", askedMs: runtime.clock.monotonic() - 1 } as const;
    const listed = orderUpdate("open", { order: shownOrder("1"), timestampMs: START_MS + 500 });
    expect(tracker.apply(listed, early).kind).toBe("unchanged");
    await world.advance(10);
    const soon = { kind: "poll", askedMs: runtime.clock.monotonic() } as const;
    expect(tracker.apply(listed, soon).kind).toBe("contradicted");
    // A copy of the venue's books that is behind answers as one that is right.
    expect(tracker.apply(listed, { ...soon, isSecondLook: true }).kind).toBe("contradicted");
    expect(order.state).toBe("canceled");
    await world.advance(5_000);
    tracker.apply(listed, { kind: "poll", askedMs: runtime.clock.monotonic(), isSecondLook: true });
    expect([order.state, tracker.activeOrders]).toEqual(["open", [order]]);
  });
});

describe("an order that is called back before anything of it was sent", () => {
  test("is canceled by the user, for certain, and was never accepted", async () => {
    const { tracker, names } = scene();
    const order = tracker.startTracking(limitBuy());
    expect(tracker.withdraw("c1")).toBe(true);
    expect([order.state, order.reason]).toEqual(["canceled", "user"]);
    expect(await order.done).toMatchObject({ ok: true, state: "canceled", reason: "user" });
    expect(await order.accepted).toMatchObject({ ok: false, error: { code: "NOT_SENT", outcome: "definite" } });
    expect(names()).toEqual(["orderCanceled"]);
    expect(tracker.withdraw("c1")).toBe(false);
  });
});

describe("updates that name only an exchange order id", () => {
  const anonymous = { clientOrderId: undefined };

  test("are parked until their order is known and then applied after its creation", () => {
    const { tracker, names } = scene();
    tracker.startTracking(limitBuy());
    expect(tracker.apply(trade("f1", "0.4", anonymous)).kind).toBe("parked");
    expect(names()).toEqual([]);
    tracker.apply(orderUpdate("open"));
    expect(names()).toEqual(["orderCreated", "orderFilled"]);
    expect(tracker.orderByExchangeId(PAIR, "e1")?.executedAmount.toFixed()).toBe("0.4");
  });

  test("what onFill returns is called before the event of every fill, the parked ones too", () => {
    const seen: string[] = [];
    const { tracker } = scene({
      onFill: (fill) => () => void seen.push(`onFill ${fill.fillId}`),
      emit: (name, event) => name === "orderFilled" && seen.push(`event ${"fillId" in event ? event.fillId : ""}`),
    });
    tracker.startTracking(limitBuy());
    tracker.apply(trade("f1", "0.4", anonymous));
    tracker.apply(trade("f2", "0.1"));
    expect(seen).toEqual(["onFill f1", "event f1", "onFill f2", "event f2"]);
  });

  test("the same fill parked and then named is counted once", () => {
    const { tracker, names } = scene();
    const order = tracker.startTracking(limitBuy());
    tracker.apply(trade("f1", "0.4", anonymous));
    tracker.apply(trade("f1", "0.4"));
    expect(order.executedAmount.toFixed()).toBe("0.4");
    expect(names()).toEqual(["orderCreated", "orderFilled"]);
  });

  test("are external at once when no order waits for a name", () => {
    const { tracker } = scene();
    tracker.startTracking(limitBuy());
    tracker.apply(orderUpdate("open"));
    expect(tracker.apply(trade("x", "1", { clientOrderId: undefined, exchangeOrderId: "other" })).kind).toBe(
      "external",
    );
    expect(tracker.apply(orderUpdate("open", { clientOrderId: "somebody", exchangeOrderId: "e9" })).kind).toBe(
      "external",
    );
  });

  test("an exchange order id of another market is another order", () => {
    const { tracker } = scene();
    const order = tracker.startTracking(limitBuy());
    tracker.apply(trade("f0", "9", { clientOrderId: undefined, tradingPair: "ETH-USD" }));
    tracker.apply(orderUpdate("open"));
    expect(tracker.apply(trade("f1", "1", { clientOrderId: undefined, tradingPair: "ETH-USD" })).kind).toBe("external");
    expect(order.executedAmount.toFixed()).toBe("0");
  });

  test("that nobody claims can be taken out after a while", async () => {
    const { tracker, world } = scene();
    tracker.startTracking(limitBuy());
    const update = trade("f1", "0.4", { clientOrderId: undefined, exchangeOrderId: "other" });
    tracker.apply(update);
    await world.advance(1_000);
    expect(tracker.takeParked(2_000)).toEqual([]);
    expect(tracker.takeParked(1_000)).toEqual([update]);
    expect(tracker.takeParked(0)).toEqual([]);
  });

  test("are bounded: the oldest is given up with a word", () => {
    const dropped: string[] = [];
    const { tracker } = scene({
      maxParkedUpdates: 2,
      onParkedOverflow: (update) => dropped.push(update.exchangeOrderId),
    });
    tracker.startTracking(limitBuy());
    for (const id of ["x1", "x2", "x3"])
      tracker.apply(trade("f", "1", { clientOrderId: undefined, exchangeOrderId: id }));
    expect(dropped).toEqual(["x1"]);
  });
});

describe("listeners", () => {
  test("may call the tracker: what follows from it is told after what is still to be told", () => {
    const told: string[] = [];
    const { tracker } = scene({
      emit: (name, event) => {
        told.push(`${name} ${"clientOrderId" in event ? event.clientOrderId : ""}`);
        if (name === "orderCreated" && told.length === 1) {
          tracker.startTracking(limitBuy("c2"));
          tracker.fail("c2", refused);
        }
      },
    });
    tracker.startTracking(limitBuy());
    // The fill waits for its order, so that one unit tells all three facts.
    tracker.apply(trade("f1", "1", { clientOrderId: undefined }));
    tracker.apply(orderUpdate("filled", { executedAmount: decimal("1") }));
    expect(told).toEqual(["orderCreated c1", "orderFilled c1", "orderCompleted c1", "orderFailed c2"]);
  });

  test("hear of a fact only when the journal has it", () => {
    const { tracker, journal } = scene({
      emit: (name) => {
        if (name === "orderFilled") expect(journal.hasFill(`${PAIR}|e1|f1`)).toBe(true);
      },
    });
    tracker.startTracking(limitBuy());
    tracker.apply(trade("f1", "1"));
    tracker.apply(orderUpdate("filled", { executedAmount: decimal("1") }));
    expect.assertions(1);
  });
});

describe("keeping and forgetting", () => {
  test("ended orders are kept for a while, then forgotten; their fills are still known", async () => {
    const { tracker, world, ledger, store } = scene({ doneOrderRetentionMs: 1_000 });
    tracker.startTracking(limitBuy());
    tracker.apply(trade("f1", "1"));
    tracker.apply(orderUpdate("filled", { executedAmount: decimal("1") }));
    expect(tracker.doneOrders).toHaveLength(1);
    await world.advance(999);
    tracker.prune();
    expect(tracker.doneOrders).toHaveLength(1);
    await world.advance(1);
    tracker.prune();
    expect(tracker.doneOrders).toHaveLength(0);
    expect(ledger.size).toBe(0);
    expect(store.entries("test_perpetual.a1.orders")).toEqual([]);
    expect(store.entries("test_perpetual.a1.fills")).toEqual([]);
    expect(tracker.apply(trade("f1", "1")).kind).toBe("unchanged");
  });

  test("their number is bounded, the oldest go first", () => {
    const { tracker } = scene({ maxDoneOrders: 2 });
    for (const id of ["c1", "c2", "c3"]) {
      tracker.startTracking(limitBuy(id));
      tracker.apply(orderUpdate("canceled", { clientOrderId: id, exchangeOrderId: `e-${id}` }));
    }
    expect(tracker.doneOrders.map((order) => order.clientOrderId)).toEqual(["c2", "c3"]);
    expect(tracker.orderByClientId("c1")).toBeUndefined();
    expect(tracker.orderByExchangeId(PAIR, "e-c1")).toBeUndefined();
  });

  test("one whose fills are being asked for is kept beyond their number, until its time is over", async () => {
    const { tracker, world } = scene({ maxDoneOrders: 1, doneOrderRetentionMs: 1_000 });
    tracker.startTracking(limitBuy());
    tracker.apply(trade("f1", "1"));
    tracker.apply(orderUpdate("filled", { executedAmount: decimal("1") }));
    tracker.apply(orderUpdate("filled", { executedAmount: decimal("1.5") }));
    tracker.apply(trade("f0", "0.1"));
    for (const id of ["c2", "c3"]) {
      tracker.startTracking(limitBuy(id));
      tracker.apply(orderUpdate("canceled", { clientOrderId: id, exchangeOrderId: `e-${id}` }));
    }
    expect(tracker.doneOrders.map((order) => order.clientOrderId)).toEqual(["c1", "c3"]);
    expect(tracker.apply(trade("f2", "0.4")).kind).toBe("applied");
    await world.advance(1_000);
    tracker.prune();
    expect(tracker.doneOrders).toEqual([]);
  });

  test("an order that cannot be journalled is not tracked and must not be sent", () => {
    const { tracker, world, ledger } = scene();
    world.journals.failWrites();
    expect(() => tracker.startTracking(limitBuy())).toThrow(JournalError);
    expect(tracker.activeOrders).toEqual([]);
    expect(ledger.size).toBe(0);
  });

  test("orders that were sent go on when the journal breaks", () => {
    const { tracker, world, names } = scene();
    const order = tracker.startTracking(limitBuy());
    world.journals.failWrites();
    tracker.apply(orderUpdate("open"));
    tracker.apply(trade("f1", "1"));
    tracker.apply(orderUpdate("filled", { executedAmount: decimal("1") }));
    expect(order.state).toBe("filled");
    expect(names()).toEqual(["orderCreated", "orderFilled", "orderCompleted"]);
  });

  test("an id cannot be used twice", () => {
    const { tracker } = scene();
    tracker.startTracking(limitBuy());
    expect(() => tracker.startTracking(limitBuy())).toThrow(RangeError);
  });

  test("when the connector stops, nobody waits for orders that go on", async () => {
    const { tracker } = scene();
    const order = tracker.startTracking(limitBuy());
    tracker.apply(orderUpdate("open"));
    tracker.detach(new PerpwireError("stopped", { code: "STOPPED", outcome: "unknown" }));
    expect(await order.done).toMatchObject({ ok: false, state: "open", error: { code: "STOPPED" } });
    expect(await order.accepted).toMatchObject({ ok: true });
  });
});
