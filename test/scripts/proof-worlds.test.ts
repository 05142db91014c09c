import { describe, expect, it } from "vitest";
import { summaryText, tooLate, tooLittle } from "../../scripts/proof/worlds.ts";
import { summarise, type WorldReport } from "../../src/simulation/campaign.ts";

const BUSY = { ordersPlaced: 60, fills: 20, unknownOutcomes: 1, bookHeals: 3 };
const OPTIONS = { profile: "rough", minutes: 1, elapsedMs: 1_000 } as const;

const world = (seed: number, changes: Partial<WorldReport> = {}): WorldReport => ({
  ...{ connector: "okx_perpetual", seed, hash: "h", simulatedMs: 60_000, settledMs: 10, healMs: [], quietHealMs: [] },
  ...{ faults: {}, told: BUSY, findings: [], ...changes },
});

describe("a campaign of the proof", () => {
  it("counts where each venue did enough in it", () => {
    expect(tooLittle(summarise([world(1), world(2, { connector: "ftx_perpetual" })], OPTIONS), 1)).toEqual([]);
  });

  it.each(["ordersPlaced", "fills", "unknownOutcomes", "bookHeals"])(
    "does not count where one venue had no %s, whatever the others had",
    (name) => {
      const idle = Array.from({ length: 10 }, (_, index) => world(index, { told: { ...BUSY, [name]: 0 } }));
      const busy = Array.from({ length: 90 }, (_, index) => world(index, { connector: "ftx_perpetual" }));
      const lacks = tooLittle(summarise([...idle, ...busy], OPTIONS), 1);
      expect(lacks).toEqual([expect.stringMatching(/^okx_perpetual: 0 .* in 10 worlds/)]);
    },
  );

  it("does not count where no world was played", () => {
    expect(tooLittle(summarise([], OPTIONS), 1)).toEqual(["no world was played"]);
  });

  it("does not count where more than one book of a hundred healed later than two seconds after the last fault", () => {
    const prompt = (count: number) => world(1, { quietHealMs: Array.from({ length: count }, () => 2_000) });
    const late = world(2, { quietHealMs: [3_500, 100] });
    expect(tooLate(summarise([prompt(10)], OPTIONS))).toEqual([]);
    expect(tooLate(summarise([prompt(110), late], OPTIONS))).toEqual([]);
    expect(tooLate(summarise([prompt(40), late], OPTIONS))).toEqual([
      expect.stringContaining("3.5 s (p99)"),
      "3.5 s: npm run simulate -- --venue okx --seeds 2 --profile rough --minutes 1",
    ]);
  });

  it("tells how long books took to heal after the last fault, of each venue", () => {
    const healed = world(2, { connector: "ftx_perpetual", quietHealMs: [1_000, 5_000, 2_000] });
    const lines = summaryText(summarise([world(1), healed], OPTIONS)).split("\n");
    expect(lines[1]).toContain("books healed within 2.0 s (median), 5.0 s (p99), 5.0 s (most of 3)");
    expect(lines[2]).toContain("ftx_perpetual: books healed within 2.0 s (median)");
    expect(lines[3]).toContain("okx_perpetual: no book healed after the last fault");
  });
});
