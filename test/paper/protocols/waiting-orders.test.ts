import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Engine, Placement } from "../../../src/paper/engine/types.ts";
import { WaitingOrders } from "../../../src/paper/protocols/waiting-orders.ts";
import { Desk, u } from "../engine/harness.ts";

const placement = fc.record({
  market: fc.constantFrom("BTC-USD", "ETH-USD"),
  side: fc.constantFrom("buy" as const, "sell" as const),
  leg: fc.constantFrom("long" as const, "short" as const),
  lots: fc.integer({ min: 1, max: 999 }),
  reduceOnly: fc.integer({ min: 0, max: 3 }).map((chance) => chance === 0),
  orderType: fc.constantFrom("limit" as const, "market" as const),
});
type Wish = typeof placement extends fc.Arbitrary<infer T> ? T : never;

const placementOf = ({ leg, lots, orderType, ...rest }: Wish, isHedge: boolean): Placement => ({
  ...rest,
  ...({ type: "placeOrder", accountId: "ann", orderType, timeInForce: "GTC" } as const),
  ...(isHedge ? { positionSide: leg } : {}),
  price: orderType === "market" ? null : u(rest.market === "BTC-USD" ? "99" : "9.9"),
  ...{ size: BigInt(lots) * u("1"), postOnly: false, clientId: null },
});

const termsOf = ({ type: _, orderType, ...rest }: Placement) => ({ ...rest, type: orderType });

function engineOf(isHedge: boolean, isIsolated: boolean): Engine {
  const desk = new Desk();
  desk.open("ann", "bob");
  if (isHedge) desk.do({ type: "setPositionMode", accountId: "ann", mode: "hedge" });
  if (isIsolated) desk.do({ type: "setMarginMode", accountId: "ann", market: "BTC-USD", mode: "isolated" });
  const leg = isHedge ? ({ positionSide: "long" } as const) : {};
  desk.place("bob", "sell", "100", { price: "100" });
  desk.place("ann", "buy", "100", { price: "100", ...leg });
  return desk.engine;
}

describe("orders that wait, summed up", () => {
  it("bring the engine to the same verdict as each of them by itself", () => {
    const verdicts = new Map<string | null, number>();
    fc.assert(
      fc.property(
        fc.array(placement, { maxLength: 12 }),
        fc.array(fc.nat(11), { maxLength: 4 }),
        fc.option(fc.nat(11)),
        placement,
        fc.boolean(),
        fc.boolean(),
        (wishes, ended, replaced, wish, isHedge, isIsolated) => {
          const engine = engineOf(isHedge, isIsolated);
          const sums = new WaitingOrders();
          const rows = wishes.map((each) => placementOf(each, isHedge));
          const all = rows.map(termsOf);
          for (const order of all) sums.add(order);
          const gone = new Set(ended.filter((place) => place < all.length));
          for (const place of gone) sums.remove(all[place]!);
          const without = replaced === null || gone.has(replaced) ? undefined : all[replaced];
          const left = rows.filter((_, place) => !gone.has(place) && (without === undefined || place !== replaced));
          const order = placementOf(wish, isHedge);
          const verdict = engine.check(order, { waiting: left });
          verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
          expect(engine.check(order, { waiting: sums.placements(without) })).toBe(verdict);
          expect(sums.placements(without).length).toBeLessThanOrEqual(12);
        },
      ),
      { seed: 7, numRuns: 300 },
    );
    for (const code of [null, "insufficientMargin", "invalidReduceOnly"])
      expect(verdicts.get(code as string | null) ?? 0, String(code)).toBeGreaterThan(20);
  });

  it("are none any more when all have had their turn, and one row a market, leg and side before", () => {
    const sums = new WaitingOrders();
    const terms = { market: "BTC-USD", side: "buy", leg: "long", orderType: "limit", reduceOnly: false } as const;
    const buy = placementOf({ ...terms, lots: 2 }, false);
    const orders = Array.from({ length: 50 }, () => termsOf(buy));
    for (const order of orders) sums.add(order);
    sums.add(termsOf({ ...buy, side: "sell" }));
    expect(sums.placements().map(({ side, size }) => [side, size])).toEqual([
      ["buy", u("100")],
      ["sell", u("2")],
    ]);
    expect(sums.placements(orders[0]).map(({ size }) => size)).toEqual([u("98"), u("2")]);
    for (const order of orders) sums.remove(order);
    sums.remove(termsOf({ ...buy, side: "sell" }));
    expect(sums.placements()).toEqual([]);
  });
});
