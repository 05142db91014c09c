import { z } from "zod";
import { ProtocolError } from "../../model/error.ts";
import { CLOCKS_DIFFER_MS } from "../../model/time.ts";
import { readPages } from "../../net/pages.ts";
import type { Lane, QueryValue, RestRequest, VenueContext } from "../../net/venue-api.ts";
import * as constants from "./constants.ts";
import { VENUE } from "./constants.ts";
import { read } from "./web-utils.ts";

export type Params = Readonly<Record<string, QueryValue>>;

/** Rows of any list; each is read by itself where it is used. */
export const wireList = z.array(z.unknown());

type Row = Readonly<Record<string, unknown>>;
export const isRow = (row: unknown): row is Row => typeof row === "object" && row !== null;

export function get(path: string, params: Params, limitId = path): RestRequest {
  return { method: "GET", path, params, isAuthRequired: true, limitId, lane: "poll" };
}

export function post(path: string, data: object, lane: Lane, limitId = path): RestRequest {
  return { method: "POST", path, data, isAuthRequired: true, limitId, lane };
}

export async function rowsOf({ api, signal }: Pick<VenueContext, "api" | "signal">, request: RestRequest) {
  return read(`${request.method} ${request.path}`, wireList, await api.send(request, signal));
}

/** Every row of a list, page by page, newest first: the next page is of rows before `idField` of the last one. */
export async function allRows(context: VenueContext, path: string, params: Params, idField: string) {
  const ask = async (after: string | undefined) => {
    const rows = await rowsOf(context, get(path, { ...params, limit: constants.PAGE_SIZE, after }));
    return { rows, nextOf: () => (rows.length < constants.PAGE_SIZE ? undefined : lastIdOf(rows, path, idField)) };
  };
  return readPages({ venue: VENUE, what: `GET ${path}`, ask });
}

/** Finds the last id on a page. Rows after a page without any id cannot be requested. */
function lastIdOf(rows: readonly unknown[], path: string, idField: string): string {
  const last = rows.flatMap((row) => idOf(row, idField) ?? []).at(-1);
  if (last === undefined) throw new ProtocolError(`no row of a page of ${path} has its ${idField}`, { venue: VENUE });
  return last;
}

function idOf(row: unknown, idField: string): string | undefined {
  const id = isRow(row) ? row[idField] : undefined;
  return typeof id === "string" || typeof id === "number" ? String(id) : undefined;
}

/** The list that reaches back to `sinceMs`, and the time from which it is asked for. */
export function listSince(context: VenueContext, sinceMs: number, list: typeof constants.FILLS) {
  const nowMs = Math.floor(context.now());
  const begin = Math.floor(Math.max(sinceMs, nowMs - constants.HISTORY_MS));
  // A clock that is late would choose a list that has forgotten the oldest rows.
  const reachesMs = list.reachesMs - CLOCKS_DIFFER_MS;
  return { path: begin > nowMs - reachesMs ? list.path : list.long, begin };
}
