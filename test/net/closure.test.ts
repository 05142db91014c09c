import { describe, expect, test } from "vitest";
import { Closure } from "../../src/net/closure.ts";

const SPAN = { firstMs: 100, longestMs: 1_000 };

describe("a closure", () => {
  test("opens after a guess that doubles up to its longest", () => {
    const closure = new Closure();
    const waits: number[] = [];
    let nowMs = 0;
    for (let index = 0; index < 6; index += 1) {
      closure.refused(nowMs, nowMs, undefined, SPAN);
      waits.push(closure.opensMs - nowMs);
      nowMs = closure.opensMs;
    }
    expect(waits).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  });

  test("lets one request try when it is over, and the others when that one is answered", () => {
    const closure = new Closure();
    closure.refused(0, 0, undefined, SPAN);
    closure.left(100);
    expect(closure.opensMs).toBeGreaterThan(100);
    expect(closure.answered(50)).toBe(false);
    expect(closure.answered(100)).toBe(true);
    expect(closure.opensMs).toBeLessThanOrEqual(100);
  });

  test("lasts from its first refusal to the first answer, trials that were refused included", () => {
    const closure = new Closure();
    expect(closure.closedSinceMs(5)).toBeUndefined();
    closure.refused(10, 5, undefined, SPAN);
    closure.left(110);
    closure.refused(120, 110, undefined, SPAN);
    expect(closure.closedSinceMs(10_000)).toBe(10);
    closure.left(10_000);
    closure.answered(10_000);
    expect(closure.closedSinceMs(10_010)).toBeUndefined();
    closure.closeUntil(20_000, 30_000);
    closure.closeUntil(25_000, 40_000);
    expect(closure.closedSinceMs(39_000)).toBe(20_000);
    expect(closure.closedSinceMs(40_000)).toBeUndefined();
  });

  test("whose time the venue told opens for all at once", () => {
    const closure = new Closure();
    closure.refused(0, 0, 3_000, SPAN);
    closure.left(3_000);
    expect(closure.opensMs).toBe(3_000);
  });

  // Binance, hell, seed 92: a second ban of two seconds, told as such, was waited out for four minutes.
  test("whose told time did not help is doubled from that, and from a second where it was none", () => {
    const waitsOf = (toldMs: number): readonly number[] => {
      const closure = new Closure();
      let nowMs = 0;
      return [1, 2, 3, 4].map(() => {
        const beganMs = nowMs;
        closure.refused(nowMs, nowMs, toldMs, { firstMs: 120_000, longestMs: 300_000 });
        nowMs = closure.opensMs;
        return nowMs - beganMs;
      });
    };
    expect(waitsOf(2_000)).toEqual([2_000, 4_000, 8_000, 16_000]);
    expect(waitsOf(0)).toEqual([0, 2_000, 4_000, 8_000]);
    expect(waitsOf(100_000)).toEqual([100_000, 200_000, 300_000, 300_000]);
    expect(waitsOf(400_000)).toEqual([400_000, 400_000, 400_000, 400_000]);
  });

  test("is extended by what a request of the same time was told, and not by its guess", () => {
    const closure = new Closure();
    closure.refused(10, 0, undefined, SPAN);
    closure.refused(20, 5, undefined, SPAN);
    expect(closure.opensMs).toBe(110);
    closure.refused(30, 5, 500, SPAN);
    expect(closure.opensMs).toBe(530);
  });

  test("that is over holds nothing back for a refusal of before that comes late and tells no time", () => {
    const closure = new Closure();
    closure.refused(10, 0, undefined, SPAN);
    closure.left(110);
    expect(closure.answered(110)).toBe(true);
    closure.refused(5_000, 5, undefined, SPAN);
    closure.left(5_001);
    expect(closure.opensMs).toBeLessThanOrEqual(5_001);
    expect(closure.closedSinceMs(5_001)).toBeUndefined();
  });

  test("whose time the venue told is over after the longest ban that is documented, whatever it told", () => {
    const closure = new Closure();
    closure.refused(0, 0, 999_999_999_000, { firstMs: 1_000, longestMs: 10_000 });
    expect(closure.opensMs).toBe(3 * 86_400_000);
  });
});
