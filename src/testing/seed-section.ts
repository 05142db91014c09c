import type { SeedAnswer, SeedItem } from "./seed-symbols.ts";

type Row = readonly [name: string, ours: SeedAnswer, whyNotOnFtx?: string];

/** The items of one section. The third field says why FTX does not have the item. */
export function section(name: string, rows: readonly Row[]): readonly SeedItem[] {
  return rows.map(([item, ours, whyNotOnFtx]) => ({
    section: name,
    name: item,
    ours,
    notOffered: whyNotOnFtx === undefined ? undefined : { ftx_perpetual: whyNotOnFtx },
  }));
}
