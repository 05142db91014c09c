import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { registerChecklist } from "../../packages/cli/src/commands/checklist.ts";
import { ConfigError } from "../../src/model/error.ts";
import type { Runtime } from "../../src/runtime/runtime.ts";
import type { ChecklistDocument } from "../../src/testing/checklist/document.ts";
import { asChecklist, testsText } from "../../src/testing/checklist/document.ts";
import { FakeProcess } from "./fake-process.ts";

const execute = promisify(execFile);
const SCRIPT = resolve(import.meta.dirname, "../../bin/perpwire.js");

const item = (kind: "api" | "method" | "prerequisite", name: string, symbol: string, tests: readonly string[]) => ({
  ...{ section: kind === "api" ? "API checklist" : kind === "method" ? "Auth" : "Prerequisites", kind },
  ...{ item: name, symbol, tests },
});
const tests = { passed: ["check network", "rest authenticate"], failed: ["get funding info"], todo: [], invented: [] };
const DOCUMENT: ChecklistDocument = {
  items: [
    item("prerequisite", "Hummingbot source version installed", "", []),
    item("api", "PING ENDPOINT", "PerpetualConnector.checkNetwork", ["check network"]),
    item("method", "_generate_signature", "{venue}/auth.generateSignature", ["rest authenticate", "the login"]),
    item("method", "_get_listen_key", "ListenKeyLease.fetchListenKey", ["get listen key successful"]),
  ],
  connectors: {
    acme_perpetual: {
      ...{
        displayName: "Acme",
        folder: "acme",
        documentsDate: "2026-03-01",
        domains: ["acme_perpetual", "acme_perpetual_testnet"],
        tests,
      },
      answers: [
        { status: "not-offered", reason: "not applicable, no Python needed" },
        { status: "yes", endpoint: "GET /ping" },
        { status: "yes" },
        { status: "not-offered", reason: "Acme logs in on the socket." },
      ],
    },
    other_perpetual: {
      ...{ displayName: "Other", folder: "other", domains: ["other_perpetual"], tests },
      answers: [
        { status: "not-offered", reason: "not applicable, no Python needed" },
        { status: "no", reason: '"check network" failed', endpoint: "GET /time" },
        { status: "yes" },
        { status: "yes" },
      ],
    },
  },
};

async function run(...args: string[]): Promise<FakeProcess> {
  const process = new FakeProcess(args);
  const program = new Command().exitOverride();
  const runtime = () => Promise.reject<Runtime>(new Error("no runtime is needed"));
  registerChecklist(program, { process, secrets: new Set(), runtime }, async () => DOCUMENT);
  await program.parseAsync(["checklist", ...args], { from: "user" });
  return process;
}

