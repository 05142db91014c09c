import type { OrderUpdate } from "../model/account-update.ts";
import { NotFoundError, ProtocolError } from "../model/error.ts";
import type { OrderReference } from "../model/order.ts";
import type { VenueContext } from "../net/venue-api.ts";
import type { EvidenceSource } from "../trading/client-order-tracker.ts";
import { wholeReading } from "./account-reading.ts";
import { isNamedBy } from "./answer-checks.ts";
import type { PerpetualVenue } from "./perpetual-venue.ts";

export interface OrderStatusOptions {
  readonly venue: PerpetualVenue;
  readonly context: () => VenueContext;
  readonly apply: (update: OrderUpdate, source: EvidenceSource) => unknown;
}

/** The open orders were read whole, and the order is not one of them. */
class NotListedError extends NotFoundError {}

/** Tells that a look-up ended with the venue's word that it does not know the order. */
export function isOrderNotFound(venue: PerpetualVenue, error: unknown): boolean {
  return error instanceof NotListedError || venue.isOrderNotFoundDuringStatusUpdateError(error);
}

/**
 * An order's status as the venue can tell it: by exchange order id, by client order id, or, where the venue cannot be
 * asked by that (`isQueryable`), from the open orders. Throws what `isOrderNotFound` knows where there is no such order.
 */
export function fetchStatus(
  { venue, context }: Pick<OrderStatusOptions, "venue" | "context">,
  reference: OrderReference,
  signal: AbortSignal,
): Promise<OrderUpdate> {
  const isAskedById = reference.exchangeOrderId !== undefined || venue.manifest.clientOrderId.isQueryable;
  if (!isAskedById) return fetchListedStatus(venue, context(), reference, signal);
  return venue.derivative.requestOrderStatus({ ...context(), signal }, reference);
}

async function fetchListedStatus(
  venue: PerpetualVenue,
  context: VenueContext,
  { clientOrderId, tradingPair }: OrderReference,
  signal: AbortSignal,
): Promise<OrderUpdate> {
  const { name } = venue.manifest;
  const reading = wholeReading(context, signal);
  const open = await venue.derivative.fetchOpenOrders(reading.context, [tradingPair]);
  const order = open.find((each) => each.clientOrderId === clientOrderId);
  if (order === undefined) {
    // A row that was left out may be the order's.
    if (!reading.isWhole()) throw new ProtocolError("the open orders could not be read whole", { venue: name });
    throw new NotListedError(`order ${clientOrderId} is not among the open orders`, { venue: name });
  }
  const { exchangeOrderId, state, executedAmount, averagePrice, updatedAtMs, timestampMs } = order;
  const facts = { tradingPair, clientOrderId, exchangeOrderId, state, executedAmount, averagePrice, order };
  return { type: "order", ...facts, timestampMs: updatedAtMs ?? timestampMs };
}

/**
 * Asks for an order by its exchange order id where that is known, and applies the answer. Where that names another order
 * the id is not this one's: the order is asked for by its client id then.
 */
export async function requestStatus(
  options: OrderStatusOptions,
  reference: OrderReference,
  askedMs: number,
  signal: AbortSignal,
): Promise<void> {
  const { apply } = options;
  const { clientOrderId, exchangeOrderId } = reference;
  const update = await fetchStatus(options, reference, signal);
  if (isNamedBy(reference, update)) {
    const source = { kind: "poll", askedMs, isSecondLook: true, isByClientId: exchangeOrderId === undefined } as const;
    apply({ ...update, clientOrderId }, source);
  } else if (!(await findByClientId(options, reference, askedMs, signal))) {
    throw new ProtocolError(`an answer about order ${clientOrderId} names another order`);
  }
}

/**
 * Asks for the order by its client id, for the id that the venue told may be wrong or another order's. False where it
 * is not found, or was asked for so before.
 */
export async function findByClientId(
  options: OrderStatusOptions,
  reference: OrderReference,
  askedMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const { venue } = options;
  if (reference.exchangeOrderId === undefined) return false;
  try {
    await requestStatus(options, { ...reference, exchangeOrderId: undefined }, askedMs, signal);
    return true;
  } catch (error) {
    if (isOrderNotFound(venue, error)) return false;
    throw error;
  }
}
