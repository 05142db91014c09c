import { z } from "zod";
import { parseIsoTime } from "../../model/time.ts";
import type { QueryValue, RestRequest, VenueContext } from "../../net/venue-api.ts";
import { readPayload, wireId } from "../../net/wire.ts";
import { PAGE_SIZE, REQUESTS_LIMIT_ID } from "./constants.ts";
import { manifest } from "./manifest.ts";

export type Params = Readonly<Record<string, QueryValue>>;

/** Signed GET request that waits behind orders and cancels. */
export function get(path: string, params?: Params): RestRequest {
  return { method: "GET", path, params, isAuthRequired: true, limitId: REQUESTS_LIMIT_ID, lane: "poll" };
}

/** Checks a payload against its schema; an error names the venue and `what` was read. */
export function read<Schema extends z.ZodType>(what: string, schema: Schema, payload: unknown): z.output<Schema> {
  return readPayload(manifest.name, what, schema, payload);
}

/** Fields that every row of a paged list has. */
const wireRow = z.object({
  id: wireId,
  // ISO 8601 text.
  time: z.string(),
});

interface Row {
  readonly id: string;
  readonly timestampMs: number;
  readonly payload: unknown;
}

function rowsOf(path: string, page: unknown): readonly Row[] {
  return read(`GET ${path}`, z.array(z.unknown()), page).map((payload) => {
    const { id, time } = read(`a row of GET ${path}`, wireRow, payload);
    return { id, timestampMs: parseIsoTime(time), payload };
  });
}

/** Order of two ids, which are integers that only grow. */
function compareIds(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}

function oldestFirst(rows: Iterable<Row>): readonly Row[] {
  return [...rows].sort((a, b) => a.timestampMs - b.timestampMs || compareIds(a.id, b.id));
}

/**
 * Rows from `sinceMs` on, all of them, oldest first. Pages come newest first: the next one ends where this one began,
 * rows that come twice are dropped by id, and a page without a new row is the last (docs, pagination).
 */
export async function pagedSince(
  context: VenueContext,
  path: string,
  params: Params,
  sinceMs: number,
): Promise<readonly unknown[]> {
  const rows = new Map<string, Row>();
  const startSeconds = Math.max(0, sinceMs / 1_000);
  // Clocks differ, and the venue's may run ahead of ours; a minute covers more than a signed request survives.
  let endSeconds = context.now() / 1_000 + 60;
  let largestPage = 0;
  for (;;) {
    const range = { start_time: startSeconds.toFixed(6), end_time: endSeconds.toFixed(6), limit: PAGE_SIZE };
    const page = rowsOf(path, await context.api.send(get(path, { ...params, ...range }), context.signal));
    const fresh = page.filter((row) => !rows.has(row.id));
    largestPage = Math.max(largestPage, page.length);
    if (fresh.length === 0 && (page.length <= 1 || page.length < largestPage)) break;
    for (const row of fresh) rows.set(row.id, row);
    endSeconds = Math.min(...page.map((row) => row.timestampMs)) / 1_000;
    // Rows of one instant can fill a page: a sweep of the book makes them. The next page begins before that instant.
    if (fresh.length === 0) endSeconds -= 1e-6;
  }
  return oldestFirst(rows.values()).map((row) => row.payload);
}
