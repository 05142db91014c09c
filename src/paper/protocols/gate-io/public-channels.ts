import type { Timers } from "../../../runtime/runtime.ts";
import { formatAmount } from "../../engine/amount.ts";
import type { EngineEvent, MarketView, TradeView } from "../../engine/types.ts";
import { type Channel, ChannelHub } from "../channel-hub.ts";
import type { Frame } from "../frame.ts";
import { type Liquidation, marketChanges } from "../market-changes.ts";
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

interface ChannelState {
  readonly market: string;
  /** Text of the best prices that were told last. */
  told: string;
  /** Time when candles were told last. */
  toldMs: number;
  readonly liquidations: Liquidation[];
}

type GateChannel = Channel<PublicTopic, GateSubscriber, ChannelState>;

/** Public channels, and the frames that their listeners get. */
export class PublicHub {
  readonly channels: ChannelHub<PublicTopic, GateSubscriber, ChannelState>;
  readonly #context: GateContext;

  constructor(context: GateContext, timers: Timers) {
    this.#context = context;
    this.channels = new ChannelHub(timers, {
      open: ({ contract }) => {
        const market = findContract(context.engine, contract)?.spec.market ?? "";
        return { market, told: "", toldMs: context.now(), liquidations: [] };
      },
      begin: (channel, listener) => this.#begin(channel, listener),
      close: ({ topic }) => {
        if (topic.book !== undefined) context.books.drop(topic.book);
      },
    });
  }

  onEvents(events: readonly EngineEvent[]): void {
    if (this.channels.isEmpty) return;
    const { books, marks, trades, liquidations } = marketChanges(events);
    for (const liquidation of liquidations) this.#liquidated(liquidation);
    for (const channel of this.channels.all()) {
      const { topic, state } = channel;
      const traded = trades.get(state.market);
      if (topic.channel === "trades" && traded !== undefined) this.#sendTrades(channel, traded);
      else if (topic.candle !== undefined) {
        const isMoved = /^(mark|index)_/.test(topic.candle.name) ? marks.has(state.market) : traded !== undefined;
        if (isMoved) this.#soon(channel, () => this.#sendCandles(channel));
      } else if (books.has(state.market)) this.#bookChanged(channel);
    }
  }

  /**
   * Begins a subscription: that of the second form of the books always with the whole book, that of the first one in half
   * of all cases, for third parties tell of both.
   */
  #begin(channel: GateChannel, listener: GateSubscriber): void {
    const { book, channel: name } = channel.topic;
    if (book !== undefined) {
      this.#flush(channel);
      const full = this.#context.books.full(book);
      if (name === "obu" || this.#context.random.integer(2) === 0) listener.send(full(listener.form));
    } else if (name === "order_book") {
      listener.send(this.#legacy(channel)(listener.form));
    } else if (name === "tickers") {
      this.#soon(channel, () => this.#sendTickers(channel));
    }
  }

  #bookChanged(channel: GateChannel): void {
    const { book, channel: name } = channel.topic;
    if (book !== undefined) this.#soon(channel, () => this.#flush(channel));
    else if (name === "order_book") this.#soon(channel, () => sendForms(channel, this.#legacy(channel)));
    else if (name === "book_ticker") this.#soon(channel, () => this.#sendBest(channel));
  }

