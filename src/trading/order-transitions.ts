import type { OrderUpdate, TradeUpdate } from "../model/account-update.ts";
import { type Decimal, larger } from "../model/decimal.ts";
import type { VenueOrderState } from "../model/order.ts";
import { amendSequence } from "./order-ids.ts";
import {
  type Amend,
  amountOf,
  awaitsCreation,
  currentLeg,
  type Ending,
  endingOf,
  fillsAddUp,
  isAsked,
  isImmediate,
  type Leg,
  newLeg,
  type OrderRecord,
  priceOf,
  type Term,
} from "./order-record.ts";

/*
 * Changes that one piece of evidence makes in an order's facts. Each returns whether it said anything new, so that repeated
 * and reordered messages have no effect.
 */

/**
 * Origin of an update. `poll`: asked for at this monotonic time, so it has everything that the venue knew then; a
 * second look was made because the first contradicted known facts. `answer`: the answer to one of our requests (0: the
 * creation), which tells the state when the venue took it.
 */
export type EvidenceSource =
  | {
      readonly kind: "stream";
      /** A row without a time of its own question: it counts as a stream's does, and a request brought it. */
      readonly isPolled?: boolean | undefined;
    }
  | {
      readonly kind: "poll";
      readonly askedMs: number;
      readonly isSecondLook?: boolean | undefined;
      /** The order itself was asked for by its client id: the answer's exchange order id is its own. */
      readonly isByClientId?: boolean | undefined;
    }
  | { readonly kind: "answer"; readonly amend: number; readonly isOfCancel?: boolean | undefined };

export const FROM_STREAM: EvidenceSource = { kind: "stream" };

const TERMS: readonly Term[] = ["price", "amount"];

/** Legs beyond this many are folded into one sum, oldest first: a quoter may amend an order for days. */
const MAX_LEGS = 32;

/**
 * Ties an exchange order id to the order, as a leg in the place that its maker has: the answer to a creation may come
 * after that to an amend, and what it names is not what rests.
 */
export function bindExchangeOrderId(record: OrderRecord, exchangeOrderId: string, madeBy?: number): boolean {
  const { legs } = record;
  if (legs.some((leg) => leg.exchangeOrderId === exchangeOrderId)) return false;
  const unnamed = legs.find((leg) => leg.exchangeOrderId === "" && (leg.madeBy ?? madeBy) === madeBy);
  if (unnamed !== undefined) Object.assign(unnamed, { exchangeOrderId, madeBy });
  else {
    const next = legs.findIndex((leg) => madeBy !== undefined && leg.madeBy !== undefined && leg.madeBy > madeBy);
    legs.splice(next < 0 ? legs.length : next, 0, newLeg(exchangeOrderId, madeBy));
  }
  return true;
}

/** Finds the amend that made the leg which an update names, 0 for the creation; undefined: it does not say. */
export function makerOf(
  { order, legs, amends }: OrderRecord,
  { clientOrderId }: Pick<OrderUpdate, "clientOrderId">,
  source: EvidenceSource,
): number | undefined {
  const sequence = amendSequence(order.clientOrderId, clientOrderId);
  if (sequence !== undefined) return sequence;
  if (source.kind === "answer") {
    const { amend: answered } = source;
    if (answered === 0 || amends.some(({ sequence: one, replaces }) => one === answered && replaces)) return answered;
  }
  return clientOrderId === order.clientOrderId && legs.every(({ madeBy }) => madeBy !== 0) ? 0 : undefined;
}

/** Legs that are no longer kept: the oldest but the first one, when they have ended and there are too many. */
export function foldLegs(record: OrderRecord): readonly string[] {
  const { legs } = record;
  const at = legs[0]?.madeBy === 0 ? 1 : 0;
  const folded: string[] = [];
  while (legs.length > MAX_LEGS && legs[at]?.ending !== undefined && fillsAddUp(record)) {
    const [oldest] = legs.splice(at, 1);
    if (oldest === undefined) break;
    record.foldedExecuted = record.foldedExecuted.plus(larger(oldest.executed, oldest.filled));
    folded.push(oldest.exchangeOrderId);
  }
  return folded;
}

/** Tells that an update is of a leg that is no longer kept: its executed amount is counted already. */
export function isFolded({ order, legs }: OrderRecord, update: OrderUpdate | TradeUpdate): boolean {
  if (legs.length < MAX_LEGS || legs.some((leg) => leg.exchangeOrderId === update.exchangeOrderId)) return false;
  const sequence = amendSequence(order.clientOrderId, update.clientOrderId);
  const oldest = legs.find(({ madeBy = 0 }) => madeBy > 0)?.madeBy;
  return sequence !== undefined && oldest !== undefined && sequence < oldest;
}

