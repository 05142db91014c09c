import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHECKLIST_ITEMS } from "../src/testing/index.ts";

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, "..");
const TIMEOUT_MS = 240_000;

/** What a program that depends on the package does with each of its entry points. */
const PROGRAM = `
import { registerHooks } from "node:module";
const loaded = new Set();
registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    const dependency = /.*node_modules\\/([^/]+)\\//.exec(found.url)?.[1];
    if (dependency !== undefined) loaded.add(dependency);
    return found;
  },
});
const { connect, CONNECTOR_NAMES, decimal } = await import("perpwire");
const first = [...loaded].sort();
const { createPaperVenue } = await import("perpwire/paper");
const { CHECKLIST_ITEMS } = await import("perpwire/testing");
const nothingThere = await connect("ftx_perpetual", {
  tradingPairs: ["BTC-USD"], restUrl: "http://127.0.0.1:1/api", webSocketUrl: "ws://127.0.0.1:1/ws", readyTimeoutMs: 2_000,
}).catch((error) => error.code);
console.log(JSON.stringify({
  names: CONNECTOR_NAMES, sum: decimal("0.1").plus("0.2").toFixed(), paper: typeof createPaperVenue,
  apiRows: CHECKLIST_ITEMS.apiRows.length, items: CHECKLIST_ITEMS.items.length, nothingThere, first,
}));
`;

/** What a program does with a venue that is not in the package. */
const OUTSIDE_VENUE = `
import { connect, createConnector } from "perpwire";
import { venueModule } from "./dist/index.js";
const urls = { restUrl: "http://127.0.0.1:1", webSocketUrl: "ws://127.0.0.1:1" };
const options = { tradingPairs: ["BTC-USDT"], ...urls, readyTimeoutMs: 2_000 };
const { name } = await createConnector(venueModule, options);
const failure = await connect(venueModule, options).catch((error) => error.code);
console.log(JSON.stringify({ name, failure }));
`;

/** The first program of a new user: TypeScript, which is JavaScript as it stands. */
const FIRST_PROGRAM = `
import { connect } from "perpwire";
const venue = await connect("bybit_perpetual", { tradingPairs: ["BTC-USDT"], paper: { seed: 7 } });
const order = venue.buy("BTC-USDT", { amount: "0.01", type: "market", position: "open" });
const result = await order.done;
const position = venue.position("BTC-USDT");
console.log(JSON.stringify([result.state, position?.amount.toFixed()]));
await venue.stop();
`;

/** The exchange in the box by itself, in the real world. */
const BOX_PROGRAM = `
import { createPaperVenue } from "perpwire/paper";
await using venue = await createPaperVenue({ api: "okx" });
console.log(JSON.stringify(venue.urls.okx?.rest.startsWith("http://127.0.0.1:")));
`;

/** A test of a user's program: an hour of trading in virtual time. */
const SIMULATION_PROGRAM = `
import { connect } from "perpwire";
import { SimulatedWorld } from "perpwire/simulation";
const world = new SimulatedWorld({ seed: 7 });
const options = { tradingPairs: ["BTC-USDT"], paper: { seed: 7, quiet: true }, runtime: world.runtime() };
const venue = await world.run(connect("okx_perpetual", options));
const order = venue.buy("BTC-USDT", { amount: "0.01", type: "market", position: "open" });
const { state } = await world.run(order.done);
await world.advance(3_600_000);
console.log(JSON.stringify([state, order.averagePrice?.toFixed(), world.elapsedMs() > 3_600_000]));
await world.run(venue.stop());
`;

const STRICTEST = [
  "--noEmit",
  "--strict",
  "--noUncheckedIndexedAccess",
  "--exactOptionalPropertyTypes",
  "--noImplicitOverride",
  "--noUnusedLocals",
  "--verbatimModuleSyntax",
  ...["--module", "nodenext"],
  ...["--target", "es2024"],
  ...["--lib", "es2024,esnext.disposable,dom"],
  ...["--types", ""],
];

/** The Node.js of the machine, outside of the project's own, where it is older than what the package needs. */
async function oldNode(): Promise<string | undefined> {
  const folders = (process.env.PATH ?? "").split(":").filter((folder) => !folder.endsWith("node_modules/.bin"));
  for (const folder of folders) {
    const path = join(folder, "node");
    const version = await run(path, ["--version"]).catch(() => undefined);
    if (version !== undefined) return Number.parseInt(version.stdout.slice(1), 10) < 24 ? path : undefined;
  }
  return undefined;
}
const OLD_NODE = await oldNode();

