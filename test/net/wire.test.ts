import { describe, expect, test } from "vitest";
import { z } from "zod";
import { INVALID_NUMBER, ProtocolError } from "../../src/model/error.ts";
import { parseJson } from "../../src/net/json.ts";
import {
  optionalWireDecimal,
  readDecimal,
  readPayload,
  wireCoin,
  wireDecimal,
  wireId,
  wireIsoTime,
  wireSymbol,
  wireText,
  wireTimeMs,
  wireTimeSeconds,
} from "../../src/net/wire.ts";

const failure = (schema: z.ZodType, value: unknown): ProtocolError => {
  try {
    readPayload("venue", "a row", z.object({ field: schema }), { field: value });
  } catch (error) {
    if (error instanceof ProtocolError) return error;
    throw error;
  }
  throw new Error("it was taken");
};

describe("a number of the wire", () => {
  test.each(["1e3000000000", "1e41", `0.${"0".repeat(100_000)}1`, "9".repeat(100_000), "1,5", "NaN", 1e300, 5e-324])(
    "that cannot be worked with is a ProtocolError that says where, and shows no more than its beginning: %.10s",
    (value) => {
      for (const schema of [wireDecimal, optionalWireDecimal]) {
        const error = failure(schema, value);
        expect(error.message).toMatch(/^a row of venue does not have the documented shape at field: /);
        expect(error.message.length).toBeLessThan(200);
      }
      expect(failure(wireDecimal, value).code).toBe(INVALID_NUMBER);
      expect(() => readDecimal("venue", "a level", value)).toThrow(ProtocolError);
    },
  );

  test("keeps the digits that a double cannot hold, and does not come to zero", () => {
    const read = (text: string) => wireDecimal.parse(parseJson(text)).toFixed();
    expect(read("0.1234567890123456789")).toBe("0.1234567890123456789");
    expect(read("12345678901234567890.5")).toBe("12345678901234567890.5");
    expect(read("0.30000000000000004")).toBe("0.30000000000000004");
    expect(() => read("1e-400")).toThrow("exponent");
    expect(read("0e-400")).toBe("0");
  });
});

describe("a time of the wire", () => {
  test.each([Number.NaN, Number.POSITIVE_INFINITY, -1, 8.65e15, 1e300])("is none where it is %s", (value) => {
    expect(failure(wireTimeMs, value).message).toMatch(/field/);
  });

  test.each(["", "-1", "1e3", "1".repeat(17), "1".repeat(100_000), "12 ", "x"])("is none where it is %.20s", (text) => {
    expect(failure(wireTimeMs, text).message).toMatch(/not epoch milliseconds/);
  });

  test("is read as text or as a number", () => {
    expect(wireTimeMs.parse("1669681234567")).toBe(1_669_681_234_567);
    expect(wireTimeMs.parse(1_669_681_234_567.5)).toBe(1_669_681_234_567.5);
  });

  test("in seconds becomes milliseconds, whether or not it has fractions", () => {
    expect(wireTimeSeconds.parse(1_790_000_000.123)).toBe(1_790_000_000_123);
    expect(wireTimeSeconds.parse("1790000000.123456")).toBe(1_790_000_000_123);
    expect(wireTimeSeconds.parse(1_790_000_000)).toBe(1_790_000_000_000);
    expect(failure(wireTimeSeconds, "-1").message).toMatch(/not epoch seconds/);
    expect(failure(wireTimeSeconds, 8.65e12).message).toMatch(/not epoch seconds/);
  });

  test.each(["2022-13-01T00:00:00Z", "2022-00-01T00:00:00Z", "2022-01-32T00:00:00Z", "2022-01-01T24:00:00Z"])(
    "%s is no time of the calendar",
    (text) => {
      expect(failure(wireIsoTime, text).message).toMatch(/not an ISO 8601 time/);
    },
  );

  test("is not looked for in 100 kB of one character", () => {
    for (const character of "0123456789-:.TZ+ e\\") {
      const text = character.repeat(100_000);
      for (const each of [text, `2022-01-01T00:00:00.${text}Z`, `2022-01-01T00:00:00${text}`]) {
        expect(failure(wireIsoTime, each).message.length).toBeLessThan(200);
      }
    }
  });
});

test("an id is text that is there, is short and can be written into a URL, or an integer", () => {
  const unwritable = [" ", "\n", "a b", "a\u0000b", "\ud800", "a\udc00"];
  for (const value of ["", ...unwritable, "x".repeat(129), 1.5, 1e300, null, {}])
    expect(failure(wireId, value)).toBeDefined();
  expect(wireId.parse(0)).toBe("0");
  expect(wireId.parse("91000001")).toBe("91000001");
  expect(wireId.parse("币安_161440249321:é😀")).toBe("币安_161440249321:é😀");
});

test("what is no text reads as empty text, whatever it calls its methods", () => {
  for (const value of [{ toString: 1 }, { valueOf: null }, [[["x"]]], null, undefined, true]) {
    expect(wireText(value)).toBe("");
  }
  expect(wireText(5)).toBe("5");
});

describe("a name of the wire", () => {
  test.each([
    "",
    " ",
    "null",
    "undefined",
    "NaN",
    "Infinity",
    "a b",
    "a\u0000",
    "a\ufffd",
    "\ufeff",
    "\ud800",
    "x".repeat(129),
  ])("%j is no id, no market and no coin", (text) => {
    expect(failure(wireId, text).message).toMatch(/not an id|Too big/);
    for (const schema of [wireSymbol, wireCoin]) expect(failure(schema, text)).toBeInstanceOf(ProtocolError);
  });

  test.each(["BTC-PERP", "BTC/USD", "1000PEPEUSDT", "币安人生USDT", "NULLUSDT"])("%s may be a market", (text) => {
    expect(wireSymbol.parse(text)).toBe(text);
  });
});
