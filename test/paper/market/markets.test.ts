import { describe, expect, it } from "vitest";
import { PAPER_MARKETS } from "../../../src/paper/market/markets.ts";

describe("the paper venue's markets", () => {
  it("are four perpetuals against USD", () => {
    expect(PAPER_MARKETS.map(({ market }) => market)).toEqual(["BTC-USD", "ETH-USD", "SOL-USD", "DOGE-USD"]);
  });

  it("fit together: sizes on the lot grid, the start price within what a double shows exactly", () => {
    for (const spec of PAPER_MARKETS) {
      expect(spec.minSize % spec.lot).toBe(0n);
      expect(spec.minMakerSize % spec.lot).toBe(0n);
      expect(spec.maxSize % spec.lot).toBe(0n);
      expect(spec.initialPrice % spec.tick).toBe(0n);
      expect(spec.minMakerSize).toBeGreaterThanOrEqual(spec.minSize);
      expect(Number(spec.initialPrice / spec.tick)).toBeGreaterThan(1_000);
    }
  });
});
