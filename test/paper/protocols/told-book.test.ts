import { describe, expect, it } from "vitest";
import type { BookSides } from "../../../src/paper/protocols/book-levels.ts";
import { PastViews } from "../../../src/paper/protocols/past-views.ts";
import { ToldBook, type ToldView } from "../../../src/paper/protocols/told-book.ts";

const FIRST: BookSides = { bids: [[99n, 5n]], asks: [[101n, 7n]] };
const SECOND: BookSides = { bids: [[99n, 6n]], asks: [[102n, 7n]] };

function books(isStale = false) {
  const faults = {
    happens: () => isStale,
    isOn: () => isStale,
    isInMaintenance: () => false,
    requestFault: () => undefined,
  };
  const state = { sides: FIRST, nowMs: 0 };
  const book = new ToldBook<number>({
    name: "BTC",
    past: new PastViews<ToldView<number>>(faults),
    now: () => state.nowMs,
    view: () => state.sides,
    stampAfter: (last = 0) => last + 1,
  });
  return { book, state };
}

describe("a book as it was told", () => {
  it("tells what has changed since, with the next number", () => {
    const { book, state } = books();
    state.sides = SECOND;
    expect(book.update()).toEqual({
      bids: [[99n, 6n]],
      asks: [
        [101n, 0n],
        [102n, 7n],
      ],
    });
    expect(book.told).toEqual({ sides: SECOND, stamp: 2 });
  });

  it("keeps its number where nothing has changed", () => {
    const { book } = books();
    expect(book.update()).toBeUndefined();
    expect(book.told.stamp).toBe(1);
  });

  it("is the one that was told last for a new listener, though the book has moved", () => {
    const { book, state } = books();
    state.sides = SECOND;
    expect(book.shown()).toEqual({ sides: FIRST, stamp: 1 });
  });

  it("is an old one where a fault wants it so", () => {
    const { book, state } = books(true);
    state.nowMs = 1_000;
    state.sides = SECOND;
    book.update();
    expect(book.shown()).toEqual({ sides: FIRST, stamp: 1 });
  });

  it("takes other numbers without another level", () => {
    const { book } = books();
    book.renumber();
    expect(book.told).toEqual({ sides: FIRST, stamp: 2 });
  });
});
