import { describe, expect, test } from "vitest";
import { decimal } from "../../src/model/decimal.ts";
import { JournalError, TransportError } from "../../src/model/error.ts";
import { SILENT_LOGGER } from "../../src/runtime/logger.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { FillLedger } from "../../src/trading/fill-ledger.ts";
import { JsonFields } from "../../src/trading/json-fields.ts";
import { decodeFill } from "../../src/trading/order-codec.ts";
import { OrderJournal, type OrderJournalOptions } from "../../src/trading/order-journal.ts";
import { amountOf } from "../../src/trading/order-record.ts";
import { limitBuy, orderUpdate, PAIR, START_MS, scene, startProcess, trade } from "./scene.ts";

function open(world: SimulatedWorld, options: Partial<OrderJournalOptions> = {}) {
  const runtime = world.runtime();
  const store = options.store ?? runtime.journals.open("j");
  const journal = new OrderJournal({
    store,
    connectorName: "test_perpetual",
    accountKey: "a1",
    random: runtime.random,
    logger: SILENT_LOGGER,
    ...options,
  });
  return { store, journal };
}

const restore = (journal: OrderJournal) => {
  const ledger = new FillLedger({ journal });
  return journal.restore((clientOrderId) => ledger.totals(clientOrderId));
};

describe("ids", () => {
  test("the instance id is drawn once and the counter never repeats across restarts", () => {
    const world = new SimulatedWorld({ seed: 1 });
    const first = open(world, { counterBlock: 4 });
    const used = [first.journal.nextCounter(), first.journal.nextCounter()];
    first.store.close();
    const second = open(world, { counterBlock: 4 });
    expect(second.journal.instanceId).toBe(first.journal.instanceId);
    expect(second.journal.instanceId).toMatch(/^[0-9a-f]{16}$/);
    for (let count = 0; count < 6; count += 1) used.push(second.journal.nextCounter());
    expect(new Set(used).size).toBe(used.length);
  });

  test("wherever the power is cut, what the disk had not yet been given of the counter does not come again", () => {
    for (let seed = 0; seed < 200; seed += 1) {
      const world = new SimulatedWorld({ seed });
      const used = new Set<string>();
      let taken = 0;
      for (let life = 0; life < 4; life += 1) {
        const { journal } = open(world, { counterBlock: 3 });
        for (let count = 0; count < 5; count += 1) used.add(`${journal.instanceId} ${journal.nextCounter()}`);
        taken += 5;
        world.cutPower("main");
      }
      expect(used.size, `seed ${seed}`).toBe(taken);
    }
  });

  test("two connectors on one store do not share anything", () => {
    const world = new SimulatedWorld({ seed: 1 });
    const { store, journal } = open(world);
    const other = open(world, { store, connectorName: "other_perpetual" }).journal;
    expect(other.instanceId).not.toBe(journal.instanceId);
    journal.setCursor("trades", "1");
    expect(other.cursor("trades")).toBeUndefined();
  });

  test("no counter is given out that is not reserved on disk", () => {
    const world = new SimulatedWorld({ seed: 1 });
    const { journal } = open(world, { counterBlock: 2 });
    journal.nextCounter();
    journal.nextCounter();
    world.journals.failWrites();
    expect(() => journal.nextCounter()).toThrow(JournalError);
    world.journals.repair();
    expect(journal.nextCounter()).toBe(2);
  });

  test("wherever the process is killed while it takes ids, none of them comes again", () => {
    for (let writes = 0; writes < 12; writes += 1) {
      const world = new SimulatedWorld({ seed: writes });
      const used = new Set<number>();
      for (let life = 0; life < 3; life += 1) {
        world.runtime();
        world.killAfterWrites("main", writes);
        const { journal } = open(world, { counterBlock: 3 });
        for (let count = 0; count < 40; count += 1) {
          const counter = journal.nextCounter();
          if (!world.isAlive("main")) break;
          expect(used.has(counter)).toBe(false);
          used.add(counter);
        }
        world.kill("main");
      }
    }
  });
});

