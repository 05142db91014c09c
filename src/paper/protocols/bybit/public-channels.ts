import type { Timers } from "../../../runtime/runtime.ts";
import type { EngineEvent, TradeView } from "../../engine/types.ts";
import { type Channel, ChannelHub } from "../channel-hub.ts";
import type { Frame } from "../frame.ts";
import { type Liquidation, marketChanges } from "../market-changes.ts";
import { type Subscriber, sendAll } from "../subscriber.ts";
import { BOOK_CADENCE_MS, type BookDepth } from "./book-publishers.ts";
import type { BybitContext } from "./context.ts";
import { alertFrameRows } from "./insurance.ts";
import { knownMarket, marketOf, symbolOf } from "./market-names.ts";
import { liquidationObject, tickDirection, tickerFrameObject, tradeFrameObject } from "./market-objects.ts";
import { priceLimitFields } from "./price-limits.ts";
import type { PublicTopic } from "./topics.ts";
import { type WireObject, wireJson } from "./wire.ts";

const TICKER_CADENCE_MS = 100;
const LIQUIDATIONS_CADENCE_MS = 500;
const PRICE_LIMIT_CADENCE_MS = 300;
const ALERT_CADENCE_MS = 1_000;
/** A level 1 book that does not change is sent again (docs v5, orderbook). */
const LEVEL_1_REPEAT_MS = 3_000;
const MAX_TRADES = 1_024;

interface ChannelState {
  ticker: WireObject;
  /** Liquidations that were not told yet. */
  readonly liquidations: WireObject[];
}

type BybitChannel = Channel<PublicTopic, Subscriber, ChannelState>;

/** Public topics, and the frames for their listeners. */
export class PublicHub {
  readonly channels: ChannelHub<PublicTopic, Subscriber, ChannelState>;
  readonly #context: BybitContext;

  constructor(context: BybitContext, timers: Timers) {
    this.#context = context;
    this.channels = new ChannelHub(timers, {
      open: () => ({ ticker: {}, liquidations: [] }),
      begin: (channel, listener) => this.#begin(channel, listener),
    });
  }

  onEvents(events: readonly EngineEvent[]): void {
    if (this.channels.isEmpty) return;
    const { books, marks, settled, trades, liquidations } = marketChanges(events);
    for (const name of marks) this.#priceLimitChanged(name);
    for (const liquidation of liquidations) this.#liquidated(liquidation);
    for (const [name, list] of trades) this.#sendTrades(name, list);
    for (const name of books) this.#bookChanged(name);
    for (const name of new Set([...books, ...marks, ...settled, ...trades.keys()])) this.#tickerChanged(name);
  }

  /** Sends a book's new view to its listeners. */
  onBook(depth: BookDepth, symbol: string, frame: Frame): void {
    const channel = this.channels.get(`orderbook.${depth}.${symbol}`);
    if (channel === undefined) return;
    sendAll(channel.listeners, frame);
    this.#armRepeat(channel);
  }

