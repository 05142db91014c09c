import type { Timer, Timers } from "../../../runtime/runtime.ts";
import { formatAmount } from "../../engine/amount.ts";
import type { EngineEvent, MarketView, TradeView } from "../../engine/types.ts";
import type { Frame } from "../frame.ts";
import type { Subscriber } from "../subscriber.ts";
import { envelope } from "./books.ts";
import { candleRow, candleSource, candlesOf } from "./candles.ts";
import type { GateContext } from "./context.ts";
import { contractOf, findContract, marketOf, type SizeForm, sizeValue } from "./contracts.ts";
import { bookTickerObject, liquidationObject, tickerObject, tradeObject } from "./market-objects.ts";
import type { PublicTopic } from "./topics.ts";
import { type WireValue, wireJson } from "./wire.ts";

/** Counts sizes as its client asked for with the handshake. */
export interface GateSubscriber extends Subscriber {
  readonly form: SizeForm;
}

type FrameOf = (form: SizeForm) => Frame;

interface Subject {
  readonly topic: PublicTopic;
  readonly market: string;
  readonly connections: Set<GateSubscriber>;
  timer: Timer | undefined;
  /** Text of the best prices that were told last. */
  told: string;
  /** Time when candles were told last. */
  toldMs: number;
  readonly liquidations: Extract<EngineEvent, { type: "liquidated" }>[];
}

/** Listeners to public channels, and the frames that they get. */
export class PublicHub {
  readonly #context: GateContext;
  readonly #timers: Timers;
  readonly #subjects = new Map<string, Subject>();

  constructor(context: GateContext, timers: Timers) {
    this.#context = context;
    this.#timers = timers;
  }

  subscribe(connection: GateSubscriber, topic: PublicTopic): void {
    const subject = this.#subjects.get(topic.key) ?? this.#open(topic);
    this.#begin(subject, connection);
    subject.connections.add(connection);
    if (topic.channel === "tickers") this.#soon(subject, () => this.#sendTickers(subject));
  }

  unsubscribe(connection: GateSubscriber, { key }: PublicTopic): void {
    const subject = this.#subjects.get(key);
    subject?.connections.delete(connection);
    if (subject?.connections.size === 0) this.#drop(subject);
  }

  onEvents(events: readonly EngineEvent[]): void {
    if (this.#subjects.size === 0) return;
    const books = new Set<string>();
    const marks = new Set<string>();
    const trades = new Map<string, TradeView[]>();
    for (const event of events) {
      if (event.type === "bookLevel") books.add(event.market);
      else if (event.type === "markChanged") marks.add(event.market);
      else if (event.type === "liquidated") this.#liquidated(event);
      else if (event.type === "trade") {
        trades.set(event.trade.market, [...(trades.get(event.trade.market) ?? []), event.trade]);
      }
    }
    for (const subject of this.#subjects.values()) {
      const { topic, market } = subject;
      const traded = trades.get(market);
      if (topic.channel === "trades" && traded !== undefined) this.#sendTrades(subject, traded);
      else if (topic.candle !== undefined) {
        const isMoved = /^(mark|index)_/.test(topic.candle.name) ? marks.has(market) : traded !== undefined;
        if (isMoved) this.#soon(subject, () => this.#sendCandles(subject));
      } else if (books.has(market)) this.#bookChanged(subject);
    }
  }

  stop(): void {
    for (const subject of [...this.#subjects.values()]) this.#drop(subject);
  }

  #open(topic: PublicTopic): Subject {
    const market = findContract(this.#context.engine, topic.contract)?.spec.market ?? "";
    const none = { timer: undefined, told: "", toldMs: this.#context.now(), liquidations: [] };
    const subject: Subject = { topic, market, connections: new Set(), ...none };
    this.#subjects.set(topic.key, subject);
    return subject;
  }

  #drop(subject: Subject): void {
    subject.timer?.cancel();
    this.#subjects.delete(subject.topic.key);
    if (subject.topic.book !== undefined) this.#context.books.drop(subject.topic.book);
  }

  /**
   * Begins a subscription: that of the second form of the books always with the whole book, that of the first one in half
   * of all cases, for third parties tell of both.
   */
  #begin(subject: Subject, connection: GateSubscriber): void {
    const { book, channel } = subject.topic;
    if (book !== undefined) {
      this.#flush(subject);
      const full = this.#context.books.full(book);
      if (channel === "obu" || this.#context.random.integer(2) === 0) connection.send(full(connection.form));
    } else if (channel === "order_book") {
      connection.send(this.#legacy(subject)(connection.form));
    }
  }

  #bookChanged(subject: Subject): void {
    const { book, channel } = subject.topic;
    if (book !== undefined) this.#soon(subject, () => this.#flush(subject));
    else if (channel === "order_book") this.#soon(subject, () => sendAll(subject, this.#legacy(subject)));
    else if (channel === "book_ticker") this.#soon(subject, () => this.#sendBest(subject));
  }

  #flush(subject: Subject): void {
    const { book } = subject.topic;
    const frames = book === undefined ? undefined : this.#context.books.update(book);
    if (frames !== undefined) sendAll(subject, frames);
  }

  #soon(subject: Subject, task: () => void): void {
    if (subject.timer !== undefined) return;
    const run = () => {
      subject.timer = undefined;
      task();
    };
    subject.timer = this.#timers.after(subject.topic.cadenceMs, run, { background: true });
  }

  #market(subject: Subject): MarketView {
    return marketOf(this.#context.engine, subject.market);
  }

  #frames({ topic }: Subject, result: (form: SizeForm) => WireValue, event = "update"): FrameOf {
    const { channel, contract } = topic;
    const nowMs = this.#context.now();
    return (form) => ({
      channel,
      market: contract,
      text: wireJson(envelope(channel, event, result(form), nowMs)),
    });
  }

