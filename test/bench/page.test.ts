import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { BENCHMARK_NAMES } from "../../bench/benchmarks.ts";
import { pageOf } from "../../bench/page.ts";
import { jsonOf, type Result, ratiosOf } from "../../bench/report.ts";

const spread = (median: number) => ({ median, min: median, quartiles: [median, median] as const });
const figure = (key: string, us: number) => ({
  ...{ name: `library ${key}`, key, note: "does something" },
  ...{ us: spread(us), ratio: spread(us / 4), bytes: 100, figures: {} },
});
const result: Result = {
  ...{ name: "books of a venue", work: "10 frames", unit: "us a frame", passes: 3 },
  figures: [figure("perpwire", 4), figure("ccxt", 10), figure("fast", 1)],
};

describe("the page of benchmarks", () => {
  it("shows whoever is faster as well as whoever is slower", () => {
    const page = pageOf([{ name: "book", results: [result] }], "2026-11-30", "a machine");
    expect(page).toContain("| library ccxt | 10.0 | 10.0 | 10.0-10.0 | 2.50 | 100 | does something |");
    expect(page).toContain("| library fast | 1.00 | 1.00 | 1.00-1.00 | 0.25 | 100 | does something |");
    expect(page).toContain("2026-11-30: a machine");
  });

  it("that is committed has every benchmark that there is", () => {
    const page = readFileSync(resolve(import.meta.dirname, "../../docs/benchmarks.md"), "utf8");
    for (const name of BENCHMARK_NAMES) expect(page).toContain(`\n\`npm run bench -- ${name}\`\n`);
  });
});

describe("the line of JSON", () => {
  it("has the ratios of the first table, by contender, and those of each", () => {
    expect(ratiosOf(result)).toEqual({ ccxt: 2.5, fast: 0.25 });
    const { ratios, results } = JSON.parse(jsonOf("book", [result, { ...result, figures: [] }]));
    expect(ratios).toEqual({ ccxt: 2.5, fast: 0.25 });
    expect(results.map(({ ratios: own }: { readonly ratios: unknown }) => own)).toEqual([ratios, {}]);
  });
});
