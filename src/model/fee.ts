import { type Decimal, ZERO } from "./decimal.ts";

export interface FlatFee {
  readonly token: string;
  readonly amount: Decimal;
}

/**
 * A fee as the field's connectors know it. A percent fee of kind `addedToCost` is paid on top of what a buyer pays,
 * `deductedFromReturns` is taken from what comes back; flat fees are amounts of a token. Rebates are negative.
 */
export interface TradeFee {
  readonly kind: "addedToCost" | "deductedFromReturns";
  /** A fraction: 0.0002 is 2 basis points. */
  readonly percent: Decimal;
  readonly percentToken?: string | undefined;
  readonly flatFees: readonly FlatFee[];
}

/** Maker and taker fees of an account or a venue, as fractions. */
export interface TradeFeeSchema {
  readonly makerPercentFee: Decimal;
  readonly takerPercentFee: Decimal;
  /** Derivative venues charge collateral: the token, where the schema fixes one. */
  readonly percentFeeToken?: string | undefined;
  readonly makerFixedFees: readonly FlatFee[];
  readonly takerFixedFees: readonly FlatFee[];
  /** True where a buyer's percent fee comes out of the bought asset (usual on spot markets; false on perpetuals). */
  readonly buyPercentFeeDeductedFromReturns: boolean;
}

export const NO_FEE: TradeFee = { kind: "addedToCost", percent: ZERO, flatFees: [] };

/** A fee that the venue stated as an amount. */
export function flatFee(token: string, amount: Decimal): TradeFee {
  return { kind: "addedToCost", percent: ZERO, flatFees: [{ token, amount }] };
}

/** The fee that a schema foresees for an order, before the venue has said what it really was. */
export function feeFromSchema(schema: TradeFeeSchema, side: "buy" | "sell", isMaker: boolean): TradeFee {
  const deducted = side === "sell" || schema.buyPercentFeeDeductedFromReturns;
  return {
    kind: deducted ? "deductedFromReturns" : "addedToCost",
    percent: isMaker ? schema.makerPercentFee : schema.takerPercentFee,
    percentToken: schema.percentFeeToken,
    flatFees: isMaker ? schema.makerFixedFees : schema.takerFixedFees,
  };
}

/** Computes the fee in `token` on a trade of `notional` quote units. Flat fees in other tokens do not count. */
export function feeAmountInToken(fee: TradeFee, notional: Decimal, token: string): Decimal {
  let total = fee.percentToken === undefined || fee.percentToken === token ? fee.percent.times(notional) : ZERO;
  for (const flat of fee.flatFees) if (flat.token === token) total = total.plus(flat.amount);
  return total;
}
