import { wordTable } from "../../../model/word-table.ts";
import type { Timer, Timers } from "../../../runtime/runtime.ts";
import { formatAmount } from "../../engine/amount.ts";
import type { EngineEvent, MarketView, TradeView } from "../../engine/types.ts";
import type { Frame } from "../frame.ts";
import type { Subscriber } from "../subscriber.ts";
import { BOOK_CHANNELS, type BookChannel } from "./books.ts";
import { type CandleChannelRules, candleAt, candleChannel } from "./candles.ts";
import type { OkxContext } from "./context.ts";
import { familyOf, instIdOf, marketOf, SWAP, sizeText } from "./instruments.ts";
import {
  fundingRateObject,
  indexTickerObject,
  instrumentObject,
  markPriceObject,
  openInterestObject,
  priceLimitObject,
  tickerObject,
  tradeObject,
} from "./market-objects.ts";
import type { DataChannel, PublicChannel, PublicTopic } from "./topics.ts";
import { timeText, type WireObject, wireJson } from "./wire.ts";

/** A book that does not change says so after this long (docs v5, order book channel). */
const HEARTBEAT_MS = 60_000;

interface ChannelRules {
  /** Delay after a change at which it is sent. */
  readonly cadenceMs: number;
  /** Time after which it is sent again when nothing changed. */
  readonly repeatMs?: number;
  row(context: OkxContext, market: MarketView): WireObject;
}

/** Cadences as documented (docs v5, public channels). */
const RULES: Readonly<Record<string, ChannelRules>> = wordTable({
  tickers: { cadenceMs: 100, row: tickerObject },
  "mark-price": { cadenceMs: 200, repeatMs: 10_000, row: markPriceObject },
  "index-tickers": { cadenceMs: 100, repeatMs: 60_000, row: indexTickerObject },
  "funding-rate": { cadenceMs: 100, repeatMs: 60_000, row: fundingRateObject },
  "open-interest": { cadenceMs: 3_000, repeatMs: 3_000, row: openInterestObject },
  "price-limit": { cadenceMs: 200, row: priceLimitObject },
} satisfies Record<Exclude<DataChannel, "trades">, ChannelRules>);
/** Candles are sent this often while they change (docs v5, candlesticks channel). */
const CANDLE_CADENCE_MS = 1_000;
const DAY_MS = 86_400_000;
/** Channels that begin without a frame. */
const STARTS_EMPTY: ReadonlySet<PublicChannel> = new Set(["trades", "instruments", "liquidation-orders", "status"]);

interface Subject {
  readonly channel: PublicChannel;
  readonly instId: string;
  readonly market: string;
  readonly arg: WireObject;
  /** Rules of a channel of candles, and the time that was last told of. */
  readonly candles: CandleChannelRules | undefined;
  candleMs: number;
  readonly connections: Set<Subscriber>;
  timer: Timer | undefined;
  repeat: Timer | undefined;
}

const keyOf = (channel: PublicChannel, instId: string): string => `${channel} ${instId}`;

const rulesOf = (channel: PublicChannel): ChannelRules | undefined => RULES[channel];

function isBook(channel: PublicChannel): channel is BookChannel {
  return channel in BOOK_CHANNELS;
}

const sideOf = (size: bigint): string => (size > 0n ? "long" : "short");

/** Hub of the public channels, their listeners, and the frames for them. */
export class PublicHub {
  readonly #context: OkxContext;
  readonly #timers: Timers;
  readonly #subjects = new Map<string, Subject>();
  /** Subjects that are channels of candles. */
  readonly #candles = new Set<Subject>();

  constructor(context: OkxContext, timers: Timers) {
    this.#context = context;
    this.#timers = timers;
  }

