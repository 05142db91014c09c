import type { OrderUpdate, TradeUpdate } from "../model/account-update.ts";
import { plus } from "../model/decimal.ts";
import { NotSentError, OrderRejectedError, type PerpwireError } from "../model/error.ts";
import type { Fill } from "../model/fill.ts";
import { MAX_COPY_DELAY_MS } from "../model/time.ts";
import type { OrderChanges } from "./order-changes.ts";
import type { OrderCommits } from "./order-commits.ts";
import { canBeLeg, isUnknownLeg, overfillBy } from "./order-contradictions.ts";
import { endTeller, orderEvent, orderResult } from "./order-events.ts";
import {
  type Amend,
  amountOf,
  currentExchangeOrderId,
  type Ending,
  endingOf,
  isSurplusLeft,
  type OrderRecord,
  priceOf,
  stateOf,
} from "./order-record.ts";
import {
  acknowledgeTerms,
  bindExchangeOrderId,
  claimExecution,
  type EvidenceSource,
  endsLeg,
  FROM_STREAM,
  foldLegs,
  forgetAmends,
  isFolded,
  isLive,
  isReadyToEnd,
  isRefusedLeg,
  legOf,
  makerOf,
  noteAmendDone,
  noteAmount,
  noteEnding,
  noteWhatIsDue,
  showsAmend,
} from "./order-transitions.ts";
import { ParkedUpdates } from "./parked-updates.ts";
import type { TrackedOrder, TrackedOrders } from "./tracked-orders.ts";
import { type ApplyEffect, type ClientOrderTrackerOptions, DEFAULT_MAX_PARKED } from "./tracker-options.ts";

/**
 * Evidence of the venue about orders: finds the order, changes its facts and tells the news. Called within a commit.
 */
export class OrderEvidence {
  readonly parked: ParkedUpdates;
  readonly #options: ClientOrderTrackerOptions;
  readonly #orders: TrackedOrders;
  readonly #commits: OrderCommits;
  readonly #changes: OrderChanges;

  constructor(options: ClientOrderTrackerOptions, orders: TrackedOrders, commits: OrderCommits, changes: OrderChanges) {
    this.#options = options;
    this.#orders = orders;
    this.#commits = commits;
    this.#changes = changes;
    this.parked = new ParkedUpdates(options.maxParkedUpdates ?? DEFAULT_MAX_PARKED);
  }

