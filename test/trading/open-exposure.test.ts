import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Decimal, decimal, sum, ZERO } from "../../src/model/decimal.ts";
import { exposureOf, OpenExposure, type OpenOrderRisk } from "../../src/trading/open-exposure.ts";

const order = (clientOrderId: string, changes: Partial<OpenOrderRisk> = {}): OpenOrderRisk => ({
  ...({ clientOrderId, tradingPair: "BTC-USD", side: "buy", reducesOnly: false, opens: true } as const),
  ...{ remaining: decimal("2"), price: decimal("100") },
  ...changes,
});
const plain = (sums: object) =>
  Object.fromEntries(Object.entries(sums).map(([name, value]) => [name, (value as Decimal).toFixed()]));

describe("the sums over open orders", () => {
  it("keep sides and markets apart, and what only reduces out", () => {
    const open = new OpenExposure();
    open.set(order("a"));
    open.set(order("b", { side: "sell", price: undefined, opens: false }));
    open.set(order("c", { reducesOnly: true, opens: false }));
    open.set(order("d", { tradingPair: "ETH-USD" }));
    expect(open.count).toBe(4);
    expect(open.of("BTC-USD").orders).toBe(3);
    expect(plain(open.of("BTC-USD").buy)).toEqual({ remaining: "2", notional: "200", unpriced: "0", opening: "200" });
    expect(plain(open.of("BTC-USD").sell)).toEqual({ remaining: "2", notional: "0", unpriced: "2", opening: "0" });
    expect(open.of("SOL-USD").orders).toBe(0);
  });

  it("take the new terms of an order in the place of the old ones", () => {
    const open = new OpenExposure();
    open.set(order("a"));
    open.set(order("a", { remaining: decimal("1"), price: decimal("90") }));
    expect([open.count, open.of("BTC-USD").buy.notional.toFixed()]).toEqual([1, "90"]);
    open.delete("a");
    open.delete("a");
    expect([open.count, open.of("BTC-USD").orders]).toEqual([0, 0]);
    expect([...open.markets()]).toEqual([]);
  });

  it("never count less than nothing of an order whose fills are ahead of its amount", () => {
    expect(plain(exposureOf(order("a", { remaining: decimal("-3") })))).toMatchObject({
      remaining: "0",
      notional: "0",
    });
  });

  it("are those of the orders that are open, whatever came and went", () => {
    const step = fc.record({
      id: fc.integer({ min: 0, max: 9 }),
      isGone: fc.boolean(),
      units: fc.integer({ min: 0, max: 1_000_000 }),
      price: fc.option(fc.integer({ min: 1, max: 100_000 }), { nil: undefined }),
      side: fc.constantFrom("buy" as const, "sell" as const),
      reducesOnly: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const open = new OpenExposure();
        const orders = new Map<string, OpenOrderRisk>();
        for (const { id, isGone, units, price, side, reducesOnly } of steps) {
          const key = `o${id}`;
          const remaining = decimal("0.0001").times(units);
          const limit = price === undefined ? undefined : decimal("0.1").times(price);
          const next = order(key, { remaining, price: limit, side, reducesOnly, opens: !reducesOnly });
          if (isGone) {
            open.delete(key);
            orders.delete(key);
          } else {
            open.set(next);
            orders.set(key, next);
          }
        }
        for (const side of ["buy", "sell"] as const) {
          const parts = [...orders.values()].filter((each) => each.side === side).map(exposureOf);
          const expected = sum(parts.map(({ notional }) => notional));
          expect(open.of("BTC-USD")[side].notional.eq(orders.size === 0 ? ZERO : expected)).toBe(true);
        }
        expect(open.count).toBe(orders.size);
      }),
    );
  });
});
