import { formatPadded } from "../../engine/amount.ts";
import { absolute, divideRound } from "../../engine/arithmetic.ts";
import { SCALE_DIGITS, UNIT } from "../../engine/types.ts";

/** Values of Binance's JSON: amounts are text, ids and times are numbers. */
export type WireValue = null | boolean | string | number | readonly WireValue[] | { readonly [key: string]: WireValue };

export type WireObject = { readonly [key: string]: WireValue };

/** Steps of so many decimal places, in units of an amount. */
const STEPS: readonly number[] = Array.from({ length: SCALE_DIGITS + 1 }, (_, decimals) =>
  Number(`1e${SCALE_DIGITS - decimals}`),
);

/** An amount with exactly this many decimal places, rounded to the nearest: `61003.40`. */
export function fixed(amount: bigint, decimals: number): string {
  const value = Number(amount);
  // An amount with as few places is written as it is.
  const isExact = value % (STEPS[decimals] ?? Number.NaN) === 0 && Math.abs(value) <= Number.MAX_SAFE_INTEGER;
  if (isExact) return formatPadded(amount, decimals);
  const rounded = divideRound(amount, 10n ** BigInt(SCALE_DIGITS - decimals));
  const digits = absolute(rounded)
    .toString()
    .padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const sign = rounded < 0n ? "-" : "";
  return decimals === 0 ? `${sign}${whole}` : `${sign}${whole}.${digits.slice(digits.length - decimals)}`;
}

/** Money, marks and rates have eight places. */
export function money(amount: bigint): string {
  return fixed(amount, SCALE_DIGITS);
}

/** Price times size. */
export function notionalOf(price: bigint, size: bigint): bigint {
  return divideRound(price * size, UNIT);
}

export function wireTime(timeMs: number): number {
  return Math.floor(timeMs);
}

/** A small plain number, such as a leverage or a ratio, where Binance sends no text. */
export function wireNumber(amount: bigint): number {
  return Number(amount) / Number(UNIT);
}
