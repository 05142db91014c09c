import type { OrderUpdate, TradeUpdate } from "../model/account-update.ts";
import type { PerpwireError } from "../model/error.ts";
import { isTerminal, type OrderToPlace } from "../model/order.ts";
import type { InFlightOrder } from "./in-flight-order.ts";
import { OrderAmends } from "./order-amends.ts";
import { OrderCancels } from "./order-cancels.ts";
import type { OrderChanges } from "./order-changes.ts";
import type { OrderCommits } from "./order-commits.ts";
import { endTeller, orderResult } from "./order-events.ts";
import type { OrderEvidence } from "./order-evidence.ts";
import { OrderFates } from "./order-fates.ts";
import type { RestoredJournal } from "./order-journal.ts";
import { currentExchangeOrderId, endingOf, newOrderRecord, type OrderRecord, stateOf } from "./order-record.ts";
import type { OrderRetention } from "./order-retention.ts";
import { type EvidenceSource, noteWhatIsDue } from "./order-transitions.ts";
import type { ParkableUpdate } from "./parked-updates.ts";
import type { TrackedOrders } from "./tracked-orders.ts";
import type { ApplyEffect, ClientOrderTrackerOptions } from "./tracker-options.ts";
import { createTrackerParts } from "./tracker-parts.ts";
import type { News } from "./untold-news.ts";

export type { PendingAmend } from "./order-amends.ts";
export type { EvidenceSource } from "./order-transitions.ts";
export type { ApplyEffect, CancelDecision, ClientOrderTrackerOptions } from "./tracker-options.ts";

/**
 * Every order of ours and what is known of it. Evidence comes in through `apply`; what happened to our requests through
 * `fail`, `markUnknown`, `amends` and `cancels`. Nothing here guesses: see `OrderRecord`.
 */
export class ClientOrderTracker extends OrderFates {
  readonly #options: ClientOrderTrackerOptions;
  readonly #orders: TrackedOrders;
  readonly #changes: OrderChanges;
  readonly #commits: OrderCommits;
  readonly #evidence: OrderEvidence;
  readonly #retention: OrderRetention;
  readonly amends: OrderAmends;
  readonly cancels: OrderCancels;

  constructor(options: ClientOrderTrackerOptions) {
    const parts = createTrackerParts(options);
    super(parts);
    const { orders, changes, commits, evidence, retention, change } = parts;
    this.#options = options;
    this.#orders = orders;
    this.#changes = changes;
    this.#commits = commits;
    this.#evidence = evidence;
    this.#retention = retention;
    this.amends = new OrderAmends({
      clock: options.clock,
      orders,
      evidence,
      changes,
      change,
      apply: (update, source) => this.apply(update, source),
    });
    this.cancels = new OrderCancels(orders, change, changes);
  }

  /**
   * Journals the order, so that it may be sent. Throws `JournalError`, and then nothing may be sent; where the journal is
   * not needed, the order is written as soon as it can be.
   */
  startTracking(order: OrderToPlace, { isJournalNeeded } = { isJournalNeeded: true }): InFlightOrder {
    const record = this.#newRecord(order);
    this.#journalNew([record], isJournalNeeded);
    return this.#enter(record);
  }

  /**
   * Tracks like `startTracking`, all orders or none: of a batch that a full disk cut short the first orders had gone
   * out.
   */
  startTrackingAll(orders: readonly OrderToPlace[]): InFlightOrder[] {
    const records = orders.map((order) => this.#newRecord(order));
    this.#journalNew(records, true);
    return records.map((record) => this.#enter(record));
  }

  #journalNew(records: readonly OrderRecord[], isJournalNeeded: boolean): void {
    const { journal, ledger } = this.#options;
    try {
      journal.recordNewOrders(records);
    } catch (error) {
      if (isJournalNeeded) {
        for (const { order } of records) ledger.prune(order.clientOrderId);
        throw error;
      }
      for (const record of records) journal.saveOrder(record);
    }
  }

  #enter(record: OrderRecord): InFlightOrder {
    const { order: handle } = this.#orders.enter(record);
    this.#options.onOrderChanged?.(handle);
    return handle;
  }

