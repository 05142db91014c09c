import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BookFrameBuffer } from "../../src/market-data/book-frame-buffer.ts";
import { OrderBook } from "../../src/market-data/order-book.ts";
import { Decimal } from "../../src/model/decimal.ts";
import { BookInvalidError } from "../../src/model/error.ts";
import type { PublicTrade } from "../../src/model/market.ts";
import { FtxChecksum } from "../../src/venues/ftx/checksum.ts";
import { frameOf, type LevelInput, snapshotOf, textOf } from "./frames.ts";

function bookOf(bids: readonly LevelInput[], asks: readonly LevelInput[]): OrderBook {
  const book = new OrderBook("BTC-USD");
  expect(book.apply(snapshotOf(bids, asks, { updateId: 7, timestampMs: 1_000 }), 1_005)).toBeUndefined();
  return book;
}

/** Three levels a side: 99.5, 99, 98 and 100, 101, 103.5. */
const sample = (): OrderBook =>
  bookOf(
    [
      ["99.5", "1"],
      ["99", "2.5"],
      ["98", "4"],
    ],
    [
      ["100", "0.5"],
      ["101", "2"],
      ["103.5", "3"],
    ],
  );

describe("an order book", () => {
  test("shows its touch, its levels and where it stands", () => {
    const book = sample();
    expect(book.bestBid?.price.toFixed()).toBe("99.5");
    expect(book.bestAsk?.amount.toFixed()).toBe("0.5");
    expect(book.midPrice()?.toFixed()).toBe("99.75");
    expect(textOf(book.bids(2))).toEqual([
      ["99.5", "1"],
      ["99", "2.5"],
    ]);
    expect(textOf(book.asks())).toEqual([
      ["100", "0.5"],
      ["101", "2"],
      ["103.5", "3"],
    ]);
    expect([book.updateId, book.timestampMs, book.receivedAtMs]).toEqual([7, 1_000, 1_005]);
    expect([book.bestBidScaled, book.bestAskScaled, book.priceScale]).toEqual([995, 1_000, 1]);
    expect([book.bestBidSizeScaled, book.bestAskSizeScaled, book.sizeScale]).toEqual([10, 5, 1]);
    expect([book.getPrice(true)?.toFixed(), book.getPrice(false)?.toFixed()]).toEqual(["100", "99.5"]);
  });

  test("cannot be read before its first snapshot, nor take a diff", () => {
    const book = new OrderBook("BTC-USD");
    expect(book.isValid).toBe(false);
    for (const read of [() => book.bestBid, () => book.asks(), () => book.bestBidScaled, () => book.midPrice()]) {
      expect(read).toThrow(BookInvalidError);
    }
    expect(book.apply(frameOf({ bids: [["1", "1"]] }), 0)).toBe("noSnapshot");
  });

  test("says why it cannot be read", () => {
    const book = sample();
    book.invalidate("gap");
    expect(() => book.bestBid).toThrow("the order book of BTC-USD cannot be read: gap");
    expect(book.invalidReason).toBe("gap");
  });

  test("of which one side is empty has no price there and no middle", () => {
    const book = bookOf([], [["100", "1"]]);
    expect(book.bestBid).toBeUndefined();
    expect(book.midPrice()).toBeUndefined();
    expect(book.getPrice(false)).toBeUndefined();
    expect(book.bestBidScaled).toBeNaN();
  });

  test("keeps the last public trade, the newest by the venue's time", () => {
    const book = new OrderBook("BTC-USD");
    const trade = (price: string, timestampMs: number): PublicTrade => ({
      tradingPair: "BTC-USD",
      tradeId: price,
      side: "buy",
      price: new Decimal(price),
      amount: new Decimal(1),
      timestampMs,
      liquidation: false,
    });
    expect(book.lastTradePrice).toBeUndefined();
    book.applyTrade(trade("100", 2));
    book.applyTrade(trade("99", 1));
    expect(book.lastTradePrice?.toFixed()).toBe("100");
  });

  test("tells its listeners of every message, and one that throws stops nobody", () => {
    const errors: unknown[] = [];
    const book = new OrderBook("BTC-USD", { onListenerError: (error) => errors.push(error) });
    const seen: string[] = [];
    book.onUpdate(() => {
      throw new Error("mine");
    });
    const stop = book.onUpdate((same) => seen.push(`${same.version} ${same.bestBid?.price.toFixed()}`));
    book.apply(snapshotOf([["1", "1"]], [["2", "1"]]), 0);
    book.apply(frameOf({ bids: [["1.5", "1"]] }), 0);
    stop();
    book.apply(frameOf({ bids: [["1.6", "1"]] }), 0);
    expect(seen).toEqual(["1 1", "2 1.5"]);
    expect(errors).toHaveLength(3);
  });

  test("keeps no more levels than it may, and those are the best", () => {
    const book = new OrderBook("BTC-USD", { maxLevels: 3 });
    book.apply(
      snapshotOf(
        [
          ["9", "1"],
          ["8", "1"],
          ["7", "1"],
          ["6", "1"],
        ],
        [],
      ),
      0,
    );
    book.apply(
      frameOf({
        bids: [
          ["8.5", "1"],
          ["5", "1"],
        ],
      }),
      0,
    );
    expect(textOf(book.bids()).map(([price]) => price)).toEqual(["9", "8.5", "8"]);
    book.apply(frameOf({ bids: [["8.4000000000000000001", "1"]] }), 0);
    book.apply(frameOf({ bids: [["8.7", "1"]] }), 0);
    expect(book.isWide).toBe(true);
    expect(textOf(book.bids()).map(([price]) => price)).toEqual(["9", "8.7", "8.5"]);
  });
});

