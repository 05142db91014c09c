import type { SnapshotsRule } from "../../../../../src/market-data/continuity.ts";

export const rule: Pick<SnapshotsRule, "order"> = {
  // <snapshot-order>
  order: "timestamp",
  // </snapshot-order>
};
