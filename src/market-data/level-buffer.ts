import { Decimal, MAX_NUMBER_EXPONENT, MAX_NUMBER_LENGTH } from "../model/decimal.ts";
import type { LevelSink } from "./book-frame.ts";
import { bigPowerOfTen, MAX_NARROW_SCALE, MAX_SCALED, powerOfTen } from "./scaled.ts";
import type { SizeUnit } from "./size-unit.ts";

const INITIAL_CAPACITY = 64;
const NONE = -1;
const DECIMAL_TEXT = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;

interface WideValue {
  readonly mantissa: bigint;
  readonly scale: number;
}

/**
 * One column of a level buffer: values as mantissa and scale, `mantissa / 10^scale`, each with the fewest digits that
 * say it exactly. A value that is no number is NaN; one of more than 15 significant digits is kept as a BigInt aside.
 */
class ScaledColumn {
  mantissas: Float64Array;
  scales: Uint16Array;
  maxScale = 0;
  /** True when a value is kept as a BigInt. */
  isWide = false;
  /** Scale of all values where they have one; otherwise `NONE`, and each has its own. */
  #common = NONE;
  readonly #wide = new Map<number, WideValue>();
  /** Scale of the last JSON number, the likely one of the next. */
  #scaleHint = 1;
  #scale = 0;
  #wideValue: WideValue | undefined;

  constructor(mantissas: Float64Array) {
    this.mantissas = mantissas;
    this.scales = new Uint16Array(mantissas.length);
  }

  clear(): void {
    this.maxScale = 0;
    this.#common = NONE;
    if (!this.isWide) return;
    this.#wide.clear();
    this.isWide = false;
  }

  grow(): void {
    const mantissas = new Float64Array(this.mantissas.length * 2);
    mantissas.set(this.mantissas);
    this.mantissas = mantissas;
    const scales = new Uint16Array(this.scales.length * 2);
    scales.set(this.scales);
    this.scales = scales;
  }