describe("a message that is not sound", () => {
  const refused: readonly (readonly [string, BookFrameBuffer, string])[] = [
    ["a negative size", frameOf({ bids: [["99", "-1"]] }), "malformed"],
    ["a price that is no number", frameOf({ asks: [["abc", "1"]] }), "malformed"],
    ["a size of NaN", frameOf({ asks: [[100, Number.NaN]] }), "malformed"],
    ["a price of zero", frameOf({ bids: [[0, 1]] }), "malformed"],
    ["no price at all", frameOf({ bids: [[null as unknown as string, 1]] }), "malformed"],
    ["a size of zero in a snapshot", snapshotOf([["99", "0"]], []), "malformed"],
    [
      "unsorted bids in a snapshot",
      snapshotOf(
        [
          ["98", "1"],
          ["99", "1"],
        ],
        [],
      ),
      "unsorted",
    ],
    [
      "a price twice in a snapshot",
      snapshotOf(
        [],
        [
          ["100", "1"],
          ["100.0", "1"],
        ],
      ),
      "unsorted",
    ],
    [
      "unsorted wide asks",
      snapshotOf(
        [],
        [
          ["2.0000000000000000001", "1"],
          ["2", "1"],
        ],
      ),
      "unsorted",
    ],
    ["a crossed snapshot", snapshotOf([["100", "1"]], [["100", "1"]]), "crossed"],
    ["a bid above the asks", frameOf({ bids: [["100.5", "1"]] }), "crossed"],
    ["a wide bid above the asks", frameOf({ bids: [["100.00000000000000001", "1"]] }), "crossed"],
  ];
  test.each(refused)("because of %s makes the book invalid", (_, frame, problem) => {
    const book = sample();
    let updates = 0;
    book.onUpdate(() => {
      updates += 1;
    });
    expect(book.apply(frame, 0)).toBe(problem);
    expect(book.isValid).toBe(false);
    expect(updates).toBe(0);
    expect(book.apply(snapshotOf([["1", "1"]], [["2", "1"]]), 0)).toBeUndefined();
    expect(book.bestBid?.price.toFixed()).toBe("1");
  });

  test("with a wrong checksum makes the book invalid, with the right one it is applied", () => {
    const book = new OrderBook("BTC-USD", { checksum: new FtxChecksum(100) });
    const [bids, asks] = [
      [
        [5000.5, 10],
        [4995, 5],
      ],
      [[5001, 6]],
    ] as [LevelInput[], LevelInput[]];
    expect(book.apply(snapshotOf(bids, asks, { checksum: 941346228 }), 0)).toBeUndefined();
    expect(book.apply(frameOf({ asks: [[5002, 7]], checksum: 2933775928 }), 0)).toBeUndefined();
    expect(book.apply(frameOf({ asks: [[5003, 7]], checksum: 2933775928 }), 0)).toBe("checksum");
    expect(() => book.bestBid).toThrow(BookInvalidError);
  });
});

