import type { Timers } from "../../../runtime/runtime.ts";
import type { EngineEvent, TradeView } from "../../engine/types.ts";
import { type Channel, ChannelHub } from "../channel-hub.ts";
import type { Frame } from "../frame.ts";
import { marketChanges } from "../market-changes.ts";
import { type Subscriber, sendAll } from "../subscriber.ts";
import type { HyperliquidContext } from "./context.ts";
import { allMids, candleAt, contextObject, intervalOf, tradeObject } from "./market-objects.ts";
import type { MarketSubscription } from "./subscriptions.ts";
import { type WireValue, wireJson } from "./wire.ts";

/** A book goes out half a second after the one before at the earliest (docs, subscriptions); a fast one with each block. */
const BOOK_CADENCE_MS = 500;
const BLOCK_MS = 100;
const SLOW_CADENCE_MS = 1_000;
/** Interval after which unchanged data is told again, so that a client can tell that the channel lives. */
const REPEAT_MS = 5_000;
const DAY_MS = 86_400_000;

interface ChannelState {
  sentMs: number;
  /** Text that was sent last, where it is told again only when it changes. */
  text: string;
}

type MarketChannel = Channel<MarketSubscription, Subscriber, ChannelState>;

/** Public channels, and the frames for their listeners. Each frame tells the whole state of its subject. */
export class MarketHub {
  readonly channels: ChannelHub<MarketSubscription, Subscriber, ChannelState>;
  readonly #context: HyperliquidContext;

  constructor(context: HyperliquidContext, timers: Timers) {
    this.#context = context;
    this.channels = new ChannelHub(timers, {
      open: () => ({ sentMs: Number.NEGATIVE_INFINITY, text: "" }),
      begin: (channel, listener) => this.#begin(channel, listener),
    });
  }

  onEvents(events: readonly EngineEvent[]): void {
    if (this.channels.isEmpty) return;
    const { books, marks, settled, trades } = marketChanges(events);
    const repriced = new Set([...marks, ...settled]);
    for (const channel of this.channels.all()) {
      const { type, asset } = channel.topic;
      const market = asset?.market ?? "";
      if (type === "trades") this.#sendTrades(channel, trades.get(market) ?? []);
      else if (type === "candle" ? trades.has(market) : this.#concerns(channel.topic, books, repriced)) {
        this.#changed(channel);
      }
    }
  }

  /** All but trades begin with what is now. */
  #begin(channel: MarketChannel, listener: Subscriber): void {
    const frame = this.#frame(channel.topic, true);
    if (frame !== undefined) listener.send(frame);
    if (!channel.timers.isAgain) this.#armRepeat(channel);
  }

  #concerns({ type, asset }: MarketSubscription, books: ReadonlySet<string>, marks: ReadonlySet<string>): boolean {
    if (type === "allMids") return books.size > 0;
    const market = asset?.market ?? "";
    return books.has(market) || (type === "activeAssetCtx" && marks.has(market));
  }

  #changed(channel: MarketChannel): void {
    const nowMs = this.#context.now();
    const cadenceMs = cadenceOf(channel.topic);
    const dueMs = Math.max(nowMs + Math.min(BLOCK_MS, cadenceMs), channel.state.sentMs + cadenceMs);
    channel.timers.soon(dueMs - nowMs, () => this.#send(channel));
  }

  #send(channel: MarketChannel): void {
    const { topic, state, listeners } = channel;
    state.sentMs = this.#context.now();
    const frame = this.#frame(topic, false);
    const isSame = topic.type === "bbo" && frame?.text.replace(/"time":\d+/, "") === state.text;
    if (frame !== undefined && !isSame) sendAll(listeners, frame);
    if (topic.type === "bbo") state.text = frame?.text.replace(/"time":\d+/, "") ?? "";
    this.#armRepeat(channel);
  }

  /** The best prices are told when they change and else not, as trades are. */
  #armRepeat(channel: MarketChannel): void {
    channel.timers.again(this.#repeatMs(channel.topic), () => this.#send(channel));
  }

  #repeatMs({ type, interval }: MarketSubscription): number | undefined {
    if (type === "bbo" || type === "trades") return undefined;
    const nowMs = this.#context.now();
    const bar = type === "candle" ? intervalOf(interval) : undefined;
    return bar === undefined ? REPEAT_MS : Math.min(bar.endOf(bar.startOf(nowMs)) - nowMs + 1, DAY_MS);
  }

  #frame(subscription: MarketSubscription, isFirst: boolean): Frame | undefined {
    const { type, asset } = subscription;
    const data = this.#data(subscription, isFirst);
    if (data === undefined) return undefined;
    return { channel: type, market: asset?.coin ?? null, text: wireJson({ channel: type, data }) };
  }

  #data(subscription: MarketSubscription, isFirst: boolean): WireValue | undefined {
    const { type, asset, interval } = subscription;
    const context = this.#context;
    if (type === "allMids") return { mids: allMids(context) };
    if (asset === undefined || type === "trades") return undefined;
    if (type === "l2Book") return context.books.object(asset, subscription, isFirst);
    if (type === "bbo") return context.books.best(asset);
    if (type === "candle") return candleAt(context, asset, interval, context.now());
    return { coin: asset.coin, ctx: contextObject(context, asset) };
  }

  /** Sends the trades of one block in one frame, oldest first. */
  #sendTrades({ topic, listeners }: MarketChannel, trades: readonly TradeView[]): void {
    if (trades.length === 0) return;
    const data = trades.map((trade) => tradeObject(this.#context, trade));
    const text = wireJson({ channel: "trades", data });
    sendAll(listeners, { channel: "trades", market: topic.asset?.coin ?? null, text });
  }
}

function cadenceOf({ type, isFast }: MarketSubscription): number {
  if (type === "l2Book") return isFast ? BLOCK_MS : BOOK_CADENCE_MS;
  return type === "bbo" ? BLOCK_MS : SLOW_CADENCE_MS;
}
