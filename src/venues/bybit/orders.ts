import { z } from "zod";
import type { BatchRow, PlacedOrder, VenueDerivative } from "../../connector/perpetual-venue.ts";
import type { OrderUpdate } from "../../model/account-update.ts";
import { ConfigError, ProtocolError } from "../../model/error.ts";
import type { OrderReference, OrderToPlace } from "../../model/order.ts";
import { marketOf, type VenueMarkets } from "../../model/venue-markets.ts";
import { assertAcknowledges, oldestFirst, readBatchRow, readList, rowOfOrder } from "../../net/rows.ts";
import type { Lane, VenueContext } from "../../net/venue-api.ts";
import { wireId } from "../../net/wire.ts";
import * as constants from "./constants.ts";
import { errorOf, orderNotFound } from "./errors.ts";
import { allRows, get, post, rowsSince, wireList } from "./requests.ts";
import { canHedge, EXECUTION_ROW, type Execution, ORDER_ROW, parseExecution, parseOrder } from "./rows.ts";
import { read, wireTime } from "./web-utils.ts";

const wireAck = z.object({
  result: z.object({ orderId: wireId, orderLinkId: z.string().nullish() }),
  /** Absent where an answer of the socket tells none. */
  time: wireTime.optional(),
});

const wireBatch = z.object({
  /** Ids, which are empty where the creation of an order was refused. */
  result: z.object({ list: z.array(z.unknown()) }),
  /** Codes, one for each row of the other list; 0 where it was taken. */
  retExtInfo: z.object({ list: z.array(z.unknown()) }),
  /** Absent where an answer of the socket tells none. */
  time: wireTime.optional(),
});
const wireBatchId = z.object({ orderId: z.union([z.literal(""), wireId]) });
const wireBatchCode = z.object({ code: z.number(), msg: z.string() });

function orderRow(markets: VenueMarkets, order: OrderToPlace) {
  const market = marketOf(markets, order.tradingPair);
  const { side, type, positionAction } = order;
  const isHedged = order.positionMode === "hedge" && canHedge(market);
  return {
    symbol: market.symbol,
    side: side === "buy" ? "Buy" : "Sell",
    orderType: type === "market" ? "Market" : "Limit",
    qty: order.amount.toFixed(),
    price: type === "market" ? undefined : order.price?.toFixed(),
    timeInForce: type === "limitMaker" ? "PostOnly" : order.timeInForce,
    // Index 0 is for one-way mode; 1 is the long position of hedge mode and 2 the short one (docs, enum positionIdx).
    positionIdx: !isHedged ? 0 : (side === "buy") === (positionAction === "open") ? 1 : 2,
    orderLinkId: order.clientOrderId,
    // "You must specify it as true when you are about to close/reduce the position" (docs, create-order).
    reduceOnly: order.reduceOnly || (order.positionMode === "hedge" && positionAction === "close"),
  };
}

/** Names an order by the exchange's id where it is known, else by the client's. */
function idOf({ exchangeOrderId, clientOrderId }: OrderReference) {
  return exchangeOrderId === undefined ? { orderLinkId: clientOrderId } : { orderId: exchangeOrderId };
}

function idsOf(markets: VenueMarkets, order: OrderReference) {
  return { symbol: marketOf(markets, order.tradingPair).symbol, ...idOf(order) };
}

/** An acknowledgement says that the request was taken, nothing more: the order's truth comes from the stream. */
function parseAck(payload: unknown): PlacedOrder {
  const { result, time } = read("an acknowledgement", wireAck, payload);
  return { exchangeOrderId: result.orderId, clientOrderId: result.orderLinkId || undefined, timestampMs: time };
}

function parseAckOf(order: OrderReference, payload: unknown): PlacedOrder {
  const placed = parseAck(payload);
  assertAcknowledges(constants.VENUE, order, placed);
  return placed;
}

/** Result of an accepted cancel: the stream tells the order's end. */
const unconfirmed = (_answer: unknown) => undefined;

/** A batch has one answer a row: the ids in one list, the codes in another. */
function parseBatch<T>(payload: unknown, toValue: (row: unknown, code: number, timestampMs: number | undefined) => T) {
  const { result, retExtInfo, time } = read("a batch answer", wireBatch, payload);
  const [ids, codes] = [result.list, retExtInfo.list];
  return ids.map((row, index) =>
    readBatchRow(row, ORDER_ROW, () => {
      if (ids.length !== codes.length) throw protocolError(`a batch has ${ids.length} rows and ${codes.length} codes`);
      const { code, msg } = read(`row ${index} of a batch`, wireBatchCode, codes[index]);
      const value = toValue(row, code, time);
      if (code !== 0) throw errorOf(200, code, msg);
      return value;
    }),
  );
}

