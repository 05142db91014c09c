import { z } from "zod";
import type { BatchRow, PlacedOrder, VenueDerivative } from "../../connector/perpetual-venue.ts";
import type { OrderUpdate } from "../../model/account-update.ts";
import { ConfigError, ProtocolError } from "../../model/error.ts";
import type { OrderReference, OrderToPlace } from "../../model/order.ts";
import { marketOf, type VenueMarkets } from "../../model/venue-markets.ts";
import { assertAcknowledges, oldestFirst, readBatchRow, readList, rowOfOrder } from "../../net/rows.ts";
import type { Lane, RestRequest, VenueContext } from "../../net/venue-api.ts";
import { wireId } from "../../net/wire.ts";
import * as constants from "./constants.ts";
import { errorOf, isOrderNotFound } from "./errors.ts";
import { readerOfFills } from "./forced-fills.ts";
import { allRows, get, listSince, post, rowsOf } from "./requests.ts";
import { FILL_ROW, type Fill, ORDER_ROW, parseFill, parseOrder } from "./rows.ts";
import { read, wireTime } from "./web-utils.ts";

/** Made once: a schema that was made for each list took as long as its rows. */
const wireRows = z.array(z.unknown());

const wireAck = z.object({
  ordId: wireId,
  clOrdId: z.string().nullish(),
  /** Time of acceptance. */
  ts: wireTime,
});

/** A row of a batch's answer. */
const wireBatchRow = z.object({
  /** Id of the order, empty where the row was refused. */
  ordId: z.union([z.literal(""), wireId]),
  /** Code of the row: `0`, or why it was refused. */
  sCode: z.string().min(1),
  sMsg: z.string().optional(),
  ts: wireTime.optional(),
});

const instType = constants.INSTRUMENT_TYPE;

function ordTypeOf({ type, timeInForce }: OrderToPlace): string {
  if (type !== "limit") return type === "market" ? "market" : "post_only";
  return timeInForce === "GTC" ? "limit" : timeInForce.toLowerCase();
}

function positionSideOf({ positionMode, positionAction, side }: OrderToPlace): string {
  if (positionMode !== "hedge") return "net";
  return (side === "buy") === (positionAction === "open") ? "long" : "short";
}

function orderRow(markets: VenueMarkets, order: OrderToPlace) {
  const { symbol, rule } = marketOf(markets, order.tradingPair);
  return {
    instId: symbol,
    tdMode: order.marginMode ?? constants.MARGIN_MODE,
    clOrdId: order.clientOrderId,
    side: order.side,
    posSide: positionSideOf(order),
    ordType: ordTypeOf(order),
    sz: order.amount.div(rule.contractSize).toFixed(),
    px: order.type === "market" ? undefined : order.price?.toFixed(),
    // "Only applicable to ... FUTURES/SWAP orders in net mode" (docs, place order): a leg is closed by its side.
    reduceOnly: order.positionMode === "hedge" ? undefined : order.reduceOnly,
  };
}

function idsOf(markets: VenueMarkets, { tradingPair, exchangeOrderId, clientOrderId }: OrderReference) {
  const instId = marketOf(markets, tradingPair).symbol;
  return exchangeOrderId === undefined ? { instId, clOrdId: clientOrderId } : { instId, ordId: exchangeOrderId };
}

/** An acknowledgement says that the request was taken, nothing more: the order's truth comes from the stream. */
function parseAck(payload: unknown): PlacedOrder {
  const [{ ordId, clOrdId, ts }] = read("an acknowledgement", z.tuple([wireAck]), payload);
  return { exchangeOrderId: ordId, clientOrderId: clOrdId || undefined, timestampMs: ts };
}

function parseAckOf(order: OrderReference, payload: unknown): PlacedOrder {
  const placed = parseAck(payload);
  assertAcknowledges(constants.VENUE, order, placed);
  return placed;
}

/** Result of an accepted cancel: the stream tells the order's end. */
const unconfirmed = (_answer: unknown) => undefined;

interface Row {
  readonly instId: string;
}

/** A row as a socket takes it, which names the instrument by its code alone since 2026-04-07. */
function socketRow({ bySymbol }: VenueMarkets, { instId, ...row }: Row): object | undefined {
  const instIdCode = bySymbol.get(instId)?.venueData?.instIdCode;
  return instIdCode === undefined ? undefined : { instIdCode, ...row };
}

/** One request of one order, which has a limit for each instrument. */
function single<T>(markets: VenueMarkets, path: string, data: Row, lane: Lane, parse: (payload: unknown) => T) {
  const limitId = constants.marketLimitId(path, data.instId);
  const request = { ...post(path, data, lane, limitId), socketData: socketRow(markets, data) };
  return { kind: "rest" as const, request, parse };
}

/** A batch has one answer a row, which names its order, also where it was refused. */
function batch<T>(
  markets: VenueMarkets,
  path: string,
  rows: readonly Row[],
  lane: Lane,
  toValue: (placed: PlacedOrder) => T,
) {
  if (rows.length > constants.BATCH_SIZE)
    throw new ConfigError(`a batch holds ${constants.BATCH_SIZE} orders at most, not ${rows.length}`);
  const parse = (payload: unknown): BatchRow<T>[] => {
    return read("a batch answer", wireRows, payload).map((row, index) =>
      readBatchRow(row, ORDER_ROW, () => {
        const what = `row ${index} of a batch`;
        const { ordId: exchangeOrderId, sCode, sMsg, ts } = read(what, wireBatchRow, row);
        if (sCode !== "0") throw errorOf(200, sCode, sMsg ?? "no text");
        if (ts === undefined) throw new ProtocolError(`${what} does not tell its time`, { venue: constants.VENUE });
        return toValue({ exchangeOrderId, timestampMs: ts });
      }),
    );
  };
  const socketRows = rows.flatMap((row) => socketRow(markets, row) ?? []);
  const socketData = socketRows.length === rows.length ? socketRows : undefined;
  return { kind: "rest" as const, request: { ...post(path, rows, lane), weight: rows.length, socketData }, parse };
}