  #newRecord(order: OrderToPlace): OrderRecord {
    const { clientOrderId } = order;
    if (this.#orders.isTaken(clientOrderId)) throw new RangeError(`order ${clientOrderId} is tracked already`);
    const { clock, venueNow, ledger } = this.#options;
    const createdAtMs = Math.floor(venueNow?.() ?? clock.now());
    const record = newOrderRecord(order, createdAtMs, ledger.totals(clientOrderId));
    record.since.created = clock.monotonic();
    this.#changes.begin(record);
    return record;
  }

  /**
   * Takes up the orders of earlier processes. Emits nothing: what their processes had no time to tell, `tellerOf`
   * tells.
   */
  restore(restored: RestoredJournal): void {
    this.#options.ledger.restore(restored.fills);
    const tracked = restored.orders.map((record) => this.#orders.enter(record));
    for (const fill of restored.fills) this.#orders.find(fill.clientOrderId)?.signals.log.append(fill);
    this.#commits.run(() => {
      for (const entry of tracked) {
        const { record, signals } = entry;
        this.#options.onOrderChanged?.(entry.order);
        const timestampMs = record.lastUpdateMs ?? record.createdAtMs;
        if (record.exists) {
          signals.accept({ ok: true, exchangeOrderId: currentExchangeOrderId(record), timestampMs });
        }
        const nowMs = this.#options.clock.monotonic();
        // The clock of another process says nothing here: what that one sent may have left it just now.
        for (const amend of record.amends) amend.sinceMs = nowMs;
        noteWhatIsDue(record, nowMs);
        this.#orders.noteChange(entry);
        if (isTerminal(stateOf(record))) this.#evidence.retire(entry, undefined, timestampMs);
        else if (record.doubt === "lost") signals.finish(orderResult(record, undefined, timestampMs));
      }
    });
  }

  /** Tells what an earlier process has not told of an order; undefined where that is no longer true. */
  tellerOf(news: News): (() => void) | undefined {
    const { emit } = this.#options;
    if (news.kind === "fill") return () => emit("orderFilled", news.fill);
    const record = news.kind === "end" ? this.#orders.find(news.clientOrderId)?.record : undefined;
    if (record === undefined || !isTerminal(stateOf(record))) return undefined;
    const { refusal, createdAtMs } = record;
    return endTeller(record, emit, endingOf(record)?.timestampMs ?? refusal?.timestampMs ?? createdAtMs);
  }

  /** The one way in for what the venue says of an order, from a stream, a poll or an answer. */
  apply(update: OrderUpdate | TradeUpdate, source?: EvidenceSource): ApplyEffect {
    return this.#commits.run(() => this.#evidence.apply(update, source));
  }

  /**
   * Applies `work` as one unit: its changes go to disk together, and are told after that. For the updates of one
   * message, or of one slice of a list.
   */
  unit<T>(work: () => T): T {
    return this.#commits.run(work);
  }

  /** Tells something when the unit that is under way is on disk; at once where none is. */
  tell(news: () => void): void {
    this.#commits.tell(news);
  }

  /**
   * Reason why what is told of an order of ours cannot be true: that has another id, or would have executed more than
   * it has.
   */
  contradictionOf(update: OrderUpdate | TradeUpdate, source?: EvidenceSource): string | undefined {
    return this.#evidence.contradictionOf(update, source);
  }

  /** Updates that named only an exchange order id which no order took within `olderThanMs`: they are not ours. */
  takeParked(olderThanMs: number): readonly ParkableUpdate[] {
    return this.#evidence.parked.takeBefore(this.#options.clock.monotonic() - olderThanMs);
  }

  /** The connector stops: nobody waits any longer for orders that are left to themselves. They stay in the journal. */
  detach(error: PerpwireError): void {
    const nowMs = this.#options.clock.now();
    for (const { record, signals } of this.#orders.allLive()) {
      signals.accept({ ok: false, error });
      signals.finish(orderResult(record, error, nowMs));
    }
  }

  /** Forgets ended orders whose retention is over. */
  prune(): void {
    this.#retention.prune();
  }

  /** Monotonic time when an ended order was forgotten last: an answer to an earlier question may still be about it. */
  get forgottenMs(): number {
    return this.#retention.forgottenMs;
  }
}
