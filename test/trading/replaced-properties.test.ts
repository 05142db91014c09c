import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { OrderUpdate, TradeUpdate } from "../../src/model/account-update.ts";
import { type Decimal, decimal, sum } from "../../src/model/decimal.ts";
import { limitBuy, orderUpdate, START_MS, scene, shownOrder, trade } from "./scene.ts";

const idOf = (leg: number) => (leg === 0 ? "c1" : `c1-a${leg}`);

interface Life {
  /** What each leg executed before it was replaced, in tenths; the last one ends by it. */
  readonly executed: readonly number[];
  readonly isFilled: boolean;
}

/** The rows and fills of an order that was replaced by each of its amends, in the order in which they happened. */
function told({ executed, isFilled }: Life): (OrderUpdate | TradeUpdate)[] {
  const facts: (OrderUpdate | TradeUpdate)[] = [];
  let left = 10;
  executed.forEach((tenths, leg) => {
    const amount = `${left / 10}`;
    const done = isFilled && leg === executed.length - 1 ? left : Math.min(tenths, left - 1);
    const row = (state: OrderUpdate["state"], filled: number, atMs: number) =>
      orderUpdate(state, {
        clientOrderId: idOf(leg),
        exchangeOrderId: `e${leg}`,
        executedAmount: decimal(`${filled / 10}`),
        timestampMs: START_MS + leg * 100 + atMs,
        order: shownOrder(amount, `${filled / 10}`, `${100 + leg}`),
      });
    facts.push(row("open", 0, 10));
    if (done > 0) {
      const clientOrderId = leg % 2 === 0 ? undefined : idOf(leg);
      facts.push(trade(`f${leg}`, `${done / 10}`, { clientOrderId, exchangeOrderId: `e${leg}` }));
    }
    facts.push(row(done === left ? "filled" : "canceled", done, 50));
    left -= done;
  });
  return facts;
}

const disorder = fc.record({
  executed: fc.array(fc.nat({ max: 3 }), { minLength: 2, maxLength: 6 }),
  isFilled: fc.boolean(),
  keys: fc.array(fc.nat({ max: 1000 }), { minLength: 64, maxLength: 64 }),
  repeats: fc.array(fc.nat(), { maxLength: 20 }),
});

/** Facts and the answers to the amends, each more than once, in any order. */
function anyOrder({
  executed,
  isFilled,
  keys,
  repeats,
}: Life & { keys: readonly number[]; repeats: readonly number[] }) {
  const facts = told({ executed, isFilled });
  const opened = facts.filter((fact): fact is OrderUpdate => fact.type === "order" && fact.state === "open");
  const steps = [
    ...facts.map((fact) => ({ fact, answers: undefined })),
    ...repeats.map((pick) => ({ fact: facts[pick % facts.length]!, answers: undefined })),
    ...opened.map((fact, sequence) => ({ fact, answers: sequence })),
  ];
  return steps
    .map((step, index) => ({ step, key: keys[index % keys.length]! + index / 1000 }))
    .sort((a, b) => a.key - b.key)
    .map(({ step }) => step);
}

/** The order with all of its amends under way, as a quoter that does not wait has it. */
function quoted(amends: number) {
  const all = scene({ amendsReplace: true });
  const order = all.tracker.startTracking(limitBuy());
  for (let leg = 1; leg <= amends; leg += 1) {
    const terms = { price: decimal(`${100 + leg}`) };
    all.tracker.amends.requested("c1", terms, true);
    all.tracker.amends.sent("c1", leg, terms);
  }
  return { ...all, order };
}

describe("an order that amends replace, in whatever order the venue's words come", () => {
  test("nothing true is refused; legs, price, fills and end come out the same, each told once", () => {
    fc.assert(
      fc.property(disorder, (life) => {
        const { tracker, order, names, events } = quoted(life.executed.length - 1);
        for (const { fact, answers } of anyOrder(life)) {
          const source = answers === undefined ? undefined : ({ kind: "answer", amend: answers } as const);
          expect(tracker.contradictionOf(fact, source)).toBeUndefined();
          if (answers === undefined || answers === 0) tracker.apply(fact, source);
          else if (fact.type === "order") {
            const { exchangeOrderId } = fact;
            tracker.amends.answered("c1", answers, { exchangeOrderId, update: fact });
          }
        }
        const last = life.executed.length - 1;
        const wanted = sum(told(life).flatMap((fact) => (fact.type === "trade" ? [fact.amount] : [])));
        expect(order.exchangeOrderIds).toEqual(life.executed.map((_, leg) => `e${leg}`));
        expect([order.state, order.price?.toFixed()]).toEqual([life.isFilled ? "filled" : "canceled", `${100 + last}`]);
        expect([order.executedAmount.toFixed(), order.venueExecutedAmount.toFixed()]).toEqual(
          Array(2).fill(wanted.toFixed()),
        );
        const fills = events.filter(({ name }) => name === "orderFilled").map(({ event }) => event.amount as Decimal);
        expect(sum(fills).eq(wanted)).toBe(true);
        const heard = names().filter((name) => name !== "orderAmended" && name !== "orderFilled");
        expect(heard).toEqual(["orderCreated", life.isFilled ? "orderCompleted" : "orderCanceled"]);
      }),
      { numRuns: 500 },
    );
  });
});
