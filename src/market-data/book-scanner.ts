import type { TradingPair } from "../model/market.ts";
import type { VenueMarkets } from "../model/venue-markets.ts";
import { BookFrameBuffer } from "./book-frame-buffer.ts";
import type { BookWire } from "./book-wire.ts";
import { LevelBuffer } from "./level-buffer.ts";
import { KIND, type Kind, levelShapes, ScanKernel } from "./scan-kernel.ts";
import { sizeUnitOf } from "./size-unit.ts";
import { digitsIn, endOfParts, type TextPattern } from "./text-pattern.ts";
import { bytesOf, endOfText, isAt } from "./wire-bytes.ts";
import { enveloped, FIELD, type Field, fieldsOf, NUMBER, requiredOf, wholeOf } from "./wire-fields.ts";
import { LayoutDraft } from "./wire-layout.ts";

const CLOSE_BRACE = 0x7d;
const CLOSE_BRACKET = 0x5d;
const COLON = 0x3a;
const COMMA = 0x2c;
const NONE = -1;
const NOT_READ = -1;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const QUOTE = 0x22;
const SPACE = 0x20;

/** A market, and the digits that its prices and sizes have needed: unknown until a message was read over `JSON.parse`. */
interface ScannedMarket {
  readonly tradingPair: TradingPair;
  /** Number of the market in the kernel; undefined where it has no room for it. */
  readonly index: number | undefined;
  /** Digits that one contract needs. */
  readonly unitScale: number;
  priceScale: number;
  sizeScale: number;
}

const UNKNOWN = -1;
const NULL = bytesOf("null");
const MILLISECONDS = 1_000;
/** The kernel writes a vector of zeros after a message. */
const ROOM_AFTER = 16;
/** Room for a layout: that of Gate.io's messages takes 800 bytes. */
const LAYOUT_BYTES = 3_072;

/** After so many messages that are written otherwise, the layout is that of the last one. */
const MISSES_BORNE = 16;

/** One way in which the messages of a venue are written. */
class WireForm {
  readonly kind: BookWire["kind"];
  readonly fields: readonly Field[];
  readonly required: number;
  /** Place of the layout's room in the kernel, which has none for more than a few forms. */
  readonly room: number | undefined;
  /** The same once a layout is in that room. */
  layout: number | undefined;
  /** Messages that were read by their keys since the layout was taken. */
  misses = 0;
  /** Depth that the texts of the layout name; NaN where they name none. */
  depth = Number.NaN;

  constructor(wire: BookWire, room: number | undefined) {
    this.kind = wire.kind;
    this.fields = fieldsOf(wire);
    this.required = requiredOf(this.fields);
    this.room = room;
  }
}

/**
 * Reads the messages of a venue's books in place, into the columns of a frame: keys wherever they stand, decimals as scaled
 * integers, nothing made of them that would have to be collected. It reads only what is written as `BookWire` says, and
 * nothing that `JSON.parse` would refuse or read as something else. Messages that are written like the one before are read
 * by the kernel alone; of others the keys are found here.
 */
export class BookScanner {
  readonly #wire: BookWire;
  readonly #kernel = new ScanKernel();
  /** Places of the ways in which levels are written: that of the last message first. */
  readonly #shapes: number[];
  readonly #forms: readonly WireForm[];
  /** The form of the message before. */
  #form: WireForm;
  readonly #frame: BookFrameBuffer;
  #known: VenueMarkets | undefined;
  readonly #markets: ScannedMarket[] = [];
  #byPair = new Map<TradingPair, ScannedMarket>();
  #seen = 0;
  /** Depth that the texts of the message name. */
  #depth = Number.NaN;
  /** The layout of the message that is being read by its keys. */
  #draft: LayoutDraft | undefined;

