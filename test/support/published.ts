import { execFile } from "node:child_process";
import { cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { basename, join, relative, resolve } from "node:path";
import { promisify } from "node:util";

export const run = promisify(execFile);
export const ROOT = resolve(import.meta.dirname, "../..");

export interface Tarball {
  readonly path: string;
  /** Paths of the files in it. */
  readonly files: readonly string[];
}

const NOT_COPIED = ["node_modules", "dist", "coverage", "bench", ".git", ".perpwire"];

/** A copy of the project to pack from, so that nothing is left in the working tree. */
export async function copyOfProject(directory: string): Promise<string> {
  const copy = join(directory, "copy");
  const isWanted = (path: string): boolean =>
    !NOT_COPIED.includes(basename(path)) && relative(ROOT, path) !== "test/clients";
  await cp(ROOT, copy, { recursive: true, preserveTimestamps: true, filter: isWanted });
  await symlink(join(ROOT, "node_modules"), join(copy, "node_modules"));
  return copy;
}

/** Packs a folder, as publishing it does. */
export async function pack(folder: string, directory: string): Promise<Tarball> {
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", directory], {
    ...{ cwd: folder, maxBuffer: 10_000_000 },
  });
  // What the build prints comes first. Later versions of npm answer by name, earlier ones with a list.
  const answer = JSON.parse(stdout.slice(stdout.search(/^[[{]$/m))) as
    | { filename: string; files: { path: string }[] }[]
    | Record<string, { filename: string; files: { path: string }[] }>;
  const [packed] = Object.values(answer);
  if (packed === undefined) throw new Error(`npm packed nothing in ${folder}`);
  // The names of scoped packages had a slash in them once.
  return {
    path: join(directory, packed.filename.replace(/^@/, "").replace("/", "-")),
    files: packed.files.map(({ path }) => path),
  };
}

/** An empty project into which the packages have been installed. */
export async function projectWith(folder: string, ...packages: readonly string[]): Promise<string> {
  await mkdir(folder);
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "user", private: true, type: "module" }));
  const flags = ["--no-audit", "--no-fund", "--prefer-offline"];
  await run("npm", ["install", ...flags, ...packages], { cwd: folder });
  return folder;
}

/** Packages that were installed into a project, by their paths. */
export async function installedIn(project: string): Promise<Readonly<Record<string, { hasInstallScript?: boolean }>>> {
  const lock = JSON.parse(await readFile(join(project, "package-lock.json"), "utf8")) as {
    packages: Record<string, { hasInstallScript?: boolean }>;
  };
  return Object.fromEntries(Object.entries(lock.packages).filter(([path]) => path !== ""));
}
