import { Decimal, ZERO } from "../model/decimal.ts";
import { isAbort, NotFoundError, NotSentError, OrderRejectedError, outcomeOf } from "../model/error.ts";
import type { VenueOrder } from "../model/order.ts";
import type { VenueRequest } from "../net/venue-api.ts";
import type { InFlightOrder } from "../trading/in-flight-order.ts";
import type { AmendTerms } from "../trading/order-amends.ts";
import { AmendQueue } from "./amend-queue.ts";
import { assertAnswers } from "./answer-checks.ts";
import { intentOf, type OrderEntryOptions, tellRuleRefused } from "./order-entry-options.ts";
import type { AmendOrder, PlacedOrder } from "./perpetual-venue.ts";

/** Sends amends, those of one order in their turn where they replace it, and tells the tracker what is known of their fate. */
export class AmendRequests {
  readonly #options: OrderEntryOptions;
  readonly #queue = new AmendQueue();

  constructor(options: OrderEntryOptions) {
    this.#options = options;
  }

  /** Calls back the amends of an order that wait to be sent. */
  withdraw(clientOrderId: string): void {
    this.#queue.withdraw(clientOrderId);
  }

  /** Calls back the amends that wait to be sent, of every order. */
  withdrawAll(): void {
    this.#queue.withdrawAll();
  }

  /**
   * Resolves when the venue has taken the amend, rejects with why it has not; an unknown outcome is looked up. Where
   * the venue only queues it, a later row tells whether it was done: `orderAmended` or `orderAmendFailed`.
   */
  async amend(order: InFlightOrder, change: AmendTerms, signal: AbortSignal): Promise<void> {
    const { venue, api, tracker, onDoubt } = this.#options;
    const { amendOrder } = venue.derivative;
    if (amendOrder === undefined) throw new OrderRejectedError(`${venue.manifest.name} cannot amend orders`);
    const { clientOrderId } = order;
    const replaces = venue.manifest.amendStyle === "replace";
    const amend = tracker.amends.requested(clientOrderId, change, replaces);
    if (amend === undefined) throw new NotFoundError(`order ${clientOrderId} has ended`);
    const { sequence } = amend;
    const setsAll = venue.manifest.amendSets === "allTerms";
    // Read when it leaves: amends before it may have been refused by then.
    const terms = () => (setsAll ? tracker.amends.wholeTerms(clientOrderId, sequence) : change);
    const make = (set: AmendTerms) => {
      wanted = amendOf(order, set, amend.clientOrderId);
      return amendOrder(this.#options.context().markets, order.reference(), wanted);
    };
    let placing: VenueRequest<PlacedOrder> | undefined;
    let sent: AmendTerms = {};
    let wanted: AmendOrder | undefined;
    const prepare = () => {
      sent = terms();
      placing = make(sent);
      tracker.amends.sent(clientOrderId, sequence, sent);
      return placing.request;
    };
    const intent = intentOf(this.#options, { name: `an amend of order ${clientOrderId}`, prepare });
    const turn = this.#queue.enter(clientOrderId, intent, replaces);
    try {
      await turn.come;
      if (replaces) this.#assertOnlyAmend(clientOrderId, sequence);
      const payload = await api.send(make(terms()).request, signal, intent);
      if (placing === undefined) throw new NotSentError(`an amend of order ${clientOrderId} was not made`);
      const placed = placing.parse(payload);
      const nowMs = this.#options.context().now();
      assertAnswers({ clientOrderId, tradingPair: order.tradingPair }, placed, tracker, nowMs);
      const told = replaces && wanted !== undefined ? replacementOf(order, placed, wanted, nowMs) : placed;
      const answer = answerOf(told, amend.clientOrderId);
      const refusal = tracker.amends.answered(clientOrderId, sequence, answer, replaces ? undefined : sent);
      if (refusal !== undefined) throw refusal;
    } catch (error) {
      tellRuleRefused(this.#options, error);
      const isProof = isAbort(error) ? intent.state !== "sent" : outcomeOf(error) === "definite";
      if (isProof) tracker.amends.refused(clientOrderId, sequence, error);
      else tracker.amends.unconfirmed(clientOrderId, sequence, error);
      onDoubt();
      throw error;
    } finally {
      intent.settled();
      turn.leave();
    }
  }

  /** A venue that replaces takes the amends of an order one after the other: each names what the last one made. */
  #assertOnlyAmend(clientOrderId: string, sequence: number): void {
    const earlier = this.#options.tracker.amends.of(clientOrderId).find((each) => each.sequence < sequence);
    if (earlier === undefined) return;
    throw new OrderRejectedError(`an earlier amend of order ${clientOrderId} has no answer yet`, {
      code: "AMEND_PENDING",
      retry: "later",
      hint: "its fate is being looked up; amend again when `targetPrice` and `price` agree",
    });
  }
}

/** The executed amount is read when the request is made, for a venue that replaces asks only for what is left. */
function amendOf(order: InFlightOrder, { price, amount }: AmendTerms, clientOrderId: string): AmendOrder {
  const executedAmount = Decimal.max(order.executedAmount, order.venueExecutedAmount);
  return { price, amount, executedAmount, clientOrderId };
}

/** A row of the replacement bears its own client order id, and that tells which amend made it. */
function answerOf({ exchangeOrderId, update }: PlacedOrder, clientOrderId: string) {
  return { exchangeOrderId, update: update && { ...update, clientOrderId: update.clientOrderId ?? clientOrderId } };
}

/** An answer that names the new order alone says by that that it has the terms which were asked for (Hyperliquid). */
function replacementOf(order: InFlightOrder, placed: PlacedOrder, wanted: AmendOrder, nowMs: number): PlacedOrder {
  const { exchangeOrderId } = placed;
  if (placed.update !== undefined || exchangeOrderId === undefined) return placed;
  const { tradingPair, side, type } = order;
  const { clientOrderId, price = order.price, amount = order.amount, executedAmount } = wanted;
  const named = { tradingPair, clientOrderId, exchangeOrderId, state: "open", timestampMs: nowMs } as const;
  const terms = { side, type, price, amount: amount.minus(executedAmount), reduceOnly: order.reduceOnly };
  const row: VenueOrder = { ...named, ...terms, executedAmount: ZERO };
  return { ...placed, update: { ...named, type: "order", order: row } };
}
