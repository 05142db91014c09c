import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "vitest";
import { type RatioTable, ratioFailures } from "../../bench/ratios.ts";

const committed = { "book bybit": { ccxt: 2, jsonParse: 0.5 }, throttler: { ccxt: 1.2 } };

/** The same run, with Perpwire so many times as slow. */
function slowed(table: RatioTable, times: number): RatioTable {
  return Object.fromEntries(
    Object.entries(table).map(([name, ratios]) => [
      name,
      Object.fromEntries(Object.entries(ratios).map(([key, ratio]) => [key, ratio / times])),
    ]),
  );
}

it("a run like the committed one passes, and so does one that is noisy or faster", () => {
  for (const times of [1, 1.9, 0.2]) expect(ratioFailures(committed, slowed(committed, times))).toEqual([]);
});

it("a run in which Perpwire is slowed to less than half fails for each contender", () => {
  expect(ratioFailures(committed, slowed(committed, 2.5))).toEqual([
    "book bybit, ccxt: 0.80 is below 1.00, half of what is committed",
    "book bybit, jsonParse: 0.20 is below 0.25, half of what is committed",
    "throttler, ccxt: 0.48 is below 0.60, half of what is committed",
  ]);
});

it("a benchmark or contender that is not measured any more fails", () => {
  expect(ratioFailures(committed, { "book bybit": { ccxt: 2 } })).toEqual([
    "book bybit, jsonParse: nothing was measured",
    "throttler, ccxt: nothing was measured",
  ]);
  expect(ratioFailures(committed, { ...committed, throttler: { ccxt: Number.NaN } })).toHaveLength(1);
});

it("the committed file has ratios of books, private frames and rate limits that a slowed run fails", () => {
  const file = resolve(import.meta.dirname, "../../bench/ratios.json");
  const table = JSON.parse(readFileSync(file, "utf8")) as RatioTable;
  expect(Object.keys(table)).toEqual(["book bybit", "book okx", "private bybit", "throttler"]);
  const count = Object.values(table).flatMap((ratios) => Object.keys(ratios)).length;
  expect(ratioFailures(table, table)).toEqual([]);
  expect(ratioFailures(table, slowed(table, 2.5))).toHaveLength(count);
});
