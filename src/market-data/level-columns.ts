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
