import { z } from "zod";
import type { Lane, QueryValue, RestRequest, VenueContext } from "../../net/venue-api.ts";
import * as constants from "./constants.ts";
import { read } from "./web-utils.ts";

export type Params = Readonly<Record<string, QueryValue>>;

/** Rows of any list; each is read field by field where it is used. */
export const wireRows = z.array(z.looseObject({}));

export function get(path: string, params: Params, limitId = path): RestRequest {
  return { method: "GET", path, params, isAuthRequired: true, limitId, lane: "poll" };
}

export function post(path: string, data: object, lane: Lane, limitId = path): RestRequest {
  return { method: "POST", path, data, isAuthRequired: true, limitId, lane };
}

export async function rowsOf({ api, signal }: Pick<VenueContext, "api" | "signal">, request: RestRequest) {
  return read(`${request.method} ${request.path}`, wireRows, await api.send(request, signal));
}

/** Every row of a list, page by page, newest first: the next page is of rows before `idField` of the last one. */
export async function allRows(context: VenueContext, path: string, params: Params, idField: string) {
  const rows: Readonly<Record<string, unknown>>[] = [];
  for (let after: string | undefined; ; ) {
    const page = await rowsOf(context, get(path, { ...params, limit: constants.PAGE_SIZE, after }));
    rows.push(...page);
    const last = page.at(-1)?.[idField];
    if (page.length < constants.PAGE_SIZE || last === undefined || String(last) === after) return rows;
    after = String(last);
  }
}

/** The list that reaches back to `sinceMs`, and the time from which it is asked for. */
export function listSince(context: VenueContext, sinceMs: number, list: typeof constants.FILLS) {
  const nowMs = Math.floor(context.now());
  const begin = Math.floor(Math.max(sinceMs, nowMs - constants.HISTORY_MS));
  return { path: begin > nowMs - list.reachesMs ? list.path : list.long, begin };
}

export function oldestFirst<Row extends { readonly timestampMs: number }>(rows: readonly Row[]): Row[] {
  return rows.toSorted((a, b) => a.timestampMs - b.timestampMs);
}
