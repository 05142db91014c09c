import { type Decimal, larger, plus, ZERO } from "../model/decimal.ts";
import type { OrderReference, OrderState, OrderToPlace, TerminalReason } from "../model/order.ts";
import type { FillTotals } from "./fill-ledger.ts";
import type { Shown } from "./shown-order.ts";

export type EndState = "filled" | "canceled" | "expired" | "failed";

/** The venue's word that an order, or one leg of it, ended; the order is done when its fills add up as well. */
export interface Ending {
  readonly state: EndState;
  readonly reason: TerminalReason | undefined;
  readonly timestampMs: number;
}

/** A refusal that proves that the order never existed, until evidence of existence beats it. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly timestampMs: number;
}

/** `requested`: to be sent as soon as possible; `sent`: waiting for the answer; `unconfirmed`: the answer was lost. */
export type CancelProgress = "none" | "requested" | "sent" | "unconfirmed";

/**
 * One order at the venue. An order of ours is one leg where amends change it in place, and a chain of legs where each
 * amend replaces it by a new one.
 */
export interface Leg {
  /** Empty until the venue has named it. */
  exchangeOrderId: string;
  /** Sequence of the amend that made it, 0 for the creation; undefined: not known. */
  madeBy: number | undefined;
  /** Terms as the venue last showed them; undefined until it has. */
  price: Decimal | undefined;
  amount: Decimal | undefined;
  /** The whole order's amount that the amend which made it asked for; undefined: no amend of ours did, or none is known. */
  asked: Decimal | undefined;
  /** The venue's claim, which never goes down. */
  executed: Decimal;
  /** The sum of its fills that came. */
  filled: Decimal;
  ending: Ending | undefined;
  /** The venue's time of the terms; undefined until it has told any. Never compared with our clock. */
  updatedAtMs: number | undefined;
  /**
   * Monotonic time when the terms were heard in this process, and the amend whose answer told them; for messages of one
   * time.
   */
  heardMs: number;
  heardFromAmend: number;
}

/**
 * `queued`: not sent; `sent`: without an answer; `acknowledged`: the venue queued it, which is no acceptance;
 * `unconfirmed`: its answer was lost.
 */
export type AmendProgress = "queued" | "sent" | "acknowledged" | "unconfirmed";

/** One amend whose fate is not known yet. An answer speaks for the amend that it answers, never for a later one. */
export interface Amend {
  /** Grows with each amend of the order, and is never used again. */
  readonly sequence: number;
  /** Client order id of the order that takes the place of the old one, where the venue replaces. */
  readonly clientOrderId: string;
  /** Terms that its request sets; one that is undefined stays as it is at the venue. */
  price: Decimal | undefined;
  amount: Decimal | undefined;
  readonly replaces: boolean;
  progress: AmendProgress;
  /** The venue's time of the leg's terms when it was asked for: what shows it is later. */
  readonly afterMs: number | undefined;
  /** Time since when it has been as it is, monotonic, in this process. */
  sinceMs: number;
}

/** One of the terms that an amend can change. */
export type Term = "price" | "amount";

/**
 * The facts about one order. They only ever grow, so that late and reordered messages cannot move it backwards; its
 * state is computed from them.
 */
