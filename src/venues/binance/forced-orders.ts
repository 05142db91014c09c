import { z } from "zod";
import type { PositionAdjustment, TradeUpdate } from "../../model/account-update.ts";
import { type Decimal, sum } from "../../model/decimal.ts";
import { describeError, isAbort, NotFoundError, ProtocolError } from "../../model/error.ts";
import type { TradingPair } from "../../model/market.ts";
import { leaveOut } from "../../net/fan-out.ts";
import { readRows } from "../../net/rows.ts";
import type { VenueContext } from "../../net/venue-api.ts";
import { wireDecimal, wireIntegerId, wireTimeMs } from "../../net/wire.ts";
import * as constants from "./constants.ts";
import { manifest } from "./manifest.ts";
import { get, rowsOf, symbolOf, windowsSince } from "./requests.ts";
import { venueReasonOf, wirePositionSide } from "./rows.ts";
import { read } from "./web-utils.ts";

/**
 * Row of `forceOrders`, or an order asked for by its id: one that the venue made by itself. Amounts are in the base asset, times in milliseconds.
 */
const wireForcedOrder = z.object({
  symbol: z.string(),
  orderId: wireIntegerId,
  clientOrderId: z.string(),
  side: z.enum(["BUY", "SELL"]),
  positionSide: wirePositionSide,
  executedQty: wireDecimal,
  avgPrice: wireDecimal,
  time: wireTimeMs,
  updateTime: wireTimeMs,
});
const WHAT = "a row of GET /fapi/v1/forceOrders";
export type ForcedOrder = z.output<typeof wireForcedOrder>;

/** The total after the execution tells one without a trade id from others. */
export function adjustmentIdOf(tradingPair: string, orderId: string, executed: Decimal): string {
  return `${tradingPair}:${orderId}:${executed.toFixed()}`;
}

/** Income names the trade; what the insurance fund took over is none, and its id zero on the stream. */
export function sourceOf({ fillId }: TradeUpdate): Pick<PositionAdjustment, "sourceId"> {
  return fillId === "0" ? {} : { sourceId: fillId };
}

async function forcedBetween(context: VenueContext, startTime: number, endTime: number): Promise<ForcedOrder[]> {
  const params = { startTime, endTime, limit: constants.FORCE_ORDERS_PAGE_SIZE };
  const payload = await context.api.send(get(constants.FORCE_ORDERS_PATH_URL, 50, params), context.signal);
  const listed = rowsOf("GET /fapi/v1/forceOrders", payload);
  const rows = readRows(WHAT, listed, (row) => read(WHAT, wireForcedOrder, row), context.onUnreadable);
  if (listed.length < constants.FORCE_ORDERS_PAGE_SIZE || endTime - startTime < 2) return rows;
  const isWithin = (timeMs: number) => timeMs >= startTime && timeMs <= endTime;
  if (!rows.some(({ time, updateTime }) => isWithin(time) || isWithin(updateTime))) {
    throw new ProtocolError("GET /fapi/v1/forceOrders does not heed the times that it is asked for", {
      venue: manifest.name,
    });
  }
  const middle = Math.floor((startTime + endTime) / 2);
  return [...(await forcedBetween(context, startTime, middle)), ...(await forcedBetween(context, middle + 1, endTime))];
}

/** Orders that the venue made by itself lately, on every market. Fills are read all the same where it does not say. */
async function forcedSince(context: VenueContext, sinceMs: number): Promise<readonly ForcedOrder[]> {
  try {
    const orders = new Map<string, ForcedOrder>();
    for (const { startTime, endTime } of windowsSince(
      context,
      Math.max(sinceMs, context.now() - constants.WINDOW_MS),
    )) {
      for (const row of await forcedBetween(context, startTime, endTime))
        orders.set(`${row.symbol} ${row.orderId}`, row);
    }
    return [...orders.values()];
  } catch (error) {
    if (isAbort(error)) throw error;
    context.onUnreadable?.({ what: "GET /fapi/v1/forceOrders", reason: describeError(error), row: undefined });
    return [];
  }
}

/**
 * Orders that settled a delisted market, which are in no list of forced orders: their own client ids tell them. The last
 * trade of a market to either side can be of one, unless it is of an order of ours; an order that is gone is of nobody.
 */
