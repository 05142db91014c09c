import { describe, expect, it } from "vitest";
import { BOX_PROTOCOLS } from "../../src/simulation/box-protocols.ts";
import { planOf, playWorld, shrink, testOf } from "../../src/simulation/index.ts";

const CONNECTORS = Object.keys(BOX_PROTOCOLS) as (keyof typeof BOX_PROTOCOLS)[];

describe.each(CONNECTORS)("a played world of %s", (connector) => {
  it("ends without a finding, with orders, fills and faults in it, and the same twice", async () => {
    const plan = planOf({ connector, seed: 4, minutes: 1 });
    const [first, second] = [await playWorld(plan), await playWorld(plan)];
    expect(first.findings).toEqual([]);
    expect(first.hash).toBe(second.hash);
    expect(first.told.fills).toBeGreaterThan(5);
    expect(plan.episodes.length).toBeGreaterThan(3);
  });
});

// The judge counted what strategies asked of a connector whose machine slept: it had been ready when the lid was closed.
it.each(CONNECTORS)("asks for no orders of a bot of %s whose machine slept", async (connector) => {
  const plan = planOf({ connector, seed: 1, profile: "calm", minutes: 0.5 });
  const asleep = { kind: "closedLid", atMs: 0, forMs: plan.tradingMs, draw: 1 } as const;
  const { findings, faults } = await playWorld({ ...plan, processes: 1, episodes: [asleep] });
  expect([findings, faults.closedLid]).toEqual([[], 1]);
});

it("finds a world in which a bot that ran placed nothing", async () => {
  const plan = planOf({ connector: "bybit_perpetual", seed: 1, profile: "calm", minutes: 0.5 });
  const acts = plan.acts.map((each) => (each.actor === "quoter" ? { ...each, act: "cancel" } : each));
  const { findings } = await playWorld({ ...plan, acts: acts.filter(({ actor }) => actor !== "taker") });
  expect(findings.map(({ rule }) => rule)).toEqual(["bots trade"]);
});

// The judge took a market that was delisted meanwhile for one of the default mode, and its fills for those of another leg.
it("judges fills by the mode of their orders where their market was delisted while the program did not run", async () => {
  const plan = planOf({ connector: "bybit_perpetual", seed: 925_007, profile: "hell", minutes: 0.5 });
  const { findings } = await playWorld(plan, { by: "both" });
  expect(findings).toEqual([]);
});

it("has nothing to shrink where nothing is wrong", async () => {
  const plan = planOf({ connector: "bybit_perpetual", seed: 2, profile: "calm", minutes: 0.5 });
  expect(await shrink(plan)).toBeUndefined();
});

it("prints a shrunk plan as a test", () => {
  const plan = planOf({ connector: "ftx_perpetual", seed: 1, minutes: 0.1 });
  const text = testOf({ plan, finding: { rule: "a rule", text: "what\nwas", atMs: 1 }, played: 1 });
  expect(text).toContain("playWorld(PLAN)");
  expect(text).toContain("a rule: what was");
});

// A test that has the usual judge passes for what the checker alone had found.
it("has the judges in the test who found what it is about", () => {
  const plan = planOf({ connector: "ftx_perpetual", seed: 1, minutes: 0.1 });
  const shrunk = { plan, finding: { rule: "checker: a rule", text: "what", atMs: 1 }, played: 1 };
  expect(testOf({ ...shrunk, by: "both" })).toContain('playWorld(PLAN, { by: "both" })');
  expect(testOf({ ...shrunk, by: "judge" })).toContain("playWorld(PLAN))");
});
