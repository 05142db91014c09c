import type { TradingPair } from "../model/market.ts";
import type { VenueMarkets } from "../model/venue-markets.ts";
import type { BookFrameBuffer } from "./book-frame-buffer.ts";
import type { BookWire } from "./book-wire.ts";
import { type LevelShape, levelShape, scanLevels } from "./scan-levels.ts";
import { scanInteger, scanSeconds } from "./scan-numbers.ts";
import { sizeUnitOf } from "./size-unit.ts";
import { SymbolTable } from "./symbol-table.ts";
import { endOfParts, type TextPattern } from "./text-pattern.ts";
import { bytesOf, endOfScalar, endOfText, isAt, isSame } from "./wire-bytes.ts";
import { enveloped, FIELD, type Field, fieldsOf, IGNORED, NUMBER, NUMBERS, requiredOf } from "./wire-fields.ts";
import { LayoutDraft, NO_LAYOUT } from "./wire-layout.ts";

const CLOSE_BRACE = 0x7d;
const CLOSE_BRACKET = 0x5d;
const COLON = 0x3a;
const COMMA = 0x2c;
const NOT_READ = -1;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const QUOTE = 0x22;
const SPACE = 0x20;

/** A market, and the digits that its prices and sizes have needed: unknown until a message was read over `JSON.parse`. */
interface ScannedMarket {
  readonly tradingPair: TradingPair;
  readonly symbol: Uint8Array;
  readonly unit: number;
  readonly unitScale: number;
  priceScale: number;
  sizeScale: number;
}

const UNKNOWN = -1;
const NO_MARKET: ScannedMarket = {
  tradingPair: "",
  symbol: bytesOf(""),
  unit: 1,
  unitScale: 0,
  priceScale: UNKNOWN,
  sizeScale: UNKNOWN,
};
const NULL = bytesOf("null");
const MILLISECONDS = 1_000;

/** After so many messages that are written otherwise, the layout is that of the last one. */
const MISSES_BORNE = 16;

/** One way in which the messages of a venue are written. */
class WireForm {
  readonly fields: readonly Field[];
  readonly required: number;
  layout = NO_LAYOUT;
  /** Messages that were read by their keys since the layout was taken. */
  misses = 0;

  constructor(wire: BookWire) {
    this.fields = fieldsOf(wire);
    this.required = requiredOf(this.fields);
  }
}

/**
 * Reads the messages of a venue's books in place, into the columns of a frame: keys wherever they stand, decimals as scaled
 * integers, nothing made of them that would have to be collected. It reads only what is written as `BookWire` says, and
 * nothing that `JSON.parse` would refuse or read as something else.
 */
export class BookScanner {
  readonly #wire: BookWire;
  readonly #shape: LevelShape;
  readonly #forms: readonly WireForm[];
  /** The form of the message before. */
  #form: WireForm;
  readonly #numbers = new Float64Array(NUMBERS).fill(Number.NaN);
  #markets: VenueMarkets | undefined;
  #bySymbol = new SymbolTable<ScannedMarket>([]);
  #byPair = new Map<TradingPair, ScannedMarket>();
  #seen = 0;
  /** The layout of the message that is being read by its keys. */
  #draft: LayoutDraft | undefined;
  #market = NO_MARKET;

  constructor(wire: BookWire) {
    this.#wire = wire;
    this.#shape = levelShape(wire.levelKeys, wire.values === "texts");
    const inside = enveloped(wire);
    this.#form = new WireForm(wire);
    this.#forms = [this.#form, ...(inside === undefined ? [] : [new WireForm(inside)])];
  }

