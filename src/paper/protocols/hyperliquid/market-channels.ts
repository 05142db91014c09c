import type { Timer, Timers } from "../../../runtime/runtime.ts";
import type { EngineEvent, TradeView } from "../../engine/types.ts";
import type { Frame } from "../frame.ts";
import type { Subscriber } from "../subscriber.ts";
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

interface Subject {
  readonly subscription: MarketSubscription;
  readonly connections: Set<Subscriber>;
  timer: Timer | undefined;
  repeat: Timer | undefined;
  sentMs: number;
  /** Text that was sent last, where it is told again only when it changes. */
  text: string;
}

/**
 * Hub of the public channels, their listeners, and the frames for them. Each frame tells the whole state of its
 * subject.
 */
export class MarketHub {
  readonly #context: HyperliquidContext;
  readonly #timers: Timers;
  readonly #subjects = new Map<string, Subject>();

  constructor(context: HyperliquidContext, timers: Timers) {
    this.#context = context;
    this.#timers = timers;
  }

  /** All but trades begin with what is now. */
  subscribe(connection: Subscriber, subscription: MarketSubscription): void {
    const subject = this.#subjects.get(subscription.key) ?? this.#open(subscription);
    subject.connections.add(connection);
    const frame = this.#frame(subscription, true);
    if (frame !== undefined) connection.send(frame);
    if (subject.repeat === undefined) this.#armRepeat(subject);
  }

  unsubscribe(connection: Subscriber, { key }: MarketSubscription): void {
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
      else if (event.type === "fundingSettled") marks.add(event.rate.market);
      else if (event.type === "trade") {
        trades.set(event.trade.market, [...(trades.get(event.trade.market) ?? []), event.trade]);
      }
    }
    if (books.size + marks.size + trades.size === 0) return;
    for (const subject of this.#subjects.values()) {
      const { type, asset } = subject.subscription;
      const market = asset?.market ?? "";
      if (type === "trades") this.#sendTrades(subject, trades.get(market) ?? []);
      else if (type === "candle" ? trades.has(market) : this.#concerns(subject.subscription, books, marks)) {
        this.#changed(subject);
      }
    }
  }

  stop(): void {
    for (const subject of [...this.#subjects.values()]) this.#drop(subject);
  }

  #concerns({ type, asset }: MarketSubscription, books: ReadonlySet<string>, marks: ReadonlySet<string>): boolean {
    if (type === "allMids") return books.size > 0;
    const market = asset?.market ?? "";
    return books.has(market) || (type === "activeAssetCtx" && marks.has(market));
  }

  #open(subscription: MarketSubscription): Subject {
    const subject = {
      ...{ subscription, connections: new Set<Subscriber>(), timer: undefined, repeat: undefined },
      ...{ sentMs: Number.NEGATIVE_INFINITY, text: "" },
    };
    this.#subjects.set(subscription.key, subject);
    return subject;
  }

  #drop(subject: Subject): void {
    subject.timer?.cancel();
    subject.repeat?.cancel();
    this.#subjects.delete(subject.subscription.key);
  }

  #changed(subject: Subject): void {
    if (subject.timer !== undefined) return;
    const nowMs = this.#context.now();
    const cadenceMs = cadenceOf(subject.subscription);
    const dueMs = Math.max(nowMs + Math.min(BLOCK_MS, cadenceMs), subject.sentMs + cadenceMs);
    const run = () => {
      subject.timer = undefined;
      this.#send(subject);
    };
    subject.timer = this.#timers.after(dueMs - nowMs, run, { background: true });
  }

  #send(subject: Subject): void {
    const { subscription, connections } = subject;
    subject.sentMs = this.#context.now();
    const frame = this.#frame(subscription, false);
    const isSame = subscription.type === "bbo" && frame?.text.replace(/"time":\d+/, "") === subject.text;
    if (frame !== undefined && !isSame) for (const connection of connections) connection.send(frame);
    if (subscription.type === "bbo") subject.text = frame?.text.replace(/"time":\d+/, "") ?? "";
    this.#armRepeat(subject);
  }

  /** The best prices are told when they change and else not, as trades are. */
  #armRepeat(subject: Subject): void {
    const { type, interval } = subject.subscription;
    subject.repeat?.cancel();
    if (type === "bbo" || type === "trades") return;
    const nowMs = this.#context.now();
    const bar = type === "candle" ? intervalOf(interval) : undefined;
    const delayMs = bar === undefined ? REPEAT_MS : Math.min(bar.endOf(bar.startOf(nowMs)) - nowMs + 1, DAY_MS);
    subject.repeat = this.#timers.after(delayMs, () => this.#send(subject), { background: true });
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
  #sendTrades({ subscription, connections }: Subject, trades: readonly TradeView[]): void {
    if (trades.length === 0) return;
    const data = trades.map((trade) => tradeObject(this.#context, trade));
    const frame = { channel: "trades", market: subscription.asset?.coin ?? null };
    const text = wireJson({ channel: "trades", data });
    for (const connection of connections) connection.send({ ...frame, text });
  }
}

function cadenceOf({ type, isFast }: MarketSubscription): number {
  if (type === "l2Book") return isFast ? BLOCK_MS : BOOK_CADENCE_MS;
  return type === "bbo" ? BLOCK_MS : SLOW_CADENCE_MS;
}
