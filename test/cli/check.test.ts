import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { main } from "../../packages/cli/src/main.ts";
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

  it("refuses a file that is named twice, and files of one name that are not of one run", async () => {
    const twice = await run("check", file, file);
    expect([twice.exitCode, twice.error]).toEqual([2, `perpwire: ${file} is named twice\n`]);
    const lines = readFileSync(file, "utf8").trim().split("\n");
    const longer = join(folder, "longer.ndjson");
    writeFileSync(longer, [(lines[0] ?? "").replace('"minutes":0.3', '"minutes":1'), ...lines.slice(1)].join("\n"));
    const { error, exitCode } = await run("check", file, longer);
    expect(exitCode).toBe(2);
    expect(error).toContain(`${longer} and ${file} are not of one run: their minutes differs`);
  });

  it("says what a line is not", async () => {
    const lines = readFileSync(file, "utf8").trim().split("\n");
    const odd = join(folder, "odd.ndjson");
    writeFileSync(odd, [lines[0], "null", ...lines.slice(1)].join("\n"));
    expect((await run("check", odd)).error).toContain("odd.ndjson line 2: not an object with a kind of line");
    writeFileSync(odd, (lines[0] ?? "").replace('bybit_perpetual","seed', 'kraken","seed'));
    expect((await run("check", odd)).error).toContain("no connector is named kraken; known are ftx_perpetual, ");
  });

  it("does not say that every rule holds of a history that ends before the exchange's record", async () => {
    const lines = readFileSync(file, "utf8").trim().split("\n");
    const cut = join(folder, "cut.ndjson");
    const last = lines.findLastIndex((line) => line.includes('"kind":"truth"'));
    for (const upTo of [1, lines.length >> 1, last]) {
      writeFileSync(cut, lines.slice(0, upTo).join("\n"));
      const { out, exitCode } = await run("check", cut);
      expect([upTo, exitCode]).toEqual([upTo, 1]);
      expect(out).toContain("INCOMPLETE");
      expect(out).not.toContain("every rule holds");
      const { out: json } = await run("check", cut, "--json");
      expect(JSON.parse(json)).toMatchObject({ isWhole: false, breaches: [] });
    }
  });

  it("leaves out a last line that was cut off, and no other that cannot be read", async () => {
    const lines = readFileSync(file, "utf8").trim().split("\n");
    const garbled = join(folder, "garbled.ndjson");
    for (const torn of ['{"t":9', '{"t":9,"data":{}']) {
      writeFileSync(garbled, [...lines, torn].join("\n"));
      expect((await run("check", garbled)).exitCode).toBe(0);
      writeFileSync(garbled, [...lines.slice(0, 50), torn, ...lines.slice(50)].join("\n"));
      const { error, exitCode } = await run("check", garbled);
      expect(exitCode).toBe(2);
      expect(error).toContain("garbled.ndjson line 51: not JSON");
    }
    writeFileSync(garbled, [...lines.slice(0, 50), '{"t":9,"kind":"event"}', ...lines.slice(50)].join("\n"));
    expect((await run("check", garbled)).error).toContain('line 51: a line of kind "event" without what it needs');
  });

  it("refuses two runs in one file", async () => {
    const lines = readFileSync(file, "utf8").trim().split("\n");
    const both = join(folder, "both.ndjson");
    const second = lines.join("\n").replace('"run":"bybit_perpetual 2 calm"', '"run":"bybit_perpetual 3 calm"');
    writeFileSync(both, `${lines.join("\n")}\n${second}\n`);
    const { error, exitCode } = await run("check", both);
    expect(exitCode).toBe(2);
    expect(error).toContain(`line ${lines.length + 1}: here begins another run, "bybit_perpetual 3 calm"`);
  });

  it("refuses what is no history, by its name", async () => {
    const other = join(folder, "other.ndjson");
    writeFileSync(other, '{"t":1}\n');
    const { error, exitCode } = await run("check", other);
    expect(exitCode).toBe(2);
    expect(error).toContain("other.ndjson is no history");
  });
});
