import { describe, expect, test } from "vitest";
import { Parameters, parseAmount } from "../../../../src/paper/protocols/ftx/parameters.ts";

describe("an amount", () => {
  test.each([
    ["1", 100_000_000n],
    [0.1, 10_000_000n],
    ["0.00000001", 1n],
    [1e-7, 10n],
    ["1.5e3", 150_000_000_000n],
    [".5", 50_000_000n],
    ["-2.50", -250_000_000n],
    ["123456789.123456780", 12_345_678_912_345_678n],
  ])("%j is exact", (value, expected) => {
    expect(parseAmount(value)).toBe(expected);
  });

  test.each([["0.000000001"], ["abc"], [""], ["."], [null], [true], [{}], ["1e999"], [Number.NaN]])(
    "%j is none",
    (value) => {
      expect(parseAmount(value)).toBeUndefined();
    },
  );
});

describe("parameters", () => {
  test("take the texts for nothing in a query as absent, and nulls in a body as present without value", () => {
    const parameters = Parameters.read("market=undefined&side=None&limit=5", '{"price": null, "limit": 7}');
    expect(parameters.text("market")).toBeUndefined();
    expect(parameters.isPresent("market")).toBe(false);
    expect(parameters.isPresent("price")).toBe(true);
    expect(parameters.amount("price")).toBeUndefined();
    expect(parameters.number("limit")).toBe(7);
  });

  test("know the booleans of two languages", () => {
    const parameters = Parameters.read("a=True&b=false&c=true&d=False&e=yes", "");
    expect(["a", "b", "c", "d"].map((name) => parameters.flag(name))).toEqual([true, false, true, false]);
    expect(() => parameters.flag("e")).toThrow("Invalid parameter e");
  });

  test("name what is missing or wrong", () => {
    const parameters = Parameters.read("x=abc", "");
    expect(() => parameters.requiredText("y")).toThrow("Missing parameter y");
    expect(() => parameters.number("x")).toThrow("Invalid parameter x");
    expect(() => parameters.oneOf("x", ["a"])).toThrow("Invalid parameter x");
    expect(() => parameters.list("x")).toThrow("Invalid parameter x");
    expect(() => parameters.requiredAmount("size")).toThrow("Missing parameter size");
  });
});
