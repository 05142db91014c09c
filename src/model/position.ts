import type { Decimal } from "./decimal.ts";
import type { TradingPair } from "./market.ts";
import type { MarginMode, PositionMode, PositionSide } from "./order.ts";

/** A position: `amount` is signed (short is negative), `entryPrice` is the average price it was opened at. */
export interface Position {
  readonly tradingPair: TradingPair;
  readonly side: PositionSide;
  readonly marginMode: MarginMode;
  readonly amount: Decimal;
  readonly entryPrice: Decimal;
  readonly unrealizedPnl: Decimal;
  readonly leverage: Decimal;
  readonly liquidationPrice?: Decimal | undefined;
  readonly markPrice?: Decimal | undefined;
  readonly timestampMs: number;
}

/**
 * A position's identity: hedge mode has a long and a short one on the same market, and some venues (OKX) hold one of
 * each margin mode side by side.
 */
export function positionKey(tradingPair: TradingPair, side: PositionSide, marginMode: MarginMode = "cross"): string {
  return marginMode === "cross" ? `${tradingPair}:${side}` : `${tradingPair}:${side}:${marginMode}`;
}

/** True when a market in this mode can have a position of this side. */
export function fitsMode(side: PositionSide, mode: PositionMode): boolean {
  return (side === "both") === (mode === "oneWay");
}
