import { wordTable } from "../../../model/word-table.ts";
import type { Timers } from "../../../runtime/runtime.ts";
import { formatAmount } from "../../engine/amount.ts";
import type { EngineEvent, MarketView, TradeView } from "../../engine/types.ts";
import { type Channel, ChannelHub } from "../channel-hub.ts";
import type { Frame } from "../frame.ts";
import { type Liquidation, marketChanges } from "../market-changes.ts";
import { type Subscriber, sendAll } from "../subscriber.ts";
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
import { type DataChannel, keyOf, type PublicChannel, type PublicTopic } from "./topics.ts";
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

/** Rules of a channel of candles, and the time that was last told of. */
interface ChannelState {
  readonly candles: CandleChannelRules | undefined;
  candleMs: number;
}

type OkxChannel = Channel<PublicTopic, Subscriber, ChannelState>;

const rulesOf = (channel: PublicChannel): ChannelRules | undefined => RULES[channel];

function isBook(channel: PublicChannel): channel is BookChannel {
  return channel in BOOK_CHANNELS;
}

const sideOf = (size: bigint): string => (size > 0n ? "long" : "short");

/** Public channels, and the frames for their listeners. */
export class PublicHub {
  readonly channels: ChannelHub<PublicTopic, Subscriber, ChannelState>;
  readonly #context: OkxContext;

  constructor(context: OkxContext, timers: Timers) {
    this.#context = context;
    this.channels = new ChannelHub(timers, {
      open: ({ channel }) => ({ candles: candleChannel(channel), candleMs: context.now() }),
      begin: (channel, listener) => this.#begin(channel, listener),
    });
  }

  onEvents(events: readonly EngineEvent[]): void {
    if (this.channels.isEmpty) return;
    const { books, marks, settled, rules, trades, liquidations } = marketChanges(events);
    for (const liquidation of liquidations) this.#sendLiquidation(liquidation);
    for (const market of rules) this.#sendInstrument(market);
    for (const market of settled) this.#changed(market, ["funding-rate"]);
    for (const [market, list] of trades) this.#sendTrades(market, list);
    for (const market of books) this.#changed(market, ["books", "books5", "bbo-tbt"]);
    for (const market of new Set([...books, ...trades.keys()])) this.#changed(market, ["tickers"]);
    for (const market of marks) this.#changed(market, ["mark-price", "index-tickers", "price-limit"]);
    this.#candlesChanged(new Set(trades.keys()), marks);
  }

  /** Sends a book's new view to its listeners. */
  onBook(name: BookChannel, instId: string, frame: Frame): void {
    const channel = this.channels.get(keyOf(name, instId));
    if (channel !== undefined) this.#send(channel, frame);
  }

  /** Most channels begin with what is now. */
  #begin(channel: OkxChannel, listener: Subscriber): void {
    const { channel: name, instId } = channel.topic;
    if (isBook(name)) listener.send(this.#context.books.first(name, instId));
    else if (channel.state.candles !== undefined) {
      for (const frame of this.#candleFrames(channel)) listener.send(frame);
    } else if (!STARTS_EMPTY.has(name)) listener.send(this.#frame(channel));
    if (!channel.timers.isAgain) this.#armRepeat(channel);
  }

  #candlesChanged(traded: ReadonlySet<string>, marked: ReadonlySet<string>): void {
    for (const channel of this.channels.all()) {
      const { candles } = channel.state;
      if (candles === undefined) continue;
      if (!(candles.kind === "trade" ? traded : marked).has(channel.topic.market)) continue;
      channel.timers.soon(CANDLE_CADENCE_MS, () => this.#sendCandles(channel));
    }
  }

  #sendCandles(channel: OkxChannel): void {
    channel.timers.cancelSoon();
    for (const frame of this.#candleFrames(channel)) this.#send(channel, frame);
    channel.state.candleMs = this.#context.now();
  }

  /** The candle that is running; before it, the one that was told last where that has ended meanwhile. */
  #candleFrames({ topic, state: { candles, candleMs } }: OkxChannel): readonly Frame[] {
    const { channel, instId, market: name, arg } = topic;
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
  #sendLiquidation({ market: name, positionSide, size, price }: Liquidation): void {
    const channel = this.channels.get(keyOf("liquidation-orders", SWAP));
    if (channel === undefined) return;
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
    const text = wireJson({ arg: channel.topic.arg, data: [{ ...names, details: [detail] }] });
    this.#send(channel, { channel: channel.topic.channel, market: SWAP, text });
  }

  #changed(name: string, names: readonly PublicChannel[]): void {
    const market = marketOf(this.#context.engine, name);
    for (const each of names) {
      const instId = each === "index-tickers" ? familyOf(market) : instIdOf(market);
      const channel = this.channels.get(keyOf(each, instId));
      const cadenceMs = isBook(each) ? BOOK_CHANNELS[each].cadenceMs : (rulesOf(each)?.cadenceMs ?? 0);
      channel?.timers.soon(cadenceMs, () => {
        if (isBook(each)) this.#context.books.flush(each, instId);
        else this.#send(channel, this.#frame(channel));
      });
    }
  }

  #armRepeat(channel: OkxChannel): void {
    const { channel: name, instId } = channel.topic;
    channel.timers.again(this.#repeatMs(channel), () => {
      if (channel.state.candles !== undefined) this.#sendCandles(channel);
      else this.#send(channel, isBook(name) ? this.#context.books.heartbeat(name, instId) : this.#frame(channel));
    });
  }

  /** Candles are told again as each ends. */
  #repeatMs({ topic: { channel }, state: { candles } }: OkxChannel): number | undefined {
    if (candles === undefined) return isBook(channel) ? HEARTBEAT_MS : rulesOf(channel)?.repeatMs;
    const nowMs = this.#context.now();
    // A timer holds 24 days at most, and a month is longer.
    return Math.min(candles.bar.endOf(candles.bar.startOf(nowMs)) - nowMs + 1, DAY_MS);
  }

  #frame({ topic: { channel, instId, market } }: OkxChannel): Frame {
    const row = rulesOf(channel)?.row(this.#context, marketOf(this.#context.engine, market));
    return this.#textFrame(channel, instId, row === undefined ? [] : [row]);
  }

  #textFrame(channel: PublicChannel, instId: string, data: readonly WireObject[]): Frame {
    return { channel, market: instId, text: wireJson({ arg: { channel, instId }, data }) };
  }

  /** Changes of rules and states (docs v5, instruments channel). */
  #sendInstrument(name: string): void {
    const { engine } = this.#context;
    const channel = this.channels.get(keyOf("instruments", SWAP));
    if (channel === undefined) return;
    const data = [instrumentObject(this.#context, marketOf(engine, name))];
    this.#send(channel, { channel: "instruments", market: null, text: wireJson({ arg: channel.topic.arg, data }) });
  }

  /** One message a match, oldest first. */
  #sendTrades(name: string, trades: readonly TradeView[]): void {
    const market = marketOf(this.#context.engine, name);
    const instId = instIdOf(market);
    const channel = this.channels.get(keyOf("trades", instId));
    if (channel === undefined) return;
    for (const trade of trades) {
      const row = tradeObject(this.#context, market, trade);
      this.#send(channel, this.#textFrame("trades", instId, [row]));
    }
  }

  #send(channel: OkxChannel, frame: Frame): void {
    sendAll(channel.listeners, frame);
    this.#armRepeat(channel);
  }
}
