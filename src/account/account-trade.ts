import type { PositionAdjustment, TradeUpdate } from "../model/account-update.ts";
import type { Decimal } from "../model/decimal.ts";
import type { TradeFee } from "../model/fee.ts";
import type { Fill } from "../model/fill.ts";
import type { PositionMode, PositionSide } from "../model/order.ts";
import { fillKey } from "../trading/fill-ledger.ts";
import { positionSideOf } from "./position-estimate.ts";

/** A trade of the account, whoever made it: an order of ours, somebody else with the same account, the venue. */
export interface AccountTrade {
  /** Identity of the trade within the account. */
  readonly tradeKey: string;
  /** Id of the trade in the venue's cash flows, where they name it. */
  readonly sourceId: string;
  readonly tradingPair: string;
  readonly side: PositionSide;
  readonly price: Decimal;
  /** Negative for a sell. */
  readonly signedAmount: Decimal;
  readonly fee: TradeFee | undefined;
  /** Profit or loss as the venue told it. */
  readonly realizedPnl: Decimal | undefined;
  /** The venue made it by itself: its cash flows may not name the trade. */
  readonly isAdjustment: boolean;
  readonly timestampMs: number;
}

type Traded = Omit<Fill, "clientOrderId" | "positionAction"> & Pick<TradeUpdate, "positionAction">;

/** `held` tells what is open on a side: it decides what a trade that does not name its position closed. */
export function tradeOf(trade: Traded, mode: PositionMode, held: (side: PositionSide) => Decimal): AccountTrade {
  const { tradingPair, exchangeOrderId, fillId, price, fee, realizedPnl, timestampMs } = trade;
  const signedAmount = trade.side === "buy" ? trade.amount : trade.amount.neg();
  const opposite = trade.side === "buy" ? "short" : "long";
  const action = trade.positionAction ?? (mode === "hedge" && !held(opposite).isZero() ? "close" : "open");
  const side = positionSideOf(mode, trade.side, action);
  const tradeKey = fillKey(tradingPair, exchangeOrderId, fillId);
  const common = { tradingPair, side, price, signedAmount, fee, realizedPnl, timestampMs };
  return { tradeKey, sourceId: fillId, ...common, isAdjustment: false };
}

export function tradeOfAdjustment(adjustment: PositionAdjustment): AccountTrade {
  const { adjustmentId, tradingPair, side, price, fee, realizedPnl, timestampMs } = adjustment;
  const { amount: signedAmount, sourceId = adjustmentId } = adjustment;
  const common = { tradingPair, side, price, signedAmount, fee, realizedPnl, timestampMs };
  return { tradeKey: adjustmentId, sourceId, ...common, isAdjustment: true };
}
