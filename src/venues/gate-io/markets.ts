import { z } from "zod";
import { type MarketRow, readExchangeInfo } from "../../connector/exchange-info.ts";
import type { ExchangeInfo, VenueDerivative } from "../../connector/perpetual-venue.ts";
import { type Decimal, ONE, ZERO } from "../../model/decimal.ts";
import { NotFoundError, ProtocolError } from "../../model/error.ts";
import type { Market } from "../../model/market.ts";
import { optionalWireDecimal, wireDecimal, wireSymbol, wireText } from "../../net/wire.ts";
import { CONTRACTS_PATH_URL, MIN_FULL_PAGE, PAGE_SIZE, SETTLE_COIN, VENUE } from "./constants.ts";
import { orderBookDataSource } from "./order-book-data-source.ts";
import { publicRequest, wireList } from "./requests.ts";
import { getCurrentServerTime, isObject, read } from "./web-utils.ts";

const positiveDecimal = wireDecimal.refine((value) => value.gt(0), "must be positive");

const wireContract = z.object({
  /** Symbol: `BTC_USDT`. */
  name: wireSymbol,
  /** Base units of one contract. */
  quanto_multiplier: positiveDecimal,
  /** Step of the price, in quote units. */
  order_price_round: positiveDecimal,
  /** Least and most contracts of an order; the least is 0 where fractions are traded, whose step is not told. */
  order_size_min: wireDecimal,
  order_size_max: wireDecimal,
  /** Most contracts of a market order; 0 where it is that of any order. */
  market_order_size_max: optionalWireDecimal,
  /** Orders of the account that may be open. */
  orders_limit: z.number().nullish(),
  /** Seconds between two settlements: 28800, 14400 and 3600 occur. */
  funding_interval: z.number().positive(),
});

/** Linear contracts; inverse ones have a `quanto_multiplier` of 0. */
const isOffered = (row: MarketRow): boolean => row.type === "direct";

/** Tells that a market trades. Its status is `trading`, where a status is told at all. */
function isOpen({ status, in_delisting }: MarketRow): boolean {
  return in_delisting !== true && (status == null || status === "" || status === "trading");
}

/** Whole contracts, also where fractions of them may be traded: less than one has no step that is told. */
function stepOf(least: Decimal): Decimal {
  return least.gt(0) && least.lt(ONE) ? least : ONE;
}

function parseMarket(payload: unknown): Market {
  const row = read("a contract", wireContract, payload);
  const ending = `_${SETTLE_COIN}`;
  if (!row.name.endsWith(ending) || row.name === ending)
    throw new ProtocolError(`a contract of ${row.name} is not quoted in ${SETTLE_COIN}`, { venue: VENUE });
  const baseAsset = row.name.slice(0, -ending.length);
  const tradingPair = `${baseAsset}-${SETTLE_COIN}`;
  const contractSize = row.quanto_multiplier;
  const step = stepOf(row.order_size_min);
  const least = row.order_size_min.gt(0) ? row.order_size_min : step;
  const mostOfMarket = row.market_order_size_max;
  return {
    tradingPair,
    symbol: row.name,
    baseAsset,
    quoteAsset: SETTLE_COIN,
    fundingIntervalMs: row.funding_interval * 1_000,
    rule: {
      tradingPair,
      minOrderSize: least.times(contractSize),
      maxOrderSize: row.order_size_max.times(contractSize),
      maxMarketOrderSize: mostOfMarket?.gt(0) === true ? mostOfMarket.times(contractSize) : undefined,
      minPriceIncrement: row.order_price_round,
      minBaseAmountIncrement: step.times(contractSize),
      minNotionalSize: ZERO,
      minPrice: row.order_price_round,
      maxOpenOrders: row.orders_limit ?? undefined,
      contractSize,
      contractKind: "linear",
      buyOrderCollateralToken: SETTLE_COIN,
      sellOrderCollateralToken: SETTLE_COIN,
      supportsMarketOrders: true,
    },
  };
}

function parseExchangeInfo(exchangeInfo: unknown): ExchangeInfo {
  return readExchangeInfo({
    rows: read("the contracts", wireList, exchangeInfo),
    isOffered,
    symbolOf: (row) => wireText(row.name),
    isOpen,
    parse: parseMarket,
  });
}

export const markets = {
  /** Pages go on until one brings nothing new: how many contracts a page holds at most differs between documents. */
  async requestExchangeInfo({ api, signal }) {
    const contracts = new Map<string, unknown>();
    for (let offset = 0; ; ) {
      const request = publicRequest(CONTRACTS_PATH_URL, { limit: PAGE_SIZE, offset: offset || undefined });
      const page = read(`GET ${CONTRACTS_PATH_URL}`, wireList, await api.send(request, signal));
      const known = contracts.size;
      for (const [index, row] of page.entries()) {
        contracts.set((isObject(row) && wireText(row.name)) || `${offset + index}?`, row);
      }
      offset += page.length;
      if (page.length < MIN_FULL_PAGE || contracts.size === known) return [...contracts.values()];
    }
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
