import { Decimal as DecimalJs } from "decimal.js";
import { ConfigError, INVALID_NUMBER } from "./error.ts";
import { exactArithmetic } from "./exact-arithmetic.ts";

/**
 * Exact decimal arithmetic: money is never a JavaScript float. One private clone of decimal.js, so that a host program
 * that reconfigures its own copy changes nothing here.
 */
export const Decimal = DecimalJs.clone({
  precision: 80,
  rounding: DecimalJs.ROUND_HALF_EVEN,
  // Text and JSON never use an exponent: venues and people read "0.0000001", not "1e-7".
  toExpNeg: -9e15,
  toExpPos: 9e15,
});
export type Decimal = DecimalJs;
workWithoutCopies();

/**
 * Type of an amount or a price that callers pass in. Text from another Decimal library works through its `toFixed()`.
 */
export type DecimalInput = Decimal | string;

export const ZERO: Decimal = new Decimal(0);
export const ONE: Decimal = new Decimal(1);

/**
 * Characters that an amount has at most, written out. No venue sends half as many; text without end, or an exponent
 * whose digits fill the memory (`"1e3000000000"`), ends the process of who writes it out.
 */
export const MAX_NUMBER_LENGTH = 100;
/** The largest exponent of "1e40" and "1e-40". */
export const MAX_NUMBER_EXPONENT = 40;
/** Sums and quotients of 80 digits leave remainders that are longer than what any venue sends. */
const MAX_STORED_LENGTH = 1_000;

const PLAIN_NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE]([+-]?\d{1,3}))?$/;
const SHOWN_LENGTH = 40;

/**
 * Parses an amount. Throws `ConfigError` with the code `INVALID_NUMBER` for what is none: JavaScript numbers, which have
 * lost digits before they arrive here, NaN and infinities, and numbers of more than 100 characters or with an exponent
 * beyond 40.
 */
export function decimal(value: DecimalInput): Decimal {
  const given: unknown = value;
  if (given instanceof Decimal) return checkedDecimal(given);
  if (typeof given === "string") return parseDecimal(given, MAX_NUMBER_LENGTH);
  if (isForeignDecimal(given)) return parseDecimal(textOfForeign(given), MAX_NUMBER_LENGTH);
  const shown = typeof given === "number" ? ` ${given}` : "";
  throw invalidNumber(`an amount must be a string or a Decimal, got ${given === null ? "null" : typeof given}${shown}`);
}

/** Reads back what `toFixed()` wrote of a result of ours: it may be longer than what others may send. */
export function storedDecimal(text: string): Decimal {
  return parseDecimal(String(text), MAX_STORED_LENGTH);
}

const WORD_DIGITS = 7;
const WORD = 10_000_000;
/** Integers of so many digits, and quotients of them by powers of ten rounded down, are exact in a double. */
const MAX_SHORT_DIGITS = 15;
/** Powers of ten from 10^0 to 10^22, which a double holds exactly. */
const POWERS_OF_TEN = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

const powerOfTen = (exponent: number): number => POWERS_OF_TEN[exponent] as number;

interface DecimalFields {
  constructor: unknown;
  s: number;
  e: number;
  d: readonly number[];
}

/** Fields in the order in which decimal.js sets them, without a look at what kind of value they are made of. */
function ShortDecimal(this: DecimalFields, sign: number, exponent: number, words: readonly number[]): void {
  this.constructor = Decimal;
  this.s = sign;
  this.e = exponent;
  this.d = words;
}
ShortDecimal.prototype = Decimal.prototype;
const NewShortDecimal = ShortDecimal as unknown as new (
  sign: number,
  exponent: number,
  words: readonly number[],
) => Decimal;

/**
 * The decimal `mantissa / 10^scale`; the mantissa a whole number from 0 to 10^15 - 1, the scale one from 0 on. A fiftieth of
 * the work of reading text: the digits are put where decimal.js has them, in words of seven that begin at the point.
 */
export function decimalOfShort(mantissa: number, scale: number): Decimal {
  if (mantissa === 0) return ZERO;
  let digits = 1;
  while (digits < MAX_SHORT_DIGITS && mantissa >= powerOfTen(digits)) digits += 1;
  return new NewShortDecimal(1, digits - 1 - scale, wordsOf(mantissa, scale % WORD_DIGITS));
}

