import { describe, expect, test } from "vitest";
import { decimal } from "../../src/model/decimal.ts";
import { OrderRejectedError } from "../../src/model/error.ts";
import type { ClientOrderTrackerOptions } from "../../src/trading/client-order-tracker.ts";
import type { InFlightOrder } from "../../src/trading/in-flight-order.ts";
import { limitBuy, orderUpdate, START_MS, scene, shownOrder, startProcess, trade } from "./scene.ts";

const THE_CREATION = { kind: "answer", amend: 0 } as const;

/** An order whose amends the venue does by new orders. */
function replacing(options: Partial<ClientOrderTrackerOptions> = {}) {
  const all = scene({ amendsReplace: true, ...options });
  const order = all.tracker.startTracking(limitBuy());
  const ask = (price: string) => {
    const terms = { price: decimal(price) };
    const { sequence = 0 } = all.tracker.amends.requested("c1", terms, true) ?? {};
    all.tracker.amends.sent("c1", sequence, terms);
    return sequence;
  };
  const row = (leg: number, state: "open" | "canceled", executed = "0") =>
    orderUpdate(state, {
      clientOrderId: leg === 0 ? "c1" : `c1-a${leg}`,
      exchangeOrderId: `e${leg}`,
      executedAmount: decimal(executed),
      timestampMs: START_MS + 100 + leg,
      order: shownOrder("1", executed, `${100 + leg}`),
    });
  const answer = (sequence: number) => {
    const update = row(sequence, "open");
    all.tracker.amends.answered("c1", sequence, { exchangeOrderId: update.exchangeOrderId, update });
  };
  const created = () => all.tracker.apply(row(0, "open"), THE_CREATION);
  const shown = () => [order.exchangeOrderIds, order.exchangeOrderId, order.price?.toFixed()];
  return { ...all, order, ask, row, answer, created, shown };
}

describe("the order that an amend made", () => {
  test("rests although the answer to the creation comes after the amend's", () => {
    const { ask, answer, created, shown } = replacing();
    answer(ask("101"));
    created();
    expect(shown()).toEqual([["e0", "e1"], "e1", "101"]);
  });

  test("rests after a restart between both answers", () => {
    const { ask, answer, runtime, store, row } = replacing();
    answer(ask("101"));
    store.close();
    const { tracker } = startProcess(runtime, { amendsReplace: true });
    tracker.apply(row(0, "open"), THE_CREATION);
    const order = tracker.orderByClientId("c1");
    expect([order?.exchangeOrderIds, order?.exchangeOrderId]).toEqual([["e0", "e1"], "e1"]);
  });

  test("stands in the order of the amends, whichever is answered first", () => {
    const { ask, answer, created, shown } = replacing();
    created();
    const [first, second] = [ask("101"), ask("102")];
    answer(second);
    answer(first);
    expect(shown()).toEqual([["e0", "e1", "e2"], "e2", "102"]);
  });

  test("is canceled once: what the creation's late answer names was replaced before", () => {
    const due: string[] = [];
    const onCancelDue = ({ clientOrderId }: InFlightOrder) => due.push(clientOrderId);
    const { tracker, ask, answer, created } = replacing({ onCancelDue });
    answer(ask("101"));
    tracker.cancels.request("c1");
    tracker.cancels.sent("c1");
    created();
    expect(tracker.orderByClientId("c1")?.state).toBe("pendingCancel");
    expect(due).toEqual([]);
  });
});

describe("the order that the creation made", () => {
  test("is taken from a row that comes when the amend is done, with what it executed", () => {
    const { tracker, order, ask, answer, row, shown } = replacing();
    answer(ask("101"));
    const replaced = row(0, "canceled", "0.4");
    expect(tracker.contradictionOf(replaced)).toBeUndefined();
    tracker.apply(replaced);
    tracker.apply(trade("f1", "0.4", { exchangeOrderId: "e0" }));
    expect(shown()).toEqual([["e0", "e1"], "e1", "101"]);
    expect([order.executedAmount.toFixed(), order.venueExecutedAmount.toFixed()]).toEqual(["0.4", "0.4"]);
  });

  test("is one: another row under the order's own client id is not of it", () => {
    const { tracker, ask, answer, created, row } = replacing();
    answer(ask("101"));
    created();
    expect(tracker.contradictionOf({ ...row(0, "open"), exchangeOrderId: "e9" })).toContain("e9");
  });
});

describe("what an amend was to make and the venue refused", () => {
  const refusedRow = () =>
    orderUpdate("failed", {
      ...{ clientOrderId: "c1-a1", exchangeOrderId: "e1", executedAmount: decimal("0") },
      ...{ timestampMs: START_MS + 101, order: shownOrder("2", "0", "101") },
    });

  // Hyperliquid, rough, seed 8: an order that had ended showed the amount that it was created with.
  test("changes nothing of an order that ended at the terms of an earlier amend", () => {
    const { tracker, order, ask, row, created } = replacing();
    created();
    const sequence = ask("101");
    tracker.apply({ ...row(0, "canceled"), order: shownOrder("3", "0", "99") });
    tracker.amends.refused("c1", sequence, new OrderRejectedError("it would have matched"));
    expect(order.state).toBe("canceled");
    expect(tracker.contradictionOf(refusedRow())).toBeUndefined();
    tracker.apply(refusedRow());
    const terms = `${order.amount.toFixed()} at ${order.price?.toFixed()}`;
    expect([order.state, order.exchangeOrderIds, terms]).toEqual(["canceled", ["e0"], "3 at 99"]);
  });

  test("is told as an amend that failed, also before its answer, and the order as canceled", () => {
    const { tracker, order, ask, row, created, events } = replacing();
    created();
    const sequence = ask("101");
    tracker.apply(refusedRow());
    tracker.apply(row(0, "canceled"));
    tracker.amends.refused("c1", sequence, new OrderRejectedError("it would have matched"));
    const told = events.map(({ name }) => name);
    expect(told.filter((name) => name.startsWith("orderAmend"))).toEqual(["orderAmendFailed"]);
    expect(told).toContain("orderCanceled");
    expect([order.state, order.exchangeOrderIds, order.price?.toFixed()]).toEqual(["canceled", ["e0"], "100"]);
  });
});

describe("an order that was amended many times", () => {
  function amended(count: number) {
    const all = replacing();
    all.created();
    for (let amend = 1; amend <= count; amend += 1) {
      const sequence = all.ask(`${100 + amend}`);
      all.tracker.apply(all.row(amend - 1, "canceled"));
      all.answer(sequence);
    }
    return all;
  }

  test("keeps the leg of the creation and the latest ones", () => {
    const { order } = amended(40);
    expect(order.exchangeOrderIds).toHaveLength(32);
    expect([order.exchangeOrderIds[0], order.exchangeOrderIds.at(-1)]).toEqual(["e0", "e40"]);
  });

  test("is not changed by a late row of a leg that is no longer kept", () => {
    const { tracker, order, row } = amended(40);
    const late = row(3, "canceled", "0.2");
    expect(tracker.contradictionOf(late)).toBeUndefined();
    expect(tracker.apply(late).kind).toBe("unchanged");
    expect([order.exchangeOrderId, order.venueExecutedAmount.toFixed()]).toEqual(["e40", "0"]);
  });
});
