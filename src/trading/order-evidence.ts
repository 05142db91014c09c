import type { OrderUpdate, TradeUpdate } from "../model/account-update.ts";
import type { PerpwireError } from "../model/error.ts";
import type { Fill } from "../model/fill.ts";
import type { OrderCommits } from "./order-commits.ts";
import { endTeller, orderEvent, orderResult } from "./order-events.ts";
import { currentExchangeOrderId, type OrderRecord } from "./order-record.ts";
import {
  acknowledgeTerms,
  bindExchangeOrderId,
  claimExecution,
  isReadyToEnd,
  noteEnding,
  noteExecutedWhole,
  noteFilledByFills,
  noteMissingFills,
} from "./order-transitions.ts";
import { ParkedUpdates } from "./parked-updates.ts";
import type { TrackedOrder, TrackedOrders } from "./tracked-orders.ts";
import { type ApplyEffect, type ClientOrderTrackerOptions, DEFAULT_MAX_PARKED } from "./tracker-options.ts";

/** What the venue says of orders: finds the order, changes its facts and tells what is new. Called within a commit. */
export class OrderEvidence {
  readonly parked: ParkedUpdates;
  readonly #options: ClientOrderTrackerOptions;
  readonly #orders: TrackedOrders;
  readonly #commits: OrderCommits;

  constructor(options: ClientOrderTrackerOptions, orders: TrackedOrders, commits: OrderCommits) {
    this.#options = options;
    this.#orders = orders;
    this.#commits = commits;
    this.parked = new ParkedUpdates(options.maxParkedUpdates ?? DEFAULT_MAX_PARKED);
  }

