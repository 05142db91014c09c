import { describe, expect, test } from "vitest";
import { BookAssembler } from "../../src/market-data/book-assembler.ts";
import type { BookChecksum } from "../../src/market-data/book-checksum.ts";
import type { ContinuityRule } from "../../src/market-data/continuity.ts";
import { FtxChecksum } from "../../src/venues/ftx/checksum.ts";
import { type FrameInput, frameOf, snapshotOf } from "./frames.ts";

const BYBIT: ContinuityRule = { kind: "sequence", style: "contiguous", snapshotSource: "stream" };
const BINANCE: ContinuityRule = { kind: "sequence", style: "previousId", snapshotSource: "rest" };
const OKX: ContinuityRule = { kind: "sequence", style: "previousId", snapshotSource: "stream" };
const KUCOIN: ContinuityRule = { kind: "sequence", style: "contiguous", snapshotSource: "rest" };
const FTX: ContinuityRule = { kind: "checksum", depth: 100, createChecksum: () => new FtxChecksum(100) };

/** A book that is fed by hand; each diff sets the best bid's size to its id, so the book tells what it holds. */
function booked(rule: ContinuityRule, maxBufferedDiffs?: number) {
  const assembler = new BookAssembler({ tradingPair: "BTC-USD", rule, maxBufferedDiffs });
  const { book } = assembler;
  return {
    assembler,
    book,
    snapshot: (updateId: number, input: FrameInput = {}) =>
      assembler.handle(
        snapshotOf([["99", updateId]], [["100", "1"]], { updateId, timestampMs: updateId, ...input }),
        0,
      ),
    diff: (updateId: number, input: FrameInput = {}) =>
      assembler.handle(frameOf({ updateId, timestampMs: updateId, bids: [["99", updateId]], ...input }), 0),
    holds: () => book.bestBid?.amount.toNumber(),
  };
}

describe("contiguous ids (Bybit)", () => {
  test("diffs in order are applied", () => {
    const { snapshot, diff, holds } = booked(BYBIT);
    expect([snapshot(10), diff(11), diff(12)]).toEqual(["applied", "applied", "applied"]);
    expect(holds()).toBe(12);
  });

  test("diffs before the first snapshot are dropped", () => {
    const { assembler, snapshot, diff, holds } = booked(BYBIT);
    expect([diff(9), snapshot(10), diff(11)]).toEqual(["dropped", "applied", "applied"]);
    expect(assembler.counters.dropped).toBe(1);
    expect(holds()).toBe(11);
  });

  test("a lost diff breaks the book until the next snapshot", () => {
    const { assembler, book, snapshot, diff, holds } = booked(BYBIT);
    expect([snapshot(10), diff(12), diff(13)]).toEqual(["applied", "broken", "dropped"]);
    expect(() => book.bestBid).toThrow("gap: the book is at 10, the message is 12 (from 12)");
    expect(assembler.counters.gaps).toBe(1);
    expect([snapshot(14), diff(15)]).toEqual(["applied", "applied"]);
    expect(holds()).toBe(15);
  });

  test("a repeated diff is dropped, the last one and an older one", () => {
    const { snapshot, diff, holds } = booked(BYBIT);
    expect([snapshot(10), diff(11), diff(12), diff(12), diff(11)]).toEqual([
      "applied",
      "applied",
      "applied",
      "dropped",
      "dropped",
    ]);
    expect(holds()).toBe(12);
  });

  test("reordered diffs break the book", () => {
    const { snapshot, diff } = booked(BYBIT);
    expect([snapshot(10), diff(12), diff(11)]).toEqual(["applied", "broken", "dropped"]);
  });

  test("id 1 is a restart that replaces the book although it is called a diff", () => {
    const { book, snapshot, diff } = booked(BYBIT);
    snapshot(10);
    expect(diff(1, { timestampMs: 11, bids: [["50", "5"]], asks: [["51", "0"]] })).toBe("applied");
    expect([book.bidCount, book.askCount, book.bestBid?.price.toFixed()]).toEqual([1, 0, "50"]);
    expect(diff(2, { timestampMs: 12 })).toBe("applied");
  });

  test("a restart also starts a book that waits", () => {
    const { diff, holds } = booked(BYBIT);
    expect([diff(1), diff(2)]).toEqual(["applied", "applied"]);
    expect(holds()).toBe(2);
  });

  test("ids that went back while time went on are a restart that was missed", () => {
    const { snapshot, diff } = booked(BYBIT);
    snapshot(1_000);
    expect(diff(3, { timestampMs: 2_000 })).toBe("broken");
  });

  test("any later snapshot replaces the book, an older one too", () => {
    const { snapshot, diff, holds } = booked(BYBIT);
    expect([snapshot(10), snapshot(5), diff(6)]).toEqual(["applied", "applied", "applied"]);
    expect(holds()).toBe(6);
  });
});

