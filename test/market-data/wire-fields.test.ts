import { describe, expect, test } from "vitest";
import type { BookWire } from "../../src/market-data/book-wire.ts";
import { FIELD, type Field, fieldsOf } from "../../src/market-data/wire-fields.ts";

const WIRE: BookWire = {
  ...{ kind: "snapshot", texts: { channel: "book" }, symbol: "symbol", bids: "levels.0", asks: "levels.1" },
  time: { path: "time", form: "number" },
};

function kindsIn(wire: Partial<BookWire>, name: string): readonly Field["kind"][] {
  const key = JSON.stringify(name);
  const found = fieldsOf({ ...WIRE, ...wire }).find((field) => new TextDecoder().decode(field.key) === `${key}:`);
  return found?.fields.map(({ kind }) => kind) ?? [];
}

describe("the fields of a message", () => {
  // The first that was named was taken for the first that is written: asks before bids came out as bids before asks.
  test("stand in a list where their paths say, in whatever order they are named", () => {
    expect(kindsIn({}, "levels")).toEqual([FIELD.bids, FIELD.asks]);
    expect(kindsIn({ bids: "levels.1", asks: "levels.0" }, "levels")).toEqual([FIELD.asks, FIELD.bids]);
    const between = { bids: "levels.2", asks: "levels.1", ignored: ["levels.0"] };
    expect(kindsIn(between, "levels")).toEqual([FIELD.ignored, FIELD.asks, FIELD.bids]);
  });

  test("are refused where a place of a list before them is not named", () => {
    expect(() => fieldsOf({ ...WIRE, bids: "levels.1", asks: "levels.2" })).toThrow(
      "place 0 of levels is not named, and one after it is",
    );
    expect(() => fieldsOf({ ...WIRE, bids: "levels.bids" })).toThrow("place 0 of levels is not named");
  });

  test("are refused where there are more than the bits of a number", () => {
    const ignored = Array.from({ length: 24 }, (_, index) => `key${index}`);
    const few = { ...WIRE, ignored: ignored.slice(0, 20) };
    expect(() => fieldsOf(few)).not.toThrow();
    expect(() => fieldsOf({ ...few, ignored: [...ignored, ...ignored.map((key) => `${key}x`)] })).toThrow(
      "31 keys at most",
    );
  });

  test("are refused where a path goes through a value", () => {
    expect(() => fieldsOf({ ...WIRE, bids: "symbol.bids" })).toThrow("the path symbol.bids goes through a value");
  });
});
