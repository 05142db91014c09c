/**
 * Plays 54 worlds, 9 of each venue, in two processes and compares their hashes: what a seed decides, it decides alone.
 * Exit code 1 when they differ, and when a process did not play all of its worlds or one of them failed.
 *
 *   npm run simulate:twice [-- --seeds 1..9] [--minutes 0.5]
 */
import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { seedList, worldMinutes } from "../packages/cli/src/arguments.ts";
import { connectorsOf } from "../src/simulation/campaign.ts";
import { argumentsOf, readFlag } from "./arguments.ts";
import { tied } from "./clean-up.ts";
import { summaryOf } from "./summary.ts";
import { compared, type Run } from "./twice/compare.ts";

const values = argumentsOf(import.meta.filename, {
  seeds: { type: "string", default: "1..9" },
  minutes: { type: "string", default: "0.5" },
});
const seeds = readFlag("seeds", values.seeds, seedList);
readFlag("minutes", values.minutes, worldMinutes);
const program = resolve(import.meta.dirname, "../bin/perpwire.js");
const MAX_WORDS = 2_000;

function play(): Promise<Run> {
  const flags = ["--seeds", values.seeds, "--minutes", values.minutes, "--jobs", "1", "--json"];
  return new Promise((done) => {
    const args = [program, "simulate", ...flags];
    const child = execFile(process.execPath, args, { maxBuffer: 2 ** 26 }, (_, stdout, stderr) => {
      const words = `${stdout}${stderr}`.trim().slice(-MAX_WORDS);
      done({ exitCode: child.exitCode, summary: summaryOf(stdout), words });
    });
    tied(child);
  });
}

const runs = await Promise.all([play(), play()]);
const { isSame, text } = compared(runs, seeds.length * connectorsOf("all").length);
console.log(text);
process.exitCode = isSame ? 0 : 1;
