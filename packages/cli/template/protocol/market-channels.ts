import { formatAmount } from "../../../../src/paper/engine/amount.ts";
import type { EngineEvent, MarketView, TradeView } from "../../../../src/paper/engine/types.ts";
import type { BookSides } from "../../../../src/paper/protocols/book-levels.ts";
import { ChannelHub } from "../../../../src/paper/protocols/channel-hub.ts";
import type { Frame } from "../../../../src/paper/protocols/frame.ts";
import { marketChanges } from "../../../../src/paper/protocols/market-changes.ts";
import type { ProtocolPorts } from "../../../../src/paper/protocols/paper-protocol.ts";
import { PastViews } from "../../../../src/paper/protocols/past-views.ts";
import { type Subscriber, sendAll } from "../../../../src/paper/protocols/subscriber.ts";
import { ToldBook, type ToldView } from "../../../../src/paper/protocols/told-book.ts";
import type { Timers } from "../../../../src/runtime/runtime.ts";

const DEPTH = 100;
const CHANNELS: readonly unknown[] = ["orderbook", "trades", "funding"];

export interface Topic {
  readonly key: string;
  readonly channel: string;
  readonly symbol: string;
}

export const symbolOf = ({ spec }: Pick<MarketView, "spec">): string => `${spec.base}USDT`;

/** The public channels: books, trades and funding of every market, and the same books over REST. */
export class MarketChannels {
  readonly #ports: Pick<ProtocolPorts, "engine" | "now">;
  readonly #past: PastViews<ToldView<number>>;
  readonly #books = new Map<string, ToldBook<number>>();
  readonly #hub: ChannelHub<Topic, Subscriber, undefined>;

  constructor(ports: ProtocolPorts, timers: Timers) {
    this.#ports = ports;
    this.#past = new PastViews(ports.faults);
    this.#hub = new ChannelHub<Topic, Subscriber, undefined>(timers, {
      open: () => undefined,
      begin: ({ topic }, listener) => this.#begin(topic, listener),
    });
  }

  /** Undefined for a channel or a market that there is not. */
  topicOf(channel: unknown, symbol: unknown): Topic | undefined {
    if (typeof channel !== "string" || typeof symbol !== "string") return undefined;
    if (!CHANNELS.includes(channel) || this.market(symbol) === undefined) return undefined;
    return { key: `${channel} ${symbol}`, channel, symbol };
  }

  market(symbol: string | null): MarketView | undefined {
    return this.#ports.engine.markets().find((market) => symbolOf(market) === symbol);
  }

  subscribe(listener: Subscriber, topic: Topic): void {
    this.#hub.subscribe(listener, topic);
  }

  unsubscribe(listener: Subscriber, { key }: Topic): void {
    this.#hub.unsubscribe(listener, key);
  }

  onEvents(events: readonly EngineEvent[]): void {
    const { books, marks, settled, trades } = marketChanges(events);
    for (const market of this.#ports.engine.markets()) {
      const { market: name } = market.spec;
      if (books.has(name)) this.#bookChanged(market);
      const traded = trades.get(name);
      if (traded !== undefined) this.#send("trades", market, traded.map(tradeObject));
      if (marks.has(name) || settled.has(name)) this.#send("funding", market, this.fundingObject(market));
    }
  }

  stop(): void {
    this.#hub.stop();
  }

  /** The book as it was told last, or an old one where a fault wants it so. */
  orderBook(market: MarketView): object {
    const shown = this.#book(market).shown();
    return { ...bookObject({ ...shown, whole: shown.sides }), timestamp: Math.floor(this.#ports.now()) };
  }

  fundingObject(market: MarketView): object {
    return {
      symbol: symbolOf(market),
      indexPrice: formatAmount(market.index),
      markPrice: formatAmount(market.mark),
      fundingRate: formatAmount(market.predictedRate),
      nextFundingTime: market.nextFundingMs,
      timestamp: Math.floor(this.#ports.now()),
    };
  }

  #book(market: MarketView): ToldBook<number> {
    const { market: name } = market.spec;
    const known = this.#books.get(name);
    if (known !== undefined) return known;
    const { engine, now } = this.#ports;
    const view = () => engine.book(name, DEPTH);
    const book = new ToldBook<number>({ name, past: this.#past, now, view, stampAfter: (last = 0) => last + 1 });
    this.#books.set(name, book);
    return book;
  }

  #begin({ channel, symbol }: Topic, listener: Subscriber): void {
    const market = this.market(symbol);
    if (market === undefined) return;
    if (channel === "funding") listener.send(this.#frame(channel, market, this.fundingObject(market)));
    // <book-begin>
    if (channel === "orderbook") this.#beginBook(market, listener);
    // </book-begin>
  }

  // <book-snapshot>
  #beginBook(market: MarketView, listener: Subscriber): void {
    const shown = this.#book(market).shown();
    listener.send(this.#bookFrame(market, "snapshot", { ...shown, whole: shown.sides }));
  }
  // </book-snapshot>

  #bookChanged(market: MarketView): void {
    const book = this.#books.get(market.spec.market);
    const sides = book?.update();
    if (book === undefined || sides === undefined) return;
    const listeners = this.#hub.get(`orderbook ${symbolOf(market)}`)?.listeners ?? [];
    const { told } = book;
    // <book-change>
    sendAll(listeners, this.#bookFrame(market, "update", { ...told, sides, whole: told.sides }));
    // </book-change>
  }

  #bookFrame(market: MarketView, type: "snapshot" | "update", view: BookView): Frame {
    const book = type === "snapshot" ? "snapshot" : "change";
    return { ...this.#frame("orderbook", market, bookObject(view), type), book };
  }

  #send(channel: string, market: MarketView, data: unknown): void {
    const listeners = this.#hub.get(`${channel} ${symbolOf(market)}`)?.listeners;
    if (listeners !== undefined) sendAll(listeners, this.#frame(channel, market, data));
  }

  #frame(channel: string, market: MarketView, data: unknown, type?: string): Frame {
    const symbol = symbolOf(market);
    const timestamp = Math.floor(this.#ports.now());
    return { channel, market: symbol, text: JSON.stringify({ channel, type, symbol, timestamp, data }) };
  }
}

/** Levels of one message, and all that there are after it. */
export interface BookView extends ToldView<number> {
  readonly whole: BookSides;
}

// <book-object>
/** Levels with the number of their view, and that of the one before. */
function bookObject({ sides, stamp }: BookView): object {
  return { ...levelsOf(sides), sequence: stamp, previousSequence: stamp - 1 };
}
// </book-object>

export function levelsOf({ bids, asks }: BookSides) {
  const rows = (side: BookSides["bids"]) => side.map(([price, size]) => [formatAmount(price), formatAmount(size)]);
  return { bids: rows(bids), asks: rows(asks) };
}

function tradeObject({ tradeId, takerSide, price, size, timeMs }: TradeView): object {
  return {
    id: String(tradeId),
    // <trade-size>
    side: takerSide,
    size: formatAmount(size),
    // </trade-size>
    price: formatAmount(price),
    timestamp: Math.floor(timeMs),
  };
}
