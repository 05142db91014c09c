import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BookSide } from "../../../src/market-data/book-side.ts";
import { crcBefore, crcOfBytes, crcShift, crc32 as ownCrc32 } from "../../../src/net/crc32.ts";
import { FtxChecksum, pythonFloat } from "../../../src/venues/ftx/checksum.ts";
import { checksumOf, type LevelInput } from "../../market-data/frames.ts";

/** The vectors of the FTX dialect: documented frames and issue threads of its clients. */
const VECTORS: readonly (readonly [bids: LevelInput[], asks: LevelInput[], checksum: number])[] = [
  [
    [
      [5000.5, 10],
      [4995, 5],
    ],
    [
      [5001, 6],
      [5002, 7],
    ],
    2933775928,
  ],
  [
    [
      [5000.5, 10],
      [4995, 5],
    ],
    [[5001, 6]],
    941346228,
  ],
  [
    [
      [0.000075, 1200],
      [0.00007, 0.00005],
    ],
    [[0.0001, 3]],
    1750602419,
  ],
  [
    [
      [4, 5],
      [3, 10],
      [2, 15],
    ],
    [
      [5, 20],
      [6, 30],
      [7, 40],
    ],
    3640375499,
  ],
  [[], [[60388, 0.4591]], 3023680542],
  [[], [], 0],
];

describe("the checksum of FTX's books", () => {
  test.each(VECTORS)("of %j and %j is %i", (bids, asks, checksum) => {
    expect(checksumOf(new FtxChecksum(100), bids, asks)).toBe(checksum);
    expect(checksumOf(new FtxChecksum(100), bids, asks, true)).toBe(checksum);
  });

  test.each([false, true])("takes only the best levels of the depth (wide: %s)", (isWide) => {
    const bids: LevelInput[] = [
      [5000.5, 10],
      [4995, 5],
      [4990, 1],
    ];
    const asks: LevelInput[] = [
      [5001, 6],
      [5002, 7],
      [5003, 1],
    ];
    expect(checksumOf(new FtxChecksum(2), bids, asks, isWide)).toBe(2933775928);
  });

  test("of a book whose numbers have 17 digits is made of the digits that Python prints", () => {
    const text = "0.30000000000000004:1.2345678901234568e+16:0.5:1.0";
    const bids: LevelInput[] = [[0.30000000000000004, 12345678901234568]];
    expect(checksumOf(new FtxChecksum(100), bids, [[0.5, 1]])).toBe(crc32(text));
  });
});

/** Python's `repr(float)`, from the shortest digits that JavaScript finds. */
function repr(value: number): string {
  const [digits = "", exponentText = "0"] = value.toExponential().split("e");
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 16) {
    return `${digits}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  const plain = value.toFixed(Math.max(0, (digits.split(".")[1]?.length ?? 0) - exponent));
  return plain.includes(".") ? plain : `${plain}.0`;
}

test("numbers are printed as Python prints floats", () => {
  expect(pythonFloat(5001n, 0)).toBe("5001.0");
  expect(pythonFloat(75n, 6)).toBe("7.5e-05");
  expect(pythonFloat(1n, 4)).toBe("0.0001");
  expect(pythonFloat(7n, 5)).toBe("7e-05");
  expect(pythonFloat(10n ** 15n, 0)).toBe("1000000000000000.0");
  expect(pythonFloat(10n ** 16n, 0)).toBe("1e+16");
  const mantissas = fc.bigInt({ min: 1n, max: 999_999_999_999_999n });
  fc.assert(
    fc.property(mantissas, fc.integer({ min: 0, max: 20 }), (mantissa, scale) => {
      expect(pythonFloat(mantissa, scale)).toBe(repr(Number(`${mantissa}e-${scale}`)));
    }),
  );
});

test("a checksum is made of those texts, for every number of at most 15 digits", () => {
  const number = fc.integer({ min: 1, max: 999_999_999_999_999 });
  const round = fc.tuple(fc.integer({ min: 1, max: 99 }), fc.nat(12)).map(([value, zeros]) => value * 10 ** zeros);
  const mantissa = fc.oneof(number, round);
  const scale = fc.nat(22);
  fc.assert(
    fc.property(mantissa, scale, mantissa, scale, (price, priceScale, size, sizeScale) => {
      const checksum = new FtxChecksum(10);
      const bids = new BookSide("bid", 10, checksum.bidColumns);
      const asks = new BookSide("ask", 10, checksum.askColumns);
      bids.set(price, size);
      const narrow = { narrowBids: bids, narrowAsks: asks, isWide: false };
      const text = `${pythonFloat(BigInt(price), priceScale)}:${pythonFloat(BigInt(size), sizeScale)}`;
      expect(checksum.of({ ...{ bids, asks, ...narrow }, priceScale, sizeScale })).toBe(crc32(text));
    }),
    {
      numRuns: 1_000,
      examples: [
        [1, 4, 1, 5],
        [999_999_999_999_999, 15, 999_999_999_999_999, 19],
      ],
    },
  );
});

test("appending texts by their registers equals reading them through", () => {
  const bytes = fc.uint8Array({ maxLength: 60 });
  fc.assert(
    fc.property(bytes, bytes, (first, second) => {
      const register = crcOfBytes(-1, first, 0, first.length);
      const appended = crcShift(register, second.length) ^ crcOfBytes(0, second, 0, second.length);
      expect(~appended >>> 0).toBe(crc32(Buffer.concat([first, second])));
      expect(ownCrc32(String(first))).toBe(crc32(String(first)));
      expect(crcOfBytes(crcBefore(register, 58), Uint8Array.of(58), 0, 1)).toBe(register);
    }),
  );
});
