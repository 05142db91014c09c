import type { PerpetualVenue } from "../../../src/connector/perpetual-venue.ts";

/** What of a venue a recording is read with. */
export type ReplayVenue = Pick<
  PerpetualVenue,
  "manifest" | "domain" | "orderBookDataSource" | "webUtils" | "derivative"
>;
