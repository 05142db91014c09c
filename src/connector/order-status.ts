import type { OrderUpdate } from "../model/account-update.ts";
import { ProtocolError } from "../model/error.ts";
import type { OrderReference } from "../model/order.ts";
import type { VenueContext } from "../net/venue-api.ts";
import type { EvidenceSource } from "../trading/client-order-tracker.ts";
import { isNamedBy } from "./answer-checks.ts";
import type { PerpetualVenue } from "./perpetual-venue.ts";

export interface OrderStatusOptions {
  readonly venue: PerpetualVenue;
  readonly context: () => VenueContext;
  readonly apply: (update: OrderUpdate, source: EvidenceSource) => unknown;
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
  const { venue, apply, context } = options;
  const { clientOrderId, exchangeOrderId } = reference;
  const update = await venue.derivative.requestOrderStatus({ ...context(), signal }, reference);
  if (isNamedBy(reference, update)) {
    const source = { kind: "poll", askedMs, isSecondLook: true, isByClientId: exchangeOrderId === undefined } as const;
    apply({ ...update, clientOrderId }, source);
  } else if (!(await findByClientId(options, reference, askedMs, signal))) {
    throw new ProtocolError(`an answer about order ${clientOrderId} names another order`);
  }
}

/**
 * What the venue told as an order's id may be none, or another's: the order itself is asked for. False where it is not
 * found, or was asked for so before.
 */
export async function findByClientId(
  options: OrderStatusOptions,
  reference: OrderReference,
  askedMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const { venue } = options;
  if (reference.exchangeOrderId === undefined || !venue.manifest.clientOrderId.isQueryable) return false;
  try {
    await requestStatus(options, { ...reference, exchangeOrderId: undefined }, askedMs, signal);
    return true;
  } catch (error) {
    if (venue.isOrderNotFoundDuringStatusUpdateError(error)) return false;
    throw error;
  }
}
