import type { TradeUpdate } from "../model/account-update.ts";
import { describeError, isAbort } from "../model/error.ts";
import { CLOCKS_DIFFER_MS } from "../model/time.ts";
import type { VenueContext } from "../net/venue-api.ts";
import type { Logger } from "../runtime/logger.ts";
import type { InFlightOrder } from "../trading/in-flight-order.ts";
import { wholeReading } from "./account-reading.ts";
import type { PerpetualVenue } from "./perpetual-venue.ts";

export interface ForgottenOrdersOptions {
  readonly venue: PerpetualVenue;
  readonly context: () => VenueContext;
  readonly apply: (update: TradeUpdate) => unknown;
  readonly logger: Logger;
}

/**
 * Tells that an order which the venue had taken, and does not know now, is one that it forgets because it ended without
 * a fill. Proof is missing where a fill may be the order's: one is known, the list of its fills has one, or that list
 * cannot be read.
 */
export async function isForgottenUnfilled(
  { venue, context, apply, logger }: ForgottenOrdersOptions,
  order: InFlightOrder,
  ageMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const rule = venue.manifest.forgetsAfterCreation;
  const isOfAge = rule !== undefined && ageMs > rule.unfilledMs + CLOCKS_DIFFER_MS;
  if (!isOfAge || ageMs > rule.otherMs - CLOCKS_DIFFER_MS || order.executedAmount.gt(0)) return false;
  const { clientOrderId } = order;
  const reading = wholeReading(context(), signal);
  try {
    const fills = await venue.derivative.allTradeUpdatesForOrder(reading.context, order.reference());
    for (const fill of fills) apply({ ...fill, clientOrderId });
    return reading.isWhole() && fills.length === 0 && order.executedAmount.isZero();
  } catch (error) {
    if (isAbort(error)) throw error;
    logger.warn("the fills of an order could not be fetched", { clientOrderId, error: describeError(error) });
    return false;
  }
}
