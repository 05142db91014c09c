import type { BookFrame } from "../../../../../src/market-data/book-frame.ts";
import type { BookWire } from "../../../../../src/market-data/book-wire.ts";
import { pushLevels } from "../../../../../src/market-data/frame-checks.ts";
import { type SizeUnit, sizeUnitOf } from "../../../../../src/market-data/size-unit.ts";
import type { Decimal } from "../../../../../src/model/decimal.ts";
import type { Market, TradingPair } from "../../../../../src/model/market.ts";
import { marketOf, type VenueMarkets } from "../../../../../src/model/venue-markets.ts";

interface WireTrade {
  readonly side: "buy" | "sell";
  readonly size: Decimal;
}

export function tradeSize(row: WireTrade, market: Market) {
  // <trade-size>
  const { side } = row;
  const amount = row.size.times(market.rule.contractSize);
  // </trade-size>
  return { side, amount };
}

interface BookData {
  readonly bids: readonly unknown[];
  readonly asks: readonly unknown[];
}

// <fill-levels>
/** Sizes are contracts: the frame has base units. */
function fillLevels(frame: BookFrame, { bids, asks }: Pick<BookData, "bids" | "asks">, unit?: SizeUnit): void {
  pushLevels(frame.bids, bids, unit);
  pushLevels(frame.asks, asks, unit);
}
// </fill-levels>

export function fillFrame(frame: BookFrame, message: { readonly data: BookData }, market: Market): void {
  // <frame-levels>
  fillLevels(frame, message.data, sizeUnitOf(market.rule.contractSize));
  // </frame-levels>
}

type Context = { readonly markets: VenueMarkets };

export function fillSnapshot(context: Context, tradingPair: TradingPair, frame: BookFrame, book: BookData): void {
  // <snapshot-levels>
  const { contractSize } = marketOf(context.markets, tradingPair).rule;
  fillLevels(frame, book, sizeUnitOf(contractSize));
  // </snapshot-levels>
}

export const wireSizes: Partial<BookWire> = {
  // <wire-sizes>
  isInContracts: true,
  // </wire-sizes>
};
