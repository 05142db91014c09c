import type { MarketSpec } from "./market-spec.ts";
import type { MarginMode, MarketStatus, PositionMode, PositionSide, Side, TimeInForce } from "./words.ts";

export type OrderStatus = "open" | "closed";
export type CloseReason =
  | "filled"
  | "user"
  /** End by the order's own time. */
  | "expired"
  | "postOnly"
  | "iocRemainder"
  | "fokUnfilled"
  | "selfTrade"
  | "reduceOnly"
  | "margin"
  | "liquidation"
  | "delisted"
  | "amended";

export interface OrderView {
  readonly orderId: number;
  readonly accountId: string;
  readonly clientId: string | null;
  readonly market: string;
  readonly side: Side;
  /** The leg that the order trades into; `both` in one-way mode. */
  readonly positionSide: PositionSide;
  readonly type: "limit" | "market";
  readonly price: bigint | null;
  readonly size: bigint;
  readonly filled: bigint;
  /** Sum of price times size over the fills, at 1e-16. */
  readonly filledCost: bigint;
  /** Sum over the fills, in cash units; below zero where rebates prevail. */
  readonly fees: bigint;
  readonly timeInForce: TimeInForce;
  readonly postOnly: boolean;
  /** Flag as the order asked for it. An order that closes a leg of a hedge only reduces, whatever the flag says. */
  readonly reduceOnly: boolean;
  readonly liquidation: boolean;
  /** Auto-deleveraging: the venue closed the position to cover what a liquidation left. */
  readonly adl: boolean;
  /** The market was delisted: the venue closed what was left of the position at mark. */
  readonly settlement: boolean;
  readonly status: OrderStatus;
  readonly closeReason: CloseReason | null;
  readonly createdMs: number;
  readonly updatedMs: number;
}

export interface FillView {
  readonly fillId: number;
  /** Id of a match, which both sides share. */
  readonly tradeId: number;
  readonly orderId: number;
  readonly accountId: string;
  readonly clientId: string | null;
  readonly market: string;
  readonly side: Side;
  readonly positionSide: PositionSide;
  readonly price: bigint;
  readonly size: bigint;
  /** Part of the size that closed the position; the rest opened. */
  readonly closedSize: bigint;
  /** PnL that the fill realised, without fees, in cash units. */
  readonly realized: bigint;
  readonly mark: bigint;
  readonly feeRate: bigint;
  readonly fee: bigint;
  readonly isMaker: boolean;
  readonly liquidation: boolean;
  /** True for an order of auto-deleveraging; the insurance fund is the other side there too. */
  readonly adl: boolean;
  /** True for the order that closed the position when its market was delisted. */
  readonly settlement: boolean;
  /** The insurance fund was the other side: no public trade (Bybit `BustTrade`, Binance `CALCULATED`). */
  readonly takeover: boolean;
  /** Sequence of the command that made it; see `Engine.sequence`. */
  readonly sequence: number;
  readonly timeMs: number;
}

export interface TradeView {
  readonly tradeId: number;
  readonly market: string;
  readonly price: bigint;
  readonly size: bigint;
  readonly takerSide: Side;
  readonly liquidation: boolean;
  /** Sequence of the command that made it; see `Engine.sequence`. */
  readonly sequence?: number;
  readonly timeMs: number;
}

export interface PositionView {
  readonly market: string;
  readonly side: PositionSide;
  /** Signed; a short is negative, as a short leg is. */
  readonly size: bigint;
  /** Signed sum of price times size of what is open, at 1e-16: entry is cost / size. */
  readonly cost: bigint;
  /** Lifetime realised PnL without fees and funding, in cash units. */
  readonly realized: bigint;
  /** Bought and sold since the position was last flat. */
  readonly buySize: bigint;
  readonly sellSize: bigint;
  /** Remaining size of the open orders on this position. */
  readonly openBuySize: bigint;
  readonly openSellSize: bigint;
  /** Part of that size that does not only reduce the position. */
  readonly openingBuySize: bigint;
  readonly openingSellSize: bigint;
  /** Realised since the position was last flat, in cash units. */
  readonly recentRealized: bigint;
  readonly mark: bigint;
  /** Unrealised profit at mark, rounded down to a unit. */
  readonly unrealized: bigint;
  readonly leverage: bigint;
  readonly marginMode: MarginMode;
  /**
   * Margin that an isolated position holds, in cash units; zero in cross. Below zero only where a reduction realised
   * more than it held, until the next `advance` liquidates.
   */
  readonly isolatedMargin: bigint;
  /** Size at mark over leverage; what the position itself needs, without its orders. */
  readonly initialMargin: bigint;
  /** Additional margin of its open orders. */
  readonly orderMargin: bigint;
  readonly maintenanceMargin: bigint;
  /**
   * The mark at which it would be liquidated while all other marks stand still; null when it is flat or when no mark
   * above zero would do it.
   */
  readonly liquidationPrice: bigint | null;
  /**
   * True where its equity (the account's cross equity in cross) is below maintenance margin: the next `advance`
   * liquidates it.
   */
  readonly liquidating: boolean;
  /** Times when it was last opened from flat, and last changed; 0 before the first fill. */
  readonly openedMs: number;
  readonly updatedMs: number;
  /** Sequence of the command that last changed it; see `Engine.sequence`. */
  readonly sequence: number;
}