/** Words of a mantissa of which so many digits are in the lowest one, without those at its end that are 0. */
function wordsOf(mantissa: number, inLowest: number): readonly number[] {
  const power = powerOfTen(inLowest);
  const upper = Math.floor(mantissa / power);
  const lowest = ((mantissa - upper * power) * powerOfTen(WORD_DIGITS - inLowest)) | 0;
  const upperHalf = Math.floor(upper / WORD);
  const middle = (upper - upperHalf * WORD) | 0;
  // A literal of so many elements is what is read most often, and has no room for more.
  if (upperHalf === 0) {
    if (lowest === 0) return [middle];
    return middle === 0 ? [lowest] : [middle, lowest];
  }
  if (upperHalf < WORD) {
    if (lowest > 0) return [upperHalf | 0, middle, lowest];
    return middle > 0 ? [upperHalf | 0, middle] : [upperHalf | 0];
  }
  const highest = Math.floor(upperHalf / WORD) | 0;
  const high = (upperHalf - highest * WORD) | 0;
  if (lowest > 0) return [highest, high, middle, lowest];
  if (middle > 0) return [highest, high, middle];
  return high > 0 ? [highest, high] : [highest];
}

/**
 * True where `value` is a whole number of `quantum`, which is not zero. Both are put as whole numbers of one unit where
 * a double holds these, as it does for the prices and amounts of markets; decimal.js takes ten times as long.
 */
export function isMultipleOf(value: Decimal, quantum: Decimal): boolean {
  const scale = Math.max(value.decimalPlaces(), quantum.decimalPlaces());
  const [units, quantumUnits] = [unitsOf(value, scale), unitsOf(quantum, scale)];
  if (units === undefined || quantumUnits === undefined) return value.mod(quantum).isZero();
  return units % quantumUnits === 0;
}

/** `value` without its sign in units of `10^-scale`, of which it is a whole number; undefined where no double holds that. */
function unitsOf(value: Decimal, scale: number): number | undefined {
  const { d: words, e: exponent } = value;
  if (!(exponent + scale < MAX_SHORT_DIGITS)) return undefined;
  let units = 0;
  // Words of seven digits; the first one has the digit of the exponent in it.
  let power = Math.floor(exponent / WORD_DIGITS) * WORD_DIGITS + scale;
  for (const word of words) {
    units += power >= 0 ? word * powerOfTen(power) : word / powerOfTen(-power);
    power -= WORD_DIGITS;
  }
  return units;
}

function isFiniteOfOurs(value: unknown): value is Decimal {
  // Each number of our class names it itself: its prototype need not be looked up.
  return typeof value === "object" && value?.constructor === Decimal && (value as Decimal).d !== null;
}

/**
 * Gives our class, and not that of a host program, comparisons and arithmetic that copy nothing: decimal.js makes a new
 * number of what it is given each time, and most of what is done with prices and amounts is to compare and to add them.
 */
function workWithoutCopies(): void {
  const { prototype } = Decimal;
  const { comparedTo } = prototype;
  const cmp = function (this: Decimal, other: Parameters<typeof comparedTo>[0]): number {
    if (isFiniteOfOurs(other) && isFiniteOfOurs(this)) return orderOf(this, other);
    return other === 0 && this.d !== null ? (this.d[0] === 0 ? 0 : this.s) : comparedTo.call(this, other);
  };
  const make = (sign: number, exponent: number, words: readonly number[]): Decimal =>
    new NewShortDecimal(sign, exponent, words);
  const exact = exactArithmetic(prototype, isFiniteOfOurs, make);
  const { plus, minus, times, dividedBy, negated, absoluteValue, toDecimalPlaces } = exact;
  const short = {
    ...{ cmp, comparedTo: cmp, add: plus, sub: minus, mul: times, div: dividedBy },
    ...{ neg: negated, abs: absoluteValue, toDP: toDecimalPlaces },
  };
  Reflect.set(Decimal, "prototype", Object.assign(Object.create(prototype), exact, short));
}

/** Order of two finite numbers: 1, 0 or -1. */
function orderOf(left: Decimal, right: Decimal): number {
  const a = left.d;
  const b = right.d;
  if (a[0] === 0 || b[0] === 0) return a[0] !== 0 ? left.s : b[0] !== 0 ? -right.s : 0;
  if (left.s !== right.s) return left.s;
  if (left.e !== right.e) return left.e > right.e ? left.s : -left.s;
  const words = Math.min(a.length, b.length);
  for (let at = 0; at < words; at += 1) {
    if (a[at] !== b[at]) return (a[at] as number) > (b[at] as number) ? left.s : -left.s;
  }
  return a.length === b.length ? 0 : a.length > b.length ? left.s : -left.s;
}

