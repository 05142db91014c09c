import { describe, expect, test } from "vitest";
import { BookAssembler } from "../../src/market-data/book-assembler.ts";
import type { ContinuityRule } from "../../src/market-data/continuity.ts";
import { type FrameInput, frameOf, type LevelInput, snapshotOf } from "./frames.ts";

const LINKED: ContinuityRule = { kind: "sequence", style: "previousId", snapshotSource: "rest", depth: 5 };
const COUNTED: ContinuityRule = { kind: "sequence", style: "contiguous", snapshotSource: "rest", depth: 5 };

const bidsFrom = (best: number): LevelInput[] => Array.from({ length: 5 }, (_, index) => [best - index, "1"]);
const ASKS: LevelInput[] = [["200", "1"]];
const gone = (...prices: number[]): LevelInput[] => prices.map((price) => [price, "0"]);

/** A valid book at update 100 with five bids from 100 down; everything that its listeners heard. */
function valid(rule: ContinuityRule, maxBufferedDiffs?: number) {
  const assembler = new BookAssembler({ tradingPair: "BTC-USD", rule, maxBufferedDiffs });
  const { book } = assembler;
  const snapshot = (updateId: number, bids: readonly LevelInput[]) =>
    assembler.handle(snapshotOf(bids, ASKS, { updateId, timestampMs: updateId }), updateId);
  const diff = (updateId: number, bids: readonly LevelInput[], input: FrameInput = {}) =>
    assembler.handle(
      frameOf({
        updateId,
        firstUpdateId: updateId,
        previousUpdateId: updateId - 1,
        timestampMs: updateId,
        bids,
        ...input,
      }),
      updateId,
    );
  snapshot(100, bidsFrom(100));
  const heard: string[] = [];
  book.onUpdate(() => heard.push(`${book.updateId}: ${book.bestBid?.price.toFixed()}`));
  return { assembler, book, snapshot, diff, heard };
}