  constructor(wire: BookWire) {
    const kernel = this.#kernel;
    this.#wire = wire;
    this.#shapes = levelShapes(wire.levelKeys, wire.values === "texts").map((shape) => kernel.addShape(shape));
    const [bidPrices, bidSizes, askPrices, askSizes] = kernel.columns;
    this.#frame = new BookFrameBuffer(new LevelBuffer(bidPrices, bidSizes), new LevelBuffer(askPrices, askSizes));
    const kinds = [wire, wholeOf(wire)].flatMap((each) => each ?? []);
    const forms = kinds.flatMap((each) => [each, enveloped(each)].flatMap((form) => form ?? []));
    this.#forms = forms.map((form) => new WireForm(form, kernel.roomForLayout(LAYOUT_BYTES)));
    [this.#form = new WireForm(wire, undefined)] = this.#forms;
  }

  /**
   * The frame of a message, until the next is read; undefined for a message that is to be read over `JSON.parse`. Its
   * `receivedMonotonicMs` is not known.
   */
  scan(bytes: Uint8Array, markets: VenueMarkets): BookFrameBuffer | undefined {
    const kernel = this.#kernel;
    const { length } = bytes;
    if (bytes[0] !== OPEN_BRACE || length > kernel.input.length - ROOM_AFTER) return undefined;
    if (markets !== this.#known) this.#take(markets);
    kernel.input.set(bytes);
    const { layout, depth } = this.#form;
    this.#depth = depth;
    let index = layout === undefined ? NONE : kernel.read(length, layout);
    if (index === NONE) {
      index = this.#scanOtherwise(bytes);
      if (index === NONE) return undefined;
    }
    return this.#filled(this.#markets[index] as ScannedMarket);
  }

  /** Takes over how many digits a message needed that was read over `JSON.parse`. */
  learn({ tradingPair, kind, priceScale, sizeScale, isWide }: BookFrameBuffer): void {
    const market = this.#byPair.get(tradingPair);
    if (market === undefined || isWide) return;
    const isSnapshot = kind === "snapshot";
    market.priceScale = isSnapshot ? priceScale : Math.max(market.priceScale, priceScale);
    // One contract may need more digits than the sizes of round numbers of them.
    market.sizeScale = Math.max(isSnapshot ? 0 : market.sizeScale, sizeScale, market.unitScale);
    this.#tellScales(market);
  }

  #tellScales({ index, priceScale, sizeScale, unitScale }: ScannedMarket): void {
    if (index !== undefined) this.#kernel.setScales(index, priceScale, sizeScale - unitScale);
  }

  #take(markets: VenueMarkets): void {
    const known = this.#byPair;
    this.#byPair = new Map();
    this.#markets.length = 0;
    this.#kernel.forgetMarkets();
    for (const [name, { tradingPair, rule }] of markets.bySymbol) {
      const unit = this.#wire.isInContracts === true ? sizeUnitOf(rule.contractSize) : undefined;
      const { priceScale, sizeScale } = known.get(tradingPair) ?? { priceScale: UNKNOWN, sizeScale: UNKNOWN };
      const index = this.#kernel.addMarket(name, unit?.mantissa ?? 1);
      const market = { tradingPair, index, unitScale: unit?.scale ?? 0, priceScale, sizeScale };
      if (index !== undefined) this.#markets[index] = market;
      if (priceScale !== UNKNOWN) this.#tellScales(market);
      this.#byPair.set(tradingPair, market);
    }
    this.#known = markets;
  }

