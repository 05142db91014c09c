import { Decimal as DecimalJs } from "decimal.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Decimal, decimal } from "../../src/model/decimal.ts";

/** The same class as decimal.js makes it. */
const Plain = DecimalJs.clone({
  precision: 80,
  rounding: DecimalJs.ROUND_HALF_EVEN,
  toExpNeg: -9e15,
  toExpPos: 9e15,
});

const fields = ({ s, e, d }: DecimalJs) => ({ s, e, d });

const digits = (most: number) => fc.stringMatching(new RegExp(`^[0-9]{0,${most}}$`));
/** Prices, amounts and fees as venues send them, and results of up to 100 digits. */
const number = fc
  .tuple(fc.constantFrom("", "-"), digits(9), digits(9))
  .map(([sign, whole, part]) => `${sign}${whole}0.${part}1`);
const long = fc
  .tuple(fc.constantFrom("", "-"), digits(45), digits(45))
  .map(([sign, whole, part]) => `${sign}${whole}0.${part}0`);
const exponent = fc
  .tuple(fc.integer({ min: -999_999_999, max: 999_999_999 }), fc.integer({ min: -40, max: 40 }))
  .map(([value, power]) => `${value}e${power}`);
const small = fc.constantFrom(
  "0",
  "-0",
  "1",
  "-1",
  "10",
  "0.1",
  "0.0001",
  "9999999",
  "10000000",
  "0.9999999",
  "99999999999999",
);
const given = fc.oneof({ weight: 4, arbitrary: number }, { weight: 2, arbitrary: exponent }, long, small);
const RUNS = { numRuns: 20_000 };

describe("sums, products and quotients without copies", () => {
  test("they are those of decimal.js, down to how it keeps the digits", () => {
    fc.assert(
      fc.property(given, given, (left, right) => {
        const [a, b] = [new Decimal(left), new Decimal(right)];
        const [x, y] = [new Plain(left), new Plain(right)];
        expect(fields(a.plus(b)), `${left} + ${right}`).toEqual(fields(x.plus(y)));
        expect(fields(a.minus(b)), `${left} - ${right}`).toEqual(fields(x.minus(y)));
        expect(fields(a.times(b)), `${left} * ${right}`).toEqual(fields(x.times(y)));
        expect(fields(a.div(b)), `${left} / ${right}`).toEqual(fields(x.div(y)));
        expect(fields(a.neg())).toEqual(fields(x.neg()));
        expect(fields(a.abs())).toEqual(fields(x.abs()));
        expect([fields(a), fields(b)], "what was given").toEqual([fields(x), fields(y)]);
      }),
      RUNS,
    );
  });

  test("a number of more digits than the precision is rounded, whatever is added to it", () => {
    const text = `1.${"123456789".repeat(10)}`;
    for (const operation of ["plus", "minus"] as const) {
      for (const zero of ["0", "-0"]) {
        const [a, b, x, y] = [new Decimal(text), new Decimal(zero), new Plain(text), new Plain(zero)];
        expect(fields(a[operation](b))).toEqual(fields(x[operation](y)));
        expect(fields(b[operation](a))).toEqual(fields(y[operation](x)));
      }
    }
  });

  test("places below zero are refused", () => {
    expect(() => new Decimal("1e40").toDecimalPlaces(-3)).toThrow("Invalid argument: -3");
  });

  test("a product divided by one of its factors is the other", () => {
    fc.assert(
      fc.property(number, number, (left, right) => {
        const [x, y] = [new Plain(left), new Plain(right)];
        const product = decimal(left).times(decimal(right));
        expect(fields(product.div(decimal(left)))).toEqual(fields(x.times(y).div(x)));
      }),
      RUNS,
    );
  });

  test("a long chain of them is that of decimal.js", () => {
    const step = fc.tuple(fc.constantFrom("plus", "minus", "times"), number);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        let [sum, plain] = [new Decimal(0), new Plain(0)];
        for (const [operation, value] of steps) {
          sum = sum[operation](value.length % 2 === 0 ? value : new Decimal(value));
          plain = plain[operation](value);
        }
        expect(fields(sum)).toEqual(fields(plain));
      }),
      RUNS,
    );
  });

  test("the text is that of decimal.js", () => {
    fc.assert(
      fc.property(given, fc.nat(20), (value, places) => {
        expect(new Decimal(value).toFixed()).toBe(new Plain(value).toFixed());
        expect(new Decimal(value).toFixed(places)).toBe(new Plain(value).toFixed(places));
      }),
      {
        ...RUNS,
        examples: [
          ["-0", 0],
          ["1e40", 1],
          ["-1e-40", 2],
          ["10000000", 0],
          ["100000000000000.0000001", 7],
        ],
      },
    );
  });

  test.each(["NaN", "Infinity", "-Infinity"])("%s is left to decimal.js", (text) => {
    for (const other of ["1", "0", "NaN", "Infinity", "-Infinity"]) {
      const [a, b, x, y] = [new Decimal(text), new Decimal(other), new Plain(text), new Plain(other)];
      for (const operation of ["plus", "minus", "times", "div"] as const) {
        expect(String(a[operation](b))).toBe(String(x[operation](y)));
        expect(String(b[operation](a))).toBe(String(y[operation](x)));
      }
      expect(a.toFixed()).toBe(x.toFixed());
      expect(String(a.neg().abs())).toBe(String(x.neg().abs()));
    }
  });

  test("JavaScript numbers and text are operands as well", () => {
    expect(decimal("1.5").plus(1).toFixed()).toBe("2.5");
    expect(decimal("1.5").times(-1).toFixed()).toBe("-1.5");
    expect(decimal("1.5").minus("0.5").toFixed()).toBe("1");
    expect(decimal("1.5").div(2).toFixed()).toBe("0.75");
  });
});
