import { z } from "zod";
import type { AmendOrder, BatchRow, PlacedOrder, VenueDerivative } from "../../connector/perpetual-venue.ts";
import type { OrderUpdate, TradeUpdate } from "../../model/account-update.ts";
import { sum } from "../../model/decimal.ts";
import { ConfigError, PerpwireError, ProtocolError } from "../../model/error.ts";
import type { OrderReference, OrderToPlace } from "../../model/order.ts";
import { CLOCKS_DIFFER_MS } from "../../model/time.ts";
import { marketOf, type VenueMarkets } from "../../model/venue-markets.ts";
import { assertAcknowledges, type BatchRowId, oldestFirst, readList } from "../../net/rows.ts";
import type { VenueContext, VenueRequest } from "../../net/venue-api.ts";
import { wireId, wireText } from "../../net/wire.ts";
import * as constants from "./constants.ts";
import { orderNotFound, refusalOf } from "./errors.ts";
import { assetOf } from "./markets.ts";
import { modifiedOrder, wireOrderOf } from "./order-terms.ts";
import { allRows, isRow, ofUser, post, rowsOf, wireList } from "./requests.ts";
import { FILL_ROW, flatRow, ORDER_ROW, parseFill, parseOrder } from "./rows.ts";
import type { Action } from "./signing.ts";
import { read } from "./web-utils.ts";

const wireTaken = z.object({ oid: wireId, cloid: z.string().nullish() });
const wireStatus = z.union([
  z.object({ resting: wireTaken }),
  z.object({ filled: wireTaken }),
  z.object({ error: z.string() }),
  z.enum(["waitingForFill", "waitingForTrigger"]),
]);
const wireCancelStatus = z.union([z.literal("success"), z.object({ error: z.string() })]);
const wireOrderStatus = z.union([
  z.object({ status: z.literal("order"), order: z.unknown() }),
  z.object({ status: z.literal("unknownOid") }),
]);

/** Reads the result of one order: that it was taken, and by which ids. The fills tell how much of it was filled. */
function placedOf(status: unknown): PlacedOrder {
  const taken = read("the status of an order", wireStatus, status);
  // One of a group that waits for another has no id yet.
  if (typeof taken === "string") return {};
  if ("error" in taken) throw refusalOf(taken.error);
  const { oid: exchangeOrderId, cloid } = "resting" in taken ? taken.resting : taken.filled;
  return { exchangeOrderId, clientOrderId: cloid?.toLowerCase() || undefined };
}

export function canceledOf(status: unknown): undefined {
  const taken = read("the status of a cancel", wireCancelStatus, status);
  if (taken !== "success") throw refusalOf(taken.error);
}

/** Statuses come in the order of the action's rows; one error alone is said of all of them: nothing was done. */
function statusesOf(payload: unknown, count: number): readonly unknown[] {
  const statuses = read("the statuses of an action", wireList, payload);
  if (statuses.length === count) return statuses;
  const [only] = statuses;
  const isRefusal = isRow(only) && typeof only.error === "string";
  if (statuses.length === 1 && isRefusal) return Array.from({ length: count }, () => only);
  throw new ProtocolError(`an action on ${count} orders has ${statuses.length} statuses`, { venue: constants.VENUE });
}

export function onlyStatus(payload: unknown): unknown {
  return statusesOf(payload, 1)[0];
}

/** Reads the rows of a batch one by one: an answer that cannot be read says nothing about the others. */
function batchOf<T>(
  payload: unknown,
  orders: readonly OrderReference[] | readonly OrderToPlace[],
  readOne: (status: unknown) => T,
  nameOf: (value: T, place: number) => BatchRowId | undefined,
): BatchRow<T>[] {
  return statusesOf(payload, orders.length).map((status, place): BatchRow<T> => {
    try {
      const value = readOne(status);
      return { id: nameOf(value, place), ok: true, value };
    } catch (error) {
      if (error instanceof PerpwireError) return { ok: false, error };
      throw error;
    }
  });
}

