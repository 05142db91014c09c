import { ONE, ZERO } from "../../../src/model/decimal.ts";
import type { Market } from "../../../src/model/market.ts";
import type { VenueMarkets } from "../../../src/model/venue-markets.ts";

/** Names that a parser gives a message without a market. */
const NO_SYMBOLS: ReadonlySet<string> = new Set(["", "undefined", "null"]);

/** Markets of a recording: as its own list of markets describes them, else invented. */
export interface ReplaySession extends VenueMarkets {
  /** Takes over a market's name and contract size, unless a message about it was read before. */
  learn(market: Market): void;
}

/** Knows every market that it is asked for: a recording may hold spot, dated and long delisted ones. */
class InventedMarkets extends Map<string, Market> {
  override get(symbol: string): Market | undefined {
    const known = super.get(symbol);
    if (known !== undefined || NO_SYMBOLS.has(symbol)) return known;
    const invented = inventMarket(symbol);
    this.set(symbol, invented);
    return invented;
  }

  learn(market: Market): void {
    if (super.has(market.symbol)) return;
    this.set(market.symbol, market);
    this.set(market.tradingPair, market);
  }

  override has(symbol: string): boolean {
    return this.get(symbol) !== undefined;
  }
}

/** A session for reading recordings. An invented market's trading pair is its symbol, for its true rule is not known. */
export function createReplaySession(connectorName: string, domain: string): ReplaySession {
  const markets = new InventedMarkets();
  const learn = (market: Market): void => markets.learn(market);
  return { connectorName, domain, byPair: markets, bySymbol: markets, learn };
}

function inventMarket(symbol: string): Market {
  const [baseAsset = symbol, quoteAsset = ""] = symbol.split(/[-/]/);
  return {
    tradingPair: symbol,
    symbol,
    baseAsset,
    quoteAsset,
    fundingIntervalMs: 0,
    rule: {
      tradingPair: symbol,
      minOrderSize: ZERO,
      minPriceIncrement: ZERO,
      minBaseAmountIncrement: ZERO,
      minNotionalSize: ZERO,
      contractSize: ONE,
      contractKind: "linear",
      buyOrderCollateralToken: quoteAsset,
      sellOrderCollateralToken: quoteAsset,
      supportsMarketOrders: false,
    },
  };
}
