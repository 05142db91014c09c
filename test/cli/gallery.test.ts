import { describe, expect, it } from "vitest";
import { main } from "../../packages/cli/src/main.ts";
import { FakeProcess } from "./fake-process.ts";

async function run(args: string): Promise<FakeProcess> {
  const process = new FakeProcess(args.split(" "));
  await main({ process });
  return process;
}

describe("perpwire gallery", () => {
  it("plays one bug by its name and says what happened, what was measured and the verdict", async () => {
    const { out, exitCode } = await run("gallery --only poisoned-batch --venue bybit");
    expect(exitCode).toBe(0);
    expect(out).toContain("ccxt#30284: A market is added");
    expect(out).toContain("https://github.com/ccxt/ccxt/issues/30284");
    expect(out).toContain("trades of ETH told after it was added: 10");
    expect(out).toContain("Verdict: holds");
    expect(out).toContain("bugs 1, plays 1, checks 4: all hold");
  });

  it("prints one line of JSON, and takes the number of the issue as a name", async () => {
    const { out } = await run("gallery --only ccxt#30284 --venue okx --json");
    expect(JSON.parse(out)).toMatchObject([
      { name: "poisoned-batch", connector: "okx_perpetual", holds: true, error: null, checks: { length: 4 } },
    ]);
  });

  it("names the nearest where there is no such bug, and refuses one that a venue cannot have", async () => {
    const unknown = await run("gallery --only dns-outrage");
    expect(unknown.exitCode).toBe(2);
    expect(unknown.error).toContain('did you mean "dns-outage"?');
    const elsewhere = await run("gallery --only listen-key-expired --venue okx");
    expect([elsewhere.exitCode, elsewhere.error.includes("is not played on okx")]).toEqual([2, true]);
  });
});
