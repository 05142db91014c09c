import type { OrderUpdate, TradeUpdate } from "../model/account-update.ts";
import { isAbort } from "../model/error.ts";
import { absurdityOf } from "../model/fact-checks.ts";
import type { TradingPair } from "../model/market.ts";
import type { OrderReference, VenueOrder } from "../model/order.ts";
import type { VenueContext } from "../net/venue-api.ts";
import type { Clock, Timers } from "../runtime/runtime.ts";
import type { ClientOrderIdFactory } from "../trading/client-order-id.ts";
import type { ApplyEffect, ClientOrderTracker, EvidenceSource } from "../trading/client-order-tracker.ts";
import type { InFlightOrder } from "../trading/in-flight-order.ts";
import { originalClientOrderId } from "../trading/order-ids.ts";
import type { AccountBooking } from "./account-booking.ts";
import { AccountReading } from "./account-reading.ts";
import type { ExternalOrders } from "./external-orders.ts";
import { inSlices } from "./in-slices.ts";
import type { OrderResolver } from "./order-resolver.ts";
import type { PerpetualVenue } from "./perpetual-venue.ts";

export interface OrderSyncOptions {
  readonly venue: PerpetualVenue;
  readonly tracker: ClientOrderTracker;
  readonly clientOrderIds: Pick<ClientOrderIdFactory, "isOwn">;
  readonly resolver: OrderResolver;
  readonly booking: AccountBooking;
  readonly externalOrders: ExternalOrders;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly context: () => VenueContext;
  readonly tradingPairs: () => readonly TradingPair[];
  /** A poll told of a fill of ours that the stream had not told yet. */
  readonly onFillByPoll?: ((timestampMs: number) => void) | undefined;
  /** Something that cannot be true was told and left out. */
  onAbsurd(update: OrderUpdate | TradeUpdate, reason: string, isPushed: boolean): void;
  /** Balances and positions are read again soon. */
  requestRefresh(): void;
  /** Throws where a market was not answered for and that is not its own fault. */
  throwFailuresOf(reading: AccountReading): void;
}

/** Most orders of others that are asked for one by one after a list; the next list tells of the rest. */
const MAX_OTHERS_ASKED = 10;
const FROM_STREAM: EvidenceSource = { kind: "stream" };
const FROM_ROW: EvidenceSource = { kind: "stream", isPolled: true };

/** Orders and fills of the account: each fact to the order it is of, ours or another's, and what a poll says of them. */
export class OrderSync {
  readonly #options: OrderSyncOptions;
  readonly #toAskLater = new Set<InFlightOrder>();

  constructor(options: OrderSyncOptions) {
    this.#options = options;
  }

  /**
   * Every fact about an order and every fill comes through here, from streams, polls and look-ups alike; `isPushed` when
   * the private stream told it.
   */
  apply(update: OrderUpdate | TradeUpdate, source?: EvidenceSource, isPushed = false): ApplyEffect {
    const { tracker, booking, resolver, onAbsurd } = this.#options;
    const absurdity = absurdityOf(update) ?? tracker.contradictionOf(update, source);
    if (absurdity !== undefined) {
      onAbsurd(update, absurdity, isPushed);
      return { kind: "unchanged", order: undefined };
    }
    if (booking.takesOfVenue(update)) {
      this.#reportExternal(update, source);
      return { kind: "external" };
    }
    const effect = tracker.apply(update, source ?? (isPushed ? FROM_STREAM : FROM_ROW));
    if (effect.kind === "external") this.#reportExternal(update, source);
    if (update.type === "trade") this.#noteFill(update, effect, isPushed);
    if (effect.kind === "applied" && effect.order.state === "unknown") resolver.wake();
    return effect;
  }

  #reportExternal(update: OrderUpdate | TradeUpdate, source: EvidenceSource | undefined): void {
    if (update.type !== "order" || update.order === undefined) return;
    const askedMs = source?.kind === "poll" ? source.askedMs : undefined;
    if (!this.#mayBeForgotten(update.order, askedMs)) this.#options.externalOrders.report(update.order, askedMs);
  }

