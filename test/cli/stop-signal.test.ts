import { describe, expect, it } from "vitest";
import type { Cli } from "../../packages/cli/src/cli.ts";
import { InterruptedError } from "../../packages/cli/src/errors.ts";
import { stoppable, withStopSignal } from "../../packages/cli/src/stop-signal.ts";
import { FakeProcess } from "./fake-process.ts";

function setUp() {
  const process = new FakeProcess([]);
  const cli: Cli = { process, secrets: new Set(), runtime: () => Promise.reject(new Error("not needed")) };
  return { process, cli };
}

const never = new Promise<never>(() => undefined);

describe("a stop signal", () => {
  it("leaves work that takes no signal", async () => {
    const { process, cli } = setUp();
    const ended = withStopSignal(cli, (signal) => stoppable(signal, never));
    process.signal("SIGTERM");
    await expect(ended).rejects.toEqual(new InterruptedError("SIGTERM"));
    expect(process.listensToSignals).toBe(false);
  });

  it("is what ended the work, whatever error the work ended with", async () => {
    const { process, cli } = setUp();
    const failed = Promise.withResolvers<never>();
    const ended = withStopSignal(cli, () => failed.promise);
    process.signal("SIGINT");
    failed.reject(new Error("aborted"));
    await expect(ended).rejects.toBeInstanceOf(InterruptedError);
  });

  it("ends the process at once when it comes twice", async () => {
    const { process, cli } = setUp();
    const finish = Promise.withResolvers<void>();
    const ended = withStopSignal(cli, () => finish.promise);
    process.signal("SIGINT");
    expect(() => process.signal("SIGINT")).toThrow("exited with 130");
    finish.resolve();
    await ended;
  });

  it("changes nothing of work that has its own error", async () => {
    const { cli } = setUp();
    await expect(withStopSignal(cli, () => Promise.reject(new Error("mine")))).rejects.toThrow("mine");
  });
});
