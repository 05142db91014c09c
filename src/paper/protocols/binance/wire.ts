import { absolute, divideRound } from "../../engine/arithmetic.ts";
import { SCALE_DIGITS, UNIT } from "../../engine/types.ts";

/** Values of Binance's JSON: amounts are text, ids and times are numbers. */
export type WireValue = null | boolean | string | number | readonly WireValue[] | { readonly [key: string]: WireValue };

export type WireObject = { readonly [key: string]: WireValue };

/** An amount with exactly this many decimal places, rounded to the nearest: `61003.40`. */
export function fixed(amount: bigint, decimals: number): string {
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

/** The decimal places that a step needs: 3 for 0.001. */
export function decimalsOf(step: bigint): number {
  const zeros = /0*$/.exec(step.toString())?.[0].length ?? 0;
  return Math.max(0, SCALE_DIGITS - zeros);
}
