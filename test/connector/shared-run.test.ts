import { describe, expect, it } from "vitest";
import { SharedRun } from "../../src/connector/shared-run.ts";

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
});