async function settlementsAmong(
  context: VenueContext,
  tradingPairs: readonly TradingPair[],
  fills: readonly TradeUpdate[],
): Promise<readonly Settlement[]> {
  const { markets, api, signal, isOwnOrder = () => true } = context;
  const last = new Map<string, TradeUpdate>();
  for (const fill of fills) {
    const key = `${fill.tradingPair} ${fill.side}`;
    const other = last.get(key);
    if (other === undefined || other.timestampMs <= fill.timestampMs) last.set(key, fill);
  }
  const asked = [...last.values()].filter((fill) => !isOwnOrder(fill.tradingPair, fill.exchangeOrderId));
  const found = asked.map(async ({ tradingPair, exchangeOrderId: orderId }): Promise<Settlement | undefined> => {
    const what = `order ${orderId}`;
    try {
      const request = get(constants.ORDER_PATH_URL, 1, { symbol: symbolOf(markets, tradingPair), orderId });
      const order = read(what, wireForcedOrder, await api.send(request, signal));
      return venueReasonOf(order.clientOrderId) === "settlement" ? { tradingPair, orderId, order } : undefined;
    } catch (error) {
      if (error instanceof NotFoundError) return undefined;
      leaveOut(context, tradingPairs, { tradingPair, what, error });
      return { tradingPair, orderId };
    }
  });
  return (await Promise.all(found)).filter((each) => each !== undefined);
}

/**
 * Settlement by the venue. The order is absent where its kind is unknown: its fills are left out until that is told.
 */
interface Settlement {
  readonly tradingPair: TradingPair;
  readonly orderId: string;
  readonly order?: ForcedOrder;
}

/**
 * Amount that the insurance fund took over is no trade of the book and not among the fills: the rest of the order tells
 * it.
 */
function adjustmentsOf(order: ForcedOrder, tradingPair: string, fills: readonly TradeUpdate[]): PositionAdjustment[] {
  const reason = venueReasonOf(order.clientOrderId) ?? "liquidation";
  const direction = order.side === "BUY" ? 1 : -1;
  const common = { type: "positionAdjustment", tradingPair, reason, side: order.positionSide } as const;
  let executed = sum([]);
  const adjustments = fills.map((fill): PositionAdjustment => {
    const { amount, price, fee, realizedPnl, timestampMs } = fill;
    executed = executed.plus(amount);
    const adjustmentId = adjustmentIdOf(tradingPair, order.orderId, executed);
    const told = { price, fee, realizedPnl, ...sourceOf(fill), timestampMs };
    return { ...common, adjustmentId, amount: amount.times(direction), ...told };
  });
  const rest = order.executedQty.minus(executed);
  if (rest.lte(0)) return adjustments;
  const paid = sum(fills.map(({ amount, price }) => amount.times(price)));
  const price = order.avgPrice.times(order.executedQty).minus(paid).div(rest);
  const adjustmentId = adjustmentIdOf(tradingPair, order.orderId, order.executedQty);
  const takeover = { ...common, adjustmentId, amount: rest.times(direction), price, timestampMs: order.updateTime };
  return [...adjustments, takeover];
}

/**
 * Fills since a time with those of liquidations and auto-deleveragings as the adjustments that they are: a row of
 * `userTrades` does not say so, the list of forced orders does. `fillsOf` reads the fills of one order, undefined
 * where one of them is unreadable: the names of those after it are not known then. Such an order is left out, and so is
 * one of which the fills cannot be had, for its market may be delisted; it keeps nothing else from being told.
 */
export async function withAdjustments(
  context: VenueContext,
  sinceMs: number,
  tradingPairs: readonly TradingPair[],
  fills: readonly TradeUpdate[],
  fillsOf: (order: ForcedOrder) => Promise<readonly TradeUpdate[] | undefined>,
): Promise<(TradeUpdate | PositionAdjustment)[]> {
  const adjustments: PositionAdjustment[] = [];
  const listed = await forcedSince(context, sinceMs);
  const known = new Set(listed.map(({ symbol, orderId }) => `${symbol} ${orderId}`));
  const isKnown = ({ tradingPair, exchangeOrderId }: TradeUpdate): boolean =>
    known.has(`${symbolOf(context.markets, tradingPair)} ${exchangeOrderId}`);
  const others = fills.filter((fill) => !isKnown(fill));
  const settlements = await settlementsAmong(context, tradingPairs, others);
  const forced = new Set(settlements.map(({ tradingPair, orderId }) => `${tradingPair} ${orderId}`));
  for (const order of [...listed, ...settlements.flatMap(({ order: settled }) => settled ?? [])]) {
    const tradingPair = context.markets.bySymbol.get(order.symbol)?.tradingPair;
    if (tradingPair === undefined) continue;
    forced.add(`${tradingPair} ${order.orderId}`);
    try {
      const all = await fillsOf(order);
      if (all !== undefined) adjustments.push(...adjustmentsOf(order, tradingPair, all));
    } catch (error) {
      leaveOut(context, tradingPairs, { tradingPair, what: `the fills of forced order ${order.orderId}`, error });
    }
  }
  const own = fills.filter(({ tradingPair, exchangeOrderId }) => !forced.has(`${tradingPair} ${exchangeOrderId}`));
  const due = adjustments.filter(({ timestampMs }) => timestampMs >= sinceMs);
  return [...own, ...due].sort((a, b) => a.timestampMs - b.timestampMs);
}