  store(index: number, value: unknown, unit?: SizeUnit): void {
    this.#scale = 0;
    const count =
      typeof value === "string" ? this.#parseText(value) : typeof value === "number" ? this.#parseNumber(value) : NaN;
    const mantissa = unit === undefined || Number.isNaN(count) ? count : this.#times(count, String(value), unit);
    this.mantissas[index] = mantissa;
    this.scales[index] = this.#scale;
    if (this.#scale > this.maxScale) this.maxScale = this.#scale;
    if (this.#wideValue !== undefined) {
      this.#wide.set(index, this.#wideValue);
      this.isWide = true;
      this.#wideValue = undefined;
    }
  }

  /** Takes mantissas that were written into the column, all of one scale. */
  filled(scale: number): void {
    this.#common = scale;
    this.maxScale = scale;
  }

  /** Takes away digits after the point that no value needs. */
  shorten(count: number): void {
    const { mantissas } = this;
    while (this.#common > 0) {
      for (let index = 0; index < count; index += 1) if ((mantissas[index] as number) % 10 !== 0) return;
      for (let index = 0; index < count; index += 1) mantissas[index] = (mantissas[index] as number) / 10;
      this.filled(this.#common - 1);
    }
  }

  /** Brings every value to one scale; false, with what was done kept consistent, when one would exceed 15 digits. */
  alignTo(scale: number, count: number): boolean {
    const { mantissas, scales } = this;
    if (this.#common === scale) return true;
    if (this.#common !== NONE) {
      scales.fill(this.#common, 0, count);
      this.#common = NONE;
    }
    // A copy of what is left must not be brought back to fewer digits.
    if (scale > this.maxScale) this.maxScale = scale;
    for (let index = 0; index < count; index += 1) {
      const own = scales[index] as number;
      if (own === scale) continue;
      const aligned = (mantissas[index] as number) * powerOfTen(scale - own);
      if (aligned > MAX_SCALED || aligned < -MAX_SCALED) return false;
      mantissas[index] = aligned;
      scales[index] = scale;
    }
    return true;
  }

  /** The value as an integer of `scale`, which must be at least `maxScale`. */
  bigAt(index: number, scale: number): bigint {
    const wide = this.#wide.get(index);
    const mantissa = wide?.mantissa ?? BigInt(this.mantissas[index] as number);
    const own = this.#common === NONE ? (this.scales[index] as number) : this.#common;
    return mantissa * bigPowerOfTen(scale - (wide?.scale ?? own));
  }

  copyFrom(source: ScaledColumn, count: number): void {
    this.mantissas = source.mantissas.slice(0, Math.max(count, 1));
    this.scales = source.scales.slice(0, Math.max(count, 1));
    this.maxScale = source.maxScale;
    this.#common = source.#common;
    this.isWide = source.isWide;
    this.#wide.clear();
    for (const [index, value] of source.#wide) this.#wide.set(index, value);
  }

  /** Multiplies the number that was parsed last by a unit: by integers where they fit, as texts where they do not. */
  #times(count: number, text: string, unit: SizeUnit): number {
    let product = count * unit.mantissa;
    let scale = this.#scale + unit.scale;
    const isNarrow = this.#wideValue === undefined && product <= MAX_SCALED && product >= -MAX_SCALED;
    while (isNarrow && scale > 0 && product % 10 === 0) {
      product /= 10;
      scale -= 1;
    }
    if (!isNarrow || scale > MAX_NARROW_SCALE) {
      this.#scale = 0;
      this.#wideValue = undefined;
      return this.#parseText(new Decimal(text).times(unit.amount).toFixed());
    }
    this.#scale = scale;
    return product;
  }

  #parseNumber(value: number): number {
    if (Number.isInteger(value) && value <= MAX_SCALED && value >= -MAX_SCALED) return value;
    if (!Number.isFinite(value)) return NaN;
    const hint = this.#scaleHint;
    let scale = isExactAt(value, hint) && !isExactAt(value, hint - 1) ? hint : 1;
    while (scale <= MAX_NARROW_SCALE) {
      const mantissa = Math.round(value * powerOfTen(scale));
      if (mantissa > MAX_SCALED || mantissa < -MAX_SCALED) break;
      if (mantissa / powerOfTen(scale) === value) {
        this.#scaleHint = scale;
        this.#scale = scale;
        return mantissa;
      }
      scale += 1;
    }
    return this.#parseSlowly(String(value));
  }

  #parseText(text: string): number {
    const length = text.length;
    // A text of 100 kB took seconds where its digits were looked at before they were counted.
    if (length > MAX_NUMBER_LENGTH) return NaN;
    let mantissa = 0;
    let scale = 0;
    let zeros = 0;
    let inFraction = false;
    let at = text.charCodeAt(0) === 45 ? 1 : 0;
    const isNegative = at === 1;
    if (length === at || (length === at + 1 && text.charCodeAt(at) === 46)) return NaN;
    for (; at < length; at += 1) {
      const digit = text.charCodeAt(at) - 48;
      if (digit < 0 || digit > 9) {
        if (digit !== -2 || inFraction) return this.#parseSlowly(text);
        inFraction = true;
      } else if (!inFraction) {
        mantissa = mantissa * 10 + digit;
      } else if (digit === 0) {
        zeros += 1;
      } else {
        scale += zeros + 1;
        if (scale > MAX_NARROW_SCALE) return this.#parseSlowly(text);
        mantissa = mantissa * powerOfTen(zeros + 1) + digit;
        zeros = 0;
      }
    }
    if (mantissa > MAX_SCALED) return this.#parseSlowly(text);
    this.#scale = scale;
    return isNegative ? -mantissa : mantissa;
  }

  /** Any decimal text of at most 100 characters, exponents up to 40 and more than 15 digits included. */
  #parseSlowly(text: string): number {
    const match = DECIMAL_TEXT.exec(text);
    const whole = match?.[2] ?? "";
    const fraction = match?.[3] ?? "";
    const exponent = Number(match?.[4] ?? 0);
    if (match === null || whole.length + fraction.length === 0 || Math.abs(exponent) > MAX_NUMBER_EXPONENT) return NaN;
    let mantissa = BigInt(`${whole}${fraction}`);
    let scale = fraction.length - exponent;
    if (mantissa === 0n) return 0;
    while (scale > 0 && mantissa % 10n === 0n) {
      mantissa /= 10n;
      scale -= 1;
    }
    if (scale < 0) {
      mantissa *= bigPowerOfTen(-scale);
      scale = 0;
    }
    if (match[1] === "-") mantissa = -mantissa;
    this.#scale = scale;
    const approximate = Number(mantissa);
    if (scale > MAX_NARROW_SCALE || Math.abs(approximate) > MAX_SCALED) this.#wideValue = { mantissa, scale };
    return approximate;
  }
}

function isExactAt(value: number, scale: number): boolean {
  const power = powerOfTen(scale);
  return Math.round(value * power) / power === value;
}

/** The levels of one side of one message, in the order in which the venue sent them. Reused from message to message. */
export class LevelBuffer implements LevelSink {
  count = 0;
  /** Zeros among the levels, where whoever filled them knows: 1 for a price, 2 for a size, 3 for both; otherwise -1. */
  zeros = NONE;
  readonly #price: ScaledColumn;
  readonly #size: ScaledColumn;