describe("ids of the message before and a REST snapshot (Binance)", () => {
  const linked = (firstUpdateId: number, previousUpdateId: number): FrameInput => ({ firstUpdateId, previousUpdateId });

  test("diffs wait for the snapshot: older ones are dropped and the one that straddles it is applied", () => {
    const { assembler, snapshot, diff, holds } = booked(BINANCE);
    const early = [diff(100, linked(95, 94)), diff(110, linked(105, 100)), diff(120, linked(115, 110))];
    expect(early).toEqual(["buffered", "buffered", "buffered"]);
    expect(snapshot(107)).toBe("applied");
    expect(holds()).toBe(120);
    expect(assembler.counters.dropped).toBe(1);
    expect(diff(130, linked(125, 120))).toBe("applied");
  });

  test("the ids between messages have holes, so only the link counts", () => {
    const { snapshot, diff } = booked(BINANCE);
    snapshot(107);
    expect([diff(110, linked(105, 100)), diff(130, linked(126, 110))]).toEqual(["applied", "applied"]);
    expect(diff(150, linked(131, 129))).toBe("broken");
  });

  test("a first diff that directly continues the snapshot is applied", () => {
    const { snapshot, diff, holds } = booked(BINANCE);
    snapshot(107);
    expect(diff(115, linked(110, 107))).toBe("applied");
    expect(holds()).toBe(115);
  });

  test("a snapshot in a hole between two diffs is continued by the second", () => {
    const { snapshot, diff, holds } = booked(BINANCE);
    snapshot(112);
    expect([diff(110, linked(105, 100)), diff(120, linked(115, 110))]).toEqual(["dropped", "applied"]);
    expect(holds()).toBe(120);
  });

  test("a snapshot older than every diff is a gap, and the diffs are kept for the next snapshot", () => {
    const { book, snapshot, diff, holds } = booked(BINANCE);
    diff(110, linked(105, 100));
    diff(120, linked(115, 110));
    expect(snapshot(90)).toBe("broken");
    expect(book.isValid).toBe(false);
    expect(snapshot(112)).toBe("applied");
    expect(holds()).toBe(120);
  });

  test("the diff that shows a gap is kept for the next snapshot", () => {
    const { snapshot, diff, holds } = booked(BINANCE);
    snapshot(107);
    diff(110, linked(105, 100));
    expect(diff(150, linked(145, 140))).toBe("broken");
    expect(diff(160, linked(155, 150))).toBe("buffered");
    expect(snapshot(148)).toBe("applied");
    expect(holds()).toBe(160);
  });

  test("a snapshot that comes late does not take the book back", () => {
    const { snapshot, diff, holds } = booked(BINANCE);
    snapshot(107);
    diff(110, linked(105, 100));
    expect(snapshot(108)).toBe("dropped");
    expect(holds()).toBe(110);
  });

  test("repeated diffs are dropped", () => {
    const { snapshot, diff } = booked(BINANCE);
    snapshot(107);
    diff(110, linked(105, 100));
    expect(diff(110, linked(105, 100))).toBe("dropped");
    expect(diff(100, linked(95, 94))).toBe("dropped");
  });

  test("the buffer is bounded: the oldest diffs go, and their loss is noticed", () => {
    const { assembler, snapshot, diff } = booked(BINANCE, 3);
    for (let id = 1; id <= 5; id += 1) diff(id * 10, linked(id * 10 - 5, id * 10 - 10));
    expect(assembler.counters.overflowed).toBe(2);
    expect(snapshot(12)).toBe("broken");
    expect(snapshot(31)).toBe("applied");
  });
});

test("OKX: an id may fall as long as the link holds, and a message without change keeps the book", () => {
  const { snapshot, diff } = booked(OKX);
  snapshot(100);
  expect(diff(100, { previousUpdateId: 100, bids: [] })).toBe("applied");
  expect(diff(3, { previousUpdateId: 100, timestampMs: 200 })).toBe("applied");
  expect(diff(5, { previousUpdateId: 3, timestampMs: 201 })).toBe("applied");
  expect(diff(9, { previousUpdateId: 8, timestampMs: 202 })).toBe("broken");
});

test("contiguous ranges join a REST snapshot where they reach over it", () => {
  const { snapshot, diff, holds } = booked(KUCOIN);
  diff(12, { firstUpdateId: 11 });
  diff(16, { firstUpdateId: 13 });
  expect(snapshot(14)).toBe("applied");
  expect(holds()).toBe(16);
  expect(diff(20, { firstUpdateId: 17 })).toBe("applied");
  expect(diff(25, { firstUpdateId: 22 })).toBe("broken");
});

