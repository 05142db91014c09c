import type { Decimal } from "../../../../../src/model/decimal.ts";
import type { Market } from "../../../../../src/model/market.ts";

interface WireRow {
  readonly side: "buy" | "sell";
  readonly size: Decimal;
}

export function orderSizes(row: WireRow & { readonly filledSize: Decimal }, market: Market) {
  // <order-sizes>
  const { side } = row;
  const amount = row.size.times(market.rule.contractSize);
  const executedAmount = row.filledSize.times(market.rule.contractSize);
  // </order-sizes>
  return { side, amount, executedAmount };
}

export function fillSize(row: WireRow, market: Market) {
  // <fill-size>
  const { side } = row;
  const amount = row.size.times(market.rule.contractSize);
  // </fill-size>
  return { side, amount };
}

export function positionSize(row: WireRow, market: Market) {
  // <position-size>
  const amount = row.size.times(market.rule.contractSize);
  // </position-size>
  return amount;
}
