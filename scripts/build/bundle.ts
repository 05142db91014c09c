import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type OutputChunk, rolldown } from "rolldown";

export interface Bundle {
  /** Sources by the names of the files that are made of them. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly directory: string;
  /** Packages that stay packages. */
  readonly dependencies: readonly string[];
  /** Packages that are brought along; a package in neither list fails the build. */
  readonly bundled: readonly string[];
  /** The file that the licences of what is brought along are written to. */
  readonly notices: string;
}

const PACKAGE = /^(?:@[^/]+\/)?[^/]+/;
/** The lowest that every Node.js reads which may come across the package, so that it can say what it needs. */
const TARGET = "es2024";

/** Bundles sources into chunks that are loaded when they are needed, as the sources are, and writes them. */
export async function bundle({ inputs, directory, dependencies, bundled, notices }: Bundle): Promise<void> {
  const build = await rolldown({
    input: { ...inputs },
    platform: "node",
    tsconfig: false,
    transform: { target: TARGET },
    external: (id) => id.startsWith("node:") || dependencies.includes(PACKAGE.exec(id)?.[0] ?? ""),
    onLog: (level, { message }) => {
      if (level === "warn") throw new Error(message);
    },
  });
  const { output } = await build.write({
    ...{ dir: directory, format: "esm" },
    ...{ entryFileNames: "[name].js", chunkFileNames: "[name]-[hash].js" },
    keepNames: true,
    comments: { jsdoc: false, legal: true, annotation: true },
  });
  await build.close();
  const chunks = output.filter((file): file is OutputChunk => file.type === "chunk");
  const brought = [...new Set(chunks.flatMap(({ moduleIds }) => moduleIds.flatMap(packageFolder)))].sort();
  const unexpected = brought.filter((folder) => !bundled.includes(nameOf(folder)));
  if (unexpected.length > 0) throw new Error(`neither a dependency nor to be brought along: ${unexpected.join(", ")}`);
  writeFileSync(notices, noticesOf(brought));
}

/** The folder of the package that a module is of; none for a source of ours. */
function packageFolder(id: string): readonly string[] {
  const found = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1];
  return found === undefined ? [] : [found];
}

const nameOf = (folder: string): string => folder.split("/node_modules/").at(-1) ?? "";

/** The licence text of each package, as its licence asks of those who pass it on. */
function noticesOf(folders: readonly string[]): string {
  const parts = folders.map((folder) => {
    const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string };
    return `${nameOf(folder)} ${version}\n\n${licenceText(folder)}`;
  });
  return ["This package has in it, unchanged but for being bundled:\n", ...parts].join(`\n${"-".repeat(80)}\n\n`);
}

function licenceText(folder: string): string {
  const file = readdirSync(folder).find((name) => /^licen[cs]e(?:\.(?:md|txt))?$/i.test(name));
  if (file === undefined || !existsSync(join(folder, file))) {
    throw new Error(`${nameOf(folder)} in ${dirname(folder)} has no licence text`);
  }
  return readFileSync(join(folder, file), "utf8");
}
