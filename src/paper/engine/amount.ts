import { MAX_NUMBER_LENGTH } from "../../model/decimal.ts";
import { absolute } from "./arithmetic.ts";
import { SCALE_DIGITS, UNIT } from "./types.ts";

const SCALE = 10 ** SCALE_DIGITS;
const PLAIN = /^([+-]?)(\d+)(?:\.(\d+))?$/;

/** `"20000.5"` in units of 1e-8. Throws `TypeError` for other text and for digits beyond the eighth. */
export function parseAmount(text: string): bigint {
  const plain = parsePlain(text);
  if (plain !== undefined) return plain;
  const match = text.length > MAX_NUMBER_LENGTH ? null : PLAIN.exec(text);
  if (match === null) throw new TypeError(`"${text.slice(0, 40)}" is not a plain decimal number`);
  const [, sign, whole, fraction = ""] = match;
  const kept = fraction.slice(0, SCALE_DIGITS);
  if (/[1-9]/.test(fraction.slice(SCALE_DIGITS))) {
    throw new TypeError(`"${text.slice(0, 40)}" has more than ${SCALE_DIGITS} decimal places`);
  }
  const amount = BigInt(`${whole}${kept.padEnd(SCALE_DIGITS, "0")}`);
  return sign === "-" ? -amount : amount;
}

/** Digits of which any number stays below 2^53 when it is scaled: most amounts are read without a pattern. */
const MAX_PLAIN_LENGTH = 7;
const ZERO = 48;
const POWERS: readonly number[] = Array.from({ length: SCALE_DIGITS + 1 }, (_, zeros) => Number(`1e${zeros}`));

/** Reads an unsigned amount of few digits before the point; undefined for every other text. */
function parsePlain(text: string): bigint | undefined {
  const { length } = text;
  const point = text.indexOf(".");
  const wholeLength = point === -1 ? length : point;
  const decimals = point === -1 ? 0 : length - point - 1;
  if (wholeLength === 0 || wholeLength > MAX_PLAIN_LENGTH || decimals > SCALE_DIGITS || point === length - 1)
    return undefined;
  let value = 0;
  for (let at = 0; at < length; at += 1) {
    if (at === point) continue;
    const digit = text.charCodeAt(at) - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return BigInt(value * (POWERS[SCALE_DIGITS - decimals] ?? Number.NaN));
}

/** An amount as people write it: no exponent, no trailing zeros. */
export function formatAmount(amount: bigint): string {
  return formatPadded(amount, 0);
}

const ZEROS: readonly string[] = Array.from({ length: SCALE_DIGITS + 1 }, (_, count) => "0".repeat(count));

function digitsOf(value: number): number {
  let digits = 1;
  for (let limit = 10; value >= limit; limit *= 10) digits += 1;
  return digits;
}

/** The same with at least so many decimal places. */
export function formatPadded(amount: bigint, leastDecimals: number): string {
  const value = Number(amount);
  const magnitude = Math.abs(value);
  if (magnitude > Number.MAX_SAFE_INTEGER) return formatLarge(amount, leastDecimals);
  // Both are exact, as the quotient alone would not be.
  const rest = magnitude % SCALE;
  const whole = (magnitude - rest) / SCALE;
  const sign = value < 0 ? "-" : "";
  if (rest === 0 && leastDecimals === 0) return `${sign}${whole}`;
  let fraction = rest | 0;
  let decimals = SCALE_DIGITS;
  while (decimals > leastDecimals && fraction % 10 === 0) {
    fraction = (fraction / 10) | 0;
    decimals -= 1;
  }
  return `${sign}${whole}.${ZEROS[decimals - digitsOf(fraction)]}${fraction}`;
}

/** Counts the decimal places that a step needs: 3 for 0.001. */
export function decimalsOf(step: bigint): number {
  let left = Number(step % UNIT) | 0;
  let decimals = SCALE_DIGITS;
  while (decimals > 0 && left % 10 === 0) {
    left = (left / 10) | 0;
    decimals -= 1;
  }
  return decimals;
}

function formatLarge(amount: bigint, leastDecimals: number): string {
  const digits = absolute(amount)
    .toString()
    .padStart(SCALE_DIGITS + 1, "0");
  const fraction = digits.slice(-SCALE_DIGITS).replace(/0+$/, "").padEnd(leastDecimals, "0");
  const whole = digits.slice(0, -SCALE_DIGITS);
  return `${amount < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}
