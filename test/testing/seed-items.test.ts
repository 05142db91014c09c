import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { loadVenue } from "../../src/registry.ts";
import { fileOf, renderChecklist, withVenueRows } from "../../src/testing/checklist.ts";
import {
  CHECKLIST_VENUES,
  type ChecklistVenue,
  SEED_ITEMS,
  type SeedItem,
  seedTestNames,
} from "../../src/testing/seed-items.ts";
import { connectorTests } from "../support/connector-tests/all.ts";
import { SUITES } from "../venues/suites.ts";

const ROOT = resolve(import.meta.dirname, "../..");
/** The checklist itself, where it lies beside the repository. */
const SEED = resolve(ROOT, "../shared/seed/perpetual-connector-v2.1.md");
const VENUES = Object.keys(CHECKLIST_VENUES) as ChecklistVenue[];

/** The names of all tests that a venue's conformance run registers. */
function testNames(venue: ChecklistVenue): Set<string> {
  const names = new Set<string>();
  connectorTests(SUITES[venue], { describe: (_, body) => body(), it: (name) => names.add(name) });
  return names;
}

const isOffered = ({ venues }: SeedItem, venue: ChecklistVenue): boolean =>
  !("notOffered" in (venues?.[venue] ?? { symbol: "" }));

describe("the items of the checklist", () => {
  it("are 28 API rows and 47 tests", () => {
    expect(SEED_ITEMS.apiRows).toHaveLength(28);
    expect(new Set(seedTestNames()).size).toBe(47);
    expect(seedTestNames()).toHaveLength(47);
  });

  it("have an answer for every venue", () => {
    for (const row of SEED_ITEMS.apiRows) {
      for (const venue of VENUES) {
        const answer = row.venues[venue];
        expect("endpoint" in answer ? answer.endpoint : answer.notOffered, row.name).not.toBe("");
      }
    }
  });

  it("offer everything that the checklist requires", () => {
    const missing = SEED_ITEMS.apiRows.filter(
      (row) => row.required === "True" && VENUES.some((venue) => "notOffered" in row.venues[venue]),
    );
    expect(missing).toEqual([]);
  });

  it.each(VENUES)("name tests that run for %s, except those of what it does not offer", (venue) => {
    const known = testNames(venue);
    expect(known.size).toBeGreaterThan(47);
    const missing = SEED_ITEMS.items.filter(
      (item) => "test" in item.ours && isOffered(item, venue) && !known.has(item.ours.test),
    );
    expect(missing).toEqual([]);
    expect(readFileSync(join(ROOT, fileOf("test/venues/{venue}/conformance.test.ts", venue)), "utf8")).toContain(
      `connectorTests(SUITES.${venue},`,
    );
  });

  it("name tests that run for one venue at least", () => {
    const known = new Set(VENUES.flatMap((venue) => [...testNames(venue)]));
    expect(seedTestNames().filter((name) => !known.has(name))).toEqual([]);
  });

  it("name fixtures that every venue has, undefined only where it does not offer them", () => {
    const wrong = SEED_ITEMS.items.flatMap((item) =>
      VENUES.flatMap((venue) => {
        if (!("fixture" in item.ours)) return [];
        const { fixture } = item.ours;
        const fixtures: Readonly<Record<string, unknown>> = { ...SUITES[venue].fixtures };
        const isRight = fixture in fixtures && (fixtures[fixture] !== undefined) === isOffered(item, venue);
        return isRight ? [] : [`${venue}: ${fixture}`];
      }),
    );
    expect(wrong).toEqual([]);
  });

  it("name files that exist", () => {
    const missing = SEED_ITEMS.items.flatMap(({ ours }) =>
      "file" in ours
        ? VENUES.map((venue) => fileOf(ours.file, venue)).filter((file) => !existsSync(join(ROOT, file)))
        : [],
    );
    expect(missing).toEqual([]);
  });
});

describe("docs/checklist.md", () => {
  it("is what the items say; `npm run docs` writes it", () => {
    expect(readFileSync(join(ROOT, "docs/checklist.md"), "utf8")).toBe(renderChecklist(SEED_ITEMS));
  });

  it("has no empty cell", () => {
    const cells = renderChecklist(SEED_ITEMS)
      .split("\n")
      .filter((line) => line.startsWith("|"))
      .flatMap((line) => line.slice(1, -1).split(/(?<!\\)\|/));
    expect(cells.length).toBeGreaterThan(800);
    expect(cells.filter((cell) => cell.trim() === "")).toEqual([]);
  });
});

describe.each(VENUES)("the page of %s", (venue) => {
  const page = readFileSync(join(ROOT, fileOf("docs/venues/{venue}.md", venue)), "utf8");

  it("has the venue's rows of the API table; `npm run docs` writes them", () => {
    expect(page).toBe(withVenueRows(page, venue, SEED_ITEMS));
    for (const row of SEED_ITEMS.apiRows) expect(page).toContain(`\n| ${row.name} | `);
  });

  it("names the connectors and every key of its configuration", async () => {
    const { module } = await loadVenue(venue);
    for (const domain of module.manifest.domains) expect(page).toContain(`\`${domain}\``);
    for (const suffix of ["api_key", "api_secret"]) expect(page).toContain(`\`${venue}_${suffix}\``);
  });
});

describe.runIf(existsSync(SEED))("the checklist's own text", () => {
  const text = existsSync(SEED) ? readFileSync(SEED, "utf8").replaceAll("’", "'") : "";

  it("has the rows of the API table, in its order and its words", () => {
    const rows = text
      .split("\n")
      .filter((line) => line.startsWith("| ") && !line.startsWith("| Name"))
      .map((line) =>
        line
          .split("|")
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
    const theirs = rows.map(([name, required, type, , path = ""]) => [name, required, type, path.replaceAll("`", "")]);
    expect(SEED_ITEMS.apiRows.map((row) => [row.name, row.required, row.type, row.path])).toEqual(theirs);
  });

  it("has the items of every section, in its order and its words", () => {
    let section = "";
    const theirs: [string, string][] = [];
    for (const line of text.split("\n")) {
      const [, heading] = /^###? (.+?)\s*$/.exec(line) ?? [];
      if (heading !== undefined) section = heading;
      const [, box] = /^\s*- \[ \]\s+(.*?)\s*$/.exec(line) ?? [];
      const [, group] = /^\s*- (`[^`]+`|.*`connector_name`.*\.py.*?)\s*$/.exec(line) ?? [];
      const name = (box ?? group)?.replaceAll("`", "");
      if (name !== undefined && name !== "REST" && name !== "WEBSOCKET") theirs.push([section, name]);
    }
    expect(theirs.length).toBeGreaterThan(200);
    expect(SEED_ITEMS.items.map((item) => [item.section, item.name])).toEqual(theirs);
  });
});