/** Tells that an update is of an order that an amend was to make, and that the venue refused: it never was a leg. */
export function isRefusedLeg({ order, legs }: OrderRecord, update: OrderUpdate): boolean {
  if (update.state !== "failed" || update.executedAmount?.gt(0) === true) return false;
  if (legs.some(({ exchangeOrderId }) => exchangeOrderId === update.exchangeOrderId)) return false;
  return (amendSequence(order.clientOrderId, update.clientOrderId) ?? 0) > 0;
}

/** The leg that an update is about; one without an id is about the current leg, or about one not named yet. */
export function legOf(record: OrderRecord, exchangeOrderId: string | undefined): Leg {
  const known =
    exchangeOrderId === undefined
      ? currentLeg(record)
      : record.legs.find((leg) => leg.exchangeOrderId === exchangeOrderId);
  if (known !== undefined) return known;
  const leg = newLeg(exchangeOrderId ?? "");
  record.legs.push(leg);
  return leg;
}

/** The total that the venue claims for one exchange order id never goes down. */
export function claimExecution(record: OrderRecord, leg: Leg, update: OrderUpdate): boolean {
  const claimed = claimOf(record, leg, update);
  if (claimed === undefined || claimed.lte(leg.executed)) return false;
  leg.executed = claimed;
  if (update.averagePrice !== undefined) record.venueAveragePrice = update.averagePrice;
  return true;
}

/** Filled without an amount means the whole amount. */
function claimOf(record: OrderRecord, leg: Leg, update: OrderUpdate): Decimal | undefined {
  if (update.executedAmount !== undefined || update.state !== "filled") return update.executedAmount;
  return leg.amount ?? update.order?.amount ?? record.order.amount;
}

/** Price and amount as the venue shows them now; what is older than the last word on them does not count. */
export function acknowledgeTerms(
  record: OrderRecord,
  leg: Leg,
  update: OrderUpdate,
  source: EvidenceSource & { readonly isProgress: boolean },
  nowMs: number,
): boolean {
  const shown = update.order;
  if (shown === undefined || record.ended || !isLastWord(leg, update, source)) return false;
  // Rows of an IOC order that stands for a market order have the bound, which nobody asked for.
  const price = record.order.type === "market" ? leg.price : (shown.price ?? leg.price);
  const isNew = leg.amount?.eq(shown.amount) !== true || !same(leg.price, price);
  leg.amount = shown.amount;
  leg.price = price;
  leg.updatedAtMs = Math.max(leg.updatedAtMs ?? update.timestampMs, update.timestampMs);
  leg.heardMs = nowMs;
  leg.heardFromAmend = source.kind === "answer" ? source.amend : Number.POSITIVE_INFINITY;
  return isNew;
}

/**
 * True when a message has the last word on a leg's terms: by the venue's time, never by arrival. Of messages of one
 * millisecond the stream's later one counts, one that shows more executed than was known or the end, a poll that was
 * asked after the last word, and the answer to a later amend; one that shows less executed than is known, or an open
 * order that has ended, is older.
 */
function isLastWord(leg: Leg, update: OrderUpdate, source: EvidenceSource & { isProgress: boolean }): boolean {
  if (leg.ending !== undefined && isLive(update.state)) return false;
  if (update.executedAmount?.lt(leg.executed) === true) return false;
  if (leg.updatedAtMs === undefined || update.timestampMs > leg.updatedAtMs) return true;
  if (update.timestampMs < leg.updatedAtMs) return false;
  // Binance cuts the amount of an order that only reduces in the millisecond in which it takes and fills it.
  if (source.isProgress || source.kind === "stream") return true;
  return source.kind === "poll" ? source.askedMs >= leg.heardMs : source.amend > leg.heardFromAmend;
}

export function isLive(state: VenueOrderState): boolean {
  return state === "open" || state === "partiallyFilled";
}

function same(a: Decimal | undefined, b: Decimal | undefined): boolean {
  return a === undefined || b === undefined ? a === b : a.eq(b);
}

/** True when a row shows all that an amend set, and may be its outcome. */
export function showsAmend(amend: Amend, update: OrderUpdate): boolean {
  const { order } = update;
  if (order === undefined || amend.progress === "queued" || amend.replaces) return false;
  if (amend.afterMs !== undefined && update.timestampMs < amend.afterMs) return false;
  return isShown(amend, "amount", order) && isShown(amend, "price", order);
}

function isShown(amend: Amend, term: Term, shown: Partial<Record<Term, Decimal | undefined>>): boolean {
  const wanted = amend[term];
  return wanted === undefined || shown[term]?.eq(wanted) === true;
}

/** An amount that is, was or may have been in force: a fill of that time may come much later. */
export function noteAmount(record: OrderRecord, amount: Decimal | undefined): void {
  const { largestAmount } = record;
  if (amount !== undefined && largestAmount !== undefined) record.largestAmount = larger(largestAmount, amount);
}

