import type { BookFrameBuffer } from "../../../src/market-data/book-frame-buffer.ts";
import { isSound } from "../../../src/market-data/frame-checks.ts";
import { decimalOfScaled } from "../../../src/market-data/scaled.ts";
import { Decimal, ONE, sum } from "../../../src/model/decimal.ts";
import type { VenueMarkets } from "../../../src/model/venue-markets.ts";
import { TOLD_FIELDS, type ToldFields, WORKED, WORKED_OUT } from "./told-fields.ts";
import { isNumber, type WireRow, wireRows } from "./wire-rows.ts";

/** Kinds of facts of which all figures are of one row. */
const OF_ONE_ROW = new Set(["publicTrade", "trade", "positionAdjustment", "order", "position", "rule"]);
/** Lists of levels by the names that the venues have for them. */
const LEVELS = { bids: new Set(["bids", "b", "levels[0]"]), asks: new Set(["asks", "a", "levels[1]"]) };
/** Price and size of a level, by their places or their names. */
const LEVEL_FIELDS = [
  ["0", "1"],
  ["p", "s"],
  ["px", "sz"],
] as const;
const ORDER_TYPES = new Set(["limit", "limitMaker", "market"]);
/** Figures that are no numbers of the wire: neither a fact's price nor its time. */
const FEES = new Set(["fee", "flatFees"]);

interface Figure {
  readonly kind: string;
  readonly name: string;
  readonly value: Decimal | number | string;
  readonly contractSize: Decimal;
}

/** Looks whether what a venue's parsers told was sent: each figure under its own name, and all of one row together. */
export class ToldFigures {
  readonly #fields: ToldFields;
  readonly #markets: VenueMarkets;
  readonly #nowMs: number;
  /** Facts and levels so far. */
  looked = 0;

  constructor(venue: string, markets: VenueMarkets, nowMs: number) {
    this.#fields = TOLD_FIELDS[venue] ?? {};
    this.#markets = markets;
    this.#nowMs = nowMs;
  }

  /** What is told and was not sent, in words; undefined where all is well. */
  faultOf(facts: unknown, kind: string, texts: readonly string[]): string | undefined {
    const rows = texts.flatMap(wireRows);
    const list = Array.isArray(facts) ? facts : facts instanceof Map ? [...facts.values()] : [facts];
    for (const fact of list) {
      if (typeof fact !== "object" || fact === null) continue;
      this.looked += 1;
      for (const figures of this.#groups(fact, kind, ONE)) {
        const fault = this.#faultOf(figures, rows);
        if (fault !== undefined) return fault;
      }
    }
    return undefined;
  }

  /** As `faultOf`, of the levels of a book. */
  faultOfBook(frame: BookFrameBuffer, text: string): string | undefined {
    const rows = wireRows(text);
    const size = this.#contractSizeOf(frame.tradingPair) ?? ONE;
    for (const name of ["bids", "asks"] as const) {
      const side = frame[name];
      if (!isSound(side, false)) continue;
      const levels = rows.filter(({ within }) => LEVELS[name].has(within));
      for (let index = 0; index < side.count; index += 1) {
        this.looked += 1;
        const price = decimalOfScaled(side.bigPriceAt(index, side.priceScale), side.priceScale);
        const amount = decimalOfScaled(side.bigSizeAt(index, side.sizeScale), side.sizeScale);
        const isSent = levels.some(({ numbers }) =>
          LEVEL_FIELDS.some(([priceName, sizeName]) => {
            const [first, second] = [numbers.get(priceName), numbers.get(sizeName)];
            if (first === undefined || second === undefined) return false;
            return isNumber(price, first, ONE) && isNumber(amount, second, size);
          }),
        );
        if (!isSent) return `a level of the ${name}, ${price.toFixed()} x ${amount.toFixed()}, was not sent`;
      }
    }
    return undefined;
  }

