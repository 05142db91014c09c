/**
 * Builds what is published: `library` makes dist/, `cli` makes packages/cli/dist/, no word makes both. Each is one bundle of
 * chunks, with zod in it; every other dependency stays a package. No source maps: the code is bundled, not minified.
 */
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { mistaken, wordsAndArgumentsOf } from "./arguments.ts";
import { bundle } from "./build/bundle.ts";
import { writeDeclarations } from "./build/declarations.ts";
import { freshChecklist } from "./checklist-file.ts";
import { BUNDLED } from "./supply-chain-rules.ts";

const ROOT = resolve(import.meta.dirname, "..");
const COMMAND = join(ROOT, "packages/cli");
/** Files that `exports` of the library name, by the sources that they are made of. */
const ENTRIES = ["index", "venue", "testing/index", "paper/index", "simulation/index"];

/** Module that threads run; nothing imports it. */
const THREAD = "book-thread";

async function buildLibrary(): Promise<void> {
  const directory = join(ROOT, "dist");
  rmSync(directory, { recursive: true, force: true });
  await bundle({
    ...{ directory: join(directory, "bundle"), bundled: BUNDLED, notices: join(directory, "THIRD_PARTY_NOTICES.txt") },
    inputs: { "node-version": join(ROOT, "src/runtime/node-version.ts"), ...librarySources() },
    dependencies: dependenciesOf(join(ROOT, "package.json")),
  });
  for (const name of ENTRIES) writeEntry(directory, name);
  writeDeclarations(ROOT, directory, ENTRIES, dependenciesOf(join(ROOT, "package.json")));
}

/** Sources of the entry points by the names of the files that are made of them; the command lends these to modules of venues. */
function librarySources(): Readonly<Record<string, string>> {
  const names = [...ENTRIES, THREAD];
  return Object.fromEntries(names.map((name) => [name.replaceAll("/", "-"), join(ROOT, "src", `${name}.ts`)]));
}

/** Modules are evaluated in the order of their imports: an old Node.js is told before anything else is. */
function writeEntry(directory: string, name: string): void {
  const path = join(directory, `${name}.js`);
  mkdirSync(join(path, ".."), { recursive: true });
  const top = "../".repeat(name.split("/").length - 1) || "./";
  const files = ["node-version", name.replaceAll("/", "-")].map((file) => `${top}bundle/${file}.js`);
  writeFileSync(path, `import "${files[0]}";\nexport * from "${files[1]}";\n`);
}

async function buildCommand(): Promise<void> {
  const directory = join(COMMAND, "dist");
  rmSync(directory, { recursive: true, force: true });
  await bundle({
    ...{ directory, bundled: BUNDLED, notices: join(directory, "THIRD_PARTY_NOTICES.txt") },
    inputs: { main: join(COMMAND, "src/main.ts"), ...librarySources() },
    dependencies: dependenciesOf(join(COMMAND, "package.json")),
  });
  writeFileSync(join(directory, "checklist.json"), JSON.stringify(await freshChecklist()));
  mkdirSync(join(COMMAND, "conf"), { recursive: true });
  for (const file of ["LICENSE", "conf/conf_global_TEMPLATE.yml"]) copyFileSync(join(ROOT, file), join(COMMAND, file));
}

function dependenciesOf(path: string): readonly string[] {
  const { dependencies } = JSON.parse(readFileSync(path, "utf8")) as { dependencies: Readonly<Record<string, string>> };
  return Object.keys(dependencies);
}

const BUILDS: Readonly<Record<string, () => Promise<void>>> = { library: buildLibrary, cli: buildCommand };

const { positionals } = wordsAndArgumentsOf(import.meta.filename, {});
for (const name of positionals.length === 0 ? Object.keys(BUILDS) : positionals) {
  const build = BUILDS[name] ?? mistaken(`there is nothing to build that is called "${name}"`, Object.keys(BUILDS));
  await build();
}
