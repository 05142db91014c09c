import type { Decimal } from "./decimal.ts";
import type { TradingPair } from "./market.ts";

export type OrderSide = "buy" | "sell";
/** `limitMaker` is a post-only limit order. */
export type OrderType = "limit" | "limitMaker" | "market";
export type TimeInForce = "GTC" | "IOC" | "FOK";
export type PositionAction = "open" | "close";
export type PositionMode = "oneWay" | "hedge";
/** `both` is the one position of a market in one-way mode. */
export type PositionSide = "long" | "short" | "both";
/** `isolated`: the position has a margin of its own; `cross`: it shares that of the account. */
export type MarginMode = "cross" | "isolated";

/**
 * State of an order. Only venue evidence leaves `unknown` and `lost`; `pendingCancel` is an open order whose cancel was
 * sent and is not confirmed; `awaitingFills` has ended by the venue's word, and not all of its fills have come.
 */
export type OrderState =
  | "pendingCreate"
  | "open"
  | "partiallyFilled"
  | "pendingCancel"
  | "awaitingFills"
  | "unknown"
  | "lost"
  | "filled"
  | "canceled"
  | "expired"
  | "failed";

/** Order states that a venue can report. */
export type VenueOrderState = "open" | "partiallyFilled" | "filled" | "canceled" | "expired" | "failed";

export type TerminalReason =
  | "user"
  | "postOnly"
  | "iocRemainder"
  | "selfTrade"
  | "reduceOnly"
  | "margin"
  | "liquidation"
  | "venue";

const TERMINAL: ReadonlySet<OrderState> = new Set<OrderState>(["filled", "canceled", "expired", "failed"]);

export function isTerminal(state: OrderState): boolean {
  return TERMINAL.has(state);
}

/** An order that passed every check of ours, with the amounts that will be sent. */
export interface OrderToPlace {
  readonly clientOrderId: string;
  readonly tradingPair: TradingPair;
  readonly side: OrderSide;
  readonly type: OrderType;
  readonly amount: Decimal;
  /** Price; absent for market orders. */
  readonly price?: Decimal | undefined;
  readonly timeInForce: TimeInForce;
  readonly reduceOnly: boolean;
  readonly positionAction: PositionAction;
  readonly positionMode: PositionMode;
  /** Margin mode of the position that it trades; absent where the market or the account decides it. */
  readonly marginMode?: MarginMode | undefined;
  readonly leverage?: Decimal | undefined;
  /**
   * Price that a market order was expected to trade at when it was made, in quote units. Used where the venue has no
   * market orders: the connector then sends an IOC order whose limit is derived from this price.
   */
  readonly referencePrice?: Decimal | undefined;
}

/** Identifiers that a venue needs to find one of our orders again. */
export interface OrderReference {
  readonly clientOrderId: string;
  readonly exchangeOrderId?: string | undefined;
  readonly tradingPair: TradingPair;
  readonly side: OrderSide;
  readonly amount: Decimal;
  readonly price?: Decimal | undefined;
  readonly type: OrderType;
  readonly timeInForce: TimeInForce;
  readonly createdAtMs: number;
  /** Reduce-only flag; absent where it is not known. */
  readonly reduceOnly?: boolean | undefined;
  readonly positionMode?: PositionMode | undefined;
}

/** An order as the venue lists it, ours or not. */
export interface VenueOrder {
  readonly tradingPair: TradingPair;
  readonly exchangeOrderId: string;
  /** Client order id; absent where the order has none: then it is not ours. */
  readonly clientOrderId?: string | undefined;
  readonly side: OrderSide;
  readonly type: OrderType;
  readonly price?: Decimal | undefined;
  readonly amount: Decimal;
  readonly executedAmount: Decimal;
  readonly averagePrice?: Decimal | undefined;
  readonly reduceOnly: boolean;
  readonly state: VenueOrderState;
  /** Reason of an order that the venue made by itself, where it says so on the order alone, not on its fills (FTX). */
  readonly adjustmentReason?: "liquidation" | "adl" | "settlement" | undefined;
  /** Creation time. */
  readonly timestampMs: number;
  /** Time of the last change, by the venue's clock; absent where the venue does not tell it (FTX). */
  readonly updatedAtMs?: number | undefined;
}
