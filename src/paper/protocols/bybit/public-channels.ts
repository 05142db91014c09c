import type { Timer, Timers } from "../../../runtime/runtime.ts";
import type { EngineEvent, TradeView } from "../../engine/types.ts";
import type { Frame } from "../frame.ts";
import type { Subscriber } from "../subscriber.ts";
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

interface Subject {
  readonly topic: PublicTopic;
  readonly connections: Set<Subscriber>;
  timer: Timer | undefined;
  repeat: Timer | undefined;
  ticker: WireObject;
  /** Liquidations that were not told yet. */
  liquidations: WireObject[];
}

/** Hub of the public topics, their listeners, and the frames for them. */
export class PublicHub {
  readonly #context: BybitContext;
  readonly #timers: Timers;
  readonly #subjects = new Map<string, Subject>();

  constructor(context: BybitContext, timers: Timers) {
    this.#context = context;
    this.#timers = timers;
  }

  subscribe(connection: Subscriber, topic: PublicTopic): void {
    const subject = this.#subjects.get(topic.name) ?? this.#open(topic);
    if (topic.channel === "orderbook") connection.send(this.#context.books.first(topic.depth, topic.symbol));
    if (topic.channel === "tickers") {
      this.#sendTicker(subject);
      connection.send(this.#tickerFrame(subject, "snapshot", subject.ticker));
    }
    if (topic.channel === "priceLimit") connection.send(this.#priceLimitFrame(subject));
    subject.connections.add(connection);
    if (topic.channel === "adlAlert") this.#soon(subject, ALERT_CADENCE_MS, () => this.#sendAlerts(subject));
    if (topic.channel === "orderbook" && topic.depth === 1) this.#armRepeat(subject);
  }

  unsubscribe(connection: Subscriber, name: string): void {
    const subject = this.#subjects.get(name);
    subject?.connections.delete(connection);
    if (subject?.connections.size === 0) this.#drop(subject);
  }

  onEvents(events: readonly EngineEvent[]): void {
    if (this.#subjects.size === 0) return;
    const booksChanged = new Set<string>();
    const tickersChanged = new Set<string>();
    const trades = new Map<string, TradeView[]>();
    for (const event of events) {
      if (event.type === "bookLevel") booksChanged.add(event.market);
      else if (event.type === "markChanged") {
        tickersChanged.add(event.market);
        this.#priceLimitChanged(event.market);
      } else if (event.type === "liquidated") this.#liquidated(event);
      else if (event.type === "fundingSettled") tickersChanged.add(event.rate.market);
      else if (event.type === "trade")
        trades.set(event.trade.market, [...(trades.get(event.trade.market) ?? []), event.trade]);
    }
    for (const [name, list] of trades) this.#sendTrades(name, list);
    for (const name of booksChanged) this.#bookChanged(name);
    for (const name of new Set([...booksChanged, ...tickersChanged, ...trades.keys()])) this.#tickerChanged(name);
  }

  /** Sends a book's new view to its listeners. */
  onBook(depth: BookDepth, symbol: string, frame: Frame): void {
    const subject = this.#subjects.get(`orderbook.${depth}.${symbol}`);
    if (subject === undefined) return;
    sendAll(subject.connections, frame);
    if (depth === 1) this.#armRepeat(subject);
  }

  stop(): void {
    for (const subject of [...this.#subjects.values()]) this.#drop(subject);
  }

  #open(topic: PublicTopic): Subject {
    const subject: Subject = {
      topic,
      connections: new Set(),
      timer: undefined,
      repeat: undefined,
      ticker: {},
      liquidations: [],
    };
    this.#subjects.set(topic.name, subject);
    return subject;
  }

  #drop(subject: Subject): void {
    subject.timer?.cancel();
    subject.repeat?.cancel();
    this.#subjects.delete(subject.topic.name);
  }

  #symbolOf(name: string): string {
    return symbolOf(marketOf(this.#context.engine, name));
  }

  #bookChanged(name: string): void {
    const symbol = this.#symbolOf(name);
    for (const [depth, cadenceMs] of BOOK_CADENCE_MS) {
      const subject = this.#subjects.get(`orderbook.${depth}.${symbol}`);
      if (subject !== undefined) this.#soon(subject, cadenceMs, () => this.#context.books.flush(depth, symbol));
    }
  }

  #tickerChanged(name: string): void {
    const subject = this.#subjects.get(`tickers.${this.#symbolOf(name)}`);
    if (subject !== undefined) this.#soon(subject, TICKER_CADENCE_MS, () => this.#sendTicker(subject));
  }

  #priceLimitChanged(name: string): void {
    const subject = this.#subjects.get(`priceLimit.${this.#symbolOf(name)}`);
    if (subject === undefined) return;
    this.#soon(subject, PRICE_LIMIT_CADENCE_MS, () => sendAll(subject.connections, this.#priceLimitFrame(subject)));
  }

  #priceLimitFrame({ topic: { name, symbol } }: Subject): Frame {
    const { engine, now } = this.#context;
    const data = priceLimitFields(knownMarket(engine, symbol));
    return { channel: "priceLimit", market: symbol, text: wireJson({ topic: name, data, ts: Math.floor(now()) }) };
  }

  /** Sends `adlAlert` every second, whether anything changed or not. */
  #sendAlerts(subject: Subject): void {
    const { engine, now } = this.#context;
    const { name, symbol } = subject.topic;
    const frame = { topic: name, type: "snapshot", ts: Math.floor(now()), data: alertFrameRows(engine) };
    sendAll(subject.connections, { channel: "adlAlert", market: symbol, text: wireJson(frame) });
    this.#soon(subject, ALERT_CADENCE_MS, () => this.#sendAlerts(subject));
  }

