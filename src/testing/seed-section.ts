import type { SeedAnswer, SeedItem, VenueAnswers } from "./seed-symbols.ts";

type Row = readonly [name: string, ours: SeedAnswer, venues?: VenueAnswers];

/** The items of one section. The third field says where a venue differs. */
export function section(name: string, rows: readonly Row[]): readonly SeedItem[] {
  return rows.map(([item, ours, venues]) => ({ section: name, name: item, ours, venues }));
}

export const NO_LISTEN_KEY: VenueAnswers = {
  ftx_perpetual: {
    notOffered: "FTX logged in on the socket; the listen-key tests run against FTX with a listen key added.",
  },
  bybit_perpetual: { notOffered: "Bybit logs in on the socket." },
};

export const NO_SERVER_TIME: VenueAnswers = {
  ftx_perpetual: {
    notOffered: "FTX's main API told no time; these tests run against FTX with a server time added.",
  },
};

/** Something that FTX did not have, and the other venues have. */
export const notOnFtx = (reason: string): VenueAnswers => ({ ftx_perpetual: { notOffered: reason } });
