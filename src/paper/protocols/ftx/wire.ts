import { civilTime } from "../../../model/time.ts";
import { formatAmount } from "../../engine/amount.ts";
import { SCALE_DIGITS, UNIT } from "../../engine/types.ts";

/**
 * FTX was written in Python, and its floats reach the wire as `repr(float)` prints them: `60388.0`, `7.5e-05`. Clients
 * hash that very text in the book's checksum. A `bigint` here is an amount of the engine (1e-8) and prints as a float;
 * a `number` is an id or a count and prints bare; a `WireFloat` is a float that is no amount, such as epoch seconds.
 */
export type WireValue =
  | null
  | boolean
  | string
  | number
  | bigint
  | WireFloat
  | readonly WireValue[]
  | { readonly [key: string]: WireValue };

export type WireObject = { readonly [key: string]: WireValue };

export class WireFloat {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** Digits that a double holds exactly enough to print back; FTX's wire is a double. */
const MAX_EXACT_DIGITS = 15;
/** Amount below which Python turns to exponents: 1e-4, in units of 1e-8 that is 10,000. */
const EXPONENT_BELOW: bigint = UNIT / 10_000n;
const POSITIONAL_LIMIT: bigint = 10n ** 16n * UNIT;

/** Amounts of at most 15 digits that need no exponent. */
const PLAIN_UNIT = Number(UNIT);
const PLAIN_FROM = PLAIN_UNIT / 10_000;
const PLAIN_BELOW = 1e15;

/** The text Python's `repr` prints for the float nearest to an amount. */
export function amountText(amount: bigint): string {
  const value = Math.abs(Number(amount));
  if (value >= PLAIN_FROM && value < PLAIN_BELOW) {
    const text = formatAmount(amount);
    return value % PLAIN_UNIT === 0 ? `${text}.0` : text;
  }
  const magnitude = amount < 0n ? -amount : amount;
  const digits = magnitude.toString().replace(/0+$/, "");
  if (digits.length > MAX_EXACT_DIGITS || magnitude >= POSITIONAL_LIMIT) return floatText(Number(formatAmount(amount)));
  const sign = amount < 0n ? "-" : "";
  if (magnitude === 0n) return "0.0";
  if (magnitude < EXPONENT_BELOW) {
    const exponent = SCALE_DIGITS + 1 - magnitude.toString().length;
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : "";
    return `${sign}${digits.slice(0, 1)}${fraction}e-${String(exponent).padStart(2, "0")}`;
  }
  const plain = formatAmount(magnitude);
  return `${sign}${plain}${plain.includes(".") ? "" : ".0"}`;
}

/** Python's `repr(float)` of a double. JavaScript's own text turns to exponents only below 1e-6 and from 1e21. */
export function floatText(value: number): string {
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const magnitude = Math.abs(value);
  if (magnitude >= 1e-4 && magnitude < 1e16) return Number.isInteger(value) ? value.toFixed(1) : String(value);
  const [mantissa = "", exponent = ""] = value.toExponential().split("e");
  return `${mantissa}e${exponent.slice(0, 1)}${exponent.slice(1).padStart(2, "0")}`;
}

/** `2022-09-01T12:00:00.123456+00:00`; on a whole second without fraction, as Python's `isoformat` prints it. */
export function isoText(timestampMs: number): string {
  const { date, time, micros } = civilTime(timestampMs);
  return micros === 0 ? `${date}T${time}+00:00` : `${date}T${time}.${String(micros).padStart(6, "0")}+00:00`;
}

export function epochSeconds(timestampMs: number): WireFloat {
  return new WireFloat(Math.round(timestampMs * 1_000) / 1_000_000);
}

/** REST bodies are compact. */
export function restJson(value: WireValue): string {
  return jsonText(value, ",", ":");
}

/** WebSocket frames have the spaces of Python's `json.dumps`. */
export function frameJson(value: WireValue): string {
  return jsonText(value, ", ", ": ");
}

function jsonText(value: WireValue, comma: string, colon: string): string {
  if (value === null) return "null";
  switch (typeof value) {
    case "boolean":
    case "number":
      return String(value);
    case "bigint":
      return amountText(value);
    case "string":
      return stringText(value);
  }
  if (value instanceof WireFloat) return floatText(value.value);
  return isList(value) ? listText(value, comma, colon) : objectText(value, comma, colon);
}

function listText(list: readonly WireValue[], comma: string, colon: string): string {
  let text = "";
  for (const item of list) text += `${text === "" ? "" : comma}${jsonText(item, comma, colon)}`;
  return `[${text}]`;
}

function objectText(object: WireObject, comma: string, colon: string): string {
  let text = "";
  for (const key of Object.keys(object)) {
    const item = object[key] ?? null;
    text += `${text === "" ? "" : comma}${stringText(key)}${colon}${jsonText(item, comma, colon)}`;
  }
  return `{${text}}`;
}

function isList(value: readonly WireValue[] | WireObject): value is readonly WireValue[] {
  return Array.isArray(value);
}

/** Text that JSON writes as it is. */
const PLAIN_TEXT = /^[ !#-[\]-~]*$/;

/** Python escapes everything beyond ASCII. */
function stringText(text: string): string {
  if (PLAIN_TEXT.test(text)) return `"${text}"`;
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
