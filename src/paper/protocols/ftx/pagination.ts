import { newestRows as newestOf } from "../pages.ts";
import { invalidParameter } from "./errors.ts";
import type { Parameters } from "./parameters.ts";

/** A time range, both ends included, in whole microseconds: query times are seconds with a fraction. */
export interface Page {
  readonly startMicros: number;
  readonly endMicros: number;
  readonly limit: number;
}

export interface PageSize {
  readonly usual: number;
  /** Page size with `start_time` or `end_time`. */
  readonly withTimes: number;
  readonly most: number;
}

export const ROWS: PageSize = { usual: 100, withTimes: 5_000, most: 5_000 };
export const ORDER_HISTORY_ROWS: PageSize = { usual: 100, withTimes: 100, most: 100 };
export const CANDLE_ROWS: PageSize = { usual: 1_500, withTimes: 1_500, most: 5_000 };

export function readPage(parameters: Parameters, size: PageSize): Page {
  const start = parameters.number("start_time");
  const end = parameters.number("end_time");
  const limit = parameters.number("limit");
  if (limit !== undefined && (!Number.isInteger(limit) || limit < 1)) throw invalidParameter("limit");
  return {
    startMicros: start === undefined ? Number.NEGATIVE_INFINITY : Math.round(start * 1e6),
    endMicros: end === undefined ? Number.POSITIVE_INFINITY : Math.round(end * 1e6),
    limit: Math.min(limit ?? (start === undefined && end === undefined ? size.usual : size.withTimes), size.most),
  };
}

export function micros(timeMs: number): number {
  return Math.round(timeMs * 1_000);
}

/** The newest rows of a page, newest first. `rows` are in order of time. */
export function newestRows<T>(
  rows: readonly T[],
  timeMs: (row: T) => number,
  page: Page,
  isWanted: (row: T) => boolean = () => true,
): { readonly rows: readonly T[]; readonly hasMoreData: boolean } {
  const { rows: wanted, rest } = newestOf(rows, {
    limit: page.limit,
    among: firstAfter(rows, timeMs, page.endMicros),
    isTooOld: (row) => micros(timeMs(row)) < page.startMicros,
    isWanted,
  });
  return { rows: wanted, hasMoreData: rest !== undefined };
}

/** The oldest rows of a page, oldest first. */
export function oldestRows<T>(
  rows: readonly T[],
  timeMs: (row: T) => number,
  page: Page,
  isWanted: (row: T) => boolean = () => true,
): readonly T[] {
  const inRange = rows.slice(0, firstAfter(rows, timeMs, page.endMicros));
  return inRange.filter((row) => micros(timeMs(row)) >= page.startMicros && isWanted(row)).slice(0, page.limit);
}

function firstAfter<T>(rows: readonly T[], timeMs: (row: T) => number, endMicros: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const row = rows[middle];
    if (row !== undefined && micros(timeMs(row)) <= endMicros) low = middle + 1;
    else high = middle;
  }
  return low;
}
