import { describe, expect, test } from "vitest";
import { decimal } from "../../src/model/decimal.ts";
import { limitBuy, orderUpdate, START_MS, scene, shownOrder, startProcess } from "./scene.ts";

function opened() {
  const all = scene();
  const order = all.tracker.startTracking(limitBuy());
  all.tracker.apply(orderUpdate("open", { order: shownOrder("1") }));
  const queue = (price?: string, amount?: string) => {
    const terms = { price: price && decimal(price), amount: amount && decimal(amount) };
    const asked = { price: terms.price || undefined, amount: terms.amount || undefined };
    const { sequence = 0 } = all.tracker.amends.requested("c1", asked, false) ?? {};
    return { sequence, asked };
  };
  const amend = (price?: string, amount?: string) => {
    const { sequence, asked } = queue(price, amount);
    all.tracker.amends.sent("c1", sequence, asked);
    return sequence;
  };
  const lost = (price?: string, amount?: string) => {
    const sequence = amend(price, amount);
    all.tracker.amends.unconfirmed("c1", sequence);
    return sequence;
  };
  const show = (price: string, amount: string, atMs: number) =>
    all.tracker.apply(orderUpdate("open", { timestampMs: START_MS + atMs, order: shownOrder(amount, "0", price) }));
  const target = () => [order.targetPrice?.toFixed(), order.targetAmount.toFixed()];
  const shown = () => [order.price?.toFixed(), order.amount.toFixed()];
  const pending = () => all.tracker.amends.of("c1").map(({ sequence }) => sequence);
  return { ...all, order, queue, amend, lost, show, target, shown, pending };
}

describe("the terms that an order is asked to have", () => {
  test("are those of a later amend that is done, whatever became of an earlier one", () => {
    const { order, lost, amend, show, target, pending } = opened();
    const first = lost("101", "3");
    amend("102", "2");
    show("102", "2", 200);
    expect(target()).toEqual(["102", "2"]);
    // The first may still arrive, and then it makes the order larger.
    expect([pending(), order.openAmount.toFixed()]).toEqual([[first], "3"]);
  });

  test("are taken term by term: a later amend replaces only what it set", () => {
    const { lost, amend, show, target } = opened();
    lost("101", "3");
    amend("102");
    show("102", "1", 200);
    expect(target()).toEqual(["102", "3"]);
  });

  test("are those of the earlier amend when the later one is refused", () => {
    const { tracker, lost, amend, target } = opened();
    lost("101", "3");
    tracker.amends.refused("c1", amend("102", "2"));
    expect(target()).toEqual(["101", "3"]);
  });

  test("are the venue's when an amend that was overtaken arrives late", () => {
    const { lost, amend, show, target, shown, pending, names } = opened();
    lost("101", "3");
    amend("102", "2");
    show("102", "2", 200);
    show("101", "3", 300);
    expect([shown(), target(), pending()]).toEqual([["101", "3"], ["101", "3"], []]);
    expect(names()).toEqual(["orderCreated", "orderAmended", "orderAmended"]);
  });

  test("survive a restart", () => {
    const { lost, amend, show, world } = opened();
    lost("101", "3");
    amend("102", "2");
    show("102", "2", 200);
    world.kill("main");
    const order = startProcess(world.runtime()).tracker.orderByClientId("c1");
    expect([order?.targetPrice?.toFixed(), order?.targetAmount.toFixed()]).toEqual(["102", "2"]);
  });

  test("are read for a request that names all terms when it leaves, from the amends before it", () => {
    const { tracker, amend, queue } = opened();
    const first = amend(undefined, "3");
    const { sequence } = queue("102");
    queue(undefined, "5");
    expect(tracker.amends.wholeTerms("c1", sequence)).toEqual({ price: decimal("102"), amount: decimal("3") });
    tracker.amends.refused("c1", first);
    expect(tracker.amends.wholeTerms("c1", sequence)).toEqual({ price: decimal("102"), amount: decimal("1") });
  });
});

describe("the fate of an amend", () => {
  test("is shown by a row with the terms that it set, whatever the others are", () => {
    const { lost, amend, show, pending } = opened();
    const first = lost(undefined, "3");
    amend("102");
    show("102", "1", 200);
    expect(pending()).toEqual([first]);
  });

  test("is told as a failure once it can no longer arrive, with what it set", () => {
    const { tracker, lost, target, events } = opened();
    tracker.amends.expired("c1", lost("101"));
    expect(target()).toEqual(["100", "1"]);
    expect(events.at(-1)).toMatchObject({
      name: "orderAmendFailed",
      event: { asked: { price: decimal("101"), amount: undefined } },
    });
  });

  test("is told no more when later amends set all that it set", () => {
    const { tracker, lost, amend, show, names, pending } = opened();
    const first = lost("101", "3");
    amend("102");
    amend(undefined, "2");
    show("102", "2", 200);
    tracker.amends.expired("c1", first);
    expect([pending(), names()]).toEqual([[], ["orderCreated", "orderAmended"]]);
  });

  test("is judged by the terms that no later amend set", () => {
    const failing = opened();
    const lost = failing.lost("101", "3");
    failing.amend("102");
    failing.show("102", "1", 200);
    failing.tracker.amends.expired("c1", lost);
    expect(failing.names().at(-1)).toBe("orderAmendFailed");
    const done = opened();
    const first = done.lost("101", "3");
    done.amend("102");
    done.show("102", "3", 200);
    done.tracker.amends.expired("c1", first);
    expect(done.names()).toEqual(["orderCreated", "orderAmended"]);
  });

  test("is waited for as long after a restart as after its request, however long the process has run by then", async () => {
    const { tracker, amend, world } = opened();
    tracker.amends.answered("c1", amend("101"), { exchangeOrderId: "e1" });
    world.kill("main");
    const runtime = world.runtime();
    await world.advance(60_000);
    expect(startProcess(runtime).tracker.amends.of("c1")).toMatchObject([{ sinceMs: 60_000 }]);
  });
});
