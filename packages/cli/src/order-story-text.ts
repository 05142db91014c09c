import { type Decimal, sum, ZERO } from "../../../src/model/decimal.ts";
import { isTerminal, type OrderState } from "../../../src/model/order.ts";
import type { Evidence, FactSource, OrderChange } from "../../../src/trading/order-change-codec.ts";
import { amendClientOrderId } from "../../../src/trading/order-ids.ts";
import type { OrderStory } from "../../../src/trading/order-story.ts";
import { isoTime } from "./output.ts";

/** A line of a story: when it was heard here, when it happened by the venue's word, and what it was. */
export interface StoryLine {
  readonly atMs: number;
  readonly venueMs: number | undefined;
  readonly text: string;
}

/** Result of an order, from its history alone. */
export interface StoryEnd {
  readonly state: OrderState;
  readonly reason: string | undefined;
  readonly executedAmount: Decimal;
  readonly averagePrice: Decimal | undefined;
  /** Fees by token; rebates are negative. */
  readonly fees: Readonly<Record<string, Decimal>>;
}

export function titleOf({ order, connectorName }: OrderStory): string {
  const price = order.price === undefined ? "" : ` at ${order.price.toFixed()}`;
  const terms = `${order.side} ${order.amount.toFixed()} ${order.tradingPair}, ${order.type}${price}, ${order.timeInForce}`;
  const only = order.reduceOnly ? ", reduce only" : "";
  return `${order.clientOrderId} (${connectorName}): ${terms}, to ${order.positionAction}${only}`;
}

/** The whole story, a line for each piece of evidence and for each restart. */
export function linesOf(story: OrderStory): readonly StoryLine[] {
  const lines: StoryLine[] = [];
  let before: OrderChange | undefined;
  for (const change of story.changes) {
    if (before !== undefined && change.process !== before.process)
      lines.push(...restarts(story, before.process, change.process));
    lines.push(...linesOfChange(story, change));
    before = change;
  }
  const isLive = !isTerminal(endOf(story).state);
  if (before !== undefined && isLive)
    lines.push(...restarts(story, before.process, Math.max(...story.processes.keys(), 0)));
  return lines;
}

/** Each process after `from` that has taken the order up, until `to`. */
function restarts({ processes }: OrderStory, from: number, to: number): readonly StoryLine[] {
  const lines: StoryLine[] = [];
  for (let number = from + 1; number <= to; number += 1) {
    const process = processes.get(number);
    if (process === undefined) continue;
    const ended = processes.get(number - 1)?.endedMs;
    const end = ended === undefined ? "ended without a word (killed?)" : `stopped at ${isoTime(ended)}`;
    const text = `restart: the process before ${end}; what was under way is in doubt`;
    lines.push({ atMs: process.beganMs, venueMs: undefined, text });
  }
  return lines;
}

function linesOfChange({ order }: OrderStory, change: OrderChange): readonly StoryLine[] {
  const { atMs, by } = change;
  const came = cameTo(change);
  const lines = by.map((evidence) => {
    const venueMs = "atMs" in evidence ? evidence.atMs : undefined;
    return { atMs, venueMs, text: textOf(evidence, order.clientOrderId) };
  });
  const last = lines.pop();
  if (last === undefined) return [{ atMs, venueMs: undefined, text: came }];
  return [...lines, { ...last, text: came === "" ? last.text : `${last.text} -> ${came}` }];
}

function cameTo({ state, reason, exchangeOrderId, price, amount, executed, claimed }: OrderChange): string {
  const parts = [
    state === undefined ? [] : [reason === undefined ? state : `${state} (${reason})`],
    exchangeOrderId === undefined ? [] : [`id ${exchangeOrderId}`],
    price === undefined ? [] : [`price ${price.toFixed()}`],
    amount === undefined ? [] : [`amount ${amount.toFixed()}`],
    executed === undefined ? [] : [`executed ${executed.toFixed()}`],
    claimed === undefined ? [] : [`executed by the venue's word ${claimed.toFixed()}`],
  ];
  return parts.flat().join(", ");
}

const SOURCE_WORDS: Readonly<Record<FactSource, string>> = {
  answer: "the answer",
  stream: "the private stream",
  list: "a list of open orders",
  lookUp: "a look-up of the order",
  row: "a row that was asked for",
};

