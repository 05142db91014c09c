import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SlidingWindow } from "../../src/net/sliding-window.ts";

const entry = fc.record({ gapMs: fc.integer({ min: 0, max: 60 }), weight: fc.integer({ min: 1, max: 5 }) });

describe("SlidingWindow", () => {
  test("counts as a plain list does, however often its ring wraps and grows", () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 400 }), fc.integer({ min: 1, max: 2_000 }), (entries, intervalMs) => {
        const window = new SlidingWindow(1_000_000, intervalMs);
        const list: { atMs: number; weight: number }[] = [];
        let nowMs = 0;
        for (const { gapMs, weight } of entries) {
          nowMs += gapMs;
          window.record(nowMs, weight);
          list.push({ atMs: nowMs, weight });
          const counted = list.filter(({ atMs }) => nowMs - atMs < intervalMs);
          expect(window.used(nowMs)).toBe(counted.reduce((sum, { weight }) => sum + weight, 0));
        }
      }),
    );
  });

  test("tells the first time at which a weight fits", () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 100 }), fc.integer({ min: 1, max: 40 }), (entries, weight) => {
        const window = new SlidingWindow(40, 500);
        let nowMs = 0;
        for (const { gapMs, weight } of entries) {
          nowMs += gapMs;
          window.record(nowMs, weight);
        }
        const fits = (atMs: number): boolean => window.used(atMs) + weight <= window.limit;
        const startMs = window.earliest(nowMs, weight);
        if (startMs > nowMs) expect(fits(startMs - 1)).toBe(false);
        expect(fits(startMs)).toBe(true);
      }),
    );
  });

  test("a weight above the limit never fits", () => {
    expect(new SlidingWindow(3, 100).earliest(0, 4)).toBe(Number.POSITIVE_INFINITY);
  });
});
