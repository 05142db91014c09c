import { type PositionTrade, payFromInsurance } from "./accounts.ts";
import { absolute, divideCeil, divideFloor, smaller } from "./arithmetic.ts";
import { effectiveLeverage, isIsolated, movableCash } from "./margin.ts";
import type { EngineState } from "./records.ts";

/**
 * Applies a fill to the margin of an isolated position, after PnL and fee were posted to the account's cash. All gains
 * and costs of the position go through its margin. The rest of the account's cash changes only by the amounts that are
 * moved in when it opens, at entry price over leverage, and out when it closes. The insurance fund pays the debt of a
 * closed position beyond its margin.
 */
export function settleIsolatedFill(state: EngineState, trade: PositionTrade, fee: bigint, isForced: boolean): void {
  const { position, closing, opening, sizeBefore } = trade;
  if (!isIsolated(position)) return;
  position.isolatedMargin -= fee;
  if (closing > 0n) {
    if (closing === absolute(sizeBefore)) releaseAll(state, trade);
    else if (isForced) position.isolatedMargin += trade.realized;
    else releaseShare(trade);
  }
  if (opening > 0n) {
    const wanted = divideCeil(trade.price * opening, effectiveLeverage(position));
    position.isolatedMargin += smaller(wanted, movableCash(position.account));
  }
}

function releaseAll(state: EngineState, { position, realized }: PositionTrade): void {
  const left = position.isolatedMargin + realized;
  position.isolatedMargin = 0n;
  if (left < 0n) payFromInsurance(state, position.account, -left);
}

/** The closed part takes its share of the margin along; a loss beyond that share is the remaining part's. */
function releaseShare({ position, closing, sizeBefore, realized }: PositionTrade): void {
  const share = divideFloor(position.isolatedMargin * closing, absolute(sizeBefore));
  position.isolatedMargin += smaller(0n, share + realized) - share;
}