  /** A row of an order of ours that ended and was forgotten since: a list that is asked for later has the last word. */
  #mayBeForgotten(order: VenueOrder, askedMs = Number.NEGATIVE_INFINITY): boolean {
    const { tracker, clientOrderIds, externalOrders } = this.#options;
    const isOwn = clientOrderIds.isOwn(originalClientOrderId(order.clientOrderId ?? ""));
    return isOwn && askedMs < tracker.forgottenMs && !externalOrders.has(order);
  }

  #noteFill(update: TradeUpdate, { kind }: ApplyEffect, isPushed: boolean): void {
    const { venue, booking, requestRefresh, onFillByPoll } = this.#options;
    if (kind === "external" || kind === "parked") booking.applyForeignTrade(update);
    if (kind === "applied" && !isPushed) onFillByPoll?.(update.timestampMs);
    const { carriesBalances, carriesPositions } = venue.manifest.userStream;
    // A fill changes what no channel tells; an order of somebody else changes the margin as well.
    if (kind !== "unchanged" && !(carriesBalances && carriesPositions)) requestRefresh();
  }

  /**
   * The open orders of the account; then each order of ours that is not among them, by its own status, and each that is
   * among them although it had ended. What streams tell between two slices of the list is newer than all of it.
   */
  async updateOrders(signal: AbortSignal): Promise<void> {
    const { venue, tracker, clock, timers, context, tradingPairs, externalOrders, throwFailuresOf } = this.#options;
    const pause = () => timers.sleep(0, signal);
    const before = tracker.listableOrders;
    const askedMs = clock.monotonic();
    const reading = new AccountReading(context(), signal);
    const open = await venue.derivative.fetchOpenOrders(reading.context, tradingPairs());
    const toAsk = new Set<InFlightOrder>();
    const ids = new Set<string>();
    const applyAll = (slice: readonly VenueOrder[]): void => {
      for (const order of slice) {
        ids.add(order.exchangeOrderId);
        const effect = this.#applyVenueOrder(order, askedMs);
        if (effect.kind !== "contradicted") continue;
        if (effect.lookFromMs <= clock.monotonic()) toAsk.add(effect.order);
        else this.#askFrom(effect.lookFromMs, effect.order, signal);
      }
    };
    await inSlices(open, pause, (slice) => tracker.unit(() => applyAll(slice)));
    await inSlices(before, pause, (slice) => {
      for (const order of slice) if (!isListed(order, ids) && !order.isDone) toAsk.add(order);
    });
    const isWhole = reading.failures.size === 0 && reading.unread("order").length === 0;
    const others = isWhole ? externalOrders.listed(open, tradingPairs(), askedMs) : [];
    await Promise.all([
      ...[...toAsk].map((order) => this.updateOrderStatus(order, askedMs, signal)),
      ...others.slice(0, MAX_OTHERS_ASKED).map((order) => this.#askForOther(order, signal)),
    ]);
    throwFailuresOf(reading);
  }

  /** Asks for an order of somebody else's: one that is not found, or not answered for, is as it was until the next list. */
  async #askForOther(order: VenueOrder, signal: AbortSignal): Promise<void> {
    const { venue, clock, context } = this.#options;
    const askedMs = clock.monotonic();
    try {
      const update = await venue.derivative.requestOrderStatus({ ...context(), signal }, referenceOf(order));
      this.apply(update, { kind: "poll", askedMs });
    } catch (error) {
      if (isAbort(error)) throw error;
    }
  }

  /** Asks for an order's status when no copy of the venue's books can list it any more as what it was. */
  #askFrom(fromMs: number, order: InFlightOrder, signal: AbortSignal): void {
    const { clock, timers } = this.#options;
    if (this.#toAskLater.has(order)) return;
    this.#toAskLater.add(order);
    const waiting = timers.sleep(Math.ceil(fromMs - clock.monotonic()) + 1, signal);
    const ask = () => {
      this.#toAskLater.delete(order);
      return this.updateOrderStatus(order, clock.monotonic(), signal);
    };
    // One that cannot be asked for now is looked up, and the next list tells of it as well.
    waiting.then(ask).catch(() => this.#toAskLater.delete(order));
  }

  /** One order's own status. One that cannot be asked for now is looked up until it can, and holds nothing else up. */
  async updateOrderStatus(order: InFlightOrder, askedMs: number, signal: AbortSignal): Promise<void> {
    const { resolver, tracker } = this.#options;
    if (await resolver.inquire(order, askedMs, signal)) return;
    tracker.markUnlisted(order.clientOrderId);
    resolver.wake();
  }

  #applyVenueOrder(order: VenueOrder, askedMs: number): ApplyEffect {
    const { tradingPair, clientOrderId, exchangeOrderId, state, executedAmount, averagePrice } = order;
    const update: OrderUpdate = {
      type: "order",
      tradingPair,
      clientOrderId,
      exchangeOrderId,
      state,
      executedAmount,
      averagePrice,
      // Time of the last change: by its creation a row could never correct terms.
      timestampMs: order.updatedAtMs ?? order.timestampMs,
      order,
    };
    return this.apply(update, { kind: "poll", askedMs });
  }
}

function referenceOf({ clientOrderId = "", timestampMs, ...order }: VenueOrder): OrderReference {
  return { ...order, clientOrderId, timeInForce: "GTC", createdAtMs: timestampMs };
}

/** Tells that every leg of the order that has not ended is among the ids of a list. */
function isListed({ openExchangeOrderIds: legs }: InFlightOrder, ids: ReadonlySet<string>): boolean {
  return legs.length > 0 && legs.every((id) => ids.has(id));
}
