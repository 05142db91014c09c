import type { Decimal } from "../model/decimal.ts";

/** Prices of a side between which a message changed levels. */
export interface PriceRange {
  readonly best: Decimal;
  readonly worst: Decimal;
}

/** Key of a book's sides, for those who copy them. */
export const SIDES: unique symbol = Symbol("sides");
/** Key of the method by which a book takes over what another thread has made of it. */
export const COPIED: unique symbol = Symbol("copied");

/** State of a book that another thread keeps, apart from its levels. */
export interface BookCopy {
  readonly invalidReason: string | undefined;
  readonly updateId: number;
  readonly timestampMs: number;
  readonly receivedAtMs: number;
  /** Messages that became part of the book since the last copy. */
  readonly messages: number;
  /** True when every level may have changed since then. */
  readonly isWhole: boolean;
  /** Prices between which levels changed; undefined where none did. */
  range(side: "bids" | "asks"): PriceRange | undefined;
}
