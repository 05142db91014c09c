import { z } from "zod";
import { type MarketRow, readExchangeInfo } from "../../connector/exchange-info.ts";
import type { ExchangeInfo, VenueDerivative } from "../../connector/perpetual-venue.ts";
import { Decimal } from "../../model/decimal.ts";
import { NotFoundError, ProtocolError } from "../../model/error.ts";
import type { Market, TradingRule } from "../../model/market.ts";
import { wireDecimal, wireSymbol, wireText } from "../../net/wire.ts";
import * as constants from "./constants.ts";
import { orderBookDataSource } from "./order-book-data-source.ts";
import { isRow } from "./requests.ts";
import { getCurrentServerTime, question, read } from "./web-utils.ts";

const wireMeta = z.object({ universe: z.array(z.unknown()) });

const wireAsset = z.object({
  /** Case-sensitive: `kPEPE`. */
  name: wireSymbol,
  /** Decimals of a size. */
  szDecimals: z.number().int().min(0).max(constants.MAX_PRICE_DECIMALS),
  maxLeverage: z.number().positive(),
  /** Positions of it have a margin of their own always. */
  onlyIsolated: z.boolean().nullish(),
  marginMode: z.string().nullish(),
  /** Place in the list, added here: requests name the market by it. */
  asset: z.number().int().min(0),
});
type WireAsset = z.output<typeof wireAsset>;

function step(decimals: number): Decimal {
  return new Decimal(10).pow(-decimals);
}

function tradingRuleOf(tradingPair: string, { szDecimals, maxLeverage }: WireAsset): TradingRule {
  const minPriceIncrement = step(constants.MAX_PRICE_DECIMALS - szDecimals);
  const [, usd = 0] = constants.MAX_MARKET_NOTIONALS.find(([leverage]) => maxLeverage >= leverage) ?? [];
  const maxMarketNotionalSize = new Decimal(usd);
  return {
    tradingPair,
    minOrderSize: step(szDecimals),
    minPriceIncrement,
    minBaseAmountIncrement: step(szDecimals),
    minNotionalSize: constants.MIN_NOTIONAL,
    maxNotionalSize: maxMarketNotionalSize.times(constants.LIMIT_NOTIONAL_FACTOR),
    maxMarketNotionalSize,
    minPrice: minPriceIncrement,
    maxPriceSignificantDigits: constants.MAX_PRICE_DIGITS,
    contractSize: new Decimal(1),
    contractKind: "linear",
    supportsMarketOrders: true,
    buyOrderCollateralToken: constants.SETTLE_COIN,
    sellOrderCollateralToken: constants.SETTLE_COIN,
  };
}

function parseMarket(payload: unknown): Market {
  const row = read("an asset", wireAsset, payload);
  const { name: symbol, asset } = row;
  const tradingPair = `${symbol}-${constants.QUOTE}`;
  const isIsolated = row.onlyIsolated === true || /strictIsolated|noCross/.test(row.marginMode ?? "");
  return {
    ...{ tradingPair, symbol, baseAsset: symbol, quoteAsset: constants.QUOTE },
    rule: tradingRuleOf(tradingPair, row),
    fundingIntervalMs: constants.FUNDING_INTERVAL_MS,
    venueData: { asset, isIsolated: isIsolated ? 1 : 0 },
  };
}

/** The number that requests give a market. Throws `ProtocolError` where it is not known: any other is another market's. */
export function assetOf({ symbol, venueData }: Market): number {
  const asset = venueData?.asset;
  if (typeof asset === "number") return asset;
  throw new ProtocolError(`the number of ${symbol} is not known`, { venue: constants.VENUE, outcome: "definite" });
}

/** A market whose positions have a margin of their own always: its leverage is set so. */
export const isIsolatedOnly = ({ venueData }: Market): boolean => venueData?.isIsolated === 1;

function parseExchangeInfo(exchangeInfo: unknown): ExchangeInfo {
  const { universe } = read("meta", wireMeta, exchangeInfo);
  // A delisted market keeps its place, so the rows are numbered before any is left out.
  const rows = universe.map((row, asset): unknown => (isRow(row) ? { ...row, asset } : row));
  return readExchangeInfo({
    rows,
    isOffered: () => true,
    symbolOf: (row: MarketRow) => wireText(row.name),
    isOpen: (row: MarketRow) => row.isDelisted !== true,
    parse: parseMarket,
  });
}

export const markets = {
  requestExchangeInfo: ({ api, signal }) => api.send(question("meta"), signal),

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
