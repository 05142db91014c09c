import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = resolve(import.meta.dirname, "..");
const SRC = join(ROOT, "src");
const CLI = join(ROOT, "packages/cli/src");
const COMMAND = join(ROOT, "packages/cli");
/** Files from which `perpwire create` makes a venue. */
const TEMPLATE = join(COMMAND, "template");

/** Bottom up: a folder imports from itself and from folders named before it. */
const FLOORS = [
  "model",
  "runtime",
  "net",
  "market-data",
  "trading",
  "account",
  "connector",
  "venues",
  "testing",
  "simulation",
];
/** What every venue has, by the checklist's names; a file may be split into others beside it. */
const VENUE_FILES = [
  "auth.ts",
  "constants.ts",
  "derivative.ts",
  "errors.ts",
  "manifest.ts",
  "order-book-data-source.ts",
  "user-stream-data-source.ts",
  "web-utils.ts",
];
const PAPER_MAY_IMPORT = ["model", "runtime", "paper"];
/** Folders that the top of src may not import: the front door imports everything that a connector needs. */
const FRONT_DOOR_MAY_NOT_IMPORT = ["paper", "testing"];
/** Heavy packages that `import "perpwire"` must not load: they come with `connect()`. */
const LAZY_PACKAGES = ["undici", "ws", "zod", "pino", "yaml", "commander", "node:sqlite"];
/** Packages that sign for one venue: nobody loads them for another. */
const SIGNING_PACKAGES = ["@noble/", "@msgpack/"];

interface Import {
  readonly file: string;
  readonly folder: string;
  readonly specifier: string;
  readonly isTypeOnly: boolean;
  readonly isDynamic: boolean;
}

function sources(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    return entry.isDirectory() ? sources(path) : path.endsWith(".ts") ? [path] : [];
  });
}

const linesOf = (path: string): number => readFileSync(path, "utf8").split("\n").length - 1;

const STATIC_IMPORT = /^(?:import|export)\s+(type\s+)?(?:[^"';]*?\sfrom\s+)?"([^"]+)";/gms;
const DYNAMIC_IMPORT = /\bimport\(\s*"([^"]+)"\s*\)/g;

function importsOf(path: string, top = SRC): Import[] {
  const text = readFileSync(path, "utf8");
  const file = relative(top, path);
  const folder = file.includes("/") ? (file.split("/")[0] ?? "") : "";
  const found: Import[] = [];
  for (const match of text.matchAll(STATIC_IMPORT)) {
    found.push({ file, folder, specifier: match[2] ?? "", isTypeOnly: match[1] !== undefined, isDynamic: false });
  }
  for (const match of text.matchAll(DYNAMIC_IMPORT)) {
    found.push({ file, folder, specifier: match[1] ?? "", isTypeOnly: false, isDynamic: true });
  }
  return found;
}

/** The folder of src that a relative import leads into; "" for the top itself. */
function targetFolder({ file, specifier }: Import): string {
  const target = relative(SRC, resolve(SRC, dirname(file), specifier));
  return target.includes("/") ? (target.split("/")[0] ?? "") : "";
}

/** Paths that lead from a file back to itself, each once. */
function circlesOf(links: readonly Import[], top = SRC): string[] {
  const targets = Map.groupBy(links, ({ file }) => file);
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(" -> "));
    if (done.has(file)) return;
    done.add(file);
    for (const { specifier } of targets.get(file) ?? []) {
      visit(relative(top, resolve(top, dirname(file), specifier)), [...path, file]);
    }
  };
  for (const file of targets.keys()) visit(file, []);
  return circles;
}

/** The package that an import is of; undefined for a file, one of Node.js and one that generated text imports. */
function packageOf({ specifier }: Import): string | undefined {
  if (/^(?:\.|node:)|\$/.test(specifier)) return undefined;
  return /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0];
}

const manifestOf = (folder: string) =>
  JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<string, unknown> &
    Record<"dependencies" | "devDependencies", Record<string, string>>;

const imports = sources(SRC).flatMap((path) => importsOf(path));
const internal = imports.filter(({ specifier }) => specifier.startsWith("."));
/** A venue that is being written is not held to the list of files before it has its row in the registry. */
const registeredVenues = internal
  .filter(({ file, specifier }) => file === "registry.ts" && specifier.startsWith("./venues/"))
  .map(({ specifier }) => specifier.split("/")[2] ?? "");
const text = (found: Import) => `${found.file} imports ${found.specifier}`;

