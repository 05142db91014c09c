import { describe, expect, test } from "vitest";
import { BookFrameBuffer } from "../../src/market-data/book-frame-buffer.ts";
import { ProtocolError } from "../../src/model/error.ts";
import { changed } from "../connector/garbled.ts";
import { seedsOf } from "../support/fuzz/seeds.ts";
import { FUZZ_VENUES } from "../support/fuzz/venues.ts";

const NOW = Date.UTC(2026, 8, 20, 16, 0, 5);
/** Fields that number the frames of a book. FTX has a checksum instead, and Hyperliquid whole books with a time. */
const NUMBERS = ["u", "U", "pu", "seqId", "prevSeqId"];
const NOT_NUMBERED = new Set(["ftx_perpetual", "hyperliquid_perpetual"]);
const NUMBERED = FUZZ_VENUES.filter(({ venue }) => !NOT_NUMBERED.has(venue.manifest.name));

/** Reads the first diff of a book with fields of these names replaced, and tells its time. */
async function read({ venue, fixtures }: (typeof FUZZ_VENUES)[number], names: readonly string[], value: unknown) {
  const { frames, markets } = await seedsOf(venue, fixtures, NOW);
  const { orderBookDataSource: books } = venue;
  const diff = frames.find((frame) => books.channelOriginatingMessage(frame) === "orderBookDiff");
  const frame = new BookFrameBuffer();
  frame.reset("diff");
  books.parseOrderBookDiffMessage(markets, changed(diff, names, value), frame);
  return frame.timestampMs;
}

describe("a frame of a book", () => {
  test.each(NUMBERED)("of $venue.manifest.name is not numbered by what a double cannot tell apart", async (one) => {
    await expect(read(one, [], undefined)).resolves.toEqual(expect.any(Number));
    for (const number of [2 ** 53, 1e300, -1e300, 1.5, "1", null])
      await expect(read(one, NUMBERS, number)).rejects.toThrow(ProtocolError);
  });

  test.each(["", "0x10", " 16 ", "1e3", "-1", "Infinity"])("of OKX has no time where it says %j", async (ts) => {
    const okx = FUZZ_VENUES.find(({ venue }) => venue.manifest.name === "okx_perpetual") ?? expect.unreachable();
    expect(await read(okx, ["ts"], ts)).toBeNaN();
  });
});
