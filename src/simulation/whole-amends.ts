import { sum } from "../model/decimal.ts";
import type { BoxProtocol } from "./box-protocols.ts";
import type { VenueOrderTruth, VenueTruth } from "./venue-truth.ts";
import { wholeClientId } from "./whole-client-id.ts";

/**
 * Joins the legs of amended orders. On FTX and Hyperliquid an amendment is a new order with an id of its own; here it
 * stays one order: its legs' fills together, at the price and under the id of the last leg. A leg that the matching engine
 * refused, because the one before it had ended, adds nothing; where that one was filled whole, the order was never at the
 * price of the refused one. One that the protocol shows as refused is no leg: the order ended as the one before it.
 */
export function withWholeAmends(truth: VenueTruth, { endState }: Pick<BoxProtocol, "endState">): VenueTruth {
  const isRefused = (leg: VenueOrderTruth) =>
    leg.status === "closed" && leg.filled.isZero() && endState(leg) === "failed";
  const taken = (all: readonly VenueOrderTruth[]) => all.filter((leg, index) => index === 0 || !isRefused(leg));
  const base = (clientId: string | null) => (clientId === null ? null : wholeClientId(clientId));
  const legs = Map.groupBy(truth.orders, ({ clientId, market, orderId }) => base(clientId) ?? `${market} ${orderId}`);
  const fills = truth.fills.map((fill) => ({ ...fill, clientId: base(fill.clientId) }));
  return { ...truth, orders: [...legs.values()].map(taken).map(wholeOf), fills };
}

function wholeOf(legs: readonly VenueOrderTruth[]): VenueOrderTruth {
  const taken = legs.filter(({ reason }) => reason !== "orderClosed");
  const [last, lastTaken] = [legs.at(-1), taken.at(-1)];
  if (last === undefined || lastTaken === undefined) throw new Error("an order without a leg that was taken");
  const earlier = sum(taken.slice(0, -1).map(({ filled }) => filled));
  const filled = earlier.plus(lastTaken.filled);
  const isWhole = lastTaken.filled.gte(lastTaken.size);
  return {
    ...lastTaken,
    // A leg before the last that is open is nobody's: it must not hide behind the last one.
    status: taken.some(({ status }) => status !== "closed") ? "open" : "closed",
    orderId: last.orderId,
    price: isWhole ? lastTaken.price : last.price,
    clientId: last.clientId === null ? null : wholeClientId(last.clientId),
    // The row of a leg that was refused shows what was asked for: the order ended at those terms.
    size: isWhole || last === lastTaken ? earlier.plus(lastTaken.size) : filled.plus(last.size),
    filled,
    filledCost: sum(taken.map(({ filledCost }) => filledCost)),
  };
}

/** Fills of all legs of an amended order under its last id, as its row is. */
export function withFillsByOrder(truth: VenueTruth): VenueTruth {
  const ids = new Map(truth.orders.map(({ clientId, orderId }) => [clientId, orderId]));
  return { ...truth, fills: truth.fills.map((fill) => ({ ...fill, orderId: ids.get(fill.clientId) ?? fill.orderId })) };
}
