import { z } from "zod";
import { type MarketRow, readExchangeInfo } from "../../connector/exchange-info.ts";
import type { ExchangeInfo, VenueDerivative } from "../../connector/perpetual-venue.ts";
import { type Decimal, ONE } from "../../model/decimal.ts";
import { NotFoundError } from "../../model/error.ts";
import type { Market } from "../../model/market.ts";
import { wireDecimal, wireText } from "../../net/wire.ts";
import * as constants from "./constants.ts";
import { orderBookDataSource } from "./order-book-data-source.ts";
import { funding } from "./requests.ts";
import { isObject, publicRequest, read } from "./web-utils.ts";

const text = z.string().min(1);
const positive = wireDecimal.refine((value) => value.gt(0), "must be positive");

/** Filters of a symbol by their type, in units of the base asset (lots) and of the quote asset (prices, notional). */
const wireFilters = z.object({
  PRICE_FILTER: z.object({
    tickSize: positive,
    minPrice: wireDecimal,
    maxPrice: wireDecimal,
  }),
  LOT_SIZE: z.object({
    stepSize: positive,
    minQty: wireDecimal,
    maxQty: wireDecimal,
  }),
  /** Rules of market orders; zero where a value is not set. */
  MARKET_LOT_SIZE: z.object({ stepSize: wireDecimal, minQty: wireDecimal, maxQty: wireDecimal }).optional(),
  MIN_NOTIONAL: z.object({ notional: wireDecimal }),
  /** Orders of the account that may be open on the symbol. */
  MAX_NUM_ORDERS: z.object({ limit: z.number() }).optional(),
});

const wireMarket = z.object({
  symbol: text,
  baseAsset: text,
  quoteAsset: text,
  marginAsset: text,
  /** Names of the venue, such as LIMIT and MARKET. */
  orderTypes: z.array(text),
  filters: z.array(z.looseObject({ filterType: text })),
});

const wireInterval = z.object({
  symbol: text,
  fundingIntervalHours: z.number().positive(),
});

const wireExchangeInfo = z.object({
  symbols: z.array(z.unknown()),
  /** Answer of `fundingInfo`, which `requestExchangeInfo` adds. */
  fundingInfo: z.array(z.unknown()).optional(),
});

/** COIN-M's symbols would be margined in their base asset: they are none of these markets, wherever they are listed. */
function isPerpetual(row: MarketRow): boolean {
  return row.contractType === "PERPETUAL" && (row.marginAsset ?? row.quoteAsset) === row.quoteAsset;
}

/** The value for market orders, where it is set and differs from that of all orders. */
function otherThan(ofAll: Decimal, ofMarket: Decimal | undefined): Decimal | undefined {
  return ofMarket === undefined || ofMarket.isZero() || ofMarket.eq(ofAll) ? undefined : ofMarket;
}

/** Rules are those of the filters: `pricePrecision` and `quantityPrecision` are not steps (docs, Exchange-Information). */
function parseMarket(row: unknown, intervals: ReadonlyMap<string, number>): Market {
  const market = read("a symbol of GET /fapi/v1/exchangeInfo", wireMarket, row);
  const byType = Object.fromEntries(market.filters.map((filter) => [filter.filterType, filter]));
  const filters = read("the filters of a symbol", wireFilters, byType);
  const { PRICE_FILTER: price, LOT_SIZE: lot, MARKET_LOT_SIZE: marketLot } = filters;
  const tradingPair = `${market.baseAsset}-${market.quoteAsset}`;
  return {
    tradingPair,
    symbol: market.symbol,
    baseAsset: market.baseAsset,
    quoteAsset: market.quoteAsset,
    fundingIntervalMs: (intervals.get(market.symbol) ?? constants.FUNDING_INTERVAL_HOURS) * 3_600_000,
    rule: {
      tradingPair,
      minOrderSize: lot.minQty,
      maxOrderSize: lot.maxQty,
      minMarketOrderSize: otherThan(lot.minQty, marketLot?.minQty),
      maxMarketOrderSize: otherThan(lot.maxQty, marketLot?.maxQty),
      minPriceIncrement: price.tickSize,
      minBaseAmountIncrement: lot.stepSize,
      minMarketBaseAmountIncrement: otherThan(lot.stepSize, marketLot?.stepSize),
      minNotionalSize: filters.MIN_NOTIONAL.notional,
      maxOpenOrders: filters.MAX_NUM_ORDERS?.limit,
      minPrice: price.minPrice,
      maxPrice: price.maxPrice,
      contractSize: ONE,
      contractKind: "linear",
      buyOrderCollateralToken: market.marginAsset,
      sellOrderCollateralToken: market.marginAsset,
      supportsMarketOrders: market.orderTypes.includes("MARKET"),
    },
  };
}

function parseExchangeInfo(exchangeInfo: unknown): ExchangeInfo {
  const info = read("GET /fapi/v1/exchangeInfo", wireExchangeInfo, exchangeInfo);
  // A row of `fundingInfo` that cannot be read leaves its market at the usual interval.
  const rows = info.fundingInfo?.flatMap((row) => wireInterval.safeParse(row).data ?? []);
  const intervals = new Map(rows?.map((row) => [row.symbol, row.fundingIntervalHours]));
  return readExchangeInfo({
    rows: info.symbols,
    isOffered: isPerpetual,
    symbolOf: (row) => wireText(row.symbol),
    isOpen: (row) => row.status === "TRADING",
    parse: (row) => parseMarket(row, intervals),
  });
}

export const markets = {
  async requestExchangeInfo({ api, signal }) {
    const [exchangeInfo, fundingInfo] = await Promise.all([
      api.send(publicRequest(constants.EXCHANGE_INFO_PATH_URL, 1), signal),
      api.send(funding(constants.FUNDING_INTERVALS_PATH_URL), signal),
    ]);
    return { ...(isObject(exchangeInfo) ? exchangeInfo : {}), fundingInfo };
  },

  parseExchangeInfo,

  async checkNetwork({ api, signal }) {
    await api.send(publicRequest(constants.PING_PATH_URL, 1), signal);
  },

  async fetchLastTradedPrice(context, tradingPair) {
    const price = (await orderBookDataSource.fetchLastTradedPrices(context, [tradingPair])).get(tradingPair);
    if (price === undefined) throw new NotFoundError(`${tradingPair} has not traded yet`);
    return wireDecimal.parse(price);
  },
} satisfies Partial<VenueDerivative>;