const MINUS = 45;
const POINT = 46;
const DIGIT_ZERO = 48;

/** Text of at most 15 digits, as nearly all is that venues send; undefined for any other. */
function shortDecimal(text: string): Decimal | undefined {
  const isNegative = text.charCodeAt(0) === MINUS;
  let mantissa = 0;
  let pointAt = -1;
  if (text.length > MAX_SHORT_DIGITS + 1) return undefined;
  for (let at = isNegative ? 1 : 0; at < text.length; at += 1) {
    const digit = text.charCodeAt(at) - DIGIT_ZERO;
    if (digit >= 0 && digit <= 9) mantissa = mantissa * 10 + digit;
    else if (digit === POINT - DIGIT_ZERO && pointAt < 0) pointAt = at;
    else return undefined;
  }
  const digits = text.length - (isNegative ? 1 : 0) - (pointAt < 0 ? 0 : 1);
  if (digits < 1 || digits > MAX_SHORT_DIGITS || (isNegative && mantissa === 0)) return undefined;
  const made: { s: number } = decimalOfShort(mantissa, pointAt < 0 ? 0 : text.length - 1 - pointAt);
  if (isNegative) made.s = -1;
  return made as Decimal;
}

/** The one place where text becomes a number: its length is checked before anything looks at it. */
function parseDecimal(text: string, maxLength: number): Decimal {
  if (text.length > maxLength) {
    throw invalidNumber(`"${shortened(text)}" has ${text.length} characters, more than ${maxLength}`);
  }
  const short = shortDecimal(text);
  if (short !== undefined) return short;
  const match = PLAIN_NUMBER.exec(text);
  if (match === null) throw invalidNumber(`"${shortened(text)}" is not a decimal number`);
  if (Math.abs(Number(match[1] ?? 0)) > MAX_NUMBER_EXPONENT) {
    throw invalidNumber(`"${shortened(text)}" has an exponent beyond ${MAX_NUMBER_EXPONENT}`);
  }
  return new Decimal(text);
}

/** A Decimal that a program made may be too long to be written out as well, and may be no number. */
function checkedDecimal(value: Decimal): Decimal {
  if (!value.isFinite()) throw invalidNumber(`${value.toString()} is not a finite number`);
  if (Math.abs(value.e) > MAX_NUMBER_LENGTH || value.precision() > MAX_NUMBER_LENGTH) {
    throw invalidNumber(`a Decimal of more than ${MAX_NUMBER_LENGTH} digits is no amount`);
  }
  return value;
}

/** Numbers come from outside in errors as well: only the beginning of one is shown. */
function shortened(text: string): string {
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}...` : text;
}

function invalidNumber(message: string): ConfigError {
  return new ConfigError(message, { code: INVALID_NUMBER });
}

/** A Decimal of another copy of decimal.js, or of a library with the same `toFixed()`. */
function isForeignDecimal(value: unknown): value is { toFixed(): string } {
  return typeof value === "object" && value !== null && "toFixed" in value && typeof value.toFixed === "function";
}

/** decimal.js, big.js and bignumber.js keep the exponent in `e`: a huge one is refused before their `toFixed()` writes it. */
function textOfForeign(value: { toFixed(): string }): string {
  const exponent: unknown = "e" in value ? value.e : undefined;
  if (typeof exponent === "number" && Math.abs(exponent) > MAX_NUMBER_LENGTH) {
    throw invalidNumber(`a Decimal with the exponent ${exponent} is no amount`);
  }
  return String(value.toFixed());
}

/**
 * A JSON number as the venue printed it. Shortest round-trip text equals the wire's for every double that the venue
 * itself printed from a double; venues that send decimal text never come through here.
 */
export function decimalOfWireNumber(value: number): Decimal {
  return parseDecimal(String(value), MAX_NUMBER_LENGTH);
}

export function sum(values: Iterable<Decimal>): Decimal {
  let total = ZERO;
  for (const value of values) total = plus(total, value);
  return total;
}

/** Sum of two amounts; nothing is worked out, nor copied, where one of them is zero, as most often one is. */
export function plus(a: Decimal, b: Decimal): Decimal {
  if (b.isZero()) return a;
  return a.isZero() ? b : a.plus(b);
}

/** Larger of two amounts, the same object; `Decimal.max` copies what it is given. */
export function larger(a: Decimal, b: Decimal): Decimal {
  return a.gte(b) ? a : b;
}
