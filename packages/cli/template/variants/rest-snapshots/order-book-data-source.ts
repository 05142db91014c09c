import { z } from "zod";
import type { BookFrame } from "../../../../../src/market-data/book-frame.ts";
import type { BookWire } from "../../../../../src/market-data/book-wire.ts";
import type {
  PublicFrameKind,
  VenueOrderBookDataSource,
} from "../../../../../src/market-data/venue-order-book-data-source.ts";
import type { VenueMarkets } from "../../../../../src/model/venue-markets.ts";
import * as constants from "../../venue/constants.ts";

export const wireBook = z.object({
  // <wire-sequence>
  sequence: z.number(),
  // </wire-sequence>
});

type Kind = BookFrame["kind"];
type ParseBook = (markets: VenueMarkets, message: unknown, frame: BookFrame, kind: Kind) => boolean;
type Messages = Pick<VenueOrderBookDataSource, "parseOrderBookDiffMessage" | "parseOrderBookSnapshotMessage">;

export const messagesBy = (parseBook: ParseBook): Messages => ({
  // <book-messages>
  parseOrderBookDiffMessage: (markets, message, frame) => parseBook(markets, message, frame, "diff"),
  /** Snapshots come over REST only. */
  parseOrderBookSnapshotMessage: () => false,
  // </book-messages>
});

export function kindOf(channel: unknown): PublicFrameKind {
  switch (channel) {
    case constants.ORDER_BOOK_CHANNEL:
      // <book-kind>
      return "orderBookDiff";
    // </book-kind>
    default:
      return "unknown";
  }
}

export function fillSnapshot(frame: BookFrame, book: z.output<typeof wireBook>): void {
  // <snapshot-id>
  frame.updateId = book.sequence;
  // </snapshot-id>
}

export const wire: Partial<BookWire> = {
  // <wire-messages>
  kind: "diff",
  texts: { channel: constants.ORDER_BOOK_CHANNEL },
  // </wire-messages>
};
