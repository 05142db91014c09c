import { type Decimal, plus, ZERO } from "../model/decimal.ts";
import { feeFromSchema, type TradeFee, type TradeFeeSchema } from "../model/fee.ts";
import { splitTradingPair, type TradingPair } from "../model/market.ts";
import type { OrderSide, PositionAction } from "../model/order.ts";

/**
 * The fee that an order is expected to pay. On a perpetual the percent fee is on the notional and comes out of the
 * collateral: added to the cost when a position opens, deducted from what is released when it closes.
 */
export function expectedPerpetualFee(
  schema: TradeFeeSchema,
  order: { readonly side: OrderSide; readonly positionAction: PositionAction; readonly isMaker: boolean },
  collateralToken: string,
): TradeFee {
  const fee = feeFromSchema(schema, order.side, order.isMaker);
  return {
    ...fee,
    kind: order.positionAction === "open" ? "addedToCost" : "deductedFromReturns",
    percentToken: fee.percentToken ?? collateralToken,
  };
}

/** Part of that fee that is in `token`, for an order that opens a position of this notional. */
export function expectedFeeIn(token: string, schema: TradeFeeSchema, notional: Decimal, isMaker: boolean): Decimal {
  const { percentFeeToken = token } = schema;
  const percent = isMaker ? schema.makerPercentFee : schema.takerPercentFee;
  let total: Decimal = percentFeeToken === token && !percent.isZero() ? percent.times(notional) : ZERO;
  for (const flat of isMaker ? schema.makerFixedFees : schema.takerFixedFees) {
    if (flat.token === token) total = plus(total, flat.amount);
  }
  return total;
}

type FeeAmounts = readonly (readonly [token: string, amount: Decimal])[];
/** Amounts of the last fee that is flat: a fill's fee is asked for by each who counts it. */
let latest: { readonly fee: TradeFee; readonly amounts: FeeAmounts } | undefined;

/** Computes the fee of a trade, by token. A percent fee without a token is in the pair's quote. */
export function feeAmounts(
  fee: TradeFee,
  trade: { readonly tradingPair: TradingPair; readonly price: Decimal; readonly amount: Decimal },
): FeeAmounts {
  if (fee === latest?.fee) return latest.amounts;
  const amounts: [string, Decimal][] = [];
  const isFlat = fee.percent.isZero();
  if (!isFlat) {
    const token = fee.percentToken ?? splitTradingPair(trade.tradingPair)[1];
    amounts.push([token, fee.percent.times(trade.price).times(trade.amount)]);
  }
  for (const flat of fee.flatFees) amounts.push([flat.token, flat.amount]);
  if (isFlat) latest = { fee, amounts };
  return amounts;
}
