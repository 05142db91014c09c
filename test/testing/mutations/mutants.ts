import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { BINANCE_MUTATIONS } from "./binance.ts";
import { BYBIT_MUTATIONS } from "./bybit.ts";
import { FTX_MUTATIONS } from "./ftx.ts";
import type { Mutation } from "./mutation.ts";

export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

export const MUTATED_VENUES = { ftx: FTX_MUTATIONS, bybit: BYBIT_MUTATIONS, binance: BINANCE_MUTATIONS } as const;
export type MutatedVenue = keyof typeof MUTATED_VENUES;

/** A venue's copy with one bug, or without any where `mutation` is undefined. */
export interface Mutant {
  readonly venue: MutatedVenue;
  readonly mutation: Mutation | undefined;
  /** Its `derivative.ts`, which puts the venue together. */
  readonly entry: string;
}

export interface MutantTree extends Disposable {
  readonly folder: string;
  readonly mutants: readonly Mutant[];
}

/**
 * Writes every mutant into a tree of its own, whose other floors are links to the real ones: so its imports resolve as
 * the venue's do, classes are shared with the kit, and one compiler run can check them all.
 */
export function createMutantTree(): MutantTree {
  const folder = mkdtempSync(join(tmpdir(), "perpwire-mutants-"));
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      extends: join(ROOT, "tsconfig.json"),
      compilerOptions: { rootDir: "/" },
      include: ["*/src/venues"],
    }),
  );
  const mutants = Object.entries(MUTATED_VENUES).flatMap(([venue, mutations]) =>
    [undefined, ...mutations].map((mutation, index) => {
      const entry = writeMutant(join(folder, `${venue}-${index}`), venue, mutation);
      return { venue: venue as MutatedVenue, mutation, entry };
    }),
  );
  return { folder, mutants, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

function writeMutant(folder: string, venue: string, mutation: Mutation | undefined): string {
  const source = join(ROOT, "src");
  const own = join(folder, "src", "venues", venue);
  mkdirSync(join(folder, "src", "venues"), { recursive: true });
  for (const floor of readdirSync(source)) {
    if (floor !== "venues") symlinkSync(join(source, floor), join(folder, "src", floor));
  }
  cpSync(join(source, "venues", venue), own, { recursive: true });
  if (mutation !== undefined) {
    const path = join(own, mutation.file);
    writeFileSync(path, patched(readFileSync(path, "utf8"), mutation, venue));
  }
  return join(own, "derivative.ts");
}

function patched(text: string, { name, file, find, replace }: Mutation, venue: string): string {
  assert.equal(text.split(find).length - 1, 1, `"${name}": its text must be once in ${venue}/${file}`);
  return text.replace(find, () => replace);
}
