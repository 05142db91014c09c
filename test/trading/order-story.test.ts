import { describe, expect, it } from "vitest";
import { endOf, endText, linesOf } from "../../packages/cli/src/order-story-text.ts";
import { decimal } from "../../src/model/decimal.ts";
import { NotFoundError, TransportError } from "../../src/model/error.ts";
import type { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { knownOrderIds, readOrderStory } from "../../src/trading/order-story.ts";
import { limitBuy, orderUpdate, scene, shownOrder, startProcess, trade } from "./scene.ts";

const PATH = "orders.journal";
const DAY_MS = 86_400_000;

const storyOf = (world: SimulatedWorld, id = "c1") => {
  const story = readOrderStory(world.runtime().journals.view(PATH), id);
  if (story === undefined) throw new Error(`no story of ${id}`);
  return story;
};
const told = (world: SimulatedWorld, id?: string) => linesOf(storyOf(world, id)).map(({ text }) => text);

function begun(options: Parameters<typeof scene>[0] = {}) {
  const all = scene(options);
  all.journal.beginProcess(all.runtime.clock.now());
  return all;
}

describe("the story of an order", () => {
  it("has each change with its evidence, its fills, and how it ended", async () => {
    const { tracker, world } = begun();
    tracker.startTracking(limitBuy());
    tracker.apply(orderUpdate("open"), { kind: "answer", amend: 0 });
    await world.advance(1_000);
    tracker.apply(trade("f1", "0.4"));
    tracker.unit(() => {
      tracker.apply(trade("f2", "0.6", { isMaker: false }));
      tracker.apply(orderUpdate("filled", { executedAmount: decimal("1") }));
    });
    expect(told(world)).toEqual([
      "journalled, before anything of it was sent",
      "the answer to the creation says open -> open, id e1",
      "fill f1: 0.4 at 100, maker, fee 0.05 USD (the private stream) -> partiallyFilled, executed 0.4",
      "fill f2: 0.6 at 100, taker, fee 0.05 USD (the private stream)",
      "the private stream says filled -> filled, executed 1",
    ]);
    const story = storyOf(world);
    expect(endText(endOf(story))).toBe("ended filled; executed 1 at 100 on average, fees 0.1 USD");
    const [created, open, fill] = linesOf(story);
    expect([open?.atMs, fill?.atMs]).toEqual([created?.atMs, (created?.atMs ?? 0) + 1_000]);
    expect(fill?.venueMs, "the venue's time").toBe(trade("f1", "0.4").timestampMs);
    expect(tracker.apply(orderUpdate("filled", { executedAmount: decimal("1") })).kind).toBe("unchanged");
    expect(told(world), "what is told again is no change").toHaveLength(5);
  });

  it("says what its fate rests on when the answer was lost", () => {
    const { tracker, world } = begun();
    for (const id of ["c1", "c2", "c3"]) {
      tracker.startTracking(limitBuy(id));
      tracker.markUnknown(id, new TransportError("the connection was reset", { bytesMayHaveLeft: true }));
    }
    const lookUp = { kind: "poll", askedMs: 1, isSecondLook: true, isByClientId: true } as const;
    tracker.apply(orderUpdate("open"), lookUp);
    tracker.fail(
      "c2",
      new NotFoundError("the venue does not know order c2: it never arrived", { outcome: "definite" }),
    );
    tracker.markLost("c3");
    const doubt = expect.stringMatching(/^its creation had no answer: .*reset.* -> unknown$/);
    const [begin] = told(world);
    expect(told(world)).toEqual([begin, doubt, "a look-up of the order says open -> open, id e1"]);
    expect(told(world, "c2")).toEqual([
      begin,
      doubt,
      "refused: NOT_FOUND: the venue does not know order c2: it never arrived -> failed",
    ]);
    expect(told(world, "c3")).toEqual([begin, doubt, "looks have found nothing for too long -> lost"]);
  });

  it("has every amend with its identity, whichever answer came first", () => {
    const { tracker, world } = begun({ amendsReplace: false });
    tracker.startTracking(limitBuy());
    tracker.apply(orderUpdate("open"));
    const [first, second] = ["101", "102"].map((price) => {
      const amend = tracker.amends.requested("c1", { price: decimal(price) }, false);
      tracker.amends.sent("c1", amend?.sequence ?? 0, { price: decimal(price) });
      return amend?.sequence ?? 0;
    });
    tracker.amends.answered("c1", second ?? 0, {});
    tracker.amends.unconfirmed("c1", first ?? 0, new TransportError("no answer in time", { bytesMayHaveLeft: true }));
    const row = { order: shownOrder("1", "0", "102"), timestampMs: orderUpdate("open").timestampMs + 5 };
    tracker.apply(orderUpdate("open", row));
    tracker.amends.expired("c1", first ?? 0);
    expect(told(world).slice(2)).toEqual([
      "amend 1 (c1-a1), price 101, asked for",
      "amend 1 (c1-a1), price 101, sent",
      "amend 2 (c1-a2), price 102, asked for",
      "amend 2 (c1-a2), price 102, sent",
      "amend 2 (c1-a2), price 102, acknowledged, which is no acceptance",
      expect.stringContaining("amend 1 (c1-a1), price 101, without an answer: "),
      "amend 2 (c1-a2), price 102, done",
      "the private stream says open -> price 102",
      "amend 1 (c1-a1), price 101, not done",
    ]);
    expect(told(world, "c1-a2"), "by the id of its amend").toEqual(told(world));
  });

  it("tells the legs of an order apart whose amends replace it", () => {
    const { tracker, world } = begun();
    tracker.startTracking(limitBuy());
    tracker.apply(orderUpdate("open"), { kind: "answer", amend: 0 });
    const { sequence = 0 } = tracker.amends.requested("c1", { amount: decimal("2") }, true) ?? {};
    tracker.amends.sent("c1", sequence, { amount: decimal("2") });
    tracker.amends.answered("c1", sequence, { exchangeOrderId: "e2" });
    tracker.apply(trade("f1", "0.25", { clientOrderId: undefined }));
    tracker.apply(orderUpdate("canceled", { executedAmount: decimal("0.25") }));
    tracker.cancels.request("c1");
    tracker.cancels.sent("c1");
    tracker.apply(orderUpdate("canceled", { exchangeOrderId: "e2", executedAmount: decimal("0") }));
    expect(told(world).slice(2)).toEqual([
      "amend 1 (c1-a1), amount 2, asked for",
      "amend 1 (c1-a1), amount 2, sent",
      "amend 1 (c1-a1), amount 2, done -> id e2",
      "fill f1 of e1: 0.25 at 100, maker, fee 0.05 USD (the private stream) -> partiallyFilled, executed 0.25",
      "the private stream says canceled of e1",
      "cancel asked for",
      "cancel sent -> pendingCancel",
      "the private stream says canceled -> canceled (user)",
    ]);
  });

  it("goes on in the next process, and says how the one before ended", async () => {
    const { tracker, journal, world, runtime } = begun();
    tracker.startTracking(limitBuy());
    world.kill("main");
    const second = startProcess(world.runtime());
    second.journal.beginProcess(runtime.clock.now());
    second.tracker.apply(orderUpdate("open"), { kind: "poll", askedMs: 1, isSecondLook: true });
    second.journal.endProcess(runtime.clock.now());
    second.store.close();
    const third = startProcess(world.runtime());
    third.journal.beginProcess(runtime.clock.now());
    expect(journal.processNumber).toBe(1);
    expect(told(world)).toEqual([
      "journalled, before anything of it was sent",
      "restart: the process before ended without a word (killed?); what was under way is in doubt",
      "a look-up of the order says open -> open, id e1",
      expect.stringMatching(/^restart: the process before stopped at .*; what was under way is in doubt$/),
    ]);
    expect(endText(endOf(storyOf(world)))).toBe("it is open; executed 0");
  });

  it("is kept when its order is forgotten, and forgotten with everything else of its day", async () => {
    const { tracker, journal, store, world } = begun({ maxDoneOrders: 1 });
    for (const id of ["c1", "c2", "c3"]) {
      tracker.startTracking(limitBuy(id));
      tracker.apply(orderUpdate("canceled", { clientOrderId: id, exchangeOrderId: `e-${id}` }));
      await world.advance(DAY_MS);
    }
    expect(tracker.orderByClientId("c1")).toBeUndefined();
    expect(told(world, "c1")).toHaveLength(2);
    expect([...knownOrderIds(world.runtime().journals.view(PATH))]).toEqual(["c3", "c3", "c2", "c1"]);
    const horizonMs = world.now() - 2 * DAY_MS;
    expect(journal.pruneOrderChanges(horizonMs, 1), "one at a time").toBe(true);
    expect(journal.pruneOrderChanges(horizonMs, 1)).toBe(false);
    expect(readOrderStory(world.runtime().journals.view(PATH), "c1")).toBeUndefined();
    expect(told(world, "c3")).toHaveLength(2);
    expect(store.entries("test_perpetual.a1.orderChanges")).toHaveLength(2);
  });

  it("of many changes takes one row of the journal for some of them", () => {
    const { tracker, store, world } = begun();
    tracker.startTracking(limitBuy());
    tracker.apply(orderUpdate("open"));
    for (let number = 0; number < 40; number += 1) tracker.apply(trade(`f${number}`, "0.01"));
    expect(store.entries("test_perpetual.a1.orderChanges")).toHaveLength(5);
    expect(told(world)).toHaveLength(42);
    expect(endOf(storyOf(world)).executedAmount.toFixed()).toBe("0.4");
  });
});
