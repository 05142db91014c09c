import { describe, expect, it } from "vitest";
import { main } from "../../packages/cli/src/main.ts";
import type { Runtime } from "../../src/runtime/runtime.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { FakeProcess } from "./fake-process.ts";

async function run(...args: string[]): Promise<FakeProcess> {
  const process = new FakeProcess(args);
  await main({ process, runtime: new SimulatedWorld({ seed: 1 }).runtime() });
  return process;
}

describe("the command", () => {
  it("names every subcommand and every exit code in its help", async () => {
    const { out, error, exitCode } = await run("--help");
    for (const name of ["venue", "replay", "markets", "ticker", "book", "balance", "positions", "orders"]) {
      expect(out).toMatch(new RegExp(`^  ${name} `, "m"));
    }
    for (const name of ["connect", "history", "funding", "leverage", "position-mode", "amend", "flatten"]) {
      expect(out).toMatch(new RegExp(`^  ${name} `, "m"));
    }
    for (const name of ["buy", "sell", "cancel", "cancel-all", "status"]) {
      expect(out).toMatch(new RegExp(`^  ${name} `, "m"));
    }
    for (const code of [0, 1, 2, 3, 4, 5, 130]) expect(out).toMatch(new RegExp(`^  ${code} `, "m"));
    expect(error).toBe("");
    expect(exitCode).toBe(0);
  });

  it.each([
    ...["venue", "book", "buy", "cancel-all", "status", "replay"],
    ...["connect", "history", "funding", "leverage", "position-mode", "amend", "flatten"],
  ])("shows examples and exit codes with `%s`", async (name) => {
    const { out, exitCode } = await run(name, "--help");
    expect(out).toMatch(new RegExp(`^Examples:\n  perpwire ${name} ?`, "m"));
    expect(out).toMatch(/^ {2}5 {4}an order was sent and its fate is not known yet$/m);
    expect(exitCode).toBe(0);
  });

  it("shows the help when it is given nothing to do", async () => {
    const { out, exitCode } = await run();
    expect(out).toMatch(/^Usage: perpwire/);
    expect(exitCode).toBe(0);
  });

  it("tells its version", async () => {
    const { out } = await run("--version");
    expect(out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it("loads no runtime for its help", async () => {
    const process = new FakeProcess(["venue", "--help"]);
    const runtime = new Proxy({} as Runtime, {
      get: (_, name) => {
        throw new Error(`${String(name)} was asked for`);
      },
    });
    await main({ process, runtime });
    expect(process.out).toContain("--funding-interval <seconds>");
    expect(process.exitCode).toBe(0);
  });

  it.each([
    [["buz"], "perpwire: unknown command 'buz'; did you mean buy?\n"],
    [["zzzzzz"], "perpwire: unknown command 'zzzzzz'; see perpwire --help\n"],
    [["venue", "--prot", "1"], "perpwire: unknown option '--prot'; did you mean --port?\n"],
    [["ticker"], "perpwire: missing required argument 'pair'; see perpwire ticker --help\n"],
    [
      ["venue", "--port", "70000"],
      "perpwire: option '--port <number>' argument '70000' is invalid. It is a whole number from 0 to 65535; see perpwire venue --help\n",
    ],
    [
      ["buy", "BTC-USD", "1", "2"],
      "perpwire: required option '--position <action>' not specified; see perpwire buy --help\n",
    ],
  ])("answers %j with one line and exit code 2", async (args, line) => {
    const { out, error, exitCode } = await run(...args);
    expect(error).toBe(line);
    expect(out).toBe("");
    expect(exitCode).toBe(2);
  });

  it("prints an error as one JSON line as well when JSON is asked for", async () => {
    const { out, error, exitCode } = await run("ticker", "--json");
    expect(out).toBe(
      '{"error":{"code":"USAGE","message":"missing required argument \'pair\'","hint":"see perpwire ticker --help"}}\n',
    );
    expect(error).toMatch(/^perpwire: missing required argument 'pair'/);
    expect(exitCode).toBe(2);
  });

  it("takes no secret on the command line of a connector", async () => {
    const { error, exitCode } = await run("balance", "--api-secret", "hunter2");
    expect(error).toMatch(/^perpwire: unknown option '--api-secret'/);
    expect(error).not.toContain("hunter2");
    expect(exitCode).toBe(2);
  });
});
