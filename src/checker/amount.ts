/** Exact decimal numbers: an integer and how many of its digits stand behind the point. Nothing is rounded unasked. */
export interface Amount {
  readonly units: bigint;
  readonly scale: number;
}

const PLAIN = /^(-?)(\d+)(?:\.(\d+))?$/;

export const ZERO: Amount = { units: 0n, scale: 0 };

/** Reads plain decimal text, such as `-20000.5`. Throws `TypeError` for anything else. */
export function amount(text: string): Amount {
  const [, sign, whole = "", fraction = ""] = PLAIN.exec(text) ?? [];
  if (sign === undefined) throw new TypeError(`"${text}" is not a plain decimal number`);
  const units = BigInt(whole + fraction);
  return { units: sign === "-" ? -units : units, scale: fraction.length };
}

export function plus(a: Amount, b: Amount): Amount {
  const scale = Math.max(a.scale, b.scale);
  return { units: unitsAt(a, scale) + unitsAt(b, scale), scale };
}

export function minus(a: Amount, b: Amount): Amount {
  return plus(a, negated(b));
}

export function negated(a: Amount): Amount {
  return { units: -a.units, scale: a.scale };
}

export function times(a: Amount, b: Amount): Amount {
  return { units: a.units * b.units, scale: a.scale + b.scale };
}

/** Compares two amounts: below zero, zero or above zero, as `a` is less than, equal to or more than `b`. */
export function compare(a: Amount, b: Amount): number {
  const { units } = minus(a, b);
  return units < 0n ? -1 : units > 0n ? 1 : 0;
}

export function isZero(a: Amount): boolean {
  return a.units === 0n;
}

export function absolute(a: Amount): Amount {
  return a.units < 0n ? negated(a) : a;
}

export function sum(amounts: Iterable<Amount>): Amount {
  let total = ZERO;
  for (const each of amounts) total = plus(total, each);
  return total;
}

/** `a / b` with so many decimals; ties go to the even digit. */
export function divided(a: Amount, b: Amount, decimals: number): Amount {
  if (b.units === 0n) throw new RangeError("division by zero");
  const shift = decimals + b.scale - a.scale;
  const numerator = shift >= 0 ? a.units * 10n ** BigInt(shift) : a.units;
  const denominator = shift >= 0 ? b.units : b.units * 10n ** BigInt(-shift);
  const isNegative = numerator < 0n !== denominator < 0n;
  const [n, d] = [numerator < 0n ? -numerator : numerator, denominator < 0n ? -denominator : denominator];
  const twice = 2n * (n % d);
  const isUp = twice > d || (twice === d && (n / d) % 2n === 1n);
  const units = n / d + (isUp ? 1n : 0n);
  return { units: isNegative ? -units : units, scale: decimals };
}

/** Plain text without trailing zeros. */
export function text({ units, scale }: Amount): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, "");
  return `${units < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}

/** The same text for the same number, however it was written; `none` where there is none. */
export function canonical(value: string | null | undefined): string {
  return value === null || value === undefined ? "none" : text(amount(value));
}

function unitsAt({ units, scale }: Amount, wanted: number): bigint {
  return units * 10n ** BigInt(wanted - scale);
}
