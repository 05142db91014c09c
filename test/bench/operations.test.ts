import { expect, it } from "vitest";
import { ownBook, ownEngine } from "../../bench/box/matchers.ts";
import { operationsOf } from "../../bench/box/operations.ts";

it("the book alone and the whole engine trade the same amounts of the same orders", () => {
  const next = operationsOf(7);
  const [book, engine] = [ownBook(), ownEngine()];
  for (let round = 0; round < 5; round += 1) {
    for (const operation of next(400)) {
      book.execute(operation);
      engine.execute(operation);
    }
    expect(book.tradedLots()).toBe(engine.tradedLots());
  }
  expect(book.tradedLots()).toBeGreaterThan(0);
});

it("an order is placed before it is canceled, and the same seed gives the same orders", () => {
  const operations = operationsOf(3)(2_000);
  const placed = new Set<number>();
  for (const operation of operations) {
    if (operation.kind === "place") placed.add(operation.id);
    else expect(placed).toContain(operation.id);
  }
  expect(operationsOf(3)(2_000)).toEqual(operations);
});