  apply(update: OrderUpdate | TradeUpdate, source: EvidenceSource = FROM_STREAM): ApplyEffect {
    const { clientOrderId, exchangeOrderId, tradingPair } = update;
    const tracked = this.#orders.find(clientOrderId) ?? this.#orders.findByExchangeId(tradingPair, exchangeOrderId);
    if (tracked !== undefined) {
      return update.type === "order"
        ? this.#applyOrder(tracked, update, source)
        : this.#applyTrade(tracked, update, source);
    }
    if (update.type === "trade" && this.#options.ledger.has(update)) return { kind: "unchanged", order: undefined };
    if (clientOrderId !== undefined || exchangeOrderId === undefined) return { kind: "external" };
    // A whole row without a client order id is another's: each order of ours has one, and so has what an amend makes.
    if (update.type === "order" && update.order !== undefined) return { kind: "external" };
    if (!this.#orders.someAwaitExchangeId(tradingPair)) return { kind: "external" };
    const dropped = this.parked.park({ ...update, exchangeOrderId }, this.#options.clock.monotonic());
    if (dropped !== undefined) this.#commits.tell(() => this.#options.onParkedOverflow?.(dropped));
    return { kind: "parked" };
  }

  /** Reason why an update cannot be of the order that it names; undefined where it can. */
  contradictionOf(update: OrderUpdate | TradeUpdate, source: EvidenceSource = FROM_STREAM): string | undefined {
    const { clientOrderId, exchangeOrderId, tradingPair } = update;
    const named = this.#orders.find(clientOrderId);
    if (named !== undefined && this.#isMisnamed(named, update, source))
      return `order ${named.record.order.clientOrderId} under the id ${exchangeOrderId}, which is not its own`;
    const record = (named ?? this.#orders.findByExchangeId(tradingPair, exchangeOrderId))?.record;
    const overfill = record && overfillBy(record, update, this.#isReplaced(record));
    return overfill !== undefined && update.type === "trade" && this.#options.ledger.has(update) ? undefined : overfill;
  }

  /**
   * Tells that a row gives an order a wrong id. Another id comes only of an amend that the venue does by a new order,
   * and never from another order.
   */
  #isMisnamed({ record }: TrackedOrder, update: OrderUpdate | TradeUpdate, source: EvidenceSource): boolean {
    if (!isUnknownLeg(record, update.exchangeOrderId) || isFolded(record, update)) return false;
    const isAsked = source.kind === "poll" && source.isByClientId === true;
    if (!this.#isReplaced(record)) return !isAsked;
    const isAnothers = this.#orders.findByExchangeId(record.order.tradingPair, update.exchangeOrderId) !== undefined;
    return isAnothers || !(isAsked || canBeLeg(record, update, source.kind === "answer"));
  }

  #isReplaced({ amendCount }: OrderRecord): boolean {
    return amendCount > 0 && this.#options.amendsReplace !== false;
  }

  /** Corrects the id of an order: asked for it by client id, the venue tells another. */
  #rename(tracked: TrackedOrder, exchangeOrderId: string): void {
    const leg = tracked.record.legs.at(-1);
    if (leg === undefined || this.#isReplaced(tracked.record) || !isUnknownLeg(tracked.record, exchangeOrderId)) return;
    const { clientOrderId } = tracked.record.order;
    this.#options.logger.warn("an order has another id than was told", { clientOrderId, exchangeOrderId });
    this.#orders.unbind(tracked, leg.exchangeOrderId);
    leg.exchangeOrderId = "";
    leg.madeBy = undefined;
  }

  /**
   * Ties an exchange order id to the order, as the leg that the amend of this sequence made (0: the creation), and gives
   * it what waited for that id. Returns whether it is new.
   */
  bind(tracked: TrackedOrder, exchangeOrderId: string, madeBy: number | undefined): boolean {
    const { record } = tracked;
    if (!this.#orders.bind(tracked, exchangeOrderId)) return false;
    const before = record.legs.findLast((leg) => leg.exchangeOrderId !== "");
    if (!bindExchangeOrderId(record, exchangeOrderId, madeBy)) return true;
    const isLater = before !== undefined && record.legs.at(-1) !== before;
    for (const folded of foldLegs(record)) this.#orders.unbind(tracked, folded);
    for (const update of this.parked.takeFor(record.order.tradingPair, exchangeOrderId)) this.apply(update);
    // A cancel that was sent before went to the leg that this one replaces.
    if (isLater && record.cancel !== "none") {
      record.cancel = "requested";
      this.#commits.tell(() => this.#sendCancelIfDue(tracked));
    }
    this.#commits.changed(record);
    return true;
  }

  /** Takes note of what is due now, and ends the order when nothing is. */
  settle(tracked: TrackedOrder): void {
    const { record } = tracked;
    if (isReadyToEnd(record)) this.end(tracked);
    else if (record.cancel === "none" && isSurplusLeft(record)) this.#cancelSurplus(tracked);
    noteWhatIsDue(record, this.#options.clock.monotonic());
  }

  /** Cancels what the order has become too large by: fills while an amend was on its way come on top of what it asked for. */
  #cancelSurplus(tracked: TrackedOrder): void {
    const { record } = tracked;
    this.#changes.happened(record, "cancelWanted", new OrderRejectedError("all that was asked for is executed"));
    record.cancel = "requested";
    this.#commits.changed(record);
    this.#commits.tell(() => this.#sendCancelIfDue(tracked));
  }

  end(tracked: TrackedOrder): void {
    const { record } = tracked;
    const { emit, clock } = this.#options;
    const ending = endingOf(record);
    for (const amend of forgetAmends(record)) {
      const error = new OrderRejectedError("the order ended before the amend was done");
      this.#changes.amend(record, "amendNotDone", amend, error);
      this.tellAmendFailed(record, amend, error);
    }
    record.ended = true;
    record.endedAtMs = clock.now();
    record.since.ended = clock.monotonic();
    const timestampMs = ending?.timestampMs ?? clock.now();
    this.retire(tracked, undefined, timestampMs);
    const { clientOrderId } = record.order;
    this.#commits.owe({ kind: "end", clientOrderId }, endTeller(record, emit, timestampMs));
  }

  /** Nothing of the order was sent, and nothing will be. */
  endNeverSent(tracked: TrackedOrder, ending: Ending): void {
    const { clientOrderId } = tracked.record.order;
    const error = new NotSentError(`order ${clientOrderId} was called back before it was sent`);
    tracked.signals.accept({ ok: false, error });
    legOf(tracked.record, undefined).ending = ending;
    this.end(tracked);
  }

  /** The order is over: its promises resolve and it is kept for late fills. */
  retire(tracked: TrackedOrder, error: PerpwireError | undefined, timestampMs: number): void {
    const { record, signals } = tracked;
    record.since.ended ??= this.#options.clock.monotonic();
    this.#orders.retire(tracked);
    this.#commits.changed(record);
    const result = orderResult(record, error, timestampMs);
    const exchangeOrderId = currentExchangeOrderId(record);
    signals.accept(result.ok ? { ok: true, exchangeOrderId, timestampMs } : { ok: false, error: result.error });
    signals.finish(result);
  }

  /** The venue, or proof that it did not happen, has spoken: the amend is no longer under way. */
  resolveAmend(record: OrderRecord, amend: Amend, isDone: boolean, error?: unknown): void {
    const at = record.amends.indexOf(amend);
    if (at < 0) return;
    record.amends.splice(at, 1);
    this.#changes.amend(record, isDone ? "amendDone" : "amendNotDone", amend, error);
    if (isDone) noteAmendDone(record, amend);
    this.#commits.changed(record);
  }

  tellAmendFailed(record: OrderRecord, amend: Amend, error: PerpwireError): void {
    const { emit, clock } = this.#options;
    const { price, amount } = amend;
    const event = { ...orderEvent(record, clock.now()), asked: { price, amount }, error };
    this.#commits.tell(() => emit("orderAmendFailed", event));
  }

  #applyOrder(tracked: TrackedOrder, update: OrderUpdate, source: EvidenceSource): ApplyEffect {
    const { record, order } = tracked;
    if (isFolded(record, update)) return { kind: "unchanged", order };
    if (isRefusedLeg(record, update)) return this.#refuseLeg(tracked, update);
    noteAmount(record, update.order?.amount);
    const lookFromMs = contradictedFrom(record, update, source);
    if (lookFromMs !== undefined) {
      const isProof = source.kind === "poll" && source.isSecondLook === true && source.askedMs >= lookFromMs;
      if (!isProof) return { kind: "contradicted", order, lookFromMs };
      this.#reopen(tracked);
    }
    const [priceBefore, amountBefore] = [priceOf(record), amountOf(record)];
    const wasKnown = record.exists;
    // A rejection says that the order never rested: it ends the order without the order having been created.
    const isEvidence = update.state !== "failed" || record.exists;
    let isNew = isEvidence && this.#appear(tracked, update.exchangeOrderId, update.timestampMs);
    if (update.exchangeOrderId !== undefined && source.kind === "poll" && source.isByClientId === true)
      this.#rename(tracked, update.exchangeOrderId);
    if (update.exchangeOrderId !== undefined)
      isNew = this.bind(tracked, update.exchangeOrderId, makerOf(record, update, source)) || isNew;
    const leg = legOf(record, update.exchangeOrderId);
    const isMore = claimExecution(record, leg, update);
    const isProgress = isMore || endsLeg(leg, update);
    isNew = acknowledgeTerms(record, leg, update, { ...source, isProgress }, this.#options.clock.monotonic()) || isNew;
    isNew = isMore || isNew;
    isNew = this.#resolveAmends(record, update) || isNew;
    isNew = noteEnding(record, leg, update) || isNew;
    record.since.unlisted = undefined;
    if (!isNew) return { kind: "unchanged", order };
    this.#changes.fact(record, update, source);
    noteUpdateTime(record, update.timestampMs);
    this.#commits.changed(record);
    const isChanged = !amountOf(record).eq(amountBefore) || priceOf(record)?.eq(priceBefore ?? 0) === false;
    if (wasKnown && isChanged && !record.ended) this.#tellAmended(record, update.timestampMs);
    if (!record.ended) this.settle(tracked);
    return { kind: "applied", order };
  }

  /** The venue ended what the amend was to replace and refused what was to take its place: that was never the order. */
  #refuseLeg(tracked: TrackedOrder, update: OrderUpdate): ApplyEffect {
    const { record, order } = tracked;
    const amend = record.amends.find(({ clientOrderId }) => clientOrderId === update.clientOrderId);
    if (amend === undefined) return { kind: "unchanged", order };
    const error = new OrderRejectedError(`the venue refused what an amend of order ${order.clientOrderId} was to make`);
    this.tellAmendFailed(record, amend, error);
    this.resolveAmend(record, amend, false, error);
    noteUpdateTime(record, update.timestampMs);
    if (!record.ended) this.settle(tracked);
    return { kind: "applied", order };
  }

  /** The venue lists it as open, twice: what was heard of its end was not true, or is of another leg. */
  #reopen(tracked: TrackedOrder): void {
    const { record } = tracked;
    this.#options.logger.error("an order that had ended is open at the venue", {
      clientOrderId: record.order.clientOrderId,
      state: stateOf(record),
    });
    record.ended = false;
    record.endedAtMs = undefined;
    record.since.ended = undefined;
    for (const leg of record.legs) leg.ending = undefined;
    this.#orders.revive(tracked);
    this.#commits.changed(record);
  }

  #resolveAmends(record: OrderRecord, update: OrderUpdate): boolean {
    const { clientOrderId, amendRefusal } = update;
    let isNew = false;
    for (const amend of [...record.amends]) {
      const isRefused = amendRefusal !== undefined && amendRefusal.clientOrderId === amend.clientOrderId;
      if (!isRefused && amend.clientOrderId !== clientOrderId && !showsAmend(amend, update)) continue;
      const error = isRefused ? new OrderRejectedError(amendRefusal.reason) : undefined;
      if (error !== undefined) this.tellAmendFailed(record, amend, error);
      this.resolveAmend(record, amend, !isRefused, error);
      isNew = true;
    }
    return isNew;
  }

  #tellAmended(record: OrderRecord, timestampMs: number): void {
    const event = orderEvent(record, timestampMs);
    this.#commits.tell(() => this.#options.emit("orderAmended", event));
  }