function idsOf({ exchangeOrderId, clientOrderId }: BatchRowId): BatchRowId {
  return { exchangeOrderId, clientOrderId };
}

function assertBatch(count: number): void {
  if (count > constants.BATCH_SIZE)
    throw new ConfigError(`a batch holds ${constants.BATCH_SIZE} orders at most, not ${count}`);
}

function placing(markets: VenueMarkets, orders: readonly OrderToPlace[]): Action {
  return { type: "order", orders: orders.map((order) => wireOrderOf(markets, order)), grouping: "na" };
}

/** Cancels by the exchange's ids where each is known, else by the client's: one action names orders in one way. */
function canceling(markets: VenueMarkets, orders: readonly OrderReference[]): Action {
  const assetOfOrder = ({ tradingPair }: OrderReference) => assetOf(marketOf(markets, tradingPair));
  if (orders.every(({ exchangeOrderId }) => exchangeOrderId !== undefined)) {
    const cancels = orders.map((order) => ({ a: assetOfOrder(order), o: Number(order.exchangeOrderId) }));
    return { type: "cancel", cancels };
  }
  const cancels = orders.map((order) => ({ asset: assetOfOrder(order), cloid: order.clientOrderId }));
  return { type: "cancelByCloid", cancels };
}

async function fillsOf(context: VenueContext, sinceMs: number) {
  const rows = await allRows(context, "userFillsByTime", sinceMs);
  const parse = (row: unknown) => parseFill(context.markets, row, "list");
  return readList("a row of userFillsByTime", rows, parse, context, FILL_ROW);
}

/** Fills are not listed by order: all of the account since then are read. */
async function tradesOf(context: VenueContext, order: OrderReference): Promise<TradeUpdate[]> {
  const { clientOrderId, exchangeOrderId, tradingPair, createdAtMs } = order;
  const isIts = (fill: TradeUpdate): boolean =>
    fill.tradingPair === tradingPair &&
    (exchangeOrderId === undefined ? fill.clientOrderId === clientOrderId : fill.exchangeOrderId === exchangeOrderId);
  const fills = await fillsOf(context, createdAtMs - CLOCKS_DIFFER_MS);
  return oldestFirst(fills.flatMap((fill) => (fill.type === "trade" && isIts(fill) ? { ...fill, clientOrderId } : [])));
}

/** Each order is listed once for every status that it had: the last one counts, of those of one time the end. */
async function listedStatus(context: VenueContext, { exchangeOrderId }: OrderReference): Promise<unknown> {
  const rows = (await rowsOf(context, ofUser(context, "historicalOrders"))).map((row) => flatRow(row, "order"));
  const its = rows.filter(isRow).filter(({ oid }) => wireText(oid) === exchangeOrderId);
  const timeOf = ({ statusTimestamp }: (typeof its)[number]) => Number(wireText(statusTimestamp));
  const openness = ({ status }: (typeof its)[number]) => (constants.stateOf(wireText(status)) === "open" ? 1 : 0);
  return its.toSorted((a, b) => timeOf(b) - timeOf(a) || openness(a) - openness(b))[0];
}

/** The row of an order; one that has an id and is not known by it may be listed among those that ended. */
async function statusRow(context: VenueContext, order: OrderReference): Promise<unknown> {
  const { exchangeOrderId, clientOrderId } = order;
  const oid = exchangeOrderId === undefined ? clientOrderId : Number(exchangeOrderId);
  const payload = await context.api.send(ofUser(context, "orderStatus", { oid }), context.signal);
  const answer = read("orderStatus", wireOrderStatus, payload);
  if (answer.status === "order") return flatRow(answer.order, "order");
  return exchangeOrderId === undefined ? undefined : listedStatus(context, order);
}

