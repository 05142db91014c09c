import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { VenueSource } from "../src/testing/checklist/venue-facts.ts";
import type { PerpetualConnectorFixtures } from "../src/testing/kit/fixtures.ts";

const ROOT = resolve(import.meta.dirname, "..");

export function readText(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** Every venue that has fixtures, in the order of their names. */
export async function venueSources(): Promise<readonly VenueSource[]> {
  const folders = readdirSync(join(ROOT, "test/venues"), { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && existsSync(join(ROOT, "test/venues", entry.name, "fixtures.ts")),
  );
  return Promise.all(
    folders
      .map(({ name }) => name)
      .sort()
      .map(venueSource),
  );
}

/** One venue, by the name of its folders. */
export async function venueSource(folder: string): Promise<VenueSource> {
  const [fixtures, constants, manifest, auth] = await Promise.all(
    [
      `test/venues/${folder}/fixtures.ts`,
      ...["constants", "manifest", "auth"].map((file) => `src/venues/${folder}/${file}.ts`),
    ].map(exportsOf),
  );
  const found = Object.values(fixtures ?? {}).find(isFixtures);
  if (found === undefined) throw new TypeError(`test/venues/${folder}/fixtures.ts exports no fixtures`);
  return {
    folder,
    fixtures: found,
    exports: { constants: constants ?? {}, manifest: manifest ?? {}, auth: auth ?? {} },
    readText: (path) => (existsSync(join(ROOT, path)) ? readText(path) : undefined),
  };
}

async function exportsOf(path: string): Promise<Readonly<Record<string, unknown>>> {
  return import(pathToFileURL(join(ROOT, path)).href);
}

function isFixtures(value: unknown): value is PerpetualConnectorFixtures {
  return typeof value === "object" && value !== null && "venueModule" in value && "connectorName" in value;
}
