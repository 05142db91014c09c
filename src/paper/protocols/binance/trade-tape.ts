import type { EngineEvent, TradeView } from "../../engine/types.ts";
import type { PastCandle, PriceHistory } from "../../market/price-history.ts";
import { notionalOf } from "./wire.ts";

export const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
const MAX_AGE_MS = 2 * DAY_MS;
const AGGREGATES_KEPT = 10_000;

/** Trades on one side at one price are one for this long after the first of them (docs, Aggregate-Trade-Streams). */
const AGGREGATION_MS = 100;

/** Trades of one side at one price within 100 ms, as of the first one's time. */
export interface AggregateTrade {
  readonly aggregateId: number;
  readonly market: string;
  readonly price: bigint;
  readonly size: bigint;
  readonly firstTradeId: number;
  readonly lastTradeId: number;
  readonly isBuyerMaker: boolean;
  readonly timeMs: number;
}

export interface Candle {
  readonly startMs: number;
  readonly open: bigint;
  readonly high: bigint;
  readonly low: bigint;
  readonly close: bigint;
  readonly volume: bigint;
  readonly quoteVolume: bigint;
  readonly takerBuyVolume: bigint;
  readonly takerBuyQuoteVolume: bigint;
  readonly count: number;
  readonly firstTradeId: number;
  readonly lastTradeId: number;
}

type Open<T> = { -readonly [Key in keyof T]: T[Key] };

interface Market {
  nextAggregateId: number;
  /** The last of the aggregates while trades may still be added to it. */
  growing: Open<AggregateTrade> | undefined;
  readonly aggregates: AggregateTrade[];
  readonly minutes: Open<Candle>[];
  readonly fundingMarks: Map<number, bigint>;
}

/** Record of trades beyond the engine's list: aggregates, candles of a minute for two days, the day. */
export class TradeTape {
  readonly #markets = new Map<string, Market>();
  readonly #history: PriceHistory | undefined;

  constructor(history?: PriceHistory) {
    this.#history = history;
  }

  /** Returns the aggregates that are whole because trades of another price, side or time came after them. */
  onEvents(events: readonly EngineEvent[], markOf: (market: string) => bigint): readonly AggregateTrade[] {
    const whole: AggregateTrade[] = [];
    for (const event of events) {
      if (event.type === "fundingSettled") {
        const { market, timeMs } = event.rate;
        this.#market(market).fundingMarks.set(timeMs, markOf(market));
      }
      if (event.type !== "trade") continue;
      const { trade } = event;
      this.#recordCandle(trade);
      const market = this.#market(trade.market);
      const { growing } = market;
      if (growing !== undefined && continues(growing, trade)) {
        growing.size += trade.size;
        growing.lastTradeId = trade.tradeId;
        continue;
      }
      if (growing !== undefined) whole.push(growing);
      market.growing = this.#aggregateOf(trade);
      keep(market.aggregates, market.growing);
    }
    return whole;
  }

  /** Aggregates that are whole because their time is over. */
  endAggregates(nowMs: number): readonly AggregateTrade[] {
    const whole: AggregateTrade[] = [];
    for (const market of this.#markets.values()) {
      const { growing } = market;
      if (growing === undefined || growing.timeMs + AGGREGATION_MS > nowMs) continue;
      whole.push(growing);
      market.growing = undefined;
    }
    return whole;
  }

  /** Time when the next aggregate is complete; undefined where none grows. */
  nextEndMs(): number | undefined {
    const times = [...this.#markets.values()].flatMap(({ growing }) => growing?.timeMs ?? []);
    return times.length === 0 ? undefined : Math.min(...times) + AGGREGATION_MS;
  }

  /** Oldest first. */
  aggregates(market: string): readonly AggregateTrade[] {
    return this.#market(market).aggregates;
  }

  /** The mark that a funding time settled at. */
  fundingMark(market: string, timeMs: number): bigint | undefined {
    return this.#market(market).fundingMarks.get(timeMs);
  }

  /** Oldest first; a stretch without trades repeats the close before it. */
  candles(market: string, intervalMs: number, fromMs: number, toMs: number): readonly Candle[] {
    const past = this.#history?.candles(market, intervalMs) ?? [];
    const candles = past.filter(({ startMs }) => startMs >= fromMs && startMs <= toMs).map(pastCandle);
    for (const minute of this.#market(market).minutes) {
      const startMs = Math.floor(minute.startMs / intervalMs) * intervalMs;
      if (startMs > toMs) break;
      fillGap(candles, startMs, intervalMs);
      const last = candles.at(-1);
      if (last === undefined || last.startMs < startMs) candles.push({ ...minute, startMs });
      else merge(last, minute);
    }
    if (candles.length > 0) fillGap(candles, Math.floor(toMs / intervalMs) * intervalMs + intervalMs, intervalMs);
    return candles.filter(({ startMs }) => startMs >= fromMs && startMs <= toMs);
  }

  /** The last 24 hours as one candle; undefined when nothing traded. */
  day(market: string, nowMs: number): Candle | undefined {
    const past = this.#history?.since(market, nowMs - DAY_MS);
    const minutes = this.#market(market).minutes.filter(({ startMs }) => startMs > nowMs - DAY_MS);
    const [first, ...others] = past === undefined ? minutes : [pastCandle(past), ...minutes];
    if (first === undefined) return undefined;
    const day = { ...first };
    for (const minute of others) merge(day, minute);
    return day;
  }

  #market(name: string): Market {
    let market = this.#markets.get(name);
    if (market === undefined) {
      market = { nextAggregateId: 1, growing: undefined, aggregates: [], minutes: [], fundingMarks: new Map() };
      this.#markets.set(name, market);
    }
    return market;
  }

