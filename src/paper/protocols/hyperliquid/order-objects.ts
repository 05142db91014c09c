import type { OrderView } from "../../engine/types.ts";
import { isClosed } from "../order-intake.ts";
import type { HyperliquidContext } from "./context.ts";
import {
  cloidOf,
  firesAbove,
  type HyperliquidOrder,
  isRejection,
  type OrderDetails,
  statusOfRefused,
  statusOfView,
  type TriggerOrder,
  type TriggerTerms,
} from "./orders.ts";
import { averageOf, decimalText, type WireObject } from "./wire.ts";

/** An order as it is told, wherever it is. */
export interface ToldOrder {
  readonly oid: number;
  readonly market: string;
  readonly side: "buy" | "sell";
  readonly price: bigint;
  readonly size: bigint;
  readonly left: bigint;
  readonly createdMs: number;
  readonly cloid: string | null;
  readonly reduceOnly: boolean;
  readonly details: OrderDetails | undefined;
  readonly isWaiting: boolean;
  readonly status: string;
  readonly statusMs: number;
}

/** An order that the matching engine has or had, as a view of it says. */
export function toldOrder(
  context: HyperliquidContext,
  order: HyperliquidOrder,
  view: OrderView | null = order.view,
): ToldOrder {
  const { request, orderId: oid, createdMs } = order;
  const details = context.details.get(oid);
  const size = view?.size ?? request.size;
  const { average } = costOf(view);
  return {
    ...{ oid, market: request.market, side: request.side, size, left: size - (view?.filled ?? 0n), createdMs },
    price: view?.price ?? request.price ?? average,
    cloid: cloidOf(request.clientId),
    reduceOnly: request.reduceOnly,
    details,
    isWaiting: false,
    status: view === null ? statusOfRefused(order) : statusOfView(view, details),
    statusMs: view?.updatedMs ?? order.refusedMs,
  };
}

function costOf(view: OrderView | null): { readonly average: bigint } {
  return { average: view === null ? 0n : averageOf(view.filledCost, view.filled) };
}

/** An order that waits for the mark price, or has ended without. */
export function toldTrigger(order: TriggerOrder): ToldOrder {
  const { oid, market, side, price, size, createdMs, cloid, reduceOnly, status, updatedMs } = order;
  const { isMarket, triggerPrice, tpsl, isPosition } = order;
  const details = { tif: "Gtc", trigger: { isMarket, triggerPrice, tpsl, isPosition } } as const;
  const told = status === "waiting" ? "open" : status;
  return {
    ...{ oid, market, side, price, size, left: size, createdMs, cloid, reduceOnly, details },
    ...{ isWaiting: true, status: told, statusMs: updatedMs },
  };
}

/** The row of `openOrders` and of order updates. */
export function basicRow({ universe }: Pick<HyperliquidContext, "universe">, order: ToldOrder): WireObject {
  const { oid, market, side, price, size, left, createdMs, cloid, reduceOnly } = order;
  return {
    coin: universe.ofMarket(market).coin,
    side: side === "buy" ? "B" : "A",
    limitPx: decimalText(price),
    sz: decimalText(left),
    oid,
    timestamp: Math.floor(createdMs),
    origSz: decimalText(size),
    ...(cloid === null ? {} : { cloid }),
    ...(reduceOnly ? { reduceOnly } : {}),
  };
}

export function frontendRow(context: Pick<HyperliquidContext, "universe">, order: ToldOrder): WireObject {
  const { cloid, reduceOnly, details, isWaiting, side } = order;
  const { origSz, ...row } = basicRow(context, order);
  const trigger = details?.trigger;
  return {
    ...row,
    triggerCondition: trigger === undefined ? "N/A" : isWaiting ? conditionOf(trigger, side) : "Triggered",
    isTrigger: trigger !== undefined,
    triggerPx: decimalText(trigger?.triggerPrice ?? 0n),
    children: [],
    isPositionTpsl: trigger?.isPosition === true,
    reduceOnly,
    orderType: orderTypeOf(details),
    origSz,
    tif: trigger !== undefined && isWaiting ? null : (details?.tif ?? "Gtc"),
    cloid,
  };
}

function conditionOf(trigger: TriggerTerms, side: "buy" | "sell"): string {
  const price = decimalText(trigger.triggerPrice).replace(/\.0$/, "");
  return `Price ${firesAbove(side, trigger) ? "above" : "below"} ${price}`;
}

function orderTypeOf(details: OrderDetails | undefined): string {
  const trigger = details?.trigger;
  if (trigger === undefined) return details?.tif === "FrontendMarket" ? "Market" : "Limit";
  return `${trigger.tpsl === "sl" ? "Stop" : "Take Profit"} ${trigger.isMarket ? "Market" : "Limit"}`;
}

export function statusRow(context: Pick<HyperliquidContext, "universe">, order: ToldOrder): WireObject {
  const { status, statusMs } = order;
  return { order: frontendRow(context, order), status, statusTimestamp: Math.floor(statusMs) };
}

export function updateRow(context: Pick<HyperliquidContext, "universe">, order: ToldOrder): WireObject {
  const { status, statusMs } = order;
  return { order: basicRow(context, order), status, statusTimestamp: Math.floor(statusMs) };
}

/** Shows an order as it began, for those that came to be at all. */
export function asOpened(order: ToldOrder): ToldOrder {
  return { ...order, left: order.size, status: "open", statusMs: order.createdMs };
}

/** Lists the orders that rest or wait, newest first. Orders that the matching engine has not seen are not told yet. */
export function openOrders(context: HyperliquidContext, accountId: string): readonly ToldOrder[] {
  const resting = context.orders.open(accountId).filter(({ view }) => view !== null);
  const told = [
    ...resting.map((order) => toldOrder(context, order)),
    ...context.triggers.open(accountId).map((order) => toldTrigger(order)),
  ];
  return told.toSorted((left, right) => right.createdMs - left.createdMs || right.oid - left.oid);
}

/** Finds an order by `oid`, or the latest by `cloid`; undefined where it is not found, or not known yet. */
export function findTold(context: HyperliquidContext, accountId: string, id: number | string): ToldOrder | undefined {
  const { orders, triggers } = context;
  const order = typeof id === "number" ? orders.find(accountId, id) : orders.byClientId(accountId, id);
  const trigger = triggers.find(accountId, id);
  const isNewer = trigger !== undefined && (order === undefined || trigger.oid > order.orderId);
  if (isNewer && trigger.status !== "fired") return toldTrigger(trigger);
  return order === undefined || (order.view === null && order.refusedFor === null)
    ? undefined
    : toldOrder(context, order);
}

/** One row a status, newest first: an order that was open and has ended is there twice. */
export function historyRows(context: HyperliquidContext, accountId: string, most: number): readonly WireObject[] {
  const orders = context.orders.all(accountId).filter((order) => order.view !== null || isClosed(order));
  const told = [
    ...orders.slice(-most).map((order) => toldOrder(context, order)),
    ...context.triggers.ended(accountId).map((order) => toldTrigger(order)),
    ...context.triggers.open(accountId).map((order) => toldTrigger(order)),
  ];
  return told
    .flatMap((order) => (order.status === "open" || isRejection(order.status) ? [order] : [asOpened(order), order]))
    .toSorted((left, right) => right.statusMs - left.statusMs)
    .slice(0, most)
    .map((order) => statusRow(context, order));
}
