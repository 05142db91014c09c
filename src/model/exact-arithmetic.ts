import type { Decimal } from "decimal.js";

/*
 * Sums, products and quotients of numbers of few digits, as the amounts and prices of markets are. decimal.js copies what it is
 * given and rounds what comes out; both are left out here where the exact result fits, in a third of the time.
 */

/** Makes a number of its sign, its exponent and its words of seven digits, the first of them at `floor(exponent / 7)`. */
export type MakeDecimal = (sign: number, exponent: number, words: readonly number[]) => Decimal;
type Operand = Parameters<Decimal["plus"]>[0];
/** The exact result; undefined where it is left to decimal.js. */
type Exact = (left: Decimal, right: Decimal) => Decimal | undefined;

const WORD_DIGITS = 7;
const WORD = 10_000_000;
/** Words of a result: 70 digits, fewer than the 80 to which results are rounded. */
const MAX_WORDS = 10;
/** Words after the last one of the dividend within which a quotient has to end. */
const MORE_WORDS = 3;

/** Whole numbers up to here have 15 digits, which a double keeps. */
const MAX_UNITS = 999_999_999_999_999;
const DIGIT_ZERO = 48;

const wordExponent = (exponent: number): number => Math.floor(exponent / WORD_DIGITS);

function digitsOf(word: number): number {
  if (word < 1_000) return word < 10 ? 1 : word < 100 ? 2 : 3;
  if (word < 100_000) return word < 10_000 ? 4 : 5;
  return word < 1_000_000 ? 6 : 7;
}

/** Words of a number of at most two, as a whole number of the word `places` below the first one, which is 0 or 1. */
const unitsOf = (words: readonly number[], places: number): number =>
  places === 0 ? (words[0] as number) : (words[0] as number) * WORD + (words[1] ?? 0);

