import { formatAmount } from "../../engine/amount.ts";
import type { CloseReason, FillView, OrderView } from "../../engine/types.ts";
import type { GateContext } from "./context.ts";
import { contractOf, marketOf, type SizeForm, sizeValue } from "./contracts.ts";
import { amountNumber, averageOf, productText, seconds, type WireObject, wholeSeconds } from "./wire.ts";

/** Words of Gate for an order's end. */
const ENDS: Readonly<Record<CloseReason, string>> = {
  filled: "filled",
  user: "cancelled",
  expired: "cancelled",
  postOnly: "cancelled",
  iocRemainder: "ioc",
  fokUnfilled: "ioc",
  selfTrade: "stp",
  reduceOnly: "reduce_only",
  margin: "cancelled",
  liquidation: "liquidated",
  delisted: "cancelled",
  amended: "cancelled",
};

function finishOf({ closeReason, filled, size, liquidation, adl }: OrderView): string {
  if (adl) return "auto_deleveraged";
  if (filled === size && size > 0n) return liquidation ? "liquidated" : "filled";
  return closeReason === null ? "" : ENDS[closeReason];
}

/** Post-only is a time in force of its own, and a market order is one at price 0. */
export function tifOf({ postOnly, timeInForce, type }: Pick<OrderView, "postOnly" | "timeInForce" | "type">): string {
  if (postOnly) return "poc";
  return type === "market" && timeInForce === "GTC" ? "ioc" : timeInForce.toLowerCase();
}

/** An order that closes a leg of a hedge only reduces, whatever was asked for. */
function isReducing({ reduceOnly, positionSide, side }: OrderView): boolean {
  return reduceOnly || (positionSide === "long" && side === "sell") || (positionSide === "short" && side === "buy");
}

/** Fields that the rows of REST and of the stream have in common. */
function commonFields(context: GateContext, order: OrderView, form: SizeForm): WireObject {
  const { notes, engine } = context;
  const market = marketOf(engine, order.market);
  const sign = order.side === "buy" ? 1n : -1n;
  const { isClose = false, amendText = "-" } = notes.of(order.orderId);
  return {
    id: context.ids.orderNumber(order.orderId),
    contract: contractOf(market),
    status: order.status === "open" ? "open" : "finished",
    size: sizeValue(sign * order.size, market, form),
    left: sizeValue(sign * (order.size - order.filled), market, form),
    iceberg: sizeValue(0n, market, form),
    tif: tifOf(order),
    text: notes.textOf(order),
    refu: 0,
    is_reduce_only: isReducing(order),
    is_close: isClose,
    is_liq: order.liquidation,
    amend_text: amendText,
    stp_act: "-",
  };
}

/** A row of REST and of order entry over a socket. Whatever tells of an end is absent while it is open. */
export function orderObject(context: GateContext, order: OrderView, form: SizeForm): WireObject {
  const { config, accounts } = context;
  const isFinished = order.status !== "open";
  return {
    ...commonFields(context, order, form),
    user: accounts.identifier(order.accountId),
    create_time: seconds(order.createdMs),
    update_time: seconds(order.updatedMs),
    price: formatAmount(order.price ?? 0n),
    fill_price: formatAmount(averageOf(order.filledCost, order.filled)),
    tkfr: formatAmount(config.takerFee),
    mkfr: formatAmount(config.makerFee),
    stp_id: 0,
    biz_info: "",
    ...(isFinished ? { finish_as: finishOf(order), finish_time: seconds(order.updatedMs) } : {}),
  };
}

/** The row of the `orders` channel: prices and rates are numbers, the user a text. */
export function orderFrameObject(context: GateContext, order: OrderView, isNew: boolean, form: SizeForm): WireObject {
  const { config, accounts, notes } = context;
  const { createdMs, updatedMs } = order;
  const isFinished = order.status !== "open";
  return {
    ...commonFields(context, order, form),
    user: String(accounts.identifier(order.accountId)),
    create_time: wholeSeconds(createdMs),
    create_time_ms: Math.floor(createdMs),
    finish_time: isFinished ? wholeSeconds(updatedMs) : 0,
    finish_time_ms: isFinished ? Math.floor(updatedMs) : 0,
    finish_as: isFinished ? finishOf(order) : isNew ? "_new" : "_update",
    price: amountNumber(order.price ?? 0n),
    fill_price: amountNumber(averageOf(order.filledCost, order.filled)),
    mkfr: amountNumber(config.makerFee),
    tkfr: amountNumber(config.takerFee),
    refr: 0,
    biz_info: "",
    update_id: notes.nextUpdate(order.orderId),
    update_time: Math.floor(updatedMs),
    stop_profit_price: "",
    stop_loss_price: "",
    stp_id: "0",
  };
}

function textOfFill({ engine, notes }: GateContext, { accountId, orderId, clientId }: FillView): string {
  const order = engine.order(accountId, orderId);
  return order === undefined ? (clientId ?? "web") : notes.textOf(order);
}

/** Fields that the rows of REST and of the stream have in common. */
function fillFields(context: GateContext, fill: FillView, form: SizeForm): WireObject {
  const market = marketOf(context.engine, fill.market);
  const sign = fill.side === "buy" ? 1n : -1n;
  return {
    contract: contractOf(market),
    order_id: context.ids.order(fill.orderId),
    size: sizeValue(sign * fill.size, market, form),
    price: formatAmount(fill.price),
    role: fill.isMaker ? "maker" : "taker",
    text: textOfFill(context, fill),
  };
}

/** The row of `/my_trades`, whose id has another name and kind in `/my_trades_timerange`. */
export function fillObject(context: GateContext, fill: FillView, form: SizeForm, isTimerange: boolean): WireObject {
  const market = marketOf(context.engine, fill.market);
  const id = context.ids.trade(fill.tradeId);
  const sign = fill.side === "buy" ? 1n : -1n;
  return {
    ...(isTimerange ? { trade_id: String(id) } : { id }),
    create_time: seconds(fill.timeMs),
    ...fillFields(context, fill, form),
    close_size: sizeValue(sign * fill.closedSize, market, form),
    fee: formatAmount(fill.fee),
    point_fee: "0",
    trade_value: productText(fill.price * fill.size),
  };
}

/** The row of the `usertrades` channel. */
export function fillFrameObject(context: GateContext, fill: FillView, form: SizeForm): WireObject {
  return {
    id: String(context.ids.trade(fill.tradeId)),
    create_time: wholeSeconds(fill.timeMs),
    create_time_ms: Math.floor(fill.timeMs),
    ...fillFields(context, fill, form),
    fee: amountNumber(fill.fee),
    point_fee: 0,
  };
}
