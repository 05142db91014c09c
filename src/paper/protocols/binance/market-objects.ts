import { divideRound } from "../../engine/arithmetic.ts";
import { type TradeView, UNIT } from "../../engine/types.ts";
import { marketMaxSize } from "../market-rules.ts";
import type { ProtocolContext } from "./context.ts";
import { maxPrice, minQuantity, percentBand, plainNotional } from "./rules.ts";
import { type ListedSymbol, priceText, quantityText } from "./symbols.ts";
import type { AggregateTrade, Candle } from "./trade-tape.ts";
import { fixed, money, notionalOf, type WireObject, type WireValue, wireTime } from "./wire.ts";

/** Delivery date that Binance gives for contracts that never end. */
const PERPETUAL_DELIVERY_MS = 4_133_404_800_000;
const DAY_MS = 86_400_000;

export function symbolObject(context: ProtocolContext, listed: ListedSymbol): WireObject {
  const { spec, symbol, quote, pricePrecision, quantityPrecision } = listed;
  const { maintenanceFraction, maxLeverage } = spec;
  return {
    symbol,
    pair: symbol,
    contractType: "PERPETUAL",
    deliveryDate: PERPETUAL_DELIVERY_MS,
    onboardDate: wireTime(context.config.startMs),
    status: context.symbols.view(listed).status === "trading" ? "TRADING" : "TRADING_HALT",
    maintMarginPercent: fixed(maintenanceFraction * 100n, 4),
    requiredMarginPercent: fixed(divideRound(100n * UNIT * UNIT, maxLeverage), 4),
    baseAsset: spec.base,
    quoteAsset: quote,
    marginAsset: quote,
    pricePrecision,
    quantityPrecision,
    baseAssetPrecision: 8,
    quotePrecision: 8,
    underlyingType: "COIN",
    underlyingSubType: [],
    settlePlan: 0,
    triggerProtect: fixed(percentBand(spec), 4),
    liquidationFee: fixed(context.config.takerFee, 6),
    marketTakeBound: fixed(percentBand(spec), 2),
    filters: filterObjects(listed),
    orderTypes: ["LIMIT", "MARKET"],
    timeInForce: ["GTC", "IOC", "FOK", "GTX", "GTD"],
  };
}

function filterObjects(listed: ListedSymbol): readonly WireObject[] {
  const { spec, pricePrecision, quantityPrecision } = listed;
  const price = (amount: bigint) => fixed(amount, pricePrecision);
  const quantity = (amount: bigint) => fixed(amount, quantityPrecision);
  const sizes = { minQty: quantity(minQuantity(listed)), maxQty: quantity(spec.maxSize), stepSize: quantity(spec.lot) };
  const band = percentBand(spec);
  return [
    {
      filterType: "PRICE_FILTER",
      minPrice: price(spec.tick),
      maxPrice: price(maxPrice(listed)),
      tickSize: price(spec.tick),
    },
    { filterType: "LOT_SIZE", ...sizes },
    { filterType: "MARKET_LOT_SIZE", ...sizes, maxQty: quantity(marketMaxSize(listed.spec)) },
    ...(spec.maxOpenOrders === undefined ? [] : [{ filterType: "MAX_NUM_ORDERS", limit: spec.maxOpenOrders }]),
    { filterType: "MIN_NOTIONAL", notional: plainNotional(spec.minNotional) },
    {
      filterType: "PERCENT_PRICE",
      multiplierUp: fixed(UNIT + band, 4),
      multiplierDown: fixed(UNIT - band, 4),
      multiplierDecimal: "4",
    },
  ];
}

export function tickerPrice(context: ProtocolContext, listed: ListedSymbol): WireObject {
  const view = context.symbols.view(listed);
  return {
    symbol: listed.symbol,
    price: priceText(listed, view.last ?? view.mark),
    time: wireTime(context.now()),
  };
}

