import { cp, mkdtemp, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHECKLIST_ITEMS } from "../src/testing/index.ts";
import {
  BOX_PROGRAM,
  COPIES_PROGRAM,
  FIRST_PROGRAM,
  PROGRAM,
  SCHEMA_PROGRAM,
  SIMULATION_PROGRAM,
  THREADS_PROGRAM,
  TYPED_PROGRAM,
  ZOD_PROGRAM,
} from "./support/package-programs.ts";
import { copyOfProject, installedIn, pack, projectWith, ROOT, run } from "./support/published.ts";

const TIMEOUT_MS = 240_000;
const MAX_PACKAGES = 12;
const MAX_BYTES = 12_000_000;

/** Declarations are read as well, which few programs ask of their compiler. */
const TYPED_CONFIG = {
  ...{ noEmit: true, strict: true, noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true },
  ...{
    skipLibCheck: false,
    module: "nodenext",
    target: "es2022",
    lib: ["es2022", "esnext.disposable", "dom"],
    types: [],
  },
};
/** The first that knows `await using`, and the last before the compiler was written anew. */
const OTHER_COMPILERS = ["5.2.2", "5.9.3"];

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

/** Says that it is an older Node.js than it is. */
const PRETENDED = `
const versions = { ...process.versions, node: "22.12.0" };
Object.defineProperty(process, "versions", { value: versions });
`;

/** Bytes on disk, as `du` counts them. */
async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true });
  const stats = await Promise.all(entries.map((entry) => stat(join(folder, entry))));
  return stats.reduce((sum, { blocks }) => sum + blocks * 512, 0);
}

