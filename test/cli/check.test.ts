import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { main } from "../../src/cli/main.ts";
import { FakeProcess } from "./fake-process.ts";

async function run(...args: string[]): Promise<FakeProcess> {
  const process = new FakeProcess(args);
  await main({ process });
  return process;
}

describe("perpwire check", () => {
  let folder = "";
  let file = "";

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "perpwire-check-"));
    file = join(folder, "bybit-2-calm.ndjson");
    const flags = ["--venue", "bybit", "--seeds", "2", "--profile", "calm", "--minutes", "0.3", "--jobs", "1"];
    await run("simulate", ...flags, "--trace", folder);
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("says how much was checked, and that every rule holds", async () => {
    const { out, exitCode } = await run("check", file);
    expect(exitCode).toBe(0);
    expect(out).toMatch(/bybit_perpetual 2 calm \(.*\): \d+ lines/);
    expect(out).toMatch(/\d+ fills compared/);
    expect(out).toContain("every rule holds");
  });

  it("names each broken rule with its lines, and ends with 1", async () => {
    const lines = readFileSync(file, "utf8").split("\n");
    const at = lines.findIndex((line) => line.includes('"name":"orderFilled"'));
    const broken = join(folder, "broken.ndjson");
    writeFileSync(broken, [...lines.slice(0, at + 1), ...lines.slice(at)].join("\n"));
    const { out, exitCode } = await run("check", broken);
    expect(exitCode).toBe(1);
    expect(out).toContain(`(lines ${at + 1}, ${at + 2})`);
    const { out: json } = await run("check", broken, "--json");
    expect(JSON.parse(json).breaches).toMatchObject([{ lines: [String(at + 1), String(at + 2)] }]);
  });

  it("puts the files of one run together by time", async () => {
    const lines = readFileSync(file, "utf8").trim().split("\n");
    const [head = ""] = lines;
    const isOfProcess = (line: string) => line.includes('"host":"bot"');
    const [one, two] = [join(folder, "one.ndjson"), join(folder, "two.ndjson")];
    writeFileSync(one, [head, ...lines.slice(1).filter((line) => !isOfProcess(line))].join("\n"));
    writeFileSync(two, [head, ...lines.slice(1).filter(isOfProcess)].join("\n"));
    const { out } = await run("check", one, two, "--json");
    const { files, lines: count } = JSON.parse(out);
    expect([files, count]).toEqual([[one, two], lines.length + 1]);
  });

  it("refuses what is no history, by its name", async () => {
    const other = join(folder, "other.ndjson");
    writeFileSync(other, '{"t":1}\n');
    const { error, exitCode } = await run("check", other);
    expect(exitCode).toBe(2);
    expect(error).toContain("other.ndjson is no history");
  });
});
