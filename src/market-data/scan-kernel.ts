import { Kernel, type KernelMemory, type Told } from "./kernel.ts";
import { KERNEL_BYTES } from "./scan-kernel-bytes.ts";

/** Exports of `kernel/book-scanner.ts`. */
interface KernelExports extends KernelMemory {
  begin(length: number): void;
  addMarket(index: number): void;
  valueAt(at: number, kind: number, slot: number): number;
  marketRead(): number;
  read(length: number, layout: number): number;
  readonly NUMBERS: Told;
  readonly COUNTS: Told;
  readonly SHAPES: Told;
  readonly SHAPE_BYTES: Told;
  readonly SHAPE_TEXT_BYTES: Told;
  readonly IS_PRICE_QUOTED: Told;
  readonly IS_SIZE_QUOTED: Told;
  readonly IS_SHORT: Told;
  readonly HAS_TEXTS: Told;
  readonly LAYOUTS: Told;
  readonly LAYOUTS_END: Told;
  readonly STEP_BYTES: Told;
  readonly COLUMNS: Told;
  readonly MAX_LEVELS: Told;
  readonly MARKETS: Told;
  readonly MARKET_BYTES: Told;
  readonly MAX_MARKETS: Told;
  readonly UNIT: Told;
  readonly PRICE_SCALE: Told;
  readonly SIZE_SCALE: Told;
  readonly NAME_LENGTH: Told;
  readonly NAME: Told;
  readonly MAX_NAME: Told;
  readonly INPUT: Told;
  readonly INPUT_BYTES: Told;
}

/** Kinds of values that the kernel reads; `end` ends a layout. */
export const KIND = { end: 0, integer: 1, seconds: 2, symbol: 3, bids: 4, asks: 5, text: 6, scalar: 7 } as const;
export type Kind = (typeof KIND)[keyof typeof KIND];

/** Texts around the values of levels, in the kernel's order, and whether numbers are in quotes. */
export interface LevelShape {
  readonly open: string;
  readonly middle: string;
  readonly between: string;
  readonly last: string;
  readonly sizeEnd: string;
  readonly other: string;
  readonly close: string;
  readonly next: string;
  readonly isPriceQuoted: boolean;
  readonly isSizeQuoted: boolean;
}

/** A step of a layout: bytes that are always the same, and a value after them, with its slot or its shape. */
export interface LayoutStep {
  readonly text: Uint8Array;
  readonly kind: Kind;
  readonly slot: number;
}

const kernel = new Kernel<KernelExports>(KERNEL_BYTES);
const encoder = new TextEncoder();
const LITTLE_ENDIAN = true;
/** Texts are compared by sixteen bytes, and may be read to the end of the last sixteen. */
const VECTOR_BYTES = 16;
const NUMBERS = 16;

/** Reader of messages in WebAssembly, with a memory of its own. Places are those of its memory. */
export class ScanKernel {
  /** Room for the message. */
  readonly input: Uint8Array;
  /** Place of the first byte of the message. */
  readonly inputPlace: number;
  /** Numbers of the message by their slots. */
  readonly numbers: Float64Array;
  /** Count of bids and the zeros among them, and the same of asks: 1 for a price, 2 for a size, 3 for both. */
  readonly counts: Int32Array;
  /** Prices of bids, sizes of bids, prices of asks, sizes of asks. */
  readonly columns: readonly Float64Array[];
  /** Reads the message of a length that is written as a layout says; the number of its market, or -1. */
  readonly read: (length: number, layout: number) => number;
  readonly begin: (length: number) => void;
  /** Reads one value; the place after it, or 0. */
  readonly valueAt: (place: number, kind: number, slot: number) => number;
  /** The number of the market whose name was read; -1 before. */
  readonly marketRead: () => number;
  readonly #exports: KernelExports;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #shapes = 0;
  #layouts: number;
  #markets = 0;

  constructor() {
    const exports = kernel.instance();
    const { buffer } = exports.memory;
    this.#exports = exports;
    this.#bytes = new Uint8Array(buffer);
    this.#view = new DataView(buffer);
    this.inputPlace = exports.INPUT.value;
    this.input = new Uint8Array(buffer, this.inputPlace, exports.INPUT_BYTES.value);
    this.numbers = new Float64Array(buffer, exports.NUMBERS.value, NUMBERS).fill(Number.NaN);
    this.counts = new Int32Array(buffer, exports.COUNTS.value, 4);
    const levels = exports.MAX_LEVELS.value;
    const columnPlace = (column: number) => exports.COLUMNS.value + column * levels * Float64Array.BYTES_PER_ELEMENT;
    this.columns = [0, 1, 2, 3].map((column) => new Float64Array(buffer, columnPlace(column), levels));
    this.#layouts = exports.LAYOUTS.value;
    this.read = exports.read;
    this.begin = exports.begin;
    this.valueAt = exports.valueAt;
    this.marketRead = exports.marketRead;
  }