  #applyTrade(tracked: TrackedOrder, update: TradeUpdate, source: EvidenceSource): ApplyEffect {
    const { record, order, signals } = tracked;
    const { ledger, emit, onFill } = this.#options;
    const fill = fillOf(record, update);
    if (ledger.has(fill)) return { kind: "unchanged", order };
    this.#appear(tracked, update.exchangeOrderId, update.timestampMs);
    this.bind(tracked, update.exchangeOrderId, makerOf(record, update, FROM_STREAM));
    // The same fill may have waited for the exchange order id that this one brought.
    if (!ledger.record(fill)) return { kind: "applied", order };
    this.#changes.fill(record, fill, source);
    const leg = legOf(record, update.exchangeOrderId);
    leg.filled = plus(leg.filled, update.amount);
    noteUpdateTime(record, update.timestampMs);
    this.#commits.changed(record);
    signals.log.append(fill);
    const tellFirst = onFill?.(fill);
    if (tellFirst !== undefined) this.#commits.tell(tellFirst);
    this.#commits.owe({ kind: "fill", fill }, () => emit("orderFilled", fill));
    if (!record.ended) this.settle(tracked);
    else noteWhatIsDue(record, this.#options.clock.monotonic());
    return { kind: "applied", order };
  }

  /** Evidence that the order exists beats any refusal and any doubt. Returns whether that was news. */
  #appear(tracked: TrackedOrder, exchangeOrderId: string | undefined, timestampMs: number): boolean {
    const { record, signals } = tracked;
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
    this.#commits.tell(() => this.#sendCancelIfDue(tracked));
    return true;
  }

  #sendCancelIfDue({ record, order }: TrackedOrder): void {
    const isDue = record.cancel === "requested" || record.cancel === "unconfirmed";
    if (isDue && !record.ended && endingOf(record) === undefined) this.#options.onCancelDue?.(order);
  }

  #revive(tracked: TrackedOrder, refusal: string): void {
    const { record } = tracked;
    this.#options.logger.error("an order that was refused exists", {
      clientOrderId: record.order.clientOrderId,
      refusal,
    });
    record.refusal = undefined;
    record.endedAtMs = undefined;
    record.since.ended = undefined;
    this.#orders.revive(tracked);
  }
}

/**
 * An order that has ended is listed as open by a poll that was asked after its end was heard. Returns the monotonic time from
 * which on a second look tells whether it is, for a copy of the venue's books that is behind lists it for a while; undefined
 * where nothing is contradicted.
 */
function contradictedFrom(
  record: OrderRecord,
  { state, exchangeOrderId }: OrderUpdate,
  source: EvidenceSource,
): number | undefined {
  if (!record.ended || !isLive(state) || source.kind !== "poll") return undefined;
  const isLeg = record.legs.some((leg) => leg.exchangeOrderId === exchangeOrderId) || exchangeOrderId === undefined;
  const { ended: endedMs = Number.NEGATIVE_INFINITY } = record.since;
  if (!isLeg) return Number.NEGATIVE_INFINITY;
  return source.askedMs >= endedMs ? endedMs + MAX_COPY_DELAY_MS : undefined;
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
    realizedPnl: update.realizedPnl,
    isMaker: update.isMaker,
    timestampMs: update.timestampMs,
  };
}
