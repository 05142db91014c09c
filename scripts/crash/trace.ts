import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { versionOfPackage } from "../../packages/cli/src/own-package.ts";
import { HISTORY_VERSION, type HistoryLine, type TruthLine } from "../../src/checker/history.ts";
import type { Runtime } from "../../src/runtime/runtime.ts";
import { ProcessRecorder } from "../../src/simulation/history/process-recorder.ts";
import { HistorySecrets } from "../../src/simulation/history/secrets.ts";
import type { BotTask } from "./task.ts";

export interface Trace {
  readonly recorder: ProcessRecorder;
  /** What the connector shows now, and the venue's own record. */
  agree(): Promise<void>;
}

/** Writes what one process of the bot does, line by line, so that what came before SIGKILL is there. */
export function openTrace(task: BotTask, token: string, runtime: Runtime): Trace | undefined {
  const { connector, life, seed, traceFolder, runStartMs, venue } = task;
  if (traceFolder === undefined) return undefined;
  const file = join(traceFolder, `${String(life).padStart(4, "0")}.ndjson`);
  const write = (line: HistoryLine): void => appendFileSync(file, `${JSON.stringify(line)}\n`);
  const now = () => runtime.clock.now() - runStartMs;
  write({
    ...{ kind: "history", version: HISTORY_VERSION, run: `${connector} ${seed} crash`, connector, seed },
    ...{ perpwire: versionOfPackage(), startMs: runStartMs, token, startingCash: "100000", hasHand: false },
  });
  if (life > 1) write({ t: now(), host: "bot", life: life - 1, kind: "process", what: "killed" });
  const secrets = new HistorySecrets([venue.apiKey, venue.apiSecret, venue.passphrase]);
  const recorder = new ProcessRecorder({ host: "bot", life, secrets, now, write });
  return {
    recorder,
    async agree() {
      recorder.state("final");
      const { text } = await runtime.http.request({
        ...{ method: "GET", url: `${venue.control}/truth`, headers: { "paper-key": venue.apiKey }, timeoutMs: 10_000 },
      });
      write({ ...(JSON.parse(text) as TruthLine), t: now(), kind: "truth", when: "after flatten" });
    },
  };
}
