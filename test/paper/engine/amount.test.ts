import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decimalsOf, formatAmount, formatPadded, parseAmount } from "../../../src/paper/engine/amount.ts";
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

  it("of any size are written and read to the digit, with as many decimal places as are wished", () => {
    const edges = [2n ** 53n, 10n ** 15n, 10n ** 8n, 10_000n, 0n].flatMap((edge) => [edge - 1n, edge, edge + 1n]);
    const amounts = fc.oneof(
      fc.bigInt(-(2n ** 70n), 2n ** 70n),
      fc.bigInt(-(10n ** 15n), 10n ** 15n),
      fc.constantFrom(...edges).map((edge) => -edge),
      fc.constantFrom(...edges),
      fc.bigInt(0n, 10n ** 9n).map((units) => units * 10n ** 6n),
    );
    fc.assert(
      fc.property(amounts, fc.nat(8), (amount, least) => {
        const digits = String(amount < 0n ? -amount : amount).padStart(9, "0");
        const fraction = digits.slice(-8).replace(/0+$/, "").padEnd(least, "0");
        const text = `${amount < 0n ? "-" : ""}${digits.slice(0, -8)}${fraction === "" ? "" : `.${fraction}`}`;
        expect(formatPadded(amount, least)).toBe(text);
        expect(parseAmount(text)).toBe(amount);
        expect(parseAmount(formatAmount(amount))).toBe(amount);
      }),
      { seed: 3, numRuns: 3_000 },
    );
  });

  it.each([
    ["0.00000001", 8],
    ["0.001", 3],
    ["0.5", 1],
    ["1", 0],
    ["250", 0],
    ["90071992547409.93", 2],
  ])("as a step, %s needs %i decimal places", (step, decimals) => {
    expect(decimalsOf(parseAmount(step))).toBe(decimals);
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
