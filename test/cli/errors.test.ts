import { describe, expect, it } from "vitest";
import type { Cli } from "../../packages/cli/src/cli.ts";
import { isConfirmed } from "../../packages/cli/src/confirm.ts";
import { exitCodeOf, InterruptedError, reportError } from "../../packages/cli/src/errors.ts";
import { createLogger } from "../../packages/cli/src/logging.ts";
import { Output } from "../../packages/cli/src/output.ts";
import {
  AuthError,
  BookInvalidError,
  ConfigError,
  InsufficientMarginError,
  JournalError,
  NotFoundError,
  OrderRejectedError,
  RateLimitError,
  TransportError,
  VenueUnavailableError,
} from "../../src/model/error.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { FakeProcess } from "./fake-process.ts";

function report(error: unknown, args: string[] = [], secrets: string[] = []): FakeProcess {
  const process = new FakeProcess(args);
  const cli: Cli = { process, secrets: new Set(secrets), runtime: () => Promise.reject(new Error("not needed")) };
  reportError(cli, error);
  return process;
}

describe("exit codes", () => {
  it.each([
    ["an impossible configuration", new ConfigError("x"), 2],
    ["an unknown pair", new NotFoundError("x"), 2],
    ["an order that breaks a rule of ours", new OrderRejectedError("x"), 2],
    ["an order that the venue refused", new OrderRejectedError("x", { venue: "ftx_perpetual" }), 1],
    ["an order that the venue does not know", new NotFoundError("x", { venue: "ftx_perpetual" }), 1],
    ["too little margin", new InsufficientMarginError("x"), 1],
    ["a locked journal", new JournalError("x"), 1],
    ["a bug", new TypeError("x"), 1],
    ["a refused key", new AuthError("x"), 3],
    ["a venue that is down", new VenueUnavailableError("x"), 4],
    ["a broken connection", new TransportError("x", { bytesMayHaveLeft: true }), 4],
    ["too many requests", new RateLimitError("x"), 4],
    ["a book that is not valid", new BookInvalidError("x"), 4],
    ["SIGINT", new InterruptedError("SIGINT"), 130],
    ["SIGTERM", new InterruptedError("SIGTERM"), 143],
  ])("tell %s", (_, error, code) => {
    expect(exitCodeOf(error)).toBe(code);
  });
});

describe("an error", () => {
  it("is one line, without a stack", () => {
    const { error, out } = report(new TypeError("first\n    second"));
    expect(error).toBe("perpwire: unexpected error: first second\n");
    expect(out).toBe("");
  });

  it("says what would be right", () => {
    const { error, out } = report(new ConfigError("no key", { hint: "set one" }), ["balance", "--json"]);
    expect(error).toBe("perpwire: no key; set one\n");
    expect(JSON.parse(out)).toEqual({ error: { code: "CONFIG", message: "no key", hint: "set one" } });
  });

  it("holds no secret that was configured, in no output", () => {
    const cause = new Error("cause with s3cr3t-text");
    const { error, out } = report(new AuthError("refused s3cr3t-text", { cause }), ["--json"], ["s3cr3t-text"]);
    expect(error + out).not.toContain("s3cr3t-text");
    expect(error).toBe("perpwire: refused [redacted]\n");
  });
});

describe("what a venue or a file has in it that a terminal obeys", () => {
  const FORGED = "no key \u001b[2J\u001b]0;title\u0007\r\u009b1A\u202e";
  const SHOWN = "no key \\u001b[2J\\u001b]0;title\\u0007\\u000d\\u009b1A\\u202e";

  it("is written out in errors", () => {
    const process = report(new ConfigError(FORGED, { hint: FORGED }), ["--json"]);
    expect(process.error).toBe(`perpwire: ${SHOWN}; ${SHOWN}\n`);
    expect(process.out).toMatch(/^[\x20-\x7e]+\n$/);
    expect(process.json.error.message).toBe(FORGED);
  });

  it.each(["text", "json"] as const)("is written out in %s logs", async (format) => {
    const process = new FakeProcess([]);
    const runtime = new SimulatedWorld({ seed: 1 }).runtime();
    const logger = await createLogger({ process, secrets: new Set(), runtime: async () => runtime }, "warn", format);
    logger.warn(FORGED, { text: FORGED });
    expect(process.error).toMatch(/^[\x20-\x7e]+\n$/);
  });

  it("is written out in questions, of which yes is the one answer that agrees", async () => {
    for (const [answer, isAgreed] of [
      [" YES\n", true],
      ["y", false],
      [undefined, false],
    ] as const) {
      const process = new FakeProcess([], { input: answer === undefined ? [] : [answer] });
      expect(await isConfirmed({ process }, `${FORGED}?`)).toBe(isAgreed);
      expect(process.error).toBe(`${SHOWN}? Type yes: `);
    }
  });

  it("is written out in tables, lines, remarks and JSON", async () => {
    for (const json of [false, true]) {
      const process = new FakeProcess([]);
      const output = new Output({ process, secrets: new Set(), runtime: () => Promise.reject(new Error()) }, { json });
      await output.rows([{ name: "text", value: (text: string) => text }], [FORGED], "none");
      await output.record({ text: FORGED });
      output.note(FORGED);
      expect(process.out + process.error).toMatch(/^[\x20-\x7e\n\u2500-\u257f]+$/);
    }
  });
});