async function requestOrderStatus(context: VenueContext, order: OrderReference): Promise<OrderUpdate> {
  const row = await statusRow(context, order);
  const update = row === undefined ? undefined : parseOrder(context.markets, row);
  if (update === undefined) throw orderNotFound(order.exchangeOrderId ?? order.clientOrderId);
  if (update.state !== "filled" || update.executedAmount !== undefined) return update;
  // The row does not show what of it was executed.
  const { exchangeOrderId } = update;
  const executedAmount = sum((await tradesOf(context, { ...order, exchangeOrderId })).map(({ amount }) => amount));
  if (executedAmount.isZero() || executedAmount.gte(update.order?.amount ?? order.amount)) return update;
  return { ...update, state: "canceled", inferredReason: "iocRemainder", executedAmount };
}

function amended(order: OrderReference, amend: AmendOrder, payload: unknown): PlacedOrder {
  const placed = placedOf(onlyStatus(payload));
  assertAcknowledges(constants.VENUE, { clientOrderId: amend.clientOrderId }, placed);
  if (placed.exchangeOrderId === order.exchangeOrderId)
    throw new ProtocolError("an amend without a new order", { venue: constants.VENUE });
  return placed;
}

export const orders = {
  placeOrder(markets, order) {
    return { kind: "rest", request: post(placing(markets, [order])), parse: (answer) => placedOf(onlyStatus(answer)) };
  },

  placeCancel(markets, order): VenueRequest<undefined> {
    const request = post(canceling(markets, [order]), { lane: "cancel" });
    return { kind: "rest", request, parse: (answer) => canceledOf(onlyStatus(answer)) };
  },

  /** Amends in the one of the two ways whose answer names the new order. */
  amendOrder(markets, order, amend) {
    const request = post(modifiedOrder(markets, order, amend));
    return { kind: "rest", request, parse: (answer) => amended(order, amend, answer) };
  },

  placeOrders(markets, toPlace) {
    assertBatch(toPlace.length);
    return {
      kind: "rest",
      request: post(placing(markets, toPlace), { weight: toPlace.length }),
      parse: (answer) => batchOf(answer, toPlace, placedOf, idsOf),
    };
  },

  placeCancels(markets, references): VenueRequest<readonly BatchRow<OrderUpdate | undefined>[]> {
    assertBatch(references.length);
    // "success" names no order; the documents say that it stands in its order's place.
    const nameOf = (_: undefined, place: number) => idsOf(references[place] ?? {});
    return {
      kind: "rest",
      request: post(canceling(markets, references), { lane: "cancel", weight: references.length }),
      parse: (answer) => batchOf(answer, references, canceledOf, nameOf),
    };
  },

  cancelAllAfter(_markets, timeoutMs) {
    if (timeoutMs !== 0 && timeoutMs < constants.MIN_SCHEDULED_CANCEL_MS)
      throw new ConfigError(
        `Hyperliquid cancels all after ${constants.MIN_SCHEDULED_CANCEL_MS} ms at least, or never (0), not after ${timeoutMs} ms`,
        {
          hint: "the venue wants five seconds by its own clock when the request arrives, which is on its way for a while",
        },
      );
    const cancelAfterMs = timeoutMs === 0 ? undefined : Math.ceil(timeoutMs);
    const request = post({ type: "scheduleCancel" }, { lane: "cancel", cancelAfterMs });
    return { kind: "rest", request, parse: () => undefined };
  },

  requestOrderStatus,

  /** The list has conditional orders in it, which are no open orders. */
  async fetchOpenOrders(context) {
    const rows = await rowsOf(context, ofUser(context, "frontendOpenOrders"));
    const { markets } = context;
    return readList("a row of frontendOpenOrders", rows, (row) => parseOrder(markets, row)?.order, context, ORDER_ROW);
  },

  allTradeUpdatesForOrder: tradesOf,

  async tradesSince(context, sinceMs) {
    return oldestFirst(await fillsOf(context, sinceMs));
  },
} satisfies Partial<VenueDerivative>;
