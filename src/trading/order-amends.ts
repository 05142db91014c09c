import type { OrderUpdate } from "../model/account-update.ts";
import type { Decimal } from "../model/decimal.ts";
import { OrderRejectedError } from "../model/error.ts";
import type { Clock } from "../runtime/runtime.ts";
import type { InFlightOrder } from "./in-flight-order.ts";
import type { OrderEvidence } from "./order-evidence.ts";
import { amendClientOrderId } from "./order-ids.ts";
import { type Amend, currentLeg, endingOf, type OrderRecord } from "./order-record.ts";
import type { EvidenceSource } from "./order-transitions.ts";
import type { TrackedOrder, TrackedOrders } from "./tracked-orders.ts";

/** All of the terms that an amend asks for. */
export interface AmendTerms {
  readonly price: Decimal | undefined;
  readonly amount: Decimal;
  /** True where the venue replaces the order by a new one. */
  readonly replaces: boolean;
}

/** An amend that is under way. */
export type PendingAmend = Pick<Amend, "sequence" | "clientOrderId" | "price" | "amount" | "progress" | "sinceMs">;

export interface OrderAmendsOptions {
  readonly clock: Clock;
  readonly orders: TrackedOrders;
  readonly evidence: OrderEvidence;
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

  /** Journals an amend, so that it may be sent; undefined when the order has ended. */
  requested(clientOrderId: string, terms: AmendTerms): PendingAmend | undefined {
    const { orders, clock, change } = this.#options;
    const record = orders.live(clientOrderId)?.record;
    if (record === undefined || endingOf(record) !== undefined) return undefined;
    const sequence = record.amendCount + 1;
    const amend: Amend = {
      ...terms,
      sequence,
      clientOrderId: amendClientOrderId(clientOrderId, sequence),
      progress: "queued",
      afterMs: currentLeg(record)?.updatedAtMs,
      sinceMs: clock.monotonic(),
    };
    change(clientOrderId, () => {
      record.amendCount = sequence;
      record.amends.push(amend);
    });
    return amend;
  }

  /** It is leaving now. */
  sent(clientOrderId: string, sequence: number): void {
    this.#setProgress(clientOrderId, sequence, "sent");
  }

  /**
   * The venue answered the amend. With a row, that says how the order is now; with a new exchange order id, that is what
   * replaced the order; with neither, it was queued: a row that shows its terms, or does not, tells its fate.
   */
  answered(
    clientOrderId: string,
    sequence: number,
    answer: { readonly exchangeOrderId?: string | undefined; readonly update?: OrderUpdate | undefined },
  ): void {
    const { orders, evidence, change, apply, clock } = this.#options;
    const tracked = orders.live(clientOrderId);
    const amend = tracked?.record.amends.find((each) => each.sequence === sequence);
    const { exchangeOrderId } = answer;
    const update = answer.update && { ...answer.update, clientOrderId: answer.update.clientOrderId ?? clientOrderId };
    change(clientOrderId, (record, own) => {
      if (update !== undefined) evidence.apply(update, { kind: "answer", amend: sequence });
      else if (amend?.replaces === true && exchangeOrderId !== undefined) evidence.bind(own, exchangeOrderId);
      else if (amend !== undefined) {
        amend.progress = "acknowledged";
        amend.sinceMs = clock.monotonic();
        return;
      }
      if (amend !== undefined) evidence.resolveAmend(record, amend);
    });
    // The order has ended by now: a leg that was made all the same must not be lost.
    if (tracked === undefined && update !== undefined) apply(update, { kind: "answer", amend: sequence });
  }

  /** Nothing of it was sent, or the venue definitely refused it: the order is not changed by it. */
  refused(clientOrderId: string, sequence: number): void {
    this.#options.change(clientOrderId, (record) => {
      const amend = record.amends.find((each) => each.sequence === sequence);
      if (amend !== undefined) this.#options.evidence.resolveAmend(record, amend);
    });
  }

  /** Its answer was lost. */
  unconfirmed(clientOrderId: string, sequence: number): void {
    this.#setProgress(clientOrderId, sequence, "unconfirmed");
  }

  /** The venue, asked long enough afterwards, shows that the amend was not done: told as an event. */
  notDone(clientOrderId: string, sequence: number): void {
    const { evidence, change } = this.#options;
    change(clientOrderId, (record) => {
      const amend = record.amends.find((each) => each.sequence === sequence);
      if (amend === undefined) return;
      evidence.resolveAmend(record, amend);
      const error = new OrderRejectedError(`the venue did not do an amend of order ${clientOrderId}`);
      evidence.tellAmendFailed(record, amend, error);
    });
  }

  /** Amends of one order, oldest first. */
  of(clientOrderId: string): readonly PendingAmend[] {
    return this.#options.orders.live(clientOrderId)?.record.amends ?? [];
  }

  /** Orders with amends that were sent and whose fate is not known. */
  pendingOrders(): InFlightOrder[] {
    return this.#options.orders.selectLive((record) => record.amends.some(({ progress }) => progress !== "queued"));
  }

  #setProgress(clientOrderId: string, sequence: number, progress: Amend["progress"]): void {
    const { change, clock } = this.#options;
    change(clientOrderId, (record) => {
      const amend = record.amends.find((each) => each.sequence === sequence);
      if (amend === undefined) return;
      amend.progress = progress;
      amend.sinceMs = clock.monotonic();
    });
  }
}
