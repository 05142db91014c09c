/** A side as the queries read it: rank 0 is the best level, values are scaled integers. */
export interface SideView {
  readonly count: number;
  /** The worst price down to which no level is missing, scaled; undefined when the whole side is known. */
  readonly horizon: bigint | undefined;
  priceAt(rank: number): bigint;
  sizeAt(rank: number): bigint;
}

/** A side whose values are numbers. A cursor names a level until the side changes. */
export interface NarrowSide extends SideView {
  /** The best price, scaled; NaN when there is none. */
  readonly bestPrice: number;
  readonly bestSize: number;
  /** Cursor of the best level; `NO_LEVEL` when there is none. */
  readonly best: number;
  /** Cursor of the next worse level; `NO_LEVEL` when there is none. */
  worse(cursor: number): number;
  priceOf(cursor: number): number;
  sizeOf(cursor: number): number;
}

/** Cursor of a level that is not there. */
export const NO_LEVEL = -1;
