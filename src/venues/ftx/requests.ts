import { z } from "zod";
import { ProtocolError } from "../../model/error.ts";
import { CLOCKS_DIFFER_MS, parseIsoTime } from "../../model/time.ts";
import { readPages } from "../../net/pages.ts";
import { type RowKind, readList } from "../../net/rows.ts";
import type { QueryValue, RestRequest, VenueContext } from "../../net/venue-api.ts";
import { readPayload, wireIntegerId } from "../../net/wire.ts";
import { PAGE_SIZE, REQUESTS_LIMIT_ID } from "./constants.ts";
import { manifest } from "./manifest.ts";

/** Made once: a schema that was made for each list took as long as its rows. */
export const wireRows = z.array(z.unknown());

export type Params = Readonly<Record<string, QueryValue>>;

/** Signed GET request that waits behind orders and cancels. */
export function get(path: string, params?: Params): RestRequest {
  return { method: "GET", path, params, isAuthRequired: true, limitId: REQUESTS_LIMIT_ID, lane: "poll" };
}

/** Checks a payload against its schema; an error names the venue and `what` was read. */
export function read<Schema extends z.ZodType>(what: string, schema: Schema, payload: unknown): z.output<Schema> {
  return readPayload(manifest.name, what, schema, payload);
}

/** Fields that every row of a paged list has, of which one tells its time as ISO 8601 text. */
const wireRow = z.object({
  id: wireIntegerId,
  time: z.string().optional(),
  createdAt: z.string().optional(),
});

interface Row {
  readonly id: string;
  readonly timestampMs: number;
  readonly payload: unknown;
}

/** Rows without an id or a time cannot be paged by: they are reported and left out. */
function rowsOf(path: string, page: readonly unknown[], kind: RowKind, context: VenueContext) {
  const what = `a row of GET ${path}`;
  const parse = (payload: unknown): Row => {
    const { id, time, createdAt } = read(what, wireRow, payload);
    return { id, timestampMs: parseIsoTime(time ?? createdAt ?? ""), payload };
  };
  return readList(what, page, parse, context, kind);
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
  kind: RowKind,
): Promise<readonly unknown[]> {
  const rows = new Map<string, Row>();
  const what = `GET ${path}`;
  const startSeconds = Math.max(0, sinceMs / 1_000);
  let endSeconds = (context.now() + CLOCKS_DIFFER_MS) / 1_000;
  let largestPage = 0;
  const ask = async (next: number | undefined) => {
    endSeconds = next ?? endSeconds;
    const range = { start_time: startSeconds.toFixed(6), end_time: endSeconds.toFixed(6), limit: PAGE_SIZE };
    const payload = await context.api.send(get(path, { ...params, ...range }), context.signal);
    const listed = read(what, wireRows, payload);
    const page = await rowsOf(path, listed, kind, context);
    // Rows before a full page without any time cannot be requested.
    if (page.length === 0 && listed.length >= PAGE_SIZE)
      throw new ProtocolError(`no row of a page of ${path} has a time`, { venue: manifest.name });
    const fresh = page.filter((row) => !rows.has(row.id));
    for (const row of fresh) rows.set(row.id, row);
    largestPage = Math.max(largestPage, listed.length);
    const isLast = page.length === 0 || (fresh.length === 0 && (listed.length <= 1 || listed.length < largestPage));
    const firstSeconds = Math.min(...page.map((row) => row.timestampMs)) / 1_000;
    // Rows of one instant can fill a page: a sweep of the book makes them. The next page begins before that instant.
    const before = fresh.length === 0 ? firstSeconds - 1e-6 : firstSeconds;
    return { rows: fresh, nextOf: () => (isLast ? undefined : before) };
  };
  await readPages({ venue: manifest.name, what, ask });
  return oldestFirst(rows.values()).map((row) => row.payload);
}
