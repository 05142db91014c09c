import { larger } from "./arithmetic.ts";
import { predictedRate } from "./funding.ts";
import { equityOf, initialMarginOf, maintenanceMarginOf } from "./margin.ts";
import type { Order } from "./order.ts";
import type { Account, EngineState, Market, Position } from "./state.ts";
import type { AccountView, HouseView, MarketView, OrderView, PositionView } from "./types.ts";

export function orderView(order: Order): OrderView {
  return {
    orderId: order.id,
    accountId: order.account.id,
    clientId: order.clientId,
    market: order.market.spec.market,
    side: order.side,
    type: order.type,
    price: order.price,
    size: order.size,
    filled: order.filled,
    filledCost: order.filledCost,
    timeInForce: order.timeInForce,
    postOnly: order.postOnly,
    reduceOnly: order.reduceOnly,
    liquidation: order.liquidation,
    status: order.closeReason === null ? "open" : "closed",
    closeReason: order.closeReason,
    createdMs: order.createdMs,
    updatedMs: order.updatedMs,
  };
}

export function positionView(position: Position): PositionView {
  return {
    market: position.market.spec.market,
    size: position.size,
    cost: position.cost,
    realized: position.realized,
    buySize: position.buySize,
    sellSize: position.sellSize,
    openBuySize: position.open.buy + position.reducing.buy,
    openSellSize: position.open.sell + position.reducing.sell,
    recentRealized: position.recentRealized,
  };
}

export function accountView(account: Account): AccountView {
  const equity = equityOf(account);
  const initialMargin = initialMarginOf(account);
  const maintenanceMargin = maintenanceMarginOf(account);
  return {
    accountId: account.id,
    cash: account.cash,
    leverage: account.leverage,
    equity,
    initialMargin,
    maintenanceMargin,
    freeCollateral: larger(0n, equity - initialMargin),
    positions: [...account.positions.values()].map(positionView),
    liquidating: maintenanceMargin > 0n && equity < maintenanceMargin,
  };
}

export function marketView(state: EngineState, market: Market): MarketView {
  return {
    spec: market.spec,
    index: market.index,
    mark: market.mark,
    last: market.last,
    bestBid: market.book.best("buy")?.price ?? null,
    bestAsk: market.book.best("sell")?.price ?? null,
    openInterest: market.openInterest,
    nextFundingMs: market.nextFundingMs,
    predictedRate: predictedRate(state, market),
  };
}

export function houseView(state: EngineState): HouseView {
  return {
    fees: state.fees,
    insurance: state.insurance.cash,
    residue: state.residue,
    deposits: state.deposits,
    insurancePositions: [...state.insurance.positions.values()].map(positionView),
  };
}
