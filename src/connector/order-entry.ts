import type { Decimal } from "../model/decimal.ts";
import {
  describeError,
  isAbort,
  OrderRejectedError,
  outcomeOf,
  PerpwireError,
  TransportError,
} from "../model/error.ts";
import type { OrderReference, OrderToPlace } from "../model/order.ts";
import type { Logger } from "../net/logger.ts";
import type { VenueApi, VenueContext } from "../net/venue-api.ts";
import type { ClientOrderTracker } from "../trading/client-order-tracker.ts";
import type { InFlightOrder } from "../trading/in-flight-order.ts";
import type { PerpetualVenue } from "./perpetual-venue.ts";
import { execute } from "./request-executor.ts";
import type { TaskGroup } from "./task-group.ts";

export interface OrderEntryOptions {
  readonly venue: PerpetualVenue;
  readonly api: VenueApi;
  readonly tracker: ClientOrderTracker;
  readonly tasks: TaskGroup;
  readonly logger: Logger;
  readonly context: () => VenueContext;
  /** An order's fate must be looked up, sooner rather than at the next turn. */
  readonly onDoubt: () => void;
}

/** Sends creates, cancels and amends, and tells the tracker what is known of their fate: never more. */
export class OrderEntry {
  readonly #options: OrderEntryOptions;

  constructor(options: OrderEntryOptions) {
    this.#options = options;
  }

  /** Journals the order and sends it in the background. Throws `JournalError`, and then nothing is sent. */
  create(order: OrderToPlace): InFlightOrder {
    const { tracker, tasks } = this.#options;
    const handle = tracker.startTracking(order);
    tasks.run(`the creation of order ${order.clientOrderId}`, (signal) => this.#place(order, signal));
    return handle;
  }

  async #place(order: OrderToPlace, signal: AbortSignal): Promise<void> {
    const { venue, api, tracker } = this.#options;
    const { clientOrderId, tradingPair } = order;
    try {
      const { session } = this.#options.context();
      const placed = await execute(api, venue.derivative.placeOrder(session, order), signal);
      const { exchangeOrderId, timestampMs } = placed;
      tracker.apply(
        placed.update ?? { type: "order", tradingPair, clientOrderId, exchangeOrderId, state: "open", timestampMs },
      );
      for (const trade of placed.trades ?? []) tracker.apply({ ...trade, clientOrderId });
    } catch (error) {
      this.#notPlaced(clientOrderId, error);
    }
  }

  #notPlaced(clientOrderId: string, error: unknown): void {
    const { tracker, onDoubt } = this.#options;
    if (error instanceof PerpwireError && error.outcome === "definite") {
      tracker.fail(clientOrderId, isAbort(error) ? neverSent(error) : error);
      return;
    }
    tracker.markUnknown(clientOrderId, error);
    onDoubt();
  }

  /** Cancels in the background; the order's `done` tells the end. */
  cancel(clientOrderId: string): void {
    const { tracker } = this.#options;
    if (tracker.requestCancel(clientOrderId) !== "send") return;
    const order = tracker.orderByClientId(clientOrderId);
    if (order !== undefined) this.sendCancel(order);
  }

  /** Sends a cancel that the tracker says is due. */
  sendCancel(order: InFlightOrder): void {
    const { tasks, tracker } = this.#options;
    tracker.cancelSent(order.clientOrderId);
    tasks.run(`the cancel of order ${order.clientOrderId}`, (signal) => this.#placeCancel(order, signal));
  }

  async #placeCancel(order: InFlightOrder, signal: AbortSignal): Promise<void> {
    const { venue, api, tracker, onDoubt } = this.#options;
    const { clientOrderId } = order;
    try {
      const { session } = this.#options.context();
      const answer = await execute(api, venue.derivative.placeCancel(session, order.reference()), signal);
      if (answer.update !== undefined) tracker.apply(answer.update);
    } catch (error) {
      if (venue.isOrderNotFoundDuringCancelationError(error)) {
        // The order may have ended just before, or may not have arrived yet: only its status tells.
        tracker.cancelUnknown(clientOrderId);
      } else {
        tracker.cancelRefused(clientOrderId, error);
        this.#options.logger.warn("a cancel was not accepted", { clientOrderId, error: describeError(error) });
      }
      onDoubt();
    }
  }

  /** Resolves when the venue has taken the amend, rejects with why it has not. An unknown outcome is looked up. */
  async amend(order: InFlightOrder, target: AmendTarget, newClientOrderId: string, signal: AbortSignal): Promise<void> {
    const { venue, api, tracker, onDoubt } = this.#options;
    const { amendOrder } = venue.derivative;
    if (amendOrder === undefined) throw new OrderRejectedError(`${venue.manifest.name} cannot amend orders`);
    const { clientOrderId } = order;
    tracker.amendSent(clientOrderId, target);
    try {
      const { session } = this.#options.context();
      const amend = { price: target.price, amount: target.amount, clientOrderId: newClientOrderId };
      const placed = await execute(api, amendOrder(session, order.reference(), amend), signal);
      tracker.amendAccepted(clientOrderId, { exchangeOrderId: placed.exchangeOrderId, ...target });
    } catch (error) {
      if (outcomeOf(error) === "definite") tracker.amendRefused(clientOrderId);
      onDoubt();
      throw error;
    }
  }

  /** Cancels an order by its ids, tracked or not. Rejects with the venue's refusal. */
  async cancelAtVenue(reference: OrderReference, signal: AbortSignal): Promise<void> {
    const { venue, api } = this.#options;
    await execute(api, venue.derivative.placeCancel(this.#options.context().session, reference), signal);
  }
}

export interface AmendTarget {
  readonly price: Decimal | undefined;
  readonly amount: Decimal;
}

function neverSent(cause: PerpwireError): TransportError {
  return new TransportError("the connector stopped before the order was sent", {
    bytesMayHaveLeft: false,
    retry: "never",
    cause,
  });
}