describe("questions about depth", () => {
  test("the price that a volume reaches", () => {
    const book = sample();
    const answer = book.getPriceForVolume(true, "2");
    expect(answer.resultPrice?.toFixed()).toBe("101");
    expect(answer.resultVolume.toFixed()).toBe("2");
    expect(book.getPriceForVolume(false, "1").resultPrice?.toFixed()).toBe("99.5");
    const tooMuch = book.getPriceForVolume(true, "6");
    expect(tooMuch.resultPrice).toBeUndefined();
    expect(tooMuch.resultVolume.toFixed()).toBe("5.5");
  });

  test("the average price of a volume", () => {
    const book = sample();
    // 0.5 at 100 and 0.5 at 101.
    expect(book.getVwapForVolume(true, "1").resultPrice?.toFixed()).toBe("100.5");
    expect(book.getVwapForVolume(false, "3.5").resultPrice?.toFixed(4)).toBe("99.1429");
    expect(book.getVwapForVolume(true, "6").resultPrice).toBeUndefined();
  });

  test("the price that a quote volume reaches", () => {
    const book = sample();
    expect(book.getPriceForQuoteVolume(true, "50").resultPrice?.toFixed()).toBe("100");
    expect(book.getPriceForQuoteVolume(true, "50.01").resultPrice?.toFixed()).toBe("101");
    expect(book.getPriceForQuoteVolume(true, "1000").resultVolume.toFixed()).toBe("562.5");
  });

  test("what a base amount costs", () => {
    const book = sample();
    expect(book.getQuoteVolumeForBaseAmount(true, "1.5").resultVolume.toFixed()).toBe("151");
    expect(book.getQuoteVolumeForBaseAmount(false, "100").resultVolume.toFixed()).toBe("739");
  });

  test("the volume within a price", () => {
    const book = sample();
    const bought = book.getVolumeForPrice(true, "102");
    expect([bought.resultPrice?.toFixed(), bought.resultVolume.toFixed()]).toEqual(["101", "2.5"]);
    const sold = book.getVolumeForPrice(false, "99");
    expect([sold.resultPrice?.toFixed(), sold.resultVolume.toFixed()]).toEqual(["99", "3.5"]);
    expect(book.getVolumeForPrice(true, "99").resultPrice).toBeUndefined();
    expect(book.getQuoteVolumeForPrice(true, "102").resultVolume.toFixed()).toBe("252");
  });

  test("sums are exact where floats are not", () => {
    const book = bookOf(
      [],
      [
        ["0.1", "0.1"],
        ["0.2", "0.2"],
        ["0.3", "999999999999999"],
      ],
    );
    expect(book.getVolumeForPrice(true, "0.2").resultVolume.toFixed()).toBe("0.3");
    expect(book.getQuoteVolumeForPrice(true, "0.3").resultVolume.toFixed()).toBe("299999999999999.75");
  });
});

/** A book of plain text in two maps: slow, and obviously right. */
class NaiveBook {
  readonly bids = new Map<string, string>();
  readonly asks = new Map<string, string>();

  set(side: Map<string, string>, price: string, size: string): void {
    const [key, amount] = [new Decimal(price).toFixed(), new Decimal(size).toFixed()];
    if (amount === "0") side.delete(key);
    else side.set(key, amount);
  }

  levels(side: "bids" | "asks"): string[][] {
    const sign = side === "bids" ? -1 : 1;
    return [...this[side]].sort(([a], [b]) => sign * new Decimal(a).cmp(b));
  }
}

/** Prices of few digits, of many, of more than 15, on a grid small enough to be hit again. Bids below 1000 below asks. */
function priceArbitrary(from: number): fc.Arbitrary<string> {
  const whole = fc.integer({ min: from, max: from + 12 });
  const fraction = fc.constantFrom("", "", "", ".5", ".25", ".10", ".125", ".000001");
  return fc.tuple(whole, fraction).map(([units, text]) => `${units}${text}`);
}

const wideText = fc.constantFrom("0.1234567890123456789", "123456789012345678901", "1e-20", "2.5e17");
const narrowSize = fc
  .tuple(fc.integer({ min: 0, max: 999_999 }), fc.integer({ min: 0, max: 8 }))
  .map(([mantissa, scale]) => new Decimal(`${mantissa}e-${scale}`).toFixed());
const sizeArbitrary = fc.oneof(
  { weight: 12, arbitrary: narrowSize },
  { weight: 6, arbitrary: fc.constant("0") },
  { weight: 1, arbitrary: wideText },
);
/** The same value as text, as a JSON number where a double says it, or with trailing zeros. */
const shapeArbitrary = fc.constantFrom("text", "number", "padded");

function shaped(text: string, shape: string): string | number {
  if (shape === "number" && text.replace(/[^0-9]/g, "").length <= 15) return Number(text);
  return shape === "padded" && text.includes(".") && !text.includes("e") ? `${text}00` : text;
}