  /** Fills the frame; false, with a frame that means nothing, for a message that is to be read over `JSON.parse`. */
  scan(bytes: Uint8Array, markets: VenueMarkets, frame: BookFrameBuffer): boolean {
    if (bytes[0] !== OPEN_BRACE) return false;
    if (markets !== this.#markets) this.#take(markets);
    if (!this.#scanForm(this.#form, bytes, frame) && !this.#scanOtherForm(bytes, frame)) return false;
    const numbers = this.#numbers;
    frame.tradingPair = this.#market.tradingPair;
    const time = numbers[NUMBER.time] as number;
    frame.timestampMs = this.#wire.time.form === "seconds" ? time * MILLISECONDS : time;
    frame.updateId = numbers[NUMBER.updateId] as number;
    frame.firstUpdateId = numbers[NUMBER.firstUpdateId] as number;
    frame.previousUpdateId = numbers[NUMBER.previousUpdateId] as number;
    frame.checksum = numbers[NUMBER.checksum] as number;
    return true;
  }

  /** Takes over how many digits a message needed that was read over `JSON.parse`. */
  learn({ tradingPair, kind, priceScale, sizeScale, isWide }: BookFrameBuffer): void {
    const market = this.#byPair.get(tradingPair);
    if (market === undefined || isWide) return;
    const isSnapshot = kind === "snapshot";
    market.priceScale = isSnapshot ? priceScale : Math.max(market.priceScale, priceScale);
    // One contract may need more digits than the sizes of round numbers of them.
    market.sizeScale = Math.max(isSnapshot ? 0 : market.sizeScale, sizeScale, market.unitScale);
  }

  #take(markets: VenueMarkets): void {
    const known = this.#byPair;
    const scanned: ScannedMarket[] = [];
    this.#byPair = new Map();
    for (const [name, { tradingPair, rule }] of markets.bySymbol) {
      const unit = this.#wire.isInContracts === true ? sizeUnitOf(rule.contractSize) : undefined;
      const { priceScale, sizeScale } = known.get(tradingPair) ?? { priceScale: UNKNOWN, sizeScale: UNKNOWN };
      const [mantissa, unitScale] = [unit?.mantissa ?? 1, unit?.scale ?? 0];
      const symbol = bytesOf(name);
      const market = { tradingPair, symbol, unit: mantissa, unitScale, priceScale, sizeScale };
      scanned.push(market);
      this.#byPair.set(tradingPair, market);
    }
    this.#bySymbol = new SymbolTable(scanned);
    this.#markets = markets;
  }

  #scanForm(form: WireForm, bytes: Uint8Array, frame: BookFrameBuffer): boolean {
    return this.#scanAsBefore(form, bytes, frame) || this.#scanByKeys(form, bytes, frame);
  }

  #scanOtherForm(bytes: Uint8Array, frame: BookFrameBuffer): boolean {
    for (const form of this.#forms) {
      if (form === this.#form || !this.#scanForm(form, bytes, frame)) continue;
      this.#form = form;
      return true;
    }
    return false;
  }

  /** Reads a message whose keys stand where they stood in the one that the layout was taken from. */
  #scanAsBefore({ layout }: WireForm, bytes: Uint8Array, frame: BookFrameBuffer): boolean {
    const { text, ends, fields } = layout;
    this.#market = NO_MARKET;
    frame.reset(this.#wire.kind);
    let at = 0;
    let place = 0;
    for (let index = 0; index < fields.length; index += 1) {
      const end = ends[index] as number;
      if (!isSame(bytes, at, text, place, end)) return false;
      at += end - place;
      place = end;
      at = this.#value(bytes, at, fields[index] as Field, frame);
      if (at === NOT_READ) return false;
    }
    const end = text.length;
    return place < end && at + end - place === bytes.length && isSame(bytes, at, text, place, end);
  }

