import { clamp, divideRound, median } from "./arithmetic.ts";
import type { EngineState, Market } from "./records.ts";
import { microsOf } from "./state.ts";
import { UNIT } from "./types.ts";

/** Mark stays within 5 % of index, whatever one account does to an empty book. */
const MAX_PREMIUM = UNIT / 20n;

/**
 * Mark is the median of index, the middle of the book and the last trade; before the first trade it is index held
 * within the best bid and ask; without a two-sided book it is index. It is then held within `MAX_PREMIUM` of index, and
 * changes only when time or index moves, not with every order.
 */
function markOf(market: Market): bigint {
  const { index, last } = market;
  const bid = market.book.best("buy")?.price;
  const ask = market.book.best("sell")?.price;
  if (bid === undefined || ask === undefined) return index;
  const mark = last === null ? clamp(index, bid, ask) : median(index, (bid + ask) / 2n, last);
  const reach = (index * MAX_PREMIUM) / UNIT;
  return clamp(mark, index - reach, index + reach);
}

/** Counts the premium that has held since the last sample, up to a time. */
export function samplePremium(market: Market, untilMicros: bigint): void {
  market.premiumSum += market.premium * (untilMicros - market.sampledMicros);
  market.sampledMicros = untilMicros;
}

export function updateMark(state: EngineState, market: Market, index: bigint): void {
  samplePremium(market, microsOf(state.nowMs));
  const { mark: markBefore, index: indexBefore } = market;
  market.index = index;
  market.mark = markOf(market);
  if (market.mark === markBefore && index === indexBefore) return;
  market.premium = divideRound((market.mark - index) * UNIT, index);
  if (market.mark !== markBefore) {
    for (const { account, size } of market.positions) if (size !== 0n) account.isUnchecked = true;
  }
  state.events.push({ type: "markChanged", market: market.spec.market, mark: market.mark, index });
}