describe("perpwire checklist", () => {
  it("prints every row of a connector with its answer, the symbol and the tests", async () => {
    const { out } = await run("acme_perpetual");
    expect(out).toBe(
      [
        "Prerequisites",
        "  –            Hummingbot source version installed",
        "                 not applicable, no Python needed",
        "",
        "API checklist",
        "  yes          PING ENDPOINT",
        "                 PerpetualConnector.checkNetwork: GET /ping",
        "                 proven by: check network",
        "",
        "Auth",
        "  yes          _generate_signature",
        "                 acme/auth.generateSignature",
        "                 proven by: rest authenticate; the login",
        "  not offered  _get_listen_key",
        "                 Acme logs in on the socket.",
        "                 ListenKeyLease.fetchListenKey",
        "                 proven by: get listen key successful",
        "",
        "acme_perpetual: 2 yes, 0 no, 2 not offered; documents of 2026-03-01",
        "",
      ].join("\n"),
    );
  });

  it("names a few of many tests, and says how many more there are", () => {
    expect(testsText(["a", "b", "c", "d"])).toBe("a; b; c; d");
    expect(testsText(["a", "b", "c", "d", "e", "f"])).toBe("a; b; c; d; 2 more");
  });

  it("prints rows for programs", async () => {
    const { out } = await run("acme_perpetual", "--json");
    const rows = JSON.parse(out) as Record<string, unknown>[];
    expect(rows).toHaveLength(4);
    expect(rows[1]).toEqual({
      ...{ section: "API checklist", item: "PING ENDPOINT", kind: "api", status: "yes" },
      ...{ symbol: "PerpetualConnector.checkNetwork", endpoint: "GET /ping", reason: null, tests: ["check network"] },
    });
    expect(rows[3]).toMatchObject({ status: "not-offered", reason: "Acme logs in on the socket." });
  });

  it("prints an array for each connector when none is named", async () => {
    const all = JSON.parse((await run("--json")).out) as Record<string, { status: string }[]>;
    expect(Object.keys(all)).toEqual(["acme_perpetual", "other_perpetual"]);
    expect(all.other_perpetual?.map(({ status }) => status)).toEqual(["not-offered", "no", "yes", "yes"]);
  });

  it("sums up all connectors for people", async () => {
    const { out } = await run();
    expect(out).toMatch(/acme_perpetual\s*│ Acme\s*│ 2026-03-01\s*│\s*2 │\s*0 │\s*2 │\s*2 │\s*0 │\s*1 │\s*0 │/);
    expect(out).toMatch(/other_perpetual\s*│ Other\s*│ -\s*│\s*2 │\s*1 │\s*1 │/);
  });

  it("sums up one status of all connectors when told so", async () => {
    const { out } = await run("--status", "no");
    expect(out).toMatch(/other_perpetual\s*│ Other\s*│ -\s*│\s*1 │/);
    expect(out).not.toContain("not-offered");
  });

  it("shows the rows of one status only", async () => {
    const rows = JSON.parse((await run("other_perpetual", "--status", "no", "--json")).out) as { reason: string }[];
    expect(rows.map(({ reason }) => reason)).toEqual(['"check network" failed']);
    const { out } = await run("acme_perpetual", "--status", "no");
    expect(out).toBe("acme_perpetual: 2 yes, 0 no, 2 not offered; documents of 2026-03-01\n");
  });

  it("takes another domain of the same venue for the venue", async () => {
    expect((await run("acme_perpetual_testnet", "--json")).out).toBe((await run("acme_perpetual", "--json")).out);
  });

  it("refuses a connector that there is not and names those that there are", async () => {
    const refused = await run("acme").catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ConfigError);
    expect((refused as ConfigError).message).toBe('there is no connector "acme" in the checklist');
    expect((refused as ConfigError).hint).toBe("there are acme_perpetual, acme_perpetual_testnet, other_perpetual");
  });
});

describe("the checklist of a clone", () => {
  const checklist = async (...args: string[]): Promise<string> =>
    (await execute(process.execPath, [SCRIPT, "checklist", ...args], { maxBuffer: 10_000_000 })).stdout;

  it("is found by a run of the kit and has every row of the checklist for a connector", async () => {
    const rows = JSON.parse(await checklist("ftx_perpetual", "--json")) as {
      kind: string;
      status: string;
      tests: string[];
    }[];
    expect(rows.filter(({ kind }) => kind === "api")).toHaveLength(28);
    expect(rows.filter(({ kind }) => kind === "test")).toHaveLength(47);
    for (const { status, tests: proofs } of rows) {
      expect(["yes", "no", "not-offered"]).toContain(status);
      if (status === "yes") expect(proofs).not.toEqual([]);
    }
  }, 180_000);

  it("shows examples with its help", async () => {
    expect(await checklist("--help")).toMatch(/^Examples:\n {2}perpwire checklist$/m);
  });
});

describe("the file of the checklist", () => {
  it("is read as it was written", () => {
    expect(asChecklist(JSON.parse(JSON.stringify(DOCUMENT)))).toEqual(DOCUMENT);
  });

  it.each([null, [], {}, { items: [] }, { items: {}, connectors: {} }, { items: [], connectors: null }])(
    "is refused when it is %j",
    (value) => {
      expect(() => asChecklist(value)).toThrow(ConfigError);
    },
  );
});