export interface OrderRecord {
  readonly order: OrderToPlace;
  readonly createdAtMs: number;
  /** Legs in the order in which the venue made them, whatever the order in which they were heard of. */
  readonly legs: Leg[];
  /** Executed amount of legs that are no longer kept. */
  foldedExecuted: Decimal;
  /** Oldest first. */
  readonly amends: Amend[];
  amendCount: number;
  /**
   * The largest amount that has been in force, or may have been: what was ordered, told, or asked for by an amend that is
   * not proven refused. Undefined where an earlier version amended it and kept none.
   */
  largestAmount: Decimal | undefined;
  /** Sequence of the latest amend known to be done that set the term; 0: none. */
  readonly amendsDone: Record<Term, number>;
  /** The venue has shown that the order exists or existed. */
  exists: boolean;
  doubt: "unknown" | "lost" | undefined;
  refusal: Refusal | undefined;
  cancel: CancelProgress;
  /** The order ended and its fills add up, or were given up. */
  ended: boolean;
  /** End of the order by the wall clock. */
  endedAtMs: number | undefined;
  /** Amount of fills that the venue claims and never gave; told with the end. */
  missingAmount: Decimal;
  venueAveragePrice: Decimal | undefined;
  /** The venue's latest time; undefined until it has spoken. Never compared with our clock. */
  lastUpdateMs: number | undefined;
  /** Rows that its history has, and the latest of them, as JSON, that are kept here and nowhere else. */
  changes: number;
  recentChanges: { readonly rows: number; readonly text: string };
  /** State that its history shows in this process, with the reports of the unit that is under way. */
  shown: Shown | undefined;
  evidence: string;
  /** Sums of the fill ledger, kept live by it. */
  readonly executed: FillTotals;
  /** Monotonic times of this process, not kept. */
  readonly since: OrderTimes;
}

export interface OrderTimes {
  created: number | undefined;
  /** The venue has claimed more than the fills that have come. */
  fillsMissing: number | undefined;
  /** The fills reach the whole amount, or the order was never to rest, and the venue has not said that it ended. */
  endDue: number | undefined;
  /** A list of open orders left it out, and its own status could not be asked for. */
  unlisted: number | undefined;
  /** A leg has been replaced and has not been told to have ended. */
  legDue: number | undefined;
  ended: number | undefined;
}

export function newOrderRecord(order: OrderToPlace, createdAtMs: number, executed: FillTotals): OrderRecord {
  return {
    order,
    createdAtMs,
    legs: [],
    foldedExecuted: ZERO,
    amends: [],
    amendCount: 0,
    largestAmount: order.amount,
    amendsDone: { price: 0, amount: 0 },
    exists: false,
    doubt: undefined,
    refusal: undefined,
    cancel: "none",
    ended: false,
    endedAtMs: undefined,
    missingAmount: ZERO,
    venueAveragePrice: undefined,
    lastUpdateMs: undefined,
    changes: 0,
    recentChanges: NO_CHANGES,
    shown: undefined,
    evidence: "",
    executed,
    since: newOrderTimes(),
  };
}

/** No rows of a history. */
export const NO_CHANGES: OrderRecord["recentChanges"] = { rows: 0, text: "" };

export function newOrderTimes(): OrderTimes {
  return {
    created: undefined,
    fillsMissing: undefined,
    endDue: undefined,
    unlisted: undefined,
    legDue: undefined,
    ended: undefined,
  };
}

export function newLeg(exchangeOrderId: string, madeBy?: number): Leg {
  return {
    exchangeOrderId,
    madeBy,
    price: undefined,
    amount: undefined,
    asked: undefined,
    executed: ZERO,
    filled: ZERO,
    ending: undefined,
    updatedAtMs: undefined,
    heardMs: Number.NEGATIVE_INFINITY,
    heardFromAmend: 0,
  };
}

/** The leg that rests: the newest that has not ended, or the newest. */
export function currentLeg(record: OrderRecord): Leg | undefined {
  if (record.legs.length < 2) return record.legs[0];
  return record.legs.findLast((leg) => leg.ending === undefined) ?? record.legs.at(-1);
}

export function currentExchangeOrderId(record: OrderRecord): string | undefined {
  return currentLeg(record)?.exchangeOrderId || undefined;
}

/** Legs that have not ended, as far as the venue has told. */
export function openLegs(record: OrderRecord): readonly Leg[] {
  return record.legs.filter((leg) => leg.ending === undefined);
}

/**
 * True when an amend has replaced what the creation made, and the venue has told nothing of that yet: it may have traded,
 * and on FTX its fills bear no client order id.
 */
export function awaitsCreation({ legs }: OrderRecord): boolean {
  return legs.length > 0 && legs.every(({ madeBy = 0 }) => madeBy > 0);
}

/** Amount that the venue claims was executed, over all legs. */
export function venueExecutedAmount(record: OrderRecord): Decimal {
  let executed = record.foldedExecuted;
  for (const leg of record.legs) executed = plus(executed, leg.executed);
  return executed;
}

