import type { OrderView, TradeView } from "../../engine/types.ts";
import type { ProtocolContext } from "./context.ts";
import { aggregateObject, bestQuotes, dayStatistics } from "./market-objects.ts";
import { averagePrice } from "./order-objects.ts";
import type { StreamKind } from "./stream-names.ts";
import { type ListedSymbol, priceText, quantityText } from "./symbols.ts";
import type { AggregateTrade, Candle } from "./trade-tape.ts";
import { fixed, money, type WireObject, wireTime } from "./wire.ts";

/** 1 is USD-M. */
const CONTRACT_FAMILY = 1;

function head(e: string, context: ProtocolContext, { symbol }: ListedSymbol) {
  return { e, E: wireTime(context.now()), s: symbol };
}

export function aggregateMessage(context: ProtocolContext, listed: ListedSymbol, trade: AggregateTrade): WireObject {
  return { ...head("aggTrade", context, listed), ...aggregateObject(context, listed, trade), st: CONTRACT_FAMILY };
}

export function tradeMessage(context: ProtocolContext, listed: ListedSymbol, trade: TradeView): WireObject {
  return {
    ...head("trade", context, listed),
    T: wireTime(trade.timeMs),
    t: context.ids.trade(trade.tradeId),
    p: priceText(listed, trade.price),
    q: quantityText(listed, trade.size),
    X: "MARKET",
    m: trade.takerSide === "sell",
  };
}

export function markPriceMessage(context: ProtocolContext, listed: ListedSymbol): WireObject {
  const { mark, index, predictedRate, nextFundingMs } = context.symbols.view(listed);
  return {
    ...head("markPriceUpdate", context, listed),
    p: money(mark),
    ap: money(mark),
    i: money(index),
    P: money(index),
    r: money(predictedRate),
    T: wireTime(nextFundingMs),
    st: CONTRACT_FAMILY,
  };
}

export function bookTickerMessage(context: ProtocolContext, listed: ListedSymbol): WireObject {
  const { bidPrice, bidSize, askPrice, askSize } = bestQuotes(context, listed);
  return {
    ...head("bookTicker", context, listed),
    u: context.bookIds.current(listed.spec.market),
    T: wireTime(context.now()),
    b: bidPrice,
    B: bidSize,
    a: askPrice,
    A: askSize,
    ps: listed.symbol,
    st: CONTRACT_FAMILY,
  };
}

export function miniTickerMessage(context: ProtocolContext, listed: ListedSymbol): WireObject {
  const day = dayStatistics(context, listed);
  return {
    ...head("24hrMiniTicker", context, listed),
    c: day.close,
    o: day.open,
    h: day.high,
    l: day.low,
    v: day.volume,
    q: day.quoteVolume,
    ps: listed.symbol,
    st: CONTRACT_FAMILY,
  };
}

export function tickerMessage(context: ProtocolContext, listed: ListedSymbol): WireObject {
  const day = dayStatistics(context, listed);
  return {
    ...miniTickerMessage(context, listed),
    e: "24hrTicker",
    p: day.change,
    P: day.changePercent,
    w: day.average,
    Q: day.lastSize,
    O: day.openTime,
    C: day.closeTime,
    F: day.firstId,
    L: day.lastId,
    n: day.count,
  };
}

/** A liquidation, as everyone sees it. */
export function forceOrderMessage(context: ProtocolContext, listed: ListedSymbol, order: OrderView): WireObject {
  const average = priceText(listed, averagePrice(order));
  return {
    e: "forceOrder",
    E: wireTime(context.now()),
    o: {
      s: listed.symbol,
      S: order.side === "buy" ? "BUY" : "SELL",
      o: "LIMIT",
      f: "IOC",
      q: quantityText(listed, order.size),
      p: average,
      ap: average,
      X: "FILLED",
      l: quantityText(listed, order.filled),
      z: quantityText(listed, order.filled),
      T: wireTime(order.updatedMs),
    },
    ps: listed.symbol,
    st: CONTRACT_FAMILY,
  };
}

export interface KlineOf {
  readonly candle: Candle;
  readonly interval: string;
  readonly intervalMs: number;
  readonly isClosed: boolean;
  readonly kind: StreamKind;
}

/** A candle of a symbol or, as a continuous one, of a pair and its kind of contract. */
export function klineMessage(context: ProtocolContext, listed: ListedSymbol, kline: KlineOf): WireObject {
  const { candle, interval, intervalMs, isClosed, kind } = kline;
  const k = {
    t: candle.startMs,
    T: candle.startMs + intervalMs - 1,
    ...(kind === "kline" ? { s: listed.symbol } : {}),
    i: interval,
    f: context.ids.trade(candle.firstTradeId),
    L: context.ids.trade(candle.lastTradeId),
    o: priceText(listed, candle.open),
    c: priceText(listed, candle.close),
    h: priceText(listed, candle.high),
    l: priceText(listed, candle.low),
    v: quantityText(listed, candle.volume),
    n: candle.count,
    x: isClosed,
    q: fixed(candle.quoteVolume, 2),
    V: quantityText(listed, candle.takerBuyVolume),
    Q: fixed(candle.takerBuyQuoteVolume, 2),
    B: "0",
  };
  if (kind === "kline") return { ...head("kline", context, listed), k };
  return { e: "continuous_kline", E: wireTime(context.now()), ps: listed.symbol, ct: "PERPETUAL", k };
}
