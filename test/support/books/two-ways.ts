import { BookFrameBuffer } from "../../../src/market-data/book-frame-buffer.ts";
import { BookReplayer } from "../../../src/market-data/book-replayer.ts";
import type { OrderBook } from "../../../src/market-data/order-book.ts";
import { Decimal } from "../../../src/model/decimal.ts";
import type { Market } from "../../../src/model/market.ts";
import { createVenueMarkets, type VenueMarkets } from "../../../src/model/venue-markets.ts";
import { venueModule as binance } from "../../../src/venues/binance/derivative.ts";
import { venueModule as bybit } from "../../../src/venues/bybit/derivative.ts";
import { venueModule as ftx } from "../../../src/venues/ftx/derivative.ts";
import { venueModule as gateIo } from "../../../src/venues/gate-io/derivative.ts";
import { venueModule as hyperliquid } from "../../../src/venues/hyperliquid/derivative.ts";
import { venueModule as okx } from "../../../src/venues/okx/derivative.ts";
import { sessionOf } from "../../market-data/captures.ts";
import type { Dialect, WrittenFrame } from "./dialects.ts";
import { mutated } from "./mutate.ts";
import { SeededRandom } from "./random.ts";
import { WrittenBook } from "./written-book.ts";

const MODULES = [binance, bybit, ftx, gateIo, hyperliquid, okx];

export function moduleOf(connector: string) {
  const found = MODULES.find(({ manifest }) => manifest.name === connector);
  if (found === undefined) throw new Error(`no venue is called ${connector}`);
  return found;
}

/** Two books of one venue: one is given each message as a text, the other its bytes. */
export class TwoWays {
  readonly byText: BookReplayer;
  readonly byBytes: BookReplayer;

  constructor(connector: string, markets: VenueMarkets) {
    const { createVenue, manifest } = moduleOf(connector);
    const server = { restUrl: "http://127.0.0.1", webSocketUrl: "ws://127.0.0.1" };
    const { orderBookDataSource: venue } = createVenue({ domain: manifest.defaultDomain, ...server });
    const options = { venue, markets: () => markets, rule: manifest.continuity };
    this.byText = new BookReplayer(options);
    this.byBytes = new BookReplayer(options);
  }

  /** Gives both a message, and tells what differs after it. */
  apply(bytes: Uint8Array, isDeep: boolean): string | undefined {
    const text = decoder.decode(bytes);
    const kinds = [this.byText.applyText(text, 0), this.byBytes.applyBytes(bytes, 0)];
    if (kinds[0] !== kinds[1]) return `kind: ${kinds.join(" and ")}`;
    const [one, other] = [stateOf(this.byText, isDeep), stateOf(this.byBytes, isDeep)];
    return one === other ? undefined : `${one}\n${other}`;
  }

  /** Gives both a snapshot that came over REST. */
  applySnapshot(tradingPair: string, { id, timestampMs, bids, asks }: WrittenFrame): void {
    for (const replayer of [this.byText, this.byBytes]) {
      const frame = new BookFrameBuffer();
      frame.reset("snapshot");
      frame.tradingPair = tradingPair;
      frame.timestampMs = timestampMs;
      frame.updateId = id;
      for (const level of bids) frame.bids.push(...level);
      for (const level of asks) frame.asks.push(...level);
      replayer.applyFrame(frame, 0);
    }
  }

  get isValid(): boolean {
    return [...this.byText.orderBooks.values()].every((book) => book.isValid);
  }
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

function stateOf(replayer: BookReplayer, isDeep: boolean): string {
  const books = [...replayer.orderBooks].map(([pair, book]) => [pair, bookState(book, isDeep)]);
  const { messages, ...counters } = replayer.counters;
  return JSON.stringify([books, counters, messages]);
}

function bookState(book: OrderBook, isDeep: boolean): unknown {
  const { isValid, invalidReason, version, updateId, timestampMs, priceScale, sizeScale, isWide } = book;
  const state = [isValid, invalidReason, version, String(updateId), String(timestampMs), priceScale, sizeScale, isWide];
  if (!isValid) return state;
  const depth = isDeep ? Number.POSITIVE_INFINITY : 1;
  return [...state, book.bidCount, book.askCount, book.bids(depth), book.asks(depth)];
}

function marketsOf({ symbol, contractSize }: Dialect): VenueMarkets {
  const [market] = sessionOf([symbol]).byPair.values();
  if (market === undefined) throw new Error("no market");
  const rule: Market["rule"] = { ...market.rule, contractSize: new Decimal(contractSize) };
  return createVenueMarkets("written", "main", [{ ...market, rule }]);
}

export interface Comparison {
  readonly frames: number;
  /** Those that were read from their bytes. */
  readonly scanned: number;
  readonly applied: number;
  /** The message after which the books differed, and how. */
  readonly difference: string | undefined;
}

/** Writes so many messages of a random book, some of them spoilt, and compares the book of both ways after each. */
export function compareWays(dialect: Dialect, seed: number, frames: number, spoilt = 0.3): Comparison {
  const random = new SeededRandom(seed);
  const markets = marketsOf(dialect);
  const [tradingPair = ""] = markets.byPair.keys();
  const ways = new TwoWays(dialect.connector, markets);
  const book = new WrittenBook(dialect, random);
  const result = (count: number, difference?: string): Comparison => {
    const { counters, scanned } = ways.byBytes;
    return { frames: count, scanned, applied: counters.applied, difference };
  };
  const startOver = (): void => {
    const snapshot = book.snapshot();
    const text = dialect.write(snapshot);
    if (text === undefined) ways.applySnapshot(tradingPair, snapshot);
    else ways.apply(encoder.encode(text), false);
  };
  startOver();
  for (let count = 1; count <= frames; count += 1) {
    const text = dialect.write(book.next()) ?? "";
    const isSpoilt = random.chance(spoilt);
    const sent = isSpoilt ? mutated(text, random) : text;
    const difference = ways.apply(encoder.encode(sent), count % 16 === 0);
    if (difference !== undefined) return result(count, `${sent}\n${difference}`);
    // The next change follows from a book that has this one.
    if (isSpoilt || !ways.isValid) startOver();
  }
  return result(frames);
}

const encoder = new TextEncoder();
