import { formatAmount } from "../../engine/amount.ts";
import { absolute, divideRound } from "../../engine/arithmetic.ts";
import { UNIT } from "../../engine/types.ts";

export type WireValue = string | number | boolean | null | readonly WireValue[] | WireObject;
export interface WireObject {
  readonly [key: string]: WireValue | undefined;
}

export const NO_HASH = `0x${"0".repeat(64)}`;

/** Prices, sizes and money always have a fraction: `"60000.0"`. */
export function decimalText(amount: bigint): string {
  const text = formatAmount(amount);
  return text.includes(".") ? text : `${text}.0`;
}

/** A product of two amounts, rounded to 1e-8. */
export function productText(product: bigint): string {
  return decimalText(divideRound(product, UNIT));
}

/** One amount over another; zero where there is nothing to divide by. */
export function ratioText(amount: bigint, divisor: bigint): string {
  return decimalText(divisor > 0n ? divideRound(amount * UNIT, divisor) : 0n);
}

/** The average price behind a cost at 1e-16. */
export function averageOf(cost: bigint, size: bigint): bigint {
  return size === 0n ? 0n : divideRound(absolute(cost), absolute(size));
}

/** Looks like a transaction's hash: there is no chain behind the exchange in the box. */
export function hashOf(number: number): string {
  return `0x${number.toString(16).padStart(64, "0")}`;
}

export function wireJson(value: WireValue): string {
  return JSON.stringify(value);
}