describe("the house", () => {
  it("has imports to read", () => {
    expect(internal.length).toBeGreaterThan(50);
  });

  it("lets a floor import only from floors below it", () => {
    const wrong = internal.filter((found) => {
      const from = FLOORS.indexOf(found.folder);
      if (from < 0) return false;
      const target = targetFolder(found);
      // A world has an exchange in it, and connectors made as a program makes them.
      if (found.folder === "simulation") return false;
      return FLOORS.indexOf(target) > from || target === "" || target === "paper";
    });
    expect(wrong.map(text)).toEqual([]);
  });

  it("keeps the exchange in the box apart from the connectors", () => {
    const wrong = internal.filter(
      (found) => found.folder === "paper" && !PAPER_MAY_IMPORT.includes(targetFolder(found)),
    );
    expect(wrong.map(text)).toEqual([]);
  });

  it("lets the checker share no code with what it checks, nor with a package", () => {
    const isOwn = (found: Import) => found.specifier.startsWith(".") && targetFolder(found) === "checker";
    const own = imports.filter(({ folder }) => folder === "checker");
    expect(own.length).toBeGreaterThan(20);
    expect(own.filter((found) => !isOwn(found)).map(text)).toEqual([]);
  });

  it("has no circle of files, those that import types alone included", () => {
    const command = sources(CLI).flatMap((path) => importsOf(path, CLI));
    for (const [top, links] of [
      [SRC, internal],
      [CLI, command],
    ] as const) {
      const own = links.filter(({ isDynamic, specifier }) => !isDynamic && specifier.startsWith("."));
      expect(own.length).toBeGreaterThan(100);
      expect(circlesOf(own, top)).toEqual([]);
    }
  });

  it("finds a circle where there is one", () => {
    const link = (file: string, specifier: string): Import => ({
      ...{ file, specifier, folder: "", isTypeOnly: true, isDynamic: false },
    });
    const links = [link("a.ts", "./b/c.ts"), link("b/c.ts", "../d.ts"), link("d.ts", "./a.ts"), link("e.ts", "./a.ts")];
    expect(circlesOf(links)).toEqual(["a.ts -> b/c.ts -> d.ts -> a.ts"]);
    expect(circlesOf(links.slice(1))).toEqual([]);
  });

  it("keeps the venues apart from each other", () => {
    const venueOf = (path: string) => path.split("/")[1];
    const wrong = internal.filter((found) => {
      if (found.folder !== "venues") return false;
      const target = relative(SRC, resolve(SRC, dirname(found.file), found.specifier));
      return target.startsWith("venues/") && venueOf(target) !== venueOf(found.file);
    });
    expect(wrong.map(text)).toEqual([]);
  });

  it("holds the template of new venues to what venues are held to", () => {
    const found = sources(TEMPLATE).flatMap((path) => importsOf(path, TEMPLATE));
    const folderOf = ({ file, specifier }: Import) => {
      const target = resolve(TEMPLATE, dirname(file), specifier);
      return target.startsWith(TEMPLATE) ? "own" : (relative(SRC, target).split("/")[0] ?? "");
    };
    const isAllowed = (each: Import): boolean => {
      if (!each.specifier.startsWith(".")) return !each.specifier.startsWith("perpwire");
      const floors = FLOORS.slice(0, FLOORS.indexOf("venues"));
      if (/fixtures\.ts$|^test\//.test(each.file)) return ["testing", "own"].includes(folderOf(each));
      if (/(?:server|market-channels)\.ts$|^protocol\//.test(each.file))
        return [...PAPER_MAY_IMPORT, "own"].includes(folderOf(each));
      return [...floors, "own"].includes(folderOf(each));
    };
    expect(found.length).toBeGreaterThan(100);
    expect(found.filter((each) => !isAllowed(each)).map(text)).toEqual([]);
    expect(readdirSync(join(TEMPLATE, "venue"))).toEqual(expect.arrayContaining(VENUE_FILES));
    const long = sources(TEMPLATE).filter((path) => linesOf(path) > (path.endsWith("fixtures.ts") ? 400 : 300));
    expect(long).toEqual([]);
  });

  it.each(registeredVenues)("has the checklist's files in %s, none of more than 300 lines", (venue) => {
    const folder = join(SRC, "venues", venue);
    const files = readdirSync(folder);
    expect(files).toEqual(expect.arrayContaining(VENUE_FILES));
    const lines = files.map((file) => [file, linesOf(join(folder, file))] as const);
    expect(lines.filter(([, count]) => count > 300)).toEqual([]);
  });

  it("has no file of the engine of more than 400 lines", () => {
    const isElsewhere = (file: string) => file.startsWith("venues/") || file.startsWith("testing/");
    const files = sources(SRC).map((path) => [relative(SRC, path), linesOf(path)] as const);
    const engine = files.filter(([file]) => !isElsewhere(file));
    expect(engine.length).toBeGreaterThan(300);
    expect(engine.filter(([, count]) => count > 400)).toEqual([]);
  });

  it("opens the front door without the exchange in the box or the test kit", () => {
    // The exchange in the box comes when a program asks to trade on paper, and then alone.
    const isLoadedLater = (found: Import) => found.isDynamic && targetFolder(found) === "paper";
    const wrong = internal.filter(
      (found) =>
        found.folder === "" &&
        !found.isTypeOnly &&
        !isLoadedLater(found) &&
        FRONT_DOOR_MAY_NOT_IMPORT.includes(targetFolder(found)),
    );
    expect(wrong.map(text)).toEqual([]);
  });

  it("loads network and disk packages inside runtime/ only", () => {
    const guarded = ["undici", "ws", "node:sqlite", "node:fs", "node:fs/promises", "node:http", "node:net"];
    const wrong = imports.filter(({ specifier, folder }) => guarded.includes(specifier) && folder !== "runtime");
    expect(wrong.map(text)).toEqual([]);
  });

  it('loads none of the heavy packages with `import "perpwire"`', () => {
    const seen = new Set<string>();
    const wrong: string[] = [];
    const visit = (file: string): void => {
      if (seen.has(file)) return;
      seen.add(file);
      for (const found of imports.filter((candidate) => candidate.file === file)) {
        if (found.isTypeOnly || found.isDynamic) continue;
        const isSigning = SIGNING_PACKAGES.some((scope) => found.specifier.startsWith(scope));
        if (isSigning || LAZY_PACKAGES.includes(found.specifier)) wrong.push(text(found));
        if (found.specifier.startsWith(".")) visit(relative(SRC, resolve(SRC, dirname(file), found.specifier)));
      }
    };
    visit("index.ts");
    expect(seen.size).toBeGreaterThan(1);
    expect(wrong).toEqual([]);
  });
});

/** Functions, classes and constants that a file exports. */
function valuesOf(source: string): string[] {
  const found = source.matchAll(/^export (?:async )?(?:const|function\*?|class) (\w+)/gm);
  return Array.from(found, ([, name = ""]) => name);
}

/** Exports, as `file name`, that no other file has the name of. */
function unusedValues(texts: ReadonlyMap<string, string>, isExporter: (file: string) => boolean): string[] {
  const files = new Map<string, Set<string>>();
  for (const [file, source] of texts) {
    for (const word of new Set(source.match(/\w+/g))) files.set(word, (files.get(word) ?? new Set()).add(file));
  }
  return [...texts].flatMap(([file, source]) =>
    isExporter(file)
      ? valuesOf(source)
          .filter((name) => files.get(name)?.size === 1)
          .map((name) => `${file} ${name}`)
      : [],
  );
}

describe("what files export", () => {
  it("is used by another file", () => {
    const folders = ["src", "packages/cli/src", "packages/cli/bin", "scripts", "test", "bench"];
    const paths = folders.flatMap((folder) => sources(join(ROOT, folder)));
    const texts = new Map(paths.map((path) => [relative(ROOT, path), readFileSync(path, "utf8")]));
    expect(unusedValues(texts, (file) => /^(?:src|packages)\//.test(file))).toEqual([]);
  });

  it("is found where it is not", () => {
    const texts = new Map([
      ["a.ts", "export const used = 1;\nexport function unused() {}\n"],
      ["b.ts", 'import { used } from "./a.ts";\nexport class Own {}\n'],
    ]);
    expect(unusedValues(texts, () => true)).toEqual(["a.ts unused", "b.ts Own"]);
  });
});

describe("the packages", () => {
  const commands = sources(join(COMMAND, "src")).flatMap((path) => importsOf(path, COMMAND));
  /** zod is brought along in the bundles; the sources of the tests that `simulate --shrink` prints import the others. */
  const NO_DEPENDENCIES = ["zod", "vitest", "perpwire"];
  const packagesIn = (found: readonly Import[]) =>
    [...new Set(found.map(packageOf).filter((name) => name !== undefined && !NO_DEPENDENCIES.includes(name)))].sort();

  it("keep the command out of the library", () => {
    const isOutside = ({ file, specifier }: Import) =>
      relative(SRC, resolve(SRC, dirname(file), specifier)).startsWith("..");
    expect(internal.filter(isOutside).map(text)).toEqual([]);
    expect(commands.length).toBeGreaterThan(100);
  });

  it("depend on what their sources import, and on nothing else", () => {
    const library = Object.keys(manifestOf(ROOT).dependencies);
    expect(packagesIn(imports)).toEqual(library);
    // The command is bundled with the library, so that it needs the same.
    const both = [...new Set([...packagesIn(commands), ...library])].sort();
    expect(both).toEqual(Object.keys(manifestOf(COMMAND).dependencies));
  });

  it("have one version, and ask for the versions that the clone tries them with", () => {
    const library = manifestOf(ROOT);
    const command = manifestOf(COMMAND);
    expect([command.version, command.engines]).toEqual([library.version, library.engines]);
    const asked = { ...command.dependencies, ...command.devDependencies };
    expect({ ...library.devDependencies, ...library.dependencies }).toMatchObject(asked);
  });
});

describe("the lock file", () => {
  it("names no registry host", () => {
    const lock = readFileSync(resolve(SRC, "../package-lock.json"), "utf8");
    expect(lock).not.toMatch(/"resolved"/);
  });
});