  /** Collects liquidations: those of half a second go in one frame of `allLiquidation`. */
  #liquidated(event: Extract<EngineEvent, { type: "liquidated" }>): void {
    const market = marketOf(this.#context.engine, event.market);
    const subject = this.#subjects.get(`allLiquidation.${symbolOf(market)}`);
    if (subject === undefined) return;
    subject.liquidations.push(liquidationObject(market, event, this.#context.now()));
    this.#soon(subject, LIQUIDATIONS_CADENCE_MS, () => {
      const { topic, connections } = subject;
      const data = subject.liquidations.splice(0);
      const text = wireJson({ topic: topic.name, type: "snapshot", ts: Math.floor(this.#context.now()), data });
      sendAll(connections, { channel: "allLiquidation", market: topic.symbol, text });
    });
  }

  #soon(subject: Subject, delayMs: number, task: () => void): void {
    if (subject.timer !== undefined) return;
    const run = () => {
      subject.timer = undefined;
      task();
    };
    subject.timer = this.#timers.after(delayMs, run, { background: true });
  }

  #armRepeat(subject: Subject): void {
    const { topic } = subject;
    if (topic.channel !== "orderbook") return;
    subject.repeat?.cancel();
    const run = () => {
      sendAll(subject.connections, this.#context.books.repeat(topic.depth, topic.symbol));
      this.#armRepeat(subject);
    };
    subject.repeat = this.#timers.after(LEVEL_1_REPEAT_MS, run, { background: true });
  }

  /** Sends the changes since the last ticker; a field that is absent is as it was. */
  #sendTicker(subject: Subject): void {
    const { symbol } = subject.topic;
    const ticker = tickerFrameObject(this.#context, knownMarket(this.#context.engine, symbol));
    const changes = Object.entries(ticker).filter(([name, value]) => value !== subject.ticker[name]);
    subject.ticker = ticker;
    if (changes.length === 0 || subject.connections.size === 0) return;
    const frame = this.#tickerFrame(subject, "delta", { symbol, ...Object.fromEntries(changes) });
    sendAll(subject.connections, frame);
  }

  #tickerFrame({ topic }: Subject, type: "snapshot" | "delta", data: WireObject): Frame {
    const { engine, ids, now } = this.#context;
    const frame = { topic: topic.name, type, data, cs: ids.sequence(engine.sequence()), ts: Math.floor(now()) };
    return { channel: "tickers", market: topic.symbol, text: wireJson(frame) };
  }

  /** Oldest first. */
  #sendTrades(name: string, trades: readonly TradeView[]): void {
    const market = marketOf(this.#context.engine, name);
    const symbol = symbolOf(market);
    const subject = this.#subjects.get(`publicTrade.${symbol}`);
    if (subject === undefined) return;
    const all = this.#context.engine.trades(name);
    const rows = trades.map((trade, index) => {
      const direction = tickDirection(all, all.length - trades.length + index + 1);
      return tradeFrameObject(this.#context, market, trade, direction);
    });
    for (let start = 0; start < rows.length; start += MAX_TRADES) {
      const data = rows.slice(start, start + MAX_TRADES);
      const frame = { topic: subject.topic.name, type: "snapshot", ts: Math.floor(this.#context.now()), data };
      sendAll(subject.connections, { channel: "publicTrade", market: symbol, text: wireJson(frame) });
    }
  }
}

export function sendAll(connections: Iterable<Subscriber>, frame: Frame): void {
  for (const connection of connections) connection.send(frame);
}
