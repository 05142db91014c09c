import { existsSync, readdirSync, readFileSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { VenueChoices } from "../../../packages/cli/src/create/choices.ts";
import * as lists from "../../../packages/cli/src/create/choices.ts";
import { repositoryFiles, standaloneFiles } from "../../../packages/cli/src/create/files.ts";
import { type Answers, choicesOf, QUESTION_NAMES, QUESTIONS } from "../../../packages/cli/src/create/questions.ts";
import type { GeneratedFile } from "../../../packages/cli/src/create/render.ts";
import { readTemplate, templatePath } from "../../../packages/cli/src/create/template.ts";

export const ROOT = resolve(import.meta.dirname, "../../..");
const FLOORS = ["model", "runtime", "net", "market-data", "trading", "account", "connector", "testing"];

/** Packages of their own find the entry points as if perpwire were installed. */
const TSCONFIG = {
  extends: join(ROOT, "tsconfig.json"),
  compilerOptions: {
    rootDir: "/",
    types: ["node"],
    paths: {
      "perpwire/venue": ["./src/venue.ts"],
      "perpwire/testing": ["./src/testing/index.ts"],
      "perpwire/paper": ["./src/paper/index.ts"],
    },
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

const VERSIONS = { perpwire: "^1.0.0", zod: "4.0.0", typescript: "7.0.0", nodeTypes: "26.0.0" };
const DISK = { exists: async (path: string) => existsSync(path), readText: (path: string) => readFile(path, "utf8") };

/** Sources of the template by their path below its folder. */
export function templateSources(): ReadonlyMap<string, string> {
  const paths = readdirSync(templatePath(""), { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith(".ts"),
  );
  return new Map(paths.toSorted().map((path) => [path, readFileSync(templatePath(path), "utf8")]));
}

export async function filesInRepository(venue: VenueChoices): Promise<readonly GeneratedFile[]> {
  return repositoryFiles(await readTemplate(DISK, venue), venue);
}

export async function filesOfPackage(venue: VenueChoices): Promise<readonly GeneratedFile[]> {
  return standaloneFiles(await readTemplate(DISK, venue), venue, VERSIONS);
}

/** Places of a signature with the parts that are signed. */
const SIGNED = [
  "header timestamp,method,target,body",
  "header timestamp,key,window,path,query,body-sha512",
  "query query",
  "query window,target,body-sha256",
];

const FACTORS = {
  signed: SIGNED,
  continuity: lists.CONTINUITY_RULES,
  envelope: lists.ENVELOPES,
  stream: lists.STREAM_ACCESSES,
  timeSync: ["yes", "no"],
  positionModes: lists.POSITION_MODES,
  signatureAlgorithm: lists.SIGNATURE_ALGORITHMS,
  signatureEncoding: lists.SIGNATURE_ENCODINGS,
  signSeparator: ["none", "newline", "&"],
  signTime: lists.TIME_FORMS,
  sizes: lists.SIZE_UNITS,
  signedSizes: ["no", "yes"],
  credentials: [
    "apiKey,apiSecret",
    "apiKey,apiSecret,passphrase",
    "apiKey,apiSecret,userId,subAccount",
    "privateKey,accountAddress,vaultAddress",
  ],
} as const satisfies Partial<Record<keyof Answers | "signed", readonly string[]>>;

/** Venues in which every two answers to two questions meet at least once. */
export function combinations(): readonly VenueChoices[] {
  return pairwise(Object.values(FACTORS)).map((row, index) => {
    const answers = Object.fromEntries(Object.keys(FACTORS).map((name, at) => [name, row[at]]));
    const [signatureIn = "", sign = ""] = String(answers.signed).split(" ");
    return choices(`v${index}`, { ...answers, signatureIn, sign });
  });
}

const CANDIDATES = 40;

type Pair = readonly [a: number, x: string, b: number, y: string];

const keyOf = (a: number, x: string, b: number, y: string): string =>
  a < b ? `${a}:${x} ${b}:${y}` : `${b}:${y} ${a}:${x}`;

/** Rows with one value of each list, until every two values have met: the next one is that which adds most pairs. */
function pairwise(factors: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const missing = new Map<string, Pair>();
  for (const [a, xs] of factors.entries()) {
    for (const [b, ys] of factors.entries()) {
      if (a < b) for (const x of xs) for (const y of ys) missing.set(keyOf(a, x, b, y), [a, x, b, y]);
    }
  }
  const pairsOf = (row: readonly string[]) =>
    row.flatMap((x, a) => row.slice(a + 1).map((y, at) => keyOf(a, x, a + 1 + at, y)));
  const gainOf = (row: readonly string[]) => pairsOf(row).filter((key) => missing.has(key)).length;
  const rows: (readonly string[])[] = [];
  while (missing.size > 0) {
    const seeds = [...missing.values()].slice(0, CANDIDATES).map((pair) => rowWith(pair, factors, missing));
    const row = seeds.reduce((best, each) => (gainOf(each) > gainOf(best) ? each : best));
    for (const key of pairsOf(row)) missing.delete(key);
    rows.push(row);
  }
  return rows;
}

/** The row that begins with a pair and takes of every other list whatever adds most. */
function rowWith([a, x, b, y]: Pair, factors: readonly (readonly string[])[], missing: ReadonlyMap<string, Pair>) {
  const row: (string | undefined)[] = factors.map((_, at) => (at === a ? x : at === b ? y : undefined));
  for (const [at, values] of factors.entries()) {
    const gain = (value: string) =>
      row.filter((other, place) => other !== undefined && missing.has(keyOf(at, value, place, other))).length;
    row[at] ??= values.reduce((best, value) => (gain(value) > gain(best) ? value : best));
  }
  return row.map(String);
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
  const entries = await Promise.all(["src/venues", "src/paper", "src/paper/protocols"].map(entriesOf));
  // What is generated under the name of a venue that there is must not be written through its link.
  const others = entries.flat().filter((entry) => !files.some(({ path }) => path.startsWith(`${entry}/`)));
  const folders = FLOORS.map((path) => `src/${path}`);
  await Promise.all([...folders, ...others.filter((entry) => entry !== "src/paper/protocols")].map(link));
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