describe("the package", () => {
  let directory = "";
  let project = "";
  let files: readonly string[] = [];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "perpwire-package-"));
    const tarball = await pack(await copyOfProject(directory), directory);
    files = tarball.files;
    project = await projectWith(join(directory, "project"), tarball.path);
    await writeFile(join(project, "program.js"), PROGRAM);
  }, TIMEOUT_MS);

  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  const runProgram = async (name: string, text: string): Promise<unknown> => {
    await writeFile(join(project, name), text);
    const { stdout } = await run(process.execPath, [name], { cwd: project, timeout: 60_000 });
    return JSON.parse(stdout);
  };

  it("holds JavaScript with its types and no sources, source maps or tests", () => {
    const wanted = [
      "dist/index.js",
      "dist/index.d.ts",
      "dist/THIRD_PARTY_NOTICES.txt",
      "bin/perpwire.js",
      "SECURITY.md",
    ];
    expect(files).toEqual(expect.arrayContaining(wanted));
    expect(files.filter((path) => !/^(?:bin|dist)\//.test(path)).sort()).toEqual([
      ...["CHANGELOG.md", "LICENSE", "README.md", "SECURITY.md", "package.json"],
    ]);
    expect(files.filter((path) => /^dist\//.test(path) && !/\.(?:js|d\.ts|txt)$/.test(path))).toEqual([]);
  });

  it("brings at most 12 packages and 12 MB, none with an install script or a native add-on", async () => {
    const installed = await installedIn(project);
    expect(Object.keys(installed).length).toBeLessThanOrEqual(MAX_PACKAGES);
    expect(Object.values(installed).filter(({ hasInstallScript }) => hasInstallScript === true)).toEqual([]);
    expect(await bytesIn(join(project, "node_modules"))).toBeLessThanOrEqual(MAX_BYTES);
  });

  it("works in an empty project through each of its entry points", async () => {
    expect(await runProgram("program.js", PROGRAM)).toEqual({
      names: expect.arrayContaining(["ftx_perpetual"]),
      sum: "0.3",
      paper: "function",
      apiRows: CHECKLIST_ITEMS.apiRows.length,
      items: CHECKLIST_ITEMS.items.length,
      nothingThere: "TRANSPORT_REFUSED",
      // HTTP, WebSocket and signing libraries come with the first connector, not with the import.
      first: ["decimal.js", "perpwire"],
    });
  });

  it("knows the errors and the amounts of another copy, and names its errors by their classes", async () => {
    await cp(join(project, "node_modules/perpwire"), join(project, "other"), { recursive: true });
    expect(await runProgram("copies.mjs", COPIES_PROGRAM)).toEqual([true, [], true, false, "0.3"]);
  });

  it("says in words what does not fit a schema", async () => {
    expect(await runProgram("schema.mjs", SCHEMA_PROGRAM)).toEqual([
      "1.5",
      expect.stringMatching(/^a row of acme does not have the documented shape: .*"x"/),
      "a row of acme does not have the documented shape: Invalid input",
    ]);
  });

  it("lends its schemas to a zod of the program's own, in types as in values", async () => {
    await symlink(join(ROOT, "node_modules/zod"), join(project, "node_modules/zod"));
    await writeFile(join(project, "zod.mts"), ZOD_PROGRAM);
    await run(join(ROOT, "node_modules", ".bin", "tsc"), [...STRICTEST, "zod.mts"], { cwd: project });
    const { stdout } = await run(process.execPath, ["zod.mts"], { cwd: project });
    expect(stdout.split("\n")).toEqual([
      ...['["7","1.5","a",null,"1",null,"3"]'],
      "ProtocolError: a row of acme does not have the documented shape at positive: must be positive",
      "",
    ]);
    await rm(join(project, "node_modules/zod"));
  });

  it.each([
    ["trades on paper and ends by itself", FIRST_PROGRAM, ["filled", "0.01"]],
    ["starts the exchange in the box", BOX_PROGRAM, true],
    ["follows books in threads", THREADS_PROGRAM, [true, 1]],
    ["trades in virtual time", SIMULATION_PROGRAM, ["filled", "20001", true]],
  ])(
    "%s: a program of ten lines, in JavaScript and in the strictest TypeScript",
    async (name, text, expected) => {
      const file = name.replaceAll(" ", "-");
      await writeFile(join(project, `${file}.mts`), text);
      expect(await runProgram(`${file}.mjs`, text)).toEqual(expected);
      await run(join(ROOT, "node_modules", ".bin", "tsc"), [...STRICTEST, `${file}.mts`], { cwd: project });
    },
    120_000,
  );

  const NODES = [["pretended", process.execPath] as const, ["real", OLD_NODE] as const];
  const ENTRIES = ["perpwire", "perpwire/testing", "perpwire/venue", "perpwire/paper", "perpwire/simulation"];
  const CASES = NODES.flatMap(([kind, node]) =>
    node === undefined ? [] : ENTRIES.map((entry) => ({ kind, node, entry })),
  );

  it.each(CASES)("says in one sentence that a $kind Node.js is too old, at the import of $entry", async (one) => {
    const program = `import("${one.entry}").catch((error) => console.log(String(error.stack)));`;
    await writeFile(join(project, "old.cjs"), `${one.kind === "pretended" ? PRETENDED : ""}${program}`);
    const { stdout, stderr } = await run(one.node, ["old.cjs"], { cwd: project });
    expect(stdout).toMatch(/^perpwire needs Node\.js 24 or newer, this is \d+\.\d+\.\d+\n$/);
    expect(stderr).toBe("");
  });

  it("is bundled into a program with what it uses alone, and with the check of the Node.js version", async () => {
    const sum = 'import { decimal } from "perpwire";\nconsole.log(decimal("1.5").plus("1").toFixed());\n';
    await writeFile(join(project, "sum.mjs"), sum);
    const rolldown = join(ROOT, "node_modules", ".bin", "rolldown");
    await run(rolldown, ["sum.mjs", "-o", "bundled.mjs", "--platform", "node"], { cwd: project });
    expect((await stat(join(project, "bundled.mjs"))).size).toBeLessThan(100_000);
    expect((await run(process.execPath, ["bundled.mjs"], { cwd: project })).stdout).toBe("2.5\n");
    await writeFile(join(project, "pretended.mjs"), PRETENDED);
    const failure = await run(process.execPath, ["--import", "./pretended.mjs", "bundled.mjs"], { cwd: project }).catch(
      (error) => error,
    );
    expect(failure.stderr).toContain("perpwire needs Node.js 24 or newer, this is 22.12.0");
  });

  it("says in one sentence where its command is", async () => {
    const command = join(project, "node_modules", ".bin", "perpwire");
    for (const node of [process.execPath, ...(OLD_NODE === undefined ? [] : [OLD_NODE])]) {
      const failure = await run(node, [command, "demo"], { cwd: project }).catch((error) => error);
      expect(failure).toMatchObject({ code: 1, stdout: "" });
      expect(failure.stderr).toBe(
        "perpwire: the command is a package of its own, `npm install @perpwire/cli` brings it\n",
      );
    }
  });

  it("has types that need no package but its dependencies, for every TypeScript from 5.2 on", async () => {
    await writeFile(join(project, "typed.mts"), TYPED_PROGRAM);
    const config = { compilerOptions: TYPED_CONFIG, files: ["typed.mts"] };
    await writeFile(join(project, "tsconfig.json"), JSON.stringify(config));
    const aliases = OTHER_COMPILERS.map((version) => `typescript-${version}@npm:typescript@${version}`);
    const compilers = await projectWith(join(directory, "compilers"), ...aliases);
    const paths = OTHER_COMPILERS.map((version) => join(compilers, `node_modules/typescript-${version}`));
    for (const path of [join(ROOT, "node_modules/typescript"), ...paths]) {
      const { stdout } = await run(process.execPath, [join(path, "bin/tsc")], { cwd: project }).catch((error) => error);
      expect(stdout, path).toBe("");
    }
  }, 180_000);
});
