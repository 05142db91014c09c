import { Decimal } from "../model/decimal.ts";

/** Scaled integers stay within 15 significant digits: every one of them is exact in a double, and so is its decimal. */
export const MAX_SCALED = 999_999_999_999_999;

/** Powers of ten that a double holds exactly: 10^0 to 10^22. */
export const POWERS_OF_TEN: Float64Array = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
export const MAX_NARROW_SCALE = 22;

export function powerOfTen(exponent: number): number {
  return POWERS_OF_TEN[exponent] as number;
}

export function bigPowerOfTen(exponent: number): bigint {
  return 10n ** BigInt(exponent);
}

/** The decimal `mantissa / 10^scale`. */
export function decimalOfScaled(mantissa: number | bigint, scale: number): Decimal {
  return new Decimal(`${mantissa}e-${scale}`);
}
