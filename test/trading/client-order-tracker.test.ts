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
import { limitBuy, orderUpdate, PAIR, START_MS, scene, trade } from "./scene.ts";

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
    expect(names()).toEqual(["orderCreated", "orderFilled", "orderCompleted"]);
  });

  test("filled waits for its fills: the order is done when the ledger adds up", () => {
    const { tracker, names } = scene();
    const order = tracker.startTracking(limitBuy());
    tracker.apply(orderUpdate("filled", { executedAmount: decimal("1") }));
    expect(order.state).toBe("partiallyFilled");
    expect(order.isAwaitingFills).toBe(true);
    expect(order.venueExecutedAmount.toFixed()).toBe("1");
    expect(order.executedAmount.toFixed()).toBe("0");
    tracker.apply(trade("f1", "0.4"));
    expect(order.isDone).toBe(false);
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

  test("fills that reach the whole amount complete the order, whether or not the venue says so", () => {
    const { tracker, names } = scene();
    const order = tracker.startTracking(limitBuy());
    tracker.apply(trade("f1", "1"));
    expect(order.state).toBe("filled");
    tracker.apply(orderUpdate("filled", { executedAmount: decimal("1") }));
    expect(names().filter((name) => name === "orderCompleted")).toHaveLength(1);
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

  test("fills that do not arrive are asked for after a while, and given up only on command", () => {
    const { tracker, names, runtime } = scene({ fillsGraceMs: 1_000 });
    const order = tracker.startTracking(limitBuy());
    tracker.apply(orderUpdate("canceled", { executedAmount: decimal("0.4") }));
    const now = runtime.clock.now();
    expect(tracker.ordersMissingFills(now + 999)).toEqual([]);
    expect(tracker.ordersMissingFills(now + 1_000)).toEqual([order]);
    expect(tracker.endWithoutFills("c1")).toBe(true);
    expect(order.state).toBe("canceled");
    expect(order.executedAmount.toFixed()).toBe("0");
    expect(order.venueExecutedAmount.toFixed()).toBe("0.4");
    expect(tracker.ordersMissingFills(now + 10_000)).toEqual([]);
    expect(tracker.endWithoutFills("c1")).toBe(false);
    expect(names()).toEqual(["orderCreated", "orderCanceled"]);
  });

  test("missing fills are noticed on a live order as well", () => {
    const { tracker, runtime } = scene();
    const order = tracker.startTracking(limitBuy());
    tracker.apply(orderUpdate("partiallyFilled", { executedAmount: decimal("0.4") }));
    expect(tracker.ordersMissingFills(runtime.clock.now() + 60_000)).toEqual([order]);
    tracker.apply(trade("f1", "0.4"));
    expect(tracker.ordersMissingFills(runtime.clock.now() + 60_000)).toEqual([]);
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
    const shown = {
      tradingPair: PAIR,
      exchangeOrderId: "e1",
      side: "buy",
      type: "limit",
      price: decimal("100"),
      amount: decimal("0.4"),
      executedAmount: decimal("0"),
      reduceOnly: true,
      state: "open",
      timestampMs: START_MS + 100,
    } as const;
    tracker.apply(orderUpdate("open", { order: shown }));
    expect(order.amount.toFixed()).toBe("0.4");
    tracker.apply(trade("f1", "0.4"));
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
    expect(tracker.requestCancel("c1")).toBe("send");
    tracker.cancelSent("c1");
    expect(order.state).toBe("pendingCancel");
    expect(tracker.requestCancel("c1")).toBe("underWay");
    tracker.apply(orderUpdate("canceled", { timestampMs: START_MS + 300 }));
    expect(order.state).toBe("canceled");
    expect(order.reason).toBe("user");
    expect(tracker.requestCancel("c1")).toBe("ended");
  });

  test("a definite refusal takes the order back to where it was", () => {
    const { tracker, order } = openOrder();
    tracker.apply(trade("f1", "0.4"));
    tracker.requestCancel("c1");
    tracker.cancelSent("c1");
    tracker.cancelRefused("c1", notFound);
    expect(order.state).toBe("partiallyFilled");
    expect(tracker.pendingCancels()).toEqual([]);
  });

  test("a cancel whose answer was lost stays pendingCancel and is to be sent again", () => {
    const { tracker, order } = openOrder();
    tracker.apply(orderUpdate("open"));
    tracker.requestCancel("c1");
    tracker.cancelSent("c1");
    tracker.cancelRefused("c1", timedOut);
    expect(order.state).toBe("pendingCancel");
    expect(tracker.pendingCancels()).toEqual([order]);
    tracker.apply(trade("f1", "1"));
    expect(order.state).toBe("filled");
    expect(tracker.pendingCancels()).toEqual([]);
  });

  test("a cancel before the order appears is remembered and due when it does", () => {
    const { tracker, order, due } = openOrder();
    expect(tracker.requestCancel("c1")).toBe("remembered");
    expect(tracker.pendingCancels()).toEqual([]);
    tracker.apply(orderUpdate("open"));
    expect(due).toEqual([order]);
  });

  test("a cancel of an unknown order survives a refusal and is due again when the order appears", () => {
    const { tracker, order, due } = openOrder();
    tracker.markUnknown("c1", timedOut);
    expect(tracker.requestCancel("c1")).toBe("send");
    tracker.cancelSent("c1");
    tracker.cancelRefused("c1", notFound);
    expect(order.state).toBe("unknown");
    expect(tracker.pendingCancels()).toEqual([order]);
    tracker.apply(orderUpdate("open"));
    expect(due).toEqual([order]);
  });

  test("a lost order can still be canceled", () => {
    const { tracker, order } = openOrder();
    tracker.markLost("c1");
    expect(tracker.requestCancel("c1")).toBe("send");
    tracker.cancelSent("c1");
    tracker.apply(orderUpdate("canceled"));
    expect(order.state).toBe("canceled");
  });

  test("an order that ends before its remembered cancel is not canceled again", () => {
    const { tracker, due } = openOrder();
    tracker.requestCancel("c1");
    tracker.apply(trade("f1", "1"));
    expect(due).toEqual([]);
  });
});

describe("amends", () => {
  test("target and acknowledged values are kept apart until the venue takes the amend", () => {
    const { tracker } = scene();
    const order = tracker.startTracking(limitBuy());
    tracker.apply(orderUpdate("open"));
    tracker.amendSent("c1", { price: decimal("101"), amount: decimal("2") });
    expect([order.price?.toFixed(), order.targetPrice?.toFixed()]).toEqual(["100", "101"]);
    expect([order.amount.toFixed(), order.targetAmount.toFixed()]).toEqual(["1", "2"]);
    expect(tracker.pendingAmends()).toEqual([order]);
    tracker.amendAccepted("c1", { price: decimal("101"), amount: decimal("2") });
    expect([order.price?.toFixed(), order.amount.toFixed()]).toEqual(["101", "2"]);
    expect(tracker.pendingAmends()).toEqual([]);
  });

  test("an amend that replaces the order keeps a chain of exchange ids; the end of the old one is not its end", () => {
    const { tracker, names } = scene();
    const order = tracker.startTracking(limitBuy());
    tracker.apply(trade("f1", "0.4"));
    tracker.amendSent("c1", { price: decimal("101"), amount: decimal("1") });
    tracker.apply(orderUpdate("canceled", { executedAmount: decimal("0.4") }));
    expect(order.isDone).toBe(false);
    tracker.amendAccepted("c1", { exchangeOrderId: "e2", price: decimal("101"), amount: decimal("1") });
    expect(order.state).toBe("partiallyFilled");
    expect(order.exchangeOrderIds).toEqual(["e1", "e2"]);
    tracker.apply(orderUpdate("canceled", { executedAmount: decimal("0.4"), timestampMs: START_MS + 900 }));
    expect(order.isDone).toBe(false);
    tracker.apply(trade("f1", "0.6", { clientOrderId: undefined, exchangeOrderId: "e2" }));
    expect(order.state).toBe("partiallyFilled");
    tracker.apply(orderUpdate("filled", { exchangeOrderId: "e2", executedAmount: decimal("0.6") }));
    expect(order.state).toBe("filled");
    expect(names()).toEqual(["orderCreated", "orderFilled", "orderFilled", "orderCompleted"]);
  });

  test("an order that was filled before its replacement was refused is filled", () => {
    const { tracker, names } = scene();
    const order = tracker.startTracking(limitBuy());
    tracker.apply(orderUpdate("open"));
    tracker.amendSent("c1", { price: decimal("101"), amount: decimal("1") });
    tracker.amendAccepted("c1", { exchangeOrderId: "e2", price: decimal("101"), amount: decimal("1") });
    tracker.apply(trade("f1", "1"));
    expect(order.isDone).toBe(false);
    tracker.apply(orderUpdate("canceled", { exchangeOrderId: "e2", executedAmount: decimal("0") }));
    expect(order.state).toBe("filled");
    expect(names().at(-1)).toBe("orderCompleted");
  });

  test("an order that traded while an amend replaced it is not over before its replacement is", () => {
    const { tracker } = scene();
    const order = tracker.startTracking(limitBuy());
    tracker.apply(orderUpdate("open"));
    tracker.amendSent("c1", { price: decimal("101"), amount: decimal("1") });
    tracker.apply(trade("f1", "0.4"));
    tracker.amendAccepted("c1", { exchangeOrderId: "e2", price: decimal("101"), amount: decimal("1") });
    tracker.apply(trade("f2", "0.6", { clientOrderId: undefined, exchangeOrderId: "e2" }));
    expect(order.executedAmount.toFixed()).toBe("1");
    expect(order.isDone).toBe(false);
    tracker.apply(trade("f3", "0.4", { clientOrderId: undefined, exchangeOrderId: "e2" }));
    tracker.apply(orderUpdate("filled", { exchangeOrderId: "e2", executedAmount: decimal("1") }));
    expect(order.state).toBe("filled");
    expect(order.executedAmount.toFixed()).toBe("1.4");
  });

  test("an end that arrives while an amend is under way waits for the amend's answer", () => {
    const { tracker } = scene();
    const order = tracker.startTracking(limitBuy());
    tracker.apply(orderUpdate("open"));
    tracker.amendSent("c1", { price: decimal("101"), amount: decimal("1") });
    tracker.apply(orderUpdate("canceled", { reason: "venue" }));
    expect(order.isDone).toBe(false);
    tracker.amendRefused("c1");
    expect(order.state).toBe("canceled");
  });

  test("a message from before the amend does not undo it", () => {
    const { tracker } = scene();
    const order = tracker.startTracking(limitBuy());
    tracker.apply(orderUpdate("open"));
    tracker.amendSent("c1", { price: decimal("101"), amount: decimal("1") });
    tracker.amendAccepted("c1", { price: decimal("101"), amount: decimal("1"), timestampMs: START_MS + 500 });
    const shown = { ...limitBuy(), exchangeOrderId: "e1", executedAmount: decimal("0"), state: "open" } as const;
    tracker.apply(
      orderUpdate("open", { timestampMs: START_MS + 400, order: { ...shown, timestampMs: START_MS + 400 } }),
    );
    expect(order.price?.toFixed()).toBe("101");
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
    tracker.apply(trade("f1", "1"));
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
    expect.assertions(1);
  });
});

describe("keeping and forgetting", () => {
  test("ended orders are kept for a while, then forgotten; their fills are still known", async () => {
    const { tracker, world, ledger, store } = scene({ doneOrderRetentionMs: 1_000 });
    tracker.startTracking(limitBuy());
    tracker.apply(trade("f1", "1"));
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
