import assert from "node:assert/strict";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { BINANCE_MUTATIONS } from "./binance.ts";
import { BYBIT_MUTATIONS } from "./bybit.ts";
import { FTX_MUTATIONS } from "./ftx.ts";
import { GATE_IO_MUTATIONS } from "./gate-io.ts";
import { HYPERLIQUID_MUTATIONS } from "./hyperliquid.ts";
import type { Mutation } from "./mutation.ts";
import { OKX_MUTATIONS } from "./okx.ts";

export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

export const MUTATED_VENUES = {
  ftx: FTX_MUTATIONS,
  bybit: BYBIT_MUTATIONS,
  binance: BINANCE_MUTATIONS,
  okx: OKX_MUTATIONS,
} as const;
/** Venues whose fixtures are also tried as a new author leaves them. */
export const NEW_AUTHORS_VENUES = { "gate-io": GATE_IO_MUTATIONS, hyperliquid: HYPERLIQUID_MUTATIONS } as const;
export type MutatedVenue = keyof typeof MUTATED_VENUES | keyof typeof NEW_AUTHORS_VENUES;
export type MutationsByVenue = Readonly<Partial<Record<MutatedVenue, readonly Mutation[]>>>;

/** It puts a venue together. */
const ENTRY = "derivative.ts";

/** A venue's copy with one bug, or without any where `mutation` is undefined. */
export interface Mutant {
  readonly venue: MutatedVenue;
  readonly mutation: Mutation | undefined;
  /** Path of its `derivative.ts`. */
  readonly entry: string;
}

export interface MutantTree extends Disposable {
  readonly folder: string;
  readonly mutants: readonly Mutant[];
}

/**
 * Writes every mutant into a folder of its own: classes are shared with the kit, and one compiler run checks them all.
 * A venue without a bug is the real one.
 */
export function createMutantTree(venues: MutationsByVenue): MutantTree {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "perpwire-mutants-")));
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      extends: join(ROOT, "tsconfig.json"),
      compilerOptions: { rootDir: "/" },
      include: ["*/*.ts"],
    }),
  );
  const mutants = Object.entries(venues).flatMap(([name, mutations]) => {
    const venue = name as MutatedVenue;
    const real: Mutant = { venue, mutation: undefined, entry: join(ROOT, "src", "venues", venue, ENTRY) };
    const own = mutations.map((mutation, index): Mutant => {
      return { venue, mutation, entry: writeMutant(join(folder, `${venue}-${index}`), venue, mutation) };
    });
    return [real, ...own];
  });
  return { folder, mutants, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

/**
 * Writes the bug's file and those that import it, however indirectly. What they import of others is the real thing: it
 * is loaded and checked once for all mutants.
 */
function writeMutant(folder: string, venue: string, mutation: Mutation): string {
  const source = join(ROOT, "src", "venues", venue);
  const texts = textsOf(source);
  const own = withImporters(mutation.file, texts);
  mkdirSync(folder, { recursive: true });
  for (const file of own) {
    const text = texts.get(file) ?? assert.fail(`${venue} has no ${file}`);
    const changed = file === mutation.file ? patched(text, mutation, venue) : text;
    const isOwn = (path: string) => own.has(path.slice("./".length));
    const imported = changed.replace(/(?<= from ")\.{1,2}\/[^"]+/g, (path) =>
      isOwn(path) ? path : relative(folder, join(source, path)),
    );
    writeFileSync(join(folder, file), imported);
  }
  return join(folder, ENTRY);
}

function textsOf(folder: string): ReadonlyMap<string, string> {
  return new Map(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), "utf8")]));
}

/** A file and all that import it, directly or through others. */
function withImporters(file: string, texts: ReadonlyMap<string, string>): ReadonlySet<string> {
  const found = new Set([file]);
  for (const name of found) {
    for (const [importer, text] of texts) if (text.includes(`from "./${name}"`)) found.add(importer);
  }
  assert.ok(found.has(ENTRY), `nothing of the venue imports ${file}`);
  return found;
}

function patched(text: string, { name, file, find, replace }: Mutation, venue: string): string {
  assert.equal(text.split(find).length - 1, 1, `"${name}": its text must be once in ${venue}/${file}`);
  return text.replace(find, () => replace);
}
