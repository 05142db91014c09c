import type { OrderUpdate, PositionAdjustment, TradeUpdate } from "../model/account-update.ts";
import { ZERO } from "../model/decimal.ts";
import { describeError, isAbort, NotFoundError } from "../model/error.ts";
import type { OrderReference } from "../model/order.ts";
import type { VenueContext } from "../net/venue-api.ts";
import { WakeUp } from "../net/wake-up.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Clock, Timers } from "../runtime/runtime.ts";
import type { ApplyEffect, ClientOrderTracker, EvidenceSource, PendingAmend } from "../trading/client-order-tracker.ts";
import type { InFlightOrder } from "../trading/in-flight-order.ts";
import { assertNames } from "./answer-checks.ts";
import type { ConnectorTimings } from "./connector-options.ts";
import { FillSearch } from "./fill-search.ts";
import { isForgottenUnfilled } from "./forgotten-orders.ts";
import { type Inquiry, LookUps } from "./look-ups.ts";
import type { OrderEntry } from "./order-entry.ts";
import { fetchStatus, findByClientId, isOrderNotFound, requestStatus } from "./order-status.ts";
import type { PerpetualVenue } from "./perpetual-venue.ts";

export interface OrderResolverOptions {
  readonly venue: PerpetualVenue;
  readonly tracker: ClientOrderTracker;
  readonly entry: OrderEntry;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly timings: ConnectorTimings;
  readonly context: () => VenueContext;
  readonly apply: (update: OrderUpdate | TradeUpdate, source?: EvidenceSource) => ApplyEffect;
  /** Tells that the best price has moved past the order's: such an order cannot still rest in the venue's book. */
  readonly isPassed: (order: InFlightOrder) => boolean;
  /** Receiver of the venue's own trades that a search for an order's fills brings along. */
  readonly applyAdjustment: (adjustment: PositionAdjustment) => void;
}

/** One look at an order, for every reason that there is. */
interface DueLook {
  readonly order: InFlightOrder;
  /** A cancel waits for it. */
  readonly isUrgent: boolean;
  readonly delayMs: number;
  readonly maxMs: number;
}

const IDLE_MS = 1_000;
/** Resting orders whose price is held against the book in one turn, and the wait for the next turn where there are more. */
const RESTING_AT_A_TIME = 500;
const NEXT_TURN_MS = 250;
/** Delay after the book with which the private stream may tell of a fill. */
const PASSED_MS = 2_000;
/** The first list of open orders comes before the first look-up, so that a restart asks for each order once. */
const START_DELAY_MS = 500;

/**
 * Looks up what the streams have not told: orders whose fate is unknown, cancels and amends without an answer, orders
 * whose end is due or whose price the book has passed, fills that the venue claims and that have not come. It asks with
 * back-off and only evidence ends it.
 */
export class OrderResolver {
  readonly #options: OrderResolverOptions;
  readonly #wakeUp: WakeUp;
  readonly #lookUps: LookUps;
  readonly #fillSearch: FillSearch;
  /** Orders whose price the book had passed when they were last looked at. */
  readonly #passed = new Set<InFlightOrder>();

