/**
 * The main job for half a minute a run, five seeds, calm and with faults, on each connector, between two processes over
 * real sockets. Every run must reconcile to the last digit.
 *
 *   npm run proof:demo [-- --seeds 1,2,3] [--duration 30] [--connector bybit_perpetual] [--amend] [--hedge]
 */
import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { secondsToMs, seedList } from "../packages/cli/src/arguments.ts";
import { BOX_PROTOCOLS } from "../src/simulation/box-protocols.ts";
import { argumentsOf, chosenOf, readFlag } from "./arguments.ts";

interface Run {
  readonly connector: string;
  readonly seed: number;
  readonly chaos: boolean;
}

interface Outcome {
  readonly reconciled: boolean;
  readonly counters?: Readonly<Record<string, number>>;
}

const values = argumentsOf(import.meta.filename, {
  seeds: { type: "string", default: "1,2,3,4,5" },
  duration: { type: "string", default: "30" },
  connector: { type: "string", multiple: true, default: ["bybit_perpetual"] },
  /** Amends on top of amends, and cancels at random. */
  amend: { type: "boolean", default: false },
  hedge: { type: "boolean", default: false },
});
const seeds = readFlag("seeds", values.seeds, seedList);
readFlag("duration", values.duration, secondsToMs);
const connectors = chosenOf("connector", values.connector, Object.keys(BOX_PROTOCOLS));
const program = resolve(import.meta.dirname, "../bin/perpwire.js");

function demo({ connector, seed, chaos }: Run): Promise<Outcome> {
  const flags = ["--connector", connector, "--seed", String(seed), "--duration", values.duration, "--json"];
  if (values.amend) flags.push("--amend");
  if (values.hedge) flags.push("--hedge");
  return new Promise((resolveOutcome) => {
    execFile(process.execPath, [program, "demo", ...flags, ...(chaos ? ["--chaos"] : [])], (error, stdout) => {
      const line = stdout.trim().split("\n").at(-1) ?? "";
      const outcome: Outcome = line.startsWith("{") ? JSON.parse(line) : { reconciled: false };
      resolveOutcome({ ...outcome, reconciled: outcome.reconciled && error === null });
    });
  });
}

const runs = connectors.flatMap((connector) =>
  [false, true].flatMap((chaos) => seeds.map((seed) => ({ connector, seed, chaos }))),
);
let failed = 0;
for (const run of runs) {
  const { reconciled, counters = {} } = await demo(run);
  if (!reconciled) failed += 1;
  const {
    ordersPlaced = 0,
    fills = 0,
    fundingPayments = 0,
    unknownOutcomes = 0,
    bookHeals = 0,
    amendsAsked = 0,
  } = counters;
  console.log(
    `${run.connector} seed ${run.seed} ${run.chaos ? "chaos" : "calm "} ${reconciled ? "reconciled" : "NOT RECONCILED"}: ` +
      `${ordersPlaced} orders, ${amendsAsked} amends, ${fills} fills, ${fundingPayments} funding payments, ` +
      `${unknownOutcomes} unknown outcomes resolved, ${bookHeals} books healed`,
  );
}
console.log(`${runs.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
