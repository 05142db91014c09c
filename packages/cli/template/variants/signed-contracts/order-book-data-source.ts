import type { Decimal } from "../../../../../src/model/decimal.ts";
import type { Market } from "../../../../../src/model/market.ts";

interface WireTrade {
  // <trade-side>
  // </trade-side>
  readonly size: Decimal;
}

export function tradeSize(row: WireTrade, market: Market) {
  // <trade-size>
  // CHECK: whether the sign is that of the taker.
  const side = row.size.isNegative() ? "sell" : "buy";
  const amount = row.size.abs().times(market.rule.contractSize);
  // </trade-size>
  return { side, amount };
}
