import type { BookFrame } from "../../../../../src/market-data/book-frame.ts";
import type { BookWire } from "../../../../../src/market-data/book-wire.ts";
import { ProtocolError } from "../../../../../src/model/error.ts";
import type { WireFrame } from "../../venue/web-utils.ts";

interface BookData {
  // <book-fields>
  readonly checksum: number;
  // </book-fields>
  readonly bids: readonly unknown[];
  readonly asks: readonly unknown[];
}

export function isBookData(book: Partial<Record<keyof BookData, unknown>>): boolean {
  // <is-book>
  return Array.isArray(book.bids) && Array.isArray(book.asks) && Number.isInteger(book.checksum);
  // </is-book>
}

export function fillFrame(frame: BookFrame, message: WireFrame & { readonly data: BookData }, isBook: boolean): void {
  if (!isBook)
    // <not-a-book>
    throw new ProtocolError("an order book frame without time, bids, asks or checksum");
  // </not-a-book>
  // <frame-ids>
  frame.checksum = message.data.checksum;
  // </frame-ids>
}

export const wireIds: Partial<BookWire> = {
  // <wire-ids>
  checksum: "data.checksum",
  // </wire-ids>
};
