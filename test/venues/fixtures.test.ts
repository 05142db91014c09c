import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const venues = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  // A venue that is being written has tests of its parts before it has fixtures.
  .filter(({ name }) => existsSync(new URL(`./${name}/fixtures.ts`, import.meta.url)));

const ABILITIES = "./ability-fixtures.ts";

/** What a contributor writes for a venue stays small: one file of data, and one for what goes beyond the checklist. */
describe("a venue's fixtures", () => {
  it.each(venues.map(({ name }) => name))("of %s are one file of at most 400 lines, and one of 150", (venue) => {
    const folder = new URL(`./${venue}/`, import.meta.url);
    for (const [file, mostLines, others] of [
      ["./fixtures.ts", 400, [ABILITIES]],
      [ABILITIES, 150, []],
    ] as const) {
      if (!existsSync(new URL(file, folder))) continue;
      const text = readFileSync(new URL(file, folder), "utf8");
      expect(text.trimEnd().split("\n").length, file).toBeLessThanOrEqual(mostLines);
      const own = [...text.matchAll(/from "(\.\.?\/[^"]+)"/g)].map(([, path = ""]) => path);
      const allowed: readonly string[] = others;
      expect(own.filter((path) => !path.startsWith("../../../src/") && !allowed.includes(path))).toEqual([]);
    }
  });
});
