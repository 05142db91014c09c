import { absolute, divideFloor, divideRound, larger } from "../../engine/arithmetic.ts";
import { type AccountView, type MarketView, type PositionView, UNIT } from "../../engine/types.ts";
import type { Login } from "../accounts.ts";
import type { ProtocolContext } from "./context.ts";
import { wireName } from "./market-names.ts";
import type { WireObject } from "./wire.ts";

/** Price times size in USD. */
function notional(price: bigint, size: bigint): bigint {
  return divideRound(price * size, UNIT);
}

function fraction(part: bigint, whole: bigint): bigint | null {
  return whole === 0n ? null : divideRound(part * UNIT, whole);
}

/** FTX realises profit continuously, so that unrealised profit is part of the balance. */
export function balanceObjects(account: AccountView): readonly WireObject[] {
  const { equity, freeCollateral } = account;
  return [
    {
      coin: "USD",
      total: equity,
      free: freeCollateral,
      availableWithoutBorrow: freeCollateral,
      usdValue: equity,
      spotBorrow: 0n,
    },
  ];
}

export function accountObject(context: ProtocolContext, login: Login, account: AccountView): WireObject {
  const { config, engine } = context;
  const rows = positionRows(context, account);
  const totalPositionSize = rows.reduce((total, { market, position }) => total + exposureUsd(market, position), 0n);
  const totalOpenSize = rows.reduce((total, { market, position }) => total + openSizeUsd(market, position), 0n);
  const usualMaintenance = engine.markets()[0]?.spec.maintenanceFraction ?? 0n;
  return {
    accountIdentifier: login.identifier,
    username: login.username,
    collateral: account.equity,
    freeCollateral: account.freeCollateral,
    totalAccountValue: account.equity,
    totalPositionSize,
    initialMarginRequirement: initialMarginFraction(account),
    maintenanceMarginRequirement: fraction(account.maintenanceMargin, totalPositionSize) ?? usualMaintenance,
    marginFraction: fraction(account.equity, totalPositionSize),
    openMarginFraction: fraction(account.equity, totalOpenSize),
    liquidating: account.liquidating,
    backstopProvider: false,
    positions: rows.map(({ market, position }) => positionObject(account, market, position)),
    takerFee: config.takerFee,
    makerFee: config.makerFee,
    leverage: account.leverage,
    futuresLeverage: account.leverage,
    positionLimit: null,
    positionLimitUsed: null,
    useFttCollateral: true,
    chargeInterestOnNegativeUsd: false,
    spotMarginEnabled: false,
    spotLendingEnabled: false,
    accountType: null,
  };
}

/** Every future that was ever touched, flat ones too. */
export function positionObjects(
  context: ProtocolContext,
  account: AccountView,
  showAvgPrice: boolean,
): readonly WireObject[] {
  return positionRows(context, account).map(({ market, position }) => ({
    ...positionObject(account, market, position),
    ...(showAvgPrice ? averagePriceFields(market, position) : {}),
  }));
}

interface PositionRow {
  readonly market: MarketView;
  readonly position: PositionView;
}

function positionRows(context: ProtocolContext, account: AccountView): readonly PositionRow[] {
  return account.positions.flatMap((position) => {
    const market = context.engine.market(position.market);
    return market === undefined ? [] : [{ market, position }];
  });
}

function initialMarginFraction(account: AccountView): bigint {
  return divideRound(UNIT * UNIT, account.leverage);
}

function exposureUsd({ mark }: MarketView, { size }: PositionView): bigint {
  return notional(absolute(size), mark);
}

/** The largest the position can become if some of the open orders fill. */
function openSize({ size, openBuySize, openSellSize }: PositionView): bigint {
  return larger(absolute(size + openBuySize), absolute(size - openSellSize));
}

function openSizeUsd({ mark }: MarketView, position: PositionView): bigint {
  return notional(openSize(position), mark);
}

function unrealized({ mark }: MarketView, { size, cost }: PositionView): bigint {
  return divideFloor(size * mark - cost, UNIT);
}

function positionObject(account: AccountView, market: MarketView, position: PositionView): WireObject {
  const { size } = position;
  return {
    future: wireName(market),
    size: absolute(size),
    side: size < 0n ? "sell" : "buy",
    netSize: size,
    longOrderSize: position.openBuySize,
    shortOrderSize: position.openSellSize,
    cost: notional(size, market.mark),
    entryPrice: size === 0n ? null : market.mark,
    unrealizedPnl: 0n,
    realizedPnl: position.realized + unrealized(market, position),
    initialMarginRequirement: initialMarginFraction(account),
    maintenanceMarginRequirement: market.spec.maintenanceFraction,
    openSize: openSize(position),
    collateralUsed: divideRound(openSize(position) * market.mark, account.leverage),
    estimatedLiquidationPrice: size === 0n ? null : liquidationPrice(account, market, position),
  };
}

/** The mark at which equity falls to the maintenance margin while all other marks stand still; never below zero. */
function liquidationPrice(account: AccountView, { mark, spec }: MarketView, { size }: PositionView): bigint {
  const own = divideRound(absolute(size) * mark * spec.maintenanceFraction, UNIT * UNIT);
  const others = account.maintenanceMargin - own;
  const slope = size * UNIT - absolute(size) * spec.maintenanceFraction;
  const needed = (notional(size, mark) - account.equity + others) * UNIT * UNIT;
  const price = slope > 0n ? divideRound(needed, slope) : divideRound(-needed, -slope);
  return larger(0n, price);
}

/** `recentAverageOpenPrice` is the true entry price, `recentPnl` the profit since the position was last flat. */
function averagePriceFields(market: MarketView, position: PositionView): WireObject {
  const { size, cost, recentRealized } = position;
  if (size === 0n) {
    return {
      recentAverageOpenPrice: null,
      recentPnl: null,
      recentBreakEvenPrice: null,
      cumulativeBuySize: null,
      cumulativeSellSize: null,
    };
  }
  const magnitude = absolute(size);
  const sign = size < 0n ? -1n : 1n;
  return {
    recentAverageOpenPrice: divideRound(cost * sign, magnitude),
    recentPnl: recentRealized + unrealized(market, position),
    recentBreakEvenPrice: divideRound((cost - recentRealized * UNIT) * sign, magnitude),
    cumulativeBuySize: position.buySize,
    cumulativeSellSize: position.sellSize,
  };
}
