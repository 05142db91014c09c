import type { OrderUpdate, TradeUpdate } from "../model/account-update.ts";
import { Decimal } from "../model/decimal.ts";
import { describeError, outcomeOf, type PerpwireError } from "../model/error.ts";
import type { TradingPair } from "../model/market.ts";
import { isTerminal, type OrderToPlace, type VenueOrder } from "../model/order.ts";
import type { InFlightOrder } from "./in-flight-order.ts";
import { OrderAmends } from "./order-amends.ts";
import { OrderCancels } from "./order-cancels.ts";
import { OrderChanges } from "./order-changes.ts";
import { OrderCommits } from "./order-commits.ts";
import { endTeller, lostError, orderEvent, orderResult } from "./order-events.ts";
import { OrderEvidence } from "./order-evidence.ts";
import type { RestoredJournal } from "./order-journal.ts";
import {
  amountOf,
  currentExchangeOrderId,
  endingOf,
  newOrderRecord,
  type OrderRecord,
  stateOf,
  venueExecutedAmount,
} from "./order-record.ts";
import {
  type EvidenceSource,
  endFilledByFills,
  endReplacedLeg,
  forgetAmends,
  noteWhatIsDue,
} from "./order-transitions.ts";
import type { ParkableUpdate } from "./parked-updates.ts";
import { type TrackedOrder, TrackedOrders } from "./tracked-orders.ts";
import {
  type ApplyEffect,
  type ClientOrderTrackerOptions,
  DEFAULT_DONE_RETENTION_MS,
  DEFAULT_FILLS_GRACE_MS,
  DEFAULT_MAX_DONE_ORDERS,
  DEFAULT_MAX_FILLS_KEPT,
  PRUNED_AT_ONCE,
} from "./tracker-options.ts";
import { type News, UntoldNews } from "./untold-news.ts";

export type { PendingAmend } from "./order-amends.ts";
export type { EvidenceSource } from "./order-transitions.ts";
export type { ApplyEffect, CancelDecision, ClientOrderTrackerOptions } from "./tracker-options.ts";

/**
 * Every order of ours and what is known of it. Evidence comes in through `apply`; what happened to our requests through
 * `fail`, `markUnknown`, `amends` and `cancels`. Nothing here guesses: see `OrderRecord`.
 */
export class ClientOrderTracker {
  readonly #options: ClientOrderTrackerOptions;
  readonly #orders: TrackedOrders;
  readonly #untold: UntoldNews;
  readonly #changes: OrderChanges;
  readonly #commits: OrderCommits;
  readonly #evidence: OrderEvidence;
  readonly amends: OrderAmends;
  readonly cancels: OrderCancels;
  #forgottenMs = Number.NEGATIVE_INFINITY;

