import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { ConfigError, describeError } from "../../../../src/model/error.ts";
import type { Files } from "../../../../src/runtime/runtime.ts";
import { type ToDoList, toDoList } from "../../../../src/testing/checklist/to-do.ts";
import type { PerpetualConnectorFixtures } from "../../../../src/testing/kit/fixtures.ts";

/** Places of fixtures: in the folder itself, and in that of a package of its own. */
const PLACES = ["fixtures.ts", "test/fixtures.ts"];

/**
 * Reads what of the fixtures in a folder is pasted. The file is loaded as a program, as `npm test` does it. Throws `ConfigError`
 * where there are none, or where they cannot be loaded.
 */
export async function statusOf(files: Files, workingDirectory: string, folder: string): Promise<ToDoList> {
  const paths = PLACES.map((place) => resolve(workingDirectory, folder, place));
  for (const path of paths) if (await files.exists(path)) return toDoList(await loadFixtures(path));
  throw new ConfigError(`there are no fixtures in ${folder}`, {
    hint: "give the folder of fixtures.ts, for example test/venues/acme, or that of a venue's package",
  });
}

async function loadFixtures(path: string): Promise<PerpetualConnectorFixtures> {
  let exported: Readonly<Record<string, unknown>>;
  try {
    exported = await import(pathToFileURL(path).href);
  } catch (cause) {
    throw new ConfigError(`${path} cannot be loaded: ${describeError(cause)}`, { cause });
  }
  const found = Object.values(exported).find(isFixtures);
  if (found !== undefined) return found;
  throw new ConfigError(`${path} exports no fixtures`, { hint: "fixtures have a venueModule and a connectorName" });
}

function isFixtures(value: unknown): value is PerpetualConnectorFixtures {
  return typeof value === "object" && value !== null && "venueModule" in value && "connectorName" in value;
}

/** The list as lines: each fixture once, under the section of the checklist that asks for it first. */
export function statusLines({ pasted, total, waiting }: ToDoList): readonly string[] {
  const lines = [`${pasted} of ${total} pasted`];
  let section = "";
  for (const { fixture, section: own, what, where, tests } of waiting) {
    if (own !== section) lines.push("", own);
    section = own;
    const place = where === undefined ? "" : ` [${where}]`;
    lines.push(`  ${fixture}: ${what}${place}; ${tests} ${tests === 1 ? "test waits" : "tests wait"}`);
  }
  return lines;
}
