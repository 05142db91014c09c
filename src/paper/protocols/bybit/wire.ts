import { decimalsOf, formatAmount, formatPadded } from "../../engine/amount.ts";
import { absolute, divideRound } from "../../engine/arithmetic.ts";
import { UNIT } from "../../engine/types.ts";

export type WireValue = string | number | boolean | null | readonly WireValue[] | WireObject;
export interface WireObject {
  readonly [key: string]: WireValue | undefined;
}

/** A price or size with the decimals of its step, as Bybit writes them: `"60000.0"`, `"0.010"`. */
export function stepText(amount: bigint, step: bigint): string {
  return formatPadded(amount, decimalsOf(step));
}

/** A product of two amounts, rounded to 1e-8. */
export function productText(product: bigint): string {
  return formatAmount(divideRound(product, UNIT));
}

/** The average price behind a cost at 1e-16; "" where there is no size. */
export function averageText(cost: bigint, size: bigint, whenNone = ""): string {
  return size === 0n ? whenNone : formatAmount(divideRound(absolute(cost), absolute(size)));
}

/** Whole epoch milliseconds as text. */
export function timeText(timeMs: number): string {
  return String(Math.floor(timeMs));
}

/** Compact: clients look for `"op":"pong` in the text. */
export function wireJson(value: WireValue): string {
  return JSON.stringify(value);
}