export function dayStatistics(context: ProtocolContext, listed: ListedSymbol) {
  const nowMs = context.now();
  const view = context.symbols.view(listed);
  const flat = view.last ?? view.mark;
  const day = context.tape.day(listed.spec.market, nowMs);
  const { open = flat, high = flat, low = flat, close = flat, volume = 0n, quoteVolume = 0n } = day ?? {};
  const change = close - open;
  return {
    change: priceText(listed, change),
    changePercent: fixed(divideRound(100n * change * UNIT, open), 3),
    average: priceText(listed, volume === 0n ? flat : divideRound(quoteVolume * UNIT, volume)),
    open: priceText(listed, open),
    high: priceText(listed, high),
    low: priceText(listed, low),
    close: priceText(listed, close),
    volume: quantityText(listed, volume),
    quoteVolume: fixed(quoteVolume, 2),
    lastSize: quantityText(listed, context.engine.trades(listed.spec.market).at(-1)?.size ?? 0n),
    openTime: wireTime(nowMs - DAY_MS),
    closeTime: wireTime(nowMs),
    firstId: day === undefined || day.firstTradeId < 0 ? -1 : context.ids.trade(day.firstTradeId),
    lastId: day === undefined || day.lastTradeId < 0 ? -1 : context.ids.trade(day.lastTradeId),
    count: day?.count ?? 0,
  };
}

export function ticker24h(context: ProtocolContext, listed: ListedSymbol): WireObject {
  const day = dayStatistics(context, listed);
  return {
    symbol: listed.symbol,
    priceChange: day.change,
    priceChangePercent: day.changePercent,
    weightedAvgPrice: day.average,
    lastPrice: day.close,
    lastQty: day.lastSize,
    openPrice: day.open,
    highPrice: day.high,
    lowPrice: day.low,
    volume: day.volume,
    quoteVolume: day.quoteVolume,
    openTime: day.openTime,
    closeTime: day.closeTime,
    firstId: day.firstId,
    lastId: day.lastId,
    count: day.count,
  };
}

/** The best of both sides, zeros where there is none. */
export function bestQuotes(context: ProtocolContext, listed: ListedSymbol) {
  const { bids, asks } = context.engine.book(listed.spec.market, 1);
  const [bidPrice, bidSize] = bids[0] ?? [0n, 0n];
  const [askPrice, askSize] = asks[0] ?? [0n, 0n];
  return {
    bidPrice: priceText(listed, bidPrice),
    bidSize: quantityText(listed, bidSize),
    askPrice: priceText(listed, askPrice),
    askSize: quantityText(listed, askSize),
  };
}

export function bookTicker(context: ProtocolContext, listed: ListedSymbol): WireObject {
  const { bidPrice, bidSize, askPrice, askSize } = bestQuotes(context, listed);
  return {
    symbol: listed.symbol,
    bidPrice,
    bidQty: bidSize,
    askPrice,
    askQty: askSize,
    time: wireTime(context.now()),
  };
}

/** Funding here is the premium alone, without an interest rate; the settlement price is the index. */
export function premiumIndex(context: ProtocolContext, listed: ListedSymbol): WireObject {
  const view = context.symbols.view(listed);
  return {
    symbol: listed.symbol,
    markPrice: money(view.mark),
    indexPrice: money(view.index),
    estimatedSettlePrice: money(view.index),
    lastFundingRate: money(view.predictedRate),
    interestRate: money(0n),
    nextFundingTime: wireTime(view.nextFundingMs),
    time: wireTime(context.now()),
  };
}

export function tradeObject(context: ProtocolContext, listed: ListedSymbol, trade: TradeView): WireObject {
  return {
    id: context.ids.trade(trade.tradeId),
    price: priceText(listed, trade.price),
    qty: quantityText(listed, trade.size),
    quoteQty: fixed(notionalOf(trade.price, trade.size), 2),
    time: wireTime(trade.timeMs),
    isBuyerMaker: trade.takerSide === "sell",
    isRPITrade: false,
  };
}

export function aggregateObject(context: ProtocolContext, listed: ListedSymbol, trade: AggregateTrade): WireObject {
  const quantity = quantityText(listed, trade.size);
  return {
    a: context.firstId + trade.aggregateId,
    p: priceText(listed, trade.price),
    q: quantity,
    nq: quantity,
    f: context.ids.trade(trade.firstTradeId),
    l: context.ids.trade(trade.lastTradeId),
    T: wireTime(trade.timeMs),
    m: trade.isBuyerMaker,
  };
}

export function candleRow(listed: ListedSymbol, candle: Candle, intervalMs: number): WireValue {
  return [
    candle.startMs,
    priceText(listed, candle.open),
    priceText(listed, candle.high),
    priceText(listed, candle.low),
    priceText(listed, candle.close),
    quantityText(listed, candle.volume),
    candle.startMs + intervalMs - 1,
    fixed(candle.quoteVolume, 2),
    candle.count,
    quantityText(listed, candle.takerBuyVolume),
    fixed(candle.takerBuyQuoteVolume, 2),
    "0",
  ];
}
