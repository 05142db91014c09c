import { z } from "zod";
import { CLOCKS_DIFFER_MS } from "../../model/time.ts";
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

/** Reads every row from `sinceMs` on; a window may be seven days long and both of its ends count. */
export async function rowsSince(
  context: VenueContext,
  path: string,
  params: Params,
  sinceMs: number,
): Promise<unknown[]> {
  const rows: unknown[] = [];
  const nowMs = Math.ceil(context.now());
  const endMs = nowMs + CLOCKS_DIFFER_MS;
  for (let fromMs = Math.floor(Math.max(sinceMs, endMs - HISTORY_MS)); fromMs < endMs; fromMs += WINDOW_MS) {
    // The last range does not begin in the future, which the documents say nothing of: it asks for some rows again.
    const startTime = Math.min(fromMs, nowMs - CLOCKS_DIFFER_MS);
    const endTime = Math.min(startTime + WINDOW_MS, endMs);
    rows.push(...(await allRows(context, get(path, { ...params, startTime, endTime }))));
  }
  return rows;
}
