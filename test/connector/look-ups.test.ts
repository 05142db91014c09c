import { describe, expect, it } from "vitest";
import { LookUps, type WantedLookUp } from "../../src/connector/look-ups.ts";
import type { Clock } from "../../src/runtime/runtime.ts";

const { signal } = new AbortController();

/** Look-ups at times that the test sets, and the times at which each began. */
function scene() {
  let nowMs = 0;
  const clock: Clock = { now: () => nowMs, monotonic: () => nowMs };
  const lookUps = new LookUps({ clock, onFree: () => undefined });
  const begun: [key: string, atMs: number][] = [];
  const want = (key: string, change: Partial<WantedLookUp> = {}): void => {
    const work = async (): Promise<boolean> => {
      begun.push([key, nowMs]);
      return true;
    };
    lookUps.want({ key, isUrgent: false, delayMs: 0, firstMs: 250, maxMs: 10_000, work, ...change });
  };
  const at = async (timeMs: number): Promise<void> => {
    nowMs = timeMs;
    lookUps.startDue(signal);
    await Promise.resolve();
  };
  return { lookUps, begun, want, at };
}

describe("look-ups", () => {
  it("back off, each by itself", async () => {
    const { begun, want, at } = scene();
    want("a");
    for (let timeMs = 0; timeMs <= 2_000; timeMs += 50) {
      want("a");
      await at(timeMs);
    }
    expect(begun.map(([, atMs]) => atMs)).toEqual([0, 250, 750, 1_750]);
  });

  it("do not hold up one that becomes urgent by the back-off of what it was before", async () => {
    const { begun, want, at } = scene();
    for (let timeMs = 0; timeMs <= 2_000; timeMs += 50) {
      want("a");
      await at(timeMs);
    }
    begun.length = 0;
    for (let timeMs = 2_050; timeMs <= 3_000; timeMs += 50) {
      want("a", { isUrgent: true });
      await at(timeMs);
    }
    expect(begun.map(([, atMs]) => atMs)).toEqual([2_050, 2_300, 2_800]);
  });

  it("are let go when nobody wants them any more", async () => {
    const { lookUps, begun, want, at } = scene();
    want("a");
    want("b");
    lookUps.keep(new Set(["b"]));
    await at(0);
    expect(begun).toEqual([["b", 0]]);
  });
});
