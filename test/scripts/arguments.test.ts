import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { hasWords } from "../../scripts/arguments.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** A script's exit code and what it said; each of these must end before it begins any work. */
function run(path: string, ...flags: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [resolve(ROOT, path), ...flags], {
    encoding: "utf8",
    timeout: 20_000,
  });
  return { status, stdout, stderr };
}

const FILE = resolve(ROOT, "package.json");
const CONNECTORS = "there are ftx_perpetual, bybit_perpetual, binance_perpetual, okx_perpetual";
const FROM_ONE = "it is a whole number from 1 up";
const FROM_ZERO = "it is a whole number from 0 up";
const SEEDS = "it is like 7, 1..1000 or 1..10,33";
const MINUTES = "it is a number of minutes from 0.1 to 1440";

it.each([
  ["scripts/simulate-twice.ts", ["--seeds", "abc"], `--seeds cannot be "abc": ${SEEDS}`],
  ["scripts/simulate-twice.ts", ["--seeds", "3..1"], `--seeds cannot be "3..1": ${SEEDS}`],
  ["scripts/simulate-twice.ts", ["--minutes", "0"], `--minutes cannot be "0": ${MINUTES}`],
  ["scripts/simulate-twice.ts", ["--seeds", "--minutes", "1"], "argument is ambiguous"],
  ["scripts/crash.ts", ["--kills", "abc"], `--kills cannot be "abc": ${FROM_ONE}`],
  ["scripts/crash.ts", ["--kills", "0"], FROM_ONE],
  ["scripts/crash.ts", ["--kills", "1.5"], FROM_ONE],
  ["scripts/crash.ts", ["--seed", "abc"], FROM_ZERO],
  ["scripts/crash.ts", ["--connector", "okx"], `there is no connector "okx": ${CONNECTORS}`],
  ["scripts/crash.ts", ["--trace", FILE], "--trace has to be a folder"],
  ["scripts/crash.ts", ["--trace", `${FILE}/below`], "--trace has to be a folder"],
  ["scripts/crash.ts", ["--trace", ""], "--trace has to be a folder"],
  ["scripts/fuzz.ts", ["--frames", "0"], FROM_ONE],
  ["scripts/fuzz.ts", ["--frames", "abc"], FROM_ONE],
  ["scripts/fuzz.ts", ["--seed", "abc"], FROM_ZERO],
  ["scripts/fuzz.ts", ["--venue", "okx"], `there is no venue "okx": ${CONNECTORS}`],
  ["scripts/fuzz.ts", ["--recordings", `${FILE}.nope`], "--recordings has to be a folder"],
  ["scripts/fuzz.ts", ["--recordings", FILE], "--recordings has to be a folder"],
  ["scripts/proof.ts", ["--only", "nope"], 'there is no part "nope": there are worlds, fuzz, books, box, demo'],
  ["scripts/proof.ts", ["--venue", "nope"], 'there is no venue "nope": there are all, ftx, bybit, binance, okx'],
  ["scripts/proof.ts", ["--rough", "3..1"], `--rough cannot be "3..1": ${SEEDS}`],
  ["scripts/proof.ts", ["--hell", "abc"], SEEDS],
  ["scripts/proof.ts", ["--minutes", "0"], MINUTES],
  ["scripts/proof.ts", ["--jobs", "0"], "it is a whole number from 1 to 64"],
  ["scripts/proof-books.ts", ["--messages", "0"], FROM_ONE],
  ["scripts/proof-books.ts", ["--seed", "abc"], FROM_ZERO],
  ["scripts/proof-books.ts", ["--venue", "okx"], 'there is no venue "okx": there are bybit_perpetual'],
  ["scripts/proof-box.ts", ["--api", "nope"], 'there is no api "nope"'],
  ["scripts/proof-box.ts", ["--requests", "abc"], FROM_ONE],
  ["scripts/proof-demo.ts", ["--seeds", "abc"], SEEDS],
  ["scripts/proof-demo.ts", ["--duration", "abc"], "it is a number of seconds"],
  ["scripts/proof-demo.ts", ["--connector", "okx"], CONNECTORS],
  ["scripts/simulate-mutants.ts", ["--seeds", "nope"], "--seeds cannot be"],
  ["scripts/simulate-mutants.ts", ["--minutes", "0"], MINUTES],
  ["scripts/simulate-mutants.ts", ["--by", "me"], 'there is no judge "me": there are both, judge, checker'],
  ["scripts/soak.ts", ["--days", "1"], "it is 0 or a whole number from 2 up"],
  ["scripts/soak.ts", ["--days", "1.5"], "it is 0 or a whole number from 2 up"],
  ["scripts/soak.ts", ["--days", "nope"], "it is 0 or a whole number from 2 up"],
  ["scripts/soak.ts", ["--minutes", "-1"], "--minutes"],
  ["scripts/soak.ts", ["--seed", "abc"], FROM_ZERO],
  ["scripts/soak.ts", ["--connector", "nope"], `there is no connector "nope": ${CONNECTORS}`],
  ["scripts/gallery-page.ts", ["--nope"], "Unknown option '--nope'"],
  ["scripts/docs.ts", ["--nope"], "Unknown option '--nope'"],
  ["scripts/kit-score.ts", ["--nope"], "Unknown option '--nope'"],
  ["scripts/supply-chain.ts", ["--nope"], "Unknown option '--nope'"],
  ["bench/run.ts", [], "no benchmark is named: there are book, "],
  ["bench/run.ts", ["wrong"], 'there is no benchmark "wrong": there are book, '],
  ["bench/run.ts", ["boook"], 'there is no benchmark "boook", did you mean "book": there are book, '],
  ["bench/run.ts", ["book", "growth"], 'book has no rows to choose from: "growth" is too much'],
  ["bench/run.ts", ["book", "--venue", "bibit"], 'there is no venue "bibit", did you mean "bybit": there are bybit, '],
  ["bench/run.ts", ["growth", "--venue", "okx"], "growth takes no --venue"],
  ["bench/run.ts", ["orders", "--venue", "okx"], "orders takes no --venue"],
  [
    "bench/run.ts",
    ["private", "--venue", "gate_io"],
    'there is no venue "gate_io": there are bybit, okx, binance, ftx, all',
  ],
  ["bench/run.ts", ["book", "--write"], "book takes no --write"],
  ["bench/run.ts", ["throtler"], 'there is no benchmark "throtler", did you mean "throttler"'],
  ["bench/run.ts", ["boxx"], 'there is no benchmark "boxx", did you mean "box"'],
  ["bench/run.ts", ["many", "--venue", "okx"], "many takes no --venue"],
  ["bench/run.ts", ["orders", "--messages", "500"], "orders takes no --messages"],
  ["bench/run.ts", ["book", "--messages", "5"], "it is a whole number from 100 to 1000000"],
  ["bench/run.ts", ["growth", "--passes", "1.5"], FROM_ONE],
  ["bench/run.ts", ["book", "--nope"], "Unknown option '--nope'"],
])("%s %j ends with one line that says what is wrong", (path, flags, text) => {
  const { status, stderr } = run(path, ...flags);
  expect(stderr).toContain(text);
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(status).toBe(2);
});

it.each([
  ["scripts/simulate-mutants.ts", ["--only", "nope"], "  a liquidation is not told"],
  ["bench/run.ts", ["growth", "nope"], "  journal on disk, one more fill, keys of fills in it"],
])("%s %j lists the names where none has these words", (path, flags, name) => {
  const { status, stderr } = run(path, ...flags);
  expect(stderr).toContain('has "nope" in its name: these are the names; see --help\n');
  expect(stderr.split("\n")).toContain(name);
  expect(status).toBe(2);
});

it.each(["gallery-page", "docs", "kit-score", "supply-chain", "crash"])("%s says with --help what it does", (name) => {
  const { status, stdout } = run(`scripts/${name}.ts`, "--help");
  expect(stdout).toMatch(/^[A-Z].{40}/);
  expect(stdout).not.toContain("import ");
  expect(status).toBe(0);
});

describe("a name that is looked for by its words", () => {
  it("is found by them in any order and case, and by none at all", () => {
    for (const words of ["told liquidation", "Liquidation", "is not", ""]) {
      expect(hasWords("a liquidation is not told", words)).toBe(true);
    }
    expect(hasWords("a liquidation is not told", "liquidation twice")).toBe(false);
  });
});
