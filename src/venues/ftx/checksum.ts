import type { BookChecksum, ChecksummedBook } from "../../market-data/book-checksum.ts";
import type { BookSide } from "../../market-data/book-side.ts";
import { type LevelColumns, resized } from "../../market-data/level-columns.ts";
import { type CrcSide, LevelCrc } from "../../market-data/level-crc.ts";
import { powerOfTen } from "../../market-data/scaled.ts";
import { NO_LEVEL } from "../../market-data/side-view.ts";
import { crcBefore, crcOfBytes, crcShift } from "../../net/crc32.ts";

const COLON = 58;
const POINT = 46;
const ZERO_DIGIT = 48;
/** Every level is `:price:size`, the first one too: this register makes the first colon count for nothing. */
const FIRST = crcBefore(-1, COLON);

/** Changed levels that are remembered one by one: of more, all are looked at. */
const MAX_CHANGED = 1_000;

const digits = new Uint8Array(512);
const text = new Uint8Array(1_200);

/** Register and length of each level's text, which stay the same between most messages. */
class LevelTexts implements LevelColumns {
  readonly bits: Int32Array;
  #crcs: Int32Array;
  /** Length 0: not computed. */
  #lengths: Uint8Array;
  readonly #own: CrcSide;
  readonly #slots: number;
  /** Slots that were changed since the texts were made. */
  #changed: number[] = [];
  /** No text has been made since the levels were placed in the ladder. */
  #isNew = true;

  constructor(own: CrcSide) {
    this.bits = own.bits;
    this.#crcs = own.crcs;
    this.#lengths = own.lengths;
    this.#own = own;
    this.#slots = own.bits.length * Int32Array.BYTES_PER_ELEMENT * 8;
  }

  /** True while the texts are where the kernel reads them: a side with very many levels has none there. */
  get isInKernel(): boolean {
    return this.#lengths === this.#own.lengths;
  }

