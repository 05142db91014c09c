import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const SCRIPT = resolve(import.meta.dirname, "../../bin/perpwire.js");

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "perpwire-demo-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

interface Running {
  readonly child: ChildProcess;
  readonly end: Promise<{ readonly code: number | null; readonly signal: string | null; readonly out: string[] }>;
}

function start(args: readonly string[], onErrorLine?: (line: string, child: ChildProcess) => void): Running {
  const child = spawn(process.execPath, [SCRIPT, ...args], { cwd: folder, stdio: ["pipe", "pipe", "pipe"] });
  const out: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => out.push(line));
  createInterface({ input: child.stderr }).on("line", (line) => onErrorLine?.(line, child));
  const end = new Promise<Awaited<Running["end"]>>((done) => {
    child.once("close", (code, signal) => done({ code, signal, out }));
  });
  return { child, end };
}

describe("perpwire demo, in processes of its own", () => {
  it("trades for a while, reconciles and leaves nothing behind", async () => {
    const args = ["demo", "--duration", "3", "--funding-interval", "1", "--seed", "7", "--json"];
    const { code, out } = await start(args).end;
    expect(out).toHaveLength(1);
    const report = JSON.parse(out[0] ?? "");
    expect(report).toMatchObject({ reconciled: true, settled: true, seed: 7, chaos: false, differences: [] });
    expect(report.sections.orders.equal).toBeGreaterThan(0);
    expect(report.sections["funding payments"].venue).toBe(report.sections["funding payments"].equal);
    expect(code).toBe(0);
    expect(await readdir(join(folder, ".perpwire"))).toEqual([]);
  });

  it.each([["bybit_perpetual"], ["binance_perpetual", "--hedge"], ["okx_perpetual"]])(
    "trades with %s %s",
    async (...flags) => {
      const args = ["demo", "--duration", "2", "--funding-interval", "1", "--seed", "7", "--json", "--connector"];
      const { code, out } = await start([...args, ...flags]).end;
      expect(JSON.parse(out[0] ?? "")).toMatchObject({ reconciled: true, settled: true, connector: flags[0] });
      expect(code).toBe(0);
    },
  );

  it("reconciles after Ctrl-C and ends cleanly", async () => {
    let isSignaled = false;
    const { end } = start(["demo", "--seed", "7", "--json"], (_line, child) => {
      if (!isSignaled) child.kill("SIGINT");
      isSignaled = true;
    });
    const { code, out } = await end;
    expect(JSON.parse(out.at(-1) ?? "")).toMatchObject({ reconciled: true, settled: true });
    expect(code).toBe(0);
  });

  it("ends its venue with itself, however it ends", async () => {
    const { child, end } = start(["venue", "--json", "--stop-with-input"]);
    child.stdout?.once("data", () => child.stdin?.end());
    expect(await end).toMatchObject({ code: 0, signal: null });
  });
});
