import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { expect, it } from "vitest";

/** A script's exit code and what it said; each of these must end before it begins any work. */
function run(name: string, ...flags: readonly string[]) {
  const path = resolve(import.meta.dirname, "../../scripts", name);
  const { status, stderr } = spawnSync(process.execPath, [path, ...flags], { encoding: "utf8", timeout: 20_000 });
  return { status, stderr };
}

it.each([
  ["proof.ts", ["--only", "nope"], 'there is no part "nope": the parts are worlds, fuzz, box, demo'],
  ["proof.ts", ["--venue", "nope"], 'there is no venue "nope"'],
  ["simulate-mutants.ts", ["--only", "nope"], 'no broken promise has "nope" in its name'],
  ["simulate-mutants.ts", ["--seeds", "nope"], "--seeds is a number of worlds"],
  ["soak.ts", ["--days", "1"], "--days is 0 or a whole number from 2 on"],
  ["soak.ts", ["--days", "1.5"], "--days is 0 or a whole number from 2 on"],
  ["soak.ts", ["--days", "nope"], "--days is 0 or a whole number from 2 on"],
  ["soak.ts", ["--connector", "nope"], 'there is no connector "nope"'],
])("%s %j ends with one line that says what is wrong", (name, flags, text) => {
  const { status, stderr } = run(name, ...flags);
  expect(stderr).toContain(text);
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(status).toBe(2);
});
