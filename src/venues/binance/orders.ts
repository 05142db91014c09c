import { z } from "zod";
import type { VenueDerivative } from "../../connector/perpetual-venue.ts";
import type { OrderUpdate, TradeUpdate } from "../../model/account-update.ts";
import { ConfigError, NotFoundError, OrderRejectedError, ProtocolError } from "../../model/error.ts";
import type { OrderReference, OrderToPlace } from "../../model/order.ts";
import { CLOCKS_DIFFER_MS } from "../../model/time.ts";
import type { VenueMarkets } from "../../model/venue-markets.ts";
import { settleEach } from "../../net/fan-out.ts";
import { readPages } from "../../net/pages.ts";
import { readBatchRow, readList, type UnreadableRow } from "../../net/rows.ts";
import type { VenueContext } from "../../net/venue-api.ts";
import { wireText } from "../../net/wire.ts";
import * as constants from "./constants.ts";
import { errorOf } from "./errors.ts";
import { withAdjustments } from "./forced-orders.ts";
import { manifest } from "./manifest.ts";
import {
  get,
  type Params,
  rest,
  rowsOf,
  send,
  sendCancel,
  sendOrder,
  sendOrders,
  symbolOf,
  windowsSince,
} from "./requests.ts";
import { FILL_ROW, ORDER_ROW, parseFill, parseOrder } from "./rows.ts";
import { marketsWithFills } from "./traded-markets.ts";
import { failureCodeOf, isObject } from "./web-utils.ts";

/** Number of markets up to which each is asked for by itself: one question for all of them has weight 40. */
const OPEN_ORDERS_BY_MARKET = 20;

const LIST = "GET /fapi/v1/userTrades";
const wireRowId = z.object({ id: z.union([z.string().regex(/^\d+$/), z.int()]) });

const ignored = (): undefined => undefined;

function orderParams(markets: VenueMarkets, order: OrderToPlace): Params {
  const isHedge = order.positionMode === "hedge";
  const isLong = (order.side === "buy") === (order.positionAction === "open");
  const isMarket = order.type === "market";
  return {
    symbol: symbolOf(markets, order.tradingPair),
    side: order.side.toUpperCase(),
    // Hedge mode: the position side says what closes, and `reduceOnly` is refused (-1106).
    positionSide: isHedge ? (isLong ? "LONG" : "SHORT") : undefined,
    type: isMarket ? "MARKET" : "LIMIT",
    timeInForce: isMarket ? undefined : order.type === "limitMaker" ? "GTX" : order.timeInForce,
    quantity: order.amount.toFixed(),
    price: isMarket ? undefined : order.price?.toFixed(),
    reduceOnly: order.reduceOnly && !isHedge ? "true" : undefined,
    newClientOrderId: order.clientOrderId,
    newOrderRespType: "RESULT",
  };
}

function orderIds(markets: VenueMarkets, order: OrderReference): Params {
  const { exchangeOrderId: orderId, clientOrderId } = order;
  const symbol = symbolOf(markets, order.tradingPair);
  return orderId === undefined ? { symbol, origClientOrderId: clientOrderId } : { symbol, orderId };
}

/** A cancel is answered with the order's end. */
function parseCanceled(markets: VenueMarkets, payload: unknown) {
  const update = parseOrder(markets, payload);
  if (update === undefined) throw new NotFoundError("the order is on an unknown market", { outcome: "unknown" });
  return update;
}

function parsePlaced(markets: VenueMarkets, payload: unknown) {
  const update = parseCanceled(markets, payload);
  return { exchangeOrderId: update.order.exchangeOrderId, timestampMs: update.timestampMs, update };
}

/** Reads the rows of a batch, each of which is an order or a failure that names none: `{"code":-2022,"msg":"..."}`. */
function parseBatch<T>(payload: unknown, parse: (row: unknown) => T) {
  return rowsOf("a batch", payload).map((row) =>
    readBatchRow(row, ORDER_ROW, () => {
      const code = failureCodeOf(row);
      if (code !== undefined) throw errorOf(400, code, isObject(row) ? wireText(row.msg) : "");
      return parse(row);
    }),
  );
}

async function requestOrderStatus(context: VenueContext, order: OrderReference): Promise<OrderUpdate> {
  const request = get(constants.ORDER_PATH_URL, 1, orderIds(context.markets, order));
  const update = parseOrder(context.markets, await context.api.send(request, context.signal));
  if (update === undefined) throw new NotFoundError("the order is on a market that is not a known perpetual");
  return update;
}

/** The greatest id of a page, whether or not its rows can be read otherwise: the next page begins after it. */
function lastIdOf(rows: readonly unknown[]): bigint {
  const ids = rows.flatMap((row) => wireRowId.safeParse(row).data?.id ?? []).map(BigInt);
  const [first] = ids;
  if (first === undefined)
    throw new ProtocolError("no row of a page of userTrades has an id", { venue: manifest.name });
  return ids.reduce((last, id) => (id > last ? id : last), first);
}

/**
 * Fills of one market from `sinceMs` on, oldest first. A range that does not fit one page is read on by `fromId`,
 * which excludes times and goes on to the newest (docs, Account-Trade-List).
 */
