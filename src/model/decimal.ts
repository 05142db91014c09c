import { Decimal as DecimalJs } from "decimal.js";

/**
 * Exact decimal arithmetic: money is never a JavaScript float. One private clone of decimal.js, so that a host program
 * that reconfigures its own copy changes nothing here.
 */
export const Decimal = DecimalJs.clone({
  precision: 80,
  rounding: DecimalJs.ROUND_HALF_EVEN,
  // Text and JSON never use an exponent: venues and people read "0.0000001", not "1e-7".
  toExpNeg: -9e15,
  toExpPos: 9e15,
});
export type Decimal = DecimalJs;

/** What an amount or a price may be given as. Text from another Decimal library works through its `toFixed()`. */
export type DecimalInput = Decimal | string;

export const ZERO: Decimal = new Decimal(0);
export const ONE: Decimal = new Decimal(1);

const PLAIN_NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;

/** Parses an amount. Rejects JavaScript numbers, which have lost digits before they arrive here, NaN and infinities. */
export function decimal(value: DecimalInput): Decimal {
  if (value instanceof Decimal) return value;
  const foreign: unknown = value;
  const text = isForeignDecimal(foreign) ? foreign.toFixed() : foreign;
  if (typeof text !== "string") {
    throw new TypeError(`an amount must be a string or a Decimal, got ${typeof text} ${String(text)}`);
  }
  if (!PLAIN_NUMBER.test(text)) throw new TypeError(`"${text}" is not a decimal number`);
  return new Decimal(text);
}

/** A Decimal of another copy of decimal.js, or of a library with the same `toFixed()`. */
function isForeignDecimal(value: unknown): value is { toFixed(): string } {
  return typeof value === "object" && value !== null && "toFixed" in value && typeof value.toFixed === "function";
}

/**
 * A JSON number as the venue printed it. Shortest round-trip text equals the wire's for every double that the venue
 * itself printed from a double; venues that send decimal text never come through here.
 */
export function decimalOfWireNumber(value: number): Decimal {
  if (!Number.isFinite(value)) throw new TypeError(`${value} is not a finite number`);
  return new Decimal(String(value));
}

export function sum(values: Iterable<Decimal>): Decimal {
  let total = ZERO;
  for (const value of values) total = total.plus(value);
  return total;
}
