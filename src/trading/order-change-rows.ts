import type { JsonFields } from "./json-fields.ts";

/*
 * Keys of the history of orders. Days come first, so that what is forgotten together lies together and the rows of one
 * order are found day by day, without a look at those of the others.
 */

const DAY_MS = 86_400_000;
const DAY_DIGITS = 7;
const PROCESS_DIGITS = 9;

/** The day that a row of the history stands under. */
export function dayOf(atMs: number): string {
  return String(Math.max(0, Math.floor(atMs / DAY_MS))).padStart(DAY_DIGITS, "0");
}

/** Key of the day's rows of an order; ids of clients have no control characters. */
export function orderDayKey(day: string, clientOrderId: string): string {
  return `${day}|${clientOrderId}\n`;
}

export function orderChangeKey(clientOrderId: string, number: number, atMs: number): string {
  return `${orderDayKey(dayOf(atMs), clientOrderId)}${number}`;
}

/** The order that a row of the history is of; undefined for a key that is none. */
export function orderOfChange(key: string): { readonly day: string; readonly clientOrderId: string } | undefined {
  const [, day, clientOrderId] = /^(\d+)\|(.*)\n\d+$/s.exec(key) ?? [];
  return day === undefined || clientOrderId === undefined ? undefined : { day, clientOrderId };
}

/** Processes are numbered from 1 on. */
export function processKey(number: number): string {
  return String(number).padStart(PROCESS_DIGITS, "0");
}

export interface JournalProcess {
  readonly number: number;
  readonly beganMs: number;
  /** Undefined for one that runs, or that ended without a word. */
  readonly endedMs: number | undefined;
}

/** Throws a `TypeError` that names the field that is broken. */
export function decodeProcess(key: string, fields: JsonFields): JournalProcess {
  return {
    number: Number(key),
    beganMs: fields.number("beganMs"),
    endedMs: fields.optional("endedMs", (from) => from.number("endedMs")),
  };
}
