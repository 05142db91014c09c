import type { OrderUpdate } from "../model/account-update.ts";
import { type Decimal, storedDecimal } from "../model/decimal.ts";
import type { Fill } from "../model/fill.ts";
import type { OrderState } from "../model/order.ts";
import { quoted } from "./json-fields.ts";
import {
  amountOf,
  currentExchangeOrderId,
  endingOf,
  type OrderRecord,
  priceOf,
  stateOf,
  venueExecutedAmount,
} from "./order-record.ts";
import type { Shown } from "./shown-order.ts";

const HAPPENINGS = [
  "created",
  "refused",
  "notSent",
  "noAnswer",
  "calledBack",
  "notFound",
  "gaveUp",
  "filledByFills",
  "fillsGivenUp",
  "legNotFound",
  "cancelWanted",
  "cancelSent",
  "cancelRefused",
  "cancelUnanswered",
  "amendWanted",
  "amendSent",
  "amendQueued",
  "amendUnanswered",
  "amendDone",
  "amendNotDone",
] as const;
const SOURCES = ["answer", "stream", "list", "lookUp", "row"] as const;

/** Happening of an order: its own, one of its requests', or a look-up that did not find it. */
export type OrderHappening = (typeof HAPPENINGS)[number];

/**
 * Source of a fact of the venue: the answer to a request, a frame of a stream, a list of orders, a look-up of the order
 * itself, or another row that was asked for.
 */
export type FactSource = (typeof SOURCES)[number];

export interface ToldFill {
  readonly fillId: string;
  readonly exchangeOrderId: string;
  readonly price: Decimal;
  readonly amount: Decimal;
  readonly isMaker: boolean;
  /** Fees by token; rebates are negative. */
  readonly fees: readonly (readonly [token: string, amount: Decimal])[];
}

/** One piece of evidence; times are the venue's, epoch milliseconds. */
export type Evidence =
  | {
      readonly by: FactSource;
      /** Request that it answers: 0 the creation, a cancel, or an amend by its sequence. */
      readonly request?: number | "cancel" | undefined;
      readonly says: OrderUpdate["state"];
      readonly exchangeOrderId?: string | undefined;
      readonly atMs: number;
    }
  | { readonly by: "fill"; readonly from: FactSource; readonly fill: ToldFill; readonly atMs: number }
  | {
      readonly by: OrderHappening;
      /** Sequence of the amend that it is about, and what that asks for. */
      readonly amend?: number | undefined;
      readonly price?: string | undefined;
      readonly amount?: string | undefined;
      readonly code?: string | undefined;
      readonly text?: string | undefined;
    };

/** A change as the history has it; of what the order is after it only what is new. */
export interface OrderChange extends ChangePlace, Readonly<Partial<Omit<Shown, "price">>> {
  readonly price?: Decimal | undefined;
  readonly by: readonly Evidence[];
}

/** Place of a change: its number in the order's history, its time here, and the process on the journal that made it. */
export interface ChangePlace {
  readonly number: number;
  readonly atMs: number;
  readonly process: number;
}

/*
 * A row is a JSON list, its times whole milliseconds since the order's creation: an order's record, which has its latest
 * rows, stays within what SQLite keeps on one page (1,002 bytes), and an order's life takes little room.
 */

/** Writes an order's news as the end of a row's text, and remembers them as told; empty where nothing is new. */
export function changesText(shown: Shown, record: OrderRecord): string {
  let text = "";
  const state = stateOf(record);
  if (state !== shown.state) text = `"state":"${state}",`;
  const reason = endingOf(record)?.reason;
  if (reason !== undefined && reason !== shown.reason) text += `"reason":"${reason}",`;
  const id = currentExchangeOrderId(record);
  if (id !== undefined && id !== shown.exchangeOrderId) text += `"id":${quoted(id)},`;
  const price = priceOf(record);
  if (isOther(shown.price, price)) text += `"price":"${price.toFixed()}",`;
  const amount = amountOf(record);
  if (isOther(shown.amount, amount)) text += `"amount":"${amount.toFixed()}",`;
  const executed = record.executed.amount;
  if (isOther(shown.executed, executed)) text += `"executed":"${executed.toFixed()}",`;
  const claimed = venueExecutedAmount(record);
  if (isOther(shown.claimed, claimed) && !claimed.eq(executed)) text += `"claimed":"${claimed.toFixed()}",`;
  Object.assign(shown, { state, reason, exchangeOrderId: id, price, amount, executed, claimed });
  return text === "" ? "" : `,{${text.slice(0, -1)}}`;
}

