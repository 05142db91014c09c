import { beforeAll, describe, expect, it } from "vitest";
import { readText, venueSources } from "../../scripts/venue-sources.ts";
import { credentialSuffix } from "../../src/net/auth.ts";
import type { ChecklistDocument } from "../../src/testing/checklist/document.ts";
import { checklistPages } from "../../src/testing/checklist/pages.ts";
import { runChecklist } from "../../src/testing/checklist/run.ts";
import { CHECKLIST_ITEMS, describePerpetualConnector } from "../../src/testing/index.ts";
import type { PerpetualConnectorFixtures } from "../../src/testing/kit/fixtures.ts";

const TIMEOUT_MS = 240_000;
const sources = await venueSources();
const names = sources.map(({ fixtures }) => fixtures.connectorName);

/** The names of the tests that the kit registers for a venue. */
function testNames(fixtures: PerpetualConnectorFixtures): Set<string> {
  const found = new Set<string>();
  const it = Object.assign((name: string) => void found.add(name), {
    todo: (name: string) => void found.add(name.replace(/: paste .*$/s, "")),
  });
  describePerpetualConnector(fixtures, { describe: (_, body) => body(), it });
  return found;
}

describe("the documents that are written by a run of the kit", () => {
  let document: ChecklistDocument;
  let pages: ReadonlyMap<string, string>;

  beforeAll(async () => {
    document = await runChecklist(sources, describePerpetualConnector);
    pages = checklistPages(document, readText);
  }, TIMEOUT_MS);

  it.each(["docs/checklist.md", "README.md"])("%s is up to date: `npm run docs`", (path) => {
    expect(readText(path)).toBe(pages.get(path));
  });

  it.each(sources.map(({ folder }) => `docs/venues/${folder}.md`))("%s is up to date: `npm run docs`", (path) => {
    expect(readText(path)).toBe(pages.get(path));
    for (const { name } of CHECKLIST_ITEMS.apiRows) expect(readText(path)).toContain(`\n| ${name} | `);
  });

  it("say no to nothing that a venue whose payloads are all there should have", () => {
    for (const [name, { tests, answers }] of Object.entries(document.connectors)) {
      expect(tests.failed, name).toEqual([]);
      if (tests.todo.length > 0) continue;
      const missing = answers.flatMap((answer, index) =>
        answer.status === "no" ? [`${document.items[index]?.item}: ${answer.reason}`] : [],
      );
      expect(missing, name).toEqual([]);
    }
  });

  it("find nothing offered that a venue says it does not offer", () => {
    for (const { fixtures } of sources) {
      const { manifest } = fixtures.venueModule;
      const offered = document.items.flatMap(({ item, kind }, index) => {
        const status = document.connectors[fixtures.connectorName]?.answers[index]?.status;
        return kind === "api" && item in manifest.notOffered && status !== "not-offered" ? [item] : [];
      });
      expect(offered, manifest.name).toEqual([]);
    }
  });

  it("find everything offered that the checklist requires", () => {
    const required = new Set(CHECKLIST_ITEMS.apiRows.flatMap((row) => (row.required === "True" ? [row.name] : [])));
    for (const [name, { answers }] of Object.entries(document.connectors)) {
      const without = answers.flatMap(({ status }, index) => {
        const item = document.items[index]?.item ?? "";
        return status === "not-offered" && required.has(item) ? [item] : [];
      });
      expect(without, name).toEqual([]);
    }
  });
});

describe("the tests that the checklist names", () => {
  it("are tests of the kit", () => {
    const known = new Set(sources.flatMap(({ fixtures }) => [...testNames(fixtures)]));
    const named = [...CHECKLIST_ITEMS.apiRows, ...CHECKLIST_ITEMS.items].flatMap(({ tests }) => tests);
    expect([...new Set(named)].filter((name) => !known.has(name))).toEqual([]);
  });
});

describe.each(names)("the page of %s", (name) => {
  const source = sources.find(({ fixtures }) => fixtures.connectorName === name);
  const page = readText(`docs/venues/${source?.folder}.md`);

  it("names the connectors and every key of its configuration", () => {
    for (const domain of source?.fixtures.venueModule.manifest.domains ?? []) expect(page).toContain(`\`${domain}\``);
    const needed = source?.fixtures.venueModule.manifest.credentials.filter(({ isRequired }) => isRequired) ?? [];
    expect(needed.length).toBeGreaterThan(1);
    for (const spec of needed) expect(page).toContain(`\`${name}_${credentialSuffix(spec)}\``);
  });
});
