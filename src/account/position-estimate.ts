import { Decimal, ZERO } from "../model/decimal.ts";
import type { MarginMode, OrderSide, PositionAction, PositionMode, PositionSide } from "../model/order.ts";
import type { Position } from "../model/position.ts";

/** Finds the position that a trade changes: in hedge mode a sell that closes belongs to the long one. */
export function positionSideOf(mode: PositionMode, side: OrderSide, action: PositionAction): PositionSide {
  if (mode === "oneWay") return "both";
  return (side === "buy") === (action === "open") ? "long" : "short";
}

export interface PositionTrade {
  readonly tradingPair: string;
  readonly side: PositionSide;
  /** Margin mode of a position that is opened by it. Default `cross`. */
  readonly marginMode?: MarginMode | undefined;
  readonly price: Decimal;
  /** Negative for a sell. */
  readonly signedAmount: Decimal;
  /** Leverage of a position that the trade opens. */
  readonly leverage: Decimal;
  readonly timestampMs: number;
}

export interface TradedPosition {
  readonly position: Position;
  readonly realizedPnl: Decimal;
  /** Growth of the position's margin, at its entry price and leverage. */
  readonly marginChange: Decimal;
}

/** A linear position after a trade: what adds to it averages in, what reduces it realises profit or loss. */
export function tradePosition(known: Position | undefined, trade: PositionTrade): TradedPosition {
  const before = known?.amount ?? ZERO;
  const entryBefore = known?.entryPrice ?? ZERO;
  const after = before.plus(trade.signedAmount);
  const closed =
    before.isNegative() === trade.signedAmount.isNegative()
      ? ZERO
      : Decimal.min(before.abs(), trade.signedAmount.abs());
  const direction = before.isNegative() ? -1 : 1;
  const realizedPnl = trade.price.minus(entryBefore).times(closed).times(direction);
  const entryPrice = entryAfter(before, entryBefore, after, trade);
  const marginBefore = before
    .abs()
    .times(entryBefore)
    .div(known?.leverage ?? trade.leverage);
  const marginAfter = after.abs().times(entryPrice).div(trade.leverage);
  const { markPrice } = known ?? {};
  const position: Position = {
    tradingPair: trade.tradingPair,
    side: trade.side,
    marginMode: known?.marginMode ?? trade.marginMode ?? "cross",
    amount: after,
    entryPrice,
    unrealizedPnl: after.isZero() || markPrice === undefined ? ZERO : markPrice.minus(entryPrice).times(after),
    leverage: trade.leverage,
    liquidationPrice: undefined,
    markPrice,
    timestampMs: Math.max(trade.timestampMs, known?.timestampMs ?? trade.timestampMs),
  };
  return { position, realizedPnl, marginChange: marginAfter.minus(marginBefore) };
}

function entryAfter(before: Decimal, entryBefore: Decimal, after: Decimal, trade: PositionTrade): Decimal {
  if (after.isZero()) return ZERO;
  if (before.isZero() || before.isNegative() !== after.isNegative()) return trade.price;
  if (after.abs().lte(before.abs())) return entryBefore;
  return before.times(entryBefore).plus(trade.signedAmount.times(trade.price)).div(after);
}
