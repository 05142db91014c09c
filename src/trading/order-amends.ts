import type { OrderUpdate } from "../model/account-update.ts";
import type { Decimal } from "../model/decimal.ts";
import { OrderRejectedError } from "../model/error.ts";
import type { Clock } from "../runtime/runtime.ts";
import type { InFlightOrder } from "./in-flight-order.ts";
import type { OrderChanges } from "./order-changes.ts";
import type { OrderEvidence } from "./order-evidence.ts";
import { amendClientOrderId } from "./order-ids.ts";
import { type Amend, askedAmountOf, currentLeg, endingOf, type OrderRecord, targetPriceOf } from "./order-record.ts";
import { type EvidenceSource, fateOf, isLive, noteAmount } from "./order-transitions.ts";
import type { TrackedOrder, TrackedOrders } from "./tracked-orders.ts";

/** Terms that an amend sets; undefined for a term that it leaves as it is. */
export interface AmendTerms {
  readonly price?: Decimal | undefined;
  readonly amount?: Decimal | undefined;
}

/** An amend that is under way. */
export type PendingAmend = Pick<Amend, "sequence" | "clientOrderId" | "price" | "amount" | "progress" | "sinceMs">;

export interface OrderAmendsOptions {
  readonly clock: Clock;
  readonly orders: TrackedOrders;
  readonly evidence: OrderEvidence;
  readonly changes: OrderChanges;
  /** Changes a live order in one unit of the journal; without effect on another. */
  readonly change: (clientOrderId: string, work: (record: OrderRecord, tracked: TrackedOrder) => void) => void;
  readonly apply: (update: OrderUpdate, source: EvidenceSource) => void;
}

/** Amends from the request to their fate. Each has an identity of its own: an answer speaks for the one that it answers. */
export class OrderAmends {
  readonly #options: OrderAmendsOptions;

  constructor(options: OrderAmendsOptions) {
    this.#options = options;
  }

  /**
   * Journals an amend, so that it may be sent; undefined when the order has ended. `replaces`: the venue makes a new
   * order of it.
   */
  requested(clientOrderId: string, { price, amount }: AmendTerms, replaces: boolean): PendingAmend | undefined {
    const { orders, clock, change } = this.#options;
    const record = orders.live(clientOrderId)?.record;
    if (record === undefined || endingOf(record) !== undefined) return undefined;
    const sequence = record.amendCount + 1;
    const amend: Amend = {
      sequence,
      clientOrderId: amendClientOrderId(clientOrderId, sequence),
      price,
      amount,
      replaces,
      progress: "queued",
      afterMs: currentLeg(record)?.updatedAtMs,
      sinceMs: clock.monotonic(),
    };
    change(clientOrderId, () => {
      this.#options.changes.amend(record, "amendWanted", amend);
      record.amendCount = sequence;
      record.amends.push(amend);
    });
    return amend;
  }

  /** All of the terms that the order shall have by this amend: what it does not change, those before it say. */
  wholeTerms(clientOrderId: string, sequence: number): AmendTerms {
    const record = this.#options.orders.find(clientOrderId)?.record;
    if (record === undefined) return {};
    return { price: targetPriceOf(record, sequence), amount: askedAmountOf(record, sequence) };
  }

  /** Notes that an amend is leaving now, with these terms on the wire. */
  sent(clientOrderId: string, sequence: number, { price, amount }: AmendTerms): void {
    this.#setProgress(clientOrderId, sequence, "sent", { price, amount });
  }

