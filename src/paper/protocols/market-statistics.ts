import { divideRound } from "../engine/arithmetic.ts";
import { type TradeView, UNIT } from "../engine/types.ts";
import type { PriceHistory } from "../market/price-history.ts";
import type { Candle } from "./candle.ts";
import { MovingSpan, type SpanSums } from "./moving-span.ts";

/** The finest resolution that FTX offers; all others are multiples of it. */
const BUCKET_MS = 15_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MAX_AGE_MS = 2 * DAY_MS;

type OpenCandle = { -readonly [Key in keyof Candle]: Candle[Key] };

export interface DayStatistics extends SpanSums {
  /** Fractions, not percent. */
  readonly change1h: bigint;
  readonly change24h: bigint;
  readonly changeBod: bigint;
}

/**
 * Candles of 15 seconds for the last two days of each market, kept apart because the engine forgets old trades, after
 * the invented ones of before the venue's start where it has a history.
 */
export class MarketStatistics {
  readonly #buckets = new Map<string, OpenCandle[]>();
  readonly #days = new Map<string, MovingSpan>();
  readonly #history: PriceHistory | undefined;

  constructor(history?: PriceHistory) {
    this.#history = history;
  }

  record(trade: Partial<TradeView> & Pick<TradeView, "market" | "price" | "size" | "timeMs">): void {
    const buckets = this.#bucketsOf(trade.market);
    const startMs = Math.floor(trade.timeMs / BUCKET_MS) * BUCKET_MS;
    const last = buckets.at(-1);
    const quote = divideRound(trade.price * trade.size, UNIT);
    if (last === undefined || last.startMs < startMs) {
      const flat = { open: trade.price, high: trade.price, low: trade.price, close: trade.price };
      const bucket = { startMs, ...flat, baseVolume: trade.size, quoteVolume: quote };
      buckets.push(bucket);
      this.#dayOf(trade.market).add(bucket);
      dropBefore(buckets, startMs - MAX_AGE_MS);
      return;
    }
    if (trade.price > last.high) last.high = trade.price;
    if (trade.price < last.low) last.low = trade.price;
    last.close = trade.price;
    last.baseVolume += trade.size;
    last.quoteVolume += quote;
  }

  /** Oldest first; a stretch without trades repeats the close before it. */
  candles(market: string, resolutionMs: number, fromMs: number, toMs: number): readonly Candle[] {
    const past = this.#history?.candles(market, resolutionMs) ?? [];
    const candles: OpenCandle[] = past.filter(({ startMs }) => startMs >= fromMs && startMs <= toMs);
    const partial = candles.at(-1);
    if (partial !== undefined) candles[candles.length - 1] = { ...partial };
    for (const bucket of this.#bucketsOf(market)) {
      const startMs = Math.floor(bucket.startMs / resolutionMs) * resolutionMs;
      if (startMs > toMs) break;
      fillGap(candles, startMs, resolutionMs);
      const last = candles.at(-1);
      if (last === undefined || last.startMs < startMs) candles.push({ ...bucket, startMs });
      else merge(last, bucket);
    }
    const last = candles.at(-1);
    if (last !== undefined)
      fillGap(candles, Math.floor(toMs / resolutionMs) * resolutionMs + resolutionMs, resolutionMs);
    return candles.filter((candle) => candle.startMs >= fromMs);
  }

  day(market: string, nowMs: number): DayStatistics {
    const buckets = this.#bucketsOf(market);
    const past = this.#history?.since(market, nowMs - DAY_MS);
    const traded = this.#dayOf(market).at(nowMs);
    const last = buckets.at(-1)?.close ?? past?.close;
    const startOfDay = Math.floor(nowMs / DAY_MS) * DAY_MS;
    const before = (timeMs: number) => this.#history?.since(market, timeMs)?.open ?? priceAt(buckets, timeMs);
    return {
      change1h: change(last, before(nowMs - HOUR_MS)),
      change24h: change(last, past?.open ?? priceAt(buckets, nowMs - DAY_MS)),
      changeBod: change(last, before(startOfDay)),
      ...(past === undefined ? traded : together(past, traded)),
    };
  }

  #dayOf(market: string): MovingSpan {
    let day = this.#days.get(market);
    if (day === undefined) {
      day = new MovingSpan(DAY_MS);
      this.#days.set(market, day);
    }
    return day;
  }

  #bucketsOf(market: string): OpenCandle[] {
    let buckets = this.#buckets.get(market);
    if (buckets === undefined) {
      buckets = [];
      this.#buckets.set(market, buckets);
    }
    return buckets;
  }
}

function together(past: Candle, { baseVolume, quoteVolume, high, low }: SpanSums): SpanSums {
  return {
    baseVolume: past.baseVolume + baseVolume,
    quoteVolume: past.quoteVolume + quoteVolume,
    high: high === null || past.high > high ? past.high : high,
    low: low === null || past.low < low ? past.low : low,
  };
}

function dropBefore(buckets: OpenCandle[], timeMs: number): void {
  const kept = buckets.findIndex((bucket) => bucket.startMs >= timeMs);
  if (kept > 0) buckets.splice(0, kept);
}

function merge(candle: OpenCandle, bucket: Candle): void {
  if (bucket.high > candle.high) candle.high = bucket.high;
  if (bucket.low < candle.low) candle.low = bucket.low;
  candle.close = bucket.close;
  candle.baseVolume += bucket.baseVolume;
  candle.quoteVolume += bucket.quoteVolume;
}

function fillGap(candles: OpenCandle[], untilMs: number, resolutionMs: number): void {
  for (let last = candles.at(-1); last !== undefined && last.startMs + resolutionMs < untilMs; last = candles.at(-1)) {
    const price = last.close;
    const flat = { open: price, high: price, low: price, close: price, baseVolume: 0n, quoteVolume: 0n };
    candles.push({ startMs: last.startMs + resolutionMs, ...flat });
  }
}

/** The price at a time: the last close before it, or the first open after it. */
function priceAt(buckets: readonly Candle[], timeMs: number): bigint | undefined {
  let [low, high] = [0, buckets.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((buckets[middle]?.startMs ?? 0) < timeMs) low = middle + 1;
    else high = middle;
  }
  return buckets[low - 1]?.close ?? buckets[0]?.open;
}

function change(last: bigint | undefined, reference: bigint | undefined): bigint {
  if (last === undefined || reference === undefined) return 0n;
  return divideRound((last - reference) * UNIT, reference);
}
