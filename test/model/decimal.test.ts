import { Decimal as Big } from "decimal.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  Decimal,
  decimal,
  decimalOfShort,
  decimalOfWireNumber,
  isMultipleOf,
  storedDecimal,
} from "../../src/model/decimal.ts";
import { ConfigError, INVALID_NUMBER } from "../../src/model/error.ts";

const refusal = (run: () => unknown): ConfigError => {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error("it was taken");
};

describe("decimal", () => {
  test.each(["0", "-1.50", "+3", ".5", "5.", "1e40", "-2.5E-40", `0.${"0".repeat(97)}1`, "9".repeat(100)])(
    "%s is a number, with all of its digits",
    (text) => {
      expect(decimal(text).eq(new Decimal(text))).toBe(true);
    },
  );

  test("short text is read as decimal.js reads it, down to how it keeps the digits", () => {
    const digits = fc.stringMatching(/^[0-9]{0,17}$/);
    const text = fc.tuple(fc.constantFrom("", "-", "+"), digits, fc.constantFrom("", "."), digits);
    const given = text.map((parts) => parts.join("")).filter((each) => /\d/.test(each));
    const edges = ["0", "-0", "0.0", "0.0000000", "00012.50", "5.", ".5", "-.5", "999999999999999", "0.00000000000001"];
    const examples = edges.map((edge): [string] => [edge]);
    fc.assert(
      fc.property(given, (each) => {
        expect({ ...decimal(each) }).toEqual({ ...new Decimal(each) });
      }),
      { numRuns: 2_000, examples },
    );
  });

  test("a whole number over a power of ten is the decimal that its text is", () => {
    const mantissa = fc.maxSafeNat().map((value) => value % 1_000_000_000_000_000);
    const rounded = fc.tuple(fc.nat(99_999_999), fc.nat(7)).map(([value, zeros]) => value * 10 ** zeros);
    fc.assert(
      fc.property(fc.oneof(mantissa, rounded), fc.nat(44), (value, scale) => {
        expect({ ...decimalOfShort(value, scale) }).toEqual({ ...new Decimal(`${value}e-${scale}`) });
      }),
      {
        numRuns: 2_000,
        examples: [
          [999_999_999_999_999, 22],
          [1, 0],
          [10_000_000, 7],
          [10_000_000, 0],
        ],
      },
    );
  });

  test.each([
    ["1e3000000000", '"1e3000000000" is not a decimal number'],
    ["1e100000000", '"1e100000000" is not a decimal number'],
    ["1e41", '"1e41" has an exponent beyond 40'],
    ["1e-41", '"1e-41" has an exponent beyond 40'],
    ["0e999", '"0e999" has an exponent beyond 40'],
    ["9".repeat(101), `"${"9".repeat(40)}..." has 101 characters, more than 100`],
    [`0.${"0".repeat(100_000)}1`, `"0.${"0".repeat(38)}..." has 100003 characters, more than 100`],
    ["NaN", '"NaN" is not a decimal number'],
    ["Infinity", '"Infinity" is not a decimal number'],
    ["0x10", '"0x10" is not a decimal number'],
    [" 1", '" 1" is not a decimal number'],
    ["", '"" is not a decimal number'],
  ])("%.12s is refused before anything is worked out, and its message is short", (text, message) => {
    expect(refusal(() => decimal(text))).toMatchObject({ message, code: INVALID_NUMBER });
  });

  test("a JavaScript number, or nothing, is refused", () => {
    expect(refusal(() => decimal(0.1 as never)).message).toBe(
      "an amount must be a string or a Decimal, got number 0.1",
    );
    expect(refusal(() => decimal(undefined as never)).code).toBe(INVALID_NUMBER);
    expect(refusal(() => decimal(null as never)).code).toBe(INVALID_NUMBER);
  });

  test("a Decimal that is too large to be written out is refused, ours and that of another library", () => {
    const Foreign = Big.clone({ precision: 20 });
    for (const huge of ["1e3000000", "1e-3000000", "NaN", "Infinity"]) {
      expect(refusal(() => decimal(new Decimal(huge))).code).toBe(INVALID_NUMBER);
      expect(refusal(() => decimal(new Foreign(huge))).code).toBe(INVALID_NUMBER);
    }
    expect(refusal(() => decimal(new Decimal("1".repeat(101)))).code).toBe(INVALID_NUMBER);
    expect(decimal(new Foreign("0.0000001")).toFixed()).toBe("0.0000001");
    expect(decimal(new Decimal("1e-80")).toFixed()).toBe(`0.${"0".repeat(79)}1`);
  });

  test("a JSON number is read within the same bounds", () => {
    expect(decimalOfWireNumber(1e-7).toFixed()).toBe("0.0000001");
    for (const number of [1e41, 5e-324, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(refusal(() => decimalOfWireNumber(number)).code).toBe(INVALID_NUMBER);
    }
  });

  test("what is left of sums and quotients of 80 digits can be read back", () => {
    const third = new Decimal(1).div(3).times("1e-30");
    for (const value of [third, third.times(3).minus("1e-30"), third.times(third)]) {
      expect(storedDecimal(value.toFixed()).eq(value)).toBe(true);
    }
  });

  test("a multiple of a step is told as decimal.js tells it, whatever the lengths of both", () => {
    const number = fc
      .tuple(
        fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }),
        fc.integer({ min: -6, max: 20 }),
        fc.integer({ min: 0, max: 17 }),
      )
      .map(([digits, places, cut]) =>
        new Decimal((digits / 10n ** BigInt(cut)).toString()).times(new Decimal(10).pow(-places)),
      );
    const step = fc.oneof(
      number.filter((value) => !value.isZero()),
      fc.constantFrom("0.1", "0.5", "0.001", "10", "2.5", "0.000001", "1e-12").map((text) => new Decimal(text)),
    );
    fc.assert(
      fc.property(number, step, fc.integer({ min: 0, max: 100_000 }), (value, quantum, times) => {
        expect(isMultipleOf(value, quantum)).toBe(value.mod(quantum).isZero());
        expect(isMultipleOf(quantum.times(times), quantum)).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });

  test("numbers are compared as decimal.js compares them, short ones, long ones and what is none", () => {
    const Plain = Big.clone({ precision: 80, rounding: Big.ROUND_HALF_EVEN, toExpNeg: -9e15, toExpPos: 9e15 });
    const digits = fc.oneof(
      fc.bigInt({ min: -20n, max: 20n }),
      fc.bigInt({ min: -(10n ** 9n), max: 10n ** 9n }),
      fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }),
    );
    const text = fc.oneof(
      fc.tuple(digits, fc.integer({ min: -20, max: 25 })).map(([whole, exponent]) => `${whole}e${exponent}`),
      fc.constantFrom("0", "-0", "NaN", "Infinity", "-Infinity", "1", "-1", "0.1", "0.0000001", "9999999", "10000000"),
    );
    const names = ["comparedTo", "cmp", "eq", "equals", "gt", "gte", "lt", "lte"] as const;
    fc.assert(
      fc.property(text, text, (left, right) => {
        const [own, plain] = [new Decimal(left), new Plain(left)];
        for (const name of names) {
          expect(own[name](new Decimal(right))).toBe(plain[name](new Plain(right)));
          expect(own[name](right)).toBe(plain[name](right));
          expect(own[name](new Decimal(left))).toBe(plain[name](new Plain(left)));
        }
        expect(Decimal.max(left, right).toFixed()).toBe(Plain.max(left, right).toFixed());
      }),
      { numRuns: 3_000 },
    );
  });

  test("a Decimal of the host program counts by the project's precision, and its class stays as it is", () => {
    const Host = Big.clone({ precision: 5 });
    const amount = decimal(new Host("1.2345") as unknown as Decimal);
    expect(amount.plus("0.00000001").toFixed()).toBe("1.23450001");
    expect(new Host("1.2345").plus("0.00000001").toFixed()).toBe("1.2345");
    expect(Host.prototype.cmp === Big.prototype.cmp).toBe(true);
    expect(Decimal.prototype.cmp === Big.prototype.cmp).toBe(false);
  });
});

