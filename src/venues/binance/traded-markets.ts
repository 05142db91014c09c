import { z } from "zod";
import type { TradingPair } from "../../model/market.ts";
import { marketOf } from "../../model/venue-markets.ts";
import type { VenueContext } from "../../net/venue-api.ts";
import * as constants from "./constants.ts";
import { symbolsOfIncomeSince } from "./income.ts";
import { get, rowsOf } from "./requests.ts";

/** Number of markets up to which each is asked for its fills: the two questions here weigh 35, as those of seven do. */
const MARKETS_ASKED_EACH = 20;

const wireSymbol = z.object({ symbol: z.string() });

async function symbolsOfPositions({ api, signal }: VenueContext): Promise<ReadonlySet<string> | undefined> {
  const payload = await api.send(get(constants.POSITIONS_PATH_URL, 5), signal);
  const rows = rowsOf("GET /fapi/v3/positionRisk", payload).map((row) => wireSymbol.safeParse(row).data?.symbol);
  return rows.includes(undefined) ? undefined : new Set(rows.flatMap((symbol) => symbol ?? []));
}

/**
 * Lists the markets that may have fills since a time. `userTrades` is asked for one market at a time (weight 5), which
 * takes more than a minute of weight for hundreds of markets. With many markets only those are asked for that have
 * postings since then, a position or an open order: a trade without any of these had no fee and left neither profit nor
 * position. Where this is not known, all are asked for.
 */
export async function marketsWithFills(
  context: VenueContext,
  sinceMs: number,
  tradingPairs: readonly TradingPair[],
): Promise<readonly TradingPair[]> {
  if (tradingPairs.length <= MARKETS_ASKED_EACH) return tradingPairs;
  const [posted, held] = await Promise.all([symbolsOfIncomeSince(context, sinceMs), symbolsOfPositions(context)]);
  if (posted === undefined || held === undefined) return tradingPairs;
  return tradingPairs.filter((tradingPair) => {
    const { symbol } = marketOf(context.markets, tradingPair);
    return posted.has(symbol) || held.has(symbol);
  });
}
