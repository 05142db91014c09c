import { describe, expect, test } from "vitest";
import { BookSide } from "../../src/market-data/book-side.ts";
import { fitsWith } from "../../src/market-data/side-levels.ts";
import { NO_LEVEL } from "../../src/market-data/side-view.ts";
import { SeededRandom } from "../support/books/random.ts";

type Levels = Map<number, number>;

const bestFirst = (levels: Levels): (readonly [number, number])[] => [...levels].sort(([one], [other]) => other - one);

function levelsOf(side: BookSide): (readonly [number, number])[] {
  const levels: (readonly [number, number])[] = [];
  for (let cursor = side.best; cursor !== NO_LEVEL; cursor = side.worse(cursor)) {
    levels.push([side.priceOf(cursor), side.sizeOf(cursor)]);
  }
  return levels;
}

function expectSame(side: BookSide, levels: Levels): void {
  const expected = bestFirst(levels);
  expect(levelsOf(side)).toEqual(expected);
  expect(side.count).toBe(expected.length);
  expect(side.bestPrice).toBe(expected[0]?.[0] ?? Number.NaN);
  expect(side.bestSize).toBe(expected[0]?.[1] ?? Number.NaN);
  for (const rank of [0, 1, 7, 3]) {
    const level = expected[rank];
    if (level === undefined) continue;
    expect([side.priceAt(rank), side.sizeAt(rank)]).toEqual([BigInt(level[0]), BigInt(level[1])]);
  }
}

describe("a side of a book equals a map of its levels", () => {
  test.each([
    { what: "near the best price", tick: 1, spread: 40, jump: 0 },
    { what: "far and near", tick: 1, spread: 40_000, jump: 3 },
    { what: "of a market with large ticks", tick: 50, spread: 2_000, jump: 0 },
    { what: "when the price jumps by a tenth", tick: 5, spread: 300, jump: 20_000 },
    { what: "of prices that soon have a finer tick", tick: 25, spread: 3_000, jump: 100 },
  ])("for changes $what", ({ tick, spread, jump }) => {
    const random = new SeededRandom(spread + tick);
    const side = new BookSide("bid", 10_000);
    const levels: Levels = new Map();
    let best = 1_000_000;
    for (let change = 0; change < 4_000; change += 1) {
      if (random.chance(0.01)) best += random.pick([-1, 1]) * random.integer(jump + 1) * tick;
      const isFine = change > 2_000 && random.chance(0.01);
      const price = best - random.integer(random.chance(0.8) ? 30 : spread) * (isFine ? 1 : tick);
      const size = random.chance(0.4) ? 0 : 1 + random.integer(1_000);
      side.set(price, size);
      if (size === 0) levels.delete(price);
      else levels.set(price, size);
      if (change % 61 === 0) expectSame(side, levels);
    }
    expectSame(side, levels);
  });

  test("when the best levels go one by one, down to the last", () => {
    const side = new BookSide("bid", 10_000);
    const levels: Levels = new Map();
    for (let price = 1_000_000; price > 900_000; price -= 777) {
      side.set(price, 5);
      levels.set(price, 5);
    }
    for (const [price] of bestFirst(levels)) {
      side.set(price, 0);
      levels.delete(price);
      expectSame(side, levels);
    }
  });

  test("when it may keep few levels, of which the worst go", () => {
    const random = new SeededRandom(9);
    const side = new BookSide("bid", 50);
    const levels: Levels = new Map();
    let horizon = Number.NEGATIVE_INFINITY;
    for (let change = 0; change < 3_000; change += 1) {
      const price = 1_000_000 - random.integer(random.chance(0.7) ? 40 : 9_000);
      const size = random.chance(0.3) ? 0 : 1 + random.integer(9);
      side.set(price, size);
      if (size === 0) levels.delete(price);
      else if (levels.has(price) || price >= horizon) levels.set(price, size);
      if (levels.size > 50) {
        const [worst] = bestFirst(levels).at(-1) ?? [0];
        levels.delete(worst);
        horizon = bestFirst(levels).at(-1)?.[0] ?? horizon;
      }
    }
    expectSame(side, levels);
    expect(side.horizon).toBe(BigInt(horizon));
  });

  test("when the best of it are kept, and when digits are added", () => {
    const side = new BookSide("bid", 10_000);
    const levels: Levels = new Map();
    for (let rank = 0; rank < 300; rank += 1) {
      side.set(1_000_000 - rank * rank, rank + 1);
      levels.set(1_000_000 - rank * rank, rank + 1);
    }
    side.keepBest(120);
    expectSame(side, new Map(bestFirst(levels).slice(0, 120)));
    expect(fitsWith(side, 2, 3)).toBe(true);
    expect(fitsWith(side, 9, 0)).toBe(false);
    side.rescale(2, 3);
    const scaled = bestFirst(levels).map(([price, size]) => [price * 100, size * 1_000] as const);
    expectSame(side, new Map(scaled.slice(0, 120)));
    side.set(99_999_950, 7);
    expectSame(side, new Map([...scaled.slice(0, 120), [99_999_950, 7] as const]));
  });

  // A step of 10^13 put slots at keys that no double holds, and told the neighbouring prices.
  test.each([
    ["two levels of which one is a stray", [10_000_000_002_463, 1_002_662_000]],
    ["levels from the least price to the greatest", [1, 999_999_999_999_999, 7, 500_000_000_000_001]],
    ["levels at large ticks", [989_100_000_000_000, 932_560_000_652_792, 552_300_000_000_000]],
  ])("for %s", (_what, prices) => {
    for (const kind of ["bid", "ask"] as const) {
      const side = new BookSide(kind, 10_000);
      for (const price of prices) side.set(price, 5);
      const sorted = prices.toSorted((one, other) => (kind === "bid" ? other - one : one - other));
      expect(levelsOf(side)).toEqual(sorted.map((price) => [price, 5]));
      for (const [rank, price] of sorted.entries()) {
        side.set(price, 0);
        expect(levelsOf(side)).toEqual(sorted.slice(rank + 1).map((left) => [left, 5]));
      }
    }
  });

  test("for a few levels anywhere", () => {
    const random = new SeededRandom(31);
    for (let run = 0; run < 300; run += 1) {
      const side = new BookSide("bid", 10_000);
      const levels: Levels = new Map();
      const tick = 10 ** random.integer(15);
      for (let change = 0; change < 12; change += 1) {
        const known = [...levels.keys()];
        const price =
          known.length > 0 && random.chance(0.3)
            ? random.pick(known)
            : (1 + random.integer(Math.floor(999_999_999_999_999 / tick))) * tick;
        const size = random.chance(0.3) ? 0 : 1 + random.integer(9);
        side.set(price, size);
        if (size === 0) levels.delete(price);
        else levels.set(price, size);
        expectSame(side, levels);
      }
    }
  });

  test("for asks, whose best is the lowest", () => {
    const side = new BookSide("ask", 10_000);
    for (const price of [105, 101, 9_000_000, 103]) side.set(price, price);
    expect(levelsOf(side).map(([price]) => price)).toEqual([101, 103, 105, 9_000_000]);
    side.set(101, 0);
    expect([side.bestPrice, side.bestSize]).toEqual([103, 103]);
  });
});
