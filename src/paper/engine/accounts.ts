import { absolute, divideRound, larger, smaller } from "./arithmetic.ts";
import type { Account, EngineState, Position } from "./state.ts";
import { type EngineEvent, type Side, UNIT } from "./types.ts";

type CashReason = Extract<EngineEvent, { type: "cashChanged" }>["reason"];

export function postCash(state: EngineState, account: Account, change: bigint, reason: CashReason): void {
  if (change === 0n) return;
  account.cash += change;
  if (account === state.insurance) return;
  state.events.push({ type: "cashChanged", accountId: account.id, cash: account.cash, change, reason });
}

/**
 * Trades `size` at `price` into a position and its realised PnL into cash.
 *
 * With n the signed price times size of the trade and R the PnL realised, both at 1e-16, the cost changes so that
 * `cost' - R = cost + n`, exactly: what division leaves when a part is closed stays in the cost. Over both sides of a
 * trade the n cancel, so the sum of costs moves by the sum of R. R is then rounded, once, to whole units of cash, and
 * R less what was posted goes to the residue: that is the identity of `HouseView`.
 */
export function tradeIntoPosition(
  state: EngineState,
  position: Position,
  side: Side,
  price: bigint,
  size: bigint,
): void {
  const before = position.size;
  const isOpposed = side === "buy" ? before < 0n : before > 0n;
  const closing = isOpposed ? smaller(absolute(before), size) : 0n;
  if (closing > 0n) closePart(state, position, side, price, closing);
  const opening = side === "buy" ? size - closing : closing - size;
  if (opening !== 0n) {
    if (position.size === 0n) startAfresh(position);
    position.size += opening;
    position.cost += price * opening;
    addTraded(position, side, absolute(opening));
  }
  position.market.openInterest += larger(position.size, 0n) - larger(before, 0n);
  state.changedPositions.add(position);
  state.reduceOnlyChecks.add(position);
}

function closePart(state: EngineState, position: Position, side: Side, price: bigint, closing: bigint): void {
  const released = (position.cost * closing) / absolute(position.size);
  const signed = side === "buy" ? closing : -closing;
  const exact = -(released + price * signed);
  const posted = divideRound(exact, UNIT);
  position.size += signed;
  position.cost -= released;
  position.realized += posted;
  position.recentRealized += posted;
  addTraded(position, side, closing);
  state.residue += exact - posted * UNIT;
  postCash(state, position.account, posted, "trade");
}

function startAfresh(position: Position): void {
  position.recentRealized = 0n;
  position.buySize = 0n;
  position.sellSize = 0n;
}

function addTraded(position: Position, side: Side, size: bigint): void {
  if (side === "buy") position.buySize += size;
  else position.sellSize += size;
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

/** The insurance fund pays what a flat account owes. */
export function coverDebt(state: EngineState, account: Account): void {
  if (account.cash >= 0n || account === state.insurance) return;
  for (const position of account.positions.values()) if (position.size !== 0n) return;
  const debt = -account.cash;
  state.insurance.cash -= debt;
  postCash(state, account, debt, "insurance");
}
