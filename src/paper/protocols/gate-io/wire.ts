import { formatAmount } from "../../engine/amount.ts";
import { absolute, divideRound } from "../../engine/arithmetic.ts";
import { UNIT } from "../../engine/types.ts";
import { type RawNumber, rawNumber } from "../../exact-json.ts";

export type WireValue = string | number | boolean | null | RawNumber | readonly WireValue[] | WireObject;
export interface WireObject {
  readonly [key: string]: WireValue | undefined;
}

/** Money and prices are JSON numbers in the private channels, with all of their digits. */
export function amountNumber(amount: bigint): RawNumber {
  return rawNumber(formatAmount(amount));
}

/** A product of two amounts, rounded to 1e-8. */
export function productText(product: bigint): string {
  return formatAmount(divideRound(product, UNIT));
}

/** The average price behind a cost at 1e-16; zero where there is no size. */
export function averageOf(cost: bigint, size: bigint): bigint {
  return size === 0n ? 0n : divideRound(absolute(cost), absolute(size));
}

/** Seconds with milliseconds behind the point. */
export function seconds(timeMs: number): number {
  return Math.floor(timeMs) / 1_000;
}

export function wholeSeconds(timeMs: number): number {
  return Math.floor(timeMs / 1_000);
}

export function wireJson(value: WireValue): string {
  return JSON.stringify(value);
}