/** An amend is done: earlier ones no longer say what the order shall become, in the terms that it set. */
export function noteAmendDone(record: OrderRecord, amend: Amend): void {
  const { amendsDone } = record;
  noteAmount(record, amend.amount);
  for (const term of TERMS) {
    if (amend[term] !== undefined) amendsDone[term] = Math.max(amendsDone[term], amend.sequence);
  }
  const at = record.legs.findIndex(({ madeBy }) => madeBy === amend.sequence);
  const leg = amend.replaces ? record.legs[at] : undefined;
  if (leg !== undefined) leg.asked = amend.amount ?? record.legs[at - 1]?.asked;
}

/**
 * Fate of an amend that can no longer arrive and that the order, as it is shown, gives no other sign of. `overtaken`:
 * later amends set all that it set, so that whether it was done in between is not known, and makes no difference.
 */
export function fateOf(record: OrderRecord, amend: Amend): "done" | "overtaken" | "failed" {
  const asked = TERMS.filter((term) => isAsked(record, amend, term));
  if (asked.length === 0) return "overtaken";
  const shown = { price: priceOf(record), amount: amountOf(record) };
  return !amend.replaces && asked.every((term) => isShown(amend, term, shown)) ? "done" : "failed";
}

/** True when an update says first that a leg has ended. */
export function endsLeg(leg: Leg, { state }: OrderUpdate): boolean {
  return leg.ending === undefined && !isLive(state);
}

/** The first end of a leg that the venue reports counts. */
export function noteEnding(record: OrderRecord, leg: Leg, update: OrderUpdate): boolean {
  if (leg.ending !== undefined || record.refusal !== undefined) return false;
  const state = endStateOf(record, leg, update.state);
  if (state === undefined) return false;
  const byUser = state === "canceled" && record.cancel !== "none" ? "user" : undefined;
  leg.ending = {
    state,
    reason: state === "filled" ? undefined : (update.reason ?? byUser ?? update.inferredReason ?? "venue"),
    timestampMs: update.timestampMs,
  };
  return true;
}

function endStateOf(record: OrderRecord, leg: Leg, state: VenueOrderState): Ending["state"] | undefined {
  if (state === "open" || state === "partiallyFilled") return undefined;
  // An order that traded did not fail.
  const hasTraded = record.executed.amount.gt(0) || leg.executed.gt(0);
  return state === "failed" && hasTraded ? "canceled" : state;
}

/** Time since when something is due that the venue has not told: fills, an end, the end of a replaced leg. */
export function noteWhatIsDue(record: OrderRecord, nowMs: number): void {
  const { since } = record;
  const isOpen = !record.ended && record.exists && endingOf(record) === undefined;
  const isWhole = record.executed.amount.gte(amountOf(record));
  since.fillsMissing = dueSince(since.fillsMissing, !fillsAddUp(record), nowMs);
  since.endDue = dueSince(since.endDue, isOpen && (isWhole || isImmediate(record)), nowMs);
  const isReplaced = record.legs.length > 1 && record.legs.slice(0, -1).some((leg) => leg.ending === undefined);
  since.legDue = dueSince(since.legDue, isOpen && (isReplaced || awaitsCreation(record)), nowMs);
}

function dueSince(wasSince: number | undefined, isDue: boolean, nowMs: number): number | undefined {
  return isDue ? (wasSince ?? nowMs) : undefined;
}

/** The amends are no longer followed, and what they ask for may have been in force. */
export function forgetAmends(record: OrderRecord): readonly Amend[] {
  const sent = record.amends.splice(0).filter(({ progress }) => progress !== "queued");
  for (const { amount } of sent) noteAmount(record, amount);
  return sent;
}

/** True when the order is over: the venue said so of every leg, no amend is open, and the fills add up. */
export function isReadyToEnd(record: OrderRecord): boolean {
  return !record.ended && record.refusal === undefined && endingOf(record) !== undefined && fillsAddUp(record);
}

/** The venue no longer knows a leg that another has replaced: it has ended, with the fills that came. */
export function endReplacedLeg(record: OrderRecord, exchangeOrderId: string, timestampMs: number): boolean {
  const ending: Ending = { state: "canceled", reason: "user", timestampMs };
  const { legs } = record;
  if (exchangeOrderId === "" && awaitsCreation(record)) {
    legs.unshift({ ...newLeg("", 0), ending });
    return true;
  }
  const leg = legs.slice(0, -1).find((each) => each.exchangeOrderId === exchangeOrderId);
  if (leg !== undefined) leg.ending ??= ending;
  return leg !== undefined;
}

/** The fills reach the whole amount and the venue no longer knows the order: nothing of it can be left. */
export function endFilledByFills(record: OrderRecord, timestampMs: number): boolean {
  if (record.ended || record.executed.amount.lt(amountOf(record))) return false;
  for (const leg of record.legs) leg.ending ??= { state: "filled", reason: undefined, timestampMs };
  forgetAmends(record);
  return true;
}
