import { tradeIntoPosition } from "./accounts.ts";
import { absolute } from "./arithmetic.ts";
import { isBelowMaintenance } from "./margin.ts";
import { fillSide, runLiquidation } from "./matching.ts";
import { opposite, remaining } from "./order.ts";
import { acceptOrder, closeOrder } from "./orders.ts";
import { type Account, type EngineState, type Position, positionOf } from "./state.ts";

/**
 * Liquidates every account below maintenance margin, in order of opening, until there is none: a liquidation trades
 * with other accounts and may take them below theirs. It ends, for a liquidated account is flat and has no orders.
 */
export function liquidateAccounts(state: EngineState): void {
  for (let found = true; found; ) {
    found = false;
    for (const account of state.accounts.values()) {
      if (!isBelowMaintenance(account)) continue;
      liquidate(state, account);
      found = true;
    }
  }
}

/** Cancels the account's orders and closes all its positions; what it then owes the insurance fund covers. */
function liquidate(state: EngineState, account: Account): void {
  for (const order of [...account.openOrders.values()]) closeOrder(state, order, "liquidation");
  for (const position of account.positions.values()) {
    if (position.size !== 0n) closePosition(state, position);
  }
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
    fillSide(state, order, state.nextTradeId++, market.mark, rest, 0n, false);
    tradeIntoPosition(state, positionOf(state.insurance, market), opposite(order.side), market.mark, rest);
  }
  closeOrder(state, order, "liquidation");
  const price = order.filledCost / order.filled;
  state.events.push({ type: "liquidated", accountId: account.id, market: market.spec.market, size, price });
}
