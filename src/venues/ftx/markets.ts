import { z } from "zod";
import { type MarketRow, readExchangeInfo } from "../../connector/exchange-info.ts";
import type { ExchangeInfo, VenueDerivative } from "../../connector/perpetual-venue.ts";
import { ONE, ZERO } from "../../model/decimal.ts";
import { NotFoundError } from "../../model/error.ts";
import type { Market } from "../../model/market.ts";
import { optionalWireDecimal, wireDecimal, wireText } from "../../net/wire.ts";
import { FUNDING_INTERVAL_MS, MARKETS_PATH_URL, PING_PATH_URL } from "./constants.ts";
import { orderBookDataSource } from "./order-book-data-source.ts";
import { get, read, wireRows } from "./requests.ts";

const QUOTE = "USD";

const positiveDecimal = wireDecimal.refine((value) => value.gt(0), "must be positive");

const wireMarket = z.object({
  // Symbol of the market, such as "BTC-PERP".
  name: z.string(),
  type: z.literal("future"),
  // Base asset.
  underlying: z.string().min(1),
  enabled: z.boolean(),
  // True while the market takes only orders that rest.
  postOnly: z.boolean().optional(),
  // Step of prices, in USD.
  priceIncrement: positiveDecimal,
  // Step of amounts, in the base asset.
  sizeIncrement: positiveDecimal,
  // Least amount that may rest in the book, in the base asset.
  minProvideSize: optionalWireDecimal,
});

function isPerpetual(row: MarketRow): boolean {
  return wireText(row.name).endsWith("-PERP");
}

function parseMarket(row: unknown): Market {
  const market = read("a row of GET /markets", wireMarket, row);
  const tradingPair = `${market.underlying}-${QUOTE}`;
  return {
    tradingPair,
    symbol: market.name,
    baseAsset: market.underlying,
    quoteAsset: QUOTE,
    fundingIntervalMs: FUNDING_INTERVAL_MS,
    rule: {
      tradingPair,
      // `minProvideSize` is the least that may rest; an order that takes may be as small as one step.
      minOrderSize: market.sizeIncrement,
      minMakerSize: market.minProvideSize ?? market.sizeIncrement,
      minPriceIncrement: market.priceIncrement,
      minBaseAmountIncrement: market.sizeIncrement,
      // FTX had no minimum notional.
      minNotionalSize: ZERO,
      minPrice: market.priceIncrement,
      contractSize: ONE,
      contractKind: "linear",
      buyOrderCollateralToken: QUOTE,
      sellOrderCollateralToken: QUOTE,
      supportsMarketOrders: market.postOnly !== true,
    },
  };
}

function parseExchangeInfo(exchangeInfo: unknown): ExchangeInfo {
  return readExchangeInfo({
    rows: read("GET /markets", wireRows, exchangeInfo),
    isOffered: isPerpetual,
    symbolOf: (row) => wireText(row.name),
    isOpen: (row) => row.enabled !== false,
    parse: parseMarket,
  });
}

/** Markets of the venue, their rules and last prices, and whether it answers at all. */
export const markets = {
  requestExchangeInfo({ api, signal }) {
    return api.send({ ...get(MARKETS_PATH_URL), isAuthRequired: false }, signal);
  },

  parseExchangeInfo,

  async checkNetwork({ api, signal }) {
    await api.send({ ...get(PING_PATH_URL), isAuthRequired: false }, signal);
  },

  async fetchLastTradedPrice(context, tradingPair) {
    const price = (await orderBookDataSource.fetchLastTradedPrices(context, [tradingPair])).get(tradingPair);
    if (price === undefined) throw new NotFoundError(`${tradingPair} has not traded yet`);
    return wireDecimal.parse(price);
  },
} satisfies Partial<VenueDerivative>;
