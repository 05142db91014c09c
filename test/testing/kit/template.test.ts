import { describe, expect, it } from "vitest";
import { differences, fill, isLike, placeholdersIn, repeated } from "../../../src/testing/kit/template.ts";

describe("a template", () => {
  const VALUES = {
    side: "sell",
    amount: "1.5",
    positionSide: "long",
    nowMs: 1_663_150_503_114,
    frame: { args: [1, 2] },
  };
  const WORDS = { side: { buy: "BUY", sell: "SELL" }, idx: { of: "positionSide", both: 0, long: 1, short: 2 } };

  it.each([
    ["a word of the venue", "{side}", "SELL"],
    ["a word made from another value", "{idx}", 1],
    ["a part of a longer text", "o-{side:lower}-{amount}", "o-sell-1.5"],
    ["a number", "{amount:number}", 1.5],
    ["text of a number", "{nowMs:text}", "1663150503114"],
    ["a sum", "{nowMs-60000+1:number}", 1_663_150_443_115],
    ["a time in ISO 8601", "{nowMs:iso}", "2022-09-14T10:15:03.114Z"],
    ["a time in seconds", "{nowMs:seconds}", 1_663_150_503.114],
    ["a time in nanoseconds", "{nowMs:ns}", "1663150503114000000"],
    ["a list as it is", "{frame.args}", [1, 2]],
    ["a name without a value", "{price} at {nothing.at.all}", "{price} at {nothing.at.all}"],
    ["text that only looks like one", "{ not json", "{ not json"],
  ])("fills %s", (_, template, filled) => {
    expect(fill(template, VALUES, WORDS)).toEqual(filled);
  });

  it("fills keys, lists and objects, and repeats rows by their index", () => {
    const rows = [repeated(2, { id: "{index+7:number}", t: "{nowMs-1000*index:number}" }), "{side}"];
    expect(fill({ "{side}": rows }, VALUES)).toEqual({
      sell: [{ id: 7, t: 1_663_150_503_114 }, { id: 8, t: 1_663_150_502_114 }, "sell"],
    });
  });

  it("keeps every digit of an amount", () => {
    expect(fill("{amount-0.5}", { amount: "1" })).toBe("{amount-0.5}");
    expect(fill("{amount}", { amount: "0.123456789012345678" })).toBe("0.123456789012345678");
    expect(fill("{id+1}", { id: "9007199254740993" })).toBe("9007199254740994");
  });

  it("refuses a format that it does not know", () => {
    expect(() => fill("{amount:roman}", VALUES)).toThrow(/no format ":roman"/);
  });

  it("names the placeholders that are left", () => {
    expect(placeholdersIn({ a: ["{x} and {nowMs:iso}", 1], b: null })).toEqual(["{x}", "{nowMs:iso}"]);
  });
});

describe("a frame is like a part of it", () => {
  it.each([
    ["when the fields that are named are equal", { op: "s" }, { op: "s", id: 1 }, true],
    ["by a pattern", { args: ["book.*"] }, { args: ["trade.X", "book.200.X"] }, true],
    ["whatever a field holds", { op: "*" }, { op: 7 }, true],
    ["not when a field is missing", { op: "*" }, {}, false],
    ["not when an item of a list is missing", { args: ["book.*"] }, { args: ["trade.X"] }, false],
    ["not when a dot stands for a letter", { op: "a.c" }, { op: "abc" }, false],
    ["text by text", "ping", "ping", true],
    ["not when it is no object", { op: "s" }, null, false],
  ])("%s", (_, part, frame, expected) => {
    expect(isLike(part, frame)).toBe(expected);
  });
});

describe("a request and its shape", () => {
  it("differ by a field that is wrong, missing or too many", () => {
    const shape = { side: "BUY", price: "*", none: undefined, deep: { list: ["a", "b"] } };
    expect(differences(shape, { side: "BUY", price: "1", deep: { list: ["a", "b"] } })).toEqual([]);
    expect(differences(shape, { side: "SELL", none: 1, more: 2, deep: { list: ["a", "c"] } })).toEqual([
      'side is "SELL", expected "BUY"',
      'price is not there, expected "*"',
      "none is 1, expected not there",
      'deep.list[1] is "c", expected "b"',
      "more is 2, expected not there",
    ]);
  });

  it("may have further fields where the shape says so, and never other types", () => {
    expect(differences({ a: "1" }, { a: "1", b: 2 }, true)).toEqual([]);
    expect(differences({ a: "1" }, { a: 1 }, true)).toEqual(['a is 1, expected "1"']);
    expect(differences({ a: [1] }, { a: [1, 2] }, true)).toHaveLength(1);
  });
});
