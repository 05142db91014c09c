import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  amountText,
  epochSeconds,
  floatText,
  frameJson,
  isoText,
  restJson,
  WireFloat,
} from "../../../../src/paper/protocols/ftx/wire.ts";

const units = (text: string): bigint => {
  const [whole = "", fraction = ""] = text.split(".");
  return BigInt(`${whole}${fraction.padEnd(8, "0")}`);
};

describe("the text of a float", () => {
  test.each([
    ["0", "0.0"],
    ["60388", "60388.0"],
    ["60388.50", "60388.5"],
    ["0.0001", "0.0001"],
    ["0.00012", "0.00012"],
    ["0.00009999", "9.999e-05"],
    ["0.000075", "7.5e-05"],
    ["0.00005", "5e-05"],
    ["0.000011", "1.1e-05"],
    ["0.00000001", "1e-08"],
    ["1893004511.25", "1893004511.25"],
  ])("of %s is what Python prints", (text, expected) => {
    expect(amountText(units(text))).toBe(expected);
    expect(amountText(-units(text))).toBe(units(text) === 0n ? "0.0" : `-${expected}`);
  });

  test("equals the text of the nearest double for every amount of up to 15 digits", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -999_999_999_999_999n, max: 999_999_999_999_999n }), (amount) => {
        expect(amountText(amount)).toBe(floatText(Number(amount) / 1e8));
      }),
    );
  });

  test("of an amount with more digits than a double holds is that of the double", () => {
    expect(amountText(units("12345678901.12345678"))).toBe("12345678901.123457");
    expect(amountText(10n ** 24n)).toBe("1e+16");
  });

  test.each([
    [0.00001, "1e-05"],
    [1e-7, "1e-07"],
    [1e16, "1e+16"],
    [1571318820000, "1571318820000.0"],
    [1663150503.1142051, "1663150503.1142051"],
  ])("of the double %d is %s", (value, expected) => {
    expect(floatText(value)).toBe(expected);
  });
});

describe("times", () => {
  test("have six digits of fraction and an offset", () => {
    expect(isoText(1_662_033_600_123.456)).toBe("2022-09-01T12:00:00.123456+00:00");
    expect(isoText(1_662_033_600_001)).toBe("2022-09-01T12:00:00.001000+00:00");
  });

  test("on a whole second have no fraction", () => {
    expect(isoText(1_662_033_600_000)).toBe("2022-09-01T12:00:00+00:00");
  });

  test("in frames are seconds as a float", () => {
    expect(frameJson(epochSeconds(1_663_150_503_114.205))).toBe("1663150503.114205");
  });
});

describe("JSON", () => {
  const value = { id: 5, size: 100_000_000n, at: new WireFloat(2), rows: [[1n, true], null], text: 'é"\n' } as const;

  test("of REST is compact", () => {
    expect(restJson(value)).toBe('{"id":5,"size":1.0,"at":2.0,"rows":[[1e-08,true],null],"text":"\\u00e9\\"\\n"}');
  });

  test("of frames has the spaces that Python puts", () => {
    expect(frameJson(value)).toBe(
      '{"id": 5, "size": 1.0, "at": 2.0, "rows": [[1e-08, true], null], "text": "\\u00e9\\"\\n"}',
    );
    expect(frameJson({ bids: [], data: {} })).toBe('{"bids": [], "data": {}}');
  });
});
