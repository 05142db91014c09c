/**
 * Benchmarks beside other libraries, each contender in an isolate of its own, pass by pass in turn; losers are shown too.
 * Quote medians and ratios: machines are noisy. docs/benchmarks.md has the figures of a run and says how they are made.
 *
 *   npm run bench -- book [--venue okx | all]: from the bytes of a frame to the validated book and its best bid and ask
 *   npm run bench -- private [--venue okx | all]: from an execution frame to the event that tells it
 *   npm run bench -- orders: from buy() to the signed bytes, creates and cancels, and round trips over loopback
 *   npm run bench -- throttler: room for a request
 *   npm run bench -- start: to import the library, and from connect() until ready
 *   npm run bench -- many: 500 books at 5,000 frames a second over real sockets
 *   npm run bench -- box: matching, signed orders and living markets of the exchange in the box
 *   npm run bench -- check [--write]: a short run, which fails where Perpwire has become slower beside the others than half
 *     of the ratios in bench/ratios.json; --write commits those of this run instead
 *   npm run bench -- page: all of these, of all venues, into docs/benchmarks.md
 *   npm run bench -- growth [words of a row's name]: what each thing costs against how much there is of what it could
 *     depend on
 *
 * All take [--passes 9] [--json]; `book` takes [--messages 20000] of a pass. `--json` ends with one line of JSON.
 */

import { wholeNumber } from "../packages/cli/src/arguments.ts";
import { chosenOf, mistaken, readFlag, wordsAndArgumentsOf } from "../scripts/arguments.ts";
import { BENCHMARK_NAMES, BENCHMARKS, type BenchmarkName } from "./benchmarks.ts";
import { checkRatios } from "./check.ts";
import { benchGrowth } from "./growth.ts";
import { writePage } from "./page.ts";
import { FOOTNOTE, jsonOf, type Result, textOf } from "./report.ts";

const ALL_VENUES = "all";
const names = [...BENCHMARK_NAMES, "growth", "check", "page"] as const;

const { values, positionals } = wordsAndArgumentsOf(import.meta.filename, {
  venue: { type: "string" },
  passes: { type: "string" },
  messages: { type: "string" },
  json: { type: "boolean", default: false },
  write: { type: "boolean", default: false },
});
const { venue: named, json } = values;
const [word = "", ...words] = positionals;
if (word === "") mistaken(`no benchmark is named: there are ${names.join(", ")}`);
const [name = "growth"] = chosenOf("benchmark", [word], names);
if (name !== "growth" && words.length > 0) {
  mistaken(`${name} has no rows to choose from: "${words.join(" ")}" is too much`);
}
if (values.write && name !== "check") mistaken(`${name} takes no --write`);
if (values.messages !== undefined && name !== "book" && name !== "page") mistaken(`${name} takes no --messages`);
const passes = readFlag("passes", values.passes ?? (name === "growth" ? "7" : "9"), wholeNumber(1));
const messages = readFlag("messages", values.messages ?? "20000", wholeNumber(100, 1_000_000));

/** Venues that are asked for; one without a name where the benchmark is of none. */
function venuesOf(benchmark: BenchmarkName): readonly string[] {
  const venues: readonly string[] = BENCHMARKS[benchmark].venues;
  if (venues.length === 0) return named === undefined ? [""] : mistaken(`${benchmark} takes no --venue`);
  const chosen = chosenOf("venue", [named ?? venues[0] ?? ""], [...venues, ALL_VENUES]);
  return chosen.includes(ALL_VENUES) ? venues : chosen;
}

async function runBeside(benchmark: BenchmarkName): Promise<void> {
  const results: Result[] = [];
  for (const venue of venuesOf(benchmark)) {
    const own = await BENCHMARKS[benchmark].run(venue, { passes, messages });
    if (!json) for (const result of own) console.log(textOf(result));
    results.push(...own);
  }
  console.log(json ? jsonOf(benchmark, results) : FOOTNOTE);
}

async function runCheck(): Promise<void> {
  const failures = await checkRatios({ isWritten: values.write });
  for (const failure of failures) console.error(failure);
  process.exitCode = failures.length === 0 ? 0 : 1;
}

async function run(): Promise<void> {
  if (name === "growth") return await benchGrowth({ passes, json, only: words.join(" ") });
  if (name === "check") return await runCheck();
  if (name === "page") return await writePage({ passes, messages });
  await runBeside(name);
}

const takesVenues = name !== "growth" && name !== "check" && name !== "page";
if (named !== undefined && !takesVenues) mistaken(`${name} takes no --venue`);
await run();
