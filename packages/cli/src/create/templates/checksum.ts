import type { Target, VenueChoices } from "../choices.ts";
import { source } from "../source.ts";

/** `checksum.ts`: how the venue makes the checksum of a book. */
export function checksumFile(_choices: VenueChoices, target: Target): string {
  const imports = [
    { module: "market-data/book-checksum", names: ["type BookChecksum"] },
    { module: "market-data/scaled", names: ["decimalOfScaled"] },
    { module: "net/crc32", names: ["crc32"] },
    { module: "./constants", names: ["ORDER_BOOK_DEPTH"] },
  ];
  return source(
    target,
    imports,
    `
// CHECK: the algorithm, the order of the levels, and how prices and sizes are printed.
/** CRC-32 over \`bid:size:ask:size:...\`, interleaved, the longer side going on alone. */
export const bookChecksum: BookChecksum = {
  of: ({ bids, asks, priceScale, sizeScale }) => {
    const words: string[] = [];
    for (let rank = 0; rank < ORDER_BOOK_DEPTH; rank += 1) {
      for (const side of [bids, asks]) {
        if (rank >= side.count) continue;
        words.push(decimalOfScaled(side.priceAt(rank), priceScale).toFixed());
        words.push(decimalOfScaled(side.sizeAt(rank), sizeScale).toFixed());
      }
    }
    return crc32(words.join(":"));
  },
};
`,
  );
}
