import { describe, expect, test } from "vitest";
import { BookAssembler } from "../../src/market-data/book-assembler.ts";
import type { ContinuityRule } from "../../src/market-data/continuity.ts";
import { OrderBook } from "../../src/market-data/order-book.ts";
import { manifest as binance } from "../../src/venues/binance/manifest.ts";
import { manifest as bybit } from "../../src/venues/bybit/manifest.ts";
import { FtxChecksum } from "../../src/venues/ftx/checksum.ts";
import { manifest as ftx } from "../../src/venues/ftx/manifest.ts";
import { manifest as okx } from "../../src/venues/okx/manifest.ts";
import { checksumOf, type FrameInput, frameOf, type LevelInput, snapshotOf, textOf } from "./frames.ts";

/** Bids from 1000 down, one at each whole price. */
const bidsDown = (count: number, from = 1_000): LevelInput[] =>
  Array.from({ length: count }, (_, index) => [from - index, "1"]);
const asksUp = (count: number, from = 1_001): LevelInput[] =>
  Array.from({ length: count }, (_, index) => [from + index, "1"]);
const gone = (levels: readonly LevelInput[]): LevelInput[] => levels.map(([price]) => [price, "0"]);

const REST: ContinuityRule = { kind: "sequence", style: "previousId", snapshotSource: "rest", depth: 10 };

/** A book whose diffs are of the whole book, joined with a snapshot of ten levels a side. */
function joined(rule: ContinuityRule = REST, maxLevels?: number) {
  const assembler = new BookAssembler({ tradingPair: "BTC-USD", rule, maxLevels });
  const { book } = assembler;
  let id = 100;
  const diff = (input: FrameInput) => {
    id += 1;
    return assembler.handle(
      frameOf({ updateId: id, firstUpdateId: id, previousUpdateId: id - 1, timestampMs: id, ...input }),
      id,
    );
  };
  const snapshot = (bids: readonly LevelInput[], asks: readonly LevelInput[], input: FrameInput = {}) =>
    assembler.handle(snapshotOf(bids, asks, { updateId: id, timestampMs: id, ...input }), id);
  return { assembler, book, diff, snapshot, at: () => id };
}

const ends = (book: OrderBook) => [book.bidHorizon?.toFixed(), book.askHorizon?.toFixed()];

