/** Values of a checksum's own beside a side's levels, at the levels' cursors. */
export interface LevelColumns {
  /** Bits of the ladder's slots, where a checksum reads them. */
  readonly bits?: Int32Array | undefined;
  /** The level at a cursor is new, or has another size. */
  forget(cursor: number): void;
  /** Levels with cursors `[from, to)` now have those from `target` on. */
  move(from: number, to: number, target: number): void;
  /** Makes room for cursors below `capacity`; values stay at theirs. */
  resize(capacity: number): void;
  /** Every level is new. */
  clear(): void;
}

type Column = Float64Array | Int32Array | Uint8Array;

/** Copies values `[start, end)` of a column into a new one, from `target` on. */
export function moved<T extends Column>(source: T, column: T, start: number, end: number, target: number): T {
  column.set(source.subarray(start, end), target);
  return column;
}

/** Copies as many values of a column as fit into a new one. */
export function resized<T extends Column>(source: T, column: T): T {
  return moved(source, column, 0, Math.min(source.length, column.length), 0);
}
