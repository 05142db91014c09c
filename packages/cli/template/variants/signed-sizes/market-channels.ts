import { formatAmount } from "../../../../../src/paper/engine/amount.ts";
import type { TradeView } from "../../../../../src/paper/engine/types.ts";

export function sizeOf({ takerSide, size }: TradeView) {
  return {
    // <trade-size>
    size: formatAmount(takerSide === "buy" ? size : -size),
    // </trade-size>
  };
}