  #filled({ tradingPair, priceScale, sizeScale }: ScannedMarket): BookFrameBuffer {
    const { numbers, counts } = this.#kernel;
    const frame = this.#frame;
    const time = numbers[NUMBER.time] as number;
    frame.kind = this.#form.kind;
    frame.depth = this.#depth;
    frame.tradingPair = tradingPair;
    frame.timestampMs = this.#wire.time.form === "seconds" ? time * MILLISECONDS : time;
    frame.updateId = numbers[NUMBER.updateId] as number;
    frame.firstUpdateId = numbers[NUMBER.firstUpdateId] as number;
    frame.previousUpdateId = numbers[NUMBER.previousUpdateId] as number;
    frame.checksum = numbers[NUMBER.checksum] as number;
    frame.bids.filled(counts[0] as number, priceScale, sizeScale, counts[1] as number);
    frame.asks.filled(counts[2] as number, priceScale, sizeScale, counts[3] as number);
    return frame;
  }

  /** The market of a message that is not written as the one before; -1 for one that is not read. */
  #scanOtherwise(bytes: Uint8Array): number {
    for (const form of this.#forms) {
      if (form === this.#form || form.layout === undefined) continue;
      const index = this.#kernel.read(bytes.length, form.layout);
      if (index === NONE) continue;
      this.#form = form;
      this.#depth = form.depth;
      return index;
    }
    for (const form of this.#forms) {
      if (!this.#scanByKeys(form, bytes)) continue;
      this.#form = form;
      return this.#kernel.marketRead();
    }
    return NONE;
  }

  #scanByKeys(form: WireForm, bytes: Uint8Array): boolean {
    this.#seen = 0;
    this.#depth = Number.NaN;
    this.#kernel.begin(bytes.length);
    form.misses += 1;
    const isLearning = form.room !== undefined && (form.misses >= MISSES_BORNE || form.layout === undefined);
    this.#draft = isLearning ? new LayoutDraft(bytes) : undefined;
    const end = this.#object(bytes, 1, form.fields);
    if (end !== bytes.length || (this.#seen & form.required) !== form.required) return false;
    if (form.kind === "diff") this.#depth = Number.NaN;
    if (this.#draft !== undefined && form.room !== undefined) {
      form.depth = this.#depth;
      const isWritten = this.#kernel.writeLayout(form.room, LAYOUT_BYTES, this.#draft.steps());
      form.layout = isWritten ? form.room : undefined;
      form.misses = 0;
    }
    return true;
  }

  /** Reads an object from after its brace; returns the place after it. */
  #object(bytes: Uint8Array, from: number, fields: readonly Field[]): number {
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
        at = this.#read(at, KIND.scalar, 0);
      } else {
        // `JSON.parse` takes the last one of a key.
        if ((this.#seen & field.bit) !== 0) return NOT_READ;
        this.#seen |= field.bit;
        at += field.key.length;
        if (bytes[at] === SPACE) at += 1;
        at = this.#value(bytes, at, field);
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
  #list(bytes: Uint8Array, from: number, elements: readonly Field[]): number {
    let at = from;
    for (let index = 0; index < elements.length; index += 1) {
      if (index > 0) {
        if (bytes[at] !== COMMA) return NOT_READ;
        at += 1;
        if (bytes[at] === SPACE) at += 1;
      }
      const element = elements[index] as Field;
      this.#seen |= element.bit;
      at = this.#value(bytes, at, element);
      if (at === NOT_READ) return NOT_READ;
    }
    return bytes[at] === CLOSE_BRACKET ? at + 1 : NOT_READ;
  }

  #value(bytes: Uint8Array, at: number, field: Field): number {
    const { kind, slot, pattern, fields } = field;
    const first = bytes[at];
    switch (kind) {
      case FIELD.text:
        return first === QUOTE ? this.#text(bytes, at + 1, pattern) : NOT_READ;
      case FIELD.symbol:
        return first === QUOTE ? this.#read(at + 1, KIND.symbol, 0) : NOT_READ;
      case FIELD.number:
        return this.#read(at, KIND.integer, slot);
      case FIELD.textNumber: {
        const end = first === QUOTE ? this.#read(at + 1, KIND.integer, slot) : NOT_READ;
        return end !== NOT_READ && bytes[end] === QUOTE ? end + 1 : NOT_READ;
      }
      case FIELD.seconds:
        return this.#read(at, KIND.seconds, slot);
      case FIELD.bids:
        return first === OPEN_BRACKET ? this.#levels(at + 1, KIND.bids) : NOT_READ;
      case FIELD.asks:
        return first === OPEN_BRACKET ? this.#levels(at + 1, KIND.asks) : NOT_READ;
      case FIELD.object:
        return first === OPEN_BRACE ? this.#object(bytes, at + 1, fields) : NOT_READ;
      case FIELD.list:
        return first === OPEN_BRACKET ? this.#list(bytes, at + 1, fields) : NOT_READ;
      case FIELD.anyText:
        return first === QUOTE ? this.#read(at + 1, KIND.text, 0) : NOT_READ;
      case FIELD.ignored:
        return this.#read(at, KIND.scalar, 0);
      case FIELD.null:
        return isAt(bytes, at, NULL) ? at + NULL.length : NOT_READ;
      default:
        return NOT_READ;
    }
  }

  #text(bytes: Uint8Array, from: number, pattern: TextPattern): number {
    const end = endOfParts(bytes, from, pattern);
    if (end === NOT_READ) return NOT_READ;
    if (pattern.isDepth) this.#depth = digitsIn(bytes, from, end);
    if (pattern.isBeforeSymbol) return this.#read(end, KIND.symbol, 0);
    return bytes[end] === QUOTE ? end + 1 : NOT_READ;
  }

  #levels(at: number, kind: Kind): number {
    const shapes = this.#shapes;
    for (let tried = 0; tried < shapes.length; tried += 1) {
      const shape = shapes[tried] as number;
      const end = this.#read(at, kind, shape);
      if (end === NOT_READ) continue;
      shapes.splice(tried, 1);
      shapes.unshift(shape);
      return end;
    }
    return NOT_READ;
  }

  /** Has a value read by the kernel; returns the place after it. */
  #read(at: number, kind: Kind, slot: number): number {
    const { inputPlace, valueAt } = this.#kernel;
    const end = valueAt(inputPlace + at, kind, slot) - inputPlace;
    if (end < 0) return NOT_READ;
    this.#draft?.add(at, end, kind, slot);
    return end;
  }
}
