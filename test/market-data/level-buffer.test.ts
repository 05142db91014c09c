import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LevelBuffer } from "../../src/market-data/level-buffer.ts";
import { decimalOfScaled } from "../../src/market-data/scaled.ts";
import { sizeUnitOf } from "../../src/market-data/size-unit.ts";
import { Decimal } from "../../src/model/decimal.ts";

function exactly(value: number | string): { readonly text: string; readonly isWide: boolean; readonly scale: number } {
  const levels = new LevelBuffer();
  levels.push(value, 1);
  const scale = levels.priceScale;
  return {
    text: decimalOfScaled(levels.bigPriceAt(0, scale), scale).toFixed(),
    isWide: levels.isWide,
    scale,
  };
}

describe("a level buffer", () => {
  test("reads decimal text and JSON numbers to the digit, with no more scale than they need", () => {
    expect(exactly("61003.40")).toEqual({ text: "61003.4", isWide: false, scale: 1 });
    expect(exactly("0.00010000")).toEqual({ text: "0.0001", isWide: false, scale: 4 });
    expect(exactly(0.1)).toEqual({ text: "0.1", isWide: false, scale: 1 });
    expect(exactly("100")).toEqual({ text: "100", isWide: false, scale: 0 });
    expect(exactly("7.5e-05")).toEqual({ text: "0.000075", isWide: false, scale: 6 });
    expect(exactly(7e-8)).toEqual({ text: "0.00000007", isWide: false, scale: 8 });
    expect(exactly("1e3")).toEqual({ text: "1000", isWide: false, scale: 0 });
    expect(exactly(".5").text).toBe("0.5");
    expect(exactly("5.").text).toBe("5");
    expect(exactly("-2.5").text).toBe("-2.5");
    expect(exactly("+2.5").text).toBe("2.5");
  });

  test("keeps values of more than 15 digits exact", () => {
    expect(exactly("0.1234567890123456789")).toEqual({ text: "0.1234567890123456789", isWide: true, scale: 19 });
    expect(exactly("123456789012345678")).toEqual({ text: "123456789012345678", isWide: true, scale: 0 });
    expect(exactly(0.30000000000000004)).toEqual({ text: "0.30000000000000004", isWide: true, scale: 17 });
    expect(exactly(1e21).text).toBe("1000000000000000000000");
    expect(exactly("0.00000000000000000000000005").text).toBe("0.00000000000000000000000005");
    expect(exactly("1234567890.00000000000").isWide).toBe(false);
  });

  test.each(["", "-", ".", "abc", "1.2.3", "0x10", "1e", "1e9999", " 1", "NaN", "Infinity", "--1"])(
    "takes %j for no number",
    (text) => {
      const levels = new LevelBuffer();
      levels.push(text, text);
      expect(levels.prices[0]).toBeNaN();
      expect(levels.sizes[0]).toBeNaN();
    },
  );

  test("takes infinities and what is neither text nor number for no number", () => {
    const levels = new LevelBuffer();
    for (const value of [Number.POSITIVE_INFINITY, Number.NaN, null, undefined, {}]) levels.push(value as number, 1);
    for (let index = 0; index < levels.count; index += 1) expect(levels.prices[index]).toBeNaN();
  });

  test("grows, is cleared, and forgets the scales and the wide values of the message before", () => {
    const levels = new LevelBuffer();
    for (let index = 1; index <= 1_000; index += 1) levels.push(index, "0.1234567890123456789");
    expect([levels.count, levels.isWide, levels.sizeScale]).toEqual([1_000, true, 19]);
    expect(levels.prices[999]).toBe(1_000);
    levels.clear();
    levels.push(1, 2);
    expect([levels.count, levels.isWide, levels.sizeScale]).toEqual([1, false, 0]);
  });

  test("a copy does not change with the original", () => {
    const [levels, copy] = [new LevelBuffer(), new LevelBuffer()];
    levels.push("1.5", "0.1234567890123456789");
    copy.copyFrom(levels);
    levels.clear();
    levels.push("9", "9");
    copy.push("2.5", "3");
    expect([copy.count, copy.bigPriceAt(0, 1), copy.bigPriceAt(1, 1)]).toEqual([2, 15n, 25n]);
    expect(copy.bigSizeAt(0, 19)).toBe(1_234_567_890_123_456_789n);
  });

  test("brings values to one scale, unless 15 digits are not enough", () => {
    const levels = new LevelBuffer();
    levels.push("1.5", "1");
    levels.push("2.25", "999999999999999");
    expect(levels.alignTo(2, 0)).toBe(true);
    expect([...levels.prices.subarray(0, 2)]).toEqual([150, 225]);
    expect(levels.alignTo(2, 1)).toBe(false);
    expect([levels.bigSizeAt(0, 1), levels.bigSizeAt(1, 1)]).toEqual([10n, 9_999_999_999_999_990n]);
  });

  test("any decimal text comes out as it went in", () => {
    const texts = fc
      .tuple(fc.bigInt({ min: 0n, max: 10n ** 24n }), fc.integer({ min: 0, max: 30 }))
      .map(([mantissa, scale]) => decimalOfScaled(mantissa, scale).toFixed());
    fc.assert(
      fc.property(texts, (text) => {
        expect(exactly(text).text).toBe(text);
      }),
    );
  });

  test("any double comes out as its shortest text", () => {
    const doubles = fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .filter((value) => Math.abs(new Decimal(value).e) <= 40);
    fc.assert(
      fc.property(doubles, (value) => {
        expect(exactly(value).text).toBe(new Decimal(String(value)).plus(0).toFixed());
      }),
    );
    const prices = fc.tuple(fc.integer({ min: 1, max: 10 ** 9 }), fc.integer({ min: 0, max: 9 }));
    fc.assert(
      fc.property(prices, ([mantissa, scale]) => {
        const value = Number(`${mantissa}e-${scale}`);
        expect(exactly(value)).toMatchObject({ text: new Decimal(String(value)).toFixed(), isWide: false });
      }),
    );
  });
});

