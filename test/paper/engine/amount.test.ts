import { describe, expect, it } from "vitest";
import { formatAmount, parseAmount } from "../../../src/paper/engine/amount.ts";
import { divideCeil, divideFloor, divideRound, median } from "../../../src/paper/engine/arithmetic.ts";

describe("amounts", () => {
  it.each([
    ["0", 0n],
    ["1", 100_000_000n],
    ["0.00000001", 1n],
    ["-2.5", -250_000_000n],
    ["20000.5", 2_000_050_000_000n],
    ["0.0000005", 50n],
  ])("%s is read and written exactly", (text, amount) => {
    expect(parseAmount(text)).toBe(amount);
    expect(formatAmount(amount)).toBe(text);
  });

  it.each(["", "1e5", ".5", "1.", "abc", "0.000000001"])("%j is not an amount", (text) => {
    expect(() => parseAmount(text)).toThrow(TypeError);
  });

  it("may have zeros beyond the eighth digit", () => {
    expect(parseAmount("1.000000000")).toBe(100_000_000n);
  });
});

describe("division", () => {
  it("rounds to the nearest, ties to even, on both sides of zero", () => {
    expect([5n, 15n, 25n, 14n, 16n].map((value) => divideRound(value, 10n))).toEqual([0n, 2n, 2n, 1n, 2n]);
    expect([-5n, -15n, -25n, -14n, -16n].map((value) => divideRound(value, 10n))).toEqual([0n, -2n, -2n, -1n, -2n]);
  });

  it("rounds down and up on both sides of zero", () => {
    expect([7n, -7n, 6n, -6n].map((value) => divideFloor(value, 3n))).toEqual([2n, -3n, 2n, -2n]);
    expect([7n, -7n, 6n, -6n].map((value) => divideCeil(value, 3n))).toEqual([3n, -2n, 2n, -2n]);
  });

  it("has a median whatever the order", () => {
    expect([median(1n, 2n, 3n), median(3n, 1n, 2n), median(2n, 3n, 1n), median(2n, 2n, 1n)]).toEqual([2n, 2n, 2n, 2n]);
  });
});