  /** Most channels begin with what is now. */
  subscribe(connection: Subscriber, topic: PublicTopic): void {
    const { channel, instId } = topic;
    const subject = this.#subjects.get(keyOf(channel, instId)) ?? this.#open(topic);
    if (isBook(channel)) connection.send(this.#context.books.first(channel, instId));
    else if (subject.candles !== undefined) for (const frame of this.#candleFrames(subject)) connection.send(frame);
    else if (!STARTS_EMPTY.has(channel)) connection.send(this.#frame(subject));
    subject.connections.add(connection);
    if (subject.repeat === undefined) this.#armRepeat(subject);
  }

  unsubscribe(connection: Subscriber, { channel, instId }: PublicTopic): void {
    const subject = this.#subjects.get(keyOf(channel, instId));
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
      else if (event.type === "liquidated") this.#sendLiquidation(event);
      else if (event.type === "marketChanged") this.#sendInstrument(event.market);
      else if (event.type === "fundingSettled") this.#changed(event.rate.market, ["funding-rate"]);
      else if (event.type === "trade") {
        trades.set(event.trade.market, [...(trades.get(event.trade.market) ?? []), event.trade]);
      }
    }
    for (const [market, list] of trades) this.#sendTrades(market, list);
    for (const market of books) this.#changed(market, ["books", "books5", "bbo-tbt"]);
    for (const market of new Set([...books, ...trades.keys()])) this.#changed(market, ["tickers"]);
    for (const market of marks) this.#changed(market, ["mark-price", "index-tickers", "price-limit"]);
    this.#candlesChanged(new Set(trades.keys()), marks);
  }

  /** Sends a book's new view to its listeners. */
  onBook(channel: BookChannel, instId: string, frame: Frame): void {
    const subject = this.#subjects.get(keyOf(channel, instId));
    if (subject !== undefined) this.#sendAll(subject, frame);
  }

  stop(): void {
    for (const subject of [...this.#subjects.values()]) this.#drop(subject);
  }

  #open({ channel, instId, market, arg }: PublicTopic): Subject {
    const subject: Subject = {
      ...{ channel, instId, market, arg, candles: candleChannel(channel), candleMs: this.#context.now() },
      ...{ connections: new Set<Subscriber>(), timer: undefined, repeat: undefined },
    };
    this.#subjects.set(keyOf(channel, instId), subject);
    if (subject.candles !== undefined) this.#candles.add(subject);
    return subject;
  }

  #candlesChanged(traded: ReadonlySet<string>, marked: ReadonlySet<string>): void {
    for (const subject of this.#candles) {
      const { candles, market, timer } = subject;
      if (candles === undefined || timer !== undefined) continue;
      if (!(candles.kind === "trade" ? traded : marked).has(market)) continue;
      const run = () => this.#sendCandles(subject);
      subject.timer = this.#timers.after(CANDLE_CADENCE_MS, run, { background: true });
    }
  }

  #sendCandles(subject: Subject): void {
    subject.timer?.cancel();
    subject.timer = undefined;
    for (const frame of this.#candleFrames(subject)) this.#sendAll(subject, frame);
    subject.candleMs = this.#context.now();
  }

  /** The candle that is running; before it, the one that was told last where that has ended meanwhile. */
  #candleFrames({ candles, channel, instId, market: name, arg, candleMs }: Subject): readonly Frame[] {
    if (candles === undefined) return [];
    const market = marketOf(this.#context.engine, name);
    const nowMs = this.#context.now();
    const hasEnded = candles.bar.startOf(candleMs) < candles.bar.startOf(nowMs);
    return (hasEnded ? [candleMs, nowMs] : [nowMs]).flatMap((timeMs) => {
      const row = candleAt(this.#context, market, candles, timeMs);
      return row === undefined ? [] : [{ channel, market: instId, text: wireJson({ arg, data: [row] }) }];
    });
  }

  /** Sends a liquidation of any account; `bkPx` is the price at which it went bankrupt, here that of its order. */
  #sendLiquidation({ market: name, positionSide, size, price }: Extract<EngineEvent, { type: "liquidated" }>): void {
    const subject = this.#subjects.get(keyOf("liquidation-orders", SWAP));
    if (subject === undefined) return;
    const market = marketOf(this.#context.engine, name);
    const detail = {
      ...{
        bkLoss: "0",
        bkPx: formatAmount(price),
        ccy: "",
        posSide: positionSide === "both" ? sideOf(size) : positionSide,
      },
      ...{ side: size > 0n ? "sell" : "buy", sz: sizeText(size, market), ts: timeText(this.#context.now()) },
    };
    const names = { instType: SWAP, instId: instIdOf(market), instFamily: familyOf(market), uly: familyOf(market) };
    const text = wireJson({ arg: subject.arg, data: [{ ...names, details: [detail] }] });
    this.#sendAll(subject, { channel: subject.channel, market: subject.instId, text });
  }

  #drop(subject: Subject): void {
    subject.timer?.cancel();
    subject.repeat?.cancel();
    this.#candles.delete(subject);
    this.#subjects.delete(keyOf(subject.channel, subject.instId));
  }

  #changed(name: string, channels: readonly PublicChannel[]): void {
    const market = marketOf(this.#context.engine, name);
    for (const channel of channels) {
      const instId = channel === "index-tickers" ? familyOf(market) : instIdOf(market);
      const subject = this.#subjects.get(keyOf(channel, instId));
      if (subject === undefined || subject.timer !== undefined) continue;
      const cadenceMs = isBook(channel) ? BOOK_CHANNELS[channel].cadenceMs : (rulesOf(channel)?.cadenceMs ?? 0);
      const run = () => {
        subject.timer = undefined;
        if (isBook(channel)) this.#context.books.flush(channel, instId);
        else this.#sendAll(subject, this.#frame(subject));
      };
      subject.timer = this.#timers.after(cadenceMs, run, { background: true });
    }
  }

  #armRepeat(subject: Subject): void {
    const { channel, instId } = subject;
    const repeatMs = this.#repeatMs(subject);
    subject.repeat?.cancel();
    if (repeatMs === undefined) return;
    const run = () => {
      if (subject.candles !== undefined) {
        this.#sendCandles(subject);
        return;
      }
      const frame = isBook(channel) ? this.#context.books.heartbeat(channel, instId) : this.#frame(subject);
      this.#sendAll(subject, frame);
    };
    subject.repeat = this.#timers.after(repeatMs, run, { background: true });
  }

  /** Candles are told again as each ends. */
  #repeatMs({ channel, candles }: Subject): number | undefined {
    if (candles === undefined) return isBook(channel) ? HEARTBEAT_MS : rulesOf(channel)?.repeatMs;
    const nowMs = this.#context.now();
    // A timer holds 24 days at most, and a month is longer.
    return Math.min(candles.bar.endOf(candles.bar.startOf(nowMs)) - nowMs + 1, DAY_MS);
  }

  #frame({ channel, instId, market }: Subject): Frame {
    const row = rulesOf(channel)?.row(this.#context, marketOf(this.#context.engine, market));
    return this.#textFrame(channel, instId, row === undefined ? [] : [row]);
  }

  #textFrame(channel: PublicChannel, instId: string, data: readonly WireObject[]): Frame {
    return { channel, market: instId, text: wireJson({ arg: { channel, instId }, data }) };
  }

  /** Changes of rules and states (docs v5, instruments channel). */
  #sendInstrument(name: string): void {
    const { engine } = this.#context;
    const subject = this.#subjects.get(keyOf("instruments", SWAP));
    if (subject === undefined) return;
    const data = [instrumentObject(this.#context, marketOf(engine, name))];
    this.#sendAll(subject, { channel: "instruments", market: null, text: wireJson({ arg: subject.arg, data }) });
  }

  /** One message a match, oldest first. */
  #sendTrades(name: string, trades: readonly TradeView[]): void {
    const market = marketOf(this.#context.engine, name);
    const subject = this.#subjects.get(keyOf("trades", instIdOf(market)));
    if (subject === undefined) return;
    for (const trade of trades) {
      const row = tradeObject(this.#context, market, trade);
      this.#sendAll(subject, this.#textFrame("trades", subject.instId, [row]));
    }
  }

  #sendAll(subject: Subject, frame: Frame): void {
    for (const connection of subject.connections) connection.send(frame);
    this.#armRepeat(subject);
  }
}
