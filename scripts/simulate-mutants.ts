/**
 * Breaks promises of the engine one at a time and plays worlds until one finds it out: each must be found. Prints the
 * seed and the rule that did; a world that fails with the unbroken engine as well is passed over, and told. Exit code 1
 * when a broken promise goes unnoticed.
 *
 *   npm run simulate:mutants [-- --seeds 500] [--minutes 1] [--jobs 2] [--only <words of a name>] [--by checker]
 *
 * `--by`: whose findings count, as in `perpwire simulate`; both judges' by default.
 */
import { execFile } from "node:child_process";
import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { wholeNumber, worldMinutes } from "../packages/cli/src/arguments.ts";
import { JUDGES } from "../packages/cli/src/commands/simulate.ts";
import { ENGINE_MUTANTS, type EngineMutant } from "../test/simulation/mutants/mutants.ts";
import { argumentsOf, chosenOf, hasWords, mistaken, readFlag } from "./arguments.ts";
import { temporaryFolder, tied } from "./clean-up.ts";
import { type Failure, search } from "./mutants/search.ts";
import { summaryOf } from "./summary.ts";

const ROOT = resolve(import.meta.dirname, "..");
const values = argumentsOf(import.meta.filename, {
  seeds: { type: "string", default: "500" },
  minutes: { type: "string", default: "1" },
  jobs: { type: "string", default: "2" },
  only: { type: "string", default: "" },
  by: { type: "string", default: "both" },
});

const seeds = readFlag("seeds", values.seeds, wholeNumber(1, 1_000_000));
const jobs = readFlag("jobs", values.jobs, wholeNumber(1, 64));
readFlag("minutes", values.minutes, worldMinutes);
chosenOf("judge", [values.by], JUDGES);
const chosen = ENGINE_MUTANTS.filter(({ name }) => hasWords(name, values.only));
if (chosen.length === 0) {
  mistaken(
    `no broken promise has "${values.only}" in its name: these are the names`,
    ENGINE_MUTANTS.map(({ name }) => name),
  );
}
/** Worlds that a process plays before the failures so far are looked at. */
const WORLDS_AT_A_TIME = 8;

/** Copies the sources with the edits to a folder. Throws where one does not apply, or what they make does not compile. */
async function plant(folder: string, { name, also = [], ...first }: EngineMutant): Promise<void> {
  for (const part of ["src", "bin", "packages", "package.json", "tsconfig.json"]) {
    cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  }
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  for (const { file, find, replace } of [first, ...also]) {
    const path = join(folder, "src", file);
    const text = readFileSync(path, "utf8");
    if (text.split(find).length !== 2) throw new Error(`"${name}": what is to be edited is not once in ${file}`);
    writeFileSync(
      path,
      text.replace(find, () => replace),
    );
  }
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      extends: join(ROOT, "tsconfig.json"),
      compilerOptions: { rootDir: "/", noUnusedLocals: false },
      include: ["src"],
    }),
  );
  const compiled = promisify(execFile)(join(ROOT, "node_modules", ".bin", "tsc"), ["--noEmit", "-p", folder]);
  tied(compiled.child);
  await compiled;
}

/** Plays worlds of the engine in a folder. */
function play(
  folder: string,
  { venue, profile = "rough" }: EngineMutant,
  list: readonly number[],
): Promise<readonly Failure[]> {
  const flags = ["--venue", venue, "--profile", profile, "--seeds", list.join(","), "--minutes", values.minutes];
  const args = [
    join(folder, "bin", "perpwire.js"),
    "simulate",
    "--json",
    "--jobs",
    values.jobs,
    "--by",
    values.by,
    ...flags,
  ];
  return new Promise((done, failed) => {
    const child = execFile(process.execPath, args, { maxBuffer: 2 ** 28 }, (_, stdout, stderr) => {
      const summary = summaryOf(stdout);
      if (summary?.seeds === list.length) done(summary.failures);
      else failed(new Error(`not all worlds were played: ${`${stdout}${stderr}`.slice(-2_000)}`));
    });
    tied(child);
  });
}

let missed = 0;
for (const mutant of chosen) {
  const startMs = performance.now();
  using folder = temporaryFolder("perpwire-mutant-");
  await plant(folder.path, mutant);
  const { found, failAnyway } = await search({
    seeds,
    atATime: WORLDS_AT_A_TIME * jobs,
    playBroken: (part) => play(folder.path, mutant, part),
    playUnbroken: (part) => play(ROOT, mutant, part),
  });
  if (found === undefined) missed += 1;
  const seconds = Math.round((performance.now() - startMs) / 1_000);
  const verdict = found === undefined ? "MISSED" : `found with seed ${found.seed} in ${seconds} s: ${found.rule}`;
  console.log(`${mutant.name} (${mutant.venue}, ${mutant.profile ?? "rough"}): ${verdict}`);
  for (const { seed, rule } of failAnyway) console.log(`  seed ${seed} fails with the unbroken engine too: ${rule}`);
}
console.log(`${chosen.length - missed} of ${chosen.length} broken promises were found`);
process.exitCode = missed === 0 ? 0 : 1;
