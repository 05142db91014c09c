import { describe, expect, it } from "vitest";
import { type Failure, search } from "../../scripts/mutants/search.ts";

const failure = (seed: number): Failure => ({ seed, rule: "a rule", text: "what" });

/** Searches where these seeds fail with the broken engine, and those with the unbroken one. */
function searched(broken: readonly number[], unbroken: readonly number[] = [], seeds = 10) {
  const failuresOf = (failing: readonly number[]) => async (part: readonly number[]) =>
    part.filter((seed) => failing.includes(seed)).map(failure);
  return search({ seeds, atATime: 4, playBroken: failuresOf(broken), playUnbroken: failuresOf(unbroken) });
}

describe("the search for a world that finds a broken promise out", () => {
  it("ends with the first world that fails", async () => {
    expect(await searched([6, 7])).toEqual({ found: failure(6), failAnyway: [] });
  });

  it("passes over worlds that fail with the unbroken engine as well, within a part and beyond it", async () => {
    expect(await searched([2, 3, 9], [2])).toEqual({ found: failure(3), failAnyway: [failure(2)] });
    expect(await searched([2, 9], [2])).toEqual({ found: failure(9), failAnyway: [failure(2)] });
  });

  it("finds nothing where each failure is the unbroken engine's, or lies beyond the last seed", async () => {
    expect(await searched([2], [2])).toEqual({ found: undefined, failAnyway: [failure(2)] });
    expect((await searched([11])).found).toBeUndefined();
  });
});