describe("after a restart", () => {
  test("an order that was being created has an unknown fate, an open one is open", () => {
    const { world, runtime, tracker, store, journal } = scene();
    tracker.startTracking(limitBuy("c1"));
    tracker.startTracking(limitBuy("c2"));
    tracker.apply(orderUpdate("open"));
    tracker.apply(trade("f1", "0.4"));
    journal.flushSettled();
    world.kill("main");
    store.put("any", "key", "of a dead process");
    expect(runtime).not.toBe(world.runtime());
    const next = startProcess(world.runtime());
    expect(next.tracker.orderByClientId("c2")?.state).toBe("unknown");
    expect(next.tracker.unknownOrders.map((order) => order.clientOrderId)).toEqual(["c2"]);
    const order = next.tracker.orderByExchangeId(PAIR, "e1");
    expect(order?.state).toBe("partiallyFilled");
    expect(order?.executedAmount.toFixed()).toBe("0.4");
    expect(order?.averagePrice?.toFixed()).toBe("100");
    expect(order?.fees.get("USD")?.toFixed()).toBe("0.05");
    expect(next.events).toEqual([]);
    expect(next.store.entries("any")).toEqual([]);
  });

  test("nothing that is known to be told is told again, and a repeated fill is not counted again", () => {
    const { world, tracker, journal } = scene();
    tracker.startTracking(limitBuy());
    tracker.apply(orderUpdate("open"));
    tracker.apply(trade("f1", "0.4"));
    journal.flushSettled();
    world.kill("main");
    const next = startProcess(world.runtime());
    next.tracker.apply(orderUpdate("partiallyFilled", { executedAmount: decimal("0.4") }));
    next.tracker.apply(trade("f1", "0.4"));
    expect(next.names()).toEqual([]);
    next.tracker.apply(trade("f2", "0.6"));
    next.tracker.apply(orderUpdate("filled", { executedAmount: decimal("1") }));
    expect(next.names()).toEqual(["orderFilled", "orderCompleted"]);
  });

  test("ended, lost and refused orders are what they were, and their promises have resolved", async () => {
    const { world, tracker } = scene();
    for (const id of ["c1", "c2", "c3"]) tracker.startTracking(limitBuy(id));
    tracker.apply(trade("f1", "1"));
    tracker.apply(orderUpdate("filled", { executedAmount: decimal("1") }));
    tracker.markLost("c2");
    tracker.fail("c3", new TransportError("not sent", { bytesMayHaveLeft: false }));
    world.kill("main");
    const next = startProcess(world.runtime());
    expect(next.tracker.doneOrders.map((order) => order.state)).toEqual(["filled", "failed"]);
    expect(next.tracker.lostOrders.map((order) => order.clientOrderId)).toEqual(["c2"]);
    expect(await next.tracker.orderByClientId("c1")?.done).toMatchObject({ ok: true, state: "filled" });
    expect(await next.tracker.orderByClientId("c2")?.done).toMatchObject({ ok: false, state: "lost" });
    expect(await next.tracker.orderByClientId("c3")?.done).toMatchObject({ ok: false, error: { code: "TRANSPORT" } });
    expect(next.tracker.apply(trade("f1", "1")).kind).toBe("unchanged");
  });

  test("a cancel that was under way is to be sent again", () => {
    const { world, tracker } = scene();
    tracker.startTracking(limitBuy());
    tracker.apply(orderUpdate("open"));
    tracker.cancels.request("c1");
    tracker.cancels.sent("c1");
    world.kill("main");
    const next = startProcess(world.runtime());
    expect(next.tracker.cancels.pendingOrders().map((order) => order.clientOrderId)).toEqual(["c1"]);
    expect(next.tracker.orderByClientId("c1")?.state).toBe("pendingCancel");
  });

  test("every field of an order comes back exactly", () => {
    const { world, tracker } = scene();
    const order = tracker.startTracking(
      limitBuy("c1", { amount: decimal("1.000000000000000000000000000001"), price: decimal("0.0000001") }),
    );
    tracker.apply(orderUpdate("partiallyFilled", { executedAmount: decimal("0.3"), averagePrice: decimal("99.5") }));
    tracker.amends.requested("c1", { price: decimal("0.0000002"), amount: decimal("2") }, true);
    tracker.amends.unconfirmed("c1", 1);
    const before = JSON.stringify(order);
    world.kill("main");
    const after = JSON.stringify(startProcess(world.runtime()).tracker.orderByClientId("c1"));
    expect(after).toBe(before);
    expect(before).toContain('"0.0000001"');
  });

  test("wherever the process is killed, every order that was sent is known, and no fill is counted twice", () => {
    let survivedAll = false;
    for (let writes = 0; !survivedAll; writes += 1) {
      const world = new SimulatedWorld({ seed: 3, startMs: START_MS });
      const sent = new Set<string>();
      const counted = new Map<string, number>();
      world.runtime();
      world.killAfterWrites("main", writes);
      const onFill =
        ({ fillId }: { fillId: string }) =>
        () =>
          void counted.set(fillId, (counted.get(fillId) ?? 0) + 1);
      const { tracker } = startProcess(world.runtime(), { onFill });
      for (const id of ["c1", "c2"]) {
        tracker.startTracking(limitBuy(id));
        if (!world.isAlive("main")) break;
        sent.add(id);
        tracker.apply(orderUpdate("open", { clientOrderId: id, exchangeOrderId: `e-${id}` }));
        tracker.apply(trade(`f-${id}`, "0.4", { clientOrderId: id, exchangeOrderId: `e-${id}` }));
      }
      survivedAll = writes > 40 && world.isAlive("main");
      world.kill("main");
      const next = startProcess(world.runtime(), { onFill });
      for (const id of sent) {
        expect(next.tracker.orderByClientId(id), `${id} after ${writes} writes`).toBeDefined();
        next.tracker.apply(trade(`f-${id}`, "0.4", { clientOrderId: id, exchangeOrderId: `e-${id}` }));
        expect(next.tracker.orderByClientId(id)?.executedAmount.toFixed()).toBe("0.4");
      }
    }
  });
});