describe("arithmetic without copies", () => {
  /** Class of decimal.js as it is, with the rules of ours. */
  const Plain = Big.clone({ precision: 80, rounding: 6, toExpNeg: -9e15, toExpPos: 9e15 });
  const plainOf = (value: Decimal) => new Plain(value.valueOf());
  const fieldsOf = ({ s, e, d }: Big) => ({ s, e, d });

  const digits = fc.oneof(
    fc.bigInt({ min: -30n, max: 30n }),
    fc.bigInt({ min: -(10n ** 8n), max: 10n ** 8n }),
    fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }),
    fc.bigInt({ min: -(10n ** 45n), max: 10n ** 45n }),
    fc
      .tuple(fc.integer({ min: -99, max: 99 }), fc.nat(20))
      .map(([value, zeros]) => BigInt(value) * 10n ** BigInt(zeros)),
  );
  const number = fc
    .tuple(digits, fc.oneof(fc.nat(9), fc.integer({ min: -20, max: 45 })))
    .map(([value, scale]) => new Decimal(`${value}e${-scale}`));
  const edges = [
    "0",
    "-0",
    "1",
    "-1",
    "0.1",
    "9999999",
    "10000000",
    "0.9999999",
    "1e7",
    "1e-7",
    "99999999999999",
    "NaN",
  ];
  const operand = fc.oneof(
    number,
    fc.constantFrom(...edges).map((text) => new Decimal(text)),
  );

  const operations = ["plus", "minus", "times", "div", "add", "sub", "mul", "dividedBy"] as const;

  test.each(operations)("%s gives what decimal.js gives, down to how it keeps the digits", (name) => {
    fc.assert(
      fc.property(operand, operand, (left, right) => {
        const before = [left, right].map((each) => JSON.stringify(each));
        const result = left[name](right);
        expect(fieldsOf(result)).toEqual(fieldsOf(plainOf(left)[name](plainOf(right))));
        expect([left, right].map((each) => JSON.stringify(each))).toEqual(before);
        expect(result.d === null || (result.d !== left.d && result.d !== right.d)).toBe(true);
      }),
      { numRuns: 4_000 },
    );
  });

  test("what is written out and cut to so many places is the same", () => {
    fc.assert(
      fc.property(operand, fc.nat(40), (value, places) => {
        const plain = plainOf(value);
        expect(value.toFixed()).toBe(plain.toFixed());
        expect(value.toFixed(places)).toBe(plain.toFixed(places));
        expect(fieldsOf(value.toDecimalPlaces(places))).toEqual(fieldsOf(plain.toDecimalPlaces(places)));
        expect(fieldsOf(value.toDP())).toEqual(fieldsOf(plain.toDP()));
      }),
      { numRuns: 4_000 },
    );
  });

  test("a number of another class and text are taken as before", () => {
    expect(new Decimal("1.5").plus("2").toFixed()).toBe("3.5");
    expect(new Decimal("1.5").times(new Plain("2")).toFixed()).toBe("3");
    expect(() => new Decimal("1.5").toDecimalPlaces(-1)).toThrow("Invalid argument");
  });
});
