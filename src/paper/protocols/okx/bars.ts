const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Bars from six hours on begin in Hong Kong's time, and those that end in `utc` in that zone's (docs v5, candlesticks). */
const HONG_KONG_MS = 8 * HOUR_MS;
/** The first Monday of the epoch. */
const MONDAY_MS = 4 * DAY_MS;

/** A size of candles. */
export interface Bar {
  /** Candles that it is put together from. */
  readonly baseMs: number;
  /** When the bar that a time is in begins, epoch milliseconds. */
  startOf(timeMs: number): number;
  /** When the bar that begins then ends. */
  endOf(startMs: number): number;
}

function fixed(sizeMs: number, anchorMs = 0): Bar {
  const isAligned = anchorMs % sizeMs === 0;
  const parts = [DAY_MS, HOUR_MS].find((each) => sizeMs % each === 0 && anchorMs % each === 0);
  return {
    baseMs: isAligned ? sizeMs : (parts ?? MINUTE_MS),
    startOf: (timeMs) => Math.floor((timeMs - anchorMs) / sizeMs) * sizeMs + anchorMs,
    endOf: (startMs) => startMs + sizeMs,
  };
}

/** Bars of so many months. */
function months(count: number, zoneMs: number): Bar {
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

const inBothZones = (name: string, make: (zoneMs: number) => Bar): (readonly [string, Bar])[] => [
  [name, make(HONG_KONG_MS)],
  [`${name}utc`, make(0)],
];

/** All sizes but those of a second, which perpetuals' candles here are too coarse for. */
export const BARS: ReadonlyMap<string, Bar> = new Map([
  ...[1, 3, 5, 15, 30].map((count) => [`${count}m`, fixed(count * MINUTE_MS)] as const),
  ...[1, 2, 4].map((count) => [`${count}H`, fixed(count * HOUR_MS)] as const),
  ...[6, 12].flatMap((count) => inBothZones(`${count}H`, (zoneMs) => fixed(count * HOUR_MS, -zoneMs))),
  ...[1, 2, 3].flatMap((count) => inBothZones(`${count}D`, (zoneMs) => fixed(count * DAY_MS, -zoneMs))),
  ...inBothZones("1W", (zoneMs) => fixed(7 * DAY_MS, MONDAY_MS - zoneMs)),
  ...[1, 3].flatMap((count) => inBothZones(`${count}M`, (zoneMs) => months(count, zoneMs))),
]);
