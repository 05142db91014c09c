import type { VenueManifest } from "../../../../../src/connector/perpetual-venue.ts";
import * as constants from "../../venue/constants.ts";
import { bookChecksum } from "./checksum.ts";

export const rule: Pick<VenueManifest, "continuity"> = {
  // <continuity>
  continuity: { kind: "checksum", depth: constants.ORDER_BOOK_DEPTH, createChecksum: () => bookChecksum },
  // </continuity>
};
