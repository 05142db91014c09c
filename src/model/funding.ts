import type { Decimal } from "./decimal.ts";
import type { TradingPair } from "./market.ts";

/** Current funding of a market. `rate` is per interval, positive when longs pay. */
export interface FundingInfo {
  readonly tradingPair: TradingPair;
  readonly indexPrice: Decimal;
  readonly markPrice: Decimal;
  readonly nextFundingTimestampMs: number;
  readonly rate: Decimal;
  /** Kind of `rate`: an estimate for the next settlement, or the settled rate of the last one. */
  readonly kind: "predicted" | "settled";
  readonly timestampMs: number;
}

/** The fields of a `FundingInfo` that one message carried. */
export type FundingInfoUpdate = Pick<FundingInfo, "tradingPair" | "timestampMs"> & {
  readonly [Field in keyof FundingInfo]?: FundingInfo[Field] | undefined;
};

/** The same as a venue translates it; what a message without a time tells is as new as its arrival. */
export type FundingInfoMessage = Omit<FundingInfoUpdate, "timestampMs"> & Partial<Pick<FundingInfo, "timestampMs">>;

/** One settlement booked to the account: positive is received, negative is paid, on every venue. */
export interface FundingPayment {
  /** The venue's id, or one made of market and settlement time where it has none: the same payment, the same id. */
  readonly paymentId: string;
  readonly tradingPair: TradingPair;
  readonly asset: string;
  readonly amount: Decimal;
  readonly rate?: Decimal | undefined;
  readonly timestampMs: number;
}
