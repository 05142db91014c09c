import type { Decimal } from "../../../../../src/model/decimal.ts";

interface WireTrade {
  // <trade-side>
  // </trade-side>
  readonly size: Decimal;
}

export function tradeSize(row: WireTrade) {
  // <trade-size>
  // CHECK: whether the sign is that of the taker.
  const side = row.size.isNegative() ? "sell" : "buy";
  const amount = row.size.abs();
  // </trade-size>
  return { side, amount };
}
