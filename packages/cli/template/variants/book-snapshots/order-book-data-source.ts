import { z } from "zod";
import type { BookFrame } from "../../../../../src/market-data/book-frame.ts";
import type { BookWire } from "../../../../../src/market-data/book-wire.ts";
import type {
  PublicFrameKind,
  VenueOrderBookDataSource,
} from "../../../../../src/market-data/venue-order-book-data-source.ts";
import { ProtocolError } from "../../../../../src/model/error.ts";
import type { VenueMarkets } from "../../../../../src/model/venue-markets.ts";
import * as constants from "../../venue/constants.ts";
import type { WireFrame } from "../../venue/web-utils.ts";

interface BookData {
  // <book-fields>
  readonly sequence: number;
  // </book-fields>
  readonly bids: readonly unknown[];
  readonly asks: readonly unknown[];
}

export function isBookData(book: Partial<Record<keyof BookData, unknown>>): boolean {
  // <is-book>
  return Array.isArray(book.bids) && Array.isArray(book.asks) && Number.isInteger(book.sequence);
  // </is-book>
}

export function fillFrame(frame: BookFrame, message: WireFrame & { readonly data: BookData }, isBook: boolean): void {
  if (!isBook)
    // <not-a-book>
    throw new ProtocolError("an order book frame without time, bids, asks or sequence");
  // </not-a-book>
  // <frame-ids>
  frame.updateId = message.data.sequence;
  // </frame-ids>
}

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
  /** Each message is the whole book. */
  parseOrderBookDiffMessage: () => false,
  parseOrderBookSnapshotMessage: (markets, message, frame) => parseBook(markets, message, frame, "snapshot"),
  // </book-messages>
});

export function kindOf(channel: unknown): PublicFrameKind {
  switch (channel) {
    case constants.ORDER_BOOK_CHANNEL:
      // <book-kind>
      return "orderBookSnapshot";
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
  kind: "snapshot",
  texts: { channel: constants.ORDER_BOOK_CHANNEL },
  // </wire-messages>
  // <wire-ids>
  updateId: "data.sequence",
  // </wire-ids>
};
