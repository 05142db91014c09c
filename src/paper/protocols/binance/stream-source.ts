import type { EngineEvent } from "../../engine/types.ts";
import { BookFeed, type BookMessage, type BookSides } from "./book-feed.ts";
import type { ProtocolContext } from "./context.ts";
import { INTERVALS } from "./kline-routes.ts";
import {
  aggregateMessage,
  bookTickerMessage,
  forceOrderMessage,
  klineMessage,
  markPriceMessage,
  miniTickerMessage,
  tickerMessage,
  tradeMessage,
} from "./market-messages.ts";
import type { Stream } from "./stream-names.ts";
import type { ListedSymbol } from "./symbols.ts";
import type { AggregateTrade, Candle } from "./trade-tape.ts";
import type { WireObject, WireValue } from "./wire.ts";

/** A message of a stream; `market` is the symbol it is about, null where it is about several. */
export interface StreamMessage {
  readonly symbol: string | null;
  readonly message: WireValue;
  readonly corrupted?: () => WireValue;
}

/** Events of one moment: the engine's own and the aggregates that their trades make. */
export interface Batch {
  readonly events: readonly EngineEvent[];
  readonly aggregates: readonly AggregateTrade[];
}

/** Makes the messages of one stream while somebody listens. */
export interface StreamSource {
  onBatch(batch: Batch): readonly StreamMessage[];
  /** Called every `everyMs` of the stream. */
  tick(): readonly StreamMessage[];
  stop(): void;
}

const NOTHING: readonly StreamMessage[] = [];

function source(parts: Partial<StreamSource>): StreamSource {
  return { onBatch: () => NOTHING, tick: () => NOTHING, stop: () => {}, ...parts };
}

export function openSource(context: ProtocolContext, stream: Stream): StreamSource {
  switch (stream.kind) {
    case "depth":
    case "partialDepth":
      return depthSource(context, stream);
    case "bookTicker":
      return stream.everyMs > 0
        ? periodicSource(context, stream, bookTickerMessage)
        : bookTickerSource(context, stream);
    case "kline":
    case "continuousKline":
      return klineSource(context, stream);
    case "trade":
      return tradeSource(context, stream);
    case "aggTrade":
      return aggregateSource(context, stream);
    case "forceOrder":
      return forceOrderSource(context, stream);
    case "markPrice":
      return periodicSource(context, stream, markPriceMessage);
    case "ticker":
      return periodicSource(context, stream, tickerMessage);
    case "miniTicker":
      return periodicSource(context, stream, miniTickerMessage);
  }
}

function depthSource(context: ProtocolContext, { symbols, levels }: Stream): StreamSource {
  const [listed] = symbols;
  if (listed === undefined) return source({});
  const feed = new BookFeed(listed, context.bookIds);
  const send = (message: BookMessage | undefined): readonly StreamMessage[] =>
    message === undefined ? NOTHING : [{ symbol: listed.symbol, ...message }];
  const stop = () => feed.stop();
  if (levels === 0) {
    return source({
      onBatch: ({ events }) => {
        feed.onEvents(events, context.now());
        return NOTHING;
      },
      tick: () => send(feed.diff(context.now())),
      stop,
    });
  }
  let sent: BookSides = { bids: [], asks: [] };
  const tick = () => {
    const book = context.engine.book(listed.spec.market, levels);
    if (isSameBook(book, sent)) return NOTHING;
    sent = book;
    return send(feed.whole(book, context.now()));
  };
  return source({ tick, stop });
}

function isSameBook(left: BookSides, right: BookSides): boolean {
  const isSame = (one: BookSides["bids"], other: BookSides["bids"]) =>
    one.length === other.length &&
    one.every(([price, size], index) => other[index]?.[0] === price && other[index]?.[1] === size);
  return isSame(left.bids, right.bids) && isSame(left.asks, right.asks);
}

function periodicSource(
  context: ProtocolContext,
  { symbols, isList }: Stream,
  message: (context: ProtocolContext, listed: ListedSymbol) => WireObject,
): StreamSource {
  const tick = (): readonly StreamMessage[] => {
    if (isList) return [{ symbol: null, message: symbols.map((listed) => message(context, listed)) }];
    return symbols.map((listed) => ({ symbol: listed.symbol, message: message(context, listed) }));
  };
  return source({ tick });
}

