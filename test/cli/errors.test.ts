import { describe, expect, it } from "vitest";
import type { Cli } from "../../src/cli/cli.ts";
import { exitCodeOf, InterruptedError, reportError } from "../../src/cli/errors.ts";
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
