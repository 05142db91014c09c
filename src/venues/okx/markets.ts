import { z } from "zod";
import { type MarketRow, readExchangeInfo } from "../../connector/exchange-info.ts";
import type { ExchangeInfo, VenueDerivative } from "../../connector/perpetual-venue.ts";
import { ZERO } from "../../model/decimal.ts";
import { NotFoundError, ProtocolError } from "../../model/error.ts";
import { type Market, splitTradingPair, type TradingRule } from "../../model/market.ts";
import { optionalWireDecimal, wireDecimal, wireIntegerId, wireText } from "../../net/wire.ts";
import * as constants from "./constants.ts";
import { orderBookDataSource, publicRequest } from "./order-book-data-source.ts";
import { isRow, rowsOf, wireList } from "./requests.ts";
import { getCurrentServerTime, read } from "./web-utils.ts";

const name = z.string().min(1);
const positiveDecimal = wireDecimal.refine((value) => value.gt(0), "must be positive");

/** An instrument, with the two times of its funding rate, which is a row of its own on the wire. */
const wireInstrument = z.object({
  /** Symbol: `BTC-USDT-SWAP`. */
  instId: name,
  /** Underlying: `BTC-USDT`. */
  uly: name,
  /** Currency of `ctVal`. */
  ctValCcy: name,
  settleCcy: name,
  /** Value of a contract, in `ctValCcy`, before it is multiplied by `ctMult`. */
  ctVal: positiveDecimal,
  ctMult: positiveDecimal,
  /** Step of an order's size, in contracts. */
  lotSz: positiveDecimal,
  /** Least size of an order, in contracts. */
  minSz: positiveDecimal,
  /** Step of the price, in quote units. */
  tickSz: positiveDecimal,
  /** Most of a limit order, in contracts. */
  maxLmtSz: optionalWireDecimal,
  /** Most of a market order, in contracts. */
  maxMktSz: optionalWireDecimal,
  /** Most value of a limit order, in USD. */
  maxLmtAmt: optionalWireDecimal,
  /** Most value of a market order, in USD; empty for swaps. */
  maxMktAmt: optionalWireDecimal,
  /** Code of the instrument in orders over a socket. */
  instIdCode: z.union([wireIntegerId, z.literal("").transform(() => undefined)]).nullish(),
  /** Time of the next settlement, epoch milliseconds. */
  fundingTime: optionalWireDecimal,
  /** Time of the settlement after `fundingTime`, epoch milliseconds. */
  nextFundingTime: optionalWireDecimal,
});
type WireInstrument = z.output<typeof wireInstrument>;

const DEFAULT_FUNDING_INTERVAL_MS = 8 * 3_600_000;
const instType = constants.INSTRUMENT_TYPE;

/** Inverse swaps and those that settle in another coin are left out. */
function isOffered(row: MarketRow): boolean {
  const wanted = { instType, ctType: "linear", settleCcy: constants.SETTLE_COIN };
  return Object.entries(wanted).every(([field, value]) => row[field] === value);
}

/** Sizes on the wire are contracts, those of a rule base units. */
function tradingRuleOf(row: WireInstrument): TradingRule {
  const contractSize = row.ctVal.times(row.ctMult);
  return {
    tradingPair: row.uly,
    minOrderSize: row.minSz.times(contractSize),
    maxOrderSize: row.maxLmtSz?.times(contractSize),
    maxMarketOrderSize: row.maxMktSz?.times(contractSize),
    minPriceIncrement: row.tickSz,
    minBaseAmountIncrement: row.lotSz.times(contractSize),
    minNotionalSize: ZERO,
    // A USDT counts as a USD: no rate between the two is told with the instruments.
    maxNotionalSize: row.maxLmtAmt,
    maxMarketNotionalSize: row.maxMktAmt,
    minPrice: row.tickSz,
    contractSize,
    contractKind: "linear",
    supportsMarketOrders: true,
    buyOrderCollateralToken: row.settleCcy,
    sellOrderCollateralToken: row.settleCcy,
  };
}

function fundingIntervalOf({ fundingTime, nextFundingTime }: WireInstrument): number {
  const intervalMs = nextFundingTime?.minus(fundingTime ?? nextFundingTime).toNumber() ?? 0;
  return intervalMs > 0 ? intervalMs : DEFAULT_FUNDING_INTERVAL_MS;
}

function parseMarket(payload: unknown): Market {
  const row = read("an instrument", wireInstrument, payload);
  const { instId: symbol, uly: tradingPair } = row;
  const [baseAsset, quoteAsset] = splitTradingPair(tradingPair);
  // The value of a contract is in base units on linear swaps; what differs is of a kind that is not known here.
  if (row.ctValCcy !== baseAsset || symbol !== `${tradingPair}-${instType}`)
    throw new ProtocolError(`a contract of ${symbol} is counted in ${row.ctValCcy}`, { venue: constants.VENUE });
  return {
    tradingPair,
    symbol,
    baseAsset,
    quoteAsset,
    fundingIntervalMs: fundingIntervalOf(row),
    rule: tradingRuleOf(row),
    ...(row.instIdCode == null ? {} : { venueData: { instIdCode: Number(row.instIdCode) } }),
  };
}

function parseExchangeInfo(exchangeInfo: unknown): ExchangeInfo {
  return readExchangeInfo({
    rows: read("the instruments", wireList, exchangeInfo),
    isOffered,
    symbolOf: (row) => wireText(row.instId),
    isOpen: (row) => row.state === "live",
    parse: parseMarket,
  });
}

export const markets = {
  /** The instruments, each with the fields of its funding rate, which alone tell how often funding is settled. */
  async requestExchangeInfo(context) {
    const [instruments, rates] = await Promise.all([
      rowsOf(context, publicRequest(constants.INSTRUMENTS_PATH_URL, { instType })),
      rowsOf(context, publicRequest(constants.FUNDING_RATE_PATH_URL, { instId: "ANY" })),
    ]);
    const rateOf = new Map(rates.filter(isRow).map((row) => [row.instId, row]));
    return instruments.map((row) => (isRow(row) ? { ...rateOf.get(row.instId), ...row } : row));
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
