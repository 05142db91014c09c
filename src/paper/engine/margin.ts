import { absolute, divideCeil, divideFloor, larger, smaller } from "./arithmetic.ts";
import { findPosition } from "./position.ts";
import type { Account, Position } from "./records.ts";
import { settingsOf } from "./settings.ts";
import { UNIT } from "./types.ts";

type LeverageOf = (position: Position) => bigint;

const UNIT_SQUARED = UNIT * UNIT;

export function isIsolated({ account, market }: Position): boolean {
  return settingsOf(account, market).marginMode === "isolated";
}

const presentLeverage: LeverageOf = ({ account, market }) => settingsOf(account, market).leverage;

/** Unrealised PnL at mark, at 1e-16. */
function exactUnrealized({ size, cost, market }: Position): bigint {
  return size === 0n ? 0n : size * market.mark - cost;
}

/** Unrealised PnL rounded down to a unit: never more than there is. */
export function unrealizedOf(position: Position): bigint {
  return divideFloor(exactUnrealized(position), UNIT);
}

/** The same over all of the account's positions, rounded once. */
export function accountUnrealizedOf(account: Account): bigint {
  let total = 0n;
  for (const position of account.positions.values()) total += exactUnrealized(position);
  return divideFloor(total, UNIT);
}

export function isolatedMarginOf(account: Account): bigint {
  let total = 0n;
  for (const { isolatedMargin } of account.positions.values()) total += isolatedMargin;
  return total;
}

/** Computes the cash that isolated positions do not hold. */
export function crossCashOf(account: Account): bigint {
  return account.cash - isolatedMarginOf(account);
}

export function crossEquityOf(account: Account): bigint {
  let unrealized = 0n;
  for (const position of account.positions.values()) {
    if (position.size !== 0n && !isIsolated(position)) unrealized += exactUnrealized(position);
  }
  return crossCashOf(account) + divideFloor(unrealized, UNIT);
}

export function isolatedEquityOf(position: Position): bigint {
  return position.isolatedMargin + unrealizedOf(position);
}

/**
 * The largest the position can become if some of its open orders fill (FTX's `openSize`), with `extraBuy` and
 * `extraSell` more on order. Orders that only reduce cannot enlarge it and do not count.
 */
function exposure(position: Position, extraBuy: bigint, extraSell: bigint): bigint {
  const long = absolute(position.size + position.open.buy + extraBuy);
  const short = absolute(position.size - position.open.sell - extraSell);
  return larger(long, short);
}

function marginOfExposure(position: Position, size: bigint, leverage: bigint): bigint {
  if (size === 0n) return 0n;
  const { mark, spec } = position.market;
  return divideCeil(size * mark, smaller(leverage, spec.maxLeverage));
}

/** The leverage that counts: what was set, within what the market allows. */
export function effectiveLeverage(position: Position): bigint {
  return smaller(presentLeverage(position), position.market.spec.maxLeverage);
}

/** Computes the position's own margin: its size at mark over leverage. */
export function positionMarginOf(position: Position, leverageOf: LeverageOf = presentLeverage): bigint {
  return marginOfExposure(position, absolute(position.size), leverageOf(position));
}

/** Computes the additional margin of its open orders. */
export function orderMarginOf(position: Position, leverageOf: LeverageOf = presentLeverage): bigint {
  const leverage = leverageOf(position);
  const size = exposure(position, 0n, 0n);
  if (size === absolute(position.size)) return 0n;
  return marginOfExposure(position, size, leverage) - positionMarginOf(position, leverageOf);
}

/** Computes the margin that the account's cross equity holds: for its cross positions and all open orders. */
export function heldMarginOf(account: Account, leverageOf: LeverageOf = presentLeverage): bigint {
  let total = 0n;
  for (const position of account.positions.values()) {
    total += orderMarginOf(position, leverageOf);
    if (!isIsolated(position)) total += positionMarginOf(position, leverageOf);
  }
  return total;
}

function isolatedOrderMargin(account: Account, leverageOf: LeverageOf = presentLeverage): bigint {
  let total = 0n;
  for (const position of account.positions.values()) {
    if (isIsolated(position)) total += orderMarginOf(position, leverageOf);
  }
  return total;
}

export function positionMaintenanceOf({ size, market }: Position): bigint {
  if (size === 0n) return 0n;
  return divideCeil(absolute(size) * market.mark * market.spec.maintenanceFraction, UNIT_SQUARED);
}

