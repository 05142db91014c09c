import { MAX_SCALED, powerOfTen } from "./scaled.ts";
import { type NarrowSide, NO_LEVEL } from "./side-view.ts";

/** A side whose levels are walked by cursors. */
interface WalkedSide extends Pick<NarrowSide, "best" | "count" | "worse" | "priceOf" | "sizeOf"> {
  readonly horizonKey: number;
}

/** Levels of a side in ascending order of their keys: the best is the last. */
export interface AscendingLevels {
  readonly keys: Float64Array;
  readonly sizes: Float64Array;
  readonly count: number;
}

/** Copies the levels from the one at a cursor to the worst. */
export function ascendingLevels(side: WalkedSide, from: number, sign: number): AscendingLevels {
  const { count } = side;
  const keys = new Float64Array(count);
  const sizes = new Float64Array(count);
  let at = count;
  for (let cursor = from; cursor !== NO_LEVEL; cursor = side.worse(cursor)) {
    at -= 1;
    keys[at] = side.priceOf(cursor) * sign;
    sizes[at] = side.sizeOf(cursor);
  }
  return { keys, sizes, count };
}

/** Tells that 15 digits hold every price and size of a side, and its horizon, with so many more digits. */
export function fitsWith(side: WalkedSide, priceDigits: number, sizeDigits: number): boolean {
  const priceFactor = powerOfTen(priceDigits);
  const sizeFactor = powerOfTen(sizeDigits);
  const horizon = Math.abs(side.horizonKey) * priceFactor;
  if (horizon > MAX_SCALED && horizon < Number.POSITIVE_INFINITY) return false;
  for (let cursor = side.best; cursor !== NO_LEVEL; cursor = side.worse(cursor)) {
    if (side.priceOf(cursor) * priceFactor > MAX_SCALED) return false;
    if (side.sizeOf(cursor) * sizeFactor > MAX_SCALED) return false;
  }
  return true;
}
