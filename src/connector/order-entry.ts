import type { OrderUpdate } from "../model/account-update.ts";
import { Decimal, ZERO } from "../model/decimal.ts";
import {
  AbortError,
  describeError,
  isAbort,
  NotFoundError,
  NotSentError,
  OrderRejectedError,
  outcomeOf,
  PerpwireError,
  ProtocolError,
} from "../model/error.ts";
import type { OrderReference, OrderToPlace, VenueOrder } from "../model/order.ts";
import { Intent, type IntentOptions } from "../net/intent.ts";
import type { RestRequest, VenueApi, VenueContext, VenueRequest } from "../net/venue-api.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Clock, Timers } from "../runtime/runtime.ts";
import type { ClientOrderTracker } from "../trading/client-order-tracker.ts";
import type { InFlightOrder } from "../trading/in-flight-order.ts";
import type { AmendTerms } from "../trading/order-amends.ts";
import { AmendQueue } from "./amend-queue.ts";
import { assertAnswers, assertEnds } from "./answer-checks.ts";
import { batchAnswers, chunksOf } from "./batch-answers.ts";
import { CreateBatch, type PlaceOrders } from "./create-batch.ts";
import type { AmendOrder, BatchRow, PerpetualVenue, PlacedOrder } from "./perpetual-venue.ts";
import { execute } from "./request-executor.ts";
import type { TaskGroup } from "./task-group.ts";

export interface OrderEntryOptions {
  readonly venue: PerpetualVenue;
  readonly api: VenueApi;
  /** Tells that the rate limits ever let a request leave. */
  readonly fits: (request: RestRequest) => boolean;
  readonly tracker: ClientOrderTracker;
  readonly tasks: TaskGroup;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly context: () => VenueContext;
  /** Longest wait of a create or an amend before it leaves, milliseconds. */
  readonly maxRequestAgeMs: number;
  /** An order's fate must be looked up, sooner rather than at the next turn. */
  readonly onDoubt: () => void;
  /** The venue refused a create or an amend for a rule of its market, which must have changed since it was read. */
  readonly onRuleRefused?: (() => void) | undefined;
}

const FROM_CREATION = { kind: "answer", amend: 0 } as const;
const FROM_CANCEL = { ...FROM_CREATION, isOfCancel: true } as const;

/** Sends creates, cancels and amends, and tells the tracker what is known of their fate: never more. */
export class OrderEntry {
  readonly #options: OrderEntryOptions;
  readonly #refusalListeners = new Map<string, Set<(error: PerpwireError) => void>>();
  /** Calls back the creation of an order, while nothing of it has been sent. */
  readonly #creations = new Map<string, () => boolean>();
  readonly #amends = new AmendQueue();

