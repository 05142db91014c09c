import { MAX_NUMBER_LENGTH } from "../model/decimal.ts";
import { ProtocolError } from "../model/error.ts";
import { parseIsoTime } from "../model/time.ts";

/**
 * Numbers that a double may not hold as they are printed: of 16 digits in a row, of 18 with a point among them, and
 * those with so small an exponent that they would come to 0. A number follows a mark of JSON; a text of digits follows
 * its quote, and ids of orders are such texts on most venues.
 */
const INEXACT = /(?:^|[:,[\s])-?(?:[\d.]{0,99}\d{16}|\d[\d.]{18}|[\d.]{1,99}[eE]-\d{3}|[\d.]{100})/;
/** Sixteen digits or points in a row, or a small exponent: each of those has them, and hardly any other text. */
const MAYBE = /[\d.][\d.][\d.][\d.][\d.][\d.][\d.][\d.][\d.][\d.][\d.][\d.][\d.][\d.][\d.][\d.]|[eE]-\d\d\d/;
const INTEGER = /^-?\d+$/;
/** Digits of a number that every double keeps. */
const EXACT_DIGITS = 17;
const EXCERPT_LENGTH = 80;
const MAX_EXCERPTED = 1_000;

/**
 * `JSON.parse`, except that a number that a JavaScript number cannot hold exactly (integers from 2^53 up, more than 17
 * digits) stays the text that the venue printed. Throws `ProtocolError` with a short excerpt when the text is not JSON.
 */
export function parseJson(text: string): unknown {
  try {
    return mayBeInexact(text) ? JSON.parse(text, keepInexactNumber) : JSON.parse(text);
  } catch {
    throw new ProtocolError(`not JSON: ${excerpt(text)}`);
  }
}

/** False where `JSON.parse` alone keeps every number as it is printed. */
export function mayBeInexact(text: string): boolean {
  // Looking for so many signs that are each written out takes an eighth of the time.
  return MAYBE.test(text) && INEXACT.test(text);
}

function keepInexactNumber(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== "number" || (value !== 0 && Number.isSafeInteger(value))) return value;
  const source = context?.source;
  if (source === undefined) return value;
  const isLongInteger = value !== 0 && INTEGER.test(source);
  return isLongInteger || isInexact(source, value) ? source : value;
}

function isInexact(source: string, value: number): boolean {
  if (source.length > MAX_NUMBER_LENGTH) return true;
  const [mantissa = ""] = source.split(/[eE]/, 1);
  const digits = mantissa.replaceAll(/[-.]/g, "").replaceAll(/^0+|0+$/g, "");
  return value === 0 ? digits !== "" : digits.length > EXACT_DIGITS;
}

/** JSON text of what a venue sent. A row that is nested thousands deep is parsed, and cannot be written by recursion. */
export function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return "(too deep to be shown)";
  }
}

const NOTHING = "(empty)";

/** The beginning of a text on one line, for an error message. */
export function excerpt(text: string): string {
  const line = text.slice(0, MAX_EXCERPTED).replaceAll(/\s+/g, " ").trim();
  if (line === "") return NOTHING;
  return line.length > EXCERPT_LENGTH ? `${line.slice(0, EXCERPT_LENGTH)}...` : line;
}

/** A page of a proxy, or nothing, instead of an answer of the API: its words are no words of the venue's. */
export const isPage = (text: string): boolean => text === NOTHING || /^\s*(<|$)/.test(text);

/**
 * A page instead of the API's own JSON, from the firewall in front of it; but not the one that turns away a country,
 * which no waiting helps.
 */
export function isFirewallPage(text: string): boolean {
  return /^\s*</.test(text) && !/country|region|restricted/i.test(text);
}

const HTTP_DATE = /^[A-Z][a-z]{2}, (\d{2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}:\d{2}:\d{2}) GMT$/;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A `Retry-After` header (seconds or an HTTP date) as milliseconds from now; undefined when absent or unreadable. */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  const text = header?.slice(0, MAX_EXCERPTED).trim() ?? "";
  if (/^\d{1,9}(\.\d{1,9})?$/.test(text)) return Math.ceil(Number(text) * 1_000);
  const match = HTTP_DATE.exec(text);
  if (match === null) return undefined;
  const [, day, monthName = "", year, time] = match;
  const month = MONTHS.indexOf(monthName) + 1;
  if (month === 0) return undefined;
  return Math.max(0, parseIsoTime(`${year}-${String(month).padStart(2, "0")}-${day}T${time}Z`) - nowMs);
}