  /**
   * The venue answered the amend. With a row, that says how the order is now; with a new exchange order id, that is what
   * replaced the order; with neither, it was queued: a row that shows its terms, or does not, tells its fate. Returns why
   * it was not done, where the row says so; `asked` are its terms, for an order that has ended by now.
   */
  answered(
    clientOrderId: string,
    sequence: number,
    answer: { readonly exchangeOrderId?: string | undefined; readonly update?: OrderUpdate | undefined },
    asked?: AmendTerms,
  ): OrderRejectedError | undefined {
    const { orders, evidence, change, apply, clock } = this.#options;
    const tracked = orders.live(clientOrderId);
    const amend = tracked?.record.amends.find((each) => each.sequence === sequence);
    const { exchangeOrderId } = answer;
    const update = answer.update && { ...answer.update, clientOrderId: answer.update.clientOrderId ?? clientOrderId };
    const terms = amend ?? asked;
    const refusal =
      terms !== undefined && update !== undefined && amend?.replaces !== true && endsUnchanged(terms, update)
        ? new OrderRejectedError(`the venue ended order ${clientOrderId} in place of amending it`)
        : undefined;
    change(clientOrderId, (record, own) => {
      // Refusals count before the row ends the order, which would tell it as an amend that nobody has answered.
      if (amend !== undefined && refusal !== undefined) evidence.resolveAmend(record, amend, false, refusal);
      if (update !== undefined) evidence.apply(update, { kind: "answer", amend: sequence });
      else if (amend?.replaces === true && exchangeOrderId !== undefined) evidence.bind(own, exchangeOrderId, sequence);
      else if (amend !== undefined) {
        this.#options.changes.amend(record, "amendQueued", amend);
        amend.progress = "acknowledged";
        amend.sinceMs = clock.monotonic();
        return;
      }
      if (amend !== undefined && refusal === undefined) evidence.resolveAmend(record, amend, true);
    });
    // The order has ended by now: a leg that was made all the same must not be lost.
    if (tracked === undefined && update !== undefined) apply(update, { kind: "answer", amend: sequence });
    return refusal;
  }

  /** Nothing of it was sent, or the venue definitely refused it: the order is not changed by it. */
  refused(clientOrderId: string, sequence: number, error?: unknown): void {
    this.#options.change(clientOrderId, (record) => {
      const amend = record.amends.find((each) => each.sequence === sequence);
      if (amend !== undefined) this.#options.evidence.resolveAmend(record, amend, false, error);
    });
  }

  /** Notes that an amend's answer was lost. */
  unconfirmed(clientOrderId: string, sequence: number, error?: unknown): void {
    this.#setProgress(clientOrderId, sequence, "unconfirmed", {}, error);
  }

  /**
   * The amend can no longer arrive, and the venue, asked afterwards, shows how the order is. That it was not done is
   * told as an event.
   */
  expired(clientOrderId: string, sequence: number): void {
    const { evidence, change } = this.#options;
    change(clientOrderId, (record) => {
      const amend = record.amends.find((each) => each.sequence === sequence);
      if (amend === undefined) return;
      const fate = fateOf(record, amend);
      const error = new OrderRejectedError(`the venue did not do an amend of order ${clientOrderId}`);
      noteAmount(record, amend.amount);
      evidence.resolveAmend(record, amend, fate === "done", fate === "failed" ? error : undefined);
      if (fate !== "failed") return;
      evidence.tellAmendFailed(record, amend, error);
    });
  }

  /** Amends of one order, oldest first. */
  of(clientOrderId: string): readonly PendingAmend[] {
    return this.#options.orders.live(clientOrderId)?.record.amends ?? [];
  }

  /** Orders with amends that were sent and whose fate is not known. */
  pendingOrders(): InFlightOrder[] {
    return this.#options.orders.selectUnquiet((record) => record.amends.some(({ progress }) => progress !== "queued"));
  }

  #setProgress(
    clientOrderId: string,
    sequence: number,
    progress: "sent" | "unconfirmed",
    terms: AmendTerms,
    error?: unknown,
  ): void {
    const { change, clock, changes } = this.#options;
    change(clientOrderId, (record) => {
      const amend = record.amends.find((each) => each.sequence === sequence);
      if (amend === undefined) return;
      Object.assign(amend, terms);
      changes.amend(record, progress === "sent" ? "amendSent" : "amendUnanswered", amend, error);
      amend.progress = progress;
      amend.sinceMs = clock.monotonic();
    });
  }
}

/**
 * An answer that ends the order at other terms than were asked for: Binance cancels one of which less is asked for than
 * is filled. A lesser amount is no other term: the venue cuts orders that only reduce.
 */
function endsUnchanged({ price, amount }: AmendTerms, { state, order }: OrderUpdate): boolean {
  if (isLive(state) || state === "filled" || order === undefined) return false;
  const hasOtherPrice = price !== undefined && order.price !== undefined && !order.price.eq(price);
  return hasOtherPrice || (amount !== undefined && order.amount.gt(amount));
}