/** Sends at once, whenever the best of a side changed. */
function bookTickerSource(context: ProtocolContext, { symbols }: Stream): StreamSource {
  const sent = new Map<string, string>();
  const onBatch = ({ events }: Batch): readonly StreamMessage[] => {
    const changed = new Set(events.flatMap((event) => (event.type === "bookLevel" ? [event.market] : [])));
    return symbols.flatMap((listed) => {
      if (!changed.has(listed.spec.market)) return [];
      const { bids, asks } = context.engine.book(listed.spec.market, 1);
      const best = String([bids, asks]);
      if (sent.get(listed.symbol) === best) return [];
      sent.set(listed.symbol, best);
      return [{ symbol: listed.symbol, message: bookTickerMessage(context, listed) }];
    });
  };
  return source({ onBatch });
}

function tradeSource(context: ProtocolContext, { symbols }: Stream): StreamSource {
  const onBatch = ({ events }: Batch): readonly StreamMessage[] =>
    events.flatMap((event) => {
      const listed = event.type === "trade" ? listedIn(symbols, event.trade.market) : undefined;
      if (event.type !== "trade" || listed === undefined) return [];
      return [{ symbol: listed.symbol, message: tradeMessage(context, listed, event.trade) }];
    });
  return source({ onBatch });
}

function aggregateSource(context: ProtocolContext, { symbols }: Stream): StreamSource {
  const onBatch = ({ aggregates }: Batch): readonly StreamMessage[] =>
    aggregates.flatMap((trade) => {
      const listed = listedIn(symbols, trade.market);
      return listed === undefined ? [] : [{ symbol: listed.symbol, message: aggregateMessage(context, listed, trade) }];
    });
  return source({ onBatch });
}

/** The latest liquidation of each symbol since the last time. */
function forceOrderSource(context: ProtocolContext, { symbols }: Stream): StreamSource {
  const latest = new Map<string, StreamMessage>();
  const onBatch = ({ events }: Batch): readonly StreamMessage[] => {
    for (const event of events) {
      if (event.type !== "orderClosed" || !event.order.liquidation) continue;
      const listed = listedIn(symbols, event.order.market);
      if (listed === undefined) continue;
      const { symbol } = listed;
      latest.set(symbol, { symbol, message: forceOrderMessage(context, listed, event.order) });
    }
    return NOTHING;
  };
  const tick = () => {
    const messages = [...latest.values()];
    latest.clear();
    return messages;
  };
  return source({ onBatch, tick });
}

/** The candle that is open, whenever it changed; one that was open before is told once more, as closed. */
function klineSource(context: ProtocolContext, { symbols, interval, kind }: Stream): StreamSource {
  const [listed] = symbols;
  const intervalMs = INTERVALS.get(interval);
  if (listed === undefined || intervalMs === undefined) return source({});
  let sent: Candle | undefined;
  const isKnown = (candle: Candle) => candle.startMs === sent?.startMs && candle.lastTradeId === sent.lastTradeId;
  const tick = (): readonly StreamMessage[] => {
    const nowMs = context.now();
    const fromMs = sent?.startMs ?? Math.floor(nowMs / intervalMs) * intervalMs;
    const candles = context.tape.candles(listed.spec.market, intervalMs, fromMs, nowMs);
    const messages = candles
      .filter((candle) => !isKnown(candle) || candle.startMs + intervalMs <= nowMs)
      .map((candle) => {
        const isClosed = candle.startMs + intervalMs <= nowMs;
        const message = klineMessage(context, listed, { candle, interval, intervalMs, isClosed, kind });
        return { symbol: listed.symbol, message };
      });
    sent = candles.at(-1) ?? sent;
    return messages;
  };
  return source({ tick });
}

function listedIn(symbols: readonly ListedSymbol[], market: string): ListedSymbol | undefined {
  return symbols.find(({ spec }) => spec.market === market);
}
