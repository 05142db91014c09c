import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ProtocolError } from "../../src/model/error.ts";
import { excerpt, parseJson, parseRetryAfter } from "../../src/net/json.ts";

/** An integer of 16 digits or more: no fraction, no exponent. */
const LONG_INTEGER = /(?<![\d.])\d{16,}(?![\d.eE])/;

describe("parseJson", () => {
  test("integers from 2^53 up stay the text of the source, at any depth and with either sign", () => {
    const text = '{"id":9007199254740993,"list":[-9007199254740992,{"n":12345678901234567890}]}';
    expect(parseJson(text)).toEqual({
      id: "9007199254740993",
      list: ["-9007199254740992", { n: "12345678901234567890" }],
    });
  });

  test("safe integers, fractions and texts are as JSON.parse gives them", () => {
    const text = '{"safe":9007199254740991,"price":0.12345678901234567,"huge":1e300,"text":"9007199254740993"}';
    expect(parseJson(text)).toEqual(JSON.parse(text));
  });

  test("every integer comes back with all of its digits", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), (value) => {
        expect(String(parseJson(`[${value}]`))).toBe(String(value));
      }),
    );
  });

  test("a text is read alike whether every number of it is looked at or none needs to be", () => {
    const digits = fc.stringMatching(/^\d{0,40}$/);
    const number = fc
      .tuple(
        fc.constantFrom("", "-"),
        fc.stringMatching(/^(0|[1-9]\d{0,60})$/),
        digits,
        fc.stringMatching(/^([eE][+-]?\d{1,5})?$/),
      )
      .map(([sign, whole, fraction, exponent]) => `${sign}${whole}${fraction === "" ? "" : `.${fraction}`}${exponent}`);
    const text = fc.string({ unit: fc.constantFrom(..."0123456789.eE-:,[ x") }).map((value) => JSON.stringify(value));
    const blank = fc.constantFrom("", " ", "\n\t");
    const value = fc.tuple(blank, fc.oneof(number, text), blank).map((parts) => parts.join(""));
    const object = fc.tuple(value, value).map(([first, last]) => `{"a":${first},"1":[${last}]}`);
    fc.assert(
      fc.property(fc.array(fc.oneof(value, object)), (values) => {
        const whole = `[${values.join(",")}]`;
        expect(parseJson(whole)).toEqual((parseJson(`[12345678901234567890,${whole}]`) as unknown[])[1]);
      }),
      { numRuns: 2_000 },
    );
  });

  test("what JSON.parse reads without long integers is read alike", () => {
    fc.assert(
      fc.property(fc.json(), fc.boolean(), (text, isLong) => {
        fc.pre(!LONG_INTEGER.test(text));
        const whole = isLong ? `{"digits":"1234567890123456","value":${text}}` : text;
        expect(parseJson(whole)).toEqual(JSON.parse(whole));
      }),
    );
  });

  test("text that is not JSON is a ProtocolError with a short excerpt", () => {
    const page = `<html>\n  <h1>502 Bad Gateway</h1>${"x".repeat(5_000)}`;
    expect(() => parseJson(page)).toThrow(ProtocolError);
    expect(() => parseJson(page)).toThrow(/^not JSON: <html> <h1>502 Bad Gateway/);
    expect(excerpt(page).length).toBeLessThan(100);
    expect(() => parseJson("")).toThrow("not JSON: (empty)");
  });
});

describe("parseRetryAfter", () => {
  const nowMs = Date.UTC(2024, 1, 29, 23, 59, 30);

  test.each<[string | undefined, number | undefined]>([
    ["120", 120_000],
    [" 0 ", 0],
    ["0.5", 500],
    ["Fri, 01 Mar 2024 00:00:00 GMT", 30_000],
    ["Thu, 29 Feb 2024 23:59:00 GMT", 0],
    [undefined, undefined],
    ["", undefined],
    ["-5", undefined],
    ["soon", undefined],
    ["Fri, 01 Mai 2024 00:00:00 GMT", undefined],
  ])("%s is %s ms", (header, expected) => {
    expect(parseRetryAfter(header, nowMs)).toBe(expected);
  });
});