function textOf(evidence: Evidence, clientOrderId: string): string {
  if ("says" in evidence) {
    const { by, request, says, exchangeOrderId } = evidence;
    const answered = request === "cancel" ? " to the cancel" : request === 0 ? " to the creation" : "";
    const ofAmend = typeof request === "number" && request > 0 ? ` to amend ${request}` : answered;
    const other = exchangeOrderId === undefined ? "" : ` of ${exchangeOrderId}`;
    return `${SOURCE_WORDS[by]}${ofAmend} says ${says}${other}`;
  }
  if (evidence.by === "fill") {
    const { fill, from } = evidence;
    const { fillId, price, amount, isMaker, fees, exchangeOrderId } = fill;
    const paid = fees.map(([token, fee]) => `${fee.toFixed()} ${token}`).join(", ") || "none";
    const leg = exchangeOrderId === "" ? "" : ` of ${exchangeOrderId}`;
    const terms = `${amount.toFixed()} at ${price.toFixed()}, ${isMaker ? "maker" : "taker"}, fee ${paid}`;
    return `fill ${fillId}${leg}: ${terms} (${SOURCE_WORDS[from]})`;
  }
  const { by, amend, price, amount, code, text } = evidence;
  const terms = [
    price === undefined ? [] : [`price ${price}`],
    amount === undefined ? [] : [`amount ${amount}`],
  ].flat();
  const named =
    amend === undefined ? "" : `amend ${amend} (${amendClientOrderId(clientOrderId, amend)}), ${terms.join(" and ")}, `;
  const why = text === undefined ? "" : `: ${code === undefined ? "" : `${code}: `}${text}`;
  return `${named}${HAPPENED[by]}${why}`;
}

const HAPPENED: Readonly<Record<Exclude<Evidence["by"], FactSource | "fill">, string>> = {
  created: "journalled, before anything of it was sent",
  refused: "refused",
  notSent: "not sent",
  noAnswer: "its creation had no answer",
  calledBack: "called back before anything of it was sent",
  notFound: "a look-up did not find it",
  gaveUp: "looks have found nothing for too long",
  filledByFills: "the venue no longer tells of it, and its fills reach the whole amount",
  fillsGivenUp: "fills that the venue claims did not come",
  legNotFound: "a look-up did not find what was replaced",
  cancelWanted: "cancel asked for",
  cancelSent: "cancel sent",
  cancelRefused: "cancel refused",
  cancelUnanswered: "cancel without an answer",
  amendWanted: "asked for",
  amendSent: "sent",
  amendQueued: "acknowledged, which is no acceptance",
  amendUnanswered: "without an answer",
  amendDone: "done",
  amendNotDone: "not done",
};

export function endOf({ changes }: OrderStory): StoryEnd {
  const fills = changes.flatMap(({ by }) => by.flatMap((each) => (each.by === "fill" ? [each.fill] : [])));
  const executedAmount = sum(fills.map(({ amount }) => amount));
  const cost = sum(fills.map(({ price, amount }) => price.times(amount)));
  const fees: Record<string, Decimal> = {};
  for (const [token, fee] of fills.flatMap((fill) => fill.fees)) fees[token] = (fees[token] ?? ZERO).plus(fee);
  return {
    state: changes.findLast(({ state }) => state !== undefined)?.state ?? "pendingCreate",
    reason: changes.findLast(({ reason }) => reason !== undefined)?.reason,
    executedAmount,
    averagePrice: executedAmount.isZero() ? undefined : cost.div(executedAmount),
    fees,
  };
}

/** Describes an order's end or present state in a line. */
export function endText(end: StoryEnd): string {
  const { state, reason, executedAmount, averagePrice } = end;
  const why = reason === undefined ? "" : ` (${reason})`;
  const price = averagePrice === undefined ? "" : ` at ${averagePrice.toFixed()} on average`;
  const fees = Object.entries(end.fees).map(([token, fee]) => `${fee.toFixed()} ${token}`);
  const paid = fees.length === 0 ? "" : `, fees ${fees.join(", ")}`;
  const verb = isTerminal(state) ? "ended" : "it is";
  return `${verb} ${state}${why}; executed ${executedAmount.toFixed()}${price}${paid}`;
}
