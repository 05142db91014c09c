import { z } from "zod";
import type { BatchRow, PlacedOrder, VenueDerivative } from "../../connector/perpetual-venue.ts";
import type { OrderUpdate } from "../../model/account-update.ts";
import type { Decimal } from "../../model/decimal.ts";
import { ConfigError, NotFoundError } from "../../model/error.ts";
import type { OrderReference, OrderSide, OrderToPlace } from "../../model/order.ts";
import { CLOCKS_DIFFER_MS } from "../../model/time.ts";
import { marketOf, type VenueMarkets } from "../../model/venue-markets.ts";
import { oldestFirst, readBatchRow, readList, rowOfOrder } from "../../net/rows.ts";
import type { RestRequest, VenueContext } from "../../net/venue-api.ts";
import * as constants from "./constants.ts";
import { errorOf, isOrderNotFound } from "./errors.ts";
import { allRows, command, get, itemOf, rowsSince, wireList } from "./requests.ts";
import { clientIdOf, FILL_ROW, type Fill, ORDER_ROW, parseFill, parseOrder } from "./rows.ts";
import { isObject, read, wireSeconds } from "./web-utils.ts";

const wireBatchRow = z.object({
  succeeded: z.boolean(),
  label: z.string().nullish(),
  detail: z.string().nullish(),
  /** Label of a cancel that failed; empty where it did not. */
  message: z.string().nullish(),
});

const wireEnd = z.object({ finish_time: wireSeconds });

/** Contracts with the sign of the trade, which the fields of an order do not tell otherwise. */
function sizeOf(markets: VenueMarkets, tradingPair: string, side: OrderSide, amount: Decimal): string {
  const contracts = amount.div(marketOf(markets, tradingPair).rule.contractSize);
  return (side === "sell" ? contracts.neg() : contracts).toFixed();
}

function tifOf({ type, timeInForce }: OrderToPlace): string {
  if (type !== "limit") return type === "market" ? "ioc" : "poc";
  return timeInForce.toLowerCase();
}

/**
 * Builds an order's row. In hedge mode too the sign is that of the trade, and `reduce_only` says that it closes: a sale
 * that is not reduce-only opens a short position (docs, FuturesOrder).
 */
function orderRow(markets: VenueMarkets, order: OrderToPlace) {
  const { tradingPair, side, amount, positionMode, positionAction } = order;
  return {
    contract: marketOf(markets, tradingPair).symbol,
    size: sizeOf(markets, tradingPair, side, amount),
    price: order.type === "market" ? "0" : order.price?.toFixed(),
    tif: tifOf(order),
    text: order.clientOrderId,
    reduce_only: order.reduceOnly || (positionMode === "hedge" && positionAction === "close"),
  };
}

const ORDERS = { lane: "create", limitId: constants.ORDERS_LIMIT_ID } as const;
const CANCELS = { lane: "cancel", limitId: constants.CANCELS_LIMIT_ID } as const;

/** Id that names an order; either does, the exchange's for longer. */
const idOf = ({ exchangeOrderId, clientOrderId }: OrderReference): string => exchangeOrderId ?? clientOrderId;
const pathOf = (order: OrderReference): string => itemOf(constants.ORDERS_PATH_URL, idOf(order));

const rest = <T>(request: RestRequest, parse: (payload: unknown) => T) => ({ kind: "rest" as const, request, parse });

/** Every answer about one order is the order, as it is after what was asked for (docs, FuturesOrder). */
function parseAnswer(markets: VenueMarkets, payload: unknown) {
  const update = parseOrder(markets, payload);
  if (update === undefined) throw new NotFoundError("the order is on an unknown market", { outcome: "unknown" });
  return update;
}

function parsePlaced(markets: VenueMarkets, payload: unknown): PlacedOrder {
  const update = parseAnswer(markets, payload);
  return { exchangeOrderId: update.exchangeOrderId, timestampMs: update.timestampMs, update };
}