const edits = (from: number) =>
  fc.array(fc.tuple(priceArbitrary(from), sizeArbitrary, shapeArbitrary), { maxLength: 6 });
const frames = fc.array(fc.record({ bids: edits(900), asks: edits(1_000) }), { maxLength: 40 });

test("a book equals a naive one after any diffs, whatever their digits and their form", () => {
  fc.assert(
    fc.property(frames, (diffs) => {
      const book = new OrderBook("BTC-USD", { checksum: new FtxChecksum(100) });
      const naive = new NaiveBook();
      const frame = new BookFrameBuffer();
      book.apply(snapshotOf([], [], { checksum: 0 }), 0);
      for (const diff of diffs) {
        for (const side of ["bids", "asks"] as const) {
          for (const [price, size] of diff[side]) naive.set(naive[side], price, size);
        }
        const levels = (side: "bids" | "asks"): LevelInput[] =>
          diff[side].map(([price, size, shape]) => [shaped(price, shape), shaped(size, shape)]);
        const checksum = naiveChecksum(naive);
        const problem = book.apply(frameOf({ bids: levels("bids"), asks: levels("asks"), checksum }, frame), 0);
        expect(problem).toBeUndefined();
        expect(textOf(book.bids())).toEqual(naive.levels("bids"));
        expect(textOf(book.asks())).toEqual(naive.levels("asks"));
        expect(book.bestBid?.price.toFixed()).toBe(naive.levels("bids")[0]?.[0]);
      }
    }),
    { numRuns: 300 },
  );
});

/** FTX's checksum by the letter: text joined, then read once. */
function naiveChecksum(naive: NaiveBook): number {
  const [bids, asks] = [naive.levels("bids"), naive.levels("asks")];
  const parts: string[] = [];
  for (let rank = 0; rank < 100; rank += 1) {
    for (const level of [bids[rank], asks[rank]]) if (level !== undefined) parts.push(...level.map(pythonText));
  }
  return crc32(parts.join(":"));
}

function pythonText(text: string): string {
  const value = new Decimal(text);
  if (value.e < -4 || value.e >= 16) {
    const digits = value.toExponential().split("e")[0];
    return `${digits}e${value.e < 0 ? "-" : "+"}${String(Math.abs(value.e)).padStart(2, "0")}`;
  }
  return text.includes(".") ? text : `${text}.0`;
}

test("a thousand levels and edits at both ends keep their order", () => {
  const book = new OrderBook("BTC-USD");
  const naive = new NaiveBook();
  book.apply(snapshotOf([], []), 0);
  let seed = 7;
  const next = (limit: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % limit;
  };
  for (let step = 0; step < 6_000; step += 1) {
    // The window of prices drifts, so levels come in at one end and leave at the other.
    const [price, size] = [`${10_000 + Math.floor(step / 4) + next(900)}.${next(10)}`, String(next(3))];
    book.apply(frameOf({ bids: [[price, size]] }), 0);
    naive.set(naive.bids, price, size);
    const gone = `${10_000 + Math.floor(step / 4) - 1 - next(5)}.${next(10)}`;
    book.apply(frameOf({ bids: [[gone, "0"]] }), 0);
    naive.set(naive.bids, gone, "0");
  }
  expect(textOf(book.bids())).toEqual(naive.levels("bids"));
  expect(book.bidCount).toBeGreaterThan(1_000);
});

test("the checksum stays right while a book grows beyond its first arrays and its digits change", () => {
  const book = new OrderBook("BTC-USD", { checksum: new FtxChecksum(100) });
  const naive = new NaiveBook();
  book.apply(snapshotOf([], [], { checksum: 0 }), 0);
  let [bids, asks]: [LevelInput[], LevelInput[]] = [[], []];
  for (let step = 1; step <= 1_200; step += 1) {
    const bid = step % 7 === 0 ? `${1_000 - (step % 600)}.${step}` : `${400 + (step % 600)}`;
    const ask = `${2_000 + ((step * 7) % 900)}.5`;
    const size = step % 11 === 0 ? "0" : `${1 + (step % 5)}.${step}`;
    naive.set(naive.bids, bid, size);
    naive.set(naive.asks, ask, size);
    bids.push([bid, size]);
    asks.push([ask, size]);
    if (step % 20 !== 0) continue;
    expect(book.apply(frameOf({ bids, asks, checksum: naiveChecksum(naive) }), 0)).toBeUndefined();
    [bids, asks] = [[], []];
  }
  expect(Math.min(book.bidCount, book.askCount)).toBeGreaterThan(512);
});
