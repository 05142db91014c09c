import type { Timer, Timers } from "../../../runtime/runtime.ts";
import type { EngineEvent, MarketView, TradeView } from "../../engine/types.ts";
import type { Frame } from "../frame.ts";
import { BOOK_CHANNELS, type BookChannel } from "./books.ts";
import type { OkxConnection } from "./connection.ts";
import type { OkxContext } from "./context.ts";
import { familyOf, instIdOf, marketOf } from "./instruments.ts";
import {
  fundingRateObject,
  indexTickerObject,
  markPriceObject,
  openInterestObject,
  tickerObject,
  tradeObject,
} from "./market-objects.ts";
import type { DataChannel, PublicChannel, PublicTopic } from "./topics.ts";
import { type WireObject, wireJson } from "./wire.ts";

/** A book that does not change says so after this long (docs v5, order book channel). */
const HEARTBEAT_MS = 60_000;

interface ChannelRules {
  /** How soon after a change it is sent. */
  readonly cadenceMs: number;
  /** After how long it is sent again when nothing changed. */
  readonly repeatMs?: number;
  row(context: OkxContext, market: MarketView): WireObject;
}

/** Cadences as documented (docs v5, public channels). */
const RULES: Readonly<Record<Exclude<DataChannel, "trades">, ChannelRules>> = {
  tickers: { cadenceMs: 100, row: tickerObject },
  "mark-price": { cadenceMs: 200, repeatMs: 10_000, row: markPriceObject },
  "index-tickers": { cadenceMs: 100, repeatMs: 60_000, row: indexTickerObject },
  "funding-rate": { cadenceMs: 100, repeatMs: 60_000, row: fundingRateObject },
  "open-interest": { cadenceMs: 3_000, repeatMs: 3_000, row: openInterestObject },
};

interface Subject {
  readonly channel: PublicChannel;
  readonly instId: string;
  readonly market: string;
  readonly connections: Set<OkxConnection>;
  timer: Timer | undefined;
  repeat: Timer | undefined;
}

const keyOf = (channel: PublicChannel, instId: string): string => `${channel} ${instId}`;

function rulesOf(channel: PublicChannel): ChannelRules | undefined {
  return channel === "trades" || channel in BOOK_CHANNELS ? undefined : RULES[channel as keyof typeof RULES];
}

function isBook(channel: PublicChannel): channel is BookChannel {
  return channel in BOOK_CHANNELS;
}

/** Who listens to which public channel, and the frames that they get. */
export class PublicHub {
  readonly #context: OkxContext;
  readonly #timers: Timers;
  readonly #subjects = new Map<string, Subject>();

  constructor(context: OkxContext, timers: Timers) {
    this.#context = context;
    this.#timers = timers;
  }

  /** All channels but trades begin with what is now. */
  subscribe(connection: OkxConnection, { channel, instId, market }: PublicTopic): void {
    const subject = this.#subjects.get(keyOf(channel, instId)) ?? this.#open(channel, instId, market);
    if (isBook(channel)) connection.send(this.#context.books.first(channel, instId));
    else if (channel !== "trades") connection.send(this.#frame(subject));
    subject.connections.add(connection);
    if (subject.repeat === undefined) this.#armRepeat(subject);
  }

  unsubscribe(connection: OkxConnection, { channel, instId }: PublicTopic): void {
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
      else if (event.type === "fundingSettled") this.#changed(event.rate.market, ["funding-rate"]);
      else if (event.type === "trade") {
        trades.set(event.trade.market, [...(trades.get(event.trade.market) ?? []), event.trade]);
      }
    }
    for (const [market, list] of trades) this.#sendTrades(market, list);
    for (const market of books) this.#changed(market, ["books", "books5", "bbo-tbt"]);
    for (const market of new Set([...books, ...trades.keys()])) this.#changed(market, ["tickers"]);
    for (const market of marks) this.#changed(market, ["mark-price", "index-tickers"]);
  }

  /** What a book's view became, to its listeners. */
  onBook(channel: BookChannel, instId: string, frame: Frame): void {
    const subject = this.#subjects.get(keyOf(channel, instId));
    if (subject !== undefined) this.#sendAll(subject, frame);
  }

  stop(): void {
    for (const subject of [...this.#subjects.values()]) this.#drop(subject);
  }

  #open(channel: PublicChannel, instId: string, market: string): Subject {
    const subject = {
      channel,
      instId,
      market,
      connections: new Set<OkxConnection>(),
      timer: undefined,
      repeat: undefined,
    };
    this.#subjects.set(keyOf(channel, instId), subject);
    return subject;
  }

  #drop(subject: Subject): void {
    subject.timer?.cancel();
    subject.repeat?.cancel();
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
    const repeatMs = isBook(channel) ? HEARTBEAT_MS : rulesOf(channel)?.repeatMs;
    subject.repeat?.cancel();
    if (repeatMs === undefined) return;
    const run = () => {
      const frame = isBook(channel) ? this.#context.books.heartbeat(channel, instId) : this.#frame(subject);
      this.#sendAll(subject, frame);
    };
    subject.repeat = this.#timers.after(repeatMs, run, { background: true });
  }

  #frame({ channel, instId, market }: Subject): Frame {
    const row = rulesOf(channel)?.row(this.#context, marketOf(this.#context.engine, market));
    return this.#textFrame(channel, instId, row === undefined ? [] : [row]);
  }

  #textFrame(channel: PublicChannel, instId: string, data: readonly WireObject[]): Frame {
    return { channel, market: instId, text: wireJson({ arg: { channel, instId }, data }) };
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