export interface AccountView {
  readonly accountId: string;
  /** All of it: what isolated positions hold too. */
  readonly cash: bigint;
  /** The leverage of markets that have none of their own. */
  readonly leverage: bigint;
  /** The modes of markets that have none of their own. */
  readonly positionMode: PositionMode;
  readonly marginMode: MarginMode;
  /** Cash plus unrealised PnL at mark. */
  readonly equity: bigint;
  readonly unrealized: bigint;
  /** Margin of positions and open orders: the sum of the positions' `initialMargin` and `orderMargin`. */
  readonly initialMargin: bigint;
  readonly maintenanceMargin: bigint;
  /** Sum over the isolated positions. */
  readonly isolatedMargin: bigint;
  /** Cash less `isolatedMargin`. What an isolated position does changes it only by the margin moved in or out. */
  readonly crossCash: bigint;
  /** Cross cash plus unrealised PnL of the cross positions. */
  readonly crossEquity: bigint;
  readonly crossMaintenanceMargin: bigint;
  /** Cross equity less the margin of cross positions and of all open orders, never below zero. */
  readonly freeCollateral: bigint;
  /** Every position ever touched, flat ones too. */
  readonly positions: readonly PositionView[];
  /** Cross equity is below maintenance margin: no order is taken and the next `advance` liquidates. */
  readonly liquidating: boolean;
}

/** Settings of an account on one market: the market's own or else the account's. */
export interface MarketSettingsView {
  readonly market: string;
  readonly leverage: bigint;
  readonly positionMode: PositionMode;
  readonly marginMode: MarginMode;
}

export interface FundingPaymentView {
  readonly paymentId: number;
  readonly accountId: string;
  readonly market: string;
  /** One payment a leg. */
  readonly positionSide: PositionSide;
  /** Signed size that the payment was for. */
  readonly size: bigint;
  readonly mark: bigint;
  /** Positive is received. */
  readonly amount: bigint;
  /** The account's cash after the payment. */
  readonly cash: bigint;
  readonly rate: bigint;
  readonly timeMs: number;
}

export interface FundingRateView {
  readonly market: string;
  readonly rate: bigint;
  readonly timeMs: number;
}

export interface MarketView {
  readonly spec: MarketSpec;
  readonly status: MarketStatus;
  readonly index: bigint;
  readonly mark: bigint;
  readonly last: bigint | null;
  readonly bestBid: bigint | null;
  readonly bestAsk: bigint | null;
  readonly openInterest: bigint;
  readonly nextFundingMs: number;
  /** The rate that the running interval would settle with. */
  readonly predictedRate: bigint;
}

/**
 * Accounting of the money that left accounts. After every command this holds exactly, at 1e-16:
 *
 * UNIT * (sum of accounts' cash + insurance + fees - deposits) + residue = sum of open positions' cost
 *
 * with the insurance fund's positions among the open ones.
 */
export interface HouseView {
  /** Fees taken less rebates given. */
  readonly fees: bigint;
  /** The insurance fund's cash; below zero when it covered more than it had. */
  readonly insurance: bigint;
  /** Remainder from rounding realised PnL and funding to whole units, at 1e-16. */
  readonly residue: bigint;
  readonly deposits: bigint;
  /** Positions taken over from liquidated accounts. With them the positions of a market sum to zero. */
  readonly insurancePositions: readonly PositionView[];
}
