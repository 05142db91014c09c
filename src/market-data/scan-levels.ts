import { MAX_NUMBER_LENGTH } from "../model/decimal.ts";
import type { LevelBuffer } from "./level-buffer.ts";
import * as scaled from "./scaled.ts";
import { bytesOf, endOfScalar, isAt } from "./wire-bytes.ts";

const CLOSE_BRACE = 0x7d;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
const DIGIT = 0x30;
const NOT_READ = -1;
const { MAX_SCALED, POWERS_OF_TEN } = scaled;
const MAX_LENGTH = MAX_NUMBER_LENGTH;
const POINT = 0x2e;
const QUOTE = 0x22;
const SPACE = 0x20;

/** How the levels of a venue's messages are written, and how their numbers become those of the book. */
export interface LevelShape {
  /** Bytes before a price, between it and the size, and before each value after that, where there may be one. */
  readonly open: Uint8Array;
  readonly middle: Uint8Array;
  readonly other: Uint8Array | undefined;
  readonly close: number;
  /** Numbers must be in quotes. */
  readonly areTexts: boolean;
}

export function levelShape(
  keys: readonly [price: string, size: string, other?: string] | undefined,
  areTexts: boolean,
): LevelShape {
  if (keys === undefined) {
    const comma = bytesOf(",");
    return { open: bytesOf("["), middle: comma, other: comma, close: CLOSE_BRACKET, areTexts };
  }
  const [price, size, other] = keys;
  return {
    open: bytesOf(`{"${price}":`),
    middle: bytesOf(`,"${size}":`),
    other: other === undefined ? undefined : bytesOf(`,"${other}":`),
    close: CLOSE_BRACE,
    areTexts,
  };
}

/** Digits that an int32 holds whatever they are. */
const SHORT_DIGITS = 9;
const MAX_DIGITS = 15;

/**
 * Reads a list of levels, from after its bracket, into the columns of a buffer: prices and sizes as integers of the two
 * scales, sizes multiplied by `unit`. Returns the place after the list; `NOT_READ` for anything that is not written
 * in the shape, or that needs more digits, with the buffer's contents undefined.
 */
export function scanLevels(
  bytes: Uint8Array,
  from: number,
  shape: LevelShape,
  levels: LevelBuffer,
  priceScale: number,
  sizeScale: number,
  unit: number,
  unitScale: number,
): number {
  const { open, middle, close, areTexts } = shape;
  const openLength = open.length;
  const middleLength = middle.length;
  const afterSize = sizeScale - unitScale;
  let { prices, sizes } = levels;
  let count = 0;
  let at = from;
  if (bytes[at] === CLOSE_BRACKET) {
    levels.filled(0, 0, 0);
    return at + 1;
  }
  if (afterSize < 0 || !isAt(bytes, at, open)) return NOT_READ;
  at += openLength;
  let isPrice = true;
  let scale = priceScale;
  for (;;) {
    const isText = bytes[at] === QUOTE;
    if (isText) at += 1;
    else if (areTexts) return NOT_READ;
    const start = at;
    let mantissa = 0;
    let digit = 0;
    let fraction = 0;
    // An int32 goes on: digits beyond the ninth are read anew below.
    for (digit = (bytes[at] as number) ^ DIGIT; digit <= 9; digit = (bytes[at] as number) ^ DIGIT) {
      mantissa = (Math.imul(mantissa, 10) + digit) | 0;
      at += 1;
    }
    let digits = at - start;
    if (digits === 0 || (!isText && digits > 1 && bytes[start] === DIGIT)) return NOT_READ;
    if (digit === (POINT ^ DIGIT)) {
      at += 1;
      const first = at;
      const last = at + scale;
      for (digit = (bytes[at] as number) ^ DIGIT; digit <= 9 && at < last; digit = (bytes[at] as number) ^ DIGIT) {
        mantissa = (Math.imul(mantissa, 10) + digit) | 0;
        at += 1;
      }
      fraction = at - first;
      digits += fraction;
      // Zeros beyond the book's digits say nothing.
      for (; digit === 0; digit = (bytes[at] as number) ^ DIGIT) at += 1;
      if (digit <= 9 || at === first || at - start > MAX_LENGTH) return NOT_READ;
    }
    let value = mantissa;
    if (digits > SHORT_DIGITS) {
      value = longMantissa(bytes, start, digits);
      if (value < 0) return NOT_READ;
    }
    if (fraction !== scale) value *= POWERS_OF_TEN[scale - fraction] as number;
    if (isText) {
      if (digit !== (QUOTE ^ DIGIT)) return NOT_READ;
      at += 1;
    }
    if (isPrice) {
      prices[count] = value;
      if (!(value <= MAX_SCALED) || bytes[at] !== middle[0]) return NOT_READ;
      for (let index = 1; index < middleLength; index += 1) if (bytes[at + index] !== middle[index]) return NOT_READ;
      at += middleLength;
      if (bytes[at] === SPACE) at += 1;
      isPrice = false;
      scale = afterSize;
      continue;
    }
    value *= unit;
    sizes[count] = value;
    if (!(value <= MAX_SCALED)) return NOT_READ;
    count += 1;
    if (bytes[at] !== close) {
      at = endOfOthers(bytes, at, shape);
      if (at === NOT_READ) return NOT_READ;
    }
    at += 1;
    if (bytes[at] === CLOSE_BRACKET) {
      levels.filled(count, priceScale, sizeScale);
      return at + 1;
    }
    if (bytes[at] !== COMMA) return NOT_READ;
    at += 1;
    if (bytes[at] === SPACE) at += 1;
    for (let index = 0; index < openLength; index += 1) if (bytes[at + index] !== open[index]) return NOT_READ;
    at += openLength;
    if (count === prices.length) {
      levels.grow();
      ({ prices, sizes } = levels);
    }
    isPrice = true;
    scale = priceScale;
  }
}

/** The place of the bracket that ends a level, after values that are left out. */
function endOfOthers(bytes: Uint8Array, from: number, { other, close }: LevelShape): number {
  let at = from;
  while (bytes[at] !== close) {
    if (other === undefined || !isAt(bytes, at, other)) return NOT_READ;
    at += other.length;
    if (bytes[at] === SPACE) at += 1;
    at = endOfScalar(bytes, at);
    if (at === NOT_READ) return at;
  }
  return at;
}

/** The digits of a number of 10 to 15 digits, with or without a point among them. */
function longMantissa(bytes: Uint8Array, start: number, digits: number): number {
  if (digits > MAX_DIGITS) return NOT_READ;
  let mantissa = 0;
  let left = digits;
  for (let at = start; left > 0; at += 1) {
    const digit = (bytes[at] as number) ^ DIGIT;
    if (digit > 9) continue;
    mantissa = mantissa * 10 + digit;
    left -= 1;
  }
  return mantissa;
}
