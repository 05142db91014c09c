import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { CHECKLIST_ITEMS, seedTestNames } from "../../src/testing/seed-items.ts";

/** The checklist itself, where it lies beside the repository. */
const SEED = resolve(import.meta.dirname, "../../../shared/seed/perpetual-connector-v2.1.md");

describe("the items of the checklist", () => {
  it("are 28 API rows and 47 tests", () => {
    expect(CHECKLIST_ITEMS.apiRows).toHaveLength(28);
    expect(new Set(seedTestNames()).size).toBe(47);
    expect(seedTestNames()).toHaveLength(47);
  });

  it("name a test of the kit each; a fixture's are found by a run", () => {
    const all = [...CHECKLIST_ITEMS.apiRows, ...CHECKLIST_ITEMS.items];
    const without = all.filter((item) => item.tests.length === 0 && !("fixture" in item && item.fixture !== undefined));
    expect(without).toEqual([]);
  });

  it("are tests of the checklist's own names, in words", () => {
    for (const { name, kind, tests } of CHECKLIST_ITEMS.items) {
      if (kind === "test") expect(tests).toEqual([name.replace("test_", "").replaceAll("_", " ")]);
    }
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
    expect(CHECKLIST_ITEMS.apiRows.map((row) => [row.name, row.required, row.type, row.path])).toEqual(theirs);
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
    expect(CHECKLIST_ITEMS.items.map((item) => [item.section, item.name])).toEqual(theirs);
  });
});