  apply(update: OrderUpdate | TradeUpdate): ApplyEffect {
    const { clientOrderId, exchangeOrderId, tradingPair } = update;
    const tracked = this.#orders.find(clientOrderId) ?? this.#orders.findByExchangeId(tradingPair, exchangeOrderId);
    if (tracked !== undefined) {
      return update.type === "order" ? this.#applyOrder(tracked, update) : this.#applyTrade(tracked, update);
    }
    if (update.type === "trade" && this.#options.ledger.has(update)) return { kind: "unchanged", order: undefined };
    if (clientOrderId !== undefined || exchangeOrderId === undefined) return { kind: "external" };
    if (!this.#orders.someAwaitExchangeId(tradingPair)) return { kind: "external" };
    const dropped = this.parked.park({ ...update, exchangeOrderId }, this.#options.clock.now());
    if (dropped !== undefined) this.#commits.tell(() => this.#options.onParkedOverflow?.(dropped));
    return { kind: "parked" };
  }

  /** Ties an exchange order id to the order and gives it what waited for that id. Returns whether it is new. */
  bind(tracked: TrackedOrder, exchangeOrderId: string): boolean {
    if (!this.#orders.bind(tracked, exchangeOrderId)) return false;
    bindExchangeOrderId(tracked.record, exchangeOrderId);
    for (const update of this.parked.takeFor(tracked.record.order.tradingPair, exchangeOrderId)) this.apply(update);
    return true;
  }

  endWhenReady(tracked: TrackedOrder, timestampMs: number): void {
    noteFilledByFills(tracked.record, timestampMs, this.#options.clock.now());
    noteExecutedWhole(tracked.record);
    if (isReadyToEnd(tracked.record)) this.end(tracked);
  }

  end(tracked: TrackedOrder): void {
    const { record } = tracked;
    const { emit, clock } = this.#options;
    record.ended = true;
    record.endedAtMs = clock.now();
    const timestampMs = record.ending?.timestampMs ?? clock.now();
    this.retire(tracked, undefined, timestampMs);
    const { clientOrderId } = record.order;
    this.#commits.owe({ kind: "end", clientOrderId }, endTeller(record, emit, timestampMs));
  }

  /** The order is over: its promises resolve and it is kept for late fills. */
  retire(tracked: TrackedOrder, error: PerpwireError | undefined, timestampMs: number): void {
    const { record, signals } = tracked;
    this.#orders.retire(tracked);
    this.#commits.changed(record);
    const result = orderResult(record, error, timestampMs);
    const exchangeOrderId = currentExchangeOrderId(record);
    signals.accept(result.ok ? { ok: true, exchangeOrderId, timestampMs } : { ok: false, error: result.error });
    signals.finish(result);
  }

  #applyOrder(tracked: TrackedOrder, update: OrderUpdate): ApplyEffect {
    const { record, order } = tracked;
    const nowMs = this.#options.clock.now();
    // A rejection says that the order never rested: it ends the order without the order having been created.
    const isEvidence = update.state !== "failed" || record.exists;
    let isNew = isEvidence && this.#appear(tracked, update.exchangeOrderId, update.timestampMs);
    if (update.exchangeOrderId !== undefined) isNew = this.bind(tracked, update.exchangeOrderId) || isNew;
    isNew = claimExecution(record, update, nowMs) || isNew;
    isNew = acknowledgeTerms(record, update) || isNew;
    isNew = noteEnding(record, update, nowMs) || isNew;
    if (!isNew) return { kind: "unchanged", order };
    noteUpdateTime(record, update.timestampMs);
    this.#commits.changed(record);
    this.endWhenReady(tracked, update.timestampMs);
    return { kind: "applied", order };
  }

  #applyTrade(tracked: TrackedOrder, update: TradeUpdate): ApplyEffect {
    const { record, order, signals } = tracked;
    const { ledger, clock, emit, onFill } = this.#options;
    const fill = fillOf(record, update);
    if (ledger.has(fill)) return { kind: "unchanged", order };
    this.#appear(tracked, update.exchangeOrderId, update.timestampMs);
    this.bind(tracked, update.exchangeOrderId);
    // The same fill may have waited for the exchange order id that this one brought.
    if (!ledger.record(fill)) return { kind: "applied", order };
    noteUpdateTime(record, update.timestampMs);
    noteMissingFills(record, clock.now());
    this.#commits.changed(record);
    signals.log.append(fill);
    const tellFirst = onFill?.(fill);
    if (tellFirst !== undefined) this.#commits.tell(tellFirst);
    this.#commits.owe({ kind: "fill", fill }, () => emit("orderFilled", fill));
    this.endWhenReady(tracked, update.timestampMs);
    return { kind: "applied", order };
  }

  /** Evidence that the order exists beats any refusal and any doubt. Returns whether that was news. */
  #appear(tracked: TrackedOrder, exchangeOrderId: string | undefined, timestampMs: number): boolean {
    const { record, order, signals } = tracked;
    if (record.ended || (record.exists && record.doubt === undefined)) return false;
    if (record.refusal !== undefined) this.#revive(tracked, record.refusal.message);
    const isCreated = !record.exists;
    record.exists = true;
    record.doubt = undefined;
    if (isCreated) {
      const { emit } = this.#options;
      const event = orderEvent(record, timestampMs);
      const named = { ...event, exchangeOrderId: exchangeOrderId ?? event.exchangeOrderId };
      this.#commits.tell(() => emit("orderCreated", named));
      signals.accept({ ok: true, exchangeOrderId: named.exchangeOrderId, timestampMs });
    }
    this.#commits.tell(() => {
      const isDue = record.cancel === "requested" || record.cancel === "unconfirmed";
      if (isDue && record.ending === undefined) this.#options.onCancelDue?.(order);
    });
    return true;
  }

  #revive(tracked: TrackedOrder, refusal: string): void {
    const { clientOrderId } = tracked.record.order;
    this.#options.logger.error("an order that was refused exists", { clientOrderId, refusal });
    tracked.record.refusal = undefined;
    tracked.record.endedAtMs = undefined;
    this.#orders.revive(tracked);
  }
}

function noteUpdateTime(record: OrderRecord, timestampMs: number): void {
  record.lastUpdateMs = Math.max(record.lastUpdateMs ?? timestampMs, timestampMs);
}

function fillOf(record: OrderRecord, update: TradeUpdate): Fill {
  const { order } = record;
  return {
    fillId: update.fillId,
    clientOrderId: order.clientOrderId,
    exchangeOrderId: update.exchangeOrderId,
    tradingPair: update.tradingPair,
    side: update.side,
    positionAction: update.positionAction ?? order.positionAction,
    price: update.price,
    amount: update.amount,
    fee: update.fee,
    isMaker: update.isMaker,
    timestampMs: update.timestampMs,
  };
}
