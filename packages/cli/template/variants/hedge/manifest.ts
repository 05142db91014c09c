import type { VenueManifest } from "../../../../../src/connector/perpetual-venue.ts";

export const modes: Pick<VenueManifest, "positionModes"> = {
  // <position-modes>
  positionModes: ["oneWay", "hedge"],
  // </position-modes>
};
