import { absolute, divideRound, larger, smaller } from "./arithmetic.ts";
import { crossCashOf } from "./margin.ts";
import type { Account, EngineState, Position } from "./records.ts";
import { settingsOf } from "./settings.ts";
import { type EngineEvent, type Side, UNIT } from "./types.ts";

type CashReason = Extract<EngineEvent, { type: "cashChanged" }>["reason"];

export function postCash(state: EngineState, account: Account, change: bigint, reason: CashReason): void {
  if (change === 0n) return;
  account.cash += change;
  account.isUnchecked = true;
  if (account === state.insurance) return;
  state.events.push({ type: "cashChanged", accountId: account.id, cash: account.cash, change, reason });
}

/** Effects of a trade on a position, computed before it is made. */
export interface PositionTrade {
  readonly position: Position;
  readonly side: Side;
  readonly price: bigint;
  readonly sizeBefore: bigint;
  /** Unsigned parts of the size that close the position and that open it (again, where it turns around). */
  readonly closing: bigint;
  readonly opening: bigint;
  /** The share of the cost that is closed, and the PnL with it, both at 1e-16. */
  readonly released: bigint;
  readonly exactRealized: bigint;
  /** Rounded to a unit of cash. */
  readonly realized: bigint;
}

/**
 * Plans a trade's effects on a position. With n the signed price times size of the trade and R the PnL realised, both
 * at 1e-16, the cost changes so that `cost' - R = cost + n`, exactly: what division leaves when a part is closed stays
 * in the cost. Over both sides of a trade the n cancel, so the sum of costs moves by the sum of R. R is then rounded,
 * once, to whole units of cash, and R less what was posted goes to the residue: that is the identity of `HouseView`.
 */
export function planTrade(position: Position, side: Side, price: bigint, size: bigint): PositionTrade {
  const { size: sizeBefore, cost } = position;
  const isOpposed = side === "buy" ? sizeBefore < 0n : sizeBefore > 0n;
  const closing = isOpposed ? smaller(absolute(sizeBefore), size) : 0n;
  const released = closing === 0n ? 0n : (cost * closing) / absolute(sizeBefore);
  const exactRealized = closing === 0n ? 0n : -(released + price * signed(side, closing));
  const realized = divideRound(exactRealized, UNIT);
  return { position, side, price, sizeBefore, closing, opening: size - closing, released, exactRealized, realized };
}

/** Trades into the position and the realised PnL into cash. */
export function applyTrade(state: EngineState, trade: PositionTrade): void {
  const { position, side, price, sizeBefore, closing, opening, released, exactRealized, realized } = trade;
  if (closing > 0n) {
    position.size += signed(side, closing);
    position.cost -= released;
    position.realized += realized;
    position.recentRealized += realized;
    addTraded(position, side, closing);
    state.residue += exactRealized - realized * UNIT;
    postCash(state, position.account, realized, "trade");
  }
  if (opening > 0n) {
    if (position.size === 0n) startAfresh(state, position);
    position.size += signed(side, opening);
    position.cost += price * signed(side, opening);
    addTraded(position, side, opening);
  }
  position.market.openInterest += larger(position.size, 0n) - larger(sizeBefore, 0n);
  state.reduceOnlyChecks.add(position);
  markChanged(state, position);
}

function signed(side: Side, size: bigint): bigint {
  return side === "buy" ? size : -size;
}

function startAfresh(state: EngineState, position: Position): void {
  position.recentRealized = 0n;
  position.buySize = 0n;
  position.sellSize = 0n;
  position.openedMs = state.nowMs;
}

function addTraded(position: Position, side: Side, size: bigint): void {
  if (side === "buy") position.buySize += size;
  else position.sellSize += size;
}

/** Has the position reported once the command is done. */
export function markChanged(state: EngineState, position: Position): void {
  position.account.isUnchecked = true;
  position.updatedMs = state.nowMs;
  position.sequence = state.sequence;
  state.changedPositions.add(position);
}

/** A fee, or a rebate where negative. Both sides of the posting are the rounded amount, so no residue arises. */
export function postFee(state: EngineState, account: Account, fee: bigint): void {
  state.fees += fee;
  postCash(state, account, -fee, "fee");
}

export function deposit(state: EngineState, account: Account, amount: bigint): void {
  state.deposits += amount;
  postCash(state, account, amount, "deposit");
}

/** The insurance fund pays what an account without open cross positions owes. */
export function coverDebt(state: EngineState, account: Account): void {
  const debt = -crossCashOf(account);
  if (debt <= 0n || account === state.insurance) return;
  for (const { size, market } of account.positions.values()) {
    if (size !== 0n && settingsOf(account, market).marginMode === "cross") return;
  }
  payFromInsurance(state, account, debt);
}

export function payFromInsurance(state: EngineState, account: Account, amount: bigint): void {
  state.insurance.cash -= amount;
  postCash(state, account, amount, "insurance");
}