  #aggregateOf({ market, price, size, tradeId, takerSide, timeMs }: TradeView): Open<AggregateTrade> {
    const aggregateId = this.#market(market).nextAggregateId++;
    const isBuyerMaker = takerSide === "sell";
    return { aggregateId, market, price, size, firstTradeId: tradeId, lastTradeId: tradeId, isBuyerMaker, timeMs };
  }

  #recordCandle(trade: TradeView): void {
    const { minutes } = this.#market(trade.market);
    const one = candleOf(trade);
    const last = minutes.at(-1);
    if (last !== undefined && last.startMs === one.startMs) {
      merge(last, one);
      return;
    }
    minutes.push(one);
    const kept = minutes.findIndex(({ startMs }) => startMs >= one.startMs - MAX_AGE_MS);
    if (kept > 0) minutes.splice(0, kept);
  }
}

function keep(aggregates: AggregateTrade[], aggregate: AggregateTrade): void {
  aggregates.push(aggregate);
  if (aggregates.length >= 2 * AGGREGATES_KEPT) aggregates.splice(0, aggregates.length - AGGREGATES_KEPT);
}

function continues(last: AggregateTrade, trade: TradeView): boolean {
  const isOfSide = last.isBuyerMaker === (trade.takerSide === "sell");
  return isOfSide && last.price === trade.price && trade.timeMs < last.timeMs + AGGREGATION_MS;
}

function candleOf({ price, size, takerSide, tradeId, timeMs }: TradeView): Open<Candle> {
  const quoteVolume = notionalOf(price, size);
  const isBuy = takerSide === "buy";
  return {
    startMs: Math.floor(timeMs / MINUTE_MS) * MINUTE_MS,
    open: price,
    high: price,
    low: price,
    close: price,
    volume: size,
    quoteVolume,
    takerBuyVolume: isBuy ? size : 0n,
    takerBuyQuoteVolume: isBuy ? quoteVolume : 0n,
    count: 1,
    firstTradeId: tradeId,
    lastTradeId: tradeId,
  };
}

/** Half of what was traded was bought by takers; there are no trades to be numbered. */
function pastCandle({ baseVolume, quoteVolume, trades, ...prices }: PastCandle): Open<Candle> {
  return {
    ...prices,
    volume: baseVolume,
    quoteVolume,
    takerBuyVolume: baseVolume / 2n,
    takerBuyQuoteVolume: quoteVolume / 2n,
    count: trades,
    firstTradeId: -1,
    lastTradeId: -1,
  };
}

function merge(candle: Open<Candle>, later: Candle): void {
  if (later.high > candle.high) candle.high = later.high;
  if (later.low < candle.low) candle.low = later.low;
  candle.close = later.close;
  candle.volume += later.volume;
  candle.quoteVolume += later.quoteVolume;
  candle.takerBuyVolume += later.takerBuyVolume;
  candle.takerBuyQuoteVolume += later.takerBuyQuoteVolume;
  candle.count += later.count;
  if (candle.firstTradeId < 0) candle.firstTradeId = later.firstTradeId;
  candle.lastTradeId = later.lastTradeId;
}

function fillGap(candles: Open<Candle>[], untilMs: number, intervalMs: number): void {
  for (let last = candles.at(-1); last !== undefined && last.startMs + intervalMs < untilMs; last = candles.at(-1)) {
    const { close } = last;
    candles.push({
      ...last,
      startMs: last.startMs + intervalMs,
      open: close,
      high: close,
      low: close,
      volume: 0n,
      quoteVolume: 0n,
      takerBuyVolume: 0n,
      takerBuyQuoteVolume: 0n,
      count: 0,
    });
  }
}