describe("a store that does not take writes", () => {
  test("stops new orders with an error that says so, and is reported once", () => {
    const world = new SimulatedWorld({ seed: 1 });
    const failures: string[] = [];
    const { journal } = open(world, { onFailure: (error) => failures.push(error.message) });
    world.journals.failWrites();
    journal.setCursor("trades", "1");
    journal.setCursor("trades", "2");
    expect(failures).toHaveLength(1);
    expect(failures[0]).toContain("the disk is full");
    expect(journal.failure).toBeInstanceOf(JournalError);
    expect(journal.cursor("trades")).toBe("2");
  });

  test("gets everything that it missed when it recovers, before anything newer", () => {
    const { world, journal, tracker, store } = scene();
    tracker.startTracking(limitBuy());
    world.journals.failWrites();
    tracker.apply(trade("f1", "0.4"));
    journal.setCursor("trades", "9");
    expect(() => tracker.startTracking(limitBuy("c2"))).toThrow(/the journal cannot be written/);
    expect(store.get("test_perpetual.a1.cursors", "trades")).toBeUndefined();
    world.journals.repair();
    tracker.startTracking(limitBuy("c2"));
    expect(journal.failure).toBeUndefined();
    expect(store.get("test_perpetual.a1.cursors", "trades")).toBe("9");
    world.kill("main");
    const next = startProcess(world.runtime());
    expect(next.tracker.orderByClientId("c1")?.executedAmount.toFixed()).toBe("0.4");
    expect(next.tracker.orderByClientId("c2")?.state).toBe("unknown");
  });

  test("a crash before it recovers leaves the order known and its cursor behind the lost fill", () => {
    const { world, journal, tracker } = scene();
    tracker.startTracking(limitBuy());
    world.journals.failWrites();
    tracker.apply(trade("f1", "0.4"));
    journal.setCursor("trades", "9");
    world.kill("main");
    world.journals.repair();
    const next = startProcess(world.runtime());
    expect(next.tracker.orderByClientId("c1")?.state).toBe("unknown");
    expect(next.journal.cursor("trades")).toBeUndefined();
    next.tracker.apply(trade("f1", "0.4"));
    expect(next.names()).toEqual(["orderCreated", "orderFilled"]);
  });

  test("a change and its fill are written together or not at all", () => {
    const { world, tracker } = scene();
    tracker.startTracking(limitBuy());
    world.journals.failAfter(1);
    tracker.apply(trade("f1", "0.4"));
    world.kill("main");
    world.journals.repair();
    const next = startProcess(world.runtime());
    expect(next.store.entries("test_perpetual.a1.fillKeys")).toEqual([]);
    expect(next.tracker.orderByClientId("c1")?.executedAmount.toFixed()).toBe("0");
  });
});

