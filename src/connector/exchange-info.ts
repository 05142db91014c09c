import { describeError } from "../model/error.ts";
import type { Market } from "../model/market.ts";
import type { ExchangeInfo } from "./perpetual-venue.ts";

export type MarketRow = Readonly<Record<string, unknown>>;

export interface MarketRows {
  /** All that the venue sent. */
  readonly rows: readonly unknown[];
  /** Empty where the row does not say. */
  symbolOf(row: MarketRow): string;
  /** True for a market of the kind that is traded here. */
  isOffered(row: MarketRow): boolean;
  /** True when it trades now. Others are listed and closed: not yet open, suspended, settling or delisted. */
  isOpen(row: MarketRow): boolean;
  parse(row: MarketRow): Market;
}

/** Reads market metadata row by row: one that cannot be read is named, and the others are markets all the same. */
export function readExchangeInfo({ rows, symbolOf, isOffered, isOpen, parse }: MarketRows): ExchangeInfo {
  const markets: Market[] = [];
  const closed: Market[] = [];
  const skipped: { symbol: string; reason: string }[] = [];
  for (const row of rows) {
    if (!isRow(row) || symbolOf(row) === "") {
      skipped.push({ symbol: "", reason: "a row that does not name its market" });
      continue;
    }
    if (!isOffered(row)) continue;
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

function isRow(row: unknown): row is MarketRow {
  return typeof row === "object" && row !== null && !Array.isArray(row);
}
