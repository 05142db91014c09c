import { z } from "zod";
import { readPages } from "../../net/pages.ts";
import type { Lane, QueryValue, RestRequest, VenueContext } from "../../net/venue-api.ts";
import { CATEGORY, HISTORY_MS, VENUE, WINDOW_MS } from "./constants.ts";
import { read } from "./web-utils.ts";

export type Params = Readonly<Record<string, QueryValue>>;

/** URL-encoded text, decoded. */
const wireCursor = z.string().transform((text, context): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    context.addIssue({ code: "custom", message: "not URL-encoded" });
    return z.NEVER;
  }
});

export const wireList = z.object({
  list: z.array(z.unknown()),
  /** Cursor of the next page; absent or empty on the last page. */
  nextPageCursor: wireCursor.nullish(),
});

/** Signed GET of linear perpetuals. */
export function get(path: string, params: Params): RestRequest {
  return {
    method: "GET",
    path,
    params: { category: CATEGORY, ...params },
    isAuthRequired: true,
    limitId: path,
    lane: "poll",
  };
}

/** Signed POST of linear perpetuals. */
export function post(path: string, data: object, lane: Lane, weight?: number): RestRequest {
  return {
    method: "POST",
    path,
    data: { category: CATEGORY, ...data },
    isAuthRequired: true,
    limitId: path,
    lane,
    weight,
  };
}

/** Reads every row of a list, page by page. A cursor comes URL-encoded and is sent so, encoded once. */
export async function allRows(
  { api, signal }: Pick<VenueContext, "api" | "signal">,
  request: RestRequest,
): Promise<unknown[]> {
  const what = `GET ${request.path}`;
  const ask = async (cursor: string | undefined) => {
    const payload = await api.send({ ...request, params: { ...request.params, cursor } }, signal);
    const { list, nextPageCursor } = read(what, wireList, payload);
    const next = nextPageCursor ?? "";
    const isLast = next === "" || next === cursor || list.length === 0;
    return { rows: list, nextOf: () => (isLast ? undefined : next) };
  };
  return readPages({ venue: VENUE, what, ask });
}

/**
 * Margin for clocks that differ: time stands still for a machine that sleeps, and until it has asked again its lists ended
 * before the newest row.
 */
const CLOCKS_DIFFER_MS = 60_000;

/** Reads every row from `sinceMs` on; a window may be seven days long and both of its ends count. */
export async function rowsSince(
  context: VenueContext,
  path: string,
  params: Params,
  sinceMs: number,
): Promise<unknown[]> {
  const rows: unknown[] = [];
  const endMs = Math.ceil(context.now()) + CLOCKS_DIFFER_MS;
  let startTime = Math.floor(Math.max(sinceMs, endMs - HISTORY_MS));
  for (; startTime < endMs; startTime += WINDOW_MS) {
    const endTime = Math.min(startTime + WINDOW_MS, endMs);
    rows.push(...(await allRows(context, get(path, { ...params, startTime, endTime }))));
  }
  return rows;
}
