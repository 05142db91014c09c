import type { PerpetualVenue } from "../../../src/connector/perpetual-venue.ts";

/** Parts of a venue that a recording is read with. */
export type ReplayVenue = Pick<
  PerpetualVenue,
  "manifest" | "domain" | "orderBookDataSource" | "webUtils" | "derivative"
>;
