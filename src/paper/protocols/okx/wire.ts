import { formatAmount } from "../../engine/amount.ts";
import { absolute, divideRound } from "../../engine/arithmetic.ts";
import { UNIT } from "../../engine/types.ts";

export type WireValue = string | number | boolean | null | readonly WireValue[] | WireObject;
export interface WireObject {
  readonly [key: string]: WireValue | undefined;
}

/** A product of two amounts, rounded to 1e-8. */
export function productText(product: bigint): string {
  return formatAmount(divideRound(product, UNIT));
}

/** One amount over another; "" where there is nothing to divide by. */
export function ratioText(amount: bigint, divisor: bigint): string {
  return divisor > 0n ? formatAmount(divideRound(amount * UNIT, divisor)) : "";
}

/** The average price behind a cost at 1e-16. */
export function averageOf(cost: bigint, size: bigint): bigint {
  return size === 0n ? 0n : divideRound(absolute(cost), absolute(size));
}

/** Whole epoch milliseconds as text. */
export function timeText(timeMs: number): string {
  return String(Math.floor(timeMs));
}

export function wireJson(value: WireValue): string {
  return JSON.stringify(value);
}
