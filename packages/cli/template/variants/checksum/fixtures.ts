import { paste } from "../../../../../src/testing/kit/index.ts";

/** The checksum is the CRC-32 of "5000.5:10:5001:6:4995:5". */
export const link = {
  // <book-ids>
  checksum: 2_476_850_846,
  // </book-ids>
};

export const changes = {
  // <book-changes>
  orderBookDiffEvents: paste(
    "three frames in sequence after that snapshot, with their checksums [market data; WebSocket: public channels]",
  ),
  // </book-changes>
};
