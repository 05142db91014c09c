import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { VenueChoices } from "../../../packages/cli/src/create/choices.ts";
import { CONTINUITY_RULES, ENVELOPES, STREAM_ACCESSES } from "../../../packages/cli/src/create/choices.ts";
import type { GeneratedFile } from "../../../packages/cli/src/create/files.ts";
import { type Answers, choicesOf, QUESTION_NAMES, QUESTIONS } from "../../../packages/cli/src/create/questions.ts";

export const ROOT = resolve(import.meta.dirname, "../../..");
const FLOORS = ["model", "runtime", "net", "market-data", "trading", "account", "connector", "testing"];

/** Packages of their own find the entry points as if perpwire were installed. */
const TSCONFIG = {
  extends: join(ROOT, "tsconfig.json"),
  compilerOptions: {
    rootDir: "/",
    types: ["node"],
    paths: { "perpwire/venue": ["./src/venue.ts"], "perpwire/testing": ["./src/testing/index.ts"] },
  },
  include: ["src", "test", "packages"],
  exclude: [],
};

/** What was answered, by default everything by its default. */
export function choices(name = "acme", given: Partial<Answers> = {}): VenueChoices {
  const answers: Partial<Record<keyof Answers, string>> = {};
  for (const question of QUESTION_NAMES) {
    answers[question] = given[question] ?? QUESTIONS[question].default(name, answers);
  }
  return choicesOf(name, answers as Answers);
}

const SIGNED: readonly Pick<Answers, "sign" | "signatureIn">[] = [
  { signatureIn: "header", sign: "timestamp,method,target,body" },
  { signatureIn: "query", sign: "query,body" },
  { signatureIn: "header", sign: "timestamp,key,window,query,body" },
  { signatureIn: "query", sign: "target" },
  { signatureIn: "header", sign: "timestamp,method,path,query,body" },
  { signatureIn: "query", sign: "window,query" },
  { signatureIn: "header", sign: "timestamp" },
];

/** One answer of each list by its number; their lengths make every pair of answers meet. */
export function combinations(): readonly VenueChoices[] {
  const at = <T>(list: readonly T[], index: number): T => list[index % list.length] as T;
  return Array.from({ length: 30 }, (_, index) =>
    choices(`v${index}`, {
      ...at(SIGNED, index),
      continuity: at(CONTINUITY_RULES, index),
      envelope: at(ENVELOPES, index),
      stream: at(STREAM_ACCESSES, index),
      timeSync: at(["yes", "no"], Math.floor(index / 2)),
      positionModes: at(["one-way", "hedge"], Math.floor(index / 4) + index),
      signatureEncoding: at(["hex", "base64"], Math.floor(index / 3)),
    }),
  );
}

/** A tree with generated files, in which everything else is the repository's own. */
export async function plantTree(files: readonly GeneratedFile[]): Promise<{ root: string } & AsyncDisposable> {
  const root = await mkdtemp(join(tmpdir(), "perpwire-create-"));
  const link = async (path: string): Promise<void> => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await symlink(join(ROOT, path), join(root, path));
  };
  // One by one, so that what is generated can lie beside the others.
  const entriesOf = async (path: string) => (await readdir(join(ROOT, path))).map((entry) => `${path}/${entry}`);
  const entries = await Promise.all(["src/venues", "src/paper/protocols"].map(entriesOf));
  // What is generated under the name of a venue that there is must not be written through its link.
  const others = entries.flat().filter((entry) => !files.some(({ path }) => path.startsWith(`${entry}/`)));
  await Promise.all(
    [
      ...FLOORS.map((path) => `src/${path}`),
      "src/paper/engine",
      "src/paper/market",
      "src/paper/exact-json.ts",
      ...others,
    ].map(link),
  );
  await link("node_modules");
  await link("src/venue.ts");
  await copyFile(join(ROOT, "package.json"), join(root, "package.json"));
  await writeFile(join(root, "tsconfig.json"), JSON.stringify(TSCONFIG));
  const biome = JSON.parse(await readFile(join(ROOT, "biome.json"), "utf8")) as object;
  await writeFile(join(root, "biome.json"), JSON.stringify({ ...biome, vcs: { enabled: false } }));
  await writeFiles(root, files);
  return { root, [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }) };
}

export async function writeFiles(root: string, files: readonly GeneratedFile[]): Promise<void> {
  for (const { path, text } of files) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
}
