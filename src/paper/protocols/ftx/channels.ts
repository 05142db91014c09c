import type { Timer, Timers } from "../../../runtime/runtime.ts";
import type { EngineEvent, MarketView, TradeView } from "../../engine/types.ts";
import type { Frame } from "../frame.ts";
import { BookPublisher, groupLevels } from "./book-publisher.ts";
import { CHECKSUM_DEPTH } from "./checksum.ts";
import type { ProtocolContext } from "./context.ts";
import { findMarket, wireName } from "./market-names.ts";
import { marketObject } from "./market-objects.ts";
import type { DeskOrder } from "./order-desk.ts";
import { fillObject, orderFrameObject } from "./order-objects.ts";
import { tradeObject } from "./public-routes.ts";
import type { FtxSubscriber, Subscription } from "./subscriber.ts";
import { epochSeconds, frameJson, type WireObject, type WireValue } from "./wire.ts";

/** Two captured pairs of FTX's book updates were 24.7 and 27 ms apart. */
const BOOK_BATCH_MS = 25;
/** A grouped book sums up this much of the whole one. */
const GROUPED_DEPTH = 1_000;
/** Grouped books of all clients together: each change of a market costs its grouped books once more. */
const MAX_GROUPED_BOOKS = 256;

interface Subject {
  readonly subscription: Subscription;
  readonly connections: Set<FtxSubscriber>;
  readonly publisher: BookPublisher | undefined;
  lastTicker: string;
}

/** Hub of the channels, their listeners, and the frames for them. */
export class ChannelHub {
  readonly #context: ProtocolContext;
  readonly #timers: Timers;
  readonly #connections = new Set<FtxSubscriber>();
  readonly #subjects = new Map<string, Subject>();
  readonly #changedMarkets = new Set<string>();
  #batch: Timer | undefined;

  constructor(context: ProtocolContext, timers: Timers) {
    this.#context = context;
    this.#timers = timers;
  }

  add(connection: FtxSubscriber): void {
    this.#connections.add(connection);
  }

  remove(connection: FtxSubscriber): void {
    this.#connections.delete(connection);
    for (const subscription of [...connection.subscriptions.values()]) this.unsubscribe(connection, subscription);
  }

