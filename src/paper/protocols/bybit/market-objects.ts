import { decimalsOf, formatAmount } from "../../engine/amount.ts";
import { absolute, divideRound } from "../../engine/arithmetic.ts";
import { type EngineEvent, type MarketView, type TradeView, UNIT } from "../../engine/types.ts";
import { marketMaxSize } from "../market-rules.ts";
import type { BybitContext } from "./context.ts";
import { COIN, minimumSize, symbolOf } from "./market-names.ts";
import { sideText } from "./order-objects.ts";
import { stepText, timeText, type WireObject } from "./wire.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** The paper venue's funding rate has no cap of its own; the documented example's is told. */
const FUNDING_CAP = "0.005";
/** The highest price, which the price band never comes near. */
const MAX_TICKS = 100_000_000n;
const LAUNCH_TIME = "1585526400000";

export const instrumentStatus = ({ status }: MarketView): string => (status === "trading" ? "Trading" : "Closed");

export function instrumentObject(market: MarketView): WireObject {
  const { tick, lot, base, maxSize, maxLeverage, minNotional, fundingIntervalMs, priceBand } = market.spec;
  const most = stepText(maxSize, lot);
  return {
    symbol: symbolOf(market),
    symbolId: 0,
    contractType: "LinearPerpetual",
    status: instrumentStatus(market),
    baseCoin: base,
    quoteCoin: COIN,
    settleCoin: COIN,
    launchTime: LAUNCH_TIME,
    deliveryTime: "0",
    deliveryFeeRate: "",
    priceScale: String(decimalsOf(tick)),
    leverageFilter: { minLeverage: "1", maxLeverage: formatAmount(maxLeverage), leverageStep: "0.01" },
    priceFilter: {
      minPrice: formatAmount(tick),
      maxPrice: stepText(MAX_TICKS * tick, tick),
      tickSize: formatAmount(tick),
    },
    lotSizeFilter: {
      minOrderQty: formatAmount(minimumSize(market)),
      maxOrderQty: most,
      maxMktOrderQty: stepText(marketMaxSize(market.spec), lot),
      qtyStep: formatAmount(lot),
      postOnlyMaxOrderQty: most,
      minNotionalValue: formatAmount(minNotional),
    },
    unifiedMarginTrade: true,
    /** Minutes. Bybit's are whole ones; a paper venue with a shorter interval tells the fraction. */
    fundingInterval: fundingIntervalMs / MINUTE_MS,
    upperFundingRate: FUNDING_CAP,
    lowerFundingRate: `-${FUNDING_CAP}`,
    copyTrading: "none",
    isPreListing: false,
    preListingInfo: null,
    riskParameters: { priceLimitRatioX: formatAmount(priceBand), priceLimitRatioY: formatAmount(priceBand) },
    symbolType: "",
  };
}

export function riskLimitObject(market: MarketView): WireObject {
  const { maintenanceFraction, maxLeverage } = market.spec;
  return {
    id: 1,
    symbol: symbolOf(market),
    riskLimitValue: formatAmount(riskLimitOf(market)),
    maintenanceMargin: formatAmount(maintenanceFraction),
    initialMargin: formatAmount(divideRound(UNIT * UNIT, maxLeverage)),
    isLowestRisk: 1,
    maxLeverage: formatAmount(maxLeverage),
    mmDeduction: "",
  };
}

/** The value of the largest order. */
export const riskLimitOf = ({ spec }: MarketView): bigint => (spec.maxSize * spec.initialPrice) / UNIT;

