import { ConfigError, NotFoundError } from "./error.ts";
import type { Market, TradingPair } from "./market.ts";
import { nearestName } from "./names.ts";

/**
 * Market metadata that a venue needs: immutable, built from the venue's list of markets, passed back in by the engine.
 */
export interface VenueMarkets {
  readonly connectorName: string;
  readonly domain: string;
  readonly byPair: ReadonlyMap<TradingPair, Market>;
  readonly bySymbol: ReadonlyMap<string, Market>;
  /**
   * Identity of the account, which does not open it, by the names of the credentials: a sub-account, an address, a user
   * id.
   */
  readonly account?: Readonly<Record<string, string>> | undefined;
}

export function createVenueMarkets(
  connectorName: string,
  domain: string,
  markets: Iterable<Market>,
  account?: Readonly<Record<string, string>>,
): VenueMarkets {
  const byPair = new Map<TradingPair, Market>();
  const bySymbol = new Map<string, Market>();
  for (const market of markets) {
    byPair.set(market.tradingPair, market);
    bySymbol.set(market.symbol, market);
  }
  return { connectorName, domain, byPair, bySymbol, account };
}

/** Lists pairs of the same base; else those with the fewest typing errors; else those that begin alike. */
function pairsLike(tradingPair: TradingPair, pairs: readonly TradingPair[]): readonly TradingPair[] {
  const base = (tradingPair.split("-")[0] ?? tradingPair).toUpperCase();
  const sameBase = pairs.filter((pair) => pair.toUpperCase().startsWith(`${base}-`));
  if (sameBase.length > 0) return sameBase.slice(0, 5);
  const nearest = nearestName(tradingPair, pairs);
  if (nearest !== undefined) return [nearest];
  return pairs.filter((pair) => pair.startsWith(base.slice(0, 3))).slice(0, 5);
}

/** The market of a trading pair; throws `NotFoundError` with the pairs that look alike, `ConfigError` for what is no text. */
export function marketOf(markets: VenueMarkets, tradingPair: TradingPair): Market {
  const market = markets.byPair.get(tradingPair);
  if (market !== undefined) return market;
  if (typeof tradingPair !== "string") {
    throw new ConfigError(`a trading pair is text, not ${String(tradingPair)}`, { hint: 'for example "BTC-USDT"' });
  }
  const alike = pairsLike(tradingPair, [...markets.byPair.keys()]);
  const hint = alike.length > 0 ? `did you mean ${alike.join(" or ")}?` : "see the command `markets` for its pairs";
  throw new NotFoundError(`${markets.connectorName} has no trading pair "${tradingPair}"`, { hint });
}
