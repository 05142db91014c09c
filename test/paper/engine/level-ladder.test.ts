import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LevelLadder } from "../../../src/paper/engine/level-ladder.ts";

function ranks(ladder: LevelLadder<unknown>): number[] {
  const found: number[] = [];
  for (let level = ladder.best; level !== null; level = level.next[0] ?? null) found.push(level.rank);
  return found;
}

describe("the ladder of levels", () => {
  it("is sorted, best first, whatever was added and removed", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -40, max: 40 }), { maxLength: 200 }), (toggles) => {
        const ladder = new LevelLadder<unknown>();
        const expected = new Set<number>();
        for (const rank of toggles) {
          const level = ladder.at(rank);
          if (level === undefined) ladder.insert(rank, BigInt(rank));
          else ladder.remove(level);
          if (!expected.delete(rank)) expected.add(rank);
          expect(ranks(ladder)).toEqual([...expected].sort((one, other) => one - other));
        }
      }),
      { seed: 7, numRuns: 60 },
    );
  });

  it("stays shallow however many levels there are", () => {
    const ladder = new LevelLadder<unknown>();
    for (let rank = 0; rank < 20_000; rank++) ladder.insert(rank, BigInt(rank));
    let tall = 0;
    let total = 0;
    for (let level = ladder.best; level !== null; level = level.next[0] ?? null) {
      total += level.next.length;
      if (level.next.length >= 10) tall += 1;
    }
    expect(total / ladder.count).toBeGreaterThan(1.8);
    expect(total / ladder.count).toBeLessThan(2.2);
    expect(tall).toBeGreaterThan(15);
  });
});
