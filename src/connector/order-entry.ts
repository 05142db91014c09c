import { Decimal } from "../model/decimal.ts";
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
import type { PerpetualVenue, PlacedOrder } from "./perpetual-venue.ts";
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
  /** The venue refused a create or an amend for a rule of its market, which must have changed since it was read. */
  readonly onRuleRefused?: (() => void) | undefined;
}

/** Sends creates, cancels and amends, and tells the tracker what is known of their fate: never more. */
export class OrderEntry {
  readonly #options: OrderEntryOptions;
  readonly #onRefusal = new Map<string, (error: PerpwireError) => void>();

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

  /** Journals all of the orders, then sends them in native batches where the venue has them, one by one elsewhere. */
  createBatch(orders: readonly OrderToPlace[]): readonly InFlightOrder[] {
    const { venue, tracker, tasks } = this.#options;
    const size = venue.derivative.placeOrders === undefined ? 1 : (venue.manifest.batchSizes?.create ?? 1);
    if (size === 1) return orders.map((order) => this.create(order));
    const handles = orders.map((order) => tracker.startTracking(order));
    for (const chunk of chunksOf(orders, size)) {
      tasks.run(`the creation of ${chunk.length} orders`, (signal) => this.#placeBatch(chunk, signal));
    }
    return handles;
  }

  async #placeBatch(orders: readonly OrderToPlace[], signal: AbortSignal): Promise<void> {
    const { venue, api } = this.#options;
    try {
      const request = venue.derivative.placeOrders?.(this.#options.context().session, orders);
      if (request === undefined) throw new OrderRejectedError(`${venue.manifest.name} has no batches`);
      const rows = await execute(api, request, signal);
      for (const [index, order] of orders.entries()) {
        const row = rows[index];
        if (row?.ok === true) this.#placed(order, row.value);
        else this.#notPlaced(order.clientOrderId, row?.error ?? new Error("the answer has no row for the order"));
      }
    } catch (error) {
      for (const { clientOrderId } of orders) this.#notPlaced(clientOrderId, error);
    }
  }

  async #place(order: OrderToPlace, signal: AbortSignal): Promise<void> {
    const { venue, api } = this.#options;
    try {
      const { session } = this.#options.context();
      this.#placed(order, await execute(api, venue.derivative.placeOrder(session, order), signal));
    } catch (error) {
      this.#notPlaced(order.clientOrderId, error);
    }
  }

  #placed({ clientOrderId, tradingPair }: OrderToPlace, placed: PlacedOrder): void {
    const { tracker } = this.#options;
    const { exchangeOrderId, timestampMs } = placed;
    tracker.apply(
      placed.update ?? { type: "order", tradingPair, clientOrderId, exchangeOrderId, state: "open", timestampMs },
    );
    for (const trade of placed.trades ?? []) tracker.apply({ ...trade, clientOrderId });
  }

  #notPlaced(clientOrderId: string, error: unknown): void {
    const { tracker, onDoubt } = this.#options;
    this.#tellRuleRefused(error);
    if (error instanceof PerpwireError && error.outcome === "definite") {
      tracker.fail(clientOrderId, isAbort(error) ? neverSent(error) : error);
      return;
    }
    tracker.markUnknown(clientOrderId, error);
    onDoubt();
  }

  #tellRuleRefused(error: unknown): void {
    if (error instanceof PerpwireError && error.code === "TRADING_RULE") this.#options.onRuleRefused?.();
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

  /** Cancels in native batches where the venue has them, one by one elsewhere. */
  cancelBatch(clientOrderIds: readonly string[]): void {
    const { venue, tracker, tasks } = this.#options;
    const size = venue.derivative.placeCancels === undefined ? 1 : (venue.manifest.batchSizes?.cancel ?? 1);
    const due = clientOrderIds.filter((id) => tracker.requestCancel(id) === "send");
    const orders = due.flatMap((id) => tracker.orderByClientId(id) ?? []);
    if (size === 1) {
      for (const order of orders) this.sendCancel(order);
      return;
    }
    // Some venues take a batch of cancels for one market only (Binance).
    const byMarket = Map.groupBy(orders, (order) => order.tradingPair).values();
    for (const chunk of byMarket.flatMap((own) => chunksOf(own, size))) {
      for (const order of chunk) tracker.cancelSent(order.clientOrderId);
      tasks.run(`the cancel of ${chunk.length} orders`, (signal) => this.#placeCancelBatch(chunk, signal));
    }
  }

  async #placeCancelBatch(orders: readonly InFlightOrder[], signal: AbortSignal): Promise<void> {
    const { venue, api, tracker } = this.#options;
    try {
      const references = orders.map((order) => order.reference());
      const request = venue.derivative.placeCancels?.(this.#options.context().session, references);
      if (request === undefined) throw new OrderRejectedError(`${venue.manifest.name} has no batches`);
      const rows = await execute(api, request, signal);
      for (const [index, { clientOrderId }] of orders.entries()) {
        const row = rows[index];
        if (row === undefined) tracker.cancelUnknown(clientOrderId);
        else if (!row.ok) this.#notCanceled(clientOrderId, row.error);
        else if (row.value !== undefined) tracker.apply(row.value);
      }
    } catch (error) {
      for (const { clientOrderId } of orders) this.#notCanceled(clientOrderId, error);
    }
  }

  async #placeCancel(order: InFlightOrder, signal: AbortSignal): Promise<void> {
    const { venue, api, tracker } = this.#options;
    try {
      const { session } = this.#options.context();
      const end = await execute(api, venue.derivative.placeCancel(session, order.reference()), signal);
      if (end !== undefined) tracker.apply(end);
    } catch (error) {
      this.#notCanceled(order.clientOrderId, error);
    }
  }

  #notCanceled(clientOrderId: string, error: unknown): void {
    const { venue, tracker, onDoubt, logger } = this.#options;
    const isLater = error instanceof PerpwireError && error.retry === "later";
    if (isLater || venue.isOrderNotFoundDuringCancelationError(error)) {
      // The order may have ended just before, or may not have arrived yet: only its status tells. A cancel that could
      // not be taken now (a rate limit, a refused connection) is not forgotten either: it is sent again after a look.
      tracker.cancelUnknown(clientOrderId);
    } else {
      tracker.cancelRefused(clientOrderId, error);
      logger.warn("a cancel was not accepted", { clientOrderId, error: describeError(error) });
      if (error instanceof PerpwireError && error.outcome === "definite") this.#onRefusal.get(clientOrderId)?.(error);
    }
    onDoubt();
  }

  /** Calls back when the venue definitely refuses a cancel of the order. Returns the function that ends it. */
  onCancelRefused(clientOrderId: string, listener: (error: PerpwireError) => void): () => void {
    this.#onRefusal.set(clientOrderId, listener);
    return () => {
      if (this.#onRefusal.get(clientOrderId) === listener) this.#onRefusal.delete(clientOrderId);
    };
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
      const executedAmount = Decimal.max(order.executedAmount, order.venueExecutedAmount);
      const amend = { price: target.price, amount: target.amount, executedAmount, clientOrderId: newClientOrderId };
      const placed = await execute(api, amendOrder(session, order.reference(), amend), signal);
      tracker.amendAccepted(clientOrderId, { exchangeOrderId: placed.exchangeOrderId, ...target });
    } catch (error) {
      this.#tellRuleRefused(error);
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

function* chunksOf<T>(rows: readonly T[], size: number): Iterable<readonly T[]> {
  for (let from = 0; from < rows.length; from += size) yield rows.slice(from, from + size);
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