/** Reads the rows of a batch, of which each says whether it was done; one that was refused may name no order. */
function parseBatch<T>(payload: unknown, toValue: (row: unknown) => T): BatchRow<T>[] {
  return read("a batch answer", wireList, payload).map((row, index) => {
    // A row of a batch of cancels has the id that was sent, which may be the client's.
    const text = isObject(row) ? clientIdOf(typeof row.id === "string" ? row.id : undefined) : undefined;
    const named = text === undefined ? row : { text };
    const { id, ...answer } = readBatchRow(named, ORDER_ROW, () => {
      const { succeeded, label, detail, message } = read(`row ${index} of a batch`, wireBatchRow, row);
      if (succeeded) return toValue(row);
      throw errorOf({ status: 200, label: label || message || undefined, text: detail ?? message ?? "no text" });
    });
    return { id, ...answer };
  });
}

function assertFits(rows: readonly unknown[], most: number): void {
  if (rows.length > most) throw new ConfigError(`a batch holds ${most} orders at most, not ${rows.length}`);
}

/**
 * Row of an order that ended without a fill: by its text it is known for a minute, and listed for ten (docs, orders).
 * Undefined where it is not listed; the newest orders come first.
 */
async function listedRow(context: VenueContext, order: OrderReference): Promise<unknown> {
  const { clientOrderId, tradingPair, createdAtMs } = order;
  const { symbol: contract } = marketOf(context.markets, tradingPair);
  const sinceMs = createdAtMs - CLOCKS_DIFFER_MS;
  const isOlder = (row: unknown) => (wireEnd.safeParse(row).data?.finish_time ?? sinceMs) < sinceMs;
  const request = get(constants.ORDERS_PATH_URL, { status: "finished", contract });
  const rows = await allRows(context, request, constants.PAGE_SIZE, (page) => page.every(isOlder));
  return rowOfOrder(`GET ${constants.ORDERS_PATH_URL}`, rows, ORDER_ROW, { clientOrderId });
}

async function statusRow(context: VenueContext, order: OrderReference): Promise<unknown> {
  const request = get(pathOf(order), undefined, constants.ORDERS_PATH_URL);
  try {
    return await context.api.send(request, context.signal);
  } catch (error) {
    const isRecent = context.now() - order.createdAtMs < constants.TEXT_KNOWN_FOR_MS / 2;
    if (!isOrderNotFound(error) || order.exchangeOrderId !== undefined || isRecent) throw error;
    const row = await listedRow(context, order);
    if (row === undefined) throw error;
    return row;
  }
}

async function requestOrderStatus(context: VenueContext, order: OrderReference): Promise<OrderUpdate> {
  const update = parseOrder(context.markets, await statusRow(context, order));
  if (update === undefined) throw new NotFoundError("the order is on a market that is not a known perpetual");
  return update;
}

function fillsOf(context: VenueContext, path: string, rows: readonly unknown[]): Promise<Fill[]> {
  // Lists come newest first; of fills of one second the order is kept.
  const parse = (row: unknown) => parseFill(context.markets, row, "list");
  return readList(`a row of GET ${path}`, rows.toReversed(), parse, context, FILL_ROW);
}

/**
 * Lists the fills of an order. Those of six months are listed by order; older ones by time alone (docs, my_trades,
 * my_trades_timerange).
 */
async function fillsOfOrder(context: VenueContext, order: OrderReference, orderId: string | undefined) {
  const { symbol: contract } = marketOf(context.markets, order.tradingPair);
  const { ORDER_FILLS_PATH_URL, FILLS_PATH_URL, HISTORY_MS } = constants;
  if (order.createdAtMs > context.now() - HISTORY_MS + CLOCKS_DIFFER_MS) {
    const rows = await allRows(context, get(ORDER_FILLS_PATH_URL, { contract, order: orderId }));
    return fillsOf(context, ORDER_FILLS_PATH_URL, rows);
  }
  const sinceMs = order.createdAtMs - CLOCKS_DIFFER_MS;
  return fillsOf(context, FILLS_PATH_URL, await rowsSince(context, FILLS_PATH_URL, { contract }, sinceMs));
}