  /** Adds a way in which levels are written; returns its place. */
  addShape({ isPriceQuoted, isSizeQuoted, ...texts }: LevelShape): number {
    const { SHAPES, SHAPE_BYTES, SHAPE_TEXT_BYTES } = this.#exports;
    const { IS_PRICE_QUOTED, IS_SIZE_QUOTED, IS_SHORT, HAS_TEXTS } = this.#exports;
    const place = SHAPES.value + this.#shapes * SHAPE_BYTES.value;
    const { open, middle, between, last, sizeEnd, other, close, next } = texts;
    for (const [index, text] of [open, middle, between, last, sizeEnd, other, close, next].entries()) {
      const bytes = encoder.encode(text);
      if (bytes.length > SHAPE_TEXT_BYTES.value)
        throw new TypeError(
          `keys of a level are too long where ${text} takes more than ${SHAPE_TEXT_BYTES.value} bytes`,
        );
      this.#bytes[place + index] = bytes.length;
      this.#bytes.set(bytes, place + SHAPE_TEXT_BYTES.value * (index + 1));
    }
    this.#bytes[place + IS_PRICE_QUOTED.value] = Number(isPriceQuoted);
    this.#bytes[place + IS_SIZE_QUOTED.value] = Number(isSizeQuoted);
    const longest = Math.max(middle.length, between.length, last.length);
    const isShort = isPriceQuoted && isSizeQuoted && longest <= VECTOR_BYTES;
    this.#bytes[place + IS_SHORT.value] = Number(isShort);
    this.#bytes[place + HAS_TEXTS.value] = Number(isShort && other === "," && close === "]");
    this.#shapes += 1;
    return place;
  }

  /** Takes room for a layout; undefined when there is none left. */
  roomForLayout(bytes: number): number | undefined {
    const place = this.#layouts;
    if (place + bytes > this.#exports.LAYOUTS_END.value) return undefined;
    this.#layouts += bytes;
    return place;
  }

  /** Writes a layout into its room; false where that does not hold it. */
  writeLayout(place: number, room: number, steps: readonly LayoutStep[]): boolean {
    const { STEP_BYTES } = this.#exports;
    let textPlace = place + steps.length * STEP_BYTES.value;
    const padded = (length: number) => Math.ceil(length / VECTOR_BYTES) * VECTOR_BYTES;
    const total = steps.reduce((sum, { text }) => sum + padded(text.length), steps.length * STEP_BYTES.value);
    if (total > room) return false;
    for (const [index, { text, kind, slot }] of steps.entries()) {
      const step = place + index * STEP_BYTES.value;
      for (const [field, number] of [textPlace, text.length, kind, slot].entries())
        this.#view.setInt32(step + field * Int32Array.BYTES_PER_ELEMENT, number, LITTLE_ENDIAN);
      this.#bytes.set(text, textPlace);
      textPlace += padded(text.length);
    }
    return true;
  }

  /** Adds a market; its number, or undefined for one that has no room: its messages are read over `JSON.parse`. */
  addMarket(symbol: string, unit: number): number | undefined {
    const { MAX_MARKETS, MAX_NAME, NAME, NAME_LENGTH, UNIT } = this.#exports;
    const name = encoder.encode(symbol);
    const index = this.#markets;
    if (index === MAX_MARKETS.value || name.length === 0 || name.length > MAX_NAME.value) return undefined;
    const record = this.#recordOf(index);
    this.#view.setFloat64(record + UNIT.value, unit, LITTLE_ENDIAN);
    this.#view.setInt32(record + NAME_LENGTH.value, name.length, LITTLE_ENDIAN);
    this.#bytes.set(name, record + NAME.value);
    this.setScales(index, -1, -1);
    this.#exports.addMarket(index);
    this.#markets += 1;
    return index;
  }

  forgetMarkets(): void {
    this.#exports.prepare();
    this.#markets = 0;
  }

  /** Digits after the point of a market's prices, and of its sizes in their unit; -1 while they are unknown. */
  setScales(index: number, priceScale: number, sizeScale: number): void {
    const { PRICE_SCALE, SIZE_SCALE } = this.#exports;
    this.#view.setInt32(this.#recordOf(index) + PRICE_SCALE.value, priceScale, LITTLE_ENDIAN);
    this.#view.setInt32(this.#recordOf(index) + SIZE_SCALE.value, sizeScale, LITTLE_ENDIAN);
  }

  #recordOf(index: number): number {
    return this.#exports.MARKETS.value + index * this.#exports.MARKET_BYTES.value;
  }
}

/** Ways in which the levels of a venue may be written: numbers in quotes or not, and blanks after signs or not. */
export function levelShapes(keys: LevelKeys | undefined, areTexts: boolean): readonly LevelShape[] {
  const quotes = areTexts ? ['"'] : ['"', ""];
  return quotes.flatMap((price) =>
    quotes.flatMap((size) => ["", " "].map((blank) => levelShape(keys, price, size, blank))),
  );
}

type LevelKeys = readonly [price: string, size: string, other?: string];

function levelShape(keys: LevelKeys | undefined, priceQuote: string, sizeQuote: string, blank: string): LevelShape {
  const keyOf = (place: number) => (keys === undefined ? "" : `"${keys[place]}":${blank}`);
  const [begin, end] = keys === undefined ? ["[", "]"] : ["{", "}"];
  const open = `${begin}${keyOf(0)}${priceQuote}`;
  return {
    open,
    middle: `${priceQuote},${blank}${keyOf(1)}${sizeQuote}`,
    between: `${sizeQuote}${end},${blank}${open}`,
    last: `${sizeQuote}${end}]`,
    sizeEnd: sizeQuote,
    // An array goes on with values that nobody asked for; an object with the one that was named.
    other: keys !== undefined && keys[2] === undefined ? "" : `,${blank}${keyOf(2)}`,
    close: end,
    next: `,${blank}${open}`,
    isPriceQuoted: priceQuote !== "",
    isSizeQuoted: sizeQuote !== "",
  };
}
