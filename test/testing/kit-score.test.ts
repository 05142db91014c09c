import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ENGINE_MUTATIONS } from "./mutations/engine.ts";
import { patchedEngine, pathOfEngine } from "./mutations/engine-score.ts";
import { MUTATED_VENUES, NEW_AUTHORS_VENUES } from "./mutations/mutants.ts";
import { optionals } from "./mutations/new-author.ts";
import {
  enginePartOf,
  hintsOf,
  leftOutIn,
  newAuthorPartOf,
  percentageOf,
  renderNewAuthor,
  renderScore,
  venuePartOf,
} from "./mutations/report.ts";
import { scoreMutants } from "./mutations/score.ts";

const report = readFileSync(new URL("../../docs/kit-score.md", import.meta.url), "utf8");

describe("the bugs that are planted", () => {
  it("are in every part of four venues, and no two are the same", () => {
    for (const mutations of Object.values(MUTATED_VENUES)) {
      expect(new Set(mutations.map(({ file }) => file)).size).toBeGreaterThanOrEqual(8);
      expect(new Set(mutations.map(({ name }) => name)).size).toBe(mutations.length);
    }
    expect(Object.values(MUTATED_VENUES).flat().length).toBeGreaterThanOrEqual(190);
  });

  it("are caught by the kit, at least nineteen of twenty, as the report says", { timeout: 300_000 }, async () => {
    const scored = await scoreMutants(hintsOf(report));
    expect(percentageOf(scored)).toBeGreaterThanOrEqual(95);
    expect(venuePartOf(report), "run `npm run kit-score`").toBe(renderScore(scored));
  });
});

describe("the bugs that are planted in a venue whose fixtures are a new author's", () => {
  const leftOut = leftOutIn(report);

  it("are at least 36 a venue, and no two are the same", () => {
    expect([...leftOut.keys()]).toEqual(Object.keys(NEW_AUTHORS_VENUES));
    for (const mutations of Object.values(NEW_AUTHORS_VENUES)) {
      expect(mutations.length).toBeGreaterThanOrEqual(36);
      expect(new Set(mutations.map(({ name }) => name)).size).toBe(mutations.length);
    }
  });

  it("stand beside fixtures from which nothing is left out but what the kit's types call optional", () => {
    const known = new Set(optionals());
    expect(known.size).toBeGreaterThan(50);
    for (const [venue, names] of leftOut)
      expect([venue, names.filter((name) => !known.has(name))]).toEqual([venue, []]);
  });

  it("are caught by the kit, at least nine of ten, as the report says", { timeout: 300_000 }, async () => {
    const scored = await scoreMutants(hintsOf(report), NEW_AUTHORS_VENUES, leftOut);
    for (const venue of Object.keys(NEW_AUTHORS_VENUES))
      expect(percentageOf(scored.filter((each) => each.venue === venue)), venue).toBeGreaterThanOrEqual(90);
    expect(newAuthorPartOf(report), "run `npm run kit-score -- --as-new-author`").toBe(
      renderNewAuthor(scored, leftOut),
    );
  });
});

describe("the bugs that are planted in the engine", () => {
  it("are at least sixty, and no two have the same name", () => {
    expect(ENGINE_MUTATIONS.length).toBeGreaterThanOrEqual(60);
    expect(new Set(ENGINE_MUTATIONS.map(({ name }) => name)).size).toBe(ENGINE_MUTATIONS.length);
  });

  it("are all in the report, and the kit catches at least nineteen of twenty", () => {
    const rows = enginePartOf(report)
      .split("\n")
      .filter((line) => line.includes(".ts | "));
    const bugs = rows.map((row) => row.split(" | ").slice(0, 2).join(": ").slice("| ".length));
    expect(bugs, "run `npm run kit-score -- --engine`").toEqual(
      ENGINE_MUTATIONS.map(({ file, name }) => `${file}: ${name}`),
    );
    const missed = rows.filter((row) => row.includes("**missed**")).length;
    expect(missed / rows.length).toBeLessThanOrEqual(0.05);
  });

  it.each(ENGINE_MUTATIONS)("can be planted in the source as it is: $name", (mutation) => {
    const source = readFileSync(pathOfEngine(mutation), "utf8");
    expect(patchedEngine(mutation, source)).not.toBe(source);
  });
});
