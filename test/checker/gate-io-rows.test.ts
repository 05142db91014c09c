import { describe, expect, it } from "vitest";
import { namesOf } from "../../src/checker/names.ts";
import { saidOf } from "../../src/checker/order-rows.ts";

const names = namesOf("gate_io_perpetual", "USDT");
const said = (row: object) => saidOf(JSON.stringify([row]), new Set(["t-pw-1"]), names);
const ORDER = { id: 7, text: "t-pw-1", status: "finished", size: -5, left: -5 };

describe("the second checker, on a row of Gate.io", () => {
  it.each([
    ["filled", { ...ORDER, finish_as: "filled", left: 0 }, { isTraded: true, isEnded: false, isRejected: false }],
    ["canceled", { ...ORDER, finish_as: "cancelled" }, { isTraded: false, isEnded: true, isRejected: false }],
    ["partly left", { ...ORDER, finish_as: "ioc", left: -2 }, { isTraded: true, isEnded: true, isRejected: false }],
    ["open", { ...ORDER, status: "open" }, { isTraded: false, isEnded: false, isRejected: false }],
  ] as const)("reads an order that is %s", (_, row, expected) => {
    expect(said(row)).toEqual(expected);
  });

  it("takes a fill by the order's id for a trade of it", () => {
    const fill = { id: 91, order_id: "7", size: -5, fee: "0.1", price: "1" };
    expect(saidOf(JSON.stringify([fill]), new Set(["7"]), names)?.isTraded).toBe(true);
  });
});
