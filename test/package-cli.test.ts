import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHECKLIST_ITEMS } from "../src/testing/index.ts";
import { copyOfProject, installedIn, pack, projectWith, ROOT, run } from "./support/published.ts";

const TIMEOUT_MS = 600_000;

/** Program with a venue that is not in the package. */
const OUTSIDE_VENUE = `
import { connect, createConnector } from "perpwire";
import { venueModule } from "./dist/index.js";
const urls = { restUrl: "http://127.0.0.1:1", webSocketUrl: "ws://127.0.0.1:1" };
const options = { tradingPairs: ["BTC-USDT"], ...urls, readyTimeoutMs: 2_000 };
const { name } = await createConnector(venueModule, options);
const failure = await connect(venueModule, options).catch((error) => error.code);
console.log(JSON.stringify({ name, failure }));
`;

/** Makes the command believe that its Node.js is an older one. */
const PRETENDED = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "22.12.0" } });`;

describe("the package of the command", () => {
  let directory = "";
  let project = "";
  let files: readonly string[] = [];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "perpwire-command-"));
    const copy = await copyOfProject(directory);
    const command = await pack(join(copy, "packages/cli"), directory);
    const library = await pack(copy, directory);
    files = command.files;
    project = await projectWith(join(directory, "project"), library.path, command.path);
  }, TIMEOUT_MS);

  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  const perpwire = async (...args: string[]): Promise<string> => {
    const command = join(project, "node_modules", ".bin", "perpwire");
    const { stdout } = await run(process.execPath, [command, ...args], { cwd: project, maxBuffer: 10_000_000 });
    return stdout;
  };

  it("holds JavaScript and what the command reads, no sources", async () => {
    const wanted = [
      "bin/perpwire.js",
      "dist/main.js",
      "dist/checklist.json",
      "conf/conf_global_TEMPLATE.yml",
      "LICENSE",
    ];
    expect(files).toEqual(expect.arrayContaining([...wanted, "dist/THIRD_PARTY_NOTICES.txt", "README.md"]));
    const template = files.filter((path) => path.startsWith("template/"));
    expect(template).toEqual(expect.arrayContaining(["template/venue/auth.ts", "template/variants/hedge/fixtures.ts"]));
    expect(files.filter((path) => !template.includes(path) && /^(?:src|test)\/|\.ts$/.test(path))).toEqual([]);
    const installed = Object.values(await installedIn(project));
    expect(installed.filter(({ hasInstallScript }) => hasInstallScript === true)).toEqual([]);
  });

  it("runs by its own name and by the library's", async () => {
    for (const bin of ["@perpwire/cli", "perpwire"]) {
      const command = join(project, "node_modules", bin, "bin/perpwire.js");
      const { stdout } = await run(process.execPath, [command, "--help"], { cwd: project });
      expect(stdout).toMatch(/venue/);
      expect(stdout).toMatch(/replay/);
    }
    expect(await perpwire("--version")).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it("says in one sentence that Node.js is too old", async () => {
    await writeFile(join(project, "old.mjs"), PRETENDED);
    const command = join(project, "node_modules/@perpwire/cli/bin/perpwire.js");
    const failure = await run(process.execPath, ["--import", "./old.mjs", command, "--help"], { cwd: project }).catch(
      (error) => error,
    );
    expect(failure).toMatchObject({ code: 2, stdout: "" });
    expect(failure.stderr).toMatch(/^perpwire needs Node\.js 24 or newer, this is 22\.12\.0[^\n]*\n$/);
  });

  it("trades on the exchange in the box, which is a process of its own", async () => {
    const flags = ["--seeds", "1", "--minutes", "0.1", "--venue", "ftx"];
    expect(await perpwire("simulate", ...flags)).toMatch(/1 world/);
  }, 120_000);

  it("prints the checklist that it brings", async () => {
    const rows = JSON.parse(await perpwire("checklist", "ftx_perpetual", "--json")) as { kind: string }[];
    expect(rows.filter(({ kind }) => kind === "api")).toHaveLength(CHECKLIST_ITEMS.apiRows.length);
  });

  it("begins a venue in a package of its own, which compiles, passes and can be opened", async () => {
    await perpwire("create", "unused", "--standalone", "--yes");
    const own = await installedVenue(join(project, "unused"));
    const tsc = join(ROOT, "node_modules", ".bin", "tsc");
    await run(tsc, ["--noEmit"], { cwd: own });
    const args = ["--test", "--test-reporter=tap", "test/**/*.test.ts"];
    const { stdout } = await run(process.execPath, args, { cwd: own, maxBuffer: 10_000_000 });
    const counts = Object.fromEntries(
      [...stdout.matchAll(/^# (pass|fail|todo) (\d+)$/gm)].map((m) => [m[1], Number(m[2])]),
    );
    expect(counts).toMatchObject({ fail: 0 });
    expect(counts.pass).toBeGreaterThan(0);
    expect(counts.todo).toBeGreaterThan(100);
    await run(tsc, ["-p", "tsconfig.build.json"], { cwd: own });
    await writeFile(join(own, "program.js"), OUTSIDE_VENUE);
    const opened = await run(process.execPath, ["program.js"], { cwd: own });
    expect(JSON.parse(opened.stdout)).toEqual({ name: "unused_perpetual", failure: "TRANSPORT_REFUSED" });
    await takesAsModule(own);
  }, 120_000);

  /** Runs the command with the built venue as its module, where no perpwire is installed but the command's own. */
  async function takesAsModule(own: string): Promise<void> {
    const alone = join(directory, "alone");
    await mkdir(join(alone, "node_modules"), { recursive: true });
    await symlink(join(ROOT, "node_modules/zod"), join(alone, "node_modules/zod"));
    for (const name of ["package.json", "dist"]) await cp(join(own, name), join(alone, name), { recursive: true });
    const args = ["conformance", "unused_perpetual", "--dry-run", "--json", "--module", "../alone/dist/index.js"];
    expect(JSON.parse(await perpwire(...args)).length).toBeGreaterThan(10);
    const servers = ["--rest-url", "http://127.0.0.1:1", "--ws-url", "ws://127.0.0.1:1", "--timeout", "1"];
    const call = ["markets", "-c", "unused_perpetual", "--module", "../alone/dist/index.js", ...servers];
    const failure = await perpwire(...call).catch((error: { stderr: string }) => error.stderr);
    expect(failure).toMatch(/^perpwire: .*127\.0\.0\.1:1/m);
    await followsItsBox("../alone/dist/index.js");
  }

  /** Starts the exchange in the box with the module's protocol, and reads a book of it through the module's connector. */
  async function followsItsBox(module: string): Promise<void> {
    const command = join(project, "node_modules", ".bin", "perpwire");
    const box = [command, "venue", "--api", "unused", "--json", "--module", module];
    const child = spawn(process.execPath, box, { cwd: project, stdio: ["ignore", "pipe", "inherit"] });
    try {
      const [line] = await once(createInterface(child.stdout), "line");
      const { rest, ws } = JSON.parse(String(line)) as Readonly<Record<string, string>>;
      const urls = ["--rest-url", String(rest), "--ws-url", String(ws)];
      const call = ["book", "BTC-USDT", "-c", "unused_perpetual", "--json", "--module", module, ...urls];
      expect(JSON.parse(await perpwire(...call))).toMatchObject({ valid: true });
    } finally {
      child.kill();
    }
  }
});

/** A venue's package below the project, with what it asks for beside the library: types for development, and zod. */
async function installedVenue(own: string): Promise<string> {
  await mkdir(join(own, "node_modules"));
  for (const name of ["@types", "zod"]) {
    await symlink(join(ROOT, "node_modules", name), join(own, "node_modules", name));
  }
  return own;
}
