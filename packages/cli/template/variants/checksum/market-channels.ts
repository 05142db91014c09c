import { crc32 } from "node:zlib";
import { type BookView, levelsOf } from "../../protocol/market-channels.ts";

// <book-object>
/** Levels with the checksum of the whole book: bid, size, ask, size and so on, the longer side going on alone. */
export function bookObject({ sides, whole }: BookView): object {
  const { bids, asks } = levelsOf(whole);
  const words: string[] = [];
  for (let rank = 0; rank < Math.max(bids.length, asks.length); rank += 1) {
    words.push(...(bids[rank] ?? []), ...(asks[rank] ?? []));
  }
  return { ...levelsOf(sides), checksum: crc32(words.join(":")) };
}
// </book-object>