  constructor(options: OrderEntryOptions) {
    this.#options = options;
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
    const intent = this.#intent({ name });
    this.#creations.set(clientOrderId, () => intent.withdraw());
    tasks.run(name, (signal) => this.#place(order, intent, signal));
  }

  /**
   * Journals all of the orders, then sends them in native batches where the venue has them, one by one elsewhere. Throws
   * `JournalError`, and then none of them is sent.
   */
  createBatch(orders: readonly OrderToPlace[]): readonly InFlightOrder[] {
    const { venue, tracker, tasks } = this.#options;
    const size = venue.derivative.placeOrders === undefined ? 1 : (venue.manifest.batchSizes?.create ?? 1);
    const handles = tracker.startTrackingAll(orders);
    if (size === 1) {
      for (const order of orders) this.#start(order);
      return handles;
    }
    const placeOrders = this.#placeOrders();
    for (const chunk of this.#fitting(chunksOf(orders, size), (some) => placeOrders(some).request)) {
      const batch = new CreateBatch(chunk, (options) => this.#intent(options), placeOrders);
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

  #intent(options: Pick<IntentOptions, "name" | "prepare">): Intent {
    const { clock, timers, maxRequestAgeMs: maxAgeMs } = this.#options;
    return new Intent({ clock, timers, maxAgeMs, ...options });
  }

  async #placeBatch(orders: readonly OrderToPlace[], batch: CreateBatch, signal: AbortSignal): Promise<void> {
    try {
      const rows = await batch.send(this.#options.api, signal);
      for (const order of orders) {
        const row = rows.get(order.clientOrderId);
        if (row !== undefined) this.#rowAnswered(order, row, batch.intent);
      }
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
      this.#placed(order, await execute(api, venue.derivative.placeOrder(markets, order), signal, intent));
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
    this.#tellRuleRefused(error);
    // An aborted request proves nothing once bytes of it may have left.
    const isAborted = isAbort(error);
    if (isAborted ? intent.state !== "sent" : outcomeOf(error) === "definite") {
      tracker.fail(clientOrderId, isAborted || !(error instanceof PerpwireError) ? stoppedBefore(error) : error);
      return;
    }
    tracker.markUnknown(clientOrderId, error);
    onDoubt();
  }

  #tellRuleRefused(error: unknown): void {
    if (error instanceof PerpwireError && error.code === "TRADING_RULE") this.#options.onRuleRefused?.();
  }

  /**
   * Calls back everything of an order that waits to be sent: its creation, which then is canceled for certain, and its
   * amends. Returns whether the order has ended by that.
   */
  withdraw(clientOrderId: string): boolean {
    this.#amends.withdraw(clientOrderId);
    if (this.#creations.get(clientOrderId)?.() !== true) return false;
    return this.#options.tracker.withdraw(clientOrderId);
  }

  /** Calls back everything that waits to be sent, of every order. Cancels go on. */
  withdrawAll(): void {
    this.#amends.withdrawAll();
    for (const clientOrderId of [...this.#creations.keys()]) this.withdraw(clientOrderId);
  }

  /** Cancels in the background; the order's `done` tells the end. What was not sent yet never will be. */
  cancel(clientOrderId: string): void {
    const { tracker } = this.#options;
    if (this.withdraw(clientOrderId) || tracker.cancels.request(clientOrderId) !== "send") return;
    const order = tracker.orderByClientId(clientOrderId);
    if (order !== undefined) this.sendCancel(order);
  }

  /** Sends a cancel that the tracker says is due. */
  sendCancel(order: InFlightOrder): void {
    const { tasks, tracker } = this.#options;
    tracker.cancels.sent(order.clientOrderId);
    tasks.run(`the cancel of order ${order.clientOrderId}`, (signal) => this.#placeCancel(order, signal));
  }

  /** Cancels in native batches where the venue has them, one by one elsewhere. */
  cancelBatch(clientOrderIds: readonly string[]): void {
    const { venue, tracker, tasks } = this.#options;
    const size = venue.derivative.placeCancels === undefined ? 1 : (venue.manifest.batchSizes?.cancel ?? 1);
    const left = clientOrderIds.filter((id) => !this.withdraw(id));
    const due = left.filter((id) => tracker.cancels.request(id) === "send");
    const orders = due.flatMap((id) => tracker.orderByClientId(id) ?? []);
    if (size === 1) {
      for (const order of orders) this.sendCancel(order);
      return;
    }
    // Some venues take a batch of cancels for one market only (Binance).
    const byMarket = Map.groupBy(orders, (order) => order.tradingPair).values();
    const chunks = byMarket.flatMap((own) => chunksOf(own, size));
    for (const chunk of this.#fitting(chunks, (some) => this.#cancelsOf(some).request)) {
      for (const order of chunk) tracker.cancels.sent(order.clientOrderId);
      tasks.run(`the cancel of ${chunk.length} orders`, (signal) => this.#placeCancelBatch(chunk, signal));
    }
  }

  /** A batch that is heavier than our share of the venue's limit would never leave: it goes in parts. */
  *#fitting<T>(
    chunks: Iterable<readonly T[]>,
    requestOf: (chunk: readonly T[]) => RestRequest,
  ): Iterable<readonly T[]> {
    for (const chunk of chunks) {
      if (chunk.length === 1 || this.#fits(() => requestOf(chunk))) yield chunk;
      else yield* this.#fitting(chunksOf(chunk, Math.ceil(chunk.length / 2)), requestOf);
    }
  }

  /** A request that cannot be made fails when it is sent. */
  #fits(make: () => RestRequest): boolean {
    try {
      return this.#options.fits(make());
    } catch {
      return true;
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
      for (const order of references) {
        const row = rows.get(order.clientOrderId);
        if (row?.ok === true) this.#canceled(order, row.value);
        else if (row !== undefined) this.#notCanceled(order.clientOrderId, row.error);
      }
    } catch (error) {
      for (const { clientOrderId } of orders) this.#notCanceled(clientOrderId, error);
    }
  }

  async #placeCancel(order: InFlightOrder, signal: AbortSignal): Promise<void> {
    const { venue, api } = this.#options;
    try {
      const { markets } = this.#options.context();
      const end = await execute(api, venue.derivative.placeCancel(markets, order.reference()), signal);
      this.#canceled(order.reference(), end);
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
  onCancelRefused(clientOrderId: string, listener: (error: PerpwireError) => void): () => void {
    const listeners = this.#refusalListeners.get(clientOrderId) ?? new Set();
    this.#refusalListeners.set(clientOrderId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#refusalListeners.delete(clientOrderId);
    };
  }

  /**
   * Resolves when the venue has taken the amend, rejects with why it has not; an unknown outcome is looked up. Where
   * the venue only queues it, a later row tells whether it was done: `orderAmended` or `orderAmendFailed`.
   */
  async amend(order: InFlightOrder, change: AmendTerms, signal: AbortSignal): Promise<void> {
    const { venue, api, tracker, onDoubt } = this.#options;
    const { amendOrder } = venue.derivative;
    if (amendOrder === undefined) throw new OrderRejectedError(`${venue.manifest.name} cannot amend orders`);
    const { clientOrderId } = order;
    const replaces = venue.manifest.amendStyle === "replace";
    const amend = tracker.amends.requested(clientOrderId, change, replaces);
    if (amend === undefined) throw new NotFoundError(`order ${clientOrderId} has ended`);
    const { sequence } = amend;
    const setsAll = venue.manifest.amendSets === "allTerms";
    // Read when it leaves: amends before it may have been refused by then.
    const terms = () => (setsAll ? tracker.amends.wholeTerms(clientOrderId, sequence) : change);
    const make = (set: AmendTerms) => {
      wanted = amendOf(order, set, amend.clientOrderId);
      return amendOrder(this.#options.context().markets, order.reference(), wanted);
    };
    let placing: VenueRequest<PlacedOrder> | undefined;
    let sent: AmendTerms = {};
    let wanted: AmendOrder | undefined;
    const prepare = () => {
      sent = terms();
      placing = make(sent);
      tracker.amends.sent(clientOrderId, sequence, sent);
      return placing.request;
    };
    const intent = this.#intent({ name: `an amend of order ${clientOrderId}`, prepare });
    const turn = this.#amends.enter(clientOrderId, intent, replaces);
    try {
      await turn.come;
      if (replaces) this.#assertOnlyAmend(clientOrderId, sequence);
      const payload = await api.send(make(terms()).request, signal, intent);
      if (placing === undefined) throw new NotSentError(`an amend of order ${clientOrderId} was not made`);
      const placed = placing.parse(payload);
      const nowMs = this.#options.context().now();
      assertAnswers({ clientOrderId, tradingPair: order.tradingPair }, placed, tracker, nowMs);
      const told = replaces && wanted !== undefined ? replacementOf(order, placed, wanted, nowMs) : placed;
      const answer = answerOf(told, amend.clientOrderId);
      const refusal = tracker.amends.answered(clientOrderId, sequence, answer, replaces ? undefined : sent);
      if (refusal !== undefined) throw refusal;
    } catch (error) {
      this.#tellRuleRefused(error);
      const isProof = isAbort(error) ? intent.state !== "sent" : outcomeOf(error) === "definite";
      if (isProof) tracker.amends.refused(clientOrderId, sequence, error);
      else tracker.amends.unconfirmed(clientOrderId, sequence, error);
      onDoubt();
      throw error;
    } finally {
      intent.settled();
      turn.leave();
    }
  }

  /** A venue that replaces takes the amends of an order one after the other: each names what the last one made. */
  #assertOnlyAmend(clientOrderId: string, sequence: number): void {
    const earlier = this.#options.tracker.amends.of(clientOrderId).find((each) => each.sequence < sequence);
    if (earlier === undefined) return;
    throw new OrderRejectedError(`an earlier amend of order ${clientOrderId} has no answer yet`, {
      code: "AMEND_PENDING",
      retry: "later",
      hint: "its fate is being looked up; amend again when `targetPrice` and `price` agree",
    });
  }

  /** Cancels an order by its ids, tracked or not. Rejects with the venue's refusal. */
  async cancelAtVenue(reference: OrderReference, signal: AbortSignal): Promise<void> {
    const { venue, api } = this.#options;
    await execute(api, venue.derivative.placeCancel(this.#options.context().markets, reference), signal);
  }
}

/** The executed amount is read when the request is made, for a venue that replaces asks only for what is left. */
function amendOf(order: InFlightOrder, { price, amount }: AmendTerms, clientOrderId: string): AmendOrder {
  const executedAmount = Decimal.max(order.executedAmount, order.venueExecutedAmount);
  return { price, amount, executedAmount, clientOrderId };
}

/** A row of the replacement bears its own client order id, and that tells which amend made it. */
function answerOf({ exchangeOrderId, update }: PlacedOrder, clientOrderId: string) {
  return { exchangeOrderId, update: update && { ...update, clientOrderId: update.clientOrderId ?? clientOrderId } };
}

/** An answer that names the new order alone says by that that it has the terms which were asked for (Hyperliquid). */
function replacementOf(order: InFlightOrder, placed: PlacedOrder, wanted: AmendOrder, nowMs: number): PlacedOrder {
  const { exchangeOrderId } = placed;
  if (placed.update !== undefined || exchangeOrderId === undefined) return placed;
  const { tradingPair, side, type } = order;
  const { clientOrderId, price = order.price, amount = order.amount, executedAmount } = wanted;
  const named = { tradingPair, clientOrderId, exchangeOrderId, state: "open", timestampMs: nowMs } as const;
  const terms = { side, type, price, amount: amount.minus(executedAmount), reduceOnly: order.reduceOnly };
  const row: VenueOrder = { ...named, ...terms, executedAmount: ZERO };
  return { ...placed, update: { ...named, type: "order", order: row } };
}

function stoppedBefore(cause: unknown): NotSentError {
  const error = cause instanceof AbortError ? cause : undefined;
  return new NotSentError("the connector stopped before the order was sent", { cause: error });
}
