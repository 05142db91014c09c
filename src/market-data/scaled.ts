import { Decimal, decimalOfShort } from "../model/decimal.ts";

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
  const short = Number(mantissa);
  if (short >= 0 && short <= MAX_SCALED) return decimalOfShort(short, scale);
  return new Decimal(`${mantissa}e-${scale}`);
}

/** The greatest whole number of steps of `10^-scale` that are not more than a value. */
export function flooredToScale(value: Decimal, scale: number): bigint {
  return BigInt(shifted(value, scale).floor().toFixed());
}

/** The least whole number of steps of `10^-scale` that are not less than a value. */
export function ceiledToScale(value: Decimal, scale: number): bigint {
  return BigInt(shifted(value, scale).ceil().toFixed());
}

/** Multiplies exactly: a product of more than 80 digits would be rounded. */
function shifted(value: Decimal, scale: number): Decimal {
  return new Decimal(`${value.toFixed()}e${scale}`);
}

/** Greatest common divisor of two whole numbers that are not negative; that of one and 0 is the one. */
function greatestCommonDivisor(one: number, other: number): number {
  let [greater, lesser] = [one, other];
  while (lesser > 0) [greater, lesser] = [lesser, greater % lesser];
  return greater;
}

/**
 * The greatest step of which the best key is a whole number away from each of the others, and from `key` where that is a
 * number; 1 where there is no other.
 */
export function greatestStep(keys: Float64Array, count: number, best: number, key: number): number {
  let step = Number.isNaN(key) ? 0 : Math.abs(best - key);
  for (let at = 0; at < count; at += 1) step = greatestCommonDivisor(step, best - (keys[at] as number));
  return step === 0 ? 1 : step;
}