/** Fields that REST and the stream have in common. */
function tickerFields({ engine, statistics, now }: BybitContext, market: MarketView): WireObject {
  const { spec, index, mark, openInterest, predictedRate, nextFundingMs } = market;
  const { tick, lot, fundingIntervalMs } = spec;
  const last = market.last ?? mark;
  const day = statistics.day(spec.market, now());
  const before = (change: bigint) => stepText(roundTo(divideRound(last * UNIT, UNIT + change), tick), tick);
  const { bids, asks } = engine.book(spec.market, 1);
  const [bid = 0n, bidSize = 0n] = bids[0] ?? [];
  const [ask = 0n, askSize = 0n] = asks[0] ?? [];
  return {
    symbol: symbolOf(market),
    lastPrice: stepText(last, tick),
    indexPrice: stepText(roundTo(index, tick), tick),
    markPrice: stepText(roundTo(mark, tick), tick),
    prevPrice24h: before(day.change24h),
    price24hPcnt: formatAmount(day.change24h),
    highPrice24h: stepText(day.high ?? last, tick),
    lowPrice24h: stepText(day.low ?? last, tick),
    prevPrice1h: before(day.change1h),
    // Longs and shorts together; `single` is one side (docs v5, tickers).
    openInterest: stepText(2n * openInterest, lot),
    openInterestValue: formatAmount(divideRound(2n * openInterest * mark, UNIT)),
    singleOpenInterest: stepText(openInterest, lot),
    singleOpenInterestValue: formatAmount(divideRound(openInterest * mark, UNIT)),
    turnover24h: formatAmount(day.quoteVolume),
    volume24h: stepText(day.baseVolume, lot),
    fundingRate: formatAmount(predictedRate),
    nextFundingTime: timeText(nextFundingMs),
    fundingIntervalHour: formatAmount(BigInt(Math.round((fundingIntervalMs * 100_000_000) / HOUR_MS))),
    fundingCap: FUNDING_CAP,
    bid1Price: stepText(bid, tick),
    bid1Size: stepText(bidSize, lot),
    ask1Price: stepText(ask, tick),
    ask1Size: stepText(askSize, lot),
    preOpenPrice: "",
    preQty: "",
    curPreListingPhase: "",
  };
}

/** Fields of dated futures; the rows of REST have them empty, those of the stream not at all. */
const OF_DATED_FUTURES = {
  predictedDeliveryPrice: "",
  basisRate: "",
  basis: "",
  basisRateYear: "",
  deliveryFeeRate: "",
  deliveryTime: "0",
};

export function roundTo(price: bigint, tick: bigint): bigint {
  return divideRound(price, tick) * tick;
}

export function tickerObject(context: BybitContext, market: MarketView): WireObject {
  return { ...tickerFields(context, market), ...OF_DATED_FUTURES };
}

export function tickerFrameObject(context: BybitContext, market: MarketView): WireObject {
  return { ...tickerFields(context, market), tickDirection: tickDirection(context.engine.trades(market.spec.market)) };
}

export function tradeObject({ ids }: BybitContext, market: MarketView, trade: TradeView): WireObject {
  const { tick, lot } = market.spec;
  return {
    execId: ids.trade(trade.tradeId),
    symbol: symbolOf(market),
    price: stepText(trade.price, tick),
    size: stepText(trade.size, lot),
    side: sideText(trade.takerSide),
    time: timeText(trade.timeMs),
    isBlockTrade: false,
    isRPITrade: false,
    seq: String(ids.sequence(trade.sequence ?? trade.tradeId)),
  };
}

/** The row of the `publicTrade` topic; `S` is the taker's side. */
export function tradeFrameObject(
  context: BybitContext,
  market: MarketView,
  trade: TradeView,
  direction: string,
): WireObject {
  const { execId, symbol, price, size, side } = tradeObject(context, market, trade);
  return {
    T: Math.floor(trade.timeMs),
    s: symbol,
    S: side,
    v: size,
    p: price,
    L: direction,
    i: execId,
    BT: false,
    RPI: false,
    seq: context.ids.sequence(trade.sequence ?? trade.tradeId),
  };
}

/**
 * The row of the `allLiquidation` topic. `S` is the position's side, Buy where a long one was liquidated; `p` is the
 * price at which it went bankrupt, here that of its order.
 */
export function liquidationObject(
  market: MarketView,
  { size, price }: Extract<EngineEvent, { type: "liquidated" }>,
  timeMs: number,
): WireObject {
  const { tick, lot } = market.spec;
  const p = stepText(roundTo(price, tick), tick);
  return {
    T: Math.floor(timeMs),
    s: symbolOf(market),
    S: sideText(size > 0n ? "buy" : "sell"),
    v: stepText(absolute(size), lot),
    p,
  };
}

/** Direction of the last trade, against the one before it; `Zero` where the price stayed. */
export function tickDirection(trades: readonly TradeView[], upTo: number = trades.length): string {
  const price = trades[upTo - 1]?.price;
  if (price === undefined) return "ZeroPlusTick";
  for (let index = upTo - 2; index >= 0; index -= 1) {
    const before: bigint = trades[index]?.price ?? price;
    if (before === price) continue;
    const sign = price > before ? "PlusTick" : "MinusTick";
    return index === upTo - 2 ? sign : `Zero${sign}`;
  }
  return "ZeroPlusTick";
}
