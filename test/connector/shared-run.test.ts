import { describe, expect, it } from "vitest";
import { SharedRun } from "../../src/connector/shared-run.ts";
import { AbortError } from "../../src/model/error.ts";

describe("work that callers share", () => {
  it("is run once for calls at a time, and once more for all that come while it is under way", async () => {
    const begun: PromiseWithResolvers<void>[] = [];
    const shared = new SharedRun(() => {
      const run = Promise.withResolvers<void>();
      begun.push(run);
      return run.promise;
    });
    const resolved: string[] = [];
    const call = (name: string) => void shared.run().then(() => resolved.push(name));
    call("first");
    call("with the first");
    await new Promise(setImmediate);
    expect(begun).toHaveLength(1);
    call("late");
    call("later");
    begun[0]?.resolve();
    await new Promise(setImmediate);
    expect(resolved).toEqual(["first", "with the first"]);
    expect(begun).toHaveLength(2);
    begun[1]?.resolve();
    await new Promise(setImmediate);
    expect(resolved).toEqual(["first", "with the first", "late", "later"]);
    expect(begun).toHaveLength(2);
  });

  it("that fails fails its own callers only", async () => {
    let runs = 0;
    const shared = new SharedRun(async () => {
      runs += 1;
      if (runs === 1) throw new Error("the first");
    });
    await expect(shared.run()).rejects.toThrow("the first");
    await expect(shared.run()).resolves.toBeUndefined();
  });

  it("goes on for the others when a caller leaves, also when that one came first, and ends when all have left", async () => {
    const begun: AbortSignal[] = [];
    const gate = Promise.withResolvers<void>();
    const shared = new SharedRun(async (signal) => {
      begun.push(signal);
      const aborted = new Promise<never>((_, reject) =>
        signal.addEventListener("abort", () => reject(new AbortError("the last has left"))),
      );
      await Promise.race([gate.promise, aborted]);
    });
    const callers = ["first", "second"].map(() => new AbortController());
    const [first, second] = callers.map(({ signal }) => shared.run(signal));
    callers[0]?.abort();
    await expect(first).rejects.toMatchObject({ code: "ABORT" });
    expect(begun.map(({ aborted }) => aborted)).toEqual([false]);
    const next = shared.run();
    callers[1]?.abort();
    await expect(second).rejects.toThrow("the last has left");
    gate.resolve();
    await expect(next).resolves.toBeUndefined();
    expect(begun.map(({ aborted }) => aborted)).toEqual([true, false]);
  });

  it("is not begun for callers that left before, and what they left is joined by nobody", async () => {
    const gate = Promise.withResolvers<void>();
    let runs = 0;
    const shared = new SharedRun(() => {
      runs += 1;
      return gate.promise;
    });
    const first = shared.run();
    await new Promise(setImmediate);
    const caller = new AbortController();
    const left = shared.run(caller.signal);
    caller.abort();
    const late = shared.run();
    gate.resolve();
    await expect(left).rejects.toMatchObject({ code: "ABORT" });
    await Promise.all([first, late]);
    expect(runs).toBe(2);
    await expect(shared.run(caller.signal)).rejects.toMatchObject({ code: "ABORT" });
  });
});
