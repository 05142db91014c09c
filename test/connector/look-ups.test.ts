import { describe, expect, it } from "vitest";
import { LookUps, type WantedLookUp } from "../../src/connector/look-ups.ts";
import { AbortError } from "../../src/model/error.ts";
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

  it("answer all that wait for the same one when it has ended, those included that came while another ran", async () => {
    const { lookUps, at } = scene();
    const looks: PromiseWithResolvers<boolean>[] = [];
    const answers: [name: string, wasAnswered: boolean][] = [];
    const ask = (name: string, sinceMs: number): void => {
      const work = () => {
        const look = Promise.withResolvers<boolean>();
        looks.push(look);
        return look.promise;
      };
      void lookUps.now("a", sinceMs, signal, work).then((wasAnswered) => answers.push([name, wasAnswered]));
    };
    ask("first", 0);
    await at(10);
    ask("second", 10);
    ask("third", 10);
    looks[0]?.resolve(true);
    await new Promise(setImmediate);
    expect([looks.length, answers]).toEqual([2, [["first", true]]]);
    looks[1]?.resolve(true);
    await new Promise(setImmediate);
    expect(answers.slice(1).toSorted()).toEqual([
      ["second", true],
      ["third", true],
    ]);
    expect(looks).toHaveLength(2);
  });

  it("that are broken off are no answer to those who wait with them: these look again", async () => {
    const { lookUps } = scene();
    const looks: PromiseWithResolvers<boolean>[] = [];
    const ask = () =>
      lookUps.now("a", 0, signal, () => {
        const look = Promise.withResolvers<boolean>();
        looks.push(look);
        return look.promise;
      });
    const first = ask();
    const second = ask();
    looks[0]?.reject(new AbortError());
    await expect(first).rejects.toMatchObject({ code: "ABORT" });
    await new Promise(setImmediate);
    looks[1]?.resolve(true);
    await expect(second).resolves.toBe(true);
  });
});
