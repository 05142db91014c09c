/** A side as the queries read it: rank 0 is the best level, values are scaled integers. */
export interface SideView {
  readonly count: number;
  /** The worst price down to which no level is missing, scaled; undefined when the whole side is known. */
  readonly horizon: bigint | undefined;
  priceAt(rank: number): bigint;
  sizeAt(rank: number): bigint;
}

/** Cursor of a level that is not there. */
export const NO_LEVEL = -1;
