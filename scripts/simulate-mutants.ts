/**
 * Breaks promises of the engine one at a time and plays worlds until one finds it out: each must be found. Prints the
 * seed and the rule that did; exit code 1 when a broken promise goes unnoticed.
 *
 *   npm run simulate:mutants [-- --seeds 500] [--minutes 2] [--jobs 2] [--only <part of a name>] [--by checker]
 *
 * `--by`: whose findings count, as in `perpwire simulate`.
 */
import { execFile, execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ENGINE_MUTANTS, type EngineMutant } from "../test/simulation/mutants/mutants.ts";
import { argumentsOf } from "./arguments.ts";

const ROOT = resolve(import.meta.dirname, "..");
const values = argumentsOf(import.meta.filename, {
  seeds: { type: "string", default: "500" },
  minutes: { type: "string", default: "2" },
  jobs: { type: "string", default: "2" },
  only: { type: "string", default: "" },
  by: { type: "string", default: "judge" },
});

interface Found {
  readonly seed: number;
  readonly rule: string;
  readonly text: string;
}

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

function play(folder: string, { venue, profile = "rough" }: EngineMutant): Promise<Found | undefined> {
  const flags = [
    "--venue",
    venue,
    "--profile",
    profile,
    "--seeds",
    `1..${values.seeds}`,
    "--minutes",
    values.minutes,
    "--by",
    values.by,
  ];
  const args = [join(folder, "bin", "perpwire.js"), "simulate", "--json", "--first", "--jobs", values.jobs, ...flags];
  return new Promise((done, failed) => {
    execFile(process.execPath, args, { maxBuffer: 2 ** 28 }, (_, stdout, stderr) => {
      const line = stdout.trim().split("\n").at(-1) ?? "";
      if (!line.startsWith("{")) failed(new Error(`no result: ${stderr.slice(-2_000)}`));
      else done((JSON.parse(line) as { readonly failures: readonly Found[] }).failures[0]);
    });
  });
}

let missed = 0;
const chosen = ENGINE_MUTANTS.filter(({ name }) => name.includes(values.only));
for (const mutant of chosen) {
  const startMs = performance.now();
  const folder = plant(mutant);
  try {
    const found = await play(folder, mutant);
    if (found === undefined) missed += 1;
    const seconds = Math.round((performance.now() - startMs) / 1_000);
    const verdict = found === undefined ? "MISSED" : `found with seed ${found.seed} in ${seconds} s: ${found.rule}`;
    console.log(`${mutant.name} (${mutant.venue}, ${mutant.profile ?? "rough"}): ${verdict}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
console.log(`${chosen.length - missed} of ${chosen.length} broken promises were found`);
process.exitCode = missed === 0 ? 0 : 1;
