import { larger } from "./arithmetic.ts";
import { predictedRate } from "./funding.ts";
import { crossStandingOf, liquidationPriceOf, type Standing, standingOf } from "./liquidation-price.ts";
import {
  accountUnrealizedOf,
  effectiveLeverage,
  heldMarginOf,
  isIsolated,
  isolatedMarginOf,
  orderMarginOf,
  positionMaintenanceOf,
  positionMarginOf,
  unrealizedOf,
} from "./margin.ts";
import type { Account, EngineState, Market, Order, Position } from "./records.ts";
import { settingsOf } from "./settings.ts";
import type { AccountView, HouseView, MarketView, OrderView, PositionView } from "./types.ts";

export function orderView(order: Order): OrderView {
  return {
    orderId: order.id,
    accountId: order.account.id,
    clientId: order.clientId,
    market: order.market.spec.market,
    side: order.side,
    positionSide: order.position.side,
    type: order.type,
    price: order.price,
    size: order.size,
    filled: order.filled,
    filledCost: order.filledCost,
    fees: order.fees,
    timeInForce: order.timeInForce,
    postOnly: order.postOnly,
    reduceOnly: order.reduceOnly,
    liquidation: order.liquidation,
    adl: order.adl,
    settlement: order.settlement,
    status: order.closeReason === null ? "open" : "closed",
    closeReason: order.closeReason,
    createdMs: order.createdMs,
    updatedMs: order.updatedMs,
  };
}

export function positionView(position: Position, standing: Standing = standingOf(position)): PositionView {
  const { account, market } = position;
  return {
    market: market.spec.market,
    side: position.side,
    size: position.size,
    cost: position.cost,
    realized: position.realized,
    buySize: position.buySize,
    sellSize: position.sellSize,
    openBuySize: position.open.buy + position.reducing.buy,
    openSellSize: position.open.sell + position.reducing.sell,
    openingBuySize: position.open.buy,
    openingSellSize: position.open.sell,
    recentRealized: position.recentRealized,
    mark: market.mark,
    unrealized: unrealizedOf(position),
    leverage: effectiveLeverage(position),
    marginMode: settingsOf(account, market).marginMode,
    isolatedMargin: position.isolatedMargin,
    initialMargin: positionMarginOf(position),
    orderMargin: orderMarginOf(position),
    maintenanceMargin: positionMaintenanceOf(position),
    liquidationPrice: liquidationPriceOf(position, standing),
    liquidating: position.size !== 0n && standing.equity < standing.maintenance,
    openedMs: position.openedMs,
    updatedMs: position.updatedMs,
    sequence: position.sequence,
  };
}

export function accountView(account: Account): AccountView {
  const cross = crossStandingOf(account);
  const unrealized = accountUnrealizedOf(account);
  const views = [...account.positions.values()].map((position) =>
    positionView(position, isIsolated(position) ? undefined : cross),
  );
  const isolatedMargin = isolatedMarginOf(account);
  return {
    accountId: account.id,
    cash: account.cash,
    ...account.settings,
    equity: account.cash + unrealized,
    unrealized,
    initialMargin: views.reduce((sum, { initialMargin, orderMargin }) => sum + initialMargin + orderMargin, 0n),
    maintenanceMargin: views.reduce((sum, { maintenanceMargin }) => sum + maintenanceMargin, 0n),
    isolatedMargin,
    crossCash: account.cash - isolatedMargin,
    crossEquity: cross.equity,
    crossMaintenanceMargin: cross.maintenance,
    freeCollateral: larger(0n, cross.equity - heldMarginOf(account)),
    positions: views,
    liquidating: cross.maintenance > 0n && cross.equity < cross.maintenance,
  };
}

/** A request looks at its market several times; the predicted rate alone takes a third of a microsecond. */
export function marketView(state: EngineState, market: Market): MarketView {
  if (market.view !== null && market.viewedTurn === state.turn) return market.view;
  const view = {
    spec: market.spec,
    status: market.status,
    index: market.index,
    mark: market.mark,
    last: market.last,
    bestBid: market.book.best("buy")?.price ?? null,
    bestAsk: market.book.best("sell")?.price ?? null,
    openInterest: market.openInterest,
    nextFundingMs: market.nextFundingMs,
    predictedRate: predictedRate(state, market),
  };
  market.view = view;
  market.viewedTurn = state.turn;
  return view;
}

export function houseView(state: EngineState): HouseView {
  return {
    fees: state.fees,
    insurance: state.insurance.cash,
    residue: state.residue,
    deposits: state.deposits,
    insurancePositions: [...state.insurance.positions.values()].map((position) => positionView(position)),
  };
}
