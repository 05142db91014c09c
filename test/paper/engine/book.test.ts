import { describe, expect, it } from "vitest";
import { Book, type Resting } from "../../../src/paper/engine/book.ts";
import type { EngineEvent, Side } from "../../../src/paper/engine/types.ts";

interface Order extends Resting<Order> {
  readonly name: string;
  filled: bigint;
}

function order(name: string, side: Side, size: bigint): Order {
  return { name, side, size, filled: 0n, level: null, ahead: null, behind: null };
}

function bookWith(...rows: readonly (readonly [name: string, side: Side, price: bigint, size: bigint])[]): Book<Order> {
  const book = new Book<Order>(1n, () => undefined);
  for (const [name, side, price, size] of rows) book.add(order(name, side, size), price);
  book.reportChanges("M", []);
  return book;
}

/** Trades as an exchange without accounts would; returns who gave how much at which price. */
function take(book: Book<Order>, taker: Order, limit: bigint): string[] {
  const trades: string[] = [];
  book.match(taker, limit, (maker, price) => {
    const left = maker.size - maker.filled;
    const wanted = taker.size - taker.filled;
    const size = left < wanted ? left : wanted;
    if (size === left) book.remove(maker);
    else book.shrink(maker, size);
    maker.filled += size;
    taker.filled += size;
    trades.push(`${maker.name} ${size} @ ${price}`);
  });
  return trades;
}

describe("matching in a book", () => {
  it("meets the best price first, the oldest order at a price first, and nothing beyond the limit", () => {
    const book = bookWith(
      ["b", "sell", 102n, 5n],
      ["a", "sell", 101n, 2n],
      ["c", "sell", 101n, 3n],
      ["d", "sell", 104n, 9n],
    );
    const taker = order("t", "buy", 20n);
    expect(take(book, taker, 103n)).toEqual(["a 2 @ 101", "c 3 @ 101", "b 5 @ 102"]);
    expect(taker.filled).toBe(10n);
    expect(book.levels("sell", 10)).toEqual([[104n, 9n]]);
  });

  it("ends where the order is done, and leaves the rest of the last one at its place", () => {
    const book = bookWith(["a", "buy", 99n, 4n], ["b", "buy", 99n, 4n], ["c", "buy", 98n, 1n]);
    expect(take(book, order("t", "sell", 5n), 1n)).toEqual(["a 4 @ 99", "b 1 @ 99"]);
    expect(take(book, order("u", "sell", 9n), 99n)).toEqual(["b 3 @ 99"]);
    expect(book.levels("buy", 10)).toEqual([[98n, 1n]]);
    const events: EngineEvent[] = [];
    book.reportChanges("M", events);
    expect(events).toEqual([{ type: "bookLevel", market: "M", side: "buy", price: 99n, size: 0n }]);
  });

  it("meets nobody in an empty book, and none for an order that has nothing left", () => {
    expect(take(bookWith(), order("t", "buy", 5n), 100n)).toEqual([]);
    expect(take(bookWith(["a", "sell", 1n, 1n]), order("t", "buy", 0n), 100n)).toEqual([]);
  });
});
