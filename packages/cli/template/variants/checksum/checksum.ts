import type { BookChecksum } from "../../../../../src/market-data/book-checksum.ts";
import { decimalOfScaled } from "../../../../../src/market-data/scaled.ts";
import { crc32 } from "../../../../../src/net/crc32.ts";
import { ORDER_BOOK_DEPTH } from "../../venue/constants.ts";

// CHECK: the algorithm, the order of the levels, and how prices and sizes are printed.
/** CRC-32 over `bid:size:ask:size:...`, interleaved, the longer side going on alone. */
export const bookChecksum: BookChecksum = {
  of: ({ bids, asks, priceScale, sizeScale }) => {
    const words: string[] = [];
    for (let rank = 0; rank < ORDER_BOOK_DEPTH; rank += 1) {
      for (const side of [bids, asks]) {
        if (rank >= side.count) continue;
        words.push(decimalOfScaled(side.priceAt(rank), priceScale).toFixed());
        words.push(decimalOfScaled(side.sizeAt(rank), sizeScale).toFixed());
      }
    }
    return crc32(words.join(":"));
  },
};