  #begin(channel: BybitChannel, listener: Subscriber): void {
    const { topic, state } = channel;
    switch (topic.channel) {
      case "orderbook":
        listener.send(this.#context.books.first(topic.depth, topic.symbol));
        this.#armRepeat(channel);
        return;
      case "tickers":
        this.#sendTicker(channel);
        listener.send(this.#tickerFrame(channel, "snapshot", state.ticker));
        return;
      case "priceLimit":
        listener.send(this.#priceLimitFrame(channel));
        return;
      case "adlAlert":
        channel.timers.soon(ALERT_CADENCE_MS, () => this.#sendAlerts(channel));
    }
  }

  #symbolOf(name: string): string {
    return symbolOf(marketOf(this.#context.engine, name));
  }

  #bookChanged(name: string): void {
    const symbol = this.#symbolOf(name);
    for (const [depth, cadenceMs] of BOOK_CADENCE_MS) {
      const channel = this.channels.get(`orderbook.${depth}.${symbol}`);
      channel?.timers.soon(cadenceMs, () => this.#context.books.flush(depth, symbol));
    }
  }

  #tickerChanged(name: string): void {
    const channel = this.channels.get(`tickers.${this.#symbolOf(name)}`);
    channel?.timers.soon(TICKER_CADENCE_MS, () => this.#sendTicker(channel));
  }

  #priceLimitChanged(name: string): void {
    const channel = this.channels.get(`priceLimit.${this.#symbolOf(name)}`);
    const send = (to: BybitChannel) => sendAll(to.listeners, this.#priceLimitFrame(to));
    channel?.timers.soon(PRICE_LIMIT_CADENCE_MS, () => send(channel));
  }

  #priceLimitFrame({ topic: { key, symbol } }: BybitChannel): Frame {
    const { engine, now } = this.#context;
    const data = priceLimitFields(knownMarket(engine, symbol));
    return { channel: "priceLimit", market: symbol, text: wireJson({ topic: key, data, ts: Math.floor(now()) }) };
  }

  /** Sends `adlAlert` every second, whether anything changed or not. */
  #sendAlerts(channel: BybitChannel): void {
    const { engine, now } = this.#context;
    const { key, symbol } = channel.topic;
    const frame = { topic: key, type: "snapshot", ts: Math.floor(now()), data: alertFrameRows(engine) };
    sendAll(channel.listeners, { channel: "adlAlert", market: symbol, text: wireJson(frame) });
    channel.timers.soon(ALERT_CADENCE_MS, () => this.#sendAlerts(channel));
  }

  /** Collects liquidations: those of half a second go in one frame of `allLiquidation`. */
  #liquidated(event: Liquidation): void {
    const market = marketOf(this.#context.engine, event.market);
    const channel = this.channels.get(`allLiquidation.${symbolOf(market)}`);
    if (channel === undefined) return;
    const { topic, listeners, state } = channel;
    state.liquidations.push(liquidationObject(market, event, this.#context.now()));
    channel.timers.soon(LIQUIDATIONS_CADENCE_MS, () => {
      const data = state.liquidations.splice(0);
      const text = wireJson({ topic: topic.key, type: "snapshot", ts: Math.floor(this.#context.now()), data });
      sendAll(listeners, { channel: "allLiquidation", market: topic.symbol, text });
    });
  }

  #armRepeat(channel: BybitChannel): void {
    const { topic, listeners, timers } = channel;
    if (topic.channel !== "orderbook" || topic.depth !== 1) return;
    timers.again(LEVEL_1_REPEAT_MS, () => {
      sendAll(listeners, this.#context.books.repeat(topic.depth, topic.symbol));
      this.#armRepeat(channel);
    });
  }

  /** Sends the changes since the last ticker; a field that is absent is as it was. */
  #sendTicker(channel: BybitChannel): void {
    const { topic, state, listeners } = channel;
    const { symbol } = topic;
    const ticker = tickerFrameObject(this.#context, knownMarket(this.#context.engine, symbol));
    const changes = Object.entries(ticker).filter(([name, value]) => value !== state.ticker[name]);
    state.ticker = ticker;
    if (changes.length === 0 || listeners.size === 0) return;
    sendAll(listeners, this.#tickerFrame(channel, "delta", { symbol, ...Object.fromEntries(changes) }));
  }

  #tickerFrame({ topic }: BybitChannel, type: "snapshot" | "delta", data: WireObject): Frame {
    const { engine, ids, now } = this.#context;
    const frame = { topic: topic.key, type, data, cs: ids.sequence(engine.sequence()), ts: Math.floor(now()) };
    return { channel: "tickers", market: topic.symbol, text: wireJson(frame) };
  }

  /** Oldest first. */
  #sendTrades(name: string, trades: readonly TradeView[]): void {
    const market = marketOf(this.#context.engine, name);
    const symbol = symbolOf(market);
    const channel = this.channels.get(`publicTrade.${symbol}`);
    if (channel === undefined) return;
    const all = this.#context.engine.trades(name);
    const rows = trades.map((trade, index) => {
      const direction = tickDirection(all, all.length - trades.length + index + 1);
      return tradeFrameObject(this.#context, market, trade, direction);
    });
    for (let start = 0; start < rows.length; start += MAX_TRADES) {
      const data = rows.slice(start, start + MAX_TRADES);
      const frame = { topic: channel.topic.key, type: "snapshot", ts: Math.floor(this.#context.now()), data };
      sendAll(channel.listeners, { channel: "publicTrade", market: symbol, text: wireJson(frame) });
    }
  }
}