async function fillsSince(context: VenueContext, symbol: string, sinceMs: number, orderId?: string) {
  const { api, markets, signal } = context;
  const what = `a row of ${LIST}`;
  const fills: TradeUpdate[] = [];
  const fromMs = Math.max(sinceMs, context.now() - constants.TRADES_HISTORY_MS);
  let isReadOn = false;
  const pageOf = async (params: Params) => {
    const request = get(constants.TRADES_PATH_URL, 5, { symbol, ...params, limit: constants.PAGE_SIZE });
    const rows = rowsOf(LIST, await api.send(request, signal));
    return { rows, nextOf: () => (rows.length < constants.PAGE_SIZE ? undefined : lastIdOf(rows) + 1n) };
  };
  for (const window of windowsSince(context, fromMs)) {
    const ask = (fromId: bigint | undefined) => {
      isReadOn ||= fromId !== undefined;
      return pageOf(fromId === undefined ? { orderId, ...window } : { fromId: String(fromId) });
    };
    const rows = await readPages({ venue: manifest.name, what: LIST, ask });
    fills.push(...(await readList(what, rows, (row) => parseFill(markets, row, "list"), context, FILL_ROW)));
    if (isReadOn) break;
  }
  return orderId === undefined ? fills : fills.filter((fill) => fill.exchangeOrderId === orderId);
}

export const orders = {
  placeOrder(markets, order) {
    const request = sendOrder("POST", constants.ORDER_PATH_URL, orderParams(markets, order));
    return rest(request, (payload) => parsePlaced(markets, payload));
  },

  placeCancel(markets, order) {
    const request = sendCancel(constants.ORDER_PATH_URL, orderIds(markets, order));
    return rest(request, (payload) => parseCanceled(markets, payload));
  },

  /**
   * Keeps both ids of the order, so that the client id of a replacement is not used. The reduce-only flag is no change of
   * the order: it lifts the minimum notional from one that is reduce-only, and is refused for any other (-5047). Whether
   * hedge mode takes it is not documented, so there it is not sent.
   */
  amendOrder(markets, order, { price, amount }) {
    if (price === undefined || amount === undefined) throw new OrderRejectedError("only limit orders can be amended");
    const form = {
      ...orderIds(markets, order),
      side: order.side.toUpperCase(),
      quantity: amount.toFixed(),
      price: price.toFixed(),
      reduceOnly: order.reduceOnly === true && order.positionMode !== "hedge" ? "true" : undefined,
    };
    const request = sendOrder("PUT", constants.ORDER_PATH_URL, form);
    return rest(request, (payload) => parsePlaced(markets, payload));
  },

  placeOrders(markets, orders) {
    const form = { batchOrders: JSON.stringify(orders.map((order) => orderParams(markets, order))) };
    const request = sendOrders(constants.BATCH_ORDERS_PATH_URL, form);
    return rest(request, (payload) => parseBatch(payload, (row) => parsePlaced(markets, row)));
  },

  /** Cancels orders of one market. Ids are printed as they came: as numbers they could lose digits. */
  placeCancels(markets, orders) {
    const [symbol, ...others] = new Set(orders.map((order) => symbolOf(markets, order.tradingPair)));
    if (others.length > 0) throw new ConfigError("a batch of cancels is of one market");
    const ids = orders.flatMap((order) => order.exchangeOrderId ?? []);
    const list =
      ids.length === orders.length
        ? { orderIdList: `[${ids.join(",")}]` }
        : { origClientOrderIdList: JSON.stringify(orders.map((order) => order.clientOrderId)) };
    const request = sendCancel(constants.BATCH_ORDERS_PATH_URL, { symbol, ...list });
    return rest(request, (payload) => parseBatch(payload, (row) => parseCanceled(markets, row)));
  },

  cancelAllAfter(markets, timeoutMs, tradingPair) {
    const form = { symbol: symbolOf(markets, tradingPair), countdownTime: timeoutMs };
    return rest(send("POST", constants.COUNTDOWN_PATH_URL, form, 10), ignored);
  },

  requestOrderStatus,

  async allTradeUpdatesForOrder(context, order) {
    // Fills are filtered by the exchange id only; where it is not known yet the status tells it.
    const orderId = order.exchangeOrderId ?? (await requestOrderStatus(context, order)).exchangeOrderId;
    const symbol = symbolOf(context.markets, order.tradingPair);
    const fills = await fillsSince(context, symbol, order.createdAtMs - CLOCKS_DIFFER_MS, orderId);
    return fills.map((fill) => ({ ...fill, clientOrderId: order.clientOrderId }));
  },

  async tradesSince(context, sinceMs, tradingPairs) {
    const pairs = await marketsWithFills(context, sinceMs, tradingPairs);
    const fills = await settleEach(context, pairs, async (tradingPair) =>
      fillsSince(context, symbolOf(context.markets, tradingPair), sinceMs),
    );
    return withAdjustments(context, sinceMs, tradingPairs, fills.flat(), async (order) => {
      let isWhole = true;
      const onUnreadable = (row: UnreadableRow): void => {
        context.onUnreadable?.(row);
        isWhole = false;
      };
      const all = await fillsSince(
        { ...context, onUnreadable },
        order.symbol,
        order.time - CLOCKS_DIFFER_MS,
        order.orderId,
      );
      return isWhole ? all : undefined;
    });
  },

  async fetchOpenOrders(context, tradingPairs = []) {
    const { api, markets, signal } = context;
    const isSplit = tradingPairs.length > 0 && tradingPairs.length <= OPEN_ORDERS_BY_MARKET;
    const pages = isSplit
      ? await settleEach(context, tradingPairs, async (pair) =>
          api.send(get(constants.OPEN_ORDERS_PATH_URL, 1, { symbol: symbolOf(markets, pair) }), signal),
        )
      : [await api.send(get(constants.OPEN_ORDERS_PATH_URL, 40), signal)];
    const rows = pages.flatMap((page) => rowsOf("GET /fapi/v1/openOrders", page));
    const what = "a row of GET /fapi/v1/openOrders";
    return readList(what, rows, (row) => parseOrder(markets, row)?.order, context, ORDER_ROW);
  },
} satisfies Partial<VenueDerivative>;