describe("a broken journal", () => {
  test("is an error that names the record, not a silent loss", () => {
    const { store, journal, tracker } = scene();
    tracker.startTracking(limitBuy());
    const good = store.get("test_perpetual.a1.orders", "c1") ?? "";
    const broken = [
      ["{", /record "c1" of test_perpetual\.a1\.orders is broken/],
      [good.replace('"amount":"1"', '"amount":"one"'), /field "amount": "one" is not a decimal number/],
      [good.replace('"side":"buy"', '"side":"bought"'), /"bought" is none of buy, sell/],
      [good.replace('"v":5', '"v":6'), /version 6 is newer than 5/],
      [good.replace('"exists":false', '"exists":"no"'), /field "exists"/],
    ] as const;
    for (const [text, message] of broken) {
      store.put("test_perpetual.a1.orders", "c1", text);
      expect(() => restore(journal)).toThrow(message);
      expect(() => restore(journal)).toThrow(JournalError);
    }
    store.put("test_perpetual.a1.orders", "c1", good);
    expect(restore(journal).orders).toHaveLength(1);
  });

  test("a broken fill is named as well", () => {
    const { store, journal, tracker } = scene();
    tracker.startTracking(limitBuy());
    tracker.apply(trade("f1", "0.4"));
    store.put("test_perpetual.a1.fills", `${PAIR}|e1|f1`, "{}");
    expect(() => restore(journal)).toThrow(/record "BTC-USD\|e1\|f1" of test_perpetual\.a1\.fills is broken/);
  });

  test("one of a newer format is refused", () => {
    const world = new SimulatedWorld({ seed: 1 });
    const { store } = open(world);
    store.put("test_perpetual.a1.meta", "version", "6");
    expect(() => open(world, { store })).toThrow(/format version 6, this program reads 5/);
  });

  test.each(["orders", "fills", "fillKeys", "cursors", "funding", "fundingTotals", "untold", "accountFacts"])(
    "one of a newer format says so whatever it has in %s, which cannot be read here",
    (table) => {
      const world = new SimulatedWorld({ seed: 1 });
      const { store } = open(world);
      store.put("test_perpetual.a1.meta", "version", "6");
      store.put("test_perpetual.a1.meta", "counter", "many");
      store.put(`test_perpetual.a1.${table}`, "a key of later", "<a record of later>");
      expect(() => open(world, { store })).toThrow(/format version 6, this program reads 5/);
      expect(store.get("test_perpetual.a1.meta", "version")).toBe("6");
    },
  );

  test("records of the first format are read, and what was under way is looked up", () => {
    const world = new SimulatedWorld({ seed: 1 });
    const { store } = open(world);
    store.put("test_perpetual.a1.meta", "version", "1");
    const { clientOrderId: _, ...order } = limitBuy();
    const first = {
      v: 1,
      order: { ...order, clientOrderId: "c1", amount: "1", price: "100", leverage: "10" },
      createdAtMs: START_MS,
      price: "101",
      amount: "1",
      exchangeOrderIds: ["e1", "e2"],
      exists: true,
      cancel: "sent",
      ended: false,
      venueExecuted: { e1: "0.4" },
    };
    store.put("test_perpetual.a1.orders", "c1", JSON.stringify(first));
    const [record] = restore(open(world, { store }).journal).orders;
    expect(record?.legs.map(({ exchangeOrderId, ending }) => [exchangeOrderId, ending?.state])).toEqual([
      ["e1", "canceled"],
      ["e2", undefined],
    ]);
    expect([record?.cancel, record && amountOf(record).toFixed()]).toEqual(["unconfirmed", "1"]);
    expect(store.get("test_perpetual.a1.meta", "version")).toBe("5");
  });

  test("the sums of payments of the third format are not counted again", () => {
    const world = new SimulatedWorld({ seed: 1 });
    const { store, journal } = open(world);
    journal.writeFundingPayment({
      ...{ paymentId: "p1", tradingPair: PAIR, timestampMs: START_MS, asset: "USD" },
      ...{ amount: decimal("2"), rate: decimal("0.0001") },
    });
    store.put("test_perpetual.a1.meta", "version", "3");
    expect(open(world, { store }).journal.fundingTotal(PAIR, "USD").toFixed()).toBe("2");
  });

  test("a broken counter is refused rather than started again from zero", () => {
    const world = new SimulatedWorld({ seed: 1 });
    const { store } = open(world);
    store.put("test_perpetual.a1.meta", "counter", "many");
    expect(() => open(world, { store })).toThrow(/"many" is no counter/);
  });
});

describe("a fill in a journal of the fourth format", () => {
  test("stands under a key of its order, and is counted once by a process that reads it", () => {
    const { store, world, tracker } = scene();
    tracker.startTracking(limitBuy());
    tracker.apply(trade("f1", "0.4"));
    const [[timed, text] = ["", ""]] = store.entries("test_perpetual.a1.fills");
    const key = `${PAIR}|e1|f1`;
    const { fillId, clientOrderId, exchangeOrderId, tradingPair, ...rest } = decodeFill(JsonFields.parse(text));
    store.delete("test_perpetual.a1.fills", timed);
    const names = { fillId, clientOrderId, exchangeOrderId, tradingPair };
    store.put("test_perpetual.a1.fills", key, JSON.stringify({ ...names, ...rest }));
    store.put("test_perpetual.a1.fillKeys", key, String(rest.timestampMs));
    store.put("test_perpetual.a1.meta", "version", "4");
    const { journal } = open(world, { store });
    expect(store.entries("test_perpetual.a1.fills")).toEqual([[timed, text]]);
    expect(restore(journal).fills.map((fill) => fill.fillId)).toEqual(["f1"]);
    expect(journal.hasFill(key)).toBe(true);
    journal.forgetOrder("c1");
    expect(store.entries("test_perpetual.a1.fills")).toEqual([]);
    expect(journal.hasFill(key)).toBe(true);
  });
});
