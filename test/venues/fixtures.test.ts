import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const venues = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  // A venue that is being written has tests of its parts before it has fixtures.
  .filter(({ name }) => existsSync(new URL(`./${name}/fixtures.ts`, import.meta.url)));

/** What a contributor writes for a venue stays small: one file of data. */
describe("a venue's fixtures", () => {
  it.each(venues.map(({ name }) => name))("of %s are one file of at most 400 lines", (venue) => {
    const text = readFileSync(new URL(`./${venue}/fixtures.ts`, import.meta.url), "utf8");
    expect(text.trimEnd().split("\n").length).toBeLessThanOrEqual(400);
    const own = [...text.matchAll(/from "(\.\.?\/[^"]+)"/g)].map(([, path]) => path);
    expect(own.filter((path) => !path?.startsWith("../../../src/"))).toEqual([]);
  });
});
