import type { Engine } from "../../engine/types.ts";
import type { BookLevel, BookSides } from "../book-levels.ts";
import type { PastViews } from "../past-views.ts";
import type { Asset } from "./universe.ts";
import { decimalText, type WireObject } from "./wire.ts";

/** Levels a side of a book (docs, l2Book); a `fast` one has fewer. */
const DEPTH = 20;
const FAST_DEPTH = 5;
const WHOLE = 100_000;

/** Grouping of prices: rounded to so many figures, the last in steps of `mantissa`. */
export interface Grouping {
  readonly nSigFigs: number | null;
  readonly mantissa: number | null;
}

export interface BookWish extends Grouping {
  readonly isFast?: boolean;
}

interface View {
  readonly sides: BookSides;
  readonly timeMs: number;
}

/** Tells that the venue has this grouping: 2 to 5 figures, and steps of 2 or 5 where there are five. */
export function isGrouping({ nSigFigs, mantissa }: Grouping): boolean {
  if (nSigFigs === null) return mantissa === null;
  if (!Number.isInteger(nSigFigs) || nSigFigs < 2 || nSigFigs > 5) return false;
  return mantissa === null || (nSigFigs === 5 && (mantissa === 2 || mantissa === 5));
}

/** Books are always told whole: there is nothing that a later message would build on. */
export class Books {
  readonly #engine: Engine;
  readonly #past: PastViews<View>;
  readonly #now: () => number;

  constructor(engine: Engine, past: PastViews<View>, now: () => number) {
    this.#engine = engine;
    this.#past = past;
    this.#now = now;
  }

  /** `isFirst` where it may be older than what went before. */
  object(asset: Asset, wish: BookWish, isFirst: boolean): WireObject {
    const { market, coin } = asset;
    const nowMs = this.#now();
    const present = (): View => ({ sides: this.#engine.book(market, WHOLE), timeMs: nowMs });
    this.#past.keep(coin, nowMs, present);
    const stale = isFirst ? this.#past.stale(coin, nowMs) : undefined;
    const { sides, timeMs } = stale ?? (wish.nSigFigs === null ? this.#top(market, nowMs) : present());
    const depth = wish.isFast === true ? FAST_DEPTH : DEPTH;
    const rows = (levels: readonly BookLevel[], isUp: boolean) =>
      grouped(levels, wish, isUp, depth).map(([price, size, n]) => ({
        ...{ px: decimalText(price), sz: decimalText(size), n },
      }));
    return { coin, time: Math.floor(timeMs), levels: [rows(sides.bids, false), rows(sides.asks, true)] };
  }

  #top(market: string, timeMs: number): View {
    return { sides: this.#engine.book(market, DEPTH), timeMs };
  }

  best({ coin, market }: Asset): WireObject {
    const { bids, asks } = this.#engine.book(market, 1);
    const row = (level: BookLevel | undefined) =>
      level === undefined ? null : { px: decimalText(level[0]), sz: decimalText(level[1]), n: 1 };
    return { coin, time: Math.floor(this.#now()), bbo: [row(bids[0]), row(asks[0])] };
  }

  forget(): void {
    this.#past.clear();
  }
}

type CountedLevel = readonly [price: bigint, size: bigint, count: number];

/** Bids are rounded down and asks up. How many orders a level has is not kept: one, or the levels that are together. */
function grouped(levels: readonly BookLevel[], wish: BookWish, isUp: boolean, depth: number): readonly CountedLevel[] {
  const step = levels[0] === undefined ? 1n : stepOf(levels[0][0], wish);
  const rows: CountedLevel[] = [];
  for (const [price, size] of levels) {
    const rest = price % step;
    const at = rest === 0n ? price : isUp ? price - rest + step : price - rest;
    const last = rows.at(-1);
    if (last?.[0] === at) rows[rows.length - 1] = [at, last[1] + size, last[2] + 1];
    else if (rows.length === depth) break;
    else rows.push([at, size, 1]);
  }
  return rows;
}

function stepOf(price: bigint, { nSigFigs, mantissa }: Grouping): bigint {
  if (nSigFigs === null) return 1n;
  const digits = price.toString().length;
  return 10n ** BigInt(Math.max(0, digits - nSigFigs)) * BigInt(mantissa ?? 1);
}

/** The middle of the book, as `allMids` and contexts tell it; the last price, or the mark, where a side is empty. */
export function midOf(market: {
  readonly bestBid: bigint | null;
  readonly bestAsk: bigint | null;
  readonly last: bigint | null;
  readonly mark: bigint;
}): bigint {
  const { bestBid, bestAsk, last, mark } = market;
  return bestBid === null || bestAsk === null ? (last ?? mark) : (bestBid + bestAsk) / 2n;
}
