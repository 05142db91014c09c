import { absolute, divideRound } from "./arithmetic.ts";
import { crossEquityOf, crossMaintenanceOf, isIsolated, isolatedEquityOf, positionMaintenanceOf } from "./margin.ts";
import { findPosition } from "./position.ts";
import type { Account, Position } from "./records.ts";
import { UNIT } from "./types.ts";

/** Figures that decide over a position's liquidation: its own equity in isolated margin, the account's in cross. */
export interface Standing {
  readonly equity: bigint;
  readonly maintenance: bigint;
}

export function crossStandingOf(account: Account): Standing {
  return { equity: crossEquityOf(account), maintenance: crossMaintenanceOf(account) };
}

export function standingOf(position: Position): Standing {
  if (!isIsolated(position)) return crossStandingOf(position.account);
  return { equity: isolatedEquityOf(position), maintenance: positionMaintenanceOf(position) };
}

/**
 * Computes the mark price where equity and maintenance margin meet: with the mark off by d, equity is off by the net
 * size times d and maintenance by the gross size times its fraction times d. Both legs of a hedge in cross margin move
 * together.
 */
export function liquidationPriceOf(position: Position, { equity, maintenance }: Standing): bigint | null {
  if (position.size === 0n) return null;
  const { account, market } = position;
  let net = position.size;
  let gross = absolute(position.size);
  if (position.side !== "both" && !isIsolated(position)) {
    const other = findPosition(account, market, position.side === "long" ? "short" : "long")?.size ?? 0n;
    net += other;
    gross += absolute(other);
  }
  const slope = net * UNIT - gross * market.spec.maintenanceFraction;
  if (slope === 0n) return null;
  const spare = (equity - maintenance) * UNIT * UNIT;
  const price = market.mark - (slope > 0n ? divideRound(spare, slope) : -divideRound(spare, -slope));
  return price > 0n ? price : null;
}
