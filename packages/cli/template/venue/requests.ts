import { z } from "zod";
import { ProtocolError } from "../../../../src/model/error.ts";
import { type RowKind, readList } from "../../../../src/net/rows.ts";
import type { Lane, QueryValue, RestRequest, VenueContext } from "../../../../src/net/venue-api.ts";
import { wireId, wireTimeMs } from "../../../../src/net/wire.ts";
import * as constants from "./constants.ts";
import { publicRequest, read } from "./web-utils.ts";

export type Params = Readonly<Record<string, QueryValue>>;

export const wireRows = z.array(z.unknown());
const wirePagedRow = z.object({ id: wireId, timestamp: wireTimeMs });

export const get = (path: string, params?: Params): RestRequest => {
  return { ...publicRequest(path, params), isAuthRequired: true };
};

// CHECK: what counts against which limit.
export function post(path: string, data: object, lane: Lane, limitId = constants.REQUESTS_LIMIT_ID): RestRequest {
  return { method: "POST", path, data, isAuthRequired: true, limitId, lane };
}

// CHECK: how the venue pages.
/**
 * Every row from `sinceMs` on, oldest first. A full page is followed by the one from its last row's time on; rows that
 * come twice are told by their ids.
 */
export async function rowsSince(
  context: VenueContext,
  path: string,
  params: Params,
  sinceMs: number,
  kind: RowKind,
): Promise<unknown[]> {
  const what = `a row of GET ${path}`;
  const rows = new Map<string, { readonly timestamp: number; readonly row: unknown }>();
  const parse = (row: unknown) => ({ ...read(what, wirePagedRow, row), row });
  for (let startTime = Math.floor(sinceMs); ; ) {
    const request = get(path, { ...params, startTime, limit: constants.PAGE_SIZE });
    const listed = read(`GET ${path}`, wireRows, await context.api.send(request, context.signal));
    const page = await readList(what, listed, parse, context, kind);
    for (const row of page) rows.set(row.id, row);
    if (listed.length < constants.PAGE_SIZE) break;
    const lastTime = Math.max(...page.map(({ timestamp }) => timestamp));
    if (!(lastTime > startTime)) throw new ProtocolError(`more rows of ${path} at one time than a page holds`);
    startTime = lastTime;
  }
  return [...rows.values()].sort((a, b) => a.timestamp - b.timestamp).map(({ row }) => row);
}

export async function listOf(context: VenueContext, path: string, params: Params = {}): Promise<readonly unknown[]> {
  return read(`GET ${path}`, wireRows, await context.api.send(get(path, params), context.signal));
}