  /** Tells that a subscription wants a grouped book beyond the limit. */
  isFull({ name, grouping }: Subscription): boolean {
    if (grouping === null || this.#subjects.has(name)) return false;
    const grouped = this.#subjects.values().filter(({ subscription }) => subscription.grouping !== null);
    return grouped.toArray().length >= MAX_GROUPED_BOOKS;
  }

  subscribe(connection: FtxSubscriber, subscription: Subscription): void {
    const subject = this.#subjects.get(subscription.name) ?? this.#open(subscription);
    const { publisher } = subject;
    if (publisher !== undefined) {
      const update = publisher.update();
      if (update !== undefined) sendAll(subject.connections, update);
      connection.send(publisher.partial());
    }
    if (subscription.channel === "markets") connection.send(this.#marketsFrame());
    subject.connections.add(connection);
    connection.subscriptions.set(subscription.name, subscription);
  }

  unsubscribe(connection: FtxSubscriber, { name }: Subscription): void {
    connection.subscriptions.delete(name);
    const subject = this.#subjects.get(name);
    subject?.connections.delete(connection);
    if (subject?.connections.size === 0) this.#subjects.delete(name);
  }

  onEvents(events: readonly EngineEvent[]): void {
    for (const event of events) {
      if (event.type === "bookLevel") this.#changedMarkets.add(event.market);
      else if (event.type === "fill") this.#sendFill(event.fill);
    }
    for (const [market, trades] of tradesByMarket(events)) {
      this.#changedMarkets.add(market);
      this.#sendTrades(market, trades);
    }
    if (this.#changedMarkets.size > 0 && this.#batch === undefined && this.#subjects.size > 0) {
      this.#batch = this.#timers.after(BOOK_BATCH_MS, () => this.#flush(), { background: true });
    }
  }

  sendOrder(order: DeskOrder): void {
    const data = () => orderFrameObject(this.#context.engine, order);
    this.#sendPrivate("orders", order.request.accountId, data);
  }

  /** Sends to every connection, for example the notice that the server restarts. */
  broadcast(message: WireObject): void {
    sendAll(this.#connections, { channel: null, market: null, text: frameJson(message) });
  }

  stop(): void {
    this.#batch?.cancel();
    this.#batch = undefined;
  }

  #open(subscription: Subscription): Subject {
    const publisher = this.#publisherOf(subscription);
    const subject: Subject = { subscription, connections: new Set(), publisher, lastTicker: "" };
    this.#subjects.set(subscription.name, subject);
    return subject;
  }

  #publisherOf({ channel, market, grouping }: Subscription): BookPublisher | undefined {
    if (market === null || (channel !== "orderbook" && channel !== "orderbookGrouped")) return undefined;
    const { engine } = this.#context;
    const name = findMarket(engine, market)?.spec.market ?? market;
    const view = () => {
      if (grouping !== null) return groupLevels(engine.book(name, GROUPED_DEPTH), grouping);
      const book = engine.book(name, CHECKSUM_DEPTH);
      this.#context.pastBooks.keep(market, this.#context.now(), () => book);
      return book;
    };
    return new BookPublisher({
      channel,
      market,
      head: grouping === null ? {} : { grouping },
      view,
      stale: () => (grouping === null ? this.#context.pastBooks.stale(market, this.#context.now()) : undefined),
      now: () => this.#context.now(),
    });
  }

  #flush(): void {
    this.#batch = undefined;
    const changed = new Set<string>();
    for (const name of this.#changedMarkets) {
      const market = this.#context.engine.market(name);
      if (market !== undefined) changed.add(wireName(market));
    }
    this.#changedMarkets.clear();
    for (const subject of this.#subjects.values()) {
      const { channel, market } = subject.subscription;
      if (market === null || !changed.has(market)) continue;
      const frame = channel === "ticker" ? this.#tickerFrame(subject, market) : subject.publisher?.update();
      if (frame !== undefined) sendAll(subject.connections, frame);
    }
  }

  #tickerFrame(subject: Subject, name: string): Frame | undefined {
    const market = findMarket(this.#context.engine, name);
    if (market === undefined) return undefined;
    const ticker = this.#ticker(market);
    const text = frameJson(ticker);
    if (text === subject.lastTicker) return undefined;
    subject.lastTicker = text;
    const data = { ...ticker, time: epochSeconds(this.#context.now()) };
    return {
      channel: "ticker",
      market: name,
      text: frameJson({ channel: "ticker", market: name, type: "update", data }),
    };
  }

  #ticker({ spec, last }: MarketView): WireObject {
    const { bids, asks } = this.#context.engine.book(spec.market, 1);
    const [bid = null, bidSize = null] = bids[0] ?? [];
    const [ask = null, askSize = null] = asks[0] ?? [];
    return { bid, ask, bidSize, askSize, last };
  }

  #sendTrades(engineMarket: string, trades: readonly TradeView[]): void {
    const view = this.#context.engine.market(engineMarket);
    const market = view === undefined ? engineMarket : wireName(view);
    const subject = this.#subjects.get(`trades ${market}`);
    if (subject === undefined) return;
    const data = trades.map((trade) => tradeObject(this.#context, trade));
    const text = frameJson({ channel: "trades", market, type: "update", data });
    sendAll(subject.connections, { channel: "trades", market, text });
  }

  #sendFill(fill: Extract<EngineEvent, { type: "fill" }>["fill"]): void {
    const { engine, orders, firstId } = this.#context;
    this.#sendPrivate("fills", fill.accountId, () => fillObject(engine, orders, firstId, fill));
  }

  /** Private frames have no `market` key beside the channel. */
  #sendPrivate(channel: "fills" | "orders", accountId: string, data: () => WireValue): void {
    const subject = this.#subjects.get(channel);
    if (subject === undefined) return;
    const listeners = [...subject.connections].filter((connection) => connection.accountId === accountId);
    if (listeners.length === 0) return;
    const text = frameJson({ channel, type: "update", data: data() });
    sendAll(listeners, { channel, market: null, account: accountId, hasFill: channel === "fills", text });
  }

  #marketsFrame(): Frame {
    const markets = this.#context.engine.markets();
    const data = Object.fromEntries(markets.map((market) => [wireName(market), marketObject(this.#context, market)]));
    const text = frameJson({ channel: "markets", type: "partial", data: { data, action: "partial" } });
    return { channel: "markets", market: null, text };
  }
}

function sendAll(connections: Iterable<FtxSubscriber>, frame: Frame): void {
  for (const connection of connections) connection.send(frame);
}

function tradesByMarket(events: readonly EngineEvent[]): ReadonlyMap<string, readonly TradeView[]> {
  const byMarket = new Map<string, TradeView[]>();
  for (const event of events) {
    if (event.type !== "trade") continue;
    const trades = byMarket.get(event.trade.market);
    if (trades === undefined) byMarket.set(event.trade.market, [event.trade]);
    else trades.push(event.trade);
  }
  return byMarket;
}
