import type { Decimal } from "../../../../../src/model/decimal.ts";
import type { Market } from "../../../../../src/model/market.ts";

interface WireRow {
  readonly size: Decimal;
}

export const fields = {
  // <order-side-field>
  // </order-side-field>
  // <fill-side-field>
  // </fill-side-field>
};

export function orderSizes(row: WireRow & { readonly filledSize: Decimal }, market: Market) {
  // <order-sizes>
  const side = row.size.isNegative() ? "sell" : "buy";
  const amount = row.size.abs().times(market.rule.contractSize);
  const executedAmount = row.filledSize.abs().times(market.rule.contractSize);
  // </order-sizes>
  return { side, amount, executedAmount };
}

export function fillSize(row: WireRow, market: Market) {
  // <fill-size>
  const side = row.size.isNegative() ? "sell" : "buy";
  const amount = row.size.abs().times(market.rule.contractSize);
  // </fill-size>
  return { side, amount };
}
