import { ONE, ZERO } from "../model/decimal.ts";
import type { Market } from "../model/market.ts";
import type { VenueSession } from "../model/venue-session.ts";

/** What a parser makes of a message that names no market. */
const NO_SYMBOLS: ReadonlySet<string> = new Set(["", "undefined", "null"]);

/** Knows every market that it is asked for: a recording may hold spot, dated and long delisted ones. */
class InventedMarkets extends Map<string, Market> {
  override get(symbol: string): Market | undefined {
    const known = super.get(symbol);
    if (known !== undefined || NO_SYMBOLS.has(symbol)) return known;
    const invented = inventMarket(symbol);
    this.set(symbol, invented);
    return invented;
  }

  override has(symbol: string): boolean {
    return this.get(symbol) !== undefined;
  }
}

/** A session for reading recordings. A market's trading pair is its symbol, for its true rule is not known. */
export function createReplaySession(connectorName: string, domain: string): VenueSession {
  const markets = new InventedMarkets();
  return { connectorName, domain, markets, marketsBySymbol: markets };
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
