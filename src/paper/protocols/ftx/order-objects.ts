import { divideRound } from "../../engine/arithmetic.ts";
import type { Engine, FillView } from "../../engine/types.ts";
import { isClosed } from "../order-intake.ts";
import { wireName } from "./market-names.ts";
import { type DeskOrder, type OrderDesk, remainingSize } from "./order-desk.ts";
import { isoText, type WireObject } from "./wire.ts";

export function marketNameOf(engine: Engine, market: string): string {
  const view = engine.market(market);
  return view === undefined ? market : wireName(view);
}

/** An order on REST. `new` is accepted and not processed, `open` rests, `closed` is everything that has ended. */
export function orderObject(engine: Engine, orders: OrderDesk, order: DeskOrder): WireObject {
  const status = isClosed(order) ? "closed" : order.view === null ? "new" : "open";
  return { ...orderFields(engine, orders, order, status), future: marketNameOf(engine, order.request.market) };
}

/** An order on the `orders` channel, where `new` is an untouched order in the book. It has no `future`. */
export function orderFrameObject(engine: Engine, orders: OrderDesk, order: DeskOrder): WireObject {
  const filled = order.view?.filled ?? 0n;
  return orderFields(engine, orders, order, isClosed(order) ? "closed" : filled === 0n ? "new" : "open");
}

/**
 * Renders an order. There is no cancelled status: such an order is closed with less filled than its size, and
 * `remainingSize` is then 0, by which ccxt tells it from a filled one.
 */
function orderFields(engine: Engine, orders: OrderDesk, order: DeskOrder, status: string): WireObject {
  const { request, view } = order;
  return {
    id: order.orderId,
    clientId: request.clientId,
    market: marketNameOf(engine, request.market),
    type: request.type,
    side: request.side,
    price: view?.price ?? request.price,
    size: view?.size ?? request.size,
    status,
    filledSize: view?.filled ?? 0n,
    remainingSize: remainingSize(order),
    reduceOnly: request.reduceOnly,
    liquidation: view === null ? null : view.liquidation,
    avgFillPrice: view === null || view.filled === 0n ? null : divideRound(view.filledCost, view.filled),
    postOnly: request.postOnly,
    ioc: orders.isImmediate(order),
    createdAt: isoText(order.createdMs),
  };
}

/** The same on REST and on the `fills` channel. `fee` is negative for a rebate. */
export function fillObject(engine: Engine, orders: OrderDesk, firstId: number, fill: FillView): WireObject {
  const market = marketNameOf(engine, fill.market);
  return {
    id: firstId + fill.fillId,
    market,
    future: market,
    baseCurrency: null,
    quoteCurrency: null,
    type: "order",
    side: fill.side,
    price: fill.price,
    size: fill.size,
    orderId: orders.wireOrderId(fill.orderId),
    time: isoText(fill.timeMs),
    tradeId: firstId + fill.tradeId,
    feeRate: fill.feeRate,
    fee: fill.fee,
    feeCurrency: "USD",
    liquidity: fill.isMaker ? "maker" : "taker",
  };
}