describe("a text that is too long, or has too large an exponent", () => {
  const digits = ["0", "1", "9", ".", "-", "+", "e", "E", " ", "x", "\0"];
  const long = digits.flatMap((each) => [
    each.repeat(100_000),
    `0.${each.repeat(100_000)}1`,
    `1${each.repeat(100_000)}`,
  ]);
  const exponents = ["1e41", "1e-41", "1e400", "1e3000000000", "0e999"];

  test("is no number, and is not looked at", () => {
    for (const text of [...long, ...exponents]) {
      const buffer = new LevelBuffer();
      buffer.push(text, text);
      expect([buffer.prices[0], buffer.sizes[0], buffer.isWide]).toEqual([Number.NaN, Number.NaN, false]);
    }
  });

  test("is one at the bound", () => {
    for (const text of [`0.${"0".repeat(97)}1`, "9".repeat(100), "1e40", "1e-40"]) {
      expect(exactly(text).text).toBe(new Decimal(text).toFixed());
    }
  });
});

describe("sizes that count contracts", () => {
  test("are base units as exact arithmetic makes them, with the same scale", () => {
    const digits = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 20 });
    const number = fc.tuple(digits, fc.option(digits, { nil: [] })).map(([whole, rest]) => {
      return rest.length === 0 ? whole.join("") : `${whole.join("")}.${rest.join("")}`;
    });
    fc.assert(
      fc.property(number, number, fc.boolean(), (size, amount, isNumber) => {
        fc.pre(Number(amount) > 0);
        const contracts = isNumber ? Number(size) : size;
        const levels = new LevelBuffer();
        levels.push(1, contracts, sizeUnitOf(new Decimal(amount)));
        const expected = new LevelBuffer();
        expected.push(1, new Decimal(String(contracts)).times(amount).toFixed());
        const read = (buffer: LevelBuffer) => {
          const { sizeScale, isWide, sizes } = buffer;
          return { sizeScale, isWide, size: Number.isNaN(sizes[0]) ? undefined : buffer.bigSizeAt(0, sizeScale) };
        };
        expect(read(levels)).toEqual(read(expected));
      }),
      { numRuns: 2_000 },
    );
  });

  test("take no other way for contracts of a hundredth, and stay no numbers where they are none", () => {
    const levels = new LevelBuffer();
    const unit = sizeUnitOf(new Decimal("0.01"));
    for (const contracts of ["1", "100", "12.5", "0", "abc", Number.NaN]) levels.push(1, contracts, unit);
    expect([...levels.sizes.slice(0, 6)]).toEqual([1, 1, 125, 0, Number.NaN, Number.NaN]);
    expect(levels.sizeScale).toBe(3);
    expect(sizeUnitOf(new Decimal(1))).toBeUndefined();
  });
});
