import { describe, expect, it } from "vitest";
import { amount, canonical, compare, divided, minus, plus, text, times } from "../../src/checker/amount.ts";

describe("the checker's amounts", () => {
  it("add, take away and multiply to the last digit, whatever their scales", () => {
    expect(text(plus(amount("0.1"), amount("0.20000000000000001")))).toBe("0.30000000000000001");
    expect(text(minus(amount("1"), amount("1.00000001")))).toBe("-0.00000001");
    expect(text(times(amount("-20000.5"), amount("0.00000003")))).toBe("-0.000600015");
  });

  it("compare by value and not by how they are written", () => {
    expect(compare(amount("1.50"), amount("1.5"))).toBe(0);
    expect(compare(amount("-2"), amount("-1.99999999"))).toBe(-1);
    expect([canonical("007.100"), canonical("-0.0"), canonical(null)]).toEqual(["7.1", "0", "none"]);
  });

  it("divide with ties to the even digit", () => {
    const quotient = (a: string, b: string) => text(divided(amount(a), amount(b), 2));
    expect([quotient("1", "3"), quotient("-2", "3"), quotient("0.25", "10")]).toEqual(["0.33", "-0.67", "0.02"]);
    expect([quotient("0.35", "10"), quotient("-0.35", "10")]).toEqual(["0.04", "-0.04"]);
    expect(() => divided(amount("1"), amount("0"), 2)).toThrow(RangeError);
  });

  it("are plain decimal text and nothing else", () => {
    for (const wrong of ["1e5", "", "NaN", ".5", "1.", "0x10", "+1"]) expect(() => amount(wrong)).toThrow(TypeError);
  });
});
