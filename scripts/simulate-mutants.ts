/**
 * Breaks promises of the engine one at a time and plays worlds until one finds it out: each must be found. Prints the
 * seed and the rule that did; a world that fails with the unbroken engine as well is passed over, and told. Exit code 1
 * when a broken promise goes unnoticed.
 *
 *   npm run simulate:mutants [-- --seeds 500] [--minutes 1] [--jobs 2] [--only <part of a name>] [--by checker]
 *
 * `--by`: whose findings count, as in `perpwire simulate`; both judges' by default.
 */
import { execFile, execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ENGINE_MUTANTS, type EngineMutant } from "../test/simulation/mutants/mutants.ts";
import { argumentsOf, mistaken } from "./arguments.ts";
import { type Failure, search } from "./mutants/search.ts";

const ROOT = resolve(import.meta.dirname, "..");
const values = argumentsOf(import.meta.filename, {
  seeds: { type: "string", default: "500" },
  minutes: { type: "string", default: "1" },
  jobs: { type: "string", default: "2" },
  only: { type: "string", default: "" },
  by: { type: "string", default: "both" },
});

const seeds = Number(values.seeds);
if (!Number.isInteger(seeds) || seeds < 1) mistaken(`--seeds is a number of worlds, not "${values.seeds}"`);
const jobs = Number(values.jobs);
if (!Number.isInteger(jobs) || jobs < 1) mistaken(`--jobs is a number of processes, not "${values.jobs}"`);
const chosen = ENGINE_MUTANTS.filter(({ name }) => name.includes(values.only));
if (chosen.length === 0) mistaken(`no broken promise has "${values.only}" in its name`);
/** Worlds that a process plays before the failures so far are looked at. */
const WORLDS_AT_A_TIME = 8;

/** A copy of the sources with the edits. Throws where one does not apply, or what they make does not compile. */
function plant({ name, also = [], ...first }: EngineMutant): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "perpwire-mutant-")));
  for (const part of ["src", "bin", "package.json", "tsconfig.json"]) {
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
  execFileSync(join(ROOT, "node_modules", ".bin", "tsc"), ["--noEmit", "-p", folder], { encoding: "utf8" });
  return folder;
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
    execFile(process.execPath, args, { maxBuffer: 2 ** 28 }, (_, stdout, stderr) => {
      const line = stdout.trim().split("\n").at(-1) ?? "";
      if (!line.startsWith("{")) failed(new Error(`no result: ${stderr.slice(-2_000)}`));
      else done((JSON.parse(line) as { readonly failures: readonly Failure[] }).failures);
    });
  });
}

let missed = 0;
for (const mutant of chosen) {
  const startMs = performance.now();
  const folder = plant(mutant);
  try {
    const { found, failAnyway } = await search({
      seeds,
      atATime: WORLDS_AT_A_TIME * jobs,
      playBroken: (part) => play(folder, mutant, part),
      playUnbroken: (part) => play(ROOT, mutant, part),
    });
    if (found === undefined) missed += 1;
    const seconds = Math.round((performance.now() - startMs) / 1_000);
    const verdict = found === undefined ? "MISSED" : `found with seed ${found.seed} in ${seconds} s: ${found.rule}`;
    console.log(`${mutant.name} (${mutant.venue}, ${mutant.profile ?? "rough"}): ${verdict}`);
    for (const { seed, rule } of failAnyway) console.log(`  seed ${seed} fails with the unbroken engine too: ${rule}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
console.log(`${chosen.length - missed} of ${chosen.length} broken promises were found`);
process.exitCode = missed === 0 ? 0 : 1;
