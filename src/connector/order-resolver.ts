import type { OrderUpdate, TradeUpdate } from "../model/account-update.ts";
import { describeError, isAbort, NotFoundError } from "../model/error.ts";
import type { OrderReference } from "../model/order.ts";
import type { Logger } from "../net/logger.ts";
import type { VenueContext } from "../net/venue-api.ts";
import type { Clock, Timers } from "../runtime/runtime.ts";
import type { ApplyEffect, ClientOrderTracker } from "../trading/client-order-tracker.ts";
import type { InFlightOrder } from "../trading/in-flight-order.ts";
import type { ConnectorTimings } from "./connector-options.ts";
import type { OrderEntry } from "./order-entry.ts";
import { amendClientOrderId } from "./order-ids.ts";
import type { PerpetualVenue } from "./perpetual-venue.ts";
import { WakeUp } from "./wake-up.ts";

export interface OrderResolverOptions {
  readonly venue: PerpetualVenue;
  readonly tracker: ClientOrderTracker;
  readonly entry: OrderEntry;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly timings: ConnectorTimings;
  readonly context: () => VenueContext;
  readonly apply: (update: OrderUpdate | TradeUpdate) => ApplyEffect;
}

/** How far the look-up of one order has come. Monotonic times. */
interface Inquiry {
  readonly sinceMs: number;
  nextMs: number;
  waitMs: number;
}

const IDLE_MS = 1_000;
const LOOK_UPS_AT_A_TIME = 5;

/**
 * Looks up what the streams have not told: orders whose fate is unknown, cancels and amends without an answer, fills
 * that the venue claims and that have not come. It asks with back-off and only evidence ends it.
 */
export class OrderResolver {
  readonly #options: OrderResolverOptions;
  readonly #wakeUp: WakeUp;
  readonly #inquiries = new Map<string, Inquiry>();
  readonly #fillInquiries = new Map<string, Inquiry>();

  constructor(options: OrderResolverOptions) {
    this.#options = options;
    this.#wakeUp = new WakeUp(options.timers);
  }

  /** Something needs a look at once. */
  wake(): void {
    this.#wakeUp.wake();
  }

