import { describe, expect, test } from "vitest";
import { decimal } from "../../src/model/decimal.ts";
import { limitBuy, orderUpdate, START_MS, scene, shownOrder, startProcess, trade } from "./scene.ts";

const IN_PLACE = { amendsReplace: false };

/** An open order of 1. */
function opened() {
  const all = scene(IN_PLACE);
  all.tracker.startTracking(limitBuy());
  all.tracker.apply(orderUpdate("open", { order: shownOrder("1") }));
  const amend = (amount: string) => {
    const terms = { amount: decimal(amount) };
    const { sequence = 0 } = all.tracker.amends.requested("c1", terms, false) ?? {};
    all.tracker.amends.sent("c1", sequence, terms);
    return sequence;
  };
  const show = (amount: string, atMs: number) =>
    all.tracker.apply(orderUpdate("open", { timestampMs: START_MS + atMs, order: shownOrder(amount) }));
  const isTrue = (amount: string) => all.tracker.contradictionOf(trade("f1", amount)) === undefined;
  return { ...all, amend, show, isTrue };
}

describe("a fill of an amended order", () => {
  test("can be as large as the larger of two amends under way, and no larger", () => {
    const { tracker, amend, isTrue } = opened();
    tracker.amends.unconfirmed("c1", amend("5"));
    tracker.amends.unconfirmed("c1", amend("3"));
    expect([isTrue("5"), isTrue("5.1")]).toEqual([true, false]);
  });

  test("can be of a time when the order was larger, also in a later process", () => {
    const { world, journal, amend, show, isTrue } = opened();
    amend("3");
    show("3", 200);
    amend("2");
    show("2", 300);
    expect([isTrue("3"), isTrue("3.1")]).toEqual([true, false]);
    journal.flushSettled();
    world.kill("main");
    const next = startProcess(world.runtime(), IN_PLACE);
    expect([next.tracker.contradictionOf(trade("f1", "3")), next.tracker.contradictionOf(trade("f1", "3.1"))]).toEqual([
      undefined,
      "a fill that brings an order of 3 to 3.1",
    ]);
  });

  test("can be of an amend that was given up, or that had no answer when the order ended", () => {
    const { tracker, amend, isTrue } = opened();
    tracker.amends.expired("c1", amend("3"));
    expect(isTrue("3")).toBe(true);
    amend("4");
    tracker.apply(orderUpdate("canceled", { timestampMs: START_MS + 300 }));
    expect([isTrue("4"), isTrue("4.1")]).toEqual([true, false]);
  });

  test("cannot be of an amend that was refused", () => {
    const { tracker, amend, isTrue } = opened();
    tracker.amends.refused("c1", amend("3"));
    expect([isTrue("1"), isTrue("1.1")]).toEqual([true, false]);
  });
});