  constructor(options: OrderResolverOptions) {
    this.#options = options;
    const { clock, timers } = options;
    this.#wakeUp = new WakeUp(timers);
    this.#fillSearch = new FillSearch({
      ...options,
      isOurs: (clientOrderId) => options.tracker.orderByClientId(clientOrderId) !== undefined,
    });
    this.#lookUps = new LookUps({ clock, onFree: () => this.#wakeUp.wake() });
  }

  /** Something needs a look at once. */
  wake(): void {
    this.#wakeUp.wake();
  }

  /** The loop; runs until aborted. No look-up waits for another's answer. */
  async run(signal: AbortSignal): Promise<void> {
    const { tracker, timers } = this.#options;
    await timers.sleep(START_DELAY_MS, signal);
    for (;;) {
      this.#plan();
      this.#lookUps.startDue(signal);
      tracker.prune();
      const idleMs = tracker.liveCount > RESTING_AT_A_TIME ? NEXT_TURN_MS : IDLE_MS;
      await this.#wakeUp.sleep(this.#lookUps.untilNextMs(idleMs), signal);
    }
  }

  /**
   * Asks for an order's state now, or takes the answer of a look-up that was asked since `sinceMs` (monotonic).
   * Resolves to whether the venue answered.
   */
  inquire(order: InFlightOrder, sinceMs: number, signal: AbortSignal): Promise<boolean> {
    const { clientOrderId } = order;
    return this.#lookUps.now(clientOrderId, sinceMs, signal, (inquiry) => this.#lookUp(order, inquiry, signal));
  }

  /** Everything that needs a look has an inquiry, and nothing else has. */
  #plan(): void {
    const { tracker, timings } = this.#options;
    const [firstMs, longestMs] = timings.resolutionBackOffMs;
    const wanted = new Set<string>();
    for (const { order, isUrgent, delayMs, maxMs } of this.#dueLooks().values()) {
      const { clientOrderId } = order;
      wanted.add(clientOrderId);
      const work = (inquiry: Inquiry, signal: AbortSignal) => this.#lookUp(order, inquiry, signal);
      this.#lookUps.want({ key: clientOrderId, isUrgent, delayMs, firstMs, maxMs, work });
    }
    for (const order of tracker.ordersMissingFills()) {
      const key = `fills ${order.clientOrderId}`;
      wanted.add(key);
      const work = (inquiry: Inquiry, signal: AbortSignal) => this.#fetchMissingFills(order, inquiry, signal);
      this.#lookUps.want({ key, isUrgent: false, delayMs: 0, firstMs, maxMs: longestMs, work });
    }
    this.#lookUps.keep(wanted);
  }

  /**
   * Orders that need a look: one look each, whatever it is for, as urgent and as soon as the most pressing reason asks.
   */
  #dueLooks(): ReadonlyMap<string, DueLook> {
    const { tracker, timings } = this.#options;
    const [, longestMs] = timings.resolutionBackOffMs;
    const looks = new Map<string, DueLook>();
    const add = (order: InFlightOrder, kind: "cancel" | "status", delayMs: number, maxMs = longestMs): void => {
      const known = looks.get(order.clientOrderId);
      looks.set(order.clientOrderId, {
        order,
        isUrgent: kind === "cancel" || known?.isUrgent === true,
        delayMs: Math.min(delayMs, known?.delayMs ?? delayMs),
        maxMs: Math.max(maxMs, known?.maxMs ?? maxMs),
      });
    };
    for (const order of tracker.cancels.pendingOrders()) add(order, "cancel", 0);
    for (const order of tracker.unquietOrders) {
      if (order.state === "unknown") add(order, "status", 0);
      // The first look comes after the time that a confirmation normally takes.
      else if (order.state === "pendingCancel") add(order, "cancel", timings.cancelConfirmationMs);
    }
    for (const order of this.#passedOrders()) add(order, "status", PASSED_MS, timings.lostOrderPollIntervalMs);
    for (const order of tracker.amends.pendingOrders()) add(order, "status", this.#amendDelayMs(order));
    for (const order of tracker.ordersOverdue(timings.missingFillsMs)) add(order, "status", 0);
    for (const order of tracker.lostOrders) add(order, "status", 0, timings.lostOrderPollIntervalMs);
    return looks;
  }

  /** Orders whose price the book has passed: the private stream may be dead. Many orders are looked at in turns. */
  #passedOrders(): ReadonlySet<InFlightOrder> {
    for (const order of [...this.#passed, ...this.#options.tracker.takeTurns(RESTING_AT_A_TIME)]) {
      if (this.#isPassed(order)) this.#passed.add(order);
      else this.#passed.delete(order);
    }
    return this.#passed;
  }

  /** Tells that an order rests as far as is known, and the book says that it does not. */
  #isPassed(order: InFlightOrder): boolean {
    const { tracker, isPassed } = this.#options;
    if (!isPassed(order) || tracker.amends.of(order.clientOrderId).length > 0) return false;
    return order.state === "open" || order.state === "partiallyFilled";
  }

  /** An amend whose answer was lost is looked up at once, one that was queued when its row is due. */
  #amendDelayMs({ clientOrderId }: InFlightOrder): number {
    const isLost = this.#options.tracker.amends.of(clientOrderId).some(({ progress }) => progress === "unconfirmed");
    return isLost ? 0 : this.#options.timings.cancelConfirmationMs;
  }

  async #lookUp(order: InFlightOrder, inquiry: Inquiry, signal: AbortSignal): Promise<boolean> {
    const { tracker, logger, clock, timings } = this.#options;
    const { clientOrderId } = order;
    try {
      await this.#findReplacements(order, signal);
      const askedMs = clock.monotonic();
      for (const reference of order.openReferences()) await this.#requestLeg(reference, askedMs, signal);
      this.#judgeAmends(order, askedMs);
      this.#cancelAgain(order);
      inquiry.fruitlessSinceMs = undefined;
      return true;
    } catch (error) {
      if (isAbort(error)) throw error;
      const isAnswer = isOrderNotFound(this.#options.venue, error);
      if (isAnswer) await this.#notFound(order, inquiry, error, signal);
      else logger.warn("the status of an order could not be asked for", { clientOrderId, error: describeError(error) });
      const isLost = this.#fruitlessMs(inquiry) > timings.lostAfterMs;
      if (isLost && !tracker.endFilledByFills(clientOrderId)) this.#giveUp(order, error);
      return isAnswer;
    }
  }

  /**
   * Computes the time for which looks, this one included, have found nothing. Waiting for a look does not count, and
   * neither does the time of looks which found the order.
   */
  #fruitlessMs(inquiry: Inquiry): number {
    const nowMs = this.#options.clock.monotonic();
    inquiry.fruitlessSinceMs ??= nowMs;
    return nowMs - inquiry.fruitlessSinceMs;
  }

  /** First its fate is unknown, then it is lost: still watched, and still cancelable. */
  #giveUp(order: InFlightOrder, error: unknown): void {
    const { tracker } = this.#options;
    const { clientOrderId, state } = order;
    if (state === "unknown") tracker.markLost(clientOrderId, error);
    else tracker.markMissing(clientOrderId, error);
  }

  /** The order is there and its cancel has no answer, or was waiting for it: canceling twice does no harm. */
  #cancelAgain(order: InFlightOrder): void {
    const { tracker, entry } = this.#options;
    if (order.state === "pendingCancel" || tracker.cancels.isDue(order.clientOrderId)) entry.sendCancel(order);
  }

  /** Asks for one leg; a venue may have forgotten the legs of a chain that were replaced. */
  async #requestLeg(reference: OrderReference, askedMs: number, signal: AbortSignal): Promise<void> {
    const { venue, tracker } = this.#options;
    const { clientOrderId, exchangeOrderId = "" } = reference;
    try {
      await requestStatus(this.#options, reference, askedMs, signal);
    } catch (error) {
      if (!isOrderNotFound(venue, error)) throw error;
      if (tracker.endReplacedLeg(clientOrderId, exchangeOrderId)) return;
      if (!(await findByClientId(this.#options, reference, askedMs, signal))) throw error;
    }
  }

  /**
   * Amends without an answer may have replaced the order: what they made is found by its own client order id. One that
   * cannot be asked for is left for the next look, and hides nothing of the order itself.
   */
  async #findReplacements(order: InFlightOrder, signal: AbortSignal): Promise<void> {
    const { venue, tracker, logger, clock } = this.#options;
    if (venue.manifest.amendStyle !== "replace") return;
    const lost = tracker.amends.of(order.clientOrderId).filter(({ progress }) => progress === "unconfirmed");
    for (const amend of lost) {
      const { clientOrderId, sequence } = amend;
      try {
        await this.#findReplacement(order, amend, signal);
      } catch (error) {
        if (isAbort(error)) throw error;
        if (!isOrderNotFound(venue, error)) {
          logger.warn("what an amend made could not be asked for", { clientOrderId, error: describeError(error) });
        } else if (clock.monotonic() - amend.sinceMs > venue.manifest.createDeadlineMs) {
          // An order that is only not listed as open may have been filled.
          const isProof = venue.manifest.clientOrderId.isQueryable || (await this.#searchFills(order, signal));
          if (isProof) tracker.amends.expired(order.clientOrderId, sequence);
        }
      }
    }
  }

  async #findReplacement(order: InFlightOrder, amend: PendingAmend, signal: AbortSignal): Promise<void> {
    const { apply, clock } = this.#options;
    const askedMs = clock.monotonic();
    const reference = { ...order.reference(), clientOrderId: amend.clientOrderId, exchangeOrderId: undefined };
    const update = await fetchStatus(this.#options, reference, signal);
    assertNames(reference, update);
    apply({ ...update, clientOrderId: amend.clientOrderId }, { kind: "poll", askedMs, isByClientId: true });
  }

  /**
   * Judges amends by a row that was requested when they could no longer arrive: an amend that it does not show was not
   * done. An acknowledgement does not shorten this time, for the venue may still be working, and its lists may lag
   * behind.
   */
  #judgeAmends(order: InFlightOrder, askedMs: number): void {
    const { tracker, venue } = this.#options;
    if (venue.manifest.amendStyle === "replace") return;
    for (const { sequence, progress, sinceMs } of [...tracker.amends.of(order.clientOrderId)]) {
      const isSent = progress === "acknowledged" || progress === "unconfirmed";
      const isLate = askedMs - sinceMs >= venue.manifest.createDeadlineMs;
      if (isSent && isLate) tracker.amends.expired(order.clientOrderId, sequence);
    }
  }

  /**
   * Handles "not found". It proves that an order never existed if three things hold: the request can no longer be
   * accepted, the venue would still remember its id, and no fill of the account is the order's. The deadline runs from
   * the first look, for an order may wait long for its rate limit before it is sent.
   */
  async #notFound(order: InFlightOrder, inquiry: Inquiry, error: unknown, signal: AbortSignal): Promise<void> {
    const { venue, tracker, clock } = this.#options;
    const { createDeadlineMs, retentionMs, clientOrderId: rule } = venue.manifest;
    const { clientOrderId } = order;
    if (tracker.endFilledByFills(clientOrderId)) return;
    if (order.exchangeOrderId !== undefined) {
      if (await isForgottenUnfilled(this.#options, order, this.#ageMs(order), signal)) this.#endForgotten(order);
      else tracker.markMissing(clientOrderId, error);
      return;
    }
    if (clock.monotonic() - inquiry.sinceMs <= createDeadlineMs) return;
    const isSearched = await this.#searchFills(order, signal);
    // Found meanwhile, by the search or by a message.
    if (!isSearched || order.exchangeOrderId !== undefined || order.isDone) return;
    const rememberedMs = Math.min(retentionMs, rule.queryableForMs ?? Number.POSITIVE_INFINITY);
    const ageMs = this.#ageMs(order);
    // An age below zero is a clock that was set: it proves nothing.
    if (rule.isQueryable && ageMs >= 0 && ageMs < rememberedMs) {
      const proof = new NotFoundError(`the venue does not know order ${clientOrderId}: it never arrived`, {
        venue: venue.manifest.name,
        cause: error,
      });
      tracker.fail(clientOrderId, proof);
    } else {
      tracker.markLost(clientOrderId, error);
    }
  }

  /** Resolves to whether every fill of the account since the order was made is known to its order. */
  #searchFills(order: InFlightOrder, signal: AbortSignal): Promise<boolean> {
    // A clock that was set in between moves neither end of the search past the order.
    const madeAtMs = Math.min(order.createdAtMs, this.#options.context().now() - Math.max(0, this.#ageMs(order)));
    return this.#fillSearch.search(order, madeAtMs, signal);
  }

  #endForgotten({ clientOrderId, exchangeOrderId, tradingPair, state: before }: InFlightOrder): void {
    const { apply, context } = this.#options;
    const end = {
      state: "canceled",
      executedAmount: ZERO,
      reason: before === "pendingCancel" ? "user" : undefined,
    } as const;
    apply({ type: "order", tradingPair, clientOrderId, exchangeOrderId, ...end, timestampMs: context().now() });
  }

  /**
   * Age by the monotonic clock, or for an order of an earlier process by the venue's: a step of ours changes neither.
   */
  #ageMs({ clientOrderId, createdAtMs }: InFlightOrder): number {
    return this.#options.tracker.ageMs(clientOrderId) ?? this.#options.context().now() - createdAtMs;
  }

  /** Fetches an order's fills; gives up on those of an ended order after a while, and says so. */
  async #fetchMissingFills(order: InFlightOrder, inquiry: Inquiry, signal: AbortSignal): Promise<boolean> {
    const { tracker, timings, logger, venue, context, apply } = this.#options;
    const { clientOrderId } = order;
    let isAnswered = true;
    try {
      for (const reference of referencesOf(order)) {
        const trades = await venue.derivative.allTradeUpdatesForOrder({ ...context(), signal }, reference);
        for (const trade of trades) apply({ ...trade, clientOrderId });
      }
    } catch (error) {
      if (isAbort(error)) throw error;
      isAnswered = false;
      logger.warn("the fills of an order could not be fetched", { clientOrderId, error: describeError(error) });
    }
    if (this.#fruitlessMs(inquiry) > timings.lostAfterMs) tracker.endWithoutFills(clientOrderId);
    return isAnswered;
  }
}

/** Names the order by each of its exchange order ids, for the fills of a replaced order stay with the old one. */
function referencesOf(order: InFlightOrder): readonly OrderReference[] {
  const reference = order.reference();
  const ids = order.exchangeOrderIds;
  return ids.length === 0 ? [reference] : ids.map((exchangeOrderId) => ({ ...reference, exchangeOrderId }));
}
