import { describe, expect, it } from "vitest";
import { reproduction, summarise, type WorldReport } from "../../src/simulation/campaign.ts";

describe("the line that plays a world again", () => {
  const world = { connector: "okx_perpetual", seed: 7 } as const;

  it("names the judges whose findings counted, where they are not the usual one", () => {
    const line = "npm run simulate -- --venue okx --seeds 7 --profile hell --minutes 0.5";
    expect(reproduction(world, { profile: "hell", minutes: 0.5 })).toBe(line);
    expect(reproduction(world, { profile: "hell", minutes: 0.5, by: "judge" })).toBe(line);
    expect(reproduction(world, { profile: "hell", minutes: 0.5, by: "checker" })).toBe(`${line} --by checker`);
    expect(reproduction(world, { profile: "hell", minutes: 0.5, by: "both" })).toBe(`${line} --by both`);
  });
});

describe("what worlds add up to", () => {
  const world = (seed: number, changes: Partial<WorldReport> = {}): WorldReport => ({
    ...{ connector: "okx_perpetual", seed, hash: "h", simulatedMs: 1_000, settledMs: 10, healMs: [], quietHealMs: [] },
    ...{ faults: {}, told: { fills: 1 }, findings: [], ...changes },
  });
  const options = { profile: "rough", minutes: 1, elapsedMs: 1_000 } as const;

  it("has no time of healing where no book healed", () => {
    const { bookHealMs, quietBookHealMs, settledMs } = summarise([world(1)], options);
    expect({ bookHealMs, quietBookHealMs }).toEqual({ bookHealMs: null, quietBookHealMs: null });
    expect(settledMs).toEqual({ count: 1, p50: 10, p99: 10, most: 10 });
    expect(summarise([world(1, { healMs: [7] })], options).bookHealMs).toEqual({ count: 1, p50: 7, p99: 7, most: 7 });
  });

  it("tells the worlds of each connector apart", () => {
    const ftx = { connector: "ftx_perpetual", told: { fills: 5 }, quietHealMs: [3] } as const;
    expect(summarise([world(1), world(2), world(1, ftx)], options).connectors).toEqual({
      ftx_perpetual: { seeds: 1, told: { fills: 5 }, quietBookHealMs: { count: 1, p50: 3, p99: 3, most: 3 } },
      okx_perpetual: { seeds: 2, told: { fills: 2 }, quietBookHealMs: null },
    });
  });
});