function parsePlacedRow(row: unknown, code: number, timestampMs: number | undefined): PlacedOrder {
  const { orderId: exchangeOrderId } = read("a row of a batch", wireBatchId, row);
  const isTaken = exchangeOrderId !== "";
  if (isTaken !== (code === 0))
    throw protocolError(`a row of a batch has code ${code} and order id ${exchangeOrderId}`);
  return { exchangeOrderId, timestampMs };
}

function protocolError(message: string): ProtocolError {
  return new ProtocolError(message, { venue: constants.VENUE });
}

function batch<T>(
  path: string,
  rows: readonly object[],
  lane: Lane,
  toValue: (row: unknown, code: number, timestampMs: number | undefined) => T,
) {
  if (rows.length > constants.BATCH_SIZE)
    throw new ConfigError(`a batch holds ${constants.BATCH_SIZE} orders at most, not ${rows.length}`);
  return {
    kind: "rest" as const,
    request: post(path, { request: rows }, lane, rows.length),
    parse: (payload: unknown): BatchRow<T>[] => parseBatch(payload, toValue),
  };
}

/** Asks for open and lately closed orders first; after a restart of the venue closed ones are in the history only. */
async function requestOrderStatus(context: VenueContext, order: OrderReference): Promise<OrderUpdate> {
  for (const path of [constants.OPEN_ORDERS_PATH_URL, constants.ORDER_HISTORY_PATH_URL]) {
    const payload = await context.api.send(get(path, idsOf(context.markets, order)), context.signal);
    const { list } = read(`GET ${path}`, wireList, payload);
    const row = rowOfOrder(`a row of GET ${path}`, list, ORDER_ROW, order);
    const update = row === undefined ? undefined : parseOrder(context.markets, row);
    if (update !== undefined) return update;
  }
  throw orderNotFound(order.clientOrderId);
}

function executionsOf(context: VenueContext, rows: readonly unknown[]): Promise<Execution[]> {
  const what = `a row of GET ${constants.EXECUTIONS_PATH_URL}`;
  return readList(what, rows, (row) => parseExecution(context.markets, row, "list"), context, EXECUTION_ROW);
}

export const orders = {
  placeOrder(markets, order) {
    const request = post(constants.CREATE_ORDER_PATH_URL, orderRow(markets, order), "create");
    return { kind: "rest", request, parse: parseAck };
  },

  placeCancel(markets, order) {
    const request = post(constants.CANCEL_ORDER_PATH_URL, idsOf(markets, order), "cancel");
    return { kind: "rest", request, parse: (payload) => unconfirmed(parseAckOf(order, payload)) };
  },

  /** Amends in place: the order keeps both of its ids. */
  amendOrder(markets, order, { price, amount }) {
    const data = { ...idsOf(markets, order), price: price?.toFixed(), qty: amount?.toFixed() };
    const request = post(constants.AMEND_ORDER_PATH_URL, data, "create");
    return { kind: "rest", request, parse: (payload) => parseAckOf(order, payload) };
  },

  placeOrders(markets, toPlace) {
    const rows = toPlace.map((order) => orderRow(markets, order));
    return batch(constants.CREATE_BATCH_PATH_URL, rows, "create", parsePlacedRow);
  },

  placeCancels(markets, references) {
    const rows = references.map((order) => idsOf(markets, order));
    return batch(constants.CANCEL_BATCH_PATH_URL, rows, "cancel", unconfirmed);
  },

  requestOrderStatus,

  async allTradeUpdatesForOrder(context, order) {
    const { clientOrderId } = order;
    const rows = await allRows(context, get(constants.EXECUTIONS_PATH_URL, { ...idOf(order), limit: 100 }));
    const executions = await executionsOf(context, rows.toReversed());
    const fills = executions.filter((row) => row.type === "trade");
    return oldestFirst(fills.map((fill) => ({ ...fill, clientOrderId })));
  },

  /** Leaves out the funding settlements among the executions, which the transaction log tells. */
  async tradesSince(context, sinceMs) {
    const rows = await rowsSince(context, constants.EXECUTIONS_PATH_URL, { limit: 100 }, sinceMs);
    const executions = await executionsOf(context, rows.toReversed());
    return oldestFirst(executions.filter((row) => row.type !== "fundingDue"));
  },

  async fetchOpenOrders(context) {
    const listOf = (settleCoin: string) =>
      allRows(context, get(constants.OPEN_ORDERS_PATH_URL, { settleCoin, limit: 50 }));
    const rows = (await Promise.all(constants.SETTLE_COINS.map(listOf))).flat();
    const { markets } = context;
    const what = `a row of GET ${constants.OPEN_ORDERS_PATH_URL}`;
    return readList(what, rows, (row) => parseOrder(markets, row)?.order, context, ORDER_ROW);
  },
} satisfies Partial<VenueDerivative>;
