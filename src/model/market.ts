import type { Decimal } from "./decimal.ts";

/** `BASE-QUOTE`, for example `BTC-USD`. */
export type TradingPair = string;

/**
 * The venue's requirements for orders on one market. Amounts are in base units, prices and notionals in quote units.
 */
export interface TradingRule {
  readonly tradingPair: TradingPair;
  readonly minOrderSize: Decimal;
  readonly maxOrderSize?: Decimal | undefined;
  /** Minimum of market orders, where it differs from `minOrderSize`. */
  readonly minMarketOrderSize?: Decimal | undefined;
  /** The largest market order, on many venues far below `maxOrderSize`; absent where the two are one. */
  readonly maxMarketOrderSize?: Decimal | undefined;
  /** Tick: prices are whole multiples of it. */
  readonly minPriceIncrement: Decimal;
  /** Step: amounts are whole multiples of it. */
  readonly minBaseAmountIncrement: Decimal;
  /** Step of market orders, where it differs from `minBaseAmountIncrement`. */
  readonly minMarketBaseAmountIncrement?: Decimal | undefined;
  /** Orders that the venue knows to close a position are exempt from it. */
  readonly minNotionalSize: Decimal;
  /** The largest value of one limit order. */
  readonly maxNotionalSize?: Decimal | undefined;
  /** Maximum of market orders. */
  readonly maxMarketNotionalSize?: Decimal | undefined;
  /** The lowest price that an order may have. */
  readonly minPrice?: Decimal | undefined;
  readonly maxPrice?: Decimal | undefined;
  /** Some venues allow this many significant digits in a price besides the tick; whole prices may have more. */
  readonly maxPriceSignificantDigits?: number | undefined;
  /** The smallest amount that may rest in the book, where it differs from the smallest order. */
  readonly minMakerSize?: Decimal | undefined;
  /** The most orders of the account that may rest on the market at a time. */
  readonly maxOpenOrders?: number | undefined;
  /** Base units in one contract; 1 where the venue trades in base units. */
  readonly contractSize: Decimal;
  readonly contractKind: "linear" | "inverse";
  readonly buyOrderCollateralToken: string;
  readonly sellOrderCollateralToken: string;
  readonly supportsMarketOrders: boolean;
}

export interface Market {
  readonly tradingPair: TradingPair;
  /** The venue's own name, for example `BTC-PERP`. */
  readonly symbol: string;
  readonly baseAsset: string;
  readonly quoteAsset: string;
  readonly rule: TradingRule;
  readonly fundingIntervalMs: number;
  /** Facts that only the venue itself reads, by its own names, for example the number that its requests give the market. */
  readonly venueData?: Readonly<Record<string, string | number>> | undefined;
}

/** Splits `BASE-QUOTE`; the base may itself hold a dash, the quote never does. */
export function splitTradingPair(tradingPair: TradingPair): readonly [base: string, quote: string] {
  const at = tradingPair.lastIndexOf("-");
  if (at <= 0 || at === tradingPair.length - 1)
    throw new TypeError(`"${tradingPair}" is not a trading pair BASE-QUOTE`);
  return [tradingPair.slice(0, at), tradingPair.slice(at + 1)];
}

/** A public trade. `side` is the taker's. */
export interface PublicTrade {
  readonly tradingPair: TradingPair;
  readonly tradeId: string;
  readonly side: "buy" | "sell";
  readonly price: Decimal;
  readonly amount: Decimal;
  readonly timestampMs: number;
  readonly liquidation: boolean;
}
