import { ProtocolError } from "../model/error.ts";
import { parseIsoTime } from "../model/time.ts";

const LONG_DIGIT_RUN = /\d{16}/;
const INTEGER = /^-?\d+$/;
const EXCERPT_LENGTH = 80;

/**
 * `JSON.parse`, except that an integer that a JavaScript number cannot hold exactly (2^53 and beyond) stays the text
 * that the venue printed. Throws `ProtocolError` with a short excerpt when the text is not JSON.
 */
export function parseJson(text: string): unknown {
  try {
    return LONG_DIGIT_RUN.test(text) ? JSON.parse(text, keepLongInteger) : JSON.parse(text);
  } catch {
    throw new ProtocolError(`not JSON: ${excerpt(text)}`);
  }
}

function keepLongInteger(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const source = context?.source;
  return source !== undefined && INTEGER.test(source) ? source : value;
}

/** The beginning of a text on one line, for an error message. */
export function excerpt(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  if (line === "") return "(empty)";
  return line.length > EXCERPT_LENGTH ? `${line.slice(0, EXCERPT_LENGTH)}...` : line;
}

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
  const text = header?.trim() ?? "";
  if (/^\d+(\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1_000);
  const match = HTTP_DATE.exec(text);
  if (match === null) return undefined;
  const [, day, monthName = "", year, time] = match;
  const month = MONTHS.indexOf(monthName) + 1;
  if (month === 0) return undefined;
  return Math.max(0, parseIsoTime(`${year}-${String(month).padStart(2, "0")}-${day}T${time}Z`) - nowMs);
}