  forget(cursor: number): void {
    this.#lengths[cursor] = 0;
    // Levels below the ladder change their places.
    if (this.#isNew || cursor >= this.#slots) return;
    if (this.#changed.length < MAX_CHANGED) this.#changed.push(cursor);
    else this.#isNew = true;
  }

  clear(): void {
    this.#lengths.fill(0);
    this.#isNew = true;
  }

  /** Makes the texts of all levels in slots of the ladder that have none. */
  makeAll(book: ChecksummedBook, side: BookSide): void {
    if (this.#isNew) {
      for (let cursor = side.best; cursor !== NO_LEVEL; cursor = side.worse(cursor))
        this.#makeMissing(book, side, cursor);
    } else {
      for (const cursor of this.#changed) if (side.sizeOf(cursor) > 0) this.#makeMissing(book, side, cursor);
    }
    this.#isNew = false;
    if (this.#changed.length > 0) this.#changed = [];
  }

  /** The register after a level's text is appended. */
  append(register: number, book: ChecksummedBook, side: BookSide, cursor: number): number {
    this.#makeMissing(book, side, cursor);
    return crcShift(register, this.#lengths[cursor] as number) ^ (this.#crcs[cursor] as number);
  }

  #makeMissing({ priceScale, sizeScale }: ChecksummedBook, side: BookSide, cursor: number): void {
    if (this.#lengths[cursor] !== 0) return;
    text[0] = COLON;
    const middle = writeShort(1, side.priceOf(cursor), priceScale);
    text[middle] = COLON;
    const length = writeShort(middle + 1, side.sizeOf(cursor), sizeScale);
    this.#lengths[cursor] = length;
    this.#crcs[cursor] = crcOfBytes(0, text, 0, length);
  }

  move(from: number, to: number, target: number): void {
    this.#crcs.copyWithin(target, from, to);
    this.#lengths.copyWithin(target, from, to);
  }

  resize(capacity: number): void {
    if (capacity <= this.#lengths.length) return;
    this.#crcs = resized(this.#crcs, new Int32Array(capacity));
    this.#lengths = resized(this.#lengths, new Uint8Array(capacity));
  }
}

/**
 * CRC-32 over `bid:size:ask:size:...` of the best `depth` levels a side, interleaved, the longer side going on alone,
 * every number printed as Python's `repr(float)` (FTX API documentation, orderbooks channel).
 */
export class FtxChecksum implements BookChecksum {
  readonly #crc = new LevelCrc();
  readonly bidColumns = new LevelTexts(this.#crc.bids);
  readonly askColumns = new LevelTexts(this.#crc.asks);
  readonly #depth: number;

  constructor(depth: number) {
    this.#depth = depth;
  }

  of(book: ChecksummedBook): number {
    return book.isWide ? wideChecksum(book, this.#depth) : this.#narrowChecksum(book);
  }

  #narrowChecksum(book: ChecksummedBook): number {
    const { narrowBids, narrowAsks } = book;
    const { bidColumns, askColumns } = this;
    const areInKernel = bidColumns.isInKernel && askColumns.isInKernel;
    const inLadders = areInKernel ? Math.min(narrowBids.nearCount, narrowAsks.nearCount, this.#depth) : 0;
    if (inLadders === 0) return this.#walk(FIRST, book, 0, narrowBids.best, narrowAsks.best);
    bidColumns.makeAll(book, narrowBids);
    askColumns.makeAll(book, narrowAsks);
    const register = this.#crc.append(FIRST, narrowBids.best, narrowAsks.best, inLadders);
    const isWhole = inLadders === this.#depth || (narrowBids.count === inLadders && narrowAsks.count === inLadders);
    if (isWhole) return ~register >>> 0;
    const lastBid = this.#crc.slotOf(this.#crc.bids, narrowBids.best, inLadders - 1);
    const lastAsk = this.#crc.slotOf(this.#crc.asks, narrowAsks.best, inLadders - 1);
    return this.#walk(register, book, inLadders, narrowBids.worse(lastBid), narrowAsks.worse(lastAsk));
  }

  /** Appends level by level from a rank on, whose cursors are told. */
  #walk(from: number, book: ChecksummedBook, fromRank: number, bidFrom: number, askFrom: number): number {
    const { narrowBids, narrowAsks } = book;
    let [register, bid, ask] = [from, bidFrom, askFrom];
    if (narrowBids.count === 0 && narrowAsks.count === 0) return 0;
    for (let rank = fromRank; rank < this.#depth && (bid !== NO_LEVEL || ask !== NO_LEVEL); rank += 1) {
      if (bid !== NO_LEVEL) {
        register = this.bidColumns.append(register, book, narrowBids, bid);
        bid = narrowBids.worse(bid);
      }
      if (ask !== NO_LEVEL) {
        register = this.askColumns.append(register, book, narrowAsks, ask);
        ask = narrowAsks.worse(ask);
      }
    }
    return ~register >>> 0;
  }
}

function wideChecksum({ bids, asks, priceScale, sizeScale }: ChecksummedBook, depth: number): number {
  let register = FIRST;
  const deepest = Math.min(Math.max(bids.count, asks.count), depth);
  for (let rank = 0; rank < deepest; rank += 1) {
    for (const side of [bids, asks]) {
      if (rank >= side.count) continue;
      text[0] = COLON;
      const middle = writePythonFloat(1, loadText(side.priceAt(rank).toString()), priceScale);
      text[middle] = COLON;
      const end = writePythonFloat(middle + 1, loadText(side.sizeAt(rank).toString()), sizeScale);
      register = crcOfBytes(register, text, 0, end);
    }
  }
  return deepest === 0 ? 0 : ~register >>> 0;
}

/** `mantissa / 10^scale` as Python's `repr(float)` prints it. */
export function pythonFloat(mantissa: bigint, scale: number): string {
  const end = writePythonFloat(0, loadText(mantissa.toString()), scale);
  return String.fromCharCode(...text.subarray(0, end));
}

/** Writes like `writePythonFloat`, for a mantissa of at most 15 digits, from its value. */
function writeShort(from: number, value: number, valueScale: number): number {
  let mantissa = value;
  let scale = valueScale;
  for (let tenth = mantissa / 10; scale > 0 && tenth === Math.floor(tenth); tenth = mantissa / 10) {
    mantissa = tenth;
    scale -= 1;
  }
  const unit = powerOfTen(scale);
  // Python writes no exponent from 1e-4 on; 15 digits never reach 1e16, where it begins again.
  if (mantissa * 10_000 < unit) return writePythonFloat(from, loadText(String(mantissa)), scale);
  const whole = Math.floor(mantissa / unit);
  let wholeDigits = 1;
  while (whole >= powerOfTen(wholeDigits)) wholeDigits += 1;
  const point = from + wholeDigits;
  writeDigits(from, point, whole);
  text[point] = POINT;
  const end = point + 1 + Math.max(scale, 1);
  writeDigits(point + 1, end, mantissa - whole * unit);
  return end;
}

/** Fills `text[from, to)` with the last digits of a whole number. */
function writeDigits(from: number, to: number, value: number): void {
  let rest = value;
  let at = to;
  while (rest > 999_999_999) {
    const higher = Math.floor(rest / 10);
    at -= 1;
    text[at] = ZERO_DIGIT + rest - higher * 10;
    rest = higher;
  }
  let short = rest | 0;
  while (at > from) {
    const higher = (short / 10) | 0;
    at -= 1;
    text[at] = ZERO_DIGIT + short - higher * 10;
    short = higher;
  }
}

function loadText(value: string): number {
  for (let at = 0; at < value.length; at += 1) digits[at] = value.charCodeAt(at) - ZERO_DIGIT;
  return value.length;
}

/** Writes `0.<digits> * 10^(count - scale)` into `text` at `from`; returns where it ended. */
function writePythonFloat(from: number, count: number, scale: number): number {
  // Python turns to exponents below 1e-4 and from 1e16, JavaScript's String() below 1e-6 and from 1e21.
  const pointAt = count - scale;
  let significant = count;
  while (significant > 1 && digits[significant - 1] === 0) significant -= 1;
  if (pointAt <= -4 || pointAt > 16) return writeExponentForm(from, significant, pointAt - 1);
  let at = from;
  if (pointAt <= 0) {
    text[at] = ZERO_DIGIT;
    text[at + 1] = POINT;
    at += 2;
    for (let zeros = pointAt; zeros < 0; zeros += 1) text[at++] = ZERO_DIGIT;
    for (let index = 0; index < significant; index += 1) text[at++] = ZERO_DIGIT + (digits[index] as number);
    return at;
  }
  for (let index = 0; index < pointAt; index += 1) {
    text[at++] = ZERO_DIGIT + (index < significant ? (digits[index] as number) : 0);
  }
  text[at++] = POINT;
  if (significant <= pointAt) text[at++] = ZERO_DIGIT;
  for (let index = pointAt; index < significant; index += 1) text[at++] = ZERO_DIGIT + (digits[index] as number);
  return at;
}

function writeExponentForm(from: number, significant: number, exponent: number): number {
  let at = from;
  text[at++] = ZERO_DIGIT + (digits[0] as number);
  if (significant > 1) text[at++] = POINT;
  for (let index = 1; index < significant; index += 1) text[at++] = ZERO_DIGIT + (digits[index] as number);
  const suffix = `e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  for (let index = 0; index < suffix.length; index += 1) text[at++] = suffix.charCodeAt(index);
  return at;
}