  constructor(options: ClientOrderTrackerOptions) {
    this.#options = options;
    this.#orders = new TrackedOrders(options.maxFillsKept ?? DEFAULT_MAX_FILLS_KEPT, options.isEnded);
    this.#untold = options.untold ?? UntoldNews.opened(options.journal);
    this.#changes = new OrderChanges(options);
    this.#commits = new OrderCommits({
      journal: options.journal,
      changes: this.#changes,
      untold: this.#untold,
      onChanged: (record) => this.#noteChange(record),
      onUnitEnd: () => {
        if (this.#orders.doneCount > this.#maxDoneOrders + Math.min(PRUNED_AT_ONCE, this.#maxDoneOrders >> 4))
          this.prune();
      },
    });
    this.#evidence = new OrderEvidence(options, this.#orders, this.#commits, this.#changes);
    this.amends = new OrderAmends({
      clock: options.clock,
      orders: this.#orders,
      evidence: this.#evidence,
      changes: this.#changes,
      change: (clientOrderId, work) => this.#change(clientOrderId, work),
      apply: (update, source) => this.apply(update, source),
    });
    this.cancels = new OrderCancels(
      this.#orders,
      (clientOrderId, work) => this.#change(clientOrderId, work),
      this.#changes,
    );
  }

  #noteChange({ order: { clientOrderId } }: OrderRecord): void {
    const tracked = this.#orders.find(clientOrderId);
    if (tracked === undefined) return;
    this.#orders.noteChange(tracked);
    this.#options.onOrderChanged?.(tracked.order);
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
    if (this.#orders.find(clientOrderId) !== undefined)
      throw new RangeError(`order ${clientOrderId} is tracked already`);
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

  /** Why what is told of an order of ours cannot be true: that has another id, or would have executed more than it has. */
  contradictionOf(update: OrderUpdate | TradeUpdate, source?: EvidenceSource): string | undefined {
    return this.#evidence.contradictionOf(update, source);
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
    const tracked = this.#orders.live(clientOrderId);
    if (tracked === undefined) return false;
    if (tracked.record.exists) {
      this.#options.logger.warn("a refusal was ignored: the order exists", { clientOrderId, refusal: error.message });
      return false;
    }
    this.#commits.run(() => {
      const nowMs = this.#options.clock.now();
      tracked.record.refusal = { code: error.code, message: error.message, timestampMs: nowMs };
      tracked.record.doubt = undefined;
      tracked.record.endedAtMs = nowMs;
      forgetAmends(tracked.record);
      this.#changes.happened(tracked.record, error.code === "NOT_SENT" ? "notSent" : "refused", error);
      this.#evidence.retire(tracked, error, nowMs);
      const { record } = tracked;
      this.#commits.owe({ kind: "end", clientOrderId }, endTeller(record, this.#options.emit, nowMs, error));
    });
    return true;
  }

  /**
   * The user called the order back before anything of it was sent: canceled, for certain. Returns whether it was.
   */
  withdraw(clientOrderId: string): boolean {
    const tracked = this.#orders.live(clientOrderId);
    if (tracked === undefined || tracked.record.exists) return false;
    const { record } = tracked;
    this.#commits.run(() => {
      const timestampMs = this.#options.clock.now();
      this.#changes.happened(record, "calledBack");
      this.#evidence.endNeverSent(tracked, { state: "canceled", reason: "user", timestampMs });
      this.#commits.changed(record);
    });
    return true;
  }

  /** The answer to its creation was lost. Without effect when the venue has shown that the order exists. */
  markUnknown(clientOrderId: string, error: unknown): boolean {
    const record = this.#orders.live(clientOrderId)?.record;
    if (record === undefined || record.exists || record.doubt !== undefined) return false;
    return this.#doubt(clientOrderId, "noAnswer", error);
  }

  /** The venue no longer knows an order that it has shown before: its fate must be looked up. */
  markMissing(clientOrderId: string, error: unknown): boolean {
    const record = this.#orders.live(clientOrderId)?.record;
    if (record === undefined || endingOf(record) !== undefined || record.doubt !== undefined) return false;
    if (record.since.endDue !== undefined && record.executed.amount.gte(amountOf(record))) return false;
    return this.#doubt(clientOrderId, "notFound", error);
  }

  /**
   * Ends an order whose fills reach its whole amount and which the venue no longer knows, or has not answered about for
   * minutes. Returns true where it ended by this.
   */
  endFilledByFills(clientOrderId: string): boolean {
    const tracked = this.#orders.live(clientOrderId);
    if (tracked === undefined || !endFilledByFills(tracked.record, this.#options.clock.now())) return false;
    this.#commits.run(() => {
      this.#changes.happened(tracked.record, "filledByFills");
      this.#commits.changed(tracked.record);
      this.#evidence.settle(tracked);
    });
    return true;
  }

  /** The venue could not tell in time. The order is still watched; evidence takes it back to where it is. */
  markLost(clientOrderId: string, cause?: unknown): boolean {
    const tracked = this.#orders.live(clientOrderId);
    if (tracked === undefined || tracked.record.doubt === "lost" || endingOf(tracked.record) !== undefined)
      return false;
    this.#change(clientOrderId, (record) => {
      const nowMs = this.#options.clock.now();
      record.doubt = "lost";
      this.#changes.happened(record, "gaveUp", cause);
      const error = lostError(clientOrderId, cause);
      const event = orderEvent(record, nowMs);
      this.#commits.tell(() => this.#options.emit("orderLost", event));
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
    this.#change(clientOrderId, (record) => {
      isEnded = endReplacedLeg(record, exchangeOrderId, this.#options.clock.now());
      if (isEnded) this.#changes.happened(record, "legNotFound", exchangeOrderId);
    });
    return isEnded;
  }

  /** Since its creation in this process, monotonic; undefined for one of an earlier process. */
  ageMs(clientOrderId: string): number | undefined {
    const createdMs = this.#orders.find(clientOrderId)?.record.since.created;
    return createdMs === undefined ? undefined : this.#options.clock.monotonic() - createdMs;
  }

  /**
   * A list of open orders left an order out, and its own status could not be asked for: it is looked up until it can.
   */
  markUnlisted(clientOrderId: string): void {
    const tracked = this.#orders.live(clientOrderId);
    if (tracked === undefined) return;
    tracked.record.since.unlisted ??= this.#options.clock.monotonic();
    this.#orders.noteChange(tracked);
  }

  /**
   * Orders that the venue should have told something of for this long: their end, that of a replaced leg, their state.
   */
  ordersOverdue(forMs: number): InFlightOrder[] {
    const before = this.#options.clock.monotonic() - forMs;
    const isDue = (sinceMs: number | undefined): boolean => sinceMs !== undefined && sinceMs <= before;
    return this.#orders.selectUnquiet(
      ({ since }) => isDue(since.endDue) || isDue(since.legDue) || isDue(since.unlisted),
    );
  }

  /** Orders whose fills have been behind the venue's claim for too long: fetch their fills. */
  ordersMissingFills(): InFlightOrder[] {
    const before = this.#options.clock.monotonic() - (this.#options.fillsGraceMs ?? DEFAULT_FILLS_GRACE_MS);
    const isLate = ({ since }: OrderRecord) => since.fillsMissing !== undefined && since.fillsMissing <= before;
    return [...this.#orders.selectUnquiet(isLate), ...this.#orders.selectDone(isLate)];
  }

  /**
   * The venue does not give the missing fills: ends an order that it says is over, with the fills that came; what is
   * missing is told with the end. A fill that comes later is still counted. Returns whether the order ended by this.
   */
  endWithoutFills(clientOrderId: string): boolean {
    const tracked = this.#orders.find(clientOrderId);
    if (tracked === undefined) return false;
    const { record, order } = tracked;
    record.since.fillsMissing = undefined;
    if (record.ended || endingOf(record) === undefined) return false;
    record.missingAmount = Decimal.max(0, venueExecutedAmount(record).minus(record.executed.amount));
    this.#options.logger.error("an order ended without all of its fills", {
      clientOrderId,
      executed: order.executedAmount.toFixed(),
      venueExecuted: order.venueExecutedAmount.toFixed(),
    });
    this.#commits.run(() => {
      this.#changes.happened(record, "fillsGivenUp");
      this.#evidence.end(tracked);
    });
    return true;
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

  /** Its end is still to be told, by this process or the next, or its fills are being asked for. */
  #isNeeded({ order, since }: OrderRecord, isDue: boolean): boolean {
    return this.#untold.owesEnd(order.clientOrderId) || (!isDue && since.fillsMissing !== undefined);
  }

  orderByClientId(clientOrderId: string): InFlightOrder | undefined {
    return this.#orders.find(clientOrderId)?.order;
  }

  orderByExchangeId(tradingPair: TradingPair, exchangeOrderId: string): InFlightOrder | undefined {
    return this.#orders.findByExchangeId(tradingPair, exchangeOrderId)?.order;
  }

  /** True for an order of ours that has not ended. */
  isTracked({ tradingPair, clientOrderId = "", exchangeOrderId }: VenueOrder): boolean {
    const order = this.orderByExchangeId(tradingPair, exchangeOrderId) ?? this.orderByClientId(clientOrderId);
    return order?.isDone === false;
  }

  /** Orders that have not ended, the lost ones apart. */
  get activeOrders(): InFlightOrder[] {
    return this.#orders.selectLive((record) => record.doubt !== "lost");
  }

  /** Those of `activeOrders` that the venue may know: all but the ones whose creation has no answer yet. */
  get listableOrders(): InFlightOrder[] {
    return this.#orders.selectLive(({ doubt, exists }) => (exists || doubt !== undefined) && doubt !== "lost");
  }

  /** Those of `activeOrders` that do more than rest: on their way in or out, in doubt, or with something due. */
  get unquietOrders(): InFlightOrder[] {
    return this.#orders.selectUnquiet((record) => record.doubt !== "lost");
  }

  /** The next `limit` orders that have not ended, round and round; all of them where there are no more. */
  takeTurns(limit: number): InFlightOrder[] {
    return this.#orders.takeTurns(limit);
  }

  get liveCount(): number {
    return this.#orders.liveCount;
  }

  get unknownOrders(): InFlightOrder[] {
    return this.#orders.selectUnquiet((record) => record.doubt === "unknown");
  }

  get lostOrders(): InFlightOrder[] {
    return this.#orders.selectUnquiet((record) => record.doubt === "lost");
  }

  /** Ended orders within their retention. */
  get doneOrders(): InFlightOrder[] {
    return this.#orders.selectDone(() => true);
  }

  get #maxDoneOrders(): number {
    return this.#options.maxDoneOrders ?? DEFAULT_MAX_DONE_ORDERS;
  }

  #doubt(clientOrderId: string, by: "noAnswer" | "notFound", error: unknown): boolean {
    this.#change(clientOrderId, (record) => {
      this.#changes.happened(record, by, error);
      record.doubt = "unknown";
      const event = orderEvent(record, this.#options.clock.now());
      this.#commits.tell(() => this.#options.emit("orderUnknown", event));
    });
    this.#options.logger.warn("the fate of an order is unknown", { clientOrderId, error: describeError(error) });
    return true;
  }

  #change(clientOrderId: string, change: (record: OrderRecord, tracked: TrackedOrder) => void): void {
    const tracked = this.#orders.live(clientOrderId);
    if (tracked === undefined) return;
    this.#commits.run(() => {
      change(tracked.record, tracked);
      this.#commits.changed(tracked.record);
      if (!tracked.record.ended) this.#evidence.settle(tracked);
    });
  }
}
