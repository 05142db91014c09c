import "../../src/paper/index.ts";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { main } from "../../packages/cli/src/main.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { runCommand } from "./bench.ts";
import { FakeProcess } from "./fake-process.ts";

const MODULE = resolve(import.meta.dirname, "outside-venue.ts");

async function perpwire(...args: string[]): Promise<FakeProcess> {
  const process = new FakeProcess(args, { workingDirectory: import.meta.dirname });
  await main({ process });
  return process;
}

describe("--module", () => {
  it("adds a venue that trades on the exchange in the box, which speaks the protocol of the module", async () => {
    const buy = "buy BTC-USDT 0.01 --type market --position open --wait --paper --json -c acme_perpetual";
    const { json, error, exitCode } = await runCommand(new SimulatedWorld({ seed: 1 }), `${buy} --module ${MODULE}`);
    expect(error).toBe("");
    expect(json).toMatchObject({ state: "filled", executedAmount: "0.01" });
    expect(exitCode).toBe(0);
    const history = await runCommand(new SimulatedWorld({ seed: 1 }), `--module=${MODULE} ${buy}`);
    expect(history.json).toEqual(json);
  });

  it("is named from the working directory, and in the names that there are", async () => {
    const { error } = await perpwire("markets", "--module", "./outside-venue.ts", "-c", "acme_perpetaul");
    expect(error).toMatch(/there is no connector "acme_perpetaul"; did you mean "acme_perpetual"\? there are .*okx/);
    const { out } = await perpwire("--module", "./outside-venue.ts", "venue", "--help");
    expect(out.replaceAll(/\s+/g, " ")).toMatch(/choices: .*"acme", "all"/);
  });

  it.each(["book BTC-USDT --json", "ticker BTC-USDT --json"])(
    "reads %s on paper without an account",
    async (command) => {
      const world = new SimulatedWorld({ seed: 1 });
      const asked: string[] = [];
      world.network.faults = {
        onHttpRequest: ({ url }) => {
          asked.push(new URL(url).pathname);
          return undefined;
        },
      };
      const { error, exitCode } = await runCommand(world, `${command} -c acme_perpetual --paper --module ${MODULE}`);
      expect([error, exitCode]).toEqual(["", 0]);
      expect(asked).toContainEqual(expect.stringContaining("/public/"));
      expect(asked.filter((path) => /\/(account|trade)\//.test(path))).toEqual([]);
    },
  );

  it("reads the credentials that the module's manifest names", async () => {
    const { error, exitCode } = await perpwire("balance", "-c", "acme_perpetual", "--module", MODULE);
    expect(error).toMatch(/^perpwire: acme_perpetual has no credentials; .*acme_perpetual_passphrase/);
    expect(exitCode).toBe(3);
  });

  it("lists what a conformance run would do", async () => {
    const { json, error } = await runCommand(
      new SimulatedWorld({ seed: 1 }),
      `conformance acme_perpetual --dry-run --json --module ${MODULE}`,
    );
    expect(error).toBe("");
    expect(json).toEqual(expect.arrayContaining([expect.objectContaining({ name: expect.any(String) })]));
  });

  it("is in the help, and taken no further than the end of the options", async () => {
    expect((await perpwire("--help")).out).toContain("--module <file>");
    const { error } = await perpwire("why", "--", "--module");
    expect(error).not.toContain("has no value");
  });
});

describe("a module that is none", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "perpwire-modules-"));
    const manifest = (name: string) => `{ name: "${name}", domains: ["${name}"], credentials: [] }`;
    const files = {
      empty: "export const nothing = 1;",
      broken: "throw new TypeError('no such thing');",
      taken: `export const venueModule = { manifest: ${manifest("okx_perpetual")}, createVenue() {} };`,
      protocol: `export const venueModule = { manifest: ${manifest("odd_perpetual")}, createVenue() {} };
        export const paperProtocol = { name: "odd" };`,
      sameProtocol: `export const venueModule = { manifest: ${manifest("same_perpetual")}, createVenue() {} };
        export const paperProtocol = { name: "okx", create() {}, engine: {} };`,
    };
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, `${name}.mjs`), text);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each([
    ["./empty.mjs", "./empty.mjs exports no venueModule; it is what defineVenue() of perpwire/venue makes"],
    ["./broken.mjs", "./broken.mjs cannot be loaded: no such thing; it is a file"],
    ["./missing.mjs", "./missing.mjs cannot be loaded: "],
    ["perpwire-nowhere", 'there is no module "perpwire-nowhere"; it is a file'],
    ["./taken.mjs", "the connector name okx_perpetual is taken; rename okx_perpetual"],
    ["./protocol.mjs", "paperProtocol of ./protocol.mjs is no protocol; it is a ProtocolDefinition"],
    ["./sameProtocol.mjs", 'the exchange in the box has a protocol "okx"; rename that of the module'],
    ["--json", "--module has no value; it is a file"],
  ])("ends the command with one line and exit code 2: %s", async (name, text) => {
    const process = new FakeProcess(["markets", "--module", name], { workingDirectory: folder });
    await main({ process });
    expect(process.error).toContain(`perpwire: ${text}`);
    expect(process.error.trimEnd()).not.toContain("\n");
    expect(process.exitCode).toBe(2);
  });
});
