import { divideRound } from "../../engine/arithmetic.ts";
import { type CloseReason, type OrderView, UNIT } from "../../engine/types.ts";
import type { ProtocolContext } from "./context.ts";
import { closesLeg } from "./order-checks.ts";
import { type ListedSymbol, priceText, quantityText } from "./symbols.ts";
import { fixed, type WireObject, wireTime } from "./wire.ts";

export type OrderStatus = "NEW" | "PARTIALLY_FILLED" | "FILLED" | "CANCELED" | "EXPIRED" | "EXPIRED_IN_MATCH";
/** Statuses of executions of the venue itself that are no longer documented, and still seen. */
export type ForcedStatus = "NEW_INSURANCE" | "NEW_ADL";

const CLOSED: Readonly<Record<CloseReason, OrderStatus>> = {
  filled: "FILLED",
  user: "CANCELED",
  expired: "EXPIRED",
  amended: "CANCELED",
  selfTrade: "EXPIRED_IN_MATCH",
  postOnly: "EXPIRED",
  iocRemainder: "EXPIRED",
  fokUnfilled: "EXPIRED",
  reduceOnly: "EXPIRED",
  margin: "EXPIRED",
  liquidation: "EXPIRED",
  delisted: "EXPIRED",
};

/** An order that ended early may have fills. */
export function orderStatus({ status, closeReason, liquidation, filled, size }: OrderView): OrderStatus {
  if (status === "closed" && closeReason !== null) {
    return liquidation && filled === size ? "FILLED" : CLOSED[closeReason];
  }
  return filled === 0n ? "NEW" : "PARTIALLY_FILLED";
}

/** Orders of the venue itself show as limit orders that are immediate or cancelled. */
export function orderType(order: OrderView): "LIMIT" | "MARKET" {
  return order.type === "limit" || isForced(order) ? "LIMIT" : "MARKET";
}

const isForced = ({ liquidation, adl, settlement }: OrderView): boolean => liquidation || adl || settlement;

export function orderTimeInForce({ goodTillDates }: ProtocolContext, order: OrderView): string {
  const { type, postOnly, timeInForce, orderId } = order;
  if (isForced(order)) return "IOC";
  if (type === "market") return "GTC";
  if (goodTillDates.dateOf(orderId) > 0) return "GTD";
  return postOnly ? "GTX" : timeInForce;
}

/**
 * Tells that an order only reduces. In hedge mode an order that closes a leg counts as reduce-only, whatever was sent.
 */
export function isReduceOnly({ reduceOnly, side, positionSide }: OrderView): boolean {
  return reduceOnly || closesLeg(side, positionSide);
}

export function averagePrice({ filled, filledCost }: OrderView): bigint {
  return filled === 0n ? 0n : divideRound(filledCost, filled);
}

/** Fields that both kinds of answer have. */
function commonFields(context: ProtocolContext, listed: ListedSymbol, order: OrderView): WireObject {
  const type = orderType(order);
  return {
    orderId: context.orderNames.orderId(order.orderId),
    symbol: listed.symbol,
    status: orderStatus(order),
    clientOrderId: context.orderNames.clientOrderId(order),
    price: priceText(listed, order.price ?? 0n),
    origQty: quantityText(listed, order.size),
    executedQty: quantityText(listed, order.filled),
    timeInForce: orderTimeInForce(context, order),
    type,
    origType: type,
    reduceOnly: isReduceOnly(order),
    closePosition: false,
    side: order.side === "buy" ? "BUY" : "SELL",
    positionSide: order.positionSide.toUpperCase(),
    stopPrice: priceText(listed, 0n),
    workingType: "CONTRACT_PRICE",
    priceProtect: false,
    priceMatch: context.orderNames.priceMatchOf(order.orderId),
    selfTradePreventionMode: "EXPIRE_MAKER",
    goodTillDate: context.goodTillDates.dateOf(order.orderId),
    updateTime: wireTime(order.updatedMs),
  };
}

/** The answer to a create or a cancel: without `avgPrice` and `cumQuote` since July 2026. */
export function orderResponse(context: ProtocolContext, order: OrderView): WireObject {
  const listed = context.symbols.ofMarket(order.market);
  return { ...commonFields(context, listed, order), cumQty: quantityText(listed, order.filled) };
}

/** The answer to a change. */
export function amendResponse(context: ProtocolContext, order: OrderView, modifyId: number | undefined): WireObject {
  const response = { ...orderResponse(context, order), pair: context.symbols.ofMarket(order.market).symbol };
  return modifyId === undefined ? response : { ...response, modifyId };
}

/** A row of a query. */
export function orderRow(context: ProtocolContext, order: OrderView): WireObject {
  const listed = context.symbols.ofMarket(order.market);
  return {
    ...commonFields(context, listed, order),
    avgPrice: fixed(averagePrice(order), Math.min(8, listed.pricePrecision + 3)),
    cumQuote: fixed(divideRound(order.filledCost, UNIT), 8),
    time: wireTime(order.createdMs),
  };
}

/** The same as it was when it was accepted, before it did anything: what ACK answers with. */
export function asAccepted(order: OrderView): OrderView {
  const fresh = { filled: 0n, filledCost: 0n, fees: 0n, status: "open", closeReason: null } as const;
  return { ...order, ...fresh, updatedMs: order.createdMs };
}