/** Methods that take the place of those of decimal.js in the prototype of a class. `isOurs`: a finite number of that class. */
export function exactArithmetic(prototype: Decimal, isOurs: (value: unknown) => value is Decimal, make: MakeDecimal) {
  const zero = (sign: number): Decimal => make(sign, 0, [0]);
  /** Results share no words: decimal.js changes those of its own results. */
  const copyOf = (value: Decimal, sign: number): Decimal => make(sign, value.e, value.d.slice());

  /** `first`: exponent of the first word. Zeros at either end are taken off; not all of the words are zero. */
  function ofWords(sign: number, first: number, words: number[]): Decimal {
    while (words[words.length - 1] === 0) words.pop();
    let from = 0;
    while (words[from] === 0) from += 1;
    const kept = from === 0 ? words : words.slice(from);
    return make(sign, (first - from) * WORD_DIGITS + digitsOf(kept[0] as number) - 1, kept);
  }

  /** A whole number above 0 and below 2^53, of words of this exponent. */
  function ofUnits(sign: number, units: number, exponent: number): Decimal {
    if (units < WORD) return make(sign, exponent * WORD_DIGITS + digitsOf(units) - 1, [units]);
    const upper = Math.floor(units / WORD);
    const low = units - upper * WORD;
    if (upper >= WORD) {
      const high = Math.floor(upper / WORD);
      return ofWords(sign, exponent + 2, [high, upper - high * WORD, low]);
    }
    const words = low === 0 ? [upper] : [upper, low];
    return make(sign, (exponent + 1) * WORD_DIGITS + digitsOf(upper) - 1, words);
  }

  /** Sum with the right number under this sign. */
  function sum(left: Decimal, right: Decimal, sign: number): Decimal | undefined {
    const a = left.d;
    const b = right.d;
    // decimal.js rounds what zero is added to as well: results of ours are within the precision, and text may not be.
    if (a[0] === 0) return b[0] === 0 || b.length > MAX_WORDS ? undefined : copyOf(right, sign);
    if (b[0] === 0) return a.length > MAX_WORDS ? undefined : copyOf(left, left.s);
    const firstA = wordExponent(left.e);
    const firstB = wordExponent(right.e);
    const lowest = Math.min(firstA - a.length, firstB - b.length) + 1;
    const first = Math.max(firstA, firstB);
    if (first - lowest >= MAX_WORDS) return undefined;
    if (first - lowest > 1) return sumOfWords(left, right, sign, first, lowest);
    const unitsA = unitsOf(a, firstA - lowest);
    const unitsB = unitsOf(b, firstB - lowest);
    if (left.s === sign) return ofUnits(sign, unitsA + unitsB, lowest);
    if (unitsA === unitsB) return zero(1);
    return unitsA > unitsB ? ofUnits(left.s, unitsA - unitsB, lowest) : ofUnits(sign, unitsB - unitsA, lowest);
  }

  function sumOfWords(left: Decimal, right: Decimal, sign: number, first: number, lowest: number): Decimal {
    const words: number[] = [0];
    const fromA = first - wordExponent(left.e);
    const fromB = first - wordExponent(right.e);
    const direction = left.s === sign ? 1 : -1;
    // The first word that is not zero tells whether the right number is the larger one.
    let order = 0;
    for (let at = 0; at <= first - lowest; at += 1) {
      const word = (left.d[at - fromA] ?? 0) + direction * (right.d[at - fromB] ?? 0);
      if (order === 0) order = Math.sign(word);
      words.push(word);
    }
    if (order === 0) return zero(1);
    let carry = 0;
    for (let at = words.length - 1; at >= 0; at -= 1) {
      const word = order * (words[at] as number) + carry;
      carry = word < 0 ? -1 : word >= WORD ? 1 : 0;
      words[at] = word - carry * WORD;
    }
    return ofWords(order > 0 ? left.s : sign, first + 1, words);
  }

  const product: Exact = (left, right) => {
    const a = left.d;
    const b = right.d;
    const sign = left.s === right.s ? 1 : -1;
    if (a[0] === 0 || b[0] === 0) return zero(sign);
    const length = a.length + b.length;
    if (length > MAX_WORDS) return undefined;
    const first = wordExponent(left.e) + wordExponent(right.e);
    if (length === 2) return ofUnits(sign, (a[0] as number) * (b[0] as number), first);
    const words: number[] = [];
    for (let at = 0; at < length; at += 1) words.push(0);
    for (let atB = b.length - 1; atB >= 0; atB -= 1) {
      let carry = 0;
      for (let atA = a.length - 1; atA >= 0; atA -= 1) {
        const word = (words[atA + atB + 1] as number) + (a[atA] as number) * (b[atB] as number) + carry;
        carry = Math.floor(word / WORD);
        words[atA + atB + 1] = word - carry * WORD;
      }
      words[atB] = carry;
    }
    return ofWords(sign, first + 1, words);
  };

  /** By a number of two words, where the quotient is a whole number of as many digits as a double keeps. */
  function wholeQuotient(left: Decimal, right: Decimal): Decimal | undefined {
    const a = left.d;
    const b = right.d;
    if (a.length > 2 || b.length > 2 || a[0] === 0) return undefined;
    let [units, exponent] = [unitsOf(a, a.length - 1), wordExponent(left.e) - a.length + 1];
    // The product of a price and an amount has fewer digits than both where it ends in zeros.
    if (units <= MAX_UNITS / WORD) [units, exponent] = [units * WORD, exponent - 1];
    const divisor = unitsOf(b, b.length - 1);
    if (units % divisor !== 0) return undefined;
    return ofUnits(left.s === right.s ? 1 : -1, units / divisor, exponent - wordExponent(right.e) + b.length - 1);
  }

  /** By a number of one word, where the quotient ends soon. */
  const quotient: Exact = (left, right) => {
    const a = left.d;
    const b = right.d;
    const divisor = b[0] as number;
    if (b.length > 1) return wholeQuotient(left, right);
    if (divisor === 0 || a.length > MAX_WORDS - MORE_WORDS) return undefined;
    const sign = left.s === right.s ? 1 : -1;
    if (a[0] === 0) return zero(sign);
    const words: number[] = [];
    let rest = 0;
    for (let at = 0; at < a.length || (rest > 0 && at < a.length + MORE_WORDS); at += 1) {
      const part = rest * WORD + (a[at] ?? 0);
      const word = Math.floor(part / divisor);
      rest = part - word * divisor;
      words.push(word);
    }
    return rest > 0 ? undefined : ofWords(sign, wordExponent(left.e) - wordExponent(right.e), words);
  };

  const { plus, minus, times, dividedBy, negated, absoluteValue, toFixed, toDecimalPlaces } = prototype;
  return {
    plus(this: Decimal, other: Operand): Decimal {
      const exact = isOurs(other) && isOurs(this) ? sum(this, other, other.s) : undefined;
      return exact ?? plus.call(this, other);
    },
    minus(this: Decimal, other: Operand): Decimal {
      const exact = isOurs(other) && isOurs(this) ? sum(this, other, -other.s) : undefined;
      return exact ?? minus.call(this, other);
    },
    times(this: Decimal, other: Operand): Decimal {
      return (isOurs(other) && isOurs(this) ? product(this, other) : undefined) ?? times.call(this, other);
    },
    dividedBy(this: Decimal, other: Operand): Decimal {
      return (isOurs(other) && isOurs(this) ? quotient(this, other) : undefined) ?? dividedBy.call(this, other);
    },
    negated(this: Decimal): Decimal {
      return isOurs(this) ? copyOf(this, -this.s) : negated.call(this);
    },
    absoluteValue(this: Decimal): Decimal {
      return isOurs(this) ? copyOf(this, 1) : absoluteValue.call(this);
    },
    toFixed(this: Decimal, ...places: Parameters<typeof toFixed>): string {
      return places[0] === undefined && isOurs(this) ? textOf(this) : toFixed.apply(this, places);
    },
    toDecimalPlaces(this: Decimal, ...places: Parameters<typeof toDecimalPlaces>): Decimal {
      const [most] = places;
      const isShort = isOurs(this) && (this.d.length - 1 - wordExponent(this.e)) * WORD_DIGITS <= (most ?? 0);
      return isShort && Number.isInteger(most) && Number(most) >= 0
        ? copyOf(this, this.s)
        : toDecimalPlaces.apply(this, places);
    },
  };
}

const ZEROS = Array.from({ length: 20 }, (_, count) => "0".repeat(count));
const zeros = (count: number): string => ZEROS[count] ?? "0".repeat(count);

/** Text without an exponent. */
function textOf({ d: words, e: exponent, s: sign }: Decimal): string {
  const first = words[0] as number;
  if (first === 0) return "0";
  let digits = String(first);
  for (let at = 1; at < words.length; at += 1) {
    const word = words[at] as number;
    // A word that begins with 0 shows its seven digits.
    digits += word >= WORD / 10 ? String(word) : String(WORD + word).slice(1);
  }
  let length = digits.length;
  while (digits.charCodeAt(length - 1) === DIGIT_ZERO) length -= 1;
  if (length < digits.length) digits = digits.slice(0, length);
  const minus = sign < 0 ? "-" : "";
  if (exponent < 0) return `${minus}0.${zeros(-exponent - 1)}${digits}`;
  const whole = exponent + 1;
  if (length > whole) return `${minus}${digits.slice(0, whole)}.${digits.slice(whole)}`;
  return minus + (length === whole ? digits : digits + zeros(whole - length));
}
