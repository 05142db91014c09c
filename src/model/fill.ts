import type { Decimal } from "./decimal.ts";
import type { TradeFee } from "./fee.ts";
import type { TradingPair } from "./market.ts";
import type { OrderSide, PositionAction } from "./order.ts";

/** One execution of one order. `fillId` is the venue's, unique within account, symbol and order. */
export interface Fill {
  readonly fillId: string;
  readonly clientOrderId: string;
  readonly exchangeOrderId: string;
  readonly tradingPair: TradingPair;
  readonly side: OrderSide;
  readonly positionAction: PositionAction;
  readonly price: Decimal;
  /** Base units, always positive. */
  readonly amount: Decimal;
  readonly fee: TradeFee;
  /** Profit or loss that it realised without its fee, quote units; absent where the venue does not tell. */
  readonly realizedPnl?: Decimal | undefined;
  readonly isMaker: boolean;
  readonly timestampMs: number;
}
