import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { expect, it } from "vitest";

const CLEAN_UP = resolve(import.meta.dirname, "../../scripts/clean-up.ts");
const SCRIPT = `
  import { spawn } from "node:child_process";
  import { cleanUp, temporaryFolder, tied } from ${JSON.stringify(CLEAN_UP)};
  const folder = temporaryFolder("perpwire-test-");
  cleanUp(() => console.log("later first"));
  tied(spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "inherit" }), "SIGKILL");
  console.log(folder.path);
  process.stdin.once("data", () => { throw new Error("a fault"); });
`;

async function started() {
  const script = spawn(process.execPath, ["--input-type=module-typescript", "-e", SCRIPT], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  const lines = createInterface({ input: script.stdout });
  const [line] = await once(lines, "line");
  const later: string[] = [];
  lines.on("line", (text) => void later.push(text));
  const folder = String(line);
  expect(statSync(folder).isDirectory()).toBe(true);
  return { script, folder, later };
}

it.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["an error", 1],
] as const)("a script that %s ends leaves no folder and no child behind, and ends with %i", async (how, code) => {
  const { script, folder, later } = await started();
  if (how === "an error") script.stdin.write("now\n");
  else script.kill(how);
  // Comes when the child, which has the same output, is gone as well.
  const [exitCode] = await once(script, "close");
  expect(exitCode).toBe(code);
  expect(existsSync(folder)).toBe(false);
  expect(later).toEqual(["later first"]);
});
