import type { VenueManifest } from "../../../../../src/connector/perpetual-venue.ts";

export const time: Pick<VenueManifest, "hasServerTime"> = {
  // <has-server-time>
  hasServerTime: false,
  // </has-server-time>
};