/** The order itself; an order that is not known so may still be among the closed ones of the last days. */
async function requestOrderStatus(context: VenueContext, order: OrderReference): Promise<OrderUpdate> {
  const { instId, ...id } = idsOf(context.markets, order);
  const find = async (request: RestRequest): Promise<OrderUpdate | undefined> => {
    const what = `a row of GET ${request.path}`;
    const row = rowOfOrder(what, await rowsOf(context, request), ORDER_ROW, order);
    return row === undefined ? undefined : parseOrder(context.markets, row);
  };
  const itself = find(get(constants.ORDER_PATH_URL, { instId, ...id }, constants.ORDER_STATUS_LIMIT_ID));
  const known = await itself.catch((error: unknown) => {
    if (!isOrderNotFound(error)) throw error;
  });
  const update = known ?? (await find(get(constants.ORDER_HISTORY_PATH_URL, { instType, instId, limit: 100 })));
  if (update === undefined) throw errorOf(200, "51603", "neither open nor closed");
  return update;
}

type ReadFill = (row: unknown) => Fill | undefined;

function fillsOf(context: VenueContext, path: string, rows: readonly unknown[], readFill: ReadFill): Promise<Fill[]> {
  return readList(`a row of GET ${path}`, rows, readFill, context, FILL_ROW);
}

export const orders = {
  placeOrder: (markets, order) =>
    single(markets, constants.ORDER_PATH_URL, orderRow(markets, order), "create", parseAck),

  placeCancel: (markets, order) =>
    single(markets, constants.CANCEL_ORDER_PATH_URL, idsOf(markets, order), "cancel", (payload) =>
      unconfirmed(parseAckOf(order, payload)),
    ),

  /** The order keeps both of its ids; the new size counts what is filled already (docs, amend order). */
  amendOrder(markets, order, { price, amount, clientOrderId }) {
    const { contractSize } = marketOf(markets, order.tradingPair).rule;
    // The end of the amend's own id: with letters and digits alone, as the venue wants it.
    const reqId = clientOrderId.slice(clientOrderId.lastIndexOf("-") + 1);
    const terms = { newPx: price?.toFixed(), newSz: amount?.div(contractSize).toFixed(), reqId };
    const data = { ...idsOf(markets, order), ...terms };
    return single(markets, constants.AMEND_ORDER_PATH_URL, data, "create", (payload) => parseAckOf(order, payload));
  },

  placeOrders(markets, orders) {
    const rows = orders.map((order) => orderRow(markets, order));
    return batch(markets, constants.CREATE_BATCH_PATH_URL, rows, "create", (placed) => placed);
  },

  placeCancels(markets, orders) {
    const rows = orders.map((order) => idsOf(markets, order));
    return batch(markets, constants.CANCEL_BATCH_PATH_URL, rows, "cancel", unconfirmed);
  },

  cancelAllAfter(_markets, timeoutMs) {
    const { least, most } = constants.CANCEL_ALL_AFTER_SECONDS;
    const seconds = Math.ceil(timeoutMs / 1_000);
    if (seconds !== 0 && (seconds < least || seconds > most))
      throw new ConfigError(`OKX cancels all after ${least} to ${most} seconds, or never (0), not ${seconds}`);
    const request = post(constants.CANCEL_ALL_AFTER_PATH_URL, { timeOut: String(seconds) }, "cancel");
    return { kind: "rest", request, parse: () => undefined };
  },

  requestOrderStatus,

  async fetchOpenOrders(context) {
    const rows = await allRows(context, constants.OPEN_ORDERS_PATH_URL, { instType }, "ordId");
    const { markets } = context;
    const what = `a row of GET ${constants.OPEN_ORDERS_PATH_URL}`;
    return readList(what, rows, (row) => parseOrder(markets, row)?.order, context, ORDER_ROW);
  },

  async allTradeUpdatesForOrder(context, order) {
    const { clientOrderId } = order;
    // Fills are listed by the exchange's id only; where it is not known yet the status tells it.
    const ordId = order.exchangeOrderId ?? (await requestOrderStatus(context, order)).exchangeOrderId;
    const { path } = listSince(context, order.createdAtMs, constants.FILLS);
    const rows = await allRows(context, path, { instType, ordId }, "billId");
    const fills = await fillsOf(context, path, rows.toReversed(), (row) => parseFill(context.markets, row, "list"));
    return oldestFirst(fills.filter((fill) => fill.type === "trade").map((fill) => ({ ...fill, clientOrderId })));
  },

  async tradesSince(context, sinceMs, tradingPairs) {
    const { path, begin } = listSince(context, sinceMs, constants.FILLS);
    const rows = await allRows(context, path, { instType, begin }, "billId");
    const readFill = await readerOfFills(context, path, rows, tradingPairs);
    return oldestFirst(await fillsOf(context, path, rows.toReversed(), readFill));
  },
} satisfies Partial<VenueDerivative>;
