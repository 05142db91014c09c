import { createRequire, registerHooks } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { VenueModule } from "../../../src/connector/perpetual-venue.ts";
import { ConfigError, describeError } from "../../../src/model/error.ts";
import type { ProtocolDefinition } from "../../../src/paper/protocols/protocols.ts";
import { realWork } from "../../../src/runtime/real-work.ts";
import { addOutsideVenue } from "./connectors.ts";
import { CLONE, fileOfPackage } from "./own-package.ts";

export const MODULE_FLAG = "--module <file>";
export const MODULE_HELP =
  "a venue from outside: a file like ./dist/index.js, or an installed package, that exports venueModule; may be repeated";

const FLAG = "--module";
const EXAMPLE = "it is a file like ./dist/index.js, or a package that is installed here";

/** The arguments without `--module` and its values, which come before anything that needs the names of connectors. */
export function withoutModules(args: readonly string[]): {
  readonly args: readonly string[];
  readonly modules: readonly string[];
} {
  const rest: string[] = [];
  const modules: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? "";
    if (arg === "--") return { args: [...rest, ...args.slice(at)], modules };
    if (arg === FLAG) {
      const value = args[at + 1];
      if (value === undefined || value.startsWith("-"))
        throw new ConfigError(`${FLAG} has no value`, { hint: EXAMPLE });
      modules.push(value);
      at += 1;
    } else if (arg.startsWith(`${FLAG}=`)) modules.push(arg.slice(FLAG.length + 1));
    else rest.push(arg);
  }
  return { args: rest, modules };
}

/**
 * Loads the module of a venue and adds its connectors to those of the package. It is code that the user names: it can do
 * whatever this process can. Throws `ConfigError`.
 */
export async function loadModule(name: string, workingDirectory: string): Promise<void> {
  shareOwnPerpwire();
  const url = urlOf(name, workingDirectory);
  let exported: Readonly<Record<string, unknown>>;
  try {
    exported = await realWork(import(url));
  } catch (cause) {
    throw new ConfigError(`${name} cannot be loaded: ${describeError(cause)}`, { cause, hint: EXAMPLE });
  }
  const { venueModule, paperProtocol } = exported;
  if (!isVenueModule(venueModule)) {
    throw new ConfigError(`${name} exports no venueModule`, {
      hint: "it is what defineVenue() of perpwire/venue makes",
    });
  }
  if (paperProtocol !== undefined && !isProtocol(paperProtocol)) {
    throw new ConfigError(`paperProtocol of ${name} is no protocol`, {
      hint: "it is a ProtocolDefinition of perpwire/paper: name, create, engine, clientIdsTaken, stepIsSmallestOrder",
    });
  }
  addOutsideVenue({ module: venueModule, protocol: paperProtocol });
}

function urlOf(name: string, workingDirectory: string): string {
  if (/^[./\\]|\.[cm]?[jt]s$/.test(name)) return pathToFileURL(resolve(workingDirectory, name)).href;
  try {
    const here = createRequire(pathToFileURL(resolve(workingDirectory, "package.json")));
    return pathToFileURL(here.resolve(name)).href;
  } catch (cause) {
    throw new ConfigError(`there is no module "${name}"`, { cause, hint: EXAMPLE });
  }
}

/** Entry points of perpwire by the names that a module imports, without the ending of their files. */
const ENTRY_POINTS: Readonly<Record<string, string>> = {
  perpwire: "index",
  "perpwire/venue": "venue",
  "perpwire/paper": "paper/index",
  "perpwire/testing": "testing/index",
  "perpwire/simulation": "simulation/index",
};

let isShared = false;

/**
 * Resolves what a module imports of perpwire to what the command has in it, so that the engine and its venue are of one
 * version, whatever is installed beside the module.
 */
function shareOwnPerpwire(): void {
  if (isShared) return;
  isShared = true;
  const fileOf = (entry: string): string =>
    CLONE === undefined ? fileOfPackage(`dist/${entry.replaceAll("/", "-")}.js`) : `${CLONE}src/${entry}.ts`;
  registerHooks({
    resolve: (specifier, context, next) => {
      const entry = Object.hasOwn(ENTRY_POINTS, specifier) ? ENTRY_POINTS[specifier] : undefined;
      if (entry === undefined) return next(specifier, context);
      return { url: pathToFileURL(fileOf(entry)).href, shortCircuit: true };
    },
  });
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? { ...value } : {};

function isVenueModule(value: unknown): value is VenueModule {
  const { manifest, createVenue } = fieldsOf(value);
  const { name, domains, credentials } = fieldsOf(manifest);
  const isNamed = typeof name === "string" && Array.isArray(domains) && domains.length > 0;
  return typeof createVenue === "function" && isNamed && Array.isArray(credentials);
}

function isProtocol(value: unknown): value is ProtocolDefinition {
  const { name, create, engine } = fieldsOf(value);
  return typeof name === "string" && name !== "" && typeof create === "function" && typeof engine === "object";
}