describe("a book from a snapshot that was cut off at a depth", () => {
  test("knows each side down to the worst level that it was told", () => {
    const { book, snapshot } = joined();
    snapshot(bidsDown(10), asksUp(3));
    expect(ends(book)).toEqual(["991", undefined]);
    expect(book.isNearHorizon).toBe(false);
  });

  test("does not take a level beyond, which would look as if there were none in between", () => {
    const { book, snapshot, diff } = joined();
    snapshot(bidsDown(10), asksUp(10));
    diff({ bids: [["900", "7"]], asks: [["1100", "7"]] });
    expect([book.bidCount, book.askCount]).toEqual([10, 10]);
    expect(ends(book)).toEqual(["991", "1010"]);
    diff({ bids: [["995.5", "2"]] });
    expect(book.bidCount).toBe(11);
  });

  test("becomes invalid when the price leaves what it was told, and no deep level becomes the best", () => {
    const { assembler, book, snapshot, diff } = joined();
    snapshot(bidsDown(10), asksUp(10));
    expect(diff({ bids: [...gone(bidsDown(10)), ["900", "7"]] })).toBe("broken");
    expect(() => book.bestBid).toThrow("the price left the levels that the venue told");
    expect([book.isValid, book.bidCount, assembler.counters.exhausted]).toEqual([false, 0, 1]);
  });

  test("becomes invalid on the side of the asks too", () => {
    const { book, snapshot, diff } = joined();
    snapshot(bidsDown(10), asksUp(10));
    expect(diff({ asks: [...gone(asksUp(10)), ["1100", "7"]] })).toBe("broken");
    expect(book.isValid).toBe(false);
  });

  test("stays valid, with nobody there, when a side that is whole becomes empty", () => {
    const { book, snapshot, diff } = joined();
    snapshot(bidsDown(9), asksUp(9));
    expect(diff({ bids: gone(bidsDown(9)) })).toBe("applied");
    expect([book.isValid, book.bestBid, ...ends(book)]).toEqual([true, undefined, undefined, undefined]);
  });

  test("joins the next snapshot with the diff that took the last level, when it is older than that", () => {
    const { book, snapshot, diff, at } = joined();
    snapshot(bidsDown(10), asksUp(10));
    diff({ bids: [["995", "2"]] });
    const before = at();
    // More digits than the book has: what is kept must not be brought back to fewer.
    expect(diff({ bids: [...gone(bidsDown(10)), ["990.25", "7"]], asks: [["1000.5", "1"]] })).toBe("broken");
    snapshot(bidsDown(10), asksUp(10), { updateId: before });
    expect(book.isValid).toBe(false);
    snapshot([...bidsDown(10), [990, "1"]], asksUp(10), { updateId: before, depth: 11 });
    expect([book.bestBid?.price.toFixed(), book.bestAsk?.price.toFixed()]).toEqual(["990.25", "1000.5"]);
    expect(diff({ bids: [["990.5", "1"]] })).toBe("applied");
    expect(textOf(book.bids())).toEqual([
      ["990.5", "1"],
      ["990.25", "7"],
      ["990", "1"],
    ]);
  });

  test("keeps its horizon through more digits, and through values of more than 15", () => {
    const { book, snapshot, diff } = joined();
    snapshot(bidsDown(10), asksUp(10));
    diff({ bids: [["990.75", "1"]], asks: [["1010.25", "1"]] });
    expect(ends(book)).toEqual(["991", "1010"]);
    diff({ bids: [["999.00000000000000000001", "1"]] });
    expect(book.isWide).toBe(true);
    diff({ bids: [["990.999999999999999999999", "1"]], asks: [["1010.000000000000000000001", "1"]] });
    expect([book.bidCount, book.askCount, ...ends(book)]).toEqual([11, 10, "991", "1010"]);
    expect(diff({ asks: gone(asksUp(10)) })).toBe("broken");
  });

  test("takes the depth of a frame before the depth of its rule", () => {
    const { book, snapshot } = joined();
    snapshot(bidsDown(10), asksUp(4), { depth: 4 });
    expect(ends(book)).toEqual(["991", "1004"]);
    const whole = joined();
    whole.snapshot(bidsDown(10), asksUp(10), { depth: 1_000 });
    expect(ends(whole.book)).toEqual([undefined, undefined]);
  });

  test("is near its horizon when a fifth of the levels is left on a side", () => {
    const { book, snapshot, diff } = joined();
    snapshot(bidsDown(10), asksUp(10));
    diff({ bids: gone(bidsDown(7)) });
    expect(book.isNearHorizon).toBe(false);
    diff({ bids: [[993, "0"]] });
    expect([book.isNearHorizon, book.isValid]).toEqual([true, true]);
  });
});

