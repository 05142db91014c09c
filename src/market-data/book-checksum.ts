import type { BookSide, SideView } from "./book-side.ts";

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

/** Values of a checksum's own beside a side's `keys` and `sizes`, at the same indexes. */
export interface LevelColumns {
  /** The level at an index is new, or has another size. */
  forget(at: number): void;
  /** Levels `[from, to)` now stand from `target` on. */
  move(from: number, to: number, target: number): void;
  /** The arrays have room for `capacity` levels, and levels `[start, end)` now stand from `target` on. */
  resize(capacity: number, start: number, end: number, target: number): void;
}

/** Copies values `[start, end)` of a column into a new one, from `target` on. */
export function recentered<T extends Float64Array | Int32Array | Uint8Array>(
  source: T,
  column: T,
  start: number,
  end: number,
  target: number,
): T {
  column.set(source.subarray(start, end), target);
  return column;
}
