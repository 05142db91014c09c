import { paste } from "../../../../../src/testing/kit/index.ts";

export const notOffered = {
  // <not-offered-books>
  bookSnapshotChannel: "Snapshots come over REST only.",
  // </not-offered-books>
};

export const answers = [
  // <snapshot-answer>
  // </snapshot-answer>
];

export const snapshot = {
  // <book-snapshot>
  orderBookSnapshotAfterDiffsMockResponse: paste(
    "the order book over REST once those three are in it [market data; WebSocket: public channels]",
  ),
  // </book-snapshot>
};
