import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { ENGINE_MUTATIONS, type EngineMutation } from "./engine.ts";
import { ROOT } from "./mutants.ts";
import type { Verdict } from "./worker.ts";

/** Venues with whose kit the engine is judged: a bug counts as caught when the kit of one of them turns red. */
export const JUDGES: readonly string[] = ["binance", "bybit"];

export interface ScoredEngineMutant {
  readonly mutation: EngineMutation;
  /** Venue and test that failed first; undefined where all passed and the bug went unnoticed. */
  readonly caughtBy: readonly [venue: string, test: string] | undefined;
}

const MAX_RUN_MS = 120_000;
const WORKERS = 2;
const NEVER_ENDED = "the run does not end";

export const pathOfEngine = ({ file }: EngineMutation): string => join(ROOT, "src", file);

/** The source with the bug. Throws unless the text that it replaces is there once. */
export function patchedEngine({ name, file, find, replace }: EngineMutation, source: string): string {
  assert.equal(source.split(find).length - 1, 1, `"${name}": its text must be once in src/${file}`);
  return source.replace(find, () => replace);
}

/** Runs one kit in a process of its own, with the bug in the engine or, where `index` is undefined, without any. */
async function judge(index: number | undefined, venue: string): Promise<Verdict> {
  const worker = fork(join(import.meta.dirname, "engine-worker.ts"), [String(index ?? "none"), venue], {
    stdio: ["ignore", "ignore", index === undefined ? "inherit" : "ignore", "ipc"],
  });
  const stop = AbortSignal.timeout(MAX_RUN_MS);
  try {
    const answered = once(worker, "message", { signal: stop }).then(([verdict]) => verdict as Verdict);
    const ended = once(worker, "exit", { signal: stop }).then(([code]) =>
      assert.fail(`a worker ended (${code}) before its verdict on ${ENGINE_MUTATIONS[index ?? -1]?.name}`),
    );
    const isLate = (error: unknown): Verdict => {
      if (stop.aborted) return { caughtBy: NEVER_ENDED, ran: 1 };
      throw error;
    };
    return await Promise.race([answered, ended]).catch(isLate);
  } finally {
    worker.kill("SIGKILL");
  }
}

async function scoreOne(mutation: EngineMutation, judges: readonly string[]): Promise<ScoredEngineMutant> {
  for (const venue of judges) {
    const { caughtBy } = await judge(ENGINE_MUTATIONS.indexOf(mutation), venue);
    if (caughtBy !== undefined) return { mutation, caughtBy: [venue, caughtBy] };
  }
  return { mutation, caughtBy: undefined };
}

/**
 * Runs the kit against every bug, or against those whose file or name has one of the texts of `only` in it; first it must
 * pass without one.
 */
export async function scoreEngine(
  only: readonly string[] = [""],
  judges: readonly string[] = JUDGES,
): Promise<readonly ScoredEngineMutant[]> {
  for (const venue of judges) {
    const { caughtBy, ran } = await judge(undefined, venue);
    assert.equal(caughtBy, undefined, `the kit of ${venue} must pass without a bug`);
    assert.ok(ran >= 100, `the kit ran only ${ran} tests of ${venue}`);
  }
  const wanted = ENGINE_MUTATIONS.filter(({ name, file }) => only.some((each) => `${file}: ${name}`.includes(each)));
  const waiting = wanted.entries();
  const scored: ScoredEngineMutant[] = [];
  const work = async (): Promise<void> => {
    for (const [index, mutation] of waiting) scored[index] = await scoreOne(mutation, judges);
  };
  await Promise.all(Array.from({ length: WORKERS }, work));
  return scored;
}
