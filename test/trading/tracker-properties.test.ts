import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { OrderUpdate, TradeUpdate } from "../../src/model/account-update.ts";
import { decimal, sum } from "../../src/model/decimal.ts";
import { TransportError } from "../../src/model/error.ts";
import { limitBuy, orderUpdate, START_MS, scene, trade } from "./scene.ts";

/** What a venue says of one order's whole life, in order. */
function life(end: "filled" | "canceled" | "expired"): (OrderUpdate | TradeUpdate)[] {
  const executed = end === "filled" ? "1" : "0.7";
  const at = (offset: number) => ({ timestampMs: START_MS + offset });
  return [
    orderUpdate("open", { ...at(10), executedAmount: decimal("0") }),
    trade("f1", "0.3", at(20)),
    orderUpdate("partiallyFilled", { ...at(20), executedAmount: decimal("0.3") }),
    trade("f2", "0.4", { ...at(30), clientOrderId: undefined }),
    orderUpdate("partiallyFilled", { ...at(30), executedAmount: decimal("0.7"), clientOrderId: undefined }),
    ...(end === "filled" ? [trade("f3", "0.3", at(40))] : []),
    orderUpdate(end, { ...at(40), executedAmount: decimal(executed) }),
  ];
}

const ENDS = { filled: "orderCompleted", canceled: "orderCanceled", expired: "orderExpired" } as const;
const disorder = fc.record({
  end: fc.constantFrom("filled", "canceled", "expired"),
  picks: fc.array(fc.nat(), { maxLength: 30 }),
  order: fc.array(fc.nat(), { minLength: 40, maxLength: 40 }),
  lostAnswerAt: fc.nat({ max: 10 }),
});

describe("whatever the network does to the messages", () => {
  test("order and fills end up the same, and each fact is told once and in order", () => {
    fc.assert(
      fc.property(disorder, ({ end, picks, order, lostAnswerAt }) => {
        const told = life(end);
        const repeats = picks.map((pick) => told[pick % told.length]!);
        const shuffled = [...told, ...repeats]
          .map((update, index) => ({ update, key: order[index % order.length]! + index / 1_000 }))
          .sort((a, b) => a.key - b.key)
          .map(({ update }) => update);
        const { tracker, names, events } = scene();
        const handle = tracker.startTracking(limitBuy());
        shuffled.forEach((update, index) => {
          if (index === lostAnswerAt)
            tracker.markUnknown("c1", new TransportError("reset", { bytesMayHaveLeft: true }));
          tracker.apply(update);
        });
        expect(handle.state).toBe(end);
        expect(handle.executedAmount.toFixed()).toBe(end === "filled" ? "1" : "0.7");
        const heard = names().filter((name) => name !== "orderUnknown");
        const fills = heard.filter((name) => name === "orderFilled");
        expect(fills).toHaveLength(end === "filled" ? 3 : 2);
        expect(heard).toEqual(["orderCreated", ...fills, ENDS[end]]);
        const amounts = events.filter(({ name }) => name === "orderFilled").map(({ event }) => event.amount);
        expect(sum(amounts as ReturnType<typeof decimal>[]).eq(handle.executedAmount)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
