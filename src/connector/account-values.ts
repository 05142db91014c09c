import type { AccountBalance, Balance } from "../model/balance.ts";
import { type Decimal, sum } from "../model/decimal.ts";
import type { TradingPair, TradingRule } from "../model/market.ts";
import type { Position } from "../model/position.ts";

export interface ValueSource {
  /** Mark price, or another fair one; undefined while none is known. */
  fairPrice(tradingPair: TradingPair): Decimal | undefined;
  /** Undefined for a market that the venue does not list. */
  rule(tradingPair: TradingPair): TradingRule | undefined;
}

/** Computes unrealised profit from the mark price, for the account's own figure may be as old as the last poll. */
export function unrealizedPnlOf(position: Position, { fairPrice, rule }: ValueSource): Decimal {
  const { tradingPair, amount, entryPrice, unrealizedPnl: reported } = position;
  const fair = fairPrice(tradingPair);
  const isLinear = rule(tradingPair)?.contractKind === "linear";
  return fair !== undefined && isLinear ? fair.minus(entryPrice).times(amount) : reported;
}

/**
 * Tells cash and equity apart. `isEquity`: what the venue calls the balance holds the unrealised profit and loss of open
 * positions (FTX), as it was when the balance was told; else it is cash.
 */
export function accountBalance(
  balance: Balance,
  positions: readonly Position[],
  source: ValueSource,
  isEquity: boolean,
): AccountBalance {
  const own = positions.filter(
    ({ tradingPair }) => source.rule(tradingPair)?.buyOrderCollateralToken === balance.asset,
  );
  const { total } = balance;
  if (isEquity)
    return { ...balance, cash: total.minus(sum(own.map(({ unrealizedPnl }) => unrealizedPnl))), equity: total };
  return { ...balance, cash: total, equity: total.plus(sum(own.map((position) => unrealizedPnlOf(position, source)))) };
}