/** Price as the venue last showed it, or as sent. */
export function priceOf(record: OrderRecord): Decimal | undefined {
  return record.order.type === "market" ? undefined : (countedLegs(record).at(-1)?.price ?? record.order.price);
}

/** The whole order's amount: what the legs before the newest executed, and the amount of the newest. */
export function amountOf(record: OrderRecord): Decimal {
  const legs = countedLegs(record);
  let others = record.foldedExecuted;
  for (let index = 0; index < legs.length - 1; index += 1) others = plus(others, executedOf(legs[index] as Leg));
  const amount = legs.at(-1)?.amount;
  // Terms that are not told of the newest leg are the rest that the others leave of the order.
  const total = amount === undefined ? record.order.amount : plus(others, amount);
  return larger(total, record.executed.amount);
}

/** Fills may come before the venue's own figure, and after it. */
function executedOf({ executed, filled }: Leg): Decimal {
  return larger(executed, filled);
}

/** A leg that came to nothing after one that was filled whole was refused: there was nothing left to replace. */
function countedLegs(record: OrderRecord): readonly Leg[] {
  if (record.legs.length < 2) return record.legs;
  const whole = record.legs.findIndex(isFilledWhole);
  if (whole < 0) return record.legs;
  return record.legs.filter((leg, index) => index <= whole || leg.ending === undefined || executedOf(leg).gt(0));
}

function isFilledWhole({ ending, executed, amount }: Leg): boolean {
  return ending?.state === "filled" || (ending !== undefined && amount !== undefined && executed.gte(amount));
}

/** False once a later amend that set the term is known to be done. */
export function isAsked(record: OrderRecord, amend: Amend, term: Term): boolean {
  return amend[term] !== undefined && amend.sequence > record.amendsDone[term];
}

/** The amount that the last amend under way asks for, unless a later one is done; else the order's amount. */
export function targetAmountOf(record: OrderRecord, upTo = record.amendCount): Decimal {
  return lastAsking(record, "amount", upTo)?.amount ?? amountOf(record);
}

/**
 * Amount that an amend of the price alone asks for where it replaces the order: what was asked for last, without the fills
 * that came while an amend was on its way and made the order larger. Each such amend added to it, and none took it back.
 */
export function askedAmountOf(record: OrderRecord, upTo: number): Decimal {
  const target = targetAmountOf(record, upTo);
  const asked = countedLegs(record).at(-1)?.asked;
  return asked === undefined || lastAsking(record, "amount", upTo) !== undefined || asked.gte(target) ? target : asked;
}

/** True where all that was asked for is executed, and the venue has more of the order, for amends have made it larger. */
export function isSurplusLeft(record: OrderRecord): boolean {
  if (record.amendCount === 0) return false;
  const asked = countedLegs(record).at(-1)?.asked;
  if (asked === undefined || record.amends.length > 0 || openLegs(record).length === 0) return false;
  const executed = larger(record.executed.amount, venueExecutedAmount(record));
  return executed.gte(asked) && executed.lt(amountOf(record));
}

export function targetPriceOf(record: OrderRecord, upTo = record.amendCount): Decimal | undefined {
  return lastAsking(record, "price", upTo)?.price ?? priceOf(record);
}

/** The last amend under way that asks for a term, of those up to a sequence. */
function lastAsking(record: OrderRecord, term: Term, upTo: number): Amend | undefined {
  return record.amends.findLast((amend) => amend.sequence <= upTo && isAsked(record, amend, term));
}

/**
 * The largest amount that can still be true, whichever of the amends under way the venue takes, and as long as legs
 * that were replaced have not been told to have ended.
 */
function largestAmountOf(record: OrderRecord): Decimal {
  const { legs, order } = record;
  let rest: Decimal = ZERO;
  for (let index = 0; index < legs.length - 1; index += 1) {
    const leg = legs[index] as Leg;
    if (leg.ending === undefined) rest = plus(rest, (leg.amount ?? order.amount).minus(executedOf(leg)));
  }
  let largest = amountOf(record);
  for (const { amount } of record.amends) if (amount !== undefined) largest = larger(largest, amount);
  return plus(largest, rest);
}

