import { z } from "zod";
import { ProtocolError } from "../../model/error.ts";
import type { TradingPair } from "../../model/market.ts";
import { CLOCKS_DIFFER_MS } from "../../model/time.ts";
import { marketOf, type VenueMarkets } from "../../model/venue-markets.ts";
import { readPages } from "../../net/pages.ts";
import { encodePath } from "../../net/rest-encoding.ts";
import type { Lane, QueryValue, RestRequest, VenueContext } from "../../net/venue-api.ts";
import { wireText } from "../../net/wire.ts";
import { MIN_FULL_PAGE, PAGE_SIZE, VENUE } from "./constants.ts";
import { isObject, read } from "./web-utils.ts";

export type Params = Readonly<Record<string, QueryValue>>;

export const wireList = z.array(z.unknown());

/** Public question; `limitId` differs from the path where that names a market. */
export function publicRequest(path: string, params?: Params, limitId = path): RestRequest {
  return { method: "GET", path, params, isAuthRequired: false, limitId, lane: "poll" };
}

export function get(path: string, params?: Params, limitId = path): RestRequest {
  return { ...publicRequest(path, params, limitId), isAuthRequired: true };
}

/** Command whose terms are a JSON body. */
export function command(
  method: "POST" | "PUT",
  path: string,
  data: unknown,
  { lane, limitId = path, weight }: { readonly lane: Lane; readonly limitId?: string; readonly weight?: number },
): RestRequest {
  return { method, path, data, isAuthRequired: true, limitId, lane, weight };
}

/** Setting, whose terms are the query: these endpoints do not read a body (docs, update leverage, dual mode). */
export function setting(path: string, params: Params, limitId = path): RestRequest {
  return { method: "POST", path, params, isAuthRequired: true, limitId, lane: "create" };
}

/** The path of one item of a list: a contract, or an order by either id. */
export const itemOf = (path: string, name: string): string => `${path}/${encodePath(name)}`;

export const symbolOf = (markets: VenueMarkets, tradingPair: TradingPair): string =>
  marketOf(markets, tradingPair).symbol;

/** Rows that are asked for again with each next page, which prove that none was passed over. */
const OVERLAP = 10;

/**
 * Names a row, for a list's position moves when a row before it goes: what was to come next then stands on the page before.
 * Trades are counted by contract, and one of the account with itself is a row of each of its orders.
 */
function keyOf(row: unknown): string | undefined {
  if (!isObject(row)) return undefined;
  const { contract, order_id, type, mode } = row;
  const id = wireText(row.id_string) || wireText(row.id) || wireText(row.trade_id);
  const key = [contract, order_id, type, mode, id].map(wireText).join(" ").trim();
  return key === "" ? undefined : key;
}

/**
 * Reads every row of a list, page by page; each page begins with the last rows of the one before. Throws `ProtocolError`
 * where it does not, because more rows went meanwhile: one may have been passed over, and would look as if it were gone. A
 * page of fewer rows than were asked for may be full all the same, for how many one holds differs between documents: a
 * round number of them is followed by another look. `isEnough`: a page after which no other is wanted.
 */
export async function allRows(
  context: VenueContext,
  request: RestRequest,
  limit = PAGE_SIZE,
  isEnough?: (page: readonly unknown[]) => boolean,
): Promise<unknown[]> {
  const { api, signal } = context;
  const what = `GET ${request.path}`;
  const rows = new Map<string, unknown>();
  const ask = async (offset = 0) => {
    const params = { ...request.params, limit, offset: offset === 0 ? undefined : offset };
    const page = read(what, wireList, await api.send({ ...request, params }, signal));
    const keys = page.map(keyOf);
    const isContinued = keys.some((key) => key === undefined || rows.has(key));
    if (offset > 0 && !isContinued)
      throw new ProtocolError(`${what} of ${VENUE} changed while its pages were read`, { venue: VENUE });
    for (const [index, key] of keys.entries()) if (key !== undefined) rows.set(key, page[index]);
    // Rows without a name cannot be told apart: they are read, and reported, with the page that has them.
    for (const [index, key] of keys.entries()) if (key === undefined) rows.set(`${offset + index}?`, page[index]);
    const isFull = page.length > 0 && page.length % MIN_FULL_PAGE === 0;
    return {
      rows: page,
      nextOf: () => (isFull && isEnough?.(page) !== true ? offset + page.length - OVERLAP : undefined),
    };
  };
  await readPages({ venue: VENUE, what, ask });
  return [...rows.values()];
}

/** Lists rows like `allRows`, from `sinceMs` on; times are in seconds, and both ends count. */
export function rowsSince(context: VenueContext, path: string, params: Params, sinceMs: number): Promise<unknown[]> {
  const from = Math.max(0, Math.floor(sinceMs / 1_000));
  const to = Math.ceil((context.now() + CLOCKS_DIFFER_MS) / 1_000);
  return allRows(context, get(path, { ...params, from, to }));
}