  constructor(
    prices: Float64Array = new Float64Array(INITIAL_CAPACITY),
    sizes: Float64Array = new Float64Array(INITIAL_CAPACITY),
  ) {
    this.#price = new ScaledColumn(prices);
    this.#size = new ScaledColumn(sizes);
  }

  /** True when a value has more than 15 significant digits: only the BigInt readers are exact then. */
  get isWide(): boolean {
    return this.#price.isWide || this.#size.isWide;
  }

  /** Digits after the point that the prices need. */
  get priceScale(): number {
    return this.#price.maxScale;
  }

  get sizeScale(): number {
    return this.#size.maxScale;
  }

  /** Prices as integers of their scale; after `alignTo`, all of one scale. Longer than `count`. */
  get prices(): Float64Array {
    return this.#price.mantissas;
  }

  get sizes(): Float64Array {
    return this.#size.mantissas;
  }

  push(price: number | string, size: number | string, unit?: SizeUnit): void {
    if (this.count === this.#price.mantissas.length) this.grow();
    this.zeros = NONE;
    this.#price.store(this.count, price);
    this.#size.store(this.count, size, unit);
    this.count += 1;
  }

  /** Doubles the room for levels: `prices` and `sizes` are other arrays then, with the same values. */
  grow(): void {
    this.#price.grow();
    this.#size.grow();
  }

  /** Takes levels that were written into `prices` and `sizes` as integers of these scales, none of them negative. */
  filled(count: number, priceScale: number, sizeScale: number, zeros: number): void {
    this.count = count;
    this.zeros = zeros;
    this.#price.filled(priceScale);
    this.#size.filled(sizeScale);
  }

  /** Takes away digits after the point that no price or no size of levels that were `filled` needs. */
  shorten(): void {
    this.#price.shorten(this.count);
    this.#size.shorten(this.count);
  }

  clear(): void {
    this.count = 0;
    this.zeros = NONE;
    this.#price.clear();
    this.#size.clear();
  }

  /** Brings all prices and sizes to one scale each; false when 15 digits do not hold one of them. */
  alignTo(priceScale: number, sizeScale: number): boolean {
    return this.#price.alignTo(priceScale, this.count) && this.#size.alignTo(sizeScale, this.count);
  }

  bigPriceAt(index: number, scale: number): bigint {
    return this.#price.bigAt(index, scale);
  }

  bigSizeAt(index: number, scale: number): bigint {
    return this.#size.bigAt(index, scale);
  }

  copyFrom(source: LevelBuffer): void {
    this.count = source.count;
    this.zeros = source.zeros;
    this.#price.copyFrom(source.#price, source.count);
    this.#size.copyFrom(source.#size, source.count);
  }
}
