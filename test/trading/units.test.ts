import { describe, expect, it } from "vitest";
import { decimal } from "../../src/model/decimal.ts";
import type { JournalStore, Runtime } from "../../src/runtime/runtime.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { limitBuy, orderUpdate, startProcess, trade } from "./scene.ts";

/** A process that counts how often its journal goes to disk. */
function counted(options: Parameters<typeof startProcess>[1] = {}) {
  const world = new SimulatedWorld({ seed: 7 });
  const runtime = world.runtime();
  let transactions = 0;
  const counting = (store: JournalStore): JournalStore => ({
    put: (table, key, value) => store.put(table, key, value),
    get: (table, key) => store.get(table, key),
    delete: (table, key) => store.delete(table, key),
    entries: (table) => store.entries(table),
    page: (table, after, limit) => store.page(table, after, limit),
    compact: () => store.compact(),
    close: () => store.close(),
    commit: (writes) => {
      transactions += 1;
      store.commit(writes);
    },
    transaction: (work) => {
      transactions += 1;
      return store.transaction(work);
    },
  });
  const journals: Runtime["journals"] = {
    open: (path, how) => counting(runtime.journals.open(path, how)),
    view: (path) => runtime.journals.view(path),
    remove: (path) => runtime.journals.remove(path),
  };
  const process = startProcess({ ...runtime, journals } as Runtime, options);
  const taken = (work: () => unknown): number => {
    const before = transactions;
    work();
    return transactions - before;
  };
  return { ...process, world, taken };
}

const ids = (id: string) => ({ clientOrderId: id, exchangeOrderId: `e-${id}` });

describe("what one message tells", () => {
  it("goes to disk at once, and is told after it, in order", () => {
    const { tracker, taken, names, world } = counted();
    for (const id of ["c1", "c2", "c3"]) tracker.startTracking(limitBuy(id));
    let toldWithin: readonly string[] = [];
    const message = () =>
      tracker.unit(() => {
        for (const id of ["c1", "c2", "c3"]) {
          tracker.apply(orderUpdate("open", ids(id)));
          tracker.apply(trade(`f-${id}`, "1", ids(id)));
          tracker.apply(orderUpdate("filled", { ...ids(id), executedAmount: decimal("1") }));
        }
        tracker.tell(() => expect(names()).toHaveLength(9));
        toldWithin = names();
      });
    expect(taken(message)).toBe(1);
    expect(toldWithin).toEqual([]);
    const life = ["orderCreated", "orderFilled", "orderCompleted"];
    expect(names()).toEqual([...life, ...life, ...life]);
    expect(world.elapsedMs()).toBe(0);
  });

  it("is taken by itself where one part of it cannot be applied", () => {
    const { tracker, taken, names, store } = counted();
    tracker.startTracking(limitBuy("c1"));
    const message = () =>
      tracker.unit(() => {
        tracker.apply(orderUpdate("open", ids("c1")));
        throw new TypeError("odd");
      });
    expect(taken(() => expect(message).toThrow("odd"))).toBe(1);
    expect(names()).toEqual(["orderCreated"]);
    expect(store.entries("test_perpetual.a1.orders")[0]?.[1]).toContain("e-c1");
  });

  it("shows in the sums of open orders before the next part of it", () => {
    const heard: string[] = [];
    const { tracker } = counted({
      onOrderChanged: ({ clientOrderId, state }) => heard.push(`${clientOrderId} ${state}`),
    });
    tracker.startTracking(limitBuy("c1"));
    heard.length = 0;
    tracker.unit(() => {
      tracker.apply(orderUpdate("open", ids("c1")));
      expect(heard).toEqual(["c1 open"]);
      tracker.apply(trade("f1", "0.5", ids("c1")));
    });
    expect(heard).toEqual(["c1 open", "c1 partiallyFilled"]);
  });
});

describe("ended orders", () => {
  it("are forgotten a few at a time, with the write that there is anyway", () => {
    const { tracker, taken } = counted({ maxDoneOrders: 64 });
    const counts: number[] = [];
    for (let number = 0; number < 200; number += 1) {
      tracker.startTracking(limitBuy(`c${number}`));
      expect(taken(() => tracker.apply(orderUpdate("canceled", ids(`c${number}`))))).toBe(1);
      counts.push(tracker.doneOrders.length);
    }
    expect(Math.max(...counts)).toBe(68);
    expect(Math.min(...counts.slice(64))).toBe(64);
  });
});
