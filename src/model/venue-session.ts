import { NotFoundError } from "./error.ts";
import type { Market, TradingPair } from "./market.ts";

/** What a venue must know about its markets: immutable, built from market metadata, passed back in by the engine. */
export interface VenueSession {
  readonly connectorName: string;
  readonly domain: string;
  readonly markets: ReadonlyMap<TradingPair, Market>;
  readonly marketsBySymbol: ReadonlyMap<string, Market>;
  /** The account within the login, where the venue has sub-accounts. */
  readonly subAccount?: string | undefined;
}

export function createVenueSession(
  connectorName: string,
  domain: string,
  markets: Iterable<Market>,
  subAccount?: string,
): VenueSession {
  const byPair = new Map<TradingPair, Market>();
  const bySymbol = new Map<string, Market>();
  for (const market of markets) {
    byPair.set(market.tradingPair, market);
    bySymbol.set(market.symbol, market);
  }
  return { connectorName, domain, markets: byPair, marketsBySymbol: bySymbol, subAccount };
}

/** The market of a trading pair; throws `NotFoundError` with the pairs that look alike. */
export function marketOf(session: VenueSession, tradingPair: TradingPair): Market {
  const market = session.markets.get(tradingPair);
  if (market !== undefined) return market;
  const base = tradingPair.split("-")[0] ?? tradingPair;
  const alike = [...session.markets.keys()].filter((pair) => pair.startsWith(base.slice(0, 3))).slice(0, 5);
  const hint = alike.length > 0 ? `did you mean ${alike.join(" or ")}?` : "see the command `markets` for its pairs";
  throw new NotFoundError(`${session.connectorName} has no trading pair "${tradingPair}"`, { hint });
}
