import { type Decimal, decimal } from "../model/decimal.ts";
import { MAX_SCALED } from "./scaled.ts";

/** Size of one unit in a message, in base units, where that is not one: a contract. */
export interface SizeUnit {
  readonly amount: Decimal;
  /** The same as `mantissa / 10^scale`; NaN where that takes more than 15 digits. */
  readonly mantissa: number;
  readonly scale: number;
}

const known = new WeakMap<Decimal, SizeUnit>();

/** Undefined for one base unit. */
export function sizeUnitOf(amount: Decimal): SizeUnit | undefined {
  if (amount.eq(1)) return undefined;
  const unit = known.get(amount) ?? newUnit(amount);
  known.set(amount, unit);
  return unit;
}

function newUnit(amount: Decimal): SizeUnit {
  const scale = amount.decimalPlaces();
  const mantissa = amount.times(decimal("10").pow(scale)).toNumber();
  return { amount, mantissa: mantissa <= MAX_SCALED ? mantissa : Number.NaN, scale };
}
