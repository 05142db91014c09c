import { adjustmentOf } from "../../account/venue-trades.ts";
import type { PlacedOrder, VenueDerivative } from "../../connector/perpetual-venue.ts";
import type { OrderUpdate, TradeUpdate } from "../../model/account-update.ts";
import { describeError, isAbort, NotFoundError, OrderRejectedError, ProtocolError } from "../../model/error.ts";
import type { Market } from "../../model/market.ts";
import type { OrderReference, OrderToPlace } from "../../model/order.ts";
import { CLOCKS_DIFFER_MS } from "../../model/time.ts";
import { marketOf, type VenueMarkets } from "../../model/venue-markets.ts";
import { readList } from "../../net/rows.ts";
import type { RestRequest, VenueContext } from "../../net/venue-api.ts";
import {
  FILLS_PATH_URL,
  marketOrdersLimitId,
  ORDER_HISTORY_PATH_URL,
  ORDERS_BY_CLIENT_ID_PATH_URL,
  ORDERS_PATH_URL,
  REQUESTS_LIMIT_ID,
} from "./constants.ts";
import { manifest } from "./manifest.ts";
import { get, type Params, pagedSince, read, wireRows } from "./requests.ts";
import { FILL_ROW, ORDER_ROW, parseFill, parseOrder } from "./user-stream-data-source.ts";

function orderRequest(market: Market, order: OrderToPlace): RestRequest {
  return {
    method: "POST",
    path: ORDERS_PATH_URL,
    data: {
      market: market.symbol,
      side: order.side,
      // Market orders need the key too, as null. Decimal text is accepted and loses no digit.
      price: order.type === "market" || order.price === undefined ? null : order.price.toFixed(),
      type: order.type === "market" ? "market" : "limit",
      size: order.amount.toFixed(),
      reduceOnly: order.reduceOnly,
      ioc: order.timeInForce === "IOC",
      postOnly: order.type === "limitMaker",
      clientId: order.clientOrderId,
    },
    isAuthRequired: true,
    limitId: marketOrdersLimitId(market.symbol),
    lane: "create",
  };
}

function cancelRequest(path: string, data?: RestRequest["data"]): RestRequest {
  return { method: "DELETE", path, data, isAuthRequired: true, limitId: REQUESTS_LIMIT_ID, lane: "cancel" };
}

function parsePlaced(markets: VenueMarkets, payload: unknown): PlacedOrder {
  const update = parseOrder(markets, payload);
  if (update?.exchangeOrderId === undefined) {
    throw new ProtocolError("FTX accepted an order on a market that is not known", { venue: manifest.name });
  }
  return { exchangeOrderId: update.exchangeOrderId, timestampMs: update.timestampMs, update };
}

function orderPath(order: OrderReference): string {
  return order.exchangeOrderId === undefined
    ? `${ORDERS_BY_CLIENT_ID_PATH_URL}/${encodeURIComponent(order.clientOrderId)}`
    : `${ORDERS_PATH_URL}/${order.exchangeOrderId}`;
}

/** An order of the venue trades at once. */
const ORDER_BEFORE_FILL_MS = 60_000;

/** Reads the answer to a cancel, a sentence: the cancel is queued, and its end is seen on the `orders` channel. */
const queued = () => undefined;

async function requestOrderStatus(context: VenueContext, order: OrderReference): Promise<OrderUpdate> {
  const update = parseOrder(context.markets, await context.api.send(get(orderPath(order)), context.signal));
  if (update === undefined) throw new NotFoundError("the order is on a market that is not a known perpetual");
  return update;
}

async function fillsSince(context: VenueContext, sinceMs: number, params: Params): Promise<readonly TradeUpdate[]> {
  const { markets } = context;
  const rows = await pagedSince(context, FILLS_PATH_URL, params, sinceMs, FILL_ROW);
  return readList("a row of GET /fills", rows, (row) => parseFill(markets, row, "list"), context, FILL_ROW);
}

/** Ids of the orders of these fills that the venue made to liquidate: only an order says so. */
async function liquidationsAmong(context: VenueContext, fills: readonly TradeUpdate[]): Promise<ReadonlySet<string>> {
  if (fills.length === 0) return new Set();
  const firstMs = Math.min(...fills.map(({ timestampMs }) => timestampMs));
  try {
    const rows = await pagedSince(context, ORDER_HISTORY_PATH_URL, {}, firstMs - ORDER_BEFORE_FILL_MS, ORDER_ROW);
    const parse = (row: unknown) => parseOrder(context.markets, row)?.order;
    const orders = await readList("a row of GET /orders/history", rows, parse, context, ORDER_ROW);
    return new Set(orders.flatMap((order) => (order.adjustmentReason === undefined ? [] : order.exchangeOrderId)));
  } catch (error) {
    if (isAbort(error)) throw error;
    const what = `GET ${ORDER_HISTORY_PATH_URL}`;
    context.onUnreadable?.({ what, reason: describeError(error), row: undefined });
    return new Set();
  }
}

/** Orders, from placing to their status, and the fills of the account. */
export const orders = {
  placeOrder(markets, order) {
    const market = marketOf(markets, order.tradingPair);
    return { kind: "rest", request: orderRequest(market, order), parse: (payload) => parsePlaced(markets, payload) };
  },

  placeCancel(_markets, order) {
    return { kind: "rest", request: cancelRequest(orderPath(order)), parse: queued };
  },

  amendOrder(markets, order, amend) {
    const market = marketOf(markets, order.tradingPair);
    // Cancel and replace: `size` is that of the new order, which starts with nothing filled.
    const size = amend.amount?.minus(amend.executedAmount);
    if (size?.lte(0) === true)
      throw new OrderRejectedError(`${order.tradingPair} order: all of it is executed already`);
    const request: RestRequest = {
      method: "POST",
      path: `${orderPath(order)}/modify`,
      data: {
        price: amend.price?.toFixed(),
        size: size?.toFixed(),
        clientId: amend.clientOrderId,
      },
      isAuthRequired: true,
      limitId: marketOrdersLimitId(market.symbol),
      lane: "create",
    };
    return { kind: "rest", request, parse: (payload) => parsePlaced(markets, payload) };
  },

  requestOrderStatus,

  async fetchOpenOrders(context) {
    const payload = await context.api.send(get(ORDERS_PATH_URL), context.signal);
    const rows = read("GET /orders", wireRows, payload);
    const { markets } = context;
    return readList("a row of GET /orders", rows, (row) => parseOrder(markets, row)?.order, context, ORDER_ROW);
  },

  async allTradeUpdatesForOrder(context, order) {
    // Fills are filtered by the exchange id only; where it is not known yet the status tells it.
    const orderId = order.exchangeOrderId ?? (await requestOrderStatus(context, order)).exchangeOrderId;
    const updates = await fillsSince(context, order.createdAtMs - CLOCKS_DIFFER_MS, { orderId });
    return updates.map((update) => ({ ...update, clientOrderId: order.clientOrderId }));
  },

  async tradesSince(context, sinceMs) {
    const fills = await fillsSince(context, sinceMs, {});
    const liquidations = await liquidationsAmong(context, fills);
    return fills.map((fill) => (liquidations.has(fill.exchangeOrderId) ? adjustmentOf(fill, "liquidation") : fill));
  },
} satisfies Partial<VenueDerivative>;
