import { describe, expect, test } from "vitest";
import { type BookChange, OrderBook } from "../../src/market-data/order-book.ts";
import { frameOf, snapshotOf } from "./frames.ts";

function watched() {
  const book = new OrderBook("BTC-USDT");
  const told: (readonly string[])[] = [];
  let kept: BookChange | undefined;
  book.onUpdate((_book, change) => {
    kept = change;
    const { isWhole, bids, asks } = change;
    const range = (side: typeof bids) => (side === undefined ? "none" : `${side.best} to ${side.worst}`);
    told.push([isWhole ? "whole" : "part", range(bids), range(asks)]);
  });
  const snapshot = snapshotOf([["99.5", "1"]], [["100", "2"]]);
  book.apply(snapshot, 0);
  return { book, told, change: () => kept as BookChange };
}

describe("a listener of a book hears", () => {
  test("that a snapshot changed the whole of it", () => {
    expect(watched().told).toEqual([["whole", "none", "none"]]);
  });

  test("between which prices a message changed each side", () => {
    const { book, told } = watched();
    const bids = [
      ["98.25", "1"],
      ["99.5", "0"],
      ["99", "3"],
    ] as const;
    book.apply(frameOf({ bids }), 0);
    book.apply(frameOf({ asks: [["101", "1"]] }), 0);
    expect(told.slice(1)).toEqual([
      ["part", "99.5 to 98.25", "none"],
      ["part", "none", "101 to 101"],
    ]);
  });

  test("the same where numbers have more than fifteen digits", () => {
    const { book, told } = watched();
    book.apply(
      frameOf({
        asks: [
          ["100.12345678901234567", "1"],
          ["100.5", "2"],
        ],
      }),
      0,
    );
    expect(book.isWide).toBe(true);
    expect(told.at(-1)).toEqual(["part", "none", "100.12345678901234567 to 100.5"]);
  });

  // Prices of a message are of one scale only where the book needed no more than fifteen digits before it.
  test("the same of a short message to a book whose numbers have more than fifteen digits", () => {
    const { book, told } = watched();
    book.apply(frameOf({ asks: [["100.12345678901234567", "1"]] }), 0);
    const bids = [
      ["98.25", "1"],
      ["99.5", "2"],
      ["7", "2"],
    ] as const;
    book.apply(frameOf({ bids }), 0);
    expect(book.isWide).toBe(true);
    expect(told.at(-1)).toEqual(["part", "99.5 to 7", "none"]);
  });

  test("that several messages at once changed the whole of it", () => {
    const { book, told } = watched();
    book.apply(frameOf({ bids: [["98", "1"]] }), 0, false, true);
    book.announce();
    expect(told.at(-1)).toEqual(["whole", "none", "none"]);
  });

  test("of several messages at once where a listener before it applied the next", () => {
    const book = new OrderBook("BTC-USDT");
    const told: unknown[] = [];
    book.onUpdate(() => {
      if (book.version === 1) book.apply(frameOf({ bids: [["98", "1"]] }), 0);
    });
    book.onUpdate((_book, change) => told.push([change.isWhole, change.bids?.best.toFixed()]));
    book.apply(snapshotOf([["99.5", "1"]], [["100", "2"]]), 0);
    expect(told).toEqual([
      [false, "98"],
      [true, undefined],
    ]);
  });

  test("nothing of it when it has returned", () => {
    const { change } = watched();
    expect(() => change().isWhole).toThrow("read after its listener had returned");
  });
});

describe("a listener that stops itself while it is called", () => {
  test("leaves the next one to be called for the same message", () => {
    const book = new OrderBook("BTC-USDT");
    const called: string[] = [];
    const stop = book.onUpdate(() => {
      called.push("first");
      stop();
    });
    book.onUpdate(() => called.push("second"));
    book.apply(snapshotOf([["99.5", "1"]], [["100", "2"]]), 0);
    book.apply(frameOf({ bids: [["98", "1"]] }), 0);
    expect(called).toEqual(["first", "second", "second"]);
  });

  test("and one that stops another is the last to be called", () => {
    const book = new OrderBook("BTC-USDT");
    const called: string[] = [];
    book.onUpdate(() => stopOther());
    const stopOther = book.onUpdate(() => called.push("other"));
    book.apply(snapshotOf([["99.5", "1"]], [["100", "2"]]), 0);
    expect(called).toEqual([]);
  });
});
