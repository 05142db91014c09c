import { crc32 as zlibCrc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BookLevel } from "../../../../src/paper/protocols/book-levels.ts";
import { bookChecksum, checksumText, crc32 } from "../../../../src/paper/protocols/ftx/checksum.ts";
import { parseAmount } from "../../../../src/paper/protocols/ftx/parameters.ts";

const levels = (...pairs: [number, number][]): BookLevel[] =>
  pairs.map(([price, size]) => [parseAmount(price)!, parseAmount(size)!]);

describe("the book's checksum", () => {
  test.each([
    [levels([5000.5, 10], [4995, 5]), levels([5001, 6], [5002, 7]), 2933775928],
    [levels([5000.5, 10], [4995, 5]), levels([5001, 6]), 941346228],
    [levels([0.000075, 1200], [0.00007, 0.00005]), levels([0.0001, 3]), 1750602419],
    [levels([4, 5], [3, 10], [2, 15]), levels([5, 20], [6, 30], [7, 40]), 3640375499],
    [[], levels([60388, 0.4591]), 3023680542],
    [[], [], 0],
  ])("equals the known vector %#", (bids, asks, expected) => {
    expect(bookChecksum({ bids, asks })).toBe(expected);
  });

  test("lets the longer side go on alone", () => {
    const book = { bids: levels([5000.5, 10], [4995, 5]), asks: levels([5001, 6]) };
    expect(checksumText(book)).toBe("5000.5:10.0:5001.0:6.0:4995.0:5.0");
  });

  test("covers the best 100 levels only", () => {
    const deep = Array.from({ length: 130 }, (_, rank): BookLevel => [BigInt(1_000 - rank) * 10n ** 8n, 10n ** 8n]);
    expect(bookChecksum({ bids: deep, asks: [] })).toBe(bookChecksum({ bids: deep.slice(0, 100), asks: [] }));
  });

  test("is the CRC-32 of zlib", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme-ascii" }), (text) => {
        expect(crc32(text)).toBe(zlibCrc32(text));
      }),
    );
  });
});
