import { expect, it } from "vitest";
import { differenceOf } from "../../bench/book/reference-books.ts";
import { type Changes, type Level, SyntheticMarket } from "../../bench/book/synthetic-market.ts";

function follow(levels: Map<number, number>, changes: readonly Level[]): void {
  for (const [ticks, lots] of changes) {
    if (lots === 0) levels.delete(ticks);
    else levels.set(ticks, lots);
  }
}

it.each([1, 20, 200, undefined])(
  "a book of %s levels that follows the changes alone is the one that is seen",
  (view) => {
    const market = new SyntheticMarket({ seed: 7, view });
    const { bids, asks } = market.book();
    const [ownBids, ownAsks] = [new Map(bids), new Map(asks)];
    for (let step = 0; step < 2_000; step += 1) {
      const changes = market.step();
      follow(ownBids, changes.bids);
      follow(ownAsks, changes.asks);
    }
    const own: Changes = {
      bids: [...ownBids].sort(([a], [b]) => b - a),
      asks: [...ownAsks].sort(([a], [b]) => a - b),
    };
    expect(own).toEqual(market.book());
    expect(own.bids).toHaveLength(view ?? own.bids.length);
    expect(own.asks[0]?.[0]).toBeGreaterThan(own.bids[0]?.[0] ?? 0);
  },
);

it("the same seed gives the same market, and another seed another one", () => {
  const steps = (seed: number) => {
    const market = new SyntheticMarket({ seed, view: 50 });
    return Array.from({ length: 20 }, () => market.step());
  };
  expect(steps(3)).toEqual(steps(3));
  expect(steps(3)).not.toEqual(steps(4));
});

it("a message changes about twenty levels, most of them near the touch", () => {
  const market = new SyntheticMarket({ seed: 1, view: 200 });
  const changes = Array.from({ length: 1_000 }, () => {
    const { bids, asks } = market.step();
    const [bid, ask] = [market.book().bids[0]?.[0] ?? 0, market.book().asks[0]?.[0] ?? 0];
    return [...bids.map(([ticks]) => bid - ticks), ...asks.map(([ticks]) => ticks - ask)];
  });
  const all = changes.flat();
  expect(all.length / changes.length).toBeGreaterThan(18);
  expect(all.length / changes.length).toBeLessThan(23);
  expect(all.filter((distance) => distance <= 16).length).toBeGreaterThan(all.length * 0.6);
});

it("a book that differs in one level is told with that level", () => {
  const right = [{ bids: [[10, 1] as const], asks: [[11, 2] as const] }];
  expect(differenceOf(right, right)).toBeUndefined();
  expect(differenceOf([{ bids: [[10, 1]], asks: [[11, 2.5]] }], right)).toBe(
    "market 0: ask 1 is 11 x 2.5 instead of 11 x 2",
  );
  expect(differenceOf([{ bids: [], asks: [[11, 2]] }], right)).toBe("market 0: 0 bids instead of 1");
  expect(differenceOf([], right)).toBe("market 0: 0 bids instead of 1");
});
