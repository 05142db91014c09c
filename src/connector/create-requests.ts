import { AbortError, isAbort, NotSentError, OrderRejectedError, outcomeOf, PerpwireError } from "../model/error.ts";
import type { OrderToPlace } from "../model/order.ts";
import type { Intent } from "../net/intent.ts";
import type { InFlightOrder } from "../trading/in-flight-order.ts";
import { assertAnswers } from "./answer-checks.ts";
import type { AnswersOfTurn } from "./answers-of-turn.ts";
import { chunksOf, fittingChunks } from "./batch-answers.ts";
import { CreateBatch, type PlaceOrders } from "./create-batch.ts";
import { intentOf, type OrderEntryOptions, tellRuleRefused } from "./order-entry-options.ts";
import type { BatchRow, PlacedOrder } from "./perpetual-venue.ts";
import { execute } from "./request-executor.ts";

const FROM_CREATION = { kind: "answer", amend: 0 } as const;

/** Sends creates and tells the tracker what is known of their fate. */
export class CreateRequests {
  readonly #options: OrderEntryOptions;
  /** Calls back the creation of an order, while nothing of it has been sent. */
  readonly #creations = new Map<string, () => boolean>();

  readonly #answers: AnswersOfTurn;

  constructor(options: OrderEntryOptions, answers: AnswersOfTurn) {
    this.#options = options;
    this.#answers = answers;
  }

  /** Journals the order and sends it in the background. Throws `JournalError`, and then nothing is sent. */
  create(order: OrderToPlace): InFlightOrder {
    const handle = this.#options.tracker.startTracking(order);
    this.#start(order);
    return handle;
  }

  /** Creates like `create`, also where the journal cannot be written now: a later process may not know the order. */
  createWithoutJournal(order: OrderToPlace): InFlightOrder {
    const handle = this.#options.tracker.startTracking(order, { isJournalNeeded: false });
    this.#start(order);
    return handle;
  }

  #start(order: OrderToPlace): void {
    const { tasks } = this.#options;
    const { clientOrderId } = order;
    const name = `the creation of order ${clientOrderId}`;
    const intent = intentOf(this.#options, { name });
    this.#creations.set(clientOrderId, () => intent.withdraw());
    tasks.run(name, (signal) => this.#place(order, intent, signal));
  }

  /**
   * Journals all of the orders, then sends them in native batches where the venue has them, one by one elsewhere. Throws
   * `JournalError`, and then none of them is sent.
   */
  createBatch(orders: readonly OrderToPlace[]): readonly InFlightOrder[] {
    const { venue, tracker, tasks, fits } = this.#options;
    const size = venue.derivative.placeOrders === undefined ? 1 : (venue.manifest.batchSizes?.create ?? 1);
    const handles = tracker.startTrackingAll(orders);
    if (size === 1) {
      for (const order of orders) this.#start(order);
      return handles;
    }
    const placeOrders = this.#placeOrders();
    for (const chunk of fittingChunks(chunksOf(orders, size), (some) => placeOrders(some).request, fits)) {
      const batch = new CreateBatch(chunk, (options) => intentOf(this.#options, options), placeOrders);
      for (const { clientOrderId } of chunk) this.#creations.set(clientOrderId, () => batch.withdraw(clientOrderId));
      tasks.run(batch.name, (signal) => this.#placeBatch(chunk, batch, signal));
    }
    return handles;
  }

  #placeOrders(): PlaceOrders {
    const { venue, context } = this.#options;
    return (orders) => {
      const request = venue.derivative.placeOrders?.(context().markets, orders);
      if (request === undefined) throw new OrderRejectedError(`${venue.manifest.name} has no batches`);
      return request;
    };
  }

  async #placeBatch(orders: readonly OrderToPlace[], batch: CreateBatch, signal: AbortSignal): Promise<void> {
    try {
      const rows = await batch.send(this.#options.api, signal);
      await this.#answers.handle(() => {
        for (const order of orders) {
          const row = rows.get(order.clientOrderId);
          if (row !== undefined) this.#rowAnswered(order, row, batch.intent);
        }
      });
    } catch (error) {
      for (const { clientOrderId } of orders) this.#notPlaced(clientOrderId, error, batch.intent);
    } finally {
      for (const { clientOrderId } of orders) this.#creations.delete(clientOrderId);
    }
  }

  /** An answer that is no evidence of its order says nothing of the others. */
  #rowAnswered(order: OrderToPlace, row: BatchRow<PlacedOrder>, intent: Intent): void {
    try {
      if (!row.ok) throw row.error;
      this.#placed(order, row.value);
    } catch (error) {
      this.#notPlaced(order.clientOrderId, error, intent);
    }
  }

  async #place(order: OrderToPlace, intent: Intent, signal: AbortSignal): Promise<void> {
    const { venue, api } = this.#options;
    try {
      const { markets } = this.#options.context();
      const placed = await execute(api, venue.derivative.placeOrder(markets, order), signal, intent);
      await this.#answers.handle(() => this.#placed(order, placed));
    } catch (error) {
      this.#notPlaced(order.clientOrderId, error, intent);
    } finally {
      intent.settled();
      this.#creations.delete(order.clientOrderId);
    }
  }

  #placed({ clientOrderId, tradingPair }: OrderToPlace, placed: PlacedOrder): void {
    const { tracker } = this.#options;
    const nowMs = this.#options.context().now();
    const { exchangeOrderId, timestampMs = nowMs } = placed;
    const opened = { type: "order", tradingPair, clientOrderId, state: "open", timestampMs } as const;
    const update = placed.update ?? { ...opened, exchangeOrderId };
    assertAnswers({ clientOrderId, tradingPair }, placed, tracker, nowMs);
    tracker.apply(update, FROM_CREATION);
    for (const trade of placed.trades ?? []) tracker.apply({ ...trade, clientOrderId }, FROM_CREATION);
  }

  #notPlaced(clientOrderId: string, error: unknown, intent: Intent): void {
    const { tracker, onDoubt } = this.#options;
    tellRuleRefused(this.#options, error);
    // An aborted request proves nothing once bytes of it may have left.
    const isAborted = isAbort(error);
    if (isAborted ? intent.state !== "sent" : outcomeOf(error) === "definite") {
      tracker.fail(clientOrderId, isAborted || !(error instanceof PerpwireError) ? stoppedBefore(error) : error);
      return;
    }
    tracker.markUnknown(clientOrderId, error);
    onDoubt();
  }

  /** Calls back a creation that waits to be sent: the order is canceled, for certain. Returns whether it was. */
  withdraw(clientOrderId: string): boolean {
    if (this.#creations.get(clientOrderId)?.() !== true) return false;
    return this.#options.tracker.withdraw(clientOrderId);
  }

  /** Client order ids of the creations that have no answer yet. */
  get pendingIds(): readonly string[] {
    return [...this.#creations.keys()];
  }
}

function stoppedBefore(cause: unknown): NotSentError {
  const error = cause instanceof AbortError ? cause : undefined;
  return new NotSentError("the connector stopped before the order was sent", { cause: error });
}
