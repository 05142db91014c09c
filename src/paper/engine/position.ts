import type { Account, Market, Position } from "./records.ts";
import { settingsOf } from "./settings.ts";
import type { PositionSide, Side } from "./types.ts";

const SIDES: readonly PositionSide[] = ["both", "long", "short"];

function positionKey(market: Market, side: PositionSide): string {
  return side === "both" ? market.spec.market : `${market.spec.market}:${side}`;
}

/** The account's position, made flat if there is none. */
export function positionOf(account: Account, market: Market, side: PositionSide): Position {
  const known = findPosition(account, market, side);
  if (known !== undefined) return known;
  const position = newPosition(account, market, side);
  account.positions.set(positionKey(market, side), position);
  market.positions.push(position);
  return position;
}

/** A flat position that the account does not hold yet. */
export function newPosition(account: Account, market: Market, side: PositionSide): Position {
  return {
    account,
    market,
    side,
    size: 0n,
    cost: 0n,
    realized: 0n,
    recentRealized: 0n,
    buySize: 0n,
    sellSize: 0n,
    isolatedMargin: 0n,
    openedMs: 0,
    updatedMs: 0,
    sequence: 0,
    open: { buy: 0n, sell: 0n },
    reducing: { buy: 0n, sell: 0n },
  };
}

/** The account's position for reading only: a look must not leave a row behind. */
export function findPosition(account: Account, market: Market, side: PositionSide): Position | undefined {
  return account.positions.get(positionKey(market, side));
}

/** All that the account ever had on a market, whatever the mode was. */
export function positionsOn(account: Account, market: Market): readonly Position[] {
  const positions: Position[] = [];
  for (const side of SIDES) {
    const position = findPosition(account, market, side);
    if (position !== undefined) positions.push(position);
  }
  return positions;
}

/** The position, or both legs, that the account has on a market in its present mode; made up flat where missing. */
export function presentPositions(account: Account, market: Market): readonly Position[] {
  const isHedge = settingsOf(account, market).positionMode === "hedge";
  const sides: readonly PositionSide[] = isHedge ? ["long", "short"] : ["both"];
  return sides.map((side) => findPosition(account, market, side) ?? newPosition(account, market, side));
}

/** Tells that an order of this side can only make the leg smaller. The one position of one-way mode takes both. */
export function closesLeg(positionSide: PositionSide, side: Side): boolean {
  return positionSide === "long" ? side === "sell" : positionSide === "short" && side === "buy";
}
