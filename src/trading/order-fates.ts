import { Decimal } from "../model/decimal.ts";
import { describeError, outcomeOf, type PerpwireError } from "../model/error.ts";
import { endTeller, lostError, orderEvent, orderResult } from "./order-events.ts";
import { OrderLookup } from "./order-lookup.ts";
import { amountOf, awaitsCreation, endingOf, venueExecutedAmount } from "./order-record.ts";
import { endFilledByFills, endReplacedLeg, forgetAmends } from "./order-transitions.ts";
import type { TrackerParts } from "./tracker-parts.ts";

/** Outcomes of requests and searches: what the venue refused, did not answer, no longer knows or could not tell. */
export class OrderFates extends OrderLookup {
  readonly #parts: TrackerParts;

  constructor(parts: TrackerParts) {
    super(parts);
    this.#parts = parts;
  }

  /**
   * The venue refused to create the order, or nothing of it was sent. Without effect when the venue has shown that the
   * order exists; an error with an unknown outcome only makes the order `unknown`. Returns whether the order failed.
   */
  fail(clientOrderId: string, error: PerpwireError): boolean {
    if (outcomeOf(error) === "unknown") {
      this.markUnknown(clientOrderId, error);
      return false;
    }
    const tracked = this.#parts.orders.live(clientOrderId);
    if (tracked === undefined) return false;
    if (tracked.record.exists) {
      this.#parts.options.logger.warn("a refusal was ignored: the order exists", {
        clientOrderId,
        refusal: error.message,
      });
      return false;
    }
    this.#parts.commits.run(() => {
      const nowMs = this.#parts.options.clock.now();
      tracked.record.refusal = { code: error.code, message: error.message, timestampMs: nowMs };
      tracked.record.doubt = undefined;
      tracked.record.endedAtMs = nowMs;
      forgetAmends(tracked.record);
      this.#parts.changes.happened(tracked.record, error.code === "NOT_SENT" ? "notSent" : "refused", error);
      this.#parts.evidence.retire(tracked, error, nowMs);
      const { record } = tracked;
      this.#parts.commits.owe(
        { kind: "end", clientOrderId },
        endTeller(record, this.#parts.options.emit, nowMs, error),
      );
    });
    return true;
  }

  /**
   * The user called the order back before anything of it was sent: canceled, for certain. Returns whether it was; an order
   * whose replacement the venue has named was sent.
   */
  withdraw(clientOrderId: string): boolean {
    const tracked = this.#parts.orders.live(clientOrderId);
    if (tracked === undefined || tracked.record.exists || awaitsCreation(tracked.record)) return false;
    const { record } = tracked;
    this.#parts.commits.run(() => {
      const timestampMs = this.#parts.options.clock.now();
      this.#parts.changes.happened(record, "calledBack");
      this.#parts.evidence.endNeverSent(tracked, { state: "canceled", reason: "user", timestampMs });
      this.#parts.commits.changed(record);
    });
    return true;
  }

  /** The answer to its creation was lost. Without effect when the venue has shown that the order exists. */
  markUnknown(clientOrderId: string, error: unknown): boolean {
    const record = this.#parts.orders.live(clientOrderId)?.record;
    if (record === undefined || record.exists || record.doubt !== undefined) return false;
    return this.#doubt(clientOrderId, "noAnswer", error);
  }

  /** The venue no longer knows an order that it has shown before: its fate must be looked up. */
  markMissing(clientOrderId: string, error: unknown): boolean {
    const record = this.#parts.orders.live(clientOrderId)?.record;
    if (record === undefined || endingOf(record) !== undefined || record.doubt !== undefined) return false;
    if (record.since.endDue !== undefined && record.executed.amount.gte(amountOf(record))) return false;
    return this.#doubt(clientOrderId, "notFound", error);
  }

  /**
   * Ends an order whose fills reach its whole amount and which the venue no longer knows, or has not answered about for
   * minutes. Returns true where it ended by this.
   */
  endFilledByFills(clientOrderId: string): boolean {
    const tracked = this.#parts.orders.live(clientOrderId);
    if (tracked === undefined || !endFilledByFills(tracked.record, this.#parts.options.clock.now())) return false;
    this.#parts.commits.run(() => {
      this.#parts.changes.happened(tracked.record, "filledByFills");
      this.#parts.commits.changed(tracked.record);
      this.#parts.evidence.settle(tracked);
    });
    return true;
  }

  /** The venue could not tell in time. The order is still watched; evidence takes it back to where it is. */
  markLost(clientOrderId: string, cause?: unknown): boolean {
    const tracked = this.#parts.orders.live(clientOrderId);
    if (tracked === undefined || tracked.record.doubt === "lost" || endingOf(tracked.record) !== undefined)
      return false;
    this.#parts.change(clientOrderId, (record) => {
      const nowMs = this.#parts.options.clock.now();
      record.doubt = "lost";
      this.#parts.changes.happened(record, "gaveUp", cause);
      const error = lostError(clientOrderId, cause);
      const event = orderEvent(record, nowMs);
      this.#parts.commits.tell(() => this.#parts.options.emit("orderLost", event));
      tracked.signals.accept({ ok: false, error });
      tracked.signals.finish(orderResult(record, error, nowMs));
    });
    return true;
  }

  /**
   * The venue no longer knows a leg that another has replaced: it has ended, with the fills that came. An empty id is
   * that of what the creation made, when that was never told.
   */
  endReplacedLeg(clientOrderId: string, exchangeOrderId: string): boolean {
    let isEnded = false;
    this.#parts.change(clientOrderId, (record) => {
      isEnded = endReplacedLeg(record, exchangeOrderId, this.#parts.options.clock.now());
      if (isEnded) this.#parts.changes.happened(record, "legNotFound", exchangeOrderId);
    });
    return isEnded;
  }

  /**
   * A list of open orders left an order out, and its own status could not be asked for: it is looked up until it can.
   */
  markUnlisted(clientOrderId: string): void {
    const tracked = this.#parts.orders.live(clientOrderId);
    if (tracked === undefined) return;
    tracked.record.since.unlisted ??= this.#parts.options.clock.monotonic();
    this.#parts.orders.noteChange(tracked);
  }

  /**
   * The venue does not give the missing fills: ends an order that it says is over, with the fills that came; what is
   * missing is told with the end. A fill that comes later is still counted. Returns whether the order ended by this.
   */
  endWithoutFills(clientOrderId: string): boolean {
    const tracked = this.#parts.orders.find(clientOrderId);
    if (tracked === undefined) return false;
    const { record, order } = tracked;
    record.since.fillsMissing = undefined;
    if (record.ended || endingOf(record) === undefined) return false;
    record.missingAmount = Decimal.max(0, venueExecutedAmount(record).minus(record.executed.amount));
    this.#parts.options.logger.error("an order ended without all of its fills", {
      clientOrderId,
      executed: order.executedAmount.toFixed(),
      venueExecuted: order.venueExecutedAmount.toFixed(),
    });
    this.#parts.commits.run(() => {
      this.#parts.changes.happened(record, "fillsGivenUp");
      this.#parts.evidence.end(tracked);
    });
    return true;
  }

  #doubt(clientOrderId: string, by: "noAnswer" | "notFound", error: unknown): boolean {
    this.#parts.change(clientOrderId, (record) => {
      this.#parts.changes.happened(record, by, error);
      record.doubt = "unknown";
      const event = orderEvent(record, this.#parts.options.clock.now());
      this.#parts.commits.tell(() => this.#parts.options.emit("orderUnknown", event));
    });
    this.#parts.options.logger.warn("the fate of an order is unknown", { clientOrderId, error: describeError(error) });
    return true;
  }
}
