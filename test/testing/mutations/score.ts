import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createMutantTree, MUTATED_VENUES, type Mutant, type MutationsByVenue, ROOT } from "./mutants.ts";
import type { LeftOut } from "./new-author.ts";
import type { Task, Verdict } from "./worker.ts";

export interface ScoredMutant extends Omit<Mutant, "mutation"> {
  readonly mutation: NonNullable<Mutant["mutation"]>;
  /** The test that failed first; undefined where all passed and the bug went unnoticed. */
  readonly caughtBy: string | undefined;
}

const WORKERS = 2;

/** The test that caught a bug before, by venue and bug. */
export type Hints = ReadonlyMap<string, string>;
export const hintKey = (venue: string, name: string): string => `${venue}: ${name}`;

/** What is left out of the fixtures, by the venue's folder. */
export type LeftOutByVenue = ReadonlyMap<string, LeftOut>;

/**
 * Type-checks every mutant in one run, then runs the kit against each. The venues without a bug must pass it. With hints
 * a mutant first meets the test that caught it before, and the whole kit only where that test passes.
 */
export async function scoreMutants(
  hints: Hints = new Map(),
  venues: MutationsByVenue = MUTATED_VENUES,
  leftOut: LeftOutByVenue = new Map(),
): Promise<readonly ScoredMutant[]> {
  using tree = createMutantTree(venues);
  typeCheck(tree.folder);
  const verdicts = await judgeAll(tree.mutants, hints, leftOut);
  return tree.mutants.flatMap(({ mutation, ...mutant }) => {
    const verdict = verdicts.get(mutant.entry);
    assert.ok(verdict !== undefined && verdict.ran > 0, `no verdict on ${mutant.entry}`);
    if (mutation !== undefined) return [{ ...mutant, mutation, caughtBy: verdict.caughtBy }];
    assert.equal(verdict.caughtBy, undefined, `${mutant.venue} without a bug must pass the kit`);
    assert.ok(verdict.ran >= 100, `the kit ran only ${verdict.ran} tests against ${mutant.venue}`);
    return [];
  });
}

function typeCheck(folder: string): void {
  try {
    execFileSync(join(ROOT, "node_modules", ".bin", "tsc"), ["--noEmit", "-p", folder], { encoding: "utf8" });
  } catch (error) {
    throw new Error(`a mutant does not compile:\n${(error as { readonly stdout?: string }).stdout}`);
  }
}

async function judgeAll(
  mutants: readonly Mutant[],
  hints: Hints,
  leftOut: LeftOutByVenue,
): Promise<ReadonlyMap<string, Verdict>> {
  const verdicts = new Map<string, Verdict>();
  const waiting = mutants.values();
  const work = async (): Promise<void> => {
    const worker = fork(join(import.meta.dirname, "worker.ts"), { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    try {
      for (const { venue, entry, mutation } of waiting) {
        const hint = mutation && hints.get(hintKey(venue, mutation.name));
        verdicts.set(entry, await ask(worker, { venue, entry, hint, leftOut: leftOut.get(venue) }));
      }
    } finally {
      worker.kill();
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, work));
  return verdicts;
}

async function ask(worker: ChildProcess, task: Task): Promise<Verdict> {
  const stop = new AbortController();
  const { signal } = stop;
  try {
    worker.send(task);
    const answered = once(worker, "message", { signal });
    const gone = once(worker, "exit", { signal }).then(([code]) =>
      assert.fail(`a worker ended (${code}): ${task.entry}`),
    );
    const [answer] = (await Promise.race([answered, gone])) as [Verdict | { readonly failure: string }];
    if ("failure" in answer) throw new Error(`${task.entry}: ${answer.failure}`);
    return answer;
  } finally {
    stop.abort();
  }
}
