import type { SnapshotsRule } from "../../../../../src/market-data/continuity.ts";
import * as constants from "../../venue/constants.ts";

export const rule: { readonly continuity: SnapshotsRule } = {
  // <continuity>
  continuity: {
    kind: "snapshots",
    // <snapshot-order>
    order: "updateId",
    // </snapshot-order>
    depth: constants.ORDER_BOOK_DEPTH,
  },
  // </continuity>
};
