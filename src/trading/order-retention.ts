import type { OrderRecord } from "./order-record.ts";
import type { TrackedOrders } from "./tracked-orders.ts";
import {
  type ClientOrderTrackerOptions,
  DEFAULT_DONE_RETENTION_MS,
  DEFAULT_MAX_DONE_ORDERS,
  PRUNED_AT_ONCE,
} from "./tracker-options.ts";
import type { UntoldNews } from "./untold-news.ts";

/** Forgets ended orders, in the memory and in the journal. */
export class OrderRetention {
  readonly #options: ClientOrderTrackerOptions;
  readonly #orders: TrackedOrders;
  readonly #untold: UntoldNews;
  #forgottenMs = Number.NEGATIVE_INFINITY;

  constructor(options: ClientOrderTrackerOptions, orders: TrackedOrders, untold: UntoldNews) {
    this.#options = options;
    this.#orders = orders;
    this.#untold = untold;
  }

  get #maxDoneOrders(): number {
    return this.#options.maxDoneOrders ?? DEFAULT_MAX_DONE_ORDERS;
  }

  /** Prunes when so many more orders than are kept have ended that it is worth the while. */
  pruneWhenFull(): void {
    if (this.#orders.doneCount > this.#maxDoneOrders + Math.min(PRUNED_AT_ONCE, this.#maxDoneOrders >> 4)) this.prune();
  }

  /** Forgets ended orders whose retention is over. */
  prune(): void {
    const { clock, doneOrderRetentionMs, journal, ledger } = this.#options;
    const before = clock.monotonic() - (doneOrderRetentionMs ?? DEFAULT_DONE_RETENTION_MS);
    journal.batch(() => {
      for (const tracked of this.#orders.allDone()) {
        const isDue = (tracked.record.since.ended ?? Number.NEGATIVE_INFINITY) <= before;
        if (!isDue && this.#orders.doneCount <= this.#maxDoneOrders) break;
        if (this.#isNeeded(tracked.record, isDue)) continue;
        this.#orders.forget(tracked);
        this.#forgottenMs = clock.monotonic();
        ledger.prune(tracked.record.order.clientOrderId);
        journal.forgetOrder(tracked.record.order.clientOrderId);
      }
    });
  }

  /** Monotonic time when an ended order was forgotten last: an answer to an earlier question may still be about it. */
  get forgottenMs(): number {
    return this.#forgottenMs;
  }

  /** Tells that an order's end is still to be told, by this process or the next, or its fills are being asked for. */
  #isNeeded({ order, since }: OrderRecord, isDue: boolean): boolean {
    return this.#untold.owesEnd(order.clientOrderId) || (!isDue && since.fillsMissing !== undefined);
  }
}
