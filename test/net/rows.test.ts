import { describe, expect, test } from "vitest";
import { AbortError } from "../../src/model/error.ts";
import { assertAcknowledges, readRows, type UnreadableRow } from "../../src/net/rows.ts";

const number = (row: unknown): number => {
  if (typeof row !== "number") throw new TypeError(`${String(row)} is not a number`);
  return row;
};

describe("rows of a list", () => {
  test("are read one by one: an unreadable one is reported and its neighbours are kept", () => {
    const unreadable: UnreadableRow[] = [];
    expect(readRows("a row of GET /orders", [1, "two", 3], number, (row) => unreadable.push(row))).toEqual([1, 3]);
    expect(unreadable).toMatchObject([
      { what: "a row of GET /orders", reason: expect.stringContaining("two is not a number"), row: "two" },
    ]);
  });

  test("may give none or several values each", () => {
    const twice = (row: number) => (row === 0 ? undefined : [row, row]);
    expect(readRows("a row", [0, 1], twice, undefined)).toEqual([1, 1]);
  });

  test("throw the first failure where nobody hears of it, and an abort always", () => {
    expect(() => readRows("a row", ["two"], number, undefined)).toThrow("two is not a number");
    const aborts = () => {
      throw new AbortError();
    };
    expect(() => readRows("a row", [1], aborts, () => undefined)).toThrow(AbortError);
  });
});

describe("an acknowledgement", () => {
  const answer = { exchangeOrderId: "7", clientOrderId: "theirs" };

  test("of an order that is known by its exchange id alone may name the client id that the venue knows", () => {
    expect(() => assertAcknowledges("V", { exchangeOrderId: "7", clientOrderId: "" }, answer)).not.toThrow();
  });

  test("that names another order by either id is refused", () => {
    expect(() => assertAcknowledges("V", { exchangeOrderId: "8", clientOrderId: "" }, answer)).toThrow("another order");
    expect(() => assertAcknowledges("V", { exchangeOrderId: "7", clientOrderId: "ours" }, answer)).toThrow(
      "another order",
    );
  });
});
