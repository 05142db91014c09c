import { type BookView, levelsOf } from "../../protocol/market-channels.ts";

// <book-object>
/** The whole book: its time is that of the frame. */
export function bookObject({ whole }: BookView): object {
  return levelsOf(whole);
}
// </book-object>
