import { describeError } from "../model/error.ts";
import type { Market } from "../model/market.ts";
import type { ExchangeInfo } from "./perpetual-venue.ts";

export interface MarketRows<Row> {
  readonly rows: readonly Row[];
  symbolOf(row: NoInfer<Row>): string;
  /** True when it trades now. Others are listed and closed: not yet open, suspended, settling or delisted. */
  isOpen(row: NoInfer<Row>): boolean;
  parse(row: NoInfer<Row>): Market;
}

/** Reads market metadata row by row: one that cannot be read is named, and the others are markets all the same. */
export function readExchangeInfo<Row>({ rows, symbolOf, isOpen, parse }: MarketRows<Row>): ExchangeInfo {
  const markets: Market[] = [];
  const closed: Market[] = [];
  const skipped: { symbol: string; reason: string }[] = [];
  for (const row of rows) {
    const isTrading = isOpen(row);
    try {
      (isTrading ? markets : closed).push(parse(row));
    } catch (error) {
      // Markets that never opened or are long closed lack many fields.
      if (isTrading) skipped.push({ symbol: symbolOf(row), reason: describeError(error) });
    }
  }
  return { markets, closed, skipped };
}