function isOther(before: Decimal | undefined, now: Decimal | undefined): now is Decimal {
  return now !== before && now !== undefined && before?.eq(now) !== true;
}

export function rowText(number: number, offsetMs: number, process: number, evidence: string, changed: string): string {
  return `[${number},${Math.round(offsetMs)},${process},[${evidence}]${changed}]`;
}

/** `id` is absent where it is the order's own; `request` is what an answer answers. */
export function factText(
  by: FactSource,
  says: OrderUpdate["state"],
  offsetMs: number,
  id: string | undefined,
  request: number | "cancel" | undefined,
): string {
  const answered = request === undefined ? "" : request === "cancel" ? ',"cancel"' : `,${request}`;
  return `["${by}","${says}",${Math.round(offsetMs)},${id === undefined ? 0 : quoted(id)}${answered}]`;
}

export function fillText(
  from: FactSource,
  { fillId, price, amount, isMaker }: Fill,
  offsetMs: number,
  id: string | undefined,
  fees: ToldFill["fees"],
): string {
  const terms = `"${price.toFixed()}","${amount.toFixed()}",${isMaker ? 1 : 0}`;
  let text = `["fill","${from}",${Math.round(offsetMs)},${quoted(fillId)},${id === undefined ? 0 : quoted(id)},${terms}`;
  for (const [token, fee] of fees) text += `,${quoted(token)},"${fee.toFixed()}"`;
  return `${text}]`;
}

export function happeningText(what: OrderHappening, details: object | undefined): string {
  return details === undefined ? `["${what}"]` : `["${what}",${JSON.stringify(details)}]`;
}

/** Throws a `TypeError` for what is no row. */
export function decodeRow(row: unknown, baseMs: number): OrderChange {
  if (!Array.isArray(row)) throw new TypeError("a change is not a list");
  const [number, offsetMs, process, evidence, changed] = row as readonly unknown[];
  if (typeof number !== "number" || typeof offsetMs !== "number" || typeof process !== "number")
    throw new TypeError("a change has no number, time or process");
  if (!Array.isArray(evidence)) throw new TypeError("a change has no list of evidence");
  const shown = decodeShown((changed ?? {}) as Readonly<Record<string, string | undefined>>);
  const by = evidence.map((each) => decodeEvidence(each, baseMs));
  return { number, atMs: baseMs + offsetMs, process, by, ...shown };
}

function decodeShown({
  state,
  reason,
  id,
  price,
  amount,
  executed,
  claimed,
}: Readonly<Record<string, string | undefined>>) {
  return {
    ...(state === undefined ? {} : { state: state as OrderState }),
    ...(reason === undefined ? {} : { reason }),
    ...(id === undefined ? {} : { exchangeOrderId: id }),
    ...(price === undefined ? {} : { price: storedDecimal(price) }),
    ...(amount === undefined ? {} : { amount: storedDecimal(amount) }),
    ...(executed === undefined ? {} : { executed: storedDecimal(executed) }),
    ...(claimed === undefined ? {} : { claimed: storedDecimal(claimed) }),
  };
}

function decodeEvidence(row: unknown, baseMs: number): Evidence {
  if (!Array.isArray(row)) throw new TypeError("a piece of evidence is not a list");
  const [by, ...rest] = row as readonly unknown[];
  if (by === "fill") {
    const [from, offsetMs, fillId, id, price, amount, role, ...paid] = rest;
    const fees = paid.flatMap((token, at) =>
      at % 2 === 0 ? [[String(token), storedDecimal(String(paid[at + 1]))] as const] : [],
    );
    const fill = {
      fillId: String(fillId),
      exchangeOrderId: id === 0 ? "" : String(id),
      price: storedDecimal(String(price)),
      amount: storedDecimal(String(amount)),
      isMaker: role === 1,
      fees,
    };
    return { by, from: wordOf(from, SOURCES), fill, atMs: baseMs + Number(offsetMs) };
  }
  if (SOURCES.some((source) => source === by)) {
    const [says, offsetMs, id, request] = rest;
    return {
      by: wordOf(by, SOURCES),
      says: String(says) as OrderUpdate["state"],
      atMs: baseMs + Number(offsetMs),
      exchangeOrderId: id === 0 ? undefined : String(id),
      request: request as number | "cancel" | undefined,
    };
  }
  return { ...(rest[0] as object | undefined), by: wordOf(by, HAPPENINGS) };
}

function wordOf<Word extends string>(value: unknown, words: readonly Word[]): Word {
  const word = words.find((each) => each === value);
  if (word === undefined) throw new TypeError(`"${String(value)}" is no evidence`);
  return word;
}
