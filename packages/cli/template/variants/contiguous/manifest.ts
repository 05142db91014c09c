import type { SequenceRule } from "../../../../../src/market-data/continuity.ts";

export const rule: Pick<SequenceRule, "style"> = {
  // <continuity-style>
  style: "contiguous",
  // </continuity-style>
};
