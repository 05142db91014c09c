import { describe, expect, it } from "vitest";
import { decimal } from "../../src/model/decimal.ts";
import { OrderRejectedError } from "../../src/model/error.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { limitBuy, orderUpdate, startProcess, trade } from "./scene.ts";

const UNTOLD = "test_perpetual.a1.untold";

describe("news that is owed", () => {
  it("is struck off with the next write and costs none of its own", () => {
    const { tracker, journal, store } = startProcess(new SimulatedWorld({ seed: 1 }).runtime());
    tracker.startTracking(limitBuy());
    tracker.apply(orderUpdate("open"));
    const rows = () => store.entries(UNTOLD).length;
    let transactions = 0;
    const transaction = store.transaction.bind(store);
    store.transaction = <T>(work: () => T): T => {
      transactions += 1;
      return transaction(work);
    };
    tracker.apply(trade("f1", "0.4"));
    expect([transactions, rows()]).toEqual([1, 1]);
    tracker.apply(trade("f2", "0.1"));
    expect([transactions, rows()]).toEqual([2, 1]);
    tracker.startTracking(limitBuy("c2"));
    expect([transactions, rows()], "a new order does not wait for it").toEqual([2, 1]);
    journal.flushSettled();
    expect([transactions, rows()]).toEqual([3, 0]);
    journal.flushSettled();
    expect(transactions).toBe(3);
  });

  it("waits for listeners in order, and what they cause follows it", () => {
    const { untold } = startProcess(new SimulatedWorld({ seed: 1 }).runtime(), {}, { hears: false });
    const told: string[] = [];
    const owe = (clientOrderId: string, then: () => void = () => undefined) =>
      untold.owe({ kind: "end", clientOrderId }, () => {
        told.push(clientOrderId);
        then();
      });
    owe("one", () => owe("three")())();
    owe("two")();
    expect(told).toEqual([]);
    untold.open();
    expect(told).toEqual(["one", "two", "three"]);
    owe("four")();
    expect(told.at(-1)).toBe("four");
  });

  it("is struck off also while the journal cannot be written", () => {
    const world = new SimulatedWorld({ seed: 1 });
    const { tracker, journal, store } = startProcess(world.runtime());
    tracker.startTracking(limitBuy());
    world.journals.failWrites();
    tracker.apply(trade("f1", "0.4"));
    world.journals.repair();
    expect(journal.flush()).toBe(true);
    journal.flushSettled();
    expect(store.entries(UNTOLD)).toEqual([]);
  });
});

describe("a process that dies before it could tell", () => {
  it("leaves fills and ends to the next one, which tells them once more and in order", () => {
    const world = new SimulatedWorld({ seed: 1 });
    const first = startProcess(world.runtime(), {}, { hears: false });
    first.tracker.startTracking(limitBuy());
    first.tracker.apply(orderUpdate("open"));
    first.tracker.apply(trade("f1", "0.4"));
    first.tracker.apply(trade("f2", "0.6"));
    first.tracker.apply(orderUpdate("filled", { executedAmount: decimal("1") }));
    expect(first.names()).toEqual(["orderCreated"]);
    world.kill("main");
    const second = startProcess(world.runtime());
    expect(second.names()).toEqual(["orderFilled", "orderFilled", "orderCompleted"]);
    expect(second.events[1]?.event).toMatchObject({ fillId: "f2", clientOrderId: "c1", amount: decimal("0.6") });
    expect(second.events[2]?.event).toMatchObject({ clientOrderId: "c1", executedAmount: decimal("1") });
    second.journal.flushSettled();
    world.kill("main");
    expect(startProcess(world.runtime()).names(), "it was told").toEqual([]);
  });

  it("leaves a refusal to it as well, with its code", () => {
    const world = new SimulatedWorld({ seed: 1 });
    const first = startProcess(world.runtime(), {}, { hears: false });
    first.tracker.startTracking(limitBuy());
    first.tracker.fail("c1", new OrderRejectedError("no margin", { code: "INSUFFICIENT_MARGIN" }));
    world.kill("main");
    const { events } = startProcess(world.runtime());
    expect(events).toMatchObject([{ name: "orderFailed", event: { error: { code: "INSUFFICIENT_MARGIN" } } }]);
  });

  it("leaves a fill and an end to it also when the order's time was over meanwhile", async () => {
    const world = new SimulatedWorld({ seed: 1 });
    const first = startProcess(world.runtime(), { doneOrderRetentionMs: 1_000 }, { hears: false });
    first.tracker.startTracking(limitBuy());
    first.tracker.apply(trade("f1", "1"));
    first.tracker.apply(orderUpdate("filled", { executedAmount: decimal("1") }));
    await world.advance(5_000);
    first.tracker.prune();
    world.kill("main");
    const second = startProcess(world.runtime());
    expect(second.names()).toEqual(["orderFilled", "orderCompleted"]);
    second.journal.flushSettled();
    expect(second.store.entries(UNTOLD)).toEqual([]);
  });

  it("leaves ends to it however few ended orders are kept, and then forgets them", () => {
    const world = new SimulatedWorld({ seed: 1 });
    const few = { maxDoneOrders: 1 };
    const ids = ["c1", "c2", "c3"];
    const first = startProcess(world.runtime(), few, { hears: false });
    for (const id of ids) {
      first.tracker.startTracking(limitBuy(id));
      first.tracker.apply(orderUpdate("canceled", { clientOrderId: id, exchangeOrderId: `e-${id}` }));
    }
    expect(first.tracker.doneOrders).toHaveLength(3);
    world.kill("main");
    const second = startProcess(world.runtime(), few);
    const ended = second.events.filter(({ name }) => name === "orderCanceled").map(({ event }) => event.clientOrderId);
    expect(ended).toEqual(ids);
    second.tracker.prune();
    expect(second.tracker.doneOrders.map(({ clientOrderId }) => clientOrderId)).toEqual(["c3"]);
  });

  it("does not have an end told that evidence took back", () => {
    const world = new SimulatedWorld({ seed: 1 });
    const first = startProcess(world.runtime(), {}, { hears: false });
    first.tracker.startTracking(limitBuy());
    first.tracker.fail("c1", new OrderRejectedError("said to be refused"));
    first.tracker.apply(orderUpdate("open"));
    world.kill("main");
    expect(startProcess(world.runtime()).names()).not.toContain("orderFailed");
  });
});
