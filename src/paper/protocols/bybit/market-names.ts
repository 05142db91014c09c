import type { Engine, MarketView } from "../../engine/types.ts";
import { marketLookup } from "../market-lookup.ts";
import { invalidParameter } from "./errors.ts";

/** The engine's one cash, as this venue calls it. */
export const COIN = "USDT";
export const CATEGORY = "linear";

export function symbolOf({ spec }: Pick<MarketView, "spec">): string {
  return `${spec.base}${COIN}`;
}

const markets = marketLookup(symbolOf);
export const findMarket = markets.find;
export const findListed = markets.listed;

/** One that is listed, which a client names. */
export function requireMarket(engine: Engine, symbol: string): MarketView {
  const market = findListed(engine, symbol);
  if (market === undefined) throw invalidParameter("symbol");
  return market;
}

/** One that a channel is about: it may have been delisted meanwhile. */
export function knownMarket(engine: Engine, symbol: string): MarketView {
  const market = findMarket(engine, symbol);
  if (market === undefined) throw new TypeError(`there is no ${symbol}`);
  return market;
}

/** The market that an order, a fill or a payment names. */
export function marketOf(engine: Engine, name: string): MarketView {
  const market = engine.market(name);
  if (market === undefined) throw new TypeError(`the engine has no market ${name}`);
  return market;
}

/**
 * Smallest order: below the maker minimum an order could not rest, so the larger of the two is the minimum of all
 * orders.
 */
export function minimumSize({ spec }: Pick<MarketView, "spec">): bigint {
  return spec.minSize > spec.minMakerSize ? spec.minSize : spec.minMakerSize;
}
