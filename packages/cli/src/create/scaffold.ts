import { ConfigError } from "../../../../src/model/error.ts";
import type { Files } from "../../../../src/runtime/runtime.ts";
import { dashedName, type VenueChoices } from "./choices.ts";
import {
  CONFIG_TEMPLATE_PATH,
  REGISTRY_PATH,
  repositoryFiles,
  standaloneFiles,
  withConfigKeys,
  withRegistration,
} from "./files.ts";
import type { GeneratedFile } from "./render.ts";
import { readTemplate } from "./template.ts";
import type { PackageVersions } from "./templates/package-files.ts";

/** Files to be written, and where. Nothing has been touched yet. */
export interface Scaffold {
  /** An absolute path. */
  readonly directory: string;
  readonly created: readonly GeneratedFile[];
  /** Files of the repository that get rows of the venue. */
  readonly changed: readonly GeneratedFile[];
}

/** The venue beside the others. Throws `ConfigError` when the name is taken or a file is there already. */
export async function repositoryScaffold(files: Files, directory: string, choices: VenueChoices): Promise<Scaffold> {
  const registry = await files.readText(`${directory}/${REGISTRY_PATH}`);
  const template = await files.readText(`${directory}/${CONFIG_TEMPLATE_PATH}`);
  const taken = choices.domains.find(({ name }) => registry.includes(`"${name}"`));
  if (taken !== undefined) throw nameTaken(taken.name);
  const created = repositoryFiles(await readTemplate(files, choices), choices);
  await refuseExisting(files, directory, [{ path: `src/venues/${dashedName(choices.name)}` }, ...created]);
  return {
    directory,
    created,
    changed: [
      { path: REGISTRY_PATH, text: withRegistration(registry, choices) },
      { path: CONFIG_TEMPLATE_PATH, text: withConfigKeys(template, choices) },
    ],
  };
}

/** A package of its own. Throws `ConfigError` when the name is taken or a file is there already. */
export async function standaloneScaffold(
  files: Files,
  directory: string,
  choices: VenueChoices,
  versions: PackageVersions,
  connectorNames: readonly string[],
): Promise<Scaffold> {
  const taken = choices.domains.find(({ name }) => connectorNames.includes(name));
  if (taken !== undefined) throw nameTaken(taken.name);
  const created = standaloneFiles(await readTemplate(files, choices), choices, versions);
  await refuseExisting(files, directory, created);
  return { directory, created, changed: [] };
}

/** Writes everything; what exists is changed last, so that rows never name a file that is not there. */
export async function writeScaffold(files: Files, { directory, created, changed }: Scaffold): Promise<void> {
  for (const { path, text } of [...created, ...changed]) await files.writeText(`${directory}/${path}`, text);
}

/** The top of the clone that `directory` lies in; undefined outside of one. */
export async function repositoryAround(files: Files, directory: string): Promise<string | undefined> {
  for (let path = directory; path !== ""; path = path.slice(0, path.lastIndexOf("/"))) {
    const isHere = (await files.exists(`${path}/${REGISTRY_PATH}`)) && (await files.exists(`${path}/package.json`));
    if (isHere && /"name":\s*"perpwire"/.test(await files.readText(`${path}/package.json`))) return path;
  }
  return undefined;
}

async function refuseExisting(
  files: Files,
  directory: string,
  wanted: readonly Pick<GeneratedFile, "path">[],
): Promise<void> {
  for (const { path } of wanted) {
    if (!(await files.exists(`${directory}/${path}`))) continue;
    throw new ConfigError(`${path} is there already, so nothing was written`, { hint: "choose another name" });
  }
}

function nameTaken(name: string): ConfigError {
  return new ConfigError(`the connector name ${name} is taken`, { hint: "choose another name" });
}
