/** Integer division rounded to the nearest, ties to even. `divisor` is positive. */
export function divideRound(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  const rest = value - quotient * divisor;
  if (rest === 0n) return quotient;
  const twice = absolute(rest) * 2n;
  if (twice < divisor || (twice === divisor && quotient % 2n === 0n)) return quotient;
  return value < 0n ? quotient - 1n : quotient + 1n;
}

/** Integer division rounded towards minus infinity. `divisor` is positive. */
export function divideFloor(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  return value < 0n && quotient * divisor !== value ? quotient - 1n : quotient;
}

/** Integer division rounded towards plus infinity. `divisor` is positive. */
export function divideCeil(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  return value > 0n && quotient * divisor !== value ? quotient + 1n : quotient;
}

export function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}

export function smaller(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}

export function larger(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}

export function clamp(value: bigint, low: bigint, high: bigint): bigint {
  return value < low ? low : value > high ? high : value;
}

export function median(one: bigint, two: bigint, three: bigint): bigint {
  return clamp(one, smaller(two, three), larger(two, three));
}
