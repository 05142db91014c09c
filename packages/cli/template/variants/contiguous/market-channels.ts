import { type BookView, levelsOf } from "../../protocol/market-channels.ts";

// <book-object>
/** Levels with the number of their view, which counts by one. */
export function bookObject({ sides, stamp }: BookView): object {
  return { ...levelsOf(sides), sequence: stamp };
}
// </book-object>
