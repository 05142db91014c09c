import { paste } from "../../../../../src/testing/kit/index.ts";

export const link = {
  // <book-ids>
  sequence: 100,
  // </book-ids>
};

export const notOffered = {
  // <not-offered-books>
  bookDiffChannel: "Each message is the whole book.",
  // </not-offered-books>
};

export const changes = {
  // <book-changes>
  orderBookSnapshotEvents: paste(
    "three whole books, newer and newer after that snapshot [market data; WebSocket: public channels]",
  ),
  // </book-changes>
  // <malformed-change>
  // </malformed-change>
};
