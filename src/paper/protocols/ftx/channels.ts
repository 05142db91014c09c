import type { Timer, Timers } from "../../../runtime/runtime.ts";
import type { EngineEvent, FillView, MarketView, TradeView } from "../../engine/types.ts";
import { AccountHub } from "../account-hub.ts";
import { type Channel, ChannelHub } from "../channel-hub.ts";
import type { Frame } from "../frame.ts";
import { marketChanges } from "../market-changes.ts";
import { type Subscriber, sendAll } from "../subscriber.ts";
import { BookPublisher, groupLevels } from "./book-publisher.ts";
import { CHECKSUM_DEPTH } from "./checksum.ts";
import type { ProtocolContext } from "./context.ts";
import { findMarket, wireName } from "./market-names.ts";
import { marketObject } from "./market-objects.ts";
import type { DeskOrder } from "./order-desk.ts";
import { fillObject, orderFrameObject } from "./order-objects.ts";
import { tradeObject } from "./public-routes.ts";
import type { Topic } from "./topics.ts";
import { epochSeconds, frameJson, type WireObject, type WireValue } from "./wire.ts";

/** Two captured pairs of FTX's book updates were 24.7 and 27 ms apart. */
const BOOK_BATCH_MS = 25;
/** A grouped book sums up this much of the whole one. */
const GROUPED_DEPTH = 1_000;
/** Grouped books of all clients together: each change of a market costs its grouped books once more. */
const MAX_GROUPED_BOOKS = 256;

interface ChannelState {
  readonly publisher: BookPublisher | undefined;
  lastTicker: string;
}

type FtxChannel = Channel<Topic, Subscriber, ChannelState>;

/** All channels, and the frames for their listeners. */
export class FtxHub {
  readonly channels: ChannelHub<Topic, Subscriber, ChannelState>;
  readonly listeners: AccountHub<Topic, Subscriber>;
  readonly #context: ProtocolContext;
  readonly #timers: Timers;
  readonly #changedMarkets = new Set<string>();
  #batch: Timer | undefined;

  constructor(context: ProtocolContext, timers: Timers) {
    this.#context = context;
    this.#timers = timers;
    this.listeners = new AccountHub(timers);
    this.channels = new ChannelHub(timers, {
      open: (topic) => ({ publisher: this.#publisherOf(topic), lastTicker: "" }),
      begin: (channel, listener) => this.#begin(channel, listener),
    });
  }

  /** Tells that a subscription wants a grouped book beyond the limit. */
  isFull({ key, grouping }: Topic): boolean {
    if (grouping === null || this.channels.get(key) !== undefined) return false;
    return [...this.channels.all()].filter(({ topic }) => topic.grouping !== null).length >= MAX_GROUPED_BOOKS;
  }

  onEvents(events: readonly EngineEvent[]): void {
    const { books, trades } = marketChanges(events);
    for (const market of books) this.#changedMarkets.add(market);
    for (const event of events) if (event.type === "fill") this.#sendFill(event.fill);
    for (const [market, list] of trades) {
      this.#changedMarkets.add(market);
      this.#sendTrades(market, list);
    }
    const isHeard = !this.channels.isEmpty || !this.listeners.isEmpty;
    if (this.#changedMarkets.size > 0 && this.#batch === undefined && isHeard) {
      this.#batch = this.#timers.after(BOOK_BATCH_MS, () => this.#flush(), { background: true });
    }
  }

  sendOrder(order: DeskOrder): void {
    const { engine, orders } = this.#context;
    const data = () => orderFrameObject(engine, orders, order);
    this.#sendPrivate("orders", order.request.accountId, data);
  }

  stop(): void {
    this.channels.stop();
    this.listeners.stop();
    this.#batch?.cancel();
    this.#batch = undefined;
  }

  #begin({ topic, state, listeners }: FtxChannel, listener: Subscriber): void {
    const { publisher } = state;
    if (publisher !== undefined) {
      const update = publisher.update();
      if (update !== undefined) sendAll(listeners, update);
      listener.send(publisher.partial());
    }
    if (topic.channel === "markets") listener.send(this.#marketsFrame());
  }

  #publisherOf({ channel, market, grouping }: Topic): BookPublisher | undefined {
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
    for (const { topic, state, listeners } of this.channels.all()) {
      const { channel, market } = topic;
      if (market === null || !changed.has(market)) continue;
      const frame = channel === "ticker" ? this.#tickerFrame(state, market) : state.publisher?.update();
      if (frame !== undefined) sendAll(listeners, frame);
    }
  }

  #tickerFrame(state: ChannelState, name: string): Frame | undefined {
    const market = findMarket(this.#context.engine, name);
    if (market === undefined) return undefined;
    const ticker = this.#ticker(market);
    const text = frameJson(ticker);
    if (text === state.lastTicker) return undefined;
    state.lastTicker = text;
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
    const channel = this.channels.get(`trades ${market}`);
    if (channel === undefined) return;
    const data = trades.map((trade) => tradeObject(this.#context, trade));
    const text = frameJson({ channel: "trades", market, type: "update", data });
    sendAll(channel.listeners, { channel: "trades", market, text });
  }

  #sendFill(fill: FillView): void {
    const { engine, orders, firstId } = this.#context;
    this.#sendPrivate("fills", fill.accountId, () => fillObject(engine, orders, firstId, fill));
  }

  /** Private frames have no `market` key beside the channel. */
  #sendPrivate(channel: "fills" | "orders", accountId: string, data: () => WireValue): void {
    const listeners = this.listeners.of(accountId).filter(({ topic }) => topic.channel === channel);
    if (listeners.length === 0) return;
    const text = frameJson({ channel, type: "update", data: data() });
    const frame = { channel, market: null, account: accountId, hasFill: channel === "fills", text };
    for (const { connection } of listeners) connection.send(frame);
  }

  #marketsFrame(): Frame {
    const markets = this.#context.engine.markets();
    const data = Object.fromEntries(markets.map((market) => [wireName(market), marketObject(this.#context, market)]));
    const text = frameJson({ channel: "markets", type: "partial", data: { data, action: "partial" } });
    return { channel: "markets", market: null, text };
  }
}
