import { POWERS_OF_TEN } from "./scaled.ts";

const DIGIT = 0x30;
const NOT_READ = -1;
const POINT = 0x2e;

/** Digits that an int32 holds whatever they are. */
const SHORT_DIGITS = 9;
/** A double is as near to a time as its text while its fraction has no more digits: that of the sum is rounded once. */
const TIME_DIGITS = 7;
const EARLIEST_SECONDS = 2 ** 30;
const LATEST_SECONDS = 2 ** 33;

/** Reads a whole number that a double holds exactly into `numbers[slot]`; returns the place after it. */
export function scanInteger(bytes: Uint8Array, from: number, numbers: Float64Array, slot: number): number {
  let at = from;
  let value = 0;
  // An int32 holds nine digits, and takes a quarter of a double's time for each.
  const short = from + SHORT_DIGITS;
  let digit = (bytes[at] as number) ^ DIGIT;
  for (; digit <= 9 && at < short; digit = (bytes[at] as number) ^ DIGIT) {
    value = (Math.imul(value, 10) + digit) | 0;
    at += 1;
  }
  const higher = value;
  if (digit <= 9) {
    value = 0;
    for (; digit <= 9 && at - short < SHORT_DIGITS; digit = (bytes[at] as number) ^ DIGIT) {
      value = (Math.imul(value, 10) + digit) | 0;
      at += 1;
    }
    if (digit <= 9) return NOT_READ;
    value += higher * (POWERS_OF_TEN[at - short] as number);
  }
  const digits = at - from;
  if (digits === 0 || (digits > 1 && bytes[from] === DIGIT) || value > Number.MAX_SAFE_INTEGER) return NOT_READ;
  numbers[slot] = value;
  return at;
}

/** Reads epoch seconds with a fraction as the double that `JSON.parse` makes of them. */
export function scanSeconds(bytes: Uint8Array, from: number, numbers: Float64Array, slot: number): number {
  let at = scanInteger(bytes, from, numbers, slot);
  if (at === NOT_READ || bytes[at] !== POINT) return at;
  const seconds = numbers[slot] as number;
  if (seconds < EARLIEST_SECONDS || seconds >= LATEST_SECONDS) return NOT_READ;
  at += 1;
  const first = at;
  let fraction = 0;
  for (let digit = (bytes[at] as number) ^ DIGIT; digit <= 9; digit = (bytes[at] as number) ^ DIGIT) {
    fraction = fraction * 10 + digit;
    at += 1;
  }
  const digits = at - first;
  if (digits === 0 || digits > TIME_DIGITS) return NOT_READ;
  numbers[slot] = seconds + fraction / (POWERS_OF_TEN[digits] as number);
  return at;
}
