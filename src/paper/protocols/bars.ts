import type { Candle } from "./candle.ts";
import type { MarketStatistics } from "./market-statistics.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** The first Monday of the epoch, where weeks begin. */
export const MONDAY_MS: number = 4 * DAY_MS;

/** A size of candles. */
export interface Bar {
  /** Candles that it is put together from. */
  readonly baseMs: number;
  /** Start of the bar that a time is in, epoch milliseconds. */
  startOf(timeMs: number): number;
  /** End of the bar that begins at `startMs`. */
  endOf(startMs: number): number;
}

/** Bars of one size, each a whole number of them from the anchor. */
export function fixedBar(sizeMs: number, anchorMs = 0): Bar {
  const isAligned = anchorMs % sizeMs === 0;
  const parts = [DAY_MS, HOUR_MS].find((each) => sizeMs % each === 0 && anchorMs % each === 0);
  return {
    baseMs: isAligned ? sizeMs : (parts ?? MINUTE_MS),
    startOf: (timeMs) => Math.floor((timeMs - anchorMs) / sizeMs) * sizeMs + anchorMs,
    endOf: (startMs) => startMs + sizeMs,
  };
}

/** Bars of so many months. */
export function monthBar(count: number, zoneMs: number): Bar {
  const startOf = (timeMs: number): number => {
    const month = monthOf(Math.floor((timeMs + zoneMs) / DAY_MS));
    return firstDayOf(Math.floor(month / count) * count) * DAY_MS - zoneMs;
  };
  // The first of the month after lies within 32 days of any day of the last month.
  const endOf = (startMs: number): number => startOf(startMs + count * 31 * DAY_MS + DAY_MS);
  return { baseMs: zoneMs === 0 ? DAY_MS : HOUR_MS, startOf, endOf };
}

const YEAR_DAYS = 365.2425;
const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

/** Months since the year 0, of a day since the epoch. */
function monthOf(day: number): number {
  let month = Math.floor((1_970 + day / YEAR_DAYS) * 12) - 1;
  while (firstDayOf(month + 1) <= day) month += 1;
  return month;
}

/** The day since the epoch that a month begins on. */
function firstDayOf(month: number): number {
  const year = Math.floor(month / 12);
  const before = year - 1;
  const leapDays = Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400);
  const daysBefore = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334][month % 12] ?? 0;
  const leapDay = month % 12 >= 2 && isLeap(year) ? 1 : 0;
  return year * 365 + leapDays - 719_162 - 365 + daysBefore + leapDay;
}

interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Candles of a bar that begin in a stretch of time, oldest first. */
export function candlesOf(
  source: Pick<MarketStatistics, "candles">,
  market: string,
  bar: Bar,
  { fromMs, toMs }: Stretch,
): readonly Candle[] {
  const candles: Candle[] = [];
  for (const part of source.candles(
    market,
    bar.baseMs,
    Math.max(0, bar.startOf(fromMs)),
    bar.endOf(bar.startOf(toMs)) - 1,
  )) {
    const startMs = bar.startOf(part.startMs);
    const last = candles.at(-1);
    if (last?.startMs === startMs) candles[candles.length - 1] = joined(last, part);
    else candles.push({ ...part, startMs });
  }
  return candles.filter(({ startMs }) => startMs >= fromMs && startMs <= toMs);
}

function joined(candle: Candle, next: Candle): Candle {
  return {
    startMs: candle.startMs,
    open: candle.open,
    high: next.high > candle.high ? next.high : candle.high,
    low: next.low < candle.low ? next.low : candle.low,
    close: next.close,
    baseVolume: candle.baseVolume + next.baseVolume,
    quoteVolume: candle.quoteVolume + next.quoteVolume,
  };
}