describe.each([
  ["ids that name the message before", LINKED],
  ["ids that count", COUNTED],
])("a valid book with %s that awaits a new snapshot", (_, rule) => {
  test("takes one that is older than itself, with the diffs since, and is never seen to go back", () => {
    const { assembler, book, snapshot, diff, heard } = valid(rule);
    assembler.prepareRenewal();
    diff(101, gone(100));
    diff(102, gone(99));
    diff(103, [["98.5", "3"]]);
    expect(snapshot(101, bidsFrom(99))).toBe("applied");
    expect(heard).toEqual(["101: 99", "102: 98", "103: 98.5", "103: 98.5"]);
    expect([book.isValid, book.updateId, book.bidCount, book.bidHorizon?.toFixed()]).toEqual([true, 103, 5, "95"]);
    expect(diff(104, gone(98.5))).toBe("applied");
    expect(book.bestBid?.price.toFixed()).toBe("98");
  });

  test("takes one of its own state, and one that is newer, and goes on from there", () => {
    const { assembler, book, snapshot, diff } = valid(rule);
    assembler.prepareRenewal();
    diff(101, gone(100));
    expect(snapshot(101, bidsFrom(99))).toBe("applied");
    assembler.prepareRenewal();
    expect(snapshot(105, bidsFrom(97))).toBe("applied");
    expect([diff(104, [["99", "9"]]), book.bestBid?.price.toFixed()]).toEqual(["dropped", "97"]);
    expect(diff(106, gone(97))).toBe("applied");
    expect(book.bestBid?.price.toFixed()).toBe("96");
  });

  test("drops one that is older than the diffs it kept, and stays valid", () => {
    const { assembler, book, snapshot, diff, heard } = valid(rule);
    diff(101, gone(100));
    diff(102, gone(99));
    assembler.prepareRenewal();
    diff(103, gone(98));
    const before = heard.length;
    expect(snapshot(100, bidsFrom(100))).toBe("dropped");
    expect([book.isValid, book.bestBid?.price.toFixed(), heard.length]).toEqual([true, "97", before]);
    expect(diff(104, [["97.5", "1"]])).toBe("applied");
  });

  test("drops one that comes unasked and late", () => {
    const { book, snapshot, diff } = valid(rule);
    diff(101, gone(100));
    expect(snapshot(101, bidsFrom(99))).toBe("dropped");
    expect(book.bidCount).toBe(4);
  });

  test("joins it after the price left what was told, with the diffs from before and after that", () => {
    const { assembler, book, snapshot, diff } = valid(rule);
    assembler.prepareRenewal();
    diff(101, gone(100, 99, 98));
    expect(diff(102, [...gone(97, 96), ["94", "2"]])).toBe("broken");
    expect(diff(103, [["95.5", "3"]])).toBe("buffered");
    expect(snapshot(101, [...bidsFrom(97)])).toBe("applied");
    expect([book.isValid, book.bestBid?.price.toFixed(), book.updateId]).toEqual([true, "95.5", 103]);
    expect(book.bids(3).map(({ price }) => price.toFixed())).toEqual(["95.5", "95", "94"]);
  });

  test("does not join one from before a gap", () => {
    const { assembler, book, snapshot, diff } = valid(rule);
    assembler.prepareRenewal();
    diff(101, gone(100));
    expect(diff(105, gone(99))).toBe("broken");
    expect(snapshot(101, bidsFrom(99))).toBe("broken");
    expect(book.isValid).toBe(false);
    expect(snapshot(104, bidsFrom(99))).toBe("applied");
    expect(book.bestBid?.price.toFixed()).toBe("98");
  });

  test("keeps a bounded number of diffs, and drops a snapshot that needs one that went", () => {
    const { assembler, book, snapshot, diff } = valid(rule, 3);
    assembler.prepareRenewal();
    for (let id = 101; id <= 105; id += 1) diff(id, [["100", String(id)]]);
    expect(snapshot(101, bidsFrom(100))).toBe("dropped");
    expect(book.bestBid?.amount.toFixed()).toBe("105");
  });

  test("forgets what it kept with a new connection", () => {
    const { assembler, book, snapshot, diff } = valid(rule);
    assembler.prepareRenewal();
    diff(101, gone(100));
    assembler.invalidate("disconnected", { forget: true });
    snapshot(110, bidsFrom(90));
    expect([book.bestBid?.price.toFixed(), diff(111, gone(90))]).toEqual(["90", "applied"]);
  });

  test("becomes invalid when the diffs after the snapshot take all that it told, and keeps the rest for the next", () => {
    const { assembler, book, snapshot, diff } = valid(rule);
    assembler.prepareRenewal();
    diff(101, gone(100));
    diff(102, [["99.5", "1"], ...gone(99, 98, 97)]);
    diff(103, [["96", "4"]]);
    // The venue's answer has less than the book: it is believed as far as it goes.
    assembler.handle(snapshotOf([["97", "1"]], ASKS, { updateId: 101, depth: 1 }), 0);
    expect(book.isValid).toBe(true);
    assembler.prepareRenewal();
    expect(diff(104, gone(99.5))).toBe("broken");
    expect(snapshot(103, bidsFrom(99.5))).toBe("applied");
    expect(book.bestBid?.price.toFixed()).toBe("98.5");
  });
});

test("a book that heals tells its listeners only the state that the kept diffs lead to", () => {
  const { assembler, diff, snapshot, heard } = valid(LINKED);
  assembler.invalidate("silent", { forget: true });
  diff(111, gone(90));
  diff(112, [["89.5", "1"]]);
  snapshot(110, bidsFrom(90));
  expect(heard).toEqual(["112: 89.5"]);
});

test("a book of the stream has nothing to prepare: its snapshots come in order", () => {
  const rule: ContinuityRule = { kind: "sequence", style: "contiguous", snapshotSource: "stream" };
  const { assembler, diff } = valid(rule, 1);
  assembler.prepareRenewal();
  diff(101, gone(100));
  diff(102, gone(99));
  expect(assembler.counters.overflowed).toBe(0);
});