  /** Sends a ticker each second, until the market is gone. */
  #sendTickers(subject: Subject): void {
    const market = this.#market(subject);
    if (market.status === "delisted") return;
    const rows = [tickerObject(this.#context, market)];
    sendAll(
      subject,
      this.#frames(subject, () => rows),
    );
    this.#soon(subject, () => this.#sendTickers(subject));
  }

  #sendTrades(subject: Subject, trades: readonly TradeView[]): void {
    const market = this.#market(subject);
    const rows = (form: SizeForm) => trades.map((trade) => tradeObject(this.#context, market, trade, form, true));
    sendAll(subject, this.#frames(subject, rows));
  }

  /** Sends best prices only where one of them, or its size, is another. */
  #sendBest(subject: Subject): void {
    const market = this.#market(subject);
    const { b, B, a, A } = bookTickerObject(this.#context, market, "decimal");
    const told = `${b} ${B} ${a} ${A}`;
    if (told === subject.told) return;
    subject.told = told;
    sendAll(
      subject,
      this.#frames(subject, (form) => bookTickerObject(this.#context, market, form)),
    );
  }

  /** The candle that is running, after the one that was told last where that has ended meanwhile. */
  #sendCandles(subject: Subject): void {
    const { candle } = subject.topic;
    const source = candle === undefined ? undefined : candleSource(this.#context, candle.name, candle.interval);
    if (candle === undefined || source === undefined) return;
    const nowMs = this.#context.now();
    const fromMs = Math.floor(subject.toldMs / source.intervalMs) * source.intervalMs;
    subject.toldMs = nowMs;
    const candles = candlesOf(this.#context, source, fromMs, nowMs);
    const rows = (form: SizeForm) =>
      candles.map((each) => ({
        ...candleRow(source, each, form),
        n: `${candle.interval}_${candle.name}`,
        a: formatAmount(each.baseVolume),
      }));
    sendAll(subject, this.#frames(subject, rows));
  }

  /** The oldest form of the books is sent whole whenever it has changed. */
  #legacy(subject: Subject): FrameOf {
    const { engine, books, now } = this.#context;
    const market = this.#market(subject);
    const { bids, asks } = engine.book(subject.market, subject.topic.depth ?? 20);
    const side = (levels: typeof bids, form: SizeForm) =>
      levels.map(([price, size]) => ({ p: formatAmount(price), s: sizeValue(size, market, form) }));
    const head = { t: Math.floor(now()), id: books.id(subject.market), contract: contractOf(market) };
    const result = (form: SizeForm) => ({ ...head, asks: side(asks, form), bids: side(bids, form) });
    return this.#frames(subject, result, "all");
  }

  #liquidated(event: Extract<EngineEvent, { type: "liquidated" }>): void {
    const contract = contractOf(marketOf(this.#context.engine, event.market));
    const subject = this.#subjects.get(`public_liquidates ${contract}`);
    if (subject === undefined) return;
    subject.liquidations.push(event);
    this.#soon(subject, () => {
      const told = subject.liquidations.splice(0);
      const market = this.#market(subject);
      const nowMs = this.#context.now();
      const rows = (form: SizeForm) => told.map((each) => liquidationObject(market, each, nowMs, form));
      sendAll(subject, this.#frames(subject, rows));
    });
  }
}

/** Makes each form of a frame once. */
function sendAll({ connections }: Subject, frameOf: FrameOf): void {
  const frames = new Map<SizeForm, Frame>();
  for (const connection of connections) {
    const frame = frames.get(connection.form) ?? frameOf(connection.form);
    frames.set(connection.form, frame);
    connection.send(frame);
  }
}
