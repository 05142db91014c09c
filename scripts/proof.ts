/**
 * What takes longer than a test may, part by part: 2,000 worlds of each venue at profile `rough` and 500 at `hell`, each
 * by both judges, which fail as well where little happened in them, and `rough` where more than one book of a hundred
 * healed later than two seconds after the last fault; 200,000 mutated frames of each venue (`fuzz.ts`); a million messages
 * of books of each, read from their bytes and as texts (`proof-books.ts`); random calls of each protocol of the box
 * (`proof-box.ts`); the main job between two processes (`proof-demo.ts`). About two hours on two cores. Ends with what
 * each part came to; exit code 1 when one of them failed.
 *
 *   npm run proof [-- --rough 1..2000] [--hell 1..500] [--minutes 1] [--venue okx] [--jobs 2] [--only worlds]
 */
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { seedList, wholeNumber, worldMinutes } from "../packages/cli/src/arguments.ts";
import { PROTOCOL_NAMES } from "../src/paper/protocols/protocol-names.ts";
import { argumentsOf, chosenOf, readFlag } from "./arguments.ts";
import { summaryText, tooLate, tooLittle } from "./proof/worlds.ts";
import { summaryOf } from "./summary.ts";

const PARTS = ["worlds", "fuzz", "books", "box", "demo"];
const values = argumentsOf(import.meta.filename, {
  rough: { type: "string", default: "1..2000" },
  hell: { type: "string", default: "1..500" },
  minutes: { type: "string", default: "1" },
  venue: { type: "string", default: "all" },
  jobs: { type: "string", default: "2" },
  only: { type: "string", multiple: true, default: PARTS },
});
const wanted = chosenOf("part", values.only, PARTS);
chosenOf("venue", [values.venue], ["all", ...PROTOCOL_NAMES]);
readFlag("rough", values.rough, seedList);
readFlag("hell", values.hell, seedList);
readFlag("minutes", values.minutes, worldMinutes);
readFlag("jobs", values.jobs, wholeNumber(1, 64));

interface Result {
  readonly command: string;
  readonly isPassed: boolean;
  readonly text: string;
}

function worlds(profile: "rough" | "hell", seeds: string): Result {
  const { venue, minutes, jobs } = values;
  const flags = ["--seeds", seeds, "--profile", profile, "--minutes", minutes, "--venue", venue, "--by", "both"];
  const command = `npm run simulate -- ${flags.join(" ")}`;
  console.log(`\n== ${command}`);
  const program = resolve(import.meta.dirname, "../bin/perpwire.js");
  const { stdout, status } = spawnSync(process.execPath, [program, "simulate", ...flags, "--jobs", jobs, "--json"], {
    stdio: ["ignore", "pipe", "inherit"],
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  const summary = summaryOf(stdout);
  if (summary === undefined) {
    return { command, isPassed: false, text: `ended with ${status} and no result: ${stdout.trim().slice(-2_000)}` };
  }
  for (const { reproduce, rule, text } of summary.failures) console.log(`${reproduce}\n  ${rule}: ${text}`);
  const lacks = tooLittle(summary, Number(minutes)).map((lack) => `too little was tried: ${lack}`);
  // Where everything fails at once, what was refused for long is tried again after a fifth of it.
  const late = tooLate(summary);
  const faults = [...lacks, ...(profile === "rough" ? late.map((line) => `too late: ${line}`) : [])];
  for (const line of [...lacks, ...late]) console.log(line);
  const text = [summaryText(summary), ...faults].join("\n  ");
  return { command, isPassed: status === 0 && summary.failed === 0 && faults.length === 0, text };
}

function script(command: string, name: string, flags: readonly string[] = []): Result {
  console.log(`\n== ${command}`);
  const path = resolve(import.meta.dirname, name);
  const { status } = spawnSync(process.execPath, ["--expose-gc", path, ...flags], { stdio: "inherit" });
  return { command, isPassed: status === 0, text: status === 0 ? "passed" : `failed with ${status}` };
}

const ofVenues = (flag: string): readonly string[] =>
  PROTOCOL_NAMES.filter((venue) => values.venue === "all" || venue === values.venue).flatMap((venue) => [
    flag,
    `${venue}_perpetual`,
  ]);
const parts: readonly (readonly [part: string, run: () => Result])[] = [
  ["worlds", () => worlds("rough", values.rough)],
  ["worlds", () => worlds("hell", values.hell)],
  ["fuzz", () => script("npm run fuzz", "fuzz.ts")],
  ["books", () => script("npm run proof:books", "proof-books.ts", ofVenues("--venue"))],
  ["box", () => script("npm run proof:box", "proof-box.ts")],
  ["demo", () => script("npm run proof:demo", "proof-demo.ts", ofVenues("--connector"))],
];
const results = parts.filter(([part]) => wanted.includes(part)).map(([, run]) => run());
console.log("\n== what each part came to");
for (const { command, isPassed, text } of results)
  console.log(`${isPassed ? "passed" : "FAILED"}: ${command}\n  ${text}`);
process.exitCode = results.every(({ isPassed }) => isPassed) ? 0 : 1;
