/**
 * Plays 52 worlds, 13 of each venue, in two processes and compares their hashes: what a seed decides, it decides alone.
 *
 *   npm run simulate:twice [-- --seeds 1..13] [--minutes 0.5]
 */
import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { argumentsOf } from "./arguments.ts";

const values = argumentsOf(import.meta.filename, {
  seeds: { type: "string", default: "1..13" },
  minutes: { type: "string", default: "0.5" },
});
const program = resolve(import.meta.dirname, "../bin/perpwire.js");

interface Summary {
  readonly seeds: number;
  readonly hash: string;
}

function play(): Promise<Summary> {
  const flags = ["--seeds", values.seeds, "--minutes", values.minutes, "--jobs", "1", "--json"];
  return new Promise((done, failed) => {
    execFile(process.execPath, [program, "simulate", ...flags], { maxBuffer: 2 ** 26 }, (_, stdout, stderr) => {
      const line = stdout.trim().split("\n").at(-1) ?? "";
      if (line.startsWith("{")) done(JSON.parse(line));
      else failed(new Error(`no result: ${stderr}`));
    });
  });
}

const [first, second] = await Promise.all([play(), play()]);
const isSame = first.hash === second.hash && first.seeds === second.seeds;
console.log(`${first.seeds} worlds twice: ${first.hash} and ${second.hash}, ${isSame ? "the same" : "NOT THE SAME"}`);
process.exitCode = isSame ? 0 : 1;
