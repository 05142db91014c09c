import type { Decimal } from "../../../../../src/model/decimal.ts";

interface WireRow {
  readonly size: Decimal;
}

export const fields = {
  // <order-side-field>
  // </order-side-field>
  // <fill-side-field>
  // </fill-side-field>
};

export function orderSizes(row: WireRow & { readonly filledSize: Decimal }) {
  // <order-sizes>
  const side = row.size.isNegative() ? "sell" : "buy";
  const amount = row.size.abs();
  const executedAmount = row.filledSize.abs();
  // </order-sizes>
  return { side, amount, executedAmount };
}

export function fillSize(row: WireRow) {
  // <fill-size>
  const side = row.size.isNegative() ? "sell" : "buy";
  const amount = row.size.abs();
  // </fill-size>
  return { side, amount };
}