describe("a book that lets levels go", () => {
  const UNCUT: ContinuityRule = { kind: "sequence", style: "previousId", snapshotSource: "rest" };

  test("has its horizon where it cut a snapshot", () => {
    const { book, snapshot, diff } = joined(UNCUT, 5);
    snapshot(bidsDown(8), asksUp(5));
    expect([...ends(book), book.bidCount]).toEqual(["996", undefined, 5]);
    expect(diff({ bids: [...gone(bidsDown(5)), ["995", "9"]] })).toBe("broken");
  });

  test("has its horizon where a better level pushed the worst out, and becomes invalid beyond it", () => {
    const { book, snapshot, diff } = joined(UNCUT, 5);
    snapshot(bidsDown(5), asksUp(5));
    diff({ bids: [["999.5", "1"]] });
    expect([...ends(book), book.bidCount]).toEqual(["997", undefined, 5]);
    // The level at 996 is still at the venue.
    expect(diff({ bids: [...gone(bidsDown(4)), ["999.5", "0"], ["950", "1"]] })).toBe("broken");
    expect(book.isValid).toBe(false);
  });

  test("has it in wide values as well", () => {
    const book = new OrderBook("BTC-USD", { maxLevels: 3 });
    book.apply(
      snapshotOf(
        [
          ["8.4000000000000000001", "1"],
          ["8", "1"],
          ["7", "1"],
        ],
        [["9", "1"]],
      ),
      0,
    );
    book.apply(frameOf({ bids: [["8.2", "1"]] }), 0);
    expect([...ends(book), book.bidCount]).toEqual(["8", undefined, 3]);
    const all: LevelInput[] = [
      ["8.4000000000000000001", "0"],
      ["8.2", "0"],
      ["8", "0"],
      ["6", "1"],
    ];
    expect(book.apply(frameOf({ bids: all }), 0)).toBe("exhausted");
  });
});

describe("a question that runs over the end of what is known", () => {
  const cut = () => {
    const book = new OrderBook("BTC-USD", { depth: 3 });
    book.apply(snapshotOf(bidsDown(3), asksUp(2)), 0);
    return book;
  };

  test("says so, and answers no price", () => {
    const book = cut();
    const asked = [
      book.getPriceForVolume(false, "4"),
      book.getVwapForVolume(false, "4"),
      book.getPriceForQuoteVolume(false, "4000"),
      book.getQuoteVolumeForBaseAmount(false, "4"),
      book.getVolumeForPrice(false, "997"),
      book.getQuoteVolumeForPrice(false, "997"),
    ];
    expect(asked.map(({ isComplete }) => isComplete)).toEqual([false, false, false, false, false, false]);
    expect(asked.slice(0, 4).map(({ resultPrice }) => resultPrice)).toEqual(Array(4).fill(undefined));
    expect(asked[4]?.resultVolume.toFixed()).toBe("3");
  });

  test("is complete within it, and on a side that is whole however thin it is", () => {
    const book = cut();
    const asked = [
      book.getPriceForVolume(false, "3"),
      book.getVwapForVolume(false, "3"),
      book.getQuoteVolumeForBaseAmount(false, "3"),
      book.getVolumeForPrice(false, "998"),
      book.getPriceForVolume(true, "9"),
      book.getVwapForVolume(true, "9"),
      book.getVolumeForPrice(true, "2000"),
    ];
    expect(asked.map(({ isComplete }) => isComplete)).toEqual(Array(7).fill(true));
  });
});

