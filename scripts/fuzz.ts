/**
 * Mutated payloads of every venue, by seed: those of the conformance kit's fixtures, what the exchange in the box sends, and
 * recordings where a folder of them is given. First through each of the venue's parsers: nothing but the project's own
 * errors comes out, each figure that is told was sent under its own name, and nothing takes long. Then as many frames to a
 * running connector while it trades: nothing is thrown, nothing grows, and all is well again soon after the last one.
 *
 *   npm run fuzz [-- --frames 200000] [--seed 1] [--venue okx_perpetual] [--recordings FOLDER]
 *
 * Exit code 1 when something is wrong, or when a function of a venue that reads was not reached.
 */
import { wholeNumber } from "../packages/cli/src/arguments.ts";
import { BOX_PROTOCOLS, type BoxConnector } from "../src/simulation/box-protocols.ts";
import type { FuzzVenue } from "../test/support/fuzz/parser-fuzz.ts";
import type { Payloads } from "../test/support/fuzz/seeds.ts";
import { argumentsOf, chosenOf, folderToRead, readFlag } from "./arguments.ts";
import { FunctionCoverage } from "./fuzz/coverage.ts";
import { heapMb } from "./soak/heap.ts";

const values = argumentsOf(import.meta.filename, {
  frames: { type: "string", default: "200000" },
  seed: { type: "string", default: "1" },
  venue: { type: "string", multiple: true, default: Object.keys(BOX_PROTOCOLS) },
  recordings: { type: "string" },
});
const frames = readFlag("frames", values.frames, wholeNumber(1));
const seed = readFlag("seed", values.seed, wholeNumber(0));
const names: readonly string[] = chosenOf("venue", values.venue, Object.keys(BOX_PROTOCOLS));
const recordings = values.recordings === undefined ? undefined : folderToRead("recordings", values.recordings);

const MAX_MS = 50;
const MAX_SHOWN = 5;
/** Of the last four fifths. V8 keeps code and shapes for whatever it has seen. */
const MAX_GROWTH_MB = 8;
/** To see what they reach, which slows them down, and so that what is compiled and kept once is no growth. */
const FIRST_FRAMES = 50_000;

const coverage = new FunctionCoverage();
// Loaded now, for only what is loaded later is counted.
const { boxPayloads } = await import("../test/support/fuzz/box-payloads.ts");
const { fuzzConnector } = await import("../test/support/fuzz/connector-fuzz.ts");
const { fuzzParsers } = await import("../test/support/fuzz/parser-fuzz.ts");
const { parserNames } = await import("../test/support/fuzz/parser-names.ts");
const { recordedPayloads } = await import("../test/support/fuzz/recordings.ts");
const { FUZZ_VENUES } = await import("../test/support/fuzz/venues.ts");

const chosen = FUZZ_VENUES.filter(({ venue }) => names.includes(venue.manifest.name));
if (chosen.length !== names.length) throw new Error(`a venue has no fixtures for the fuzz: ${names.join(", ")}`);

let isFine = true;
const say = (isGood: boolean, text: string, details: readonly string[] = []): void => {
  isFine &&= isGood;
  console.log(`${isGood ? "fine" : "NOT FINE"}: ${text}`);
  for (const detail of details.slice(0, MAX_SHOWN)) console.log(`  ${detail}`);
};

async function payloadsOf({ venue, fixtures }: FuzzVenue): Promise<readonly Payloads[]> {
  const { name } = venue.manifest;
  const { restBasePath } = fixtures;
  const box = await boxPayloads(name as BoxConnector, fixtures);
  if (recordings === undefined) return [box];
  const recorded = recordedPayloads(recordings, name, restBasePath);
  console.log(`  ${recorded.frames.length} frames and ${recorded.answers.length} answers were recorded`);
  return [box, recorded];
}

/** Which parsers, and which functions of the venue's files, the fuzz reaches. */
async function reach(one: FuzzVenue, others: readonly Payloads[]): Promise<void> {
  const { name } = one.venue.manifest;
  const { folder } = one;
  coverage.take(folder);
  const { reached, faults } = await fuzzParsers(one, seed + 1, FIRST_FRAMES, others);
  const functions = [...coverage.take(folder)];
  const parsers = parserNames(one.venue);
  const idle = functions.filter(([, isCalled]) => !isCalled).map(([called]) => called);
  const missing = parsers.filter((parser) => !reached.has(parser));
  const read = `${parsers.length - missing.length} of ${parsers.length} parsers`;
  const called = `${functions.length - idle.length} of ${functions.length} functions`;
  const unreached = [...missing, ...idle].map((what) => `not reached: ${what}`);
  say(unreached.length + faults.length === 0, `${name}: ${read} and ${called} of its files reached`, [
    ...unreached,
    ...faults,
  ]);
}

async function parse(one: FuzzVenue, others: readonly Payloads[]): Promise<void> {
  const { name } = one.venue.manifest;
  const before = heapMb();
  const report = await fuzzParsers(one, seed, frames, others);
  const grownMb = heapMb() - before;
  const { payloads, taken, unreadableRows, refused, longestMs, longestText, faults, reached } = report;
  const isGood = faults.length === 0 && longestMs <= MAX_MS && grownMb <= MAX_GROWTH_MB;
  const counts = `${payloads} payloads, ${taken} facts taken, ${refused} refused, ${unreadableRows} rows left out`;
  const rest = `longest ${longestMs.toFixed(1)} ms, heap ${grownMb.toFixed(1)} MB more, ${faults.length} faults`;
  const longest = longestMs > MAX_MS ? [`longest: ${longestText}`] : [];
  say(isGood, `${name}, parsers: ${counts}, ${rest}`, [...faults, ...longest]);
  for (const parser of parserNames(one.venue)) console.log(`  ${parser}: ${reached.get(parser) ?? 0}`);
}

async function run(one: FuzzVenue): Promise<void> {
  const name = one.venue.manifest.name as BoxConnector;
  let firstMb = 0;
  let lastMb = 0;
  const report = await fuzzConnector(name, seed, frames, (sent) => {
    if (firstMb === 0 && sent >= frames / 5) firstMb = heapMb();
    if (sent >= frames) lastMb = heapMb();
  });
  const grownMb = lastMb - firstMb;
  const isGood = report.faults.length === 0 && grownMb <= MAX_GROWTH_MB;
  const counts = `${report.frames} frames and ${report.answers} answers to a running connector`;
  const heap = `heap ${firstMb.toFixed(1)} MB after a fifth, ${lastMb.toFixed(1)} MB at the end`;
  const healed = `well again after ${(report.healedMs / 1_000).toFixed(0)} simulated seconds`;
  say(isGood, `${name}: ${counts}, ${heap}, ${healed}, ${report.faults.length} faults`, report.faults);
}

const others = new Map<FuzzVenue, readonly Payloads[]>();
for (const one of chosen) {
  const payloads = await payloadsOf(one);
  others.set(one, payloads);
  await reach(one, payloads);
}
coverage.end();
for (const one of chosen) {
  await parse(one, others.get(one) ?? []);
  await run(one);
}
process.exit(isFine ? 0 : 1);
