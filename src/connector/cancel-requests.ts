import type { OrderUpdate } from "../model/account-update.ts";
import { describeError, isAbort, OrderRejectedError, PerpwireError, ProtocolError } from "../model/error.ts";
import type { OrderReference } from "../model/order.ts";
import type { InFlightOrder } from "../trading/in-flight-order.ts";
import { assertEnds } from "./answer-checks.ts";
import type { AnswersOfTurn } from "./answers-of-turn.ts";
import { batchAnswers, chunksOf, fittingChunks } from "./batch-answers.ts";
import type { OrderEntryOptions } from "./order-entry-options.ts";
import { execute } from "./request-executor.ts";

const FROM_CANCEL = { kind: "answer", amend: 0, isOfCancel: true } as const;

/** Sends cancels and tells the tracker what is known of their fate. */
export class CancelRequests {
  readonly #options: OrderEntryOptions;
  readonly #answers: AnswersOfTurn;
  readonly #refusalListeners = new Map<string, Set<(error: PerpwireError) => void>>();

  constructor(options: OrderEntryOptions, answers: AnswersOfTurn) {
    this.#options = options;
    this.#answers = answers;
  }

  /** Cancels in the background, where the tracker says that it is due. */
  cancel(clientOrderId: string): void {
    const { tracker } = this.#options;
    // Wanted and about to leave: one write of the journal says both.
    const order = tracker.unit(() => {
      const isDue = tracker.cancels.request(clientOrderId) === "send";
      const due = isDue ? tracker.orderByClientId(clientOrderId) : undefined;
      if (due !== undefined) tracker.cancels.sent(clientOrderId);
      return due;
    });
    if (order !== undefined) this.#run(order);
  }

  /** Sends a cancel that the tracker says is due. */
  send(order: InFlightOrder): void {
    this.#options.tracker.cancels.sent(order.clientOrderId);
    this.#run(order);
  }

  #run(order: InFlightOrder): void {
    const { tasks } = this.#options;
    tasks.run(`the cancel of order ${order.clientOrderId}`, (signal) => this.#placeCancel(order, signal));
  }

  /** Cancels in native batches where the venue has them, one by one elsewhere. */
  cancelBatch(clientOrderIds: readonly string[]): void {
    const { venue, tracker, tasks, fits } = this.#options;
    const size = venue.derivative.placeCancels === undefined ? 1 : (venue.manifest.batchSizes?.cancel ?? 1);
    const due = tracker.unit(() => clientOrderIds.filter((id) => tracker.cancels.request(id) === "send"));
    const orders = due.flatMap((id) => tracker.orderByClientId(id) ?? []);
    if (size === 1) {
      for (const order of orders) this.send(order);
      return;
    }
    // Some venues take a batch of cancels for one market only (Binance).
    const byMarket = Map.groupBy(orders, (order) => order.tradingPair).values();
    const chunks = byMarket.flatMap((own) => chunksOf(own, size));
    for (const chunk of fittingChunks(chunks, (some) => this.#cancelsOf(some).request, fits)) {
      tracker.unit(() => {
        for (const order of chunk) tracker.cancels.sent(order.clientOrderId);
      });
      tasks.run(`the cancel of ${chunk.length} orders`, (signal) => this.#placeCancelBatch(chunk, signal));
    }
  }

  #cancelsOf(orders: readonly InFlightOrder[]) {
    const { venue, context } = this.#options;
    const references = orders.map((order) => order.reference());
    const request = venue.derivative.placeCancels?.(context().markets, references);
    if (request === undefined) throw new OrderRejectedError(`${venue.manifest.name} has no batches`);
    return request;
  }

  async #placeCancelBatch(orders: readonly InFlightOrder[], signal: AbortSignal): Promise<void> {
    try {
      const references = orders.map((order) => order.reference());
      const rows = batchAnswers(references, await execute(this.#options.api, this.#cancelsOf(orders), signal));
      await this.#answers.handle(() => {
        for (const order of references) {
          const row = rows.get(order.clientOrderId);
          if (row?.ok === true) this.#canceled(order, row.value);
          else if (row !== undefined) this.#notCanceled(order.clientOrderId, row.error);
        }
      });
    } catch (error) {
      for (const { clientOrderId } of orders) this.#notCanceled(clientOrderId, error);
    }
  }

  async #placeCancel(order: InFlightOrder, signal: AbortSignal): Promise<void> {
    const { venue, api } = this.#options;
    try {
      const { markets } = this.#options.context();
      const end = await execute(api, venue.derivative.placeCancel(markets, order.reference()), signal);
      await this.#answers.handle(() => this.#canceled(order.reference(), end));
    } catch (error) {
      this.#notCanceled(order.clientOrderId, error);
    }
  }

  #canceled(order: OrderReference, end: OrderUpdate | undefined): void {
    const { tracker, venue, onDoubt } = this.#options;
    const { clientOrderId } = order;
    if (end === undefined) {
      if (!venue.manifest.cancelsAreSynchronous) return;
      const message = `the answer to the cancel of ${clientOrderId} does not tell the order's end`;
      tracker.cancels.unanswered(clientOrderId, new ProtocolError(message, { venue: venue.manifest.name }));
      onDoubt();
      return;
    }
    try {
      assertEnds(order, end, tracker);
      tracker.apply(end, FROM_CANCEL);
    } catch (error) {
      this.#notCanceled(clientOrderId, error);
    }
  }

  #notCanceled(clientOrderId: string, error: unknown): void {
    const { venue, tracker, onDoubt, logger } = this.#options;
    const isLater = error instanceof PerpwireError && error.retry === "later";
    if (isLater || isAbort(error) || venue.isOrderNotFoundDuringCancelationError(error)) {
      // The order may have ended just before, or may not have arrived yet: only its status tells. A cancel that could
      // not be taken now (a rate limit, a refused connection) is not forgotten either: it is sent again after a look.
      tracker.cancels.unanswered(clientOrderId, error);
    } else {
      const isFinal = tracker.cancels.refused(clientOrderId, error);
      logger.warn("a cancel was not accepted", { clientOrderId, error: describeError(error) });
      if (isFinal && error instanceof PerpwireError) {
        for (const listener of this.#refusalListeners.get(clientOrderId) ?? []) listener(error);
      }
    }
    onDoubt();
  }

  /** Calls back when the venue definitely refuses a cancel of the order. Returns the function that ends it. */
  onRefused(clientOrderId: string, listener: (error: PerpwireError) => void): () => void {
    const listeners = this.#refusalListeners.get(clientOrderId) ?? new Set();
    this.#refusalListeners.set(clientOrderId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#refusalListeners.delete(clientOrderId);
    };
  }

  /** Cancels an order by its ids, tracked or not. Rejects with the venue's refusal. */
  async cancelAtVenue(reference: OrderReference, signal: AbortSignal): Promise<void> {
    const { venue, api } = this.#options;
    await execute(api, venue.derivative.placeCancel(this.#options.context().markets, reference), signal);
  }
}