describe("a window that the venue keeps", () => {
  const WINDOW: ContinuityRule = {
    kind: "sequence",
    style: "previousId",
    snapshotSource: "stream",
    depth: 10,
    follows: "window",
  };

  test("takes the level that enters as another leaves, and its horizon moves", () => {
    const { book, snapshot, diff } = joined(WINDOW);
    snapshot(bidsDown(10), asksUp(10));
    diff({
      bids: [
        ["1000", "0"],
        ["990", "1"],
      ],
    });
    expect([...ends(book), book.bidCount, book.bestBid?.price.toFixed()]).toEqual(["990", "1010", 10, "999"]);
  });

  test("lets the worst level go that fell out of it without a word, so that it never becomes the best", () => {
    const { book, snapshot, diff } = joined(WINDOW);
    snapshot(bidsDown(10, 990), asksUp(10));
    diff({ bids: bidsDown(10) });
    expect([...ends(book), book.bidCount]).toEqual(["991", "1010", 10]);
    diff({ bids: [...gone(bidsDown(7)), ...bidsDown(7, 980)] });
    expect(textOf(book.bids(4)).map(([price]) => price)).toEqual(["993", "992", "991", "980"]);
  });

  test("is not believed when most of its levels went and none came, for what came is not known", () => {
    const { assembler, book, snapshot, diff } = joined(WINDOW);
    snapshot(bidsDown(10), asksUp(10));
    expect(diff({ bids: gone(bidsDown(7)) })).toBe("applied");
    expect(
      diff({
        bids: [
          ["993", "0"],
          ["500", "1"],
          ["992", "0"],
        ],
      }),
    ).toBe("broken");
    expect([book.isValid, assembler.counters.exhausted]).toEqual([false, 1]);
    snapshot([["500", "1"]], asksUp(10));
    expect([book.isValid, book.bidHorizon, book.bestBid?.price.toFixed()]).toEqual([true, undefined, "500"]);
  });

  test("is wider than a snapshot that ended early, which has a fixed horizon, until one of its depth comes", () => {
    const { book, snapshot, diff } = joined(WINDOW);
    snapshot(bidsDown(5), asksUp(5), { depth: 5, isShort: true });
    expect([...ends(book), book.bidCount]).toEqual(["996", "1005", 5]);
    // The venue still keeps 996, so it tells of nothing but the level that came and the one that went.
    diff({ bids: [["1000.5", "1"]] });
    diff({ bids: [["1000.5", "0"]] });
    expect([...ends(book), book.bidCount, book.bestBid?.price.toFixed()]).toEqual(["996", "1005", 5, "1000"]);
    snapshot(bidsDown(10), asksUp(10));
    expect([...ends(book), book.bidCount]).toEqual(["991", "1010", 10]);
  });

  test("of which fewer levels may be kept has a fixed horizon instead", () => {
    const { book, snapshot, diff } = joined(WINDOW, 6);
    snapshot(bidsDown(10), asksUp(10));
    expect([...ends(book), book.bidCount]).toEqual(["995", "1006", 6]);
    diff({
      bids: [
        ["1000", "0"],
        ["990", "1"],
      ],
    });
    expect([...ends(book), book.bidCount]).toEqual(["995", "1006", 5]);
  });

  test("of FTX is whole where the checksum proves that there are fewer levels", () => {
    const { book, snapshot, diff } = joined({ kind: "checksum", depth: 2, createChecksum: () => new FtxChecksum(2) });
    const crc = (bids: readonly LevelInput[], asks: readonly LevelInput[]) =>
      checksumOf(new FtxChecksum(2), bids, asks);
    snapshot(bidsDown(2), asksUp(2), { checksum: crc(bidsDown(2), asksUp(2)) });
    expect(ends(book)).toEqual(["999", "1002"]);
    diff({ bids: [["1000", "0"]], checksum: crc(bidsDown(1, 999), asksUp(2)) });
    expect(ends(book)).toEqual([undefined, "1002"]);
    diff({ bids: bidsDown(3), checksum: crc(bidsDown(2), asksUp(2)) });
    expect([...ends(book), book.bidCount]).toEqual(["999", "1002", 2]);
  });
});

test.each([binance, bybit, okx, ftx])(
  "$displayName tells how many levels a side its snapshots have",
  ({ continuity }) => {
    const { depth = 0 } = continuity;
    const assembler = new BookAssembler({ tradingPair: "BTC-USD", rule: continuity });
    const { book } = assembler;
    const [bids, asks] = [bidsDown(depth, 5_000), asksUp(depth - 1, 5_001)];
    const checksum = checksumOf(new FtxChecksum(100), bids, asks);
    assembler.handle(snapshotOf(bids, asks, { updateId: 100, checksum }), 0);
    expect(ends(book)).toEqual([String(5_001 - depth), undefined]);
    // All bids that were told are taken, and one far below changes.
    const all: LevelInput[] = [...gone(bids), ["100", "1"]];
    assembler.handle(frameOf({ updateId: 101, previousUpdateId: 100, firstUpdateId: 101, bids: all }), 0);
    expect(book.isValid).toBe(false);
  },
);