export const orders = {
  placeOrder(markets, order) {
    const request = command("POST", constants.ORDERS_PATH_URL, orderRow(markets, order), ORDERS);
    return rest(request, (payload) => parsePlaced(markets, payload));
  },

  /** Answered with the order's end. */
  placeCancel(markets, order) {
    const request = { ...get(pathOf(order)), method: "DELETE", ...CANCELS } as const;
    return rest(request, (payload) => parseAnswer(markets, payload));
  },

  /** Keeps both ids of the order; the new size counts what is filled already (docs, amend an order). */
  amendOrder(markets, order, { price, amount }) {
    const { tradingPair, side } = order;
    const size = amount === undefined ? undefined : sizeOf(markets, tradingPair, side, amount);
    const request = command("PUT", pathOf(order), { size, price: price?.toFixed() }, ORDERS);
    return rest(request, (payload) => parsePlaced(markets, payload));
  },

  placeOrders(markets, toPlace) {
    assertFits(toPlace, constants.CREATE_BATCH_SIZE);
    const rows = toPlace.map((order) => orderRow(markets, order));
    const request = command("POST", constants.CREATE_BATCH_PATH_URL, rows, { ...ORDERS, weight: rows.length });
    return rest(request, (payload) => parseBatch(payload, (row) => parsePlaced(markets, row)));
  },

  /** Cancels several orders. The answer's rows do not tell what the orders had filled: each is looked up. */
  placeCancels(_markets, references) {
    assertFits(references, constants.CANCEL_BATCH_SIZE);
    const names = references.map(idOf);
    const request = command("POST", constants.CANCEL_BATCH_PATH_URL, names, { ...CANCELS, weight: names.length });
    return rest(request, (payload) => parseBatch(payload, (): OrderUpdate | undefined => undefined));
  },

  cancelAllAfter(markets, timeoutMs, tradingPair) {
    const seconds = Math.ceil(timeoutMs / 1_000);
    const least = constants.MIN_COUNTDOWN_SECONDS;
    if (seconds !== 0 && seconds < least)
      throw new ConfigError(`Gate.io cancels all after ${least} seconds or more, or never (0), not ${seconds}`);
    const data = { timeout: seconds, contract: marketOf(markets, tradingPair).symbol };
    const request = command("POST", constants.COUNTDOWN_PATH_URL, data, { lane: "cancel" });
    return rest(request, () => undefined);
  },

  requestOrderStatus,

  async allTradeUpdatesForOrder(context, order) {
    const { clientOrderId } = order;
    // Fills are listed by the exchange's id only; where it is not known yet the status tells it.
    const orderId = order.exchangeOrderId ?? (await requestOrderStatus(context, order)).exchangeOrderId;
    const fills = await fillsOfOrder(context, order, orderId);
    return oldestFirst(
      fills.flatMap((fill) =>
        fill.type === "trade" && fill.exchangeOrderId === orderId ? { ...fill, clientOrderId } : [],
      ),
    );
  },

  async tradesSince(context, sinceMs) {
    const path = constants.FILLS_PATH_URL;
    return oldestFirst(await fillsOf(context, path, await rowsSince(context, path, {}, sinceMs)));
  },

  async fetchOpenOrders(context) {
    const path = constants.ORDERS_PATH_URL;
    const rows = await allRows(context, get(path, { status: "open" }));
    const parse = (row: unknown) => parseOrder(context.markets, row)?.order;
    return readList(`a row of GET ${path}`, rows, parse, context, ORDER_ROW);
  },
} satisfies Partial<VenueDerivative>;
