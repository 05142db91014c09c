import { z } from "zod";
import type { BookWire } from "../../../../../src/market-data/book-wire.ts";
import { ProtocolError } from "../../../../../src/model/error.ts";

export interface BookData {
  readonly bids: readonly unknown[];
  readonly asks: readonly unknown[];
  // <book-fields>
  // </book-fields>
}

export function isBookData(book: Partial<Record<keyof BookData, unknown>>): boolean {
  // <is-book>
  return Array.isArray(book.bids) && Array.isArray(book.asks);
  // </is-book>
}

export function refuse(): void {
  // <not-a-book>
  throw new ProtocolError("an order book frame without time, bids or asks");
  // </not-a-book>
}

export function fillFrame(): void {
  // <frame-ids>
  // </frame-ids>
  // <snapshot-id>
  // </snapshot-id>
}

export const wireBook = z.object({
  // <wire-sequence>
  // </wire-sequence>
});

export const wireIds: Partial<BookWire> = {
  // <wire-ids>
  // </wire-ids>
};
