import { newestRows } from "../pages.ts";
import { invalidParameter } from "./errors.ts";
import type { Parameters } from "./parameters.ts";
import type { WireObject } from "./wire.ts";

const DAY_MS = 86_400_000;
const MAX_SPAN_MS = 7 * DAY_MS;

export interface PageSize {
  readonly usual: number;
  readonly most: number;
}

export function readLimit(parameters: Parameters, { usual, most }: PageSize): number {
  return parameters.limit(usual, most);
}

/**
 * Reads a window, both ends included. One given end makes a window of `usualMs` with the other; more than seven days
 * are refused.
 */
export function readWindow(
  parameters: Parameters,
  nowMs: number,
  usualMs: number = MAX_SPAN_MS,
): { readonly startMs: number; readonly endMs: number } {
  const start = parameters.integer("startTime");
  const end = parameters.integer("endTime");
  const endMs = end ?? (start === undefined ? Math.ceil(nowMs) : start + usualMs);
  const startMs = start ?? endMs - usualMs;
  if (startMs > endMs || endMs - startMs > MAX_SPAN_MS) throw invalidParameter("endTime");
  return { startMs, endMs };
}

export interface ListPage<Row> {
  readonly rows: readonly Row[];
  readonly nextPageCursor: string;
}

/** The newest rows first. A cursor is the place of the last row that was sent; it comes URL-encoded, as Bybit's does. */
export function newestPage<Item>(
  items: readonly Item[],
  parameters: Parameters,
  size: PageSize,
  isWanted: (item: Item) => boolean,
): ListPage<Item> {
  const limit = readLimit(parameters, size);
  const { rows, rest } = newestRows(items, { limit, among: readCursor(parameters) ?? items.length, isWanted });
  return { rows, nextPageCursor: rest === undefined ? "" : cursorText(rest) };
}

/** Rows in the order in which they are. */
export function forwardPage<Item>(items: readonly Item[], parameters: Parameters, size: PageSize): ListPage<Item> {
  const limit = readLimit(parameters, size);
  const start = readCursor(parameters) ?? 0;
  const rows = items.slice(start, start + limit);
  return { rows, nextPageCursor: start + limit < items.length ? cursorText(start + limit) : "" };
}

export function pageObject(page: ListPage<WireObject>): WireObject {
  return { category: "linear", nextPageCursor: page.nextPageCursor, list: page.rows };
}

function cursorText(index: number): string {
  return encodeURIComponent(`page_token=${index}`);
}

/** A client may send the cursor as it came, or decode it and have it encoded once. */
function readCursor(parameters: Parameters): number | undefined {
  const text = parameters.text("cursor");
  if (text === undefined) return undefined;
  const match = /^page_token(?:=|%3D)(\d{1,15})$/.exec(text);
  if (match === null) throw invalidParameter("cursor");
  return Number(match[1]);
}
