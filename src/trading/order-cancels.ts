import { outcomeOf } from "../model/error.ts";
import type { InFlightOrder } from "./in-flight-order.ts";
import type { OrderHappening } from "./order-change-codec.ts";
import type { OrderChanges } from "./order-changes.ts";
import { endingOf, type OrderRecord, openLegs, stateOf } from "./order-record.ts";
import type { TrackedOrders } from "./tracked-orders.ts";
import type { CancelDecision } from "./tracker-options.ts";

/** Cancels from the wish to their answer, one an order. The end of the order itself is evidence, and not told here. */
export class OrderCancels {
  readonly #orders: TrackedOrders;
  readonly #change: (clientOrderId: string, work: (record: OrderRecord) => void) => void;
  readonly #changes: OrderChanges;

  /**
   * `change` changes a live order in one unit of the journal, without effect on another.
   */
  constructor(
    orders: TrackedOrders,
    change: (clientOrderId: string, work: (record: OrderRecord) => void) => void,
    changes: OrderChanges,
  ) {
    this.#orders = orders;
    this.#change = change;
    this.#changes = changes;
  }

  /**
   * The user wants the order canceled. One whose creation is being sent is canceled when it appears, and so is what an
   * amend puts in the place of a leg that has ended.
   */
  request(clientOrderId: string): CancelDecision {
    const record = this.#orders.live(clientOrderId)?.record;
    if (record === undefined || endingOf(record) !== undefined) return "ended";
    if (record.cancel === "sent") return "underWay";
    this.#set(clientOrderId, "requested", "cancelWanted");
    return canBeCanceled(record) ? "send" : "remembered";
  }

  /** The cancel is about to leave. */
  sent(clientOrderId: string): void {
    this.#set(clientOrderId, "sent", "cancelSent");
  }

  /**
   * The cancel was refused. A definite refusal takes the order back to where it was; one of an order whose existence is
   * in doubt, or that an amend may have replaced, is remembered, to be sent again when it appears. Returns whether the
   * refusal was the last word.
   */
  refused(clientOrderId: string, error: unknown): boolean {
    const record = this.#orders.live(clientOrderId)?.record;
    if (record === undefined) return false;
    const isReplaced = record.amends.some(({ replaces }) => replaces) || openLegs(record).length > 1;
    const isCertain = record.exists && record.doubt === undefined && !isReplaced;
    const isFinal = outcomeOf(error) === "definite" && isCertain;
    const isUnknown = outcomeOf(error) === "unknown";
    const cancel = isUnknown ? "unconfirmed" : isCertain ? "none" : "requested";
    this.#set(clientOrderId, cancel, isUnknown ? "cancelUnanswered" : "cancelRefused", error);
    return isFinal;
  }

  /** The answer to the cancel was lost, or says nothing of the order: it stays `pendingCancel`. */
  unanswered(clientOrderId: string, error?: unknown): void {
    this.#set(clientOrderId, "unconfirmed", "cancelUnanswered", error);
  }

  /** Orders whose cancel is to be sent, or sent again because no answer came. Canceling twice does no harm. */
  pendingOrders(): InFlightOrder[] {
    return this.#orders.selectUnquiet(isCancelDue);
  }

  /** True when the order is one of `pendingOrders`. */
  isDue(clientOrderId: string): boolean {
    const record = this.#orders.live(clientOrderId)?.record;
    return record !== undefined && isCancelDue(record);
  }

  #set(clientOrderId: string, cancel: OrderRecord["cancel"], why: OrderHappening, error?: unknown): void {
    this.#change(clientOrderId, (record) => {
      this.#changes.happened(record, why, error);
      record.cancel = cancel;
    });
  }
}

/** True when there is something at the venue that a cancel can be for. */
function canBeCanceled(record: OrderRecord): boolean {
  return stateOf(record) !== "pendingCreate" && (record.legs.length === 0 || openLegs(record).length > 0);
}

function isCancelDue(record: OrderRecord): boolean {
  const isDue = record.cancel === "requested" || record.cancel === "unconfirmed";
  return isDue && endingOf(record) === undefined && canBeCanceled(record);
}
