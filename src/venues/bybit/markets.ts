import { z } from "zod";
import { type MarketRow, readExchangeInfo } from "../../connector/exchange-info.ts";
import type { ExchangeInfo, VenueDerivative } from "../../connector/perpetual-venue.ts";
import { ONE, ZERO } from "../../model/decimal.ts";
import { NotFoundError } from "../../model/error.ts";
import type { Market } from "../../model/market.ts";
import { optionalWireDecimal, wireDecimal, wireText } from "../../net/wire.ts";
import { INSTRUMENTS_PATH_URL } from "./constants.ts";
import { orderBookDataSource, publicRequest } from "./order-book-data-source.ts";
import { allRows, wireList } from "./requests.ts";
import { getCurrentServerTime, read } from "./web-utils.ts";

const name = z.string().min(1);
const positiveDecimal = wireDecimal.refine((value) => value.gt(0), "must be positive");

const wireInstrument = z.object({
  symbol: name,
  baseCoin: name,
  quoteCoin: name,
  /** Coin of margin, profit and fees. */
  settleCoin: name,
  /** Minutes; hours in the tickers. */
  fundingInterval: z.number().positive(),
  /** Prices, in the quote coin. */
  priceFilter: z.object({
    tickSize: positiveDecimal,
    minPrice: wireDecimal,
    maxPrice: wireDecimal,
  }),
  /** Amounts, in the base coin. */
  lotSizeFilter: z.object({
    qtyStep: positiveDecimal,
    minOrderQty: wireDecimal,
    maxOrderQty: wireDecimal,
    /** Most of a market order; `postOnlyMaxOrderQty` is deprecated and says what `maxOrderQty` does (docs). */
    maxMktOrderQty: optionalWireDecimal,
    /** Quote coin. */
    minNotionalValue: optionalWireDecimal,
  }),
});

/** Tells perpetuals from dated futures. */
function isPerpetual(row: MarketRow): boolean {
  return row.contractType === "LinearPerpetual";
}

function parseMarket(payload: unknown): Market {
  const row = read("an instrument", wireInstrument, payload);
  const { priceFilter, lotSizeFilter } = row;
  const tradingPair = `${row.baseCoin}-${row.quoteCoin}`;
  return {
    tradingPair,
    symbol: row.symbol,
    baseAsset: row.baseCoin,
    quoteAsset: row.quoteCoin,
    fundingIntervalMs: row.fundingInterval * 60_000,
    rule: {
      tradingPair,
      minOrderSize: lotSizeFilter.minOrderQty,
      maxOrderSize: lotSizeFilter.maxOrderQty,
      maxMarketOrderSize: lotSizeFilter.maxMktOrderQty,
      minPriceIncrement: priceFilter.tickSize,
      minBaseAmountIncrement: lotSizeFilter.qtyStep,
      minNotionalSize: lotSizeFilter.minNotionalValue ?? ZERO,
      minPrice: priceFilter.minPrice,
      maxPrice: priceFilter.maxPrice,
      contractSize: ONE,
      contractKind: "linear",
      buyOrderCollateralToken: row.settleCoin,
      sellOrderCollateralToken: row.settleCoin,
      supportsMarketOrders: true,
    },
  };
}

function parseExchangeInfo(exchangeInfo: unknown): ExchangeInfo {
  return readExchangeInfo({
    rows: read("GET instruments-info", wireList, exchangeInfo).list,
    isOffered: isPerpetual,
    symbolOf: (row) => wireText(row.symbol),
    isOpen: (row) => row.status === "Trading",
    parse: parseMarket,
  });
}

export const markets = {
  async requestExchangeInfo(context) {
    return { list: await allRows(context, publicRequest(INSTRUMENTS_PATH_URL, { limit: 1_000 })) };
  },

  parseExchangeInfo,

  async checkNetwork(context) {
    await getCurrentServerTime(context);
  },

  async fetchLastTradedPrice(context, tradingPair) {
    const price = (await orderBookDataSource.fetchLastTradedPrices(context, [tradingPair])).get(tradingPair);
    if (price === undefined) throw new NotFoundError(`${tradingPair} has not traded yet`);
    return wireDecimal.parse(price);
  },
} satisfies Partial<VenueDerivative>;
