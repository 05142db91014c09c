import { coverDebt } from "./accounts.ts";
import { absolute, divideFloor, smaller } from "./arithmetic.ts";
import { findOpenPosition, refusal } from "./checks.ts";
import { fillAtMark } from "./fill-at-mark.ts";
import { isIsolated, positionMarginOf, unrealizedOf } from "./margin.ts";
import type { Account, EngineState, Market, Position } from "./records.ts";
import type { Refusal } from "./state.ts";
import { type Command, UNIT } from "./types.ts";

/** Reduces by hand, whatever the fund holds and the position earns. */
export function deleverage(state: EngineState, command: Extract<Command, { type: "deleverage" }>): Refusal | null {
  const { accountId, market, positionSide = "both" } = command;
  const position = findOpenPosition(state, accountId, market, positionSide);
  if ("code" in position) return position;
  const size = command.size ?? absolute(position.size);
  if (size <= 0n || size > absolute(position.size))
    return refusal("invalidSize", "the size is not a part of the position");
  if (size % position.market.spec.lot !== 0n) return refusal("invalidSize", "the size is not a multiple of the lot");
  reduce(state, position, size);
  return null;
}

/**
 * Closes what the fund took over, while it is worth less than nothing, against positions in profit on the other side:
 * those with the highest profit on their margin first, in order of opening where they are equal.
 */
export function deleverageWinners(state: EngineState): void {
  if (state.config.autoDeleverage !== true) return;
  for (const { account } of state.changedPositions) coverDebt(state, account);
  for (const insured of state.insurance.positions.values()) {
    while (insured.size !== 0n && fundEquityOf(state.insurance) < 0n) {
      const winner = bestWinner(state, insured.market, insured.size < 0n);
      if (winner === undefined) break;
      reduce(state, winner, smaller(absolute(winner.size), absolute(insured.size)));
    }
  }
}

function fundEquityOf({ cash, positions }: Account): bigint {
  let equity = cash;
  for (const position of positions.values()) equity += unrealizedOf(position);
  return equity;
}

function bestWinner(state: EngineState, market: Market, isLong: boolean): Position | undefined {
  let best: Position | undefined;
  let bestRank = 0n;
  for (const account of state.accounts.values()) {
    for (const position of account.positions.values()) {
      if (position.market !== market || position.size === 0n || position.size > 0n !== isLong) continue;
      const rank = rankOf(position);
      if (rank <= bestRank) continue;
      best = position;
      bestRank = rank;
    }
  }
  return best;
}

/** Profit over margin; zero or less where there is no profit. */
function rankOf(position: Position): bigint {
  const margin = isIsolated(position) ? position.isolatedMargin : positionMarginOf(position);
  return margin <= 0n ? 0n : divideFloor(unrealizedOf(position) * UNIT, margin);
}

/** A fill without fee and without a public trade, as a takeover is; resting orders stay. */
function reduce(state: EngineState, position: Position, size: bigint): void {
  const { account, market } = position;
  const order = fillAtMark(state, position, size, "adl");
  state.events.push({
    type: "deleveraged",
    accountId: account.id,
    market: market.spec.market,
    positionSide: position.side,
    size: order.side === "sell" ? size : -size,
    price: market.mark,
    orderId: order.id,
  });
}