/** The largest amount that may have been in force at any time, amends under way included; undefined: not known. */
export function largestAmountEver({ largestAmount, amends }: OrderRecord): Decimal | undefined {
  let largest = largestAmount;
  for (const { amount } of amends) if (amount !== undefined) largest = largest && larger(largest, amount);
  return largest;
}

/** Amount that can still be filled at most; zero once the venue has said that the order ended. */
export function openAmountOf(record: OrderRecord): Decimal {
  if (record.ended || record.refusal !== undefined || endingOf(record) !== undefined) return ZERO;
  const executed = larger(record.executed.amount, venueExecutedAmount(record));
  const largest = largestAmountOf(record);
  if (executed.isZero()) return largest;
  return largest.lte(executed) ? ZERO : largest.minus(executed);
}

/**
 * The order's end by the venue's word: every leg is known and has ended, and no amend can bring another. The end of a leg that an
 * amend may have replaced is provisional until the amend's fate is known.
 */
export function endingOf(record: OrderRecord): Ending | undefined {
  const { legs, amends } = record;
  if (legs.length === 0) return undefined;
  for (const leg of legs) if (leg.ending === undefined) return undefined;
  for (const amend of amends) if (amend.replaces && amend.progress !== "queued") return undefined;
  if (awaitsCreation(record)) return undefined;
  const ending = countedLegs(record).at(-1)?.ending;
  if (ending === undefined || ending.state === "filled" || ending.state === "failed") return ending;
  const isWhole = larger(record.executed.amount, venueExecutedAmount(record)).gte(amountOf(record));
  return isWhole ? { ...ending, state: "filled", reason: undefined } : ending;
}

export function stateOf(record: OrderRecord): OrderState {
  const ending = endingOf(record);
  if (record.ended && ending !== undefined) return ending.state;
  if (record.refusal !== undefined) return "failed";
  if (record.doubt !== undefined) return record.doubt;
  if (!record.exists) return "pendingCreate";
  if (ending !== undefined) return "awaitingFills";
  if (record.cancel === "sent" || record.cancel === "unconfirmed") return "pendingCancel";
  return record.executed.amount.gt(0) || venueExecutedAmount(record).gt(0) ? "partiallyFilled" : "open";
}

/** True for an order that rests, or trades, with nothing under way, in doubt or due. */
export function isQuiet(record: OrderRecord): boolean {
  const { exists, doubt, refusal, cancel, ended, amends, since } = record;
  if (!exists || ended || doubt !== undefined || refusal !== undefined) return false;
  if (cancel !== "none" || amends.length > 0) return false;
  const isDue = since.fillsMissing ?? since.endDue ?? since.unlisted ?? since.legDue;
  return isDue === undefined && endingOf(record) === undefined;
}

export function fillsAddUp(record: OrderRecord): boolean {
  return record.executed.amount.gte(venueExecutedAmount(record));
}

/** An order that never rests: it trades at once, and what is left of it ends. */
export function isImmediate({ order }: OrderRecord): boolean {
  return order.type === "market" || order.timeInForce !== "GTC";
}

export function averagePriceOf(record: OrderRecord): Decimal | undefined {
  const { amount, cost } = record.executed;
  return amount.gt(ZERO) ? cost.div(amount) : record.venueAveragePrice;
}

/** Reference that the venue needs to find the order, or one leg of it. */
export function referenceOf(record: OrderRecord, leg = currentLeg(record)): OrderReference {
  const { order } = record;
  return {
    clientOrderId: order.clientOrderId,
    exchangeOrderId: leg?.exchangeOrderId || undefined,
    tradingPair: order.tradingPair,
    side: order.side,
    amount: targetAmountOf(record),
    price: targetPriceOf(record),
    type: order.type,
    timeInForce: order.timeInForce,
    createdAtMs: record.createdAtMs,
    reduceOnly: order.reduceOnly,
    positionMode: order.positionMode,
  };
}