  #contractSizeOf(tradingPair: unknown): Decimal | undefined {
    return typeof tradingPair === "string" ? this.#markets.byPair.get(tradingPair)?.rule.contractSize : undefined;
  }

  /** The figures of a fact, and those of each fact within it. */
  *#groups(fact: object, kind: string, size: Decimal): Generator<readonly Figure[]> {
    const type: unknown = Reflect.get(fact, "type");
    const own = typeof type !== "string" ? kind : ORDER_TYPES.has(type) ? "order" : type;
    const told: unknown = Reflect.get(fact, "contractSize");
    const contractSize =
      told instanceof Decimal ? told : (this.#contractSizeOf(Reflect.get(fact, "tradingPair")) ?? size);
    const figures: Figure[] = [];
    for (const [name, value] of Object.entries(fact)) {
      const figure = { kind: own, name: own !== "fee" ? name : "fee", contractSize };
      if (value instanceof Decimal || (typeof value === "number" && name.endsWith("Ms")))
        figures.push({ ...figure, value });
      else if (name === "side" && (own === "trade" || own === "publicTrade")) figures.push({ ...figure, value });
      else if (FEES.has(name)) figures.push(...feesOf(value, own, contractSize));
      else if (typeof value === "object" && value !== null && !(value instanceof Error)) {
        const inner = name === "payment" || name === "rule" ? name : own;
        for (const each of Array.isArray(value) ? value : [value])
          if (typeof each === "object" && each !== null) yield* this.#groups(each, inner, contractSize);
      }
    }
    yield figures;
  }

  #faultOf(figures: readonly Figure[], rows: readonly WireRow[]): string | undefined {
    const looked = figures.filter((figure) => {
      const { kind, name, value } = figure;
      if (WORKED_OUT.has(`${kind}.${name}`) || this.#namesOf(figure).includes(WORKED)) return false;
      return value instanceof Decimal ? !value.isZero() : value !== this.#nowMs && value !== 0;
    });
    const unsent = looked.filter((figure) => !rows.some((row) => this.#isIn(figure, row)));
    const isRest = unsent.some((figure) => this.#isRest(figure, rows));
    const missing = unsent.find((figure) => !isRest || (figure.name !== "price" && !this.#isRest(figure, rows)));
    if (missing !== undefined) {
      const { kind, name, value } = missing;
      const shown = value instanceof Decimal ? value.toString().slice(0, 120) : value;
      return `${kind}.${name} is told as ${shown}, which was not sent as ${this.#namesOf(missing).join() || "anything"}`;
    }
    const [first] = looked;
    if (first === undefined || isRest || !OF_ONE_ROW.has(first.kind)) return undefined;
    const together = looked.filter(({ kind, name }) => kind === first.kind && !isBeside(kind, name));
    // Taxes of a fill stand in a list of their own.
    const taxes = rows.filter(({ within }) => within === "extraFees");
    const isTax = (figure: Figure) => figure.name === "fee" && taxes.some((row) => this.#isIn(figure, row));
    if (rows.some((row) => together.every((figure) => this.#isIn(figure, row) || isTax(figure)))) return undefined;
    return `${together.map(({ kind, name }) => `${kind}.${name}`).join(" and ")} are told together and are of different rows`;
  }

  #namesOf({ kind, name }: Figure): readonly string[] {
    const names = this.#fields[kind]?.[name];
    return names === undefined ? [] : typeof names === "string" ? [names] : names;
  }

  #isRest(figure: Figure, rows: readonly WireRow[]): boolean {
    const { value } = figure;
    if (!(value instanceof Decimal)) return false;
    return this.#namesOf(figure).some((described) => {
      const [whole = "", part] = described.split("\\");
      if (part === undefined) return false;
      const parts = rows.flatMap(({ numbers }) => numbers.get(part)?.value ?? []);
      if (parts.length === 0) return false;
      return rows.some(({ numbers }) => numbers.get(whole)?.value.minus(sum(parts)).eq(value.abs()) === true);
    });
  }

  #isIn(figure: Figure, { numbers, texts }: WireRow): boolean {
    return this.#namesOf(figure).some((described) => {
      const [, marks = "", name = ""] = /^([±*-]*)(.*)$/.exec(described) ?? [];
      if (typeof figure.value === "string") return isSide(figure.value, texts.get(name));
      if (typeof figure.value === "number") return isTime(figure.value, texts.get(name));
      const sent = numbers.get(name);
      if (sent === undefined) return false;
      const factor = marks.includes("*") ? figure.contractSize : ONE;
      if (marks.includes("±")) return isNumber(figure.value.abs(), { ...sent, value: sent.value.abs() }, factor);
      return isNumber(figure.value, sent, marks.includes("-") ? factor.neg() : factor);
    });
  }
}

/** Figures of a fact that stand beside its row, not in it. */
function isBeside(kind: string, name: string): boolean {
  return name.endsWith("Ms") || kind === "rule" || (kind === "position" && name === "leverage");
}

function feesOf(value: unknown, kind: string, contractSize: Decimal): Figure[] {
  const flat: unknown = Array.isArray(value) ? value : Reflect.get(Object(value), "flatFees");
  if (!Array.isArray(flat)) return [];
  return flat.map((fee) => ({ kind, name: "fee", value: Reflect.get(fee, "amount") as Decimal, contractSize }));
}

/** Hyperliquid's words: the side of the book that an order stands on. */
const BOOK_SIDES: Readonly<Record<string, string>> = { A: "sell", B: "buy" };

/** Word of a side, or whether the buyer is the maker, or a size with the sign of the side. */
function isSide(side: string, sent: string | undefined): boolean {
  if (sent === undefined) return false;
  if (Number.isFinite(Number(sent))) return side === (sent.trim().startsWith("-") ? "sell" : "buy");
  if (BOOK_SIDES[sent] !== undefined) return side === BOOK_SIDES[sent];
  if (sent === "true" || sent === "false") return side === (sent === "true" ? "sell" : "buy");
  return sent.toLowerCase() === side;
}

/** Milliseconds, seconds or ISO 8601 text, which may tell microseconds. */
function isTime(timeMs: number, sent: string | undefined): boolean {
  if (sent === undefined) return false;
  if (Math.abs(Date.parse(sent) - timeMs) < 1) return true;
  if (!Number.isFinite(Number(sent))) return false;
  const told = new Decimal(sent.trim() || 0);
  return [told, told.times(1_000)].some((ms) => ms.minus(timeMs).abs().lt(1));
}