  /** The loop; runs until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.resolve(signal);
      await this.#wakeUp.sleep(this.#untilNext(), signal);
    }
  }

  /** One turn: everything that is due now. */
  async resolve(signal: AbortSignal): Promise<void> {
    const { tracker, clock, timings } = this.#options;
    const now = clock.monotonic();
    const doubtful = new Map<string, InFlightOrder>();
    for (const order of this.#doubtfulOrders()) doubtful.set(order.clientOrderId, order);
    for (const id of this.#inquiries.keys()) if (!doubtful.has(id)) this.#inquiries.delete(id);
    const due: { readonly order: InFlightOrder; readonly inquiry: Inquiry }[] = [];
    for (const [id, order] of doubtful) {
      const longestMs = order.state === "lost" ? timings.lostOrderPollIntervalMs : timings.resolutionBackOffMs[1];
      const inquiry = this.#dueInquiry(this.#inquiries, id, now, longestMs);
      if (inquiry !== undefined) due.push({ order, inquiry });
    }
    // Several at a time: at a venue that does not answer, each look-up takes as long as its time-out.
    for (let from = 0; from < due.length; from += LOOK_UPS_AT_A_TIME) {
      const some = due.slice(from, from + LOOK_UPS_AT_A_TIME);
      await Promise.all(some.map(({ order, inquiry }) => this.#lookUp(order, inquiry, signal)));
    }
    await this.#fetchMissingFills(signal);
    tracker.prune();
  }

  #doubtfulOrders(): InFlightOrder[] {
    const { tracker, clock, timings } = this.#options;
    const now = clock.monotonic();
    const unconfirmed = tracker.activeOrders.filter((order) => {
      if (order.state !== "pendingCancel") return false;
      const inquiry = this.#inquiries.get(order.clientOrderId);
      if (inquiry !== undefined) return true;
      // The first look at a pending cancel comes after the time that a confirmation normally takes.
      const due = now + timings.cancelConfirmationMs;
      this.#inquiries.set(order.clientOrderId, { sinceMs: now, nextMs: due, waitMs: timings.cancelConfirmationMs });
      return true;
    });
    return [
      ...tracker.unknownOrders,
      ...tracker.lostOrders,
      ...tracker.pendingCancels(),
      ...tracker.pendingAmends(),
      ...unconfirmed,
    ];
  }

  /** The inquiry if it is due now, with its next turn already planned. */
  #dueInquiry(inquiries: Map<string, Inquiry>, id: string, now: number, longestMs: number): Inquiry | undefined {
    const [firstMs] = this.#options.timings.resolutionBackOffMs;
    const inquiry = inquiries.get(id) ?? { sinceMs: now, nextMs: now, waitMs: firstMs };
    inquiries.set(id, inquiry);
    if (inquiry.nextMs > now) return undefined;
    inquiry.nextMs = now + inquiry.waitMs;
    inquiry.waitMs = Math.min(inquiry.waitMs * 2, longestMs);
    return inquiry;
  }

  #untilNext(): number {
    const now = this.#options.clock.monotonic();
    let next = now + IDLE_MS;
    for (const inquiry of this.#inquiries.values()) next = Math.min(next, inquiry.nextMs);
    for (const inquiry of this.#fillInquiries.values()) next = Math.min(next, inquiry.nextMs);
    return Math.max(1, next - now);
  }

  async #lookUp(order: InFlightOrder, inquiry: Inquiry, signal: AbortSignal): Promise<void> {
    const { tracker, entry, logger, clock, timings } = this.#options;
    const { clientOrderId } = order;
    try {
      if (tracker.pendingAmends().includes(order) && (await this.#findReplacement(order, signal))) return;
      await this.#requestStatus(order.reference(), signal);
      // The order is there and its cancel has no answer, or was waiting for it: canceling twice does no harm.
      if (order.state === "pendingCancel" || tracker.pendingCancels().includes(order)) entry.sendCancel(order);
    } catch (error) {
      if (isAbort(error)) throw error;
      if (this.#options.venue.isOrderNotFoundDuringStatusUpdateError(error)) this.#notFound(order, inquiry, error);
      else logger.warn("the status of an order could not be asked for", { clientOrderId, error: describeError(error) });
      const elapsedMs = clock.monotonic() - inquiry.sinceMs;
      if (order.state === "unknown" && elapsedMs > timings.lostAfterMs) tracker.markLost(clientOrderId, error);
    }
  }

  async #requestStatus(reference: OrderReference, signal: AbortSignal): Promise<void> {
    const { venue, apply, context } = this.#options;
    const update = await venue.derivative.requestOrderStatus({ ...context(), signal }, reference);
    apply({ ...update, clientOrderId: reference.clientOrderId });
  }

  /** An amend without an answer may have replaced the order: the replacement is found by its own client order id. */
  async #findReplacement(order: InFlightOrder, signal: AbortSignal): Promise<boolean> {
    const { venue, tracker, context, clock } = this.#options;
    const reference = { ...order.reference(), clientOrderId: amendClientOrderId(order), exchangeOrderId: undefined };
    try {
      const update = await venue.derivative.requestOrderStatus({ ...context(), signal }, reference);
      const { exchangeOrderId } = update;
      tracker.amendAccepted(order.clientOrderId, {
        exchangeOrderId,
        price: order.targetPrice,
        amount: order.targetAmount,
      });
      this.#options.apply({ ...update, clientOrderId: order.clientOrderId });
      return true;
    } catch (error) {
      if (!venue.isOrderNotFoundDuringStatusUpdateError(error)) throw error;
      const ageMs = clock.monotonic() - (this.#inquiries.get(order.clientOrderId)?.sinceMs ?? 0);
      if (ageMs > venue.manifest.createDeadlineMs) tracker.amendRefused(order.clientOrderId);
      return false;
    }
  }

  /**
   * "Not found" proves that an order never existed only once the request can no longer be accepted, and only as long as
   * the venue would still remember it. The deadline runs from the first look, for an order may wait long for its rate
   * limit before it leaves.
   */
  #notFound(order: InFlightOrder, inquiry: Inquiry, error: unknown): void {
    const { venue, tracker, clock } = this.#options;
    const { createDeadlineMs, retentionMs } = venue.manifest;
    if (order.exchangeOrderId !== undefined) {
      tracker.markMissing(order.clientOrderId, error);
      return;
    }
    if (clock.monotonic() - inquiry.sinceMs <= createDeadlineMs) return;
    if (clock.now() - order.createdAtMs < retentionMs) {
      const proof = new NotFoundError(`the venue does not know order ${order.clientOrderId}: it never arrived`, {
        venue: venue.manifest.name,
        cause: error,
      });
      tracker.fail(order.clientOrderId, proof);
    } else {
      tracker.markLost(order.clientOrderId, error);
    }
  }

  async #fetchMissingFills(signal: AbortSignal): Promise<void> {
    const { tracker, clock, timings } = this.#options;
    const now = clock.monotonic();
    const orders = tracker.ordersMissingFills(clock.now());
    const ids = new Set(orders.map((order) => order.clientOrderId));
    for (const id of this.#fillInquiries.keys()) if (!ids.has(id)) this.#fillInquiries.delete(id);
    for (const order of orders) {
      const { clientOrderId } = order;
      const inquiry = this.#dueInquiry(this.#fillInquiries, clientOrderId, now, timings.resolutionBackOffMs[1]);
      if (inquiry === undefined) continue;
      await this.#fetchFills(order, signal);
      if (now - inquiry.sinceMs > timings.lostAfterMs) tracker.endWithoutFills(clientOrderId);
    }
  }

  async #fetchFills(order: InFlightOrder, signal: AbortSignal): Promise<void> {
    const { logger, venue, context, apply } = this.#options;
    const { clientOrderId } = order;
    try {
      const trades = await venue.derivative.allTradeUpdatesForOrder({ ...context(), signal }, order.reference());
      for (const trade of trades) apply({ ...trade, clientOrderId });
    } catch (error) {
      if (isAbort(error)) throw error;
      logger.warn("the fills of an order could not be fetched", { clientOrderId, error: describeError(error) });
    }
  }
}
