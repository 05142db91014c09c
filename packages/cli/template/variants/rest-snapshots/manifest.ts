import type { SequenceRule } from "../../../../../src/market-data/continuity.ts";

export const rule: Pick<SequenceRule, "snapshotSource"> = {
  // <snapshot-source>
  snapshotSource: "rest",
  // </snapshot-source>
};
