/** Times are epoch milliseconds and say so in their names; fractions are kept where a venue gives microseconds. */
export type TimestampMs = number;

/** An answer may come from a copy of the venue's books that is behind by this, and lack what the stream told before. */
export const MAX_COPY_DELAY_MS = 5_000;

/**
 * Greatest difference between our idea of the venue's time and the venue's: ranges of lists are wider by it. A machine that
 * has slept is late until it asks again, and a signed request is refused for more.
 */
export const CLOCKS_DIFFER_MS = 60_000;

/** The last moment that a JavaScript `Date` can hold. */
export const LATEST_TIME_MS = 8.64e15;

/** Earliest time of a venue, 2019-01-01: none of the venues here traded perpetuals against USDT before. */
const EARLIEST_VENUE_TIME_MS = 1_546_300_800_000;
/** Latest time of a venue, 2100-01-01: microseconds lie far beyond it, as seconds and 0 lie far before 2019. */
const LATEST_VENUE_TIME_MS = 4_102_444_800_000;

/**
 * Checks that a number can be a time in epoch milliseconds from a venue's clock, whatever the clock of this machine
 * says.
 */
export function isPlausibleVenueTime(timestampMs: TimestampMs): boolean {
  return timestampMs >= EARLIEST_VENUE_TIME_MS && timestampMs < LATEST_VENUE_TIME_MS;
}

const ISO = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,9}))?(?:Z|([+-])(\d{2}):?(\d{2}))?$/;

/** Days from 1970-01-01 to a civil date (proleptic Gregorian), by counting years from March. */
function daysFromCivil(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** Parses ISO 8601 text with or without fraction and offset; text without an offset is UTC. */
export function parseIsoTime(text: string): TimestampMs {
  const match = ISO.exec(text);
  if (match === null) throw new TypeError(`"${text.slice(0, 40)}" is not an ISO 8601 time`);
  const [, year, month, day, hour, minute, second, fraction, sign, offsetHour, offsetMinute] = match;
  const isInRange = isWithin(month, 1, 12) && isWithin(day, 1, 31) && isWithin(hour, 0, 23) && isWithin(minute, 0, 59);
  if (!isInRange || !isWithin(second, 0, 60)) throw new TypeError(`"${text}" is not a time`);
  const days = daysFromCivil(Number(year), Number(month), Number(day));
  const seconds = days * 86_400 + Number(hour) * 3_600 + Number(minute) * 60 + Number(second);
  const offset = sign === undefined ? 0 : (Number(offsetHour) * 60 + Number(offsetMinute)) * 60;
  const utc = sign === "-" ? seconds + offset : seconds - offset;
  return utc * 1_000 + (fraction === undefined ? 0 : Number(`0.${fraction}`) * 1_000);
}

function isWithin(digits: string | undefined, least: number, most: number): boolean {
  const value = Number(digits);
  return value >= least && value <= most;
}

/** `2022-09-01T12:00:00.123Z`, for people and for logs. */
export function formatIsoTime(timestampMs: TimestampMs): string {
  const { date, time, micros } = civilTime(timestampMs);
  return `${date}T${time}.${String(Math.floor(micros / 1_000)).padStart(3, "0")}Z`;
}

/** The parts of a UTC time: `YYYY-MM-DD`, `hh:mm:ss` and the microseconds within the second. */
export function civilTime(timestampMs: TimestampMs): { date: string; time: string; micros: number } {
  const totalMicros = Math.round(timestampMs * 1_000);
  const micros = ((totalMicros % 1_000_000) + 1_000_000) % 1_000_000;
  const totalSeconds = (totalMicros - micros) / 1_000_000;
  const secondOfDay = ((totalSeconds % 86_400) + 86_400) % 86_400;
  const days = (totalSeconds - secondOfDay) / 86_400 + 719_468;
  const era = Math.floor(days / 146_097);
  const dayOfEra = days - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const two = (value: number) => String(value).padStart(2, "0");
  const time = `${two(Math.floor(secondOfDay / 3_600))}:${two(Math.floor(secondOfDay / 60) % 60)}:${two(secondOfDay % 60)}`;
  return { date: `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}`, time, micros };
}

/** The same with a whole number of milliseconds: this machine's clock has a fraction, which nobody wants to see. */
export function atWholeMs<Row extends object>(row: Row): Row {
  const { timestampMs } = row as { readonly timestampMs?: unknown };
  if (typeof timestampMs !== "number" || !Number.isFinite(timestampMs) || Number.isInteger(timestampMs)) return row;
  return { ...row, timestampMs: Math.floor(timestampMs) };
}
