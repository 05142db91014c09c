import type { CloseReason, FillView, OrderView, Side } from "../../engine/types.ts";
import type { ProtocolContext } from "./context.ts";
import {
  averagePrice,
  type ForcedStatus,
  isReduceOnly,
  type OrderStatus,
  orderStatus,
  orderTimeInForce,
  orderType,
} from "./order-objects.ts";
import { type ListedSymbol, priceText, quantityText } from "./symbols.ts";
import { fixed, money, notionalOf, type WireObject, wireTime } from "./wire.ts";

type ExecutionType = "NEW" | "CANCELED" | "CALCULATED" | "EXPIRED" | "TRADE" | "AMENDMENT";

/** Code in `er` of an order that expired; the rest of a market order has a code of its own. */
const EXPIRY_REASONS: Readonly<Partial<Record<CloseReason, string>>> = {
  selfTrade: "1",
  iocRemainder: "2",
  fokUnfilled: "10",
  postOnly: "11",
  reduceOnly: "4",
  liquidation: "5",
};

const MARKET_REMAINDER = "9";

function expiryReasonOf({ type, closeReason }: OrderView): string {
  if (type === "market" && closeReason === "iocRemainder") return MARKET_REMAINDER;
  return EXPIRY_REASONS[closeReason ?? "filled"] ?? "0";
}

/** One execution, or none. */
interface Execution {
  readonly type: ExecutionType;
  readonly status: OrderStatus | ForcedStatus;
  readonly timeMs: number;
  readonly fill?: FillView;
}

export function lifeMessage(context: ProtocolContext, order: OrderView, type: "NEW" | "AMENDMENT"): WireObject {
  return orderMessage(context, order, { type, status: orderStatus(order), timeMs: order.updatedMs });
}

/** Nothing for an order that its last fill closed: that one said so. */
export function closeMessage(context: ProtocolContext, order: OrderView): readonly WireObject[] {
  const status = orderStatus(order);
  if (status === "FILLED") return [];
  const type = status === "CANCELED" ? "CANCELED" : "EXPIRED";
  return [orderMessage(context, order, { type, status, timeMs: order.updatedMs })];
}

/** `latest` is the order as it is after everything that happened at once; the message has it as this fill left it. */
export function executionMessage(context: ProtocolContext, latest: OrderView, fill: FillView): WireObject {
  const order = asOfFill(context, latest, fill);
  const isLast = order.filled === latest.filled && orderStatus(latest) === "FILLED";
  return orderMessage(context, order, {
    type: fill.takeover ? "CALCULATED" : "TRADE",
    status: forcedStatusOf(context, fill) ?? (isLast ? "FILLED" : "PARTIALLY_FILLED"),
    timeMs: fill.timeMs,
    fill,
  });
}

function forcedStatusOf({ hasForcedStatuses }: ProtocolContext, { takeover, adl }: FillView): ForcedStatus | undefined {
  if (!hasForcedStatuses || !takeover) return undefined;
  return adl ? "NEW_ADL" : "NEW_INSURANCE";
}

function asOfFill(context: ProtocolContext, order: OrderView, last: FillView): OrderView {
  let [filled, filledCost] = [0n, 0n];
  for (const fill of context.engine.orderFills(order.accountId, order.orderId)) {
    if (fill.fillId > last.fillId) break;
    filled += fill.size;
    filledCost += fill.price * fill.size;
  }
  return { ...order, filled, filledCost };
}

function orderMessage(context: ProtocolContext, order: OrderView, execution: Execution): WireObject {
  const listed = context.symbols.ofMarket(order.market);
  const modifyId = context.orderNames.modifyIdOf(order.orderId);
  return {
    e: "ORDER_TRADE_UPDATE",
    E: wireTime(context.now()),
    T: wireTime(execution.timeMs),
    o: {
      ...orderFields(context, listed, order),
      x: execution.type,
      X: execution.status,
      T: wireTime(execution.timeMs),
      ...executionFields(context, listed, execution.fill),
      b: openNotional(context, order, "buy"),
      a: openNotional(context, order, "sell"),
      er: execution.type === "EXPIRED" ? expiryReasonOf(order) : "0",
      ...(execution.type === "AMENDMENT" && modifyId !== undefined ? { M: String(modifyId) } : {}),
    },
  };
}

function orderFields(context: ProtocolContext, listed: ListedSymbol, order: OrderView): WireObject {
  const type = orderType(order);
  return {
    s: listed.symbol,
    c: context.orderNames.clientOrderId(order),
    S: order.side === "buy" ? "BUY" : "SELL",
    o: type,
    f: orderTimeInForce(context, order),
    q: quantityText(listed, order.size),
    p: priceText(listed, order.price ?? 0n),
    ap: fixed(averagePrice(order), 8),
    sp: priceText(listed, 0n),
    i: context.orderNames.orderId(order.orderId),
    z: quantityText(listed, order.filled),
    R: isReduceOnly(order),
    wt: "CONTRACT_PRICE",
    ot: type,
    ps: order.positionSide.toUpperCase(),
    cp: false,
    pP: false,
    si: 0,
    ss: 0,
    V: "EXPIRE_MAKER",
    pm: context.orderNames.priceMatchOf(order.orderId),
    gtd: context.goodTillDates.dateOf(order.orderId),
  };
}

/** The commission is missing where there is none. */
function executionFields(context: ProtocolContext, listed: ListedSymbol, fill: FillView | undefined): WireObject {
  if (fill === undefined) {
    return { l: quantityText(listed, 0n), L: priceText(listed, 0n), t: 0, m: false, rp: "0" };
  }
  return {
    l: quantityText(listed, fill.size),
    L: priceText(listed, fill.price),
    ...(fill.fee === 0n ? {} : { N: listed.quote, n: money(fill.fee) }),
    t: context.ids.trade(fill.tradeId),
    m: fill.isMaker,
    rp: money(fill.realized),
  };
}

/** Sums the notional of the account's open orders of a side on the symbol. */
function openNotional(context: ProtocolContext, { accountId, market }: OrderView, wanted: Side): string {
  let total = 0n;
  for (const { side, price, size, filled } of context.engine.openOrders(accountId, market)) {
    if (side === wanted) total += notionalOf(price ?? 0n, size - filled);
  }
  return money(total);
}

/** The same trade earlier and with less, which Binance sends to save time. */
export function tradeLiteMessage(context: ProtocolContext, order: OrderView, fill: FillView): WireObject {
  const listed = context.symbols.ofMarket(order.market);
  return {
    e: "TRADE_LITE",
    E: wireTime(context.now()),
    T: wireTime(fill.timeMs),
    s: listed.symbol,
    q: quantityText(listed, order.size),
    p: priceText(listed, order.price ?? 0n),
    m: fill.isMaker,
    c: context.orderNames.clientOrderId(order),
    S: order.side === "buy" ? "BUY" : "SELL",
    L: priceText(listed, fill.price),
    l: quantityText(listed, fill.size),
    t: context.ids.trade(fill.tradeId),
    i: context.orderNames.orderId(order.orderId),
  };
}
