import { beforeAll, describe, expect, it } from "vitest";
import { printReport, reportOf } from "../../packages/cli/src/demo/report.ts";
import type { DemoResult } from "../../packages/cli/src/demo/session.ts";
import { Output } from "../../packages/cli/src/output.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { simulateDemo } from "./demo-scene.ts";
import { FakeProcess } from "./fake-process.ts";

const context = { seed: 3, isChaos: true, connector: "ftx_perpetual" };

async function printed(result: DemoResult, flags: { readonly json?: boolean; readonly all?: boolean } = {}) {
  const process = new FakeProcess([]);
  const cli = { process, secrets: new Set<string>(), runtime: async () => new SimulatedWorld({ seed: 1 }).runtime() };
  const report = reportOf(result, context);
  await printReport(new Output(cli, flags), report, flags.all === true ? result.sections : []);
  return process.outLines;
}

describe("the demo's report", () => {
  let equal: DemoResult;
  let different: DemoResult;

  beforeAll(async () => {
    equal = (await simulateDemo(3, { isChaos: true, durationMs: 15_000 })).result;
    different = (
      await simulateDemo(3, {
        durationMs: 15_000,
        onReady: ({ connector, ledger }) => void connector.once("orderFilled", () => void ledger.fills.pop()),
      })
    ).result;
  }, 120_000);

  it("is a table that fits into 80 columns, with every section and figure", async () => {
    const lines = await printed(equal);
    for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(80);
    const text = lines.join("\n");
    for (const { name } of equal.sections) expect(text).toMatch(new RegExp(`^${name} .* equal$`, "m"));
    expect(text).toMatch(/^USD balance .* equal$/m);
    expect(text).toMatch(/^USD by cash flows .* equal$/m);
    expect(text).not.toMatch(/DIFFER|undefined|NaN/);
    expect(lines.at(-1)).toBe("connector and venue are equal to the last digit");
  });

  it("is one JSON line for programs, with amounts as text", async () => {
    const lines = await printed(equal, { json: true });
    expect(lines).toHaveLength(1);
    const report = JSON.parse(lines[0] ?? "");
    expect(report).toMatchObject({ reconciled: true, seed: 3, chaos: true, differences: [] });
    expect(report.sections.orders).toMatchObject({ onlyConnector: 0, onlyVenue: 0, differing: 0, differences: 0 });
    expect(report.account.startingBalance).toBe("100000");
    expect(report.counters.unknownOutcomesResolved).toBe(report.counters.unknownOutcomes);
    expect(report.counters.gaps).toBeGreaterThanOrEqual(report.counters.gapsHealed);
    expect(report.counters.bookHeals).toBeGreaterThanOrEqual(0);
  });

  it("says what differs, and that it does", async () => {
    const lines = await printed(different);
    expect(lines.some((line) => /^fills .* DIFFERENT$/.test(line))).toBe(true);
    expect(lines.at(-1)).toBe("connector and venue DIFFER");
    const [line] = await printed(different, { json: true });
    const report = JSON.parse(line ?? "");
    expect(report.reconciled).toBe(false);
    expect(report.differences).toContainEqual(
      expect.objectContaining({ section: "fills", connector: null, venue: expect.stringContaining("price") }),
    );
  });

  it("is not called reconciled when something had not ended", async () => {
    const unsettled = { ...equal, isSettled: false };
    expect((await printed(unsettled)).at(-1)).toContain("not everything ended in time");
    const [line] = await printed(unsettled, { json: true });
    expect(JSON.parse(line ?? "")).toMatchObject({ reconciled: false, settled: false });
  });

  it("lists every order, fill and payment when asked", async () => {
    const lines = await printed(equal, { all: true });
    for (const { pairs } of equal.sections) {
      for (const { key } of pairs) expect(lines.some((line) => line.startsWith(`equal      ${key}  `))).toBe(true);
    }
  });
});
