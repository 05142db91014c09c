import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Decimal, decimal, ZERO } from "../../src/model/decimal.ts";
import type { Fill } from "../../src/model/fill.ts";
import { FillLedger, fillKey } from "../../src/trading/fill-ledger.ts";
import { PAIR } from "./scene.ts";

function memoryJournal() {
  const keys = new Set<string>();
  return { keys, hasFill: (key: string) => keys.has(key), writeFill: (key: string) => void keys.add(key) };
}

function fill(fillId: string, changes: Partial<Fill> = {}): Fill {
  return {
    fillId,
    clientOrderId: "c1",
    exchangeOrderId: "e1",
    tradingPair: PAIR,
    side: "buy",
    positionAction: "open",
    price: decimal("100"),
    amount: decimal("0.5"),
    fee: { kind: "addedToCost", percent: decimal("0.001"), flatFees: [{ token: "FTT", amount: decimal("0.01") }] },
    isMaker: false,
    timestampMs: 1,
    ...changes,
  };
}

describe("the fill ledger", () => {
  test("counts a fill once and knows amount, cost and fees by token", () => {
    const ledger = new FillLedger({ journal: memoryJournal() });
    const totals = ledger.totals("c1");
    expect(ledger.record(fill("f1"))).toBe(true);
    expect(ledger.record(fill("f1"))).toBe(false);
    expect(ledger.record(fill("f2", { price: decimal("200") }))).toBe(true);
    expect(totals.amount.toFixed()).toBe("1");
    expect(totals.cost.toFixed()).toBe("150");
    expect([...totals.fees].map(([token, amount]) => `${token} ${amount.toFixed()}`)).toEqual(["USD 0.15", "FTT 0.02"]);
  });

  test("the same fill id on another order or another market is another fill", () => {
    const ledger = new FillLedger({ journal: memoryJournal() });
    expect(ledger.record(fill("f1"))).toBe(true);
    expect(ledger.record(fill("f1", { exchangeOrderId: "e2" }))).toBe(true);
    expect(ledger.record(fill("f1", { tradingPair: "ETH-USD" }))).toBe(true);
    expect(ledger.totals("c1").amount.toFixed()).toBe("1.5");
  });

  test("after pruning, memory is free and the journal still refuses the repeat", () => {
    const ledger = new FillLedger({ journal: memoryJournal() });
    ledger.record(fill("f1"));
    ledger.prune("c1");
    expect(ledger.size).toBe(0);
    expect(ledger.record(fill("f1"))).toBe(false);
    expect(ledger.has({ tradingPair: PAIR, exchangeOrderId: "e1", fillId: "f1" })).toBe(true);
  });

  test("restored fills count without being written again", () => {
    const journal = memoryJournal();
    journal.keys.add(fillKey(PAIR, "e1", "f1"));
    const ledger = new FillLedger({ journal });
    ledger.restore([fill("f1")]);
    expect(ledger.totals("c1").amount.toFixed()).toBe("0.5");
    expect(ledger.record(fill("f1"))).toBe(false);
  });

  test("whatever is repeated in whatever order, the sum is that of the distinct fills", () => {
    const fills = fc.array(fc.record({ id: fc.integer({ min: 0, max: 9 }), order: fc.constantFrom("e1", "e2") }));
    fc.assert(
      fc.property(fills, (sequence) => {
        const ledger = new FillLedger({ journal: memoryJournal() });
        for (const { id, order } of sequence) {
          ledger.record(fill(`f${id}`, { exchangeOrderId: order, amount: new Decimal(id + 1) }));
        }
        const distinct = new Map(sequence.map(({ id, order }) => [`${order}/${id}`, id + 1]));
        const expected = [...distinct.values()].reduce((sum, amount) => sum.plus(amount), ZERO);
        expect(ledger.totals("c1").amount.eq(expected)).toBe(true);
      }),
    );
  });
});