  #flush(channel: GateChannel): void {
    const { book } = channel.topic;
    const frames = book === undefined ? undefined : this.#context.books.update(book);
    if (frames !== undefined) sendForms(channel, frames);
  }

  #soon({ timers, topic }: GateChannel, task: () => void): void {
    timers.soon(topic.cadenceMs, task);
  }

  #market({ state }: GateChannel): MarketView {
    return marketOf(this.#context.engine, state.market);
  }

  #frames({ topic }: GateChannel, result: (form: SizeForm) => WireValue, event = "update"): FrameOf {
    const { channel, contract } = topic;
    const nowMs = this.#context.now();
    return (form) => ({
      channel,
      market: contract,
      text: wireJson(envelope(channel, event, result(form), nowMs)),
    });
  }

  /** Sends a ticker each second, until the market is gone. */
  #sendTickers(channel: GateChannel): void {
    const market = this.#market(channel);
    if (market.status === "delisted") return;
    const rows = [tickerObject(this.#context, market)];
    const frames = this.#frames(channel, () => rows);
    sendForms(channel, frames);
    this.#soon(channel, () => this.#sendTickers(channel));
  }

  #sendTrades(channel: GateChannel, trades: readonly TradeView[]): void {
    const market = this.#market(channel);
    const rows = (form: SizeForm) => trades.map((trade) => tradeObject(this.#context, market, trade, form, true));
    sendForms(channel, this.#frames(channel, rows));
  }

  /** Sends best prices only where one of them, or its size, is another. */
  #sendBest(channel: GateChannel): void {
    const market = this.#market(channel);
    const { b, B, a, A } = bookTickerObject(this.#context, market, "decimal");
    const told = `${b} ${B} ${a} ${A}`;
    if (told === channel.state.told) return;
    channel.state.told = told;
    const frames = this.#frames(channel, (form) => bookTickerObject(this.#context, market, form));
    sendForms(channel, frames);
  }

  /** The candle that is running, after the one that was told last where that has ended meanwhile. */
  #sendCandles(channel: GateChannel): void {
    const { topic, state } = channel;
    const { candle } = topic;
    const source = candle === undefined ? undefined : candleSource(this.#context, candle.name, candle.interval);
    if (candle === undefined || source === undefined) return;
    const nowMs = this.#context.now();
    const fromMs = Math.floor(state.toldMs / source.intervalMs) * source.intervalMs;
    state.toldMs = nowMs;
    const candles = candlesOf(this.#context, source, fromMs, nowMs);
    const rows = (form: SizeForm) =>
      candles.map((each) => ({
        ...candleRow(source, each, form),
        n: `${candle.interval}_${candle.name}`,
        a: formatAmount(each.baseVolume),
      }));
    sendForms(channel, this.#frames(channel, rows));
  }

  /** The oldest form of the books is sent whole whenever it has changed. */
  #legacy(channel: GateChannel): FrameOf {
    const { engine, books, now } = this.#context;
    const { topic, state } = channel;
    const market = this.#market(channel);
    const { bids, asks } = engine.book(state.market, topic.depth ?? 20);
    const side = (levels: typeof bids, form: SizeForm) =>
      levels.map(([price, size]) => ({ p: formatAmount(price), s: sizeValue(size, market, form) }));
    const head = { t: Math.floor(now()), id: books.id(state.market), contract: contractOf(market) };
    const result = (form: SizeForm) => ({ ...head, asks: side(asks, form), bids: side(bids, form) });
    return this.#frames(channel, result, "all");
  }

  #liquidated(event: Liquidation): void {
    const contract = contractOf(marketOf(this.#context.engine, event.market));
    const channel = this.channels.get(`public_liquidates ${contract}`);
    if (channel === undefined) return;
    const { liquidations } = channel.state;
    liquidations.push(event);
    this.#soon(channel, () => {
      const told = liquidations.splice(0);
      const market = this.#market(channel);
      const nowMs = this.#context.now();
      const rows = (form: SizeForm) => told.map((each) => liquidationObject(market, each, nowMs, form));
      sendForms(channel, this.#frames(channel, rows));
    });
  }
}

/** Makes each form of a frame once. */
function sendForms({ listeners }: GateChannel, frameOf: FrameOf): void {
  const frames = new Map<SizeForm, Frame>();
  for (const listener of listeners) {
    const frame = frames.get(listener.form) ?? frameOf(listener.form);
    frames.set(listener.form, frame);
    listener.send(frame);
  }
}
