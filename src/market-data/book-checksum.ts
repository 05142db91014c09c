import type { BookSide } from "./book-side.ts";
import type { LevelColumns } from "./level-columns.ts";
import type { SideView } from "./side-view.ts";

/** A book's levels as its checksum reads them: prices and sizes are integers of the two scales. */
export interface ChecksummedBook {
  readonly bids: SideView;
  readonly asks: SideView;
  /** Digits after the point of a scaled price. */
  readonly priceScale: number;
  readonly sizeScale: number;
  /** True when a value has more than 15 digits: the levels are in `bids` and `asks` only. */
  readonly isWide: boolean;
  /** The same levels as arrays, while the book is not wide. */
  readonly narrowBids: BookSide;
  readonly narrowAsks: BookSide;
}

/** The checksum of one book, made as its venue makes it. */
export interface BookChecksum {
  /** The number that the venue puts into `BookFrame.checksum` for a book with these levels. */
  of(book: ChecksummedBook): number;
  /** Columns beside the levels of a narrow book, for a checksum that keeps something of each level between messages. */
  readonly bidColumns?: LevelColumns | undefined;
  readonly askColumns?: LevelColumns | undefined;
}
