import { applyTrade, planTrade } from "./accounts.ts";
import { absolute } from "./arithmetic.ts";
import { findOpenPosition } from "./checks.ts";
import { isBelowMaintenance, isIsolated, isIsolatedBelowMaintenance } from "./margin.ts";
import { fillSide, runLiquidation } from "./matching.ts";
import { opposite, remaining } from "./order.ts";
import { acceptOrder, closeOrder } from "./orders.ts";
import { positionOf } from "./position.ts";
import type { Account, EngineState, Position } from "./records.ts";
import { settingsOf } from "./settings.ts";
import type { Refusal } from "./state.ts";
import type { Command } from "./types.ts";

/**
 * Liquidates every account and every isolated position below maintenance margin, in order of opening, until there is
 * none: a liquidation trades with other accounts and may take them below theirs. It ends, for what was liquidated is
 * flat and has no orders. Only accounts that something moved for are looked at.
 */
export function liquidateAccounts(state: EngineState): void {
  for (let found = true; found; ) {
    found = false;
    for (const account of state.accounts.values()) {
      if (!account.isUnchecked) continue;
      account.isUnchecked = false;
      if (isBelowMaintenance(account)) {
        liquidateCross(state, account);
        found = true;
      }
      for (const position of account.positions.values()) {
        if (!isIsolatedBelowMaintenance(position)) continue;
        liquidateIsolated(state, position);
        found = true;
      }
    }
  }
}

/** Liquidates by hand, in the same way as a position below maintenance margin. */
export function liquidate(
  state: EngineState,
  { accountId, market, positionSide = "both" }: Extract<Command, { type: "liquidate" }>,
): Refusal | null {
  const position = findOpenPosition(state, accountId, market, positionSide);
  if ("code" in position) return position;
  if (isIsolated(position)) liquidateIsolated(state, position);
  else liquidateCross(state, position.account);
  return null;
}

/** Cancels the account's orders and closes its cross positions; what it then owes the insurance fund covers. */
function liquidateCross(state: EngineState, account: Account): void {
  for (const order of [...account.openOrders.values()]) closeOrder(state, order, "liquidation");
  for (const position of account.positions.values()) {
    if (position.size !== 0n && !isIsolated(position)) closePosition(state, position);
  }
}

/** Cancels the orders on the position and closes it; the rest of the account is not concerned. */
function liquidateIsolated(state: EngineState, position: Position): void {
  for (const order of [...position.account.openOrders.values()]) {
    if (order.position === position) closeOrder(state, order, "liquidation");
  }
  closePosition(state, position);
}

/**
 * Sells a position (or buys it back) as a market order would; the insurance fund takes over at mark what the book does
 * not take within the order's limit. The takeover is a fill without fee for the account, so that its fills add up to
 * its position, and no public trade.
 */
function closePosition(state: EngineState, position: Position): void {
  const { account, market } = position;
  const size = position.size;
  const order = acceptOrder(state, {
    account,
    market,
    side: size > 0n ? "sell" : "buy",
    positionSide: position.side,
    orderType: "market",
    price: null,
    size: absolute(size),
    timeInForce: "IOC",
    postOnly: false,
    reduceOnly: false,
    liquidation: true,
    clientId: null,
  });
  runLiquidation(state, order);
  const rest = remaining(order);
  if (rest > 0n) {
    const tradeId = state.nextTradeId++;
    fillSide(state, order, { tradeId, price: market.mark, size: rest, feeRate: 0n, isMaker: false, takeover: true });
    const insured = positionOf(state.insurance, market, "both");
    applyTrade(state, planTrade(insured, opposite(order.side), market.mark, rest));
  }
  closeOrder(state, order, "liquidation");
  const price = order.filledCost / order.filled;
  state.events.push({
    type: "liquidated",
    accountId: account.id,
    market: market.spec.market,
    positionSide: position.side,
    marginMode: settingsOf(account, market).marginMode,
    size,
    price,
    orderId: order.id,
    takeoverSize: rest,
  });
}
