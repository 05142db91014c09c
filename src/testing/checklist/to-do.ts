import { type FixtureName, isNotOffered, type PerpetualConnectorFixtures } from "../kit/fixtures.ts";
import { paste, pastesIn } from "../kit/paste.ts";
import { describePerpetualConnector } from "../kit/perpetual-connector.ts";
import { requirementsOf } from "../kit/requirements.ts";
import { venueAtUser } from "../kit/venue-at.ts";
import { CHECKLIST_ITEMS } from "../seed-items.ts";
import { type Kit, needsOf } from "./kit-run.ts";

/** One fixture that is still to be pasted. */
export interface ToDo {
  readonly fixture: string;
  /** The section of the checklist that asks for it first; of what goes beyond the checklist, `BEYOND`. */
  readonly section: string;
  /** Words of its marker: the payload, or the fact, that belongs there. */
  readonly what: string;
  /** Pages of the venue's documentation that are likely to have it; undefined where its marker names none. */
  readonly where: string | undefined;
  /** Number of tests of the kit that wait for it. */
  readonly tests: number;
}

/** Count of a venue's fixtures that are pasted, and those that are not: each once, in the checklist's order. */
export interface ToDoList {
  readonly pasted: number;
  readonly total: number;
  readonly waiting: readonly ToDo[];
}

/** Section of fixtures that only tests beyond the checklist need. */
const BEYOND = "Beyond the checklist";

/**
 * Reads a venue's fixtures; runs none of its tests. What the venue does not offer is not counted; what its files have and
 * its fixtures lack is still to be pasted, with what shows it.
 */
export async function toDoList(
  given: PerpetualConnectorFixtures,
  kit: Kit = describePerpetualConnector,
): Promise<ToDoList> {
  const required = await requirementsOf(venueAtUser(given), given);
  const lacking = [...required].filter(([name]) => given[name] === undefined && !isNotOffered(given, name));
  const fixtures = {
    ...given,
    ...Object.fromEntries(lacking.map(([name, because]) => [name, paste(`not there yet, and ${because}`)])),
  };
  const needs = needsOf(kit, fixtures);
  const sections = sectionsOf(needs);
  const waiting = [...sections].flatMap(([fixture, section]): readonly ToDo[] => {
    const markers = [...new Set(pastesIn(fixtures[fixture as FixtureName]).map((marker) => marker.paste))];
    if (markers.length === 0) return [];
    const tests = needs.get(fixture)?.length ?? 0;
    return [{ fixture, section, tests, ...partsOf(markers) }];
  });
  return { pasted: sections.size - waiting.length, total: sections.size, waiting };
}

/** Every fixture that a test needs, by its name, with the section that asks for it first; in the checklist's order. */
function sectionsOf(needs: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, string> {
  const sections = new Map<string, string>();
  const add = (fixture: string, section: string): void => {
    if (needs.has(fixture) && !sections.has(fixture)) sections.set(fixture, section);
  };
  // Steps such as a file to write name tests of everything that is in it.
  for (const { section, fixture, tests, kind } of CHECKLIST_ITEMS.items) {
    if (kind === "step") continue;
    if (fixture !== undefined) add(fixture, section);
    for (const [name, waiting] of needs) if (tests.some((test) => waiting.includes(test))) add(name, section);
  }
  for (const fixture of needs.keys()) add(fixture, BEYOND);
  return sections;
}

/** `the order book over REST [market data]`: the words of a marker, and in brackets where to find it. */
function partsOf(markers: readonly string[]): Pick<ToDo, "what" | "where"> {
  const parts = markers.map((marker) => /^(.*?)(?: \[([^\]]*)\])?$/s.exec(marker));
  const where = [...new Set(parts.flatMap((part) => part?.[2] ?? []))];
  return {
    what: parts.map((part) => part?.[1] ?? "").join("; "),
    where: where.length === 0 ? undefined : where.join("; "),
  };
}
