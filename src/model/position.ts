import type { Decimal } from "./decimal.ts";
import type { TradingPair } from "./market.ts";
import type { PositionSide } from "./order.ts";

/** A position: `amount` is signed (short is negative), `entryPrice` is the average price it was opened at. */
export interface Position {
  readonly tradingPair: TradingPair;
  readonly side: PositionSide;
  readonly amount: Decimal;
  readonly entryPrice: Decimal;
  readonly unrealizedPnl: Decimal;
  readonly leverage: Decimal;
  readonly liquidationPrice?: Decimal | undefined;
  readonly markPrice?: Decimal | undefined;
  readonly timestampMs: number;
}

/** A position's identity: hedge mode has a long and a short one on the same market. */
export function positionKey(tradingPair: TradingPair, side: PositionSide): string {
  return `${tradingPair}:${side}`;
}