export function crossMaintenanceOf(account: Account): bigint {
  let total = 0n;
  for (const position of account.positions.values()) {
    if (position.size !== 0n && !isIsolated(position)) total += positionMaintenanceOf(position);
  }
  return total;
}

/** Cross equity below maintenance margin, with something to liquidate. */
export function isBelowMaintenance(account: Account): boolean {
  let maintenance = 0n;
  let unrealized = 0n;
  let isolated = 0n;
  for (const position of account.positions.values()) {
    isolated += position.isolatedMargin;
    if (position.size === 0n || isIsolated(position)) continue;
    maintenance += positionMaintenanceOf(position);
    unrealized += exactUnrealized(position);
  }
  return maintenance > 0n && account.cash - isolated + divideFloor(unrealized, UNIT) < maintenance;
}

/** The same of an isolated position by itself. */
export function isIsolatedBelowMaintenance(position: Position): boolean {
  return position.size !== 0n && isIsolated(position) && isolatedEquityOf(position) < positionMaintenanceOf(position);
}

/** Sizes by which the open orders of a position grow; negative where one is replaced. */
export interface Growth {
  readonly position: Position;
  readonly buy: bigint;
  readonly sell: bigint;
}

/** Margin that a position and its orders hold of the account's cross equity when the orders have grown so. */
function grownMarginOf(position: Position, buy: bigint, sell: bigint): bigint {
  const leverage = presentLeverage(position);
  const grown = marginOfExposure(position, exposure(position, buy, sell), leverage);
  return isIsolated(position) ? grown - marginOfExposure(position, absolute(position.size), leverage) : grown;
}

const NONE_AHEAD: readonly Growth[] = [];
const NO_GROWTH = { buy: 0n, sell: 0n };

/** Sums the same up over the positions of an account and those that are about to be its own. */
function heldMarginWith(
  account: Account,
  growths: readonly Growth[],
  isWanted: (position: Position) => boolean,
): bigint {
  let total = 0n;
  for (const position of account.positions.values()) {
    if (!isWanted(position)) continue;
    const { buy, sell } = growths.find((growth) => growth.position === position) ?? NO_GROWTH;
    total += grownMarginOf(position, buy, sell);
  }
  for (const { position, buy, sell } of growths) {
    const isNew = findPosition(account, position.market, position.side) !== position;
    if (isNew && isWanted(position)) total += grownMarginOf(position, buy, sell);
  }
  return total;
}

/**
 * Collateral that the account would lack if an order grew its open orders so; zero when there is enough. `ahead`: growth by
 * orders that come before it, one entry a position. An order that does not enlarge the exposure is always fine. Unrealised
 * profit carries cross positions but cannot be moved into isolated ones: orders for those must find cash.
 */
export function shortfall({ position, buy, sell }: Growth, ahead: readonly Growth[] = NONE_AHEAD): bigint {
  const own = ahead.find((growth) => growth.position === position);
  const { buy: aheadBuy, sell: aheadSell } = own ?? NO_GROWTH;
  const grown = { position, buy: aheadBuy + buy, sell: aheadSell + sell };
  if (exposure(position, grown.buy, grown.sell) <= exposure(position, aheadBuy, aheadSell)) return 0n;
  const all = ahead.length === 0 ? [grown] : [...ahead.filter((growth) => growth !== own), grown];
  const { account } = position;
  const missing = larger(0n, heldMarginWith(account, all, () => true) - crossEquityOf(account));
  if (!isIsolated(position)) return missing;
  return larger(missing, heldMarginWith(account, all, isIsolated) - crossCashOf(account));
}

/** Computes the account's missing margin with other leverages; zero when they fit. */
export function shortfallWith(account: Account, leverageOf: LeverageOf): bigint {
  let missing = larger(0n, heldMarginOf(account, leverageOf) - crossEquityOf(account));
  missing = larger(missing, isolatedOrderMargin(account, leverageOf) - larger(0n, crossCashOf(account)));
  for (const position of account.positions.values()) {
    if (!isIsolated(position) || leverageOf(position) >= presentLeverage(position)) continue;
    missing = larger(missing, positionMarginOf(position, leverageOf) - isolatedEquityOf(position));
  }
  return missing;
}

/**
 * Computes the part of the account's cash that may become margin of isolated positions, without taking from cross
 * positions.
 */
export function movableCash(account: Account): bigint {
  let free = crossEquityOf(account);
  for (const position of account.positions.values()) {
    if (!isIsolated(position)) free -= positionMarginOf(position);
  }
  return larger(0n, smaller(crossCashOf(account), free));
}