describe("the package", () => {
  let directory = "";
  let project = "";
  let files: string[] = [];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "perpwire-package-"));
    // Packed from a copy: nothing is left in the working tree.
    const copy = join(directory, "copy");
    await mkdir(copy);
    const entries = await readdir(ROOT);
    const wanted = entries.filter(
      (name) => !["node_modules", "dist", "coverage", "test", "bench", ".git"].includes(name),
    );
    for (const name of wanted) await cp(join(ROOT, name), join(copy, name), { recursive: true });
    await symlink(join(ROOT, "node_modules"), join(copy, "node_modules"));
    const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", directory], { cwd: copy });
    const packed = JSON.parse(stdout.slice(stdout.indexOf("[") < 0 ? stdout.indexOf("{") : stdout.indexOf("["))) as
      | { filename: string; files: { path: string }[] }[]
      | Record<string, { filename: string; files: { path: string }[] }>;
    const [tarball] = Object.values(packed);
    files = tarball?.files.map(({ path }) => path) ?? [];
    project = join(directory, "project");
    await mkdir(project);
    await writeFile(join(project, "package.json"), JSON.stringify({ name: "user", private: true, type: "module" }));
    await run("npm", ["install", "--no-audit", "--no-fund", join(directory, tarball?.filename ?? "")], {
      cwd: project,
    });
    await writeFile(join(project, "program.js"), PROGRAM);
  }, TIMEOUT_MS);

  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  it("holds JavaScript with its types and no sources or tests", () => {
    expect(files).toContain("dist/index.js");
    expect(files).toContain("dist/index.d.ts");
    expect(files).toContain("bin/perpwire.js");
    expect(files).toContain("SECURITY.md");
    expect(files.filter((path) => /^(src|test|bench)\//.test(path))).toEqual([]);
    expect(files.filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts"))).toEqual([]);
  });

  it("needs no install script and no native add-on", async () => {
    const lock = JSON.parse(await readFile(join(project, "package-lock.json"), "utf8")) as {
      packages: Record<string, { hasInstallScript?: boolean }>;
    };
    const scripted = Object.entries(lock.packages).filter(([, entry]) => entry.hasInstallScript === true);
    expect(scripted).toEqual([]);
  });

  it("works in an empty project through each of its entry points", async () => {
    const { stdout } = await run(process.execPath, ["program.js"], { cwd: project });
    expect(JSON.parse(stdout)).toEqual({
      names: expect.arrayContaining(["ftx_perpetual"]),
      sum: "0.3",
      paper: "function",
      apiRows: CHECKLIST_ITEMS.apiRows.length,
      items: CHECKLIST_ITEMS.items.length,
      nothingThere: "TRANSPORT_REFUSED",
      // HTTP, WebSocket and schema libraries come with the first connector, not with the import.
      first: ["decimal.js", "perpwire"],
    });
  });

  it.each([
    ["trades on paper and ends by itself", FIRST_PROGRAM, ["filled", "0.01"]],
    ["starts the exchange in the box", BOX_PROGRAM, true],
    ["trades in virtual time", SIMULATION_PROGRAM, ["filled", "20001", true]],
  ])(
    "%s: a program of ten lines, in JavaScript and in the strictest TypeScript",
    async (name, text, expected) => {
      const file = name.replaceAll(" ", "-");
      await writeFile(join(project, `${file}.mjs`), text);
      await writeFile(join(project, `${file}.mts`), text);
      const { stdout } = await run(process.execPath, [`${file}.mjs`], { cwd: project, timeout: 60_000 });
      expect(JSON.parse(stdout)).toEqual(expected);
      await run(join(ROOT, "node_modules", ".bin", "tsc"), [...STRICTEST, `${file}.mts`], { cwd: project });
    },
    120_000,
  );

  it
    .skipIf(OLD_NODE === undefined)
    .each([["perpwire"], ["perpwire/testing"], ["perpwire/venue"], ["perpwire/paper"], ["perpwire/simulation"]])(
    "says in one sentence that Node.js is too old, at the import of %s",
    async (entry) => {
      const program = `import("${entry}").catch((error) => console.log(String(error.stack)));`;
      const { stdout, stderr } = await run(OLD_NODE ?? "", ["-e", program], { cwd: project });
      expect(stdout).toMatch(/^perpwire needs Node\.js 24 or newer, this is \d+\.\d+\.\d+\n$/);
      expect(stderr).toBe("");
    },
  );

  it.skipIf(OLD_NODE === undefined)("says so in one sentence when the command is run", async () => {
    const command = join(project, "node_modules", ".bin", "perpwire");
    const failure = await run(OLD_NODE ?? "", [command, "--help"], { cwd: project }).catch((error) => error);
    expect(failure).toMatchObject({ code: 2, stdout: "" });
    expect(failure.stderr).toMatch(/^perpwire needs Node\.js 24 or newer, this is [^\n]*\n$/);
  });

  it("brings the command", async () => {
    const command = join(project, "node_modules", ".bin", "perpwire");
    const { stdout } = await run(process.execPath, [command, "--help"], { cwd: project });
    expect(stdout).toMatch(/venue/);
    expect(stdout).toMatch(/replay/);
  });

  it("brings the checklist that the command prints", async () => {
    const command = join(project, "node_modules", ".bin", "perpwire");
    const { stdout } = await run(process.execPath, [command, "checklist", "ftx_perpetual", "--json"], { cwd: project });
    const rows = JSON.parse(stdout) as { kind: string }[];
    expect(rows.filter(({ kind }) => kind === "api")).toHaveLength(CHECKLIST_ITEMS.apiRows.length);
  });

  it("begins a venue in a package of its own, which compiles, passes and can be opened", async () => {
    const command = join(project, "node_modules", ".bin", "perpwire");
    await run(process.execPath, [command, "create", "unused", "--standalone", "--yes"], { cwd: project });
    const own = join(project, "unused");
    await mkdir(join(own, "node_modules"));
    await symlink(join(ROOT, "node_modules", "@types"), join(own, "node_modules", "@types"));
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
  }, 120_000);

  it("has types that a strict program compiles against", async () => {
    const program =
      'import { connect, type PerpetualConnector } from "perpwire";\nexport const open: Promise<PerpetualConnector> = connect("ftx_perpetual", { tradingPairs: [] });\n';
    await writeFile(join(project, "typed.ts"), program);
    const tsc = join(ROOT, "node_modules", ".bin", "tsc");
    await expect(run(tsc, [...STRICTEST, "typed.ts"], { cwd: project })).resolves.toBeDefined();
  });
});