test("FTX: a message without a checksum proves nothing and breaks the book", () => {
  const { assembler, book } = booked(FTX);
  const checksum = 941346228;
  const bids = [
    [5000.5, 10],
    [4995, 5],
  ] as const;
  assembler.handle(snapshotOf(bids, [[5001, 6]], { checksum }), 0);
  expect(book.isValid).toBe(true);
  expect(assembler.handle(frameOf({ asks: [[5002, 7]] }), 0)).toBe("broken");
  expect(book.invalidReason).toBe("gap: a message without a checksum");
});

test("a snapshot that is not sound leaves the book waiting", () => {
  const { assembler, book, snapshot } = booked(BYBIT);
  expect(snapshot(10, { bids: [["99", "-1"]] })).toBe("applied");
  expect(assembler.handle(snapshotOf([["101", "1"]], [["100", "1"]], { updateId: 11 }), 0)).toBe("broken");
  expect(assembler.isWaiting).toBe(true);
  expect(book.invalidReason).toBe("crossed snapshot");
  expect(assembler.counters.rejected).toBe(1);
});

test("a venue brings its checksum: it is made for each book apart, and a message that it does not fit breaks the book", () => {
  let made = 0;
  const createChecksum = (): BookChecksum => {
    made += 1;
    return { of: ({ bids, asks, sizeScale }) => Number(bids.sizeAt(0) + asks.priceAt(0)) * 10 + sizeScale };
  };
  const rule: ContinuityRule = { kind: "checksum", depth: 100, createChecksum };
  const { assembler, book } = booked(rule);
  booked(rule);
  expect(made).toBe(2);
  assembler.handle(snapshotOf([["99", "1"]], [["100", "1"]], { checksum: 1_010 }), 0);
  assembler.handle(frameOf({ bids: [["99", "2.5"]], checksum: 1_251 }), 0);
  expect(book.isValid).toBe(true);
  assembler.handle(frameOf({ bids: [["99", "3"]], checksum: 1_251 }), 0);
  expect(book.invalidReason).toBe("checksum mismatch");
});

describe("a venue whose messages are whole books", () => {
  const rule = (order: "updateId" | "timestamp"): ContinuityRule => ({ kind: "snapshots", order, depth: 2 });

  test("has a snapshot dropped that is older than the book, by its time", () => {
    const { assembler, snapshot, holds } = booked(rule("timestamp"));
    const steps = [1_000, 2_000, 1_500, 2_000, 2_001].map((timestampMs) =>
      snapshot(timestampMs, { updateId: Number.NaN }),
    );
    expect(steps).toEqual(["applied", "applied", "dropped", "applied", "applied"]);
    expect(holds()).toBe(2_001);
    expect(assembler.counters).toMatchObject({ applied: 4, snapshots: 4, dropped: 1, gaps: 0 });
  });

  test("has a snapshot dropped that is older than the book, by its id, whatever ids lie between", () => {
    const { snapshot, holds } = booked(rule("updateId"));
    const steps = [10, 30, 20, 30, 31].map((updateId) => snapshot(updateId, { timestampMs: 5 }));
    expect(steps).toEqual(["applied", "applied", "dropped", "applied", "applied"]);
    expect(holds()).toBe(31);
  });

  test("starts over where its time goes back by more than a message can be late", () => {
    const { snapshot, holds } = booked(rule("timestamp"));
    const steps = [10_000_000, 6_400_000, 6_401_000].map((timestampMs) =>
      snapshot(timestampMs, { updateId: Number.NaN }),
    );
    expect(steps).toEqual(["applied", "applied", "applied"]);
    expect(holds()).toBe(6_401_000);
  });

  test("starts over with ids that go back while its time goes on", () => {
    const { snapshot, holds } = booked(rule("updateId"));
    expect([snapshot(30, { timestampMs: 5 }), snapshot(1, { timestampMs: 6 })]).toEqual(["applied", "applied"]);
    expect(holds()).toBe(1);
  });

  test("has the first snapshot of a new connection taken, whatever its order", () => {
    const { assembler, snapshot } = booked(rule("timestamp"));
    snapshot(2_000);
    assembler.invalidate("disconnected", { forget: true });
    expect(snapshot(1_500)).toBe("applied");
  });

  test("is known down to the depth of its snapshots, and a change breaks its book", () => {
    const { assembler, book, diff } = booked(rule("timestamp"));
    const [first, second] = [
      ["99", "1"],
      ["98", "1"],
    ] as const;
    assembler.handle(snapshotOf([first, second], [["100", "1"]], { timestampMs: 1_000 }), 0);
    expect([book.bidHorizon?.toFixed(), book.askHorizon]).toEqual(["98", undefined]);
    expect(diff(1_001)).toBe("broken");
    expect(book.invalidReason).toBe("gap: a change where the venue's rule is that each message is the whole book");
  });
});