  #scanByKeys(form: WireForm, bytes: Uint8Array, frame: BookFrameBuffer): boolean {
    this.#seen = 0;
    this.#market = NO_MARKET;
    frame.reset(this.#wire.kind);
    form.misses += 1;
    const isLearning = form.misses >= MISSES_BORNE || form.layout.fields.length === 0;
    this.#draft = isLearning ? new LayoutDraft(bytes) : undefined;
    const end = this.#object(bytes, 1, form.fields, frame);
    if (end !== bytes.length || (this.#seen & form.required) !== form.required) return false;
    if (this.#draft !== undefined) form.layout = this.#draft.layout();
    if (isLearning) form.misses = 0;
    return true;
  }

  /** Reads an object from after its brace; returns the place after it. */
  #object(bytes: Uint8Array, from: number, fields: readonly Field[], frame: BookFrameBuffer): number {
    let at = from;
    let expected = 0;
    for (;;) {
      let field: Field | undefined;
      // Keys come in the same order every time.
      for (let tried = 0; tried < fields.length; tried += 1) {
        const candidate = fields[expected] as Field;
        expected = expected + 1 === fields.length ? 0 : expected + 1;
        if (!isAt(bytes, at, candidate.key)) continue;
        field = candidate;
        break;
      }
      if (field === undefined) {
        if (bytes[at] !== QUOTE) return NOT_READ;
        at = endOfText(bytes, at + 1) + 1;
        if (at === NOT_READ + 1 || bytes[at] !== COLON) return NOT_READ;
        at += 1;
        if (bytes[at] === SPACE) at += 1;
        const end = endOfScalar(bytes, at);
        this.#draft?.add(at, end, IGNORED);
        at = end;
      } else {
        // `JSON.parse` takes the last one of a key.
        if ((this.#seen & field.bit) !== 0) return NOT_READ;
        this.#seen |= field.bit;
        at += field.key.length;
        if (bytes[at] === SPACE) at += 1;
        at = this.#draftedValue(bytes, at, field, frame);
      }
      if (at === NOT_READ) return NOT_READ;
      const byte = bytes[at];
      at += 1;
      if (byte === CLOSE_BRACE) return at;
      if (byte !== COMMA) return NOT_READ;
      if (bytes[at] === SPACE) at += 1;
    }
  }

  /** Reads the elements of a list from after its bracket: as many as are known. */
  #list(bytes: Uint8Array, from: number, elements: readonly Field[], frame: BookFrameBuffer): number {
    let at = from;
    for (let index = 0; index < elements.length; index += 1) {
      if (index > 0) {
        if (bytes[at] !== COMMA) return NOT_READ;
        at += 1;
        if (bytes[at] === SPACE) at += 1;
      }
      const element = elements[index] as Field;
      this.#seen |= element.bit;
      at = this.#draftedValue(bytes, at, element, frame);
      if (at === NOT_READ) return NOT_READ;
    }
    return bytes[at] === CLOSE_BRACKET ? at + 1 : NOT_READ;
  }

  #draftedValue(bytes: Uint8Array, at: number, field: Field, frame: BookFrameBuffer): number {
    const end = this.#value(bytes, at, field, frame);
    if (end !== NOT_READ) this.#draft?.add(at, end, field);
    return end;
  }

  #value(bytes: Uint8Array, at: number, field: Field, frame: BookFrameBuffer): number {
    switch (field.kind) {
      case FIELD.text:
        return bytes[at] === QUOTE ? this.#text(bytes, at + 1, field.pattern) : NOT_READ;
      case FIELD.symbol:
        return bytes[at] === QUOTE ? this.#symbol(bytes, at + 1) : NOT_READ;
      case FIELD.number:
        return scanInteger(bytes, at, this.#numbers, field.slot);
      case FIELD.textNumber: {
        if (bytes[at] !== QUOTE) return NOT_READ;
        const end = scanInteger(bytes, at + 1, this.#numbers, field.slot);
        return end !== NOT_READ && bytes[end] === QUOTE ? end + 1 : NOT_READ;
      }
      case FIELD.seconds:
        return scanSeconds(bytes, at, this.#numbers, field.slot);
      case FIELD.bids:
      case FIELD.asks: {
        const { priceScale, sizeScale, unit, unitScale } = this.#market;
        if (priceScale === UNKNOWN || bytes[at] !== OPEN_BRACKET) return NOT_READ;
        const levels = field.kind === FIELD.bids ? frame.bids : frame.asks;
        return scanLevels(bytes, at + 1, this.#shape, levels, priceScale, sizeScale, unit, unitScale);
      }
      case FIELD.object:
        return bytes[at] === OPEN_BRACE ? this.#object(bytes, at + 1, field.fields, frame) : NOT_READ;
      case FIELD.list:
        return bytes[at] === OPEN_BRACKET ? this.#list(bytes, at + 1, field.fields, frame) : NOT_READ;
      case FIELD.anyText:
        return bytes[at] === QUOTE ? endOfScalar(bytes, at) : NOT_READ;
      case FIELD.ignored:
        return endOfScalar(bytes, at);
      case FIELD.null:
        return isAt(bytes, at, NULL) ? at + NULL.length : NOT_READ;
      default:
        return NOT_READ;
    }
  }

  #text(bytes: Uint8Array, from: number, pattern: TextPattern): number {
    const end = endOfParts(bytes, from, pattern);
    if (end === NOT_READ) return NOT_READ;
    if (pattern.isBeforeSymbol) return this.#symbol(bytes, end);
    return bytes[end] === QUOTE ? end + 1 : NOT_READ;
  }

  /** Reads the market's name and the quote after it. Where it stands twice it is the same one. */
  #symbol(bytes: Uint8Array, from: number): number {
    if (this.#market !== NO_MARKET) {
      const { symbol } = this.#market;
      return isAt(bytes, from, symbol) && bytes[from + symbol.length] === QUOTE ? from + symbol.length + 1 : NOT_READ;
    }
    const end = endOfText(bytes, from);
    if (end === NOT_READ) return NOT_READ;
    const market = this.#bySymbol.find(bytes, from, end);
    if (market === undefined || market.priceScale === UNKNOWN) return NOT_READ;
    this.#market = market;
    return end + 1;
  }
}
