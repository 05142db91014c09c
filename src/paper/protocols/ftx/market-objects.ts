import { divideRound, median } from "../../engine/arithmetic.ts";
import { type MarketView, UNIT } from "../../engine/types.ts";
import type { ProtocolContext } from "./context.ts";
import { assetName, wireName } from "./market-names.ts";
import type { WireObject } from "./wire.ts";

const LARGE_ORDER_USD = 5_000n * UNIT;

/** A row of `GET /markets`. Perpetuals are of type `future` here. */
export function marketObject(context: ProtocolContext, market: MarketView): WireObject {
  const { spec, bestBid, bestAsk, last } = market;
  const day = context.statistics.day(spec.market, context.now());
  return {
    name: wireName(market),
    enabled: market.status === "trading",
    postOnly: false,
    priceIncrement: spec.tick,
    sizeIncrement: spec.lot,
    minProvideSize: spec.minMakerSize,
    last,
    bid: bestBid,
    ask: bestAsk,
    price: currentPrice(market),
    type: "future",
    futureType: "perpetual",
    baseCurrency: null,
    isEtfMarket: false,
    quoteCurrency: null,
    underlying: spec.base,
    restricted: false,
    highLeverageFeeExempt: true,
    largeOrderThreshold: LARGE_ORDER_USD,
    change1h: day.change1h,
    change24h: day.change24h,
    changeBod: day.changeBod,
    quoteVolume24h: day.quoteVolume,
    volumeUsd24h: day.quoteVolume,
    priceHigh24h: day.high ?? market.mark,
    priceLow24h: day.low ?? market.mark,
  };
}

/** The median of bid, ask and last. */
function currentPrice({ bestBid, bestAsk, last, mark }: MarketView): bigint {
  if (bestBid === null || bestAsk === null) return last ?? mark;
  return last === null ? divideRound(bestBid + bestAsk, 2n) : median(bestBid, bestAsk, last);
}

/** A row of `GET /futures`. */
export function futureObject(context: ProtocolContext, market: MarketView): WireObject {
  const { spec, mark, index } = market;
  const day = context.statistics.day(spec.market, context.now());
  const band = divideRound(mark * spec.priceBand, UNIT);
  return {
    name: wireName(market),
    underlying: spec.base,
    description: `${assetName(spec.base)} Perpetual Futures`,
    type: "perpetual",
    expiry: null,
    perpetual: true,
    expired: false,
    enabled: market.status === "trading",
    postOnly: false,
    priceIncrement: spec.tick,
    sizeIncrement: spec.lot,
    last: market.last,
    bid: market.bestBid,
    ask: market.bestAsk,
    index,
    mark,
    // Position size does not raise the initial margin here, which is what FTX's factor did.
    imfFactor: 0n,
    lowerBound: mark - band,
    upperBound: mark + band,
    underlyingDescription: assetName(spec.base),
    expiryDescription: "Perpetual",
    moveStart: null,
    marginPrice: mark,
    positionLimitWeight: UNIT,
    group: "perpetual",
    change1h: day.change1h,
    change24h: day.change24h,
    changeBod: day.changeBod,
    volumeUsd24h: day.quoteVolume,
    volume: day.baseVolume,
    openInterest: market.openInterest,
    openInterestUsd: divideRound(market.openInterest * mark, UNIT),
  };
}

export function coinObjects(context: ProtocolContext): readonly WireObject[] {
  return coins(context).map((coin) => ({ id: coin, name: assetName(coin) }));
}

/** The richer list of `GET /wallet/coins`. */
export function walletCoinObjects(context: ProtocolContext): readonly WireObject[] {
  return coins(context).map((coin) => ({
    id: coin,
    name: assetName(coin),
    collateral: coin === "USD",
    collateralWeight: coin === "USD" ? UNIT : 0n,
    usdFungible: coin === "USD",
    fiat: coin === "USD",
    canDeposit: false,
    canWithdraw: false,
    canConvert: false,
    hasTag: false,
    hidden: false,
    isEtf: false,
    isToken: false,
    methods: [],
    bep2Asset: null,
    erc20Contract: null,
    splMint: null,
    trc20Contract: null,
    creditTo: null,
    spotMargin: false,
  }));
}

function coins(context: ProtocolContext): readonly string[] {
  const markets = context.engine.markets();
  return [...new Set(["USD", ...markets.map(({ spec }) => spec.base)])];
}
