import { type Amount, amount, compare, isZero } from "./amount.ts";
import type { VenueBookLine } from "./history.ts";

const DEPTH = 20;
/** Time for which a past state is remembered. */
const MAX_AGE_MS = 120_000;

export interface BookState {
  /** The best levels of a side, best first. */
  readonly bids: string;
  readonly asks: string;
  /** Start of the state by the venue's clock; it lasts until the next one. */
  readonly fromMs: number;
  untilMs: number | undefined;
  untilT: number | undefined;
}

interface Level {
  readonly price: Amount;
  readonly text: string;
}

/** A book by the venue's engine, as it was after each command. */
export class VenueBook {
  readonly #sides = { buy: [] as Level[], sell: [] as Level[] };
  readonly #states: BookState[] = [];

  apply({ levels, venueMs, t }: VenueBookLine): void {
    for (const [side, price, size] of levels) this.#set(side, price, size);
    const [bids, asks] = [textOf(this.#sides.buy), textOf(this.#sides.sell)];
    const last = this.#states.at(-1);
    if (last?.bids === bids && last.asks === asks) return;
    if (last !== undefined) Object.assign(last, { untilMs: venueMs, untilT: t });
    this.#states.push({ bids, asks, fromMs: venueMs, untilMs: undefined, untilT: undefined });
    const firstKept = this.#states.findIndex(({ untilT }) => untilT === undefined || t - untilT <= MAX_AGE_MS);
    if (firstKept > 200) this.#states.splice(0, firstKept);
  }

  /** The newest state of some time within the spans that is such. */
  find(
    isSuch: (state: BookState) => boolean,
    spans: readonly (readonly [fromMs: number, toMs: number])[] | string,
  ): BookState | undefined {
    return this.#states.findLast((state) => isWithin(state, spans) && isSuch(state));
  }

  /** The newest state within the spans, for a person to read. */
  textAt(spans: readonly (readonly [fromMs: number, toMs: number])[] | string): string {
    const state = this.find(() => true, spans);
    return state === undefined ? "none" : `${state.bids} | ${state.asks}`;
  }

  #set(side: "buy" | "sell", priceText: string, size: string): void {
    const levels = this.#sides[side];
    const price = amount(priceText);
    const isBefore = (level: Level) => {
      const order = compare(level.price, price);
      return side === "buy" ? order > 0 : order < 0;
    };
    let index = levels.findIndex((level) => !isBefore(level));
    if (index < 0) index = levels.length;
    const found = levels[index];
    const isThere = found !== undefined && compare(found.price, price) === 0;
    const rows = isZero(amount(size)) ? [] : [{ price, text: `${priceText}x${size}` }];
    levels.splice(index, isThere ? 1 : 0, ...rows);
  }
}

function isWithin({ fromMs, untilMs }: BookState, spans: readonly (readonly [number, number])[] | string): boolean {
  if (typeof spans === "string") return true;
  return spans.some(([from, to]) => fromMs <= to && (untilMs === undefined || untilMs >= from));
}

function textOf(levels: readonly Level[]): string {
  return levels
    .slice(0, DEPTH)
    .map(({ text }) => text)
    .join(",");
}
