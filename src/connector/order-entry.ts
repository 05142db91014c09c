import type { PerpwireError } from "../model/error.ts";
import type { OrderReference, OrderToPlace } from "../model/order.ts";
import type { InFlightOrder } from "../trading/in-flight-order.ts";
import type { AmendTerms } from "../trading/order-amends.ts";
import { AmendRequests } from "./amend-requests.ts";
import { AnswersOfTurn } from "./answers-of-turn.ts";
import { CancelRequests } from "./cancel-requests.ts";
import { CreateRequests } from "./create-requests.ts";
import type { OrderEntryOptions } from "./order-entry-options.ts";

/** Sends creates, cancels and amends, and tells the tracker what is known of their fate: never more. */
export class OrderEntry {
  readonly #creates: CreateRequests;
  readonly #cancels: CancelRequests;
  readonly #amends: AmendRequests;

  constructor(options: OrderEntryOptions) {
    const { timers, tracker } = options;
    const answers = new AnswersOfTurn(timers, (work) => tracker.unit(work));
    this.#creates = new CreateRequests(options, answers);
    this.#cancels = new CancelRequests(options, answers);
    this.#amends = new AmendRequests(options);
  }

  /** Journals the order and sends it in the background. Throws `JournalError`, and then nothing is sent. */
  create(order: OrderToPlace): InFlightOrder {
    return this.#creates.create(order);
  }

  /** Creates like `create`, also where the journal cannot be written now: a later process may not know the order. */
  createWithoutJournal(order: OrderToPlace): InFlightOrder {
    return this.#creates.createWithoutJournal(order);
  }

  /**
   * Journals all of the orders, then sends them in native batches where the venue has them, one by one elsewhere. Throws
   * `JournalError`, and then none of them is sent.
   */
  createBatch(orders: readonly OrderToPlace[]): readonly InFlightOrder[] {
    return this.#creates.createBatch(orders);
  }

  /**
   * Calls back everything of an order that waits to be sent: its creation, which then is canceled for certain, and its
   * amends. Returns whether the order has ended by that.
   */
  withdraw(clientOrderId: string): boolean {
    this.#amends.withdraw(clientOrderId);
    return this.#creates.withdraw(clientOrderId);
  }

  /** Calls back everything that waits to be sent, of every order. Cancels go on. */
  withdrawAll(): void {
    this.#amends.withdrawAll();
    for (const clientOrderId of this.#creates.pendingIds) this.withdraw(clientOrderId);
  }

  /** Cancels in the background; the order's `done` tells the end. What was not sent yet never will be. */
  cancel(clientOrderId: string): void {
    if (!this.withdraw(clientOrderId)) this.#cancels.cancel(clientOrderId);
  }

  /** Sends a cancel that the tracker says is due. */
  sendCancel(order: InFlightOrder): void {
    this.#cancels.send(order);
  }

  /** Cancels in native batches where the venue has them, one by one elsewhere. */
  cancelBatch(clientOrderIds: readonly string[]): void {
    this.#cancels.cancelBatch(clientOrderIds.filter((id) => !this.withdraw(id)));
  }

  /** Calls back when the venue definitely refuses a cancel of the order. Returns the function that ends it. */
  onCancelRefused(clientOrderId: string, listener: (error: PerpwireError) => void): () => void {
    return this.#cancels.onRefused(clientOrderId, listener);
  }

  /**
   * Resolves when the venue has taken the amend, rejects with why it has not; an unknown outcome is looked up. Where
   * the venue only queues it, a later row tells whether it was done: `orderAmended` or `orderAmendFailed`.
   */
  amend(order: InFlightOrder, change: AmendTerms, signal: AbortSignal): Promise<void> {
    return this.#amends.amend(order, change, signal);
  }

  /** Cancels an order by its ids, tracked or not. Rejects with the venue's refusal. */
  cancelAtVenue(reference: OrderReference, signal: AbortSignal): Promise<void> {
    return this.#cancels.cancelAtVenue(reference, signal);
  }
}
