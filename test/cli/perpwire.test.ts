import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const execute = promisify(execFile);
const BIN = resolve(import.meta.dirname, "../../bin/perpwire.js");
const COMMAND = resolve(import.meta.dirname, "../../packages/cli/bin/perpwire.js");
/** The Node.js that npm runs on, where that is too old for the command. */
const OLD_NODE = findOldNode();

function findOldNode(): string | undefined {
  const path = process.env.npm_node_execpath;
  const major = Number(/node\/v(\d+)\./.exec(process.env.npm_config_user_agent ?? "")?.[1]);
  return major < 24 ? path : undefined;
}
const CAPTURE = resolve(import.meta.dirname, "../../../shared/data/ftx-2021-07-22.ndjson");

let folder = "";
const running: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "perpwire-cli-"));
});

afterEach(async () => {
  for (const child of running.splice(0)) child.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

function start(args: readonly string[], environment: Record<string, string> = {}) {
  const env = { PATH: process.env.PATH, ...environment };
  const child = spawn(process.execPath, [BIN, ...args], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  running.push(child);
  return child;
}

async function run(args: readonly string[], environment?: Record<string, string>) {
  const child = start(args, environment);
  const [out, error, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { out, error, code };
}

/** Starts a venue and resolves with its first line. */
async function startVenue(...args: string[]) {
  const child = start(["venue", "--json", "--api", "ftx", ...args]);
  const [first] = await once(createInterface({ input: child.stdout }), "line");
  return { child, ready: JSON.parse(String(first)) as Record<"rest" | "ws" | "apiKey" | "apiSecret", string> };
}

describe("the program", () => {
  const says = (text: string) => `export const main = () => console.log("${text}");`;
  const said = async (bin: string) => text(spawn(process.execPath, [bin], { cwd: folder }).stdout);

  it("is the sources in a clone, whatever was built there before, and what was built in a package", async () => {
    const command = join(folder, "packages/cli");
    for (const place of ["bin", "src", "dist"]) await mkdir(join(command, place), { recursive: true });
    await mkdir(join(folder, "bin"));
    await writeFile(join(folder, "package.json"), '{"type":"module"}');
    await copyFile(BIN, join(folder, "bin/perpwire.js"));
    await copyFile(COMMAND, join(command, "bin/perpwire.js"));
    await writeFile(join(command, "src/main.ts"), says("source"));
    await writeFile(join(command, "dist/main.js"), says("built"));
    for (const bin of ["bin/perpwire.js", "packages/cli/bin/perpwire.js"]) {
      expect(await said(join(folder, bin))).toBe("source\n");
    }
    await rm(join(command, "src"), { recursive: true });
    expect(await said(join(folder, "bin/perpwire.js"))).toBe("built\n");
  });

  it("is found beside the library, and in the folder that it is called in", async () => {
    const library = join(folder, "elsewhere/node_modules/perpwire");
    await mkdir(join(library, "bin"), { recursive: true });
    await writeFile(join(library, "package.json"), '{"type":"module"}');
    await copyFile(BIN, join(library, "bin/perpwire.js"));
    const missing = await execute(process.execPath, [join(library, "bin/perpwire.js")], { cwd: folder }).catch(
      (error: unknown) => error,
    );
    expect(missing).toMatchObject({
      ...{ code: 1, stdout: "" },
      stderr: "perpwire: the command is a package of its own, `npm install @perpwire/cli` brings it\n",
    });
    for (const place of [folder, join(folder, "elsewhere")]) {
      const command = join(place, "node_modules/@perpwire/cli");
      for (const below of ["bin", "dist"]) await mkdir(join(command, below), { recursive: true });
      await writeFile(join(command, "package.json"), '{"type":"module"}');
      await copyFile(COMMAND, join(command, "bin/perpwire.js"));
      await writeFile(join(command, "dist/main.js"), says(place));
      expect(await said(join(library, "bin/perpwire.js"))).toBe(`${place}\n`);
    }
  });

  it("answers an unknown command with one line, exit code 2 and no stack", async () => {
    const { out, error, code } = await run(["frobnicate"]);
    expect(error).toBe("perpwire: unknown command 'frobnicate'; see perpwire --help\n");
    expect(out).toBe("");
    expect(code).toBe(2);
  });

  it("shows its help", async () => {
    const { out, error, code } = await run(["--help"]);
    expect(out).toMatch(/^Usage: perpwire/);
    expect(error).toBe("");
    expect(code).toBe(0);
  });

  it.each(["SIGTERM", "SIGINT"] as const)("runs a venue that ends with 0 at %s", async (signal) => {
    const { child, ready } = await startVenue();
    expect(ready.rest).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/api$/);
    child.kill(signal);
    expect(await once(child, "exit")).toEqual([0, null]);
  });

  it("says that a port is taken", async () => {
    const { ready } = await startVenue();
    const { error, code } = await run(["venue", "--port", new URL(ready.rest).port]);
    expect(error).toMatch(/^perpwire: cannot listen on 127\.0\.0\.1:\d+: .*\n$/);
    expect(code).toBe(2);
  });

  it("trades at a venue of its own, process after process, from the configuration file", async () => {
    const { ready } = await startVenue("--rate-limits", "off");
    const ftx = ["--connector", "ftx_perpetual"];
    const config = join(folder, "conf.yml");
    const pairs = { rest_url: ready.rest, ws_url: ready.ws, api_key: ready.apiKey, api_secret: ready.apiSecret };
    const lines = Object.entries(pairs).map(([name, value]) => `ftx_perpetual_${name}: "${value}"`);
    await writeFile(config, `${lines.join("\n")}\n`, { mode: 0o600 });
    const bought = await run([
      "buy",
      "BTC-USD",
      "0.01",
      "15000",
      "--position",
      "open",
      "--json",
      "--config",
      config,
      ...ftx,
    ]);
    expect(bought.error).toBe("");
    const { clientOrderId } = JSON.parse(bought.out);
    expect(existsSync(join(folder, ".perpwire/ftx_perpetual.journal"))).toBe(true);
    const canceled = await run(["cancel", clientOrderId, "--json", "--config", config, ...ftx]);
    expect(JSON.parse(canceled.out)).toMatchObject({ clientOrderId, state: "canceled" });
    expect([bought.code, canceled.code]).toEqual([0, 0]);
    expect(bought.out + canceled.out).not.toContain(ready.apiSecret);
  });

  it.skipIf(OLD_NODE === undefined)("runs with the clone's own Node.js where the machine's is older", async () => {
    const child = spawn(OLD_NODE ?? "", [BIN, "frobnicate"], { stdio: ["ignore", "ignore", "pipe"] });
    running.push(child);
    const [error, [code]] = await Promise.all([text(child.stderr), once(child, "close")]);
    expect(error).toBe("perpwire: unknown command 'frobnicate'; see perpwire --help\n");
    expect(code).toBe(2);
  });

  it.skipIf(!existsSync(CAPTURE))("replays a recording of the real venue", async () => {
    const { out, error, code } = await run(["replay", "ftx_perpetual", CAPTURE, "--json"]);
    const counts = { rejected: [], rejectedCount: 0, checksumFailures: 0, gaps: 0 };
    expect(JSON.parse(out)).toMatchObject({ books: 10, applied: 971, ...counts });
    expect(error).toBe("");
    expect(code).toBe(0);
  });
});
