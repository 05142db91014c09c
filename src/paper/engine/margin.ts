import { absolute, divideCeil, divideFloor, larger, smaller } from "./arithmetic.ts";
import type { Account, Position } from "./state.ts";
import { UNIT } from "./types.ts";

/** Cash plus unrealised PnL at mark, rounded down to a unit: never more than the account has. */
export function equityOf(account: Account): bigint {
  let unrealized = 0n;
  for (const position of account.positions.values()) {
    if (position.size !== 0n) unrealized += position.size * position.market.mark - position.cost;
  }
  return account.cash + divideFloor(unrealized, UNIT);
}

/**
 * The largest the position can become if some of its open orders fill (FTX's `openSize`), with `extraBuy` and
 * `extraSell` more on order. Reduce-only orders cannot enlarge it and do not count.
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

/** Exposure at mark over leverage, summed over markets: what positions and open orders hold. */
export function initialMarginOf(account: Account, leverage: bigint = account.leverage): bigint {
  let total = 0n;
  for (const position of account.positions.values()) {
    total += marginOfExposure(position, exposure(position, 0n, 0n), leverage);
  }
  return total;
}

export function maintenanceMarginOf(account: Account): bigint {
  let total = 0n;
  for (const { size, market } of account.positions.values()) {
    if (size === 0n) continue;
    total += divideCeil(absolute(size) * market.mark * market.spec.maintenanceFraction, UNIT * UNIT);
  }
  return total;
}

/** Below maintenance margin, with something to liquidate. */
export function isBelowMaintenance(account: Account): boolean {
  const maintenance = maintenanceMarginOf(account);
  return maintenance > 0n && equityOf(account) < maintenance;
}

/**
 * What the account would lack if its open orders grew by `extraBuy` and `extraSell` (negative where one is replaced);
 * zero when it can. Orders that do not enlarge the exposure are always fine.
 */
export function shortfall(position: Position, extraBuy: bigint, extraSell: bigint): bigint {
  const before = exposure(position, 0n, 0n);
  const after = exposure(position, extraBuy, extraSell);
  if (after <= before) return 0n;
  const { account } = position;
  const needed =
    initialMarginOf(account) -
    marginOfExposure(position, before, account.leverage) +
    marginOfExposure(position, after, account.leverage);
  return larger(0n, needed - equityOf(account));
}
