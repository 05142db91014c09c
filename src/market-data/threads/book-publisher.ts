import type { TradingPair } from "../../model/market.ts";
import type { Clock, Timers } from "../../runtime/runtime.ts";
import { type BookCounters, noBookCounters } from "../book-assembler.ts";
import type { BookChange } from "../book-change.ts";
import { SIDES } from "../book-copy.ts";
import type { BookSide } from "../book-side.ts";
import type { KnownSide } from "../book-sides.ts";
import type { BoardChannel, ChannelState } from "../channel-board.ts";
import type { OrderBook } from "../order-book.ts";
import type { WideLevels } from "./copied-sides.ts";
import { type Bell, FIELD, REASON_LENGTH, SharedBook, type SharedLevels } from "./shared-book.ts";
import type { FromThread } from "./thread-messages.ts";

/** States of a channel, by the number that the shared book has for them. */
export const CHANNEL_STATES: readonly ChannelState[] = ["requested", "confirmed", "live", "refused", "silent"];

/**
 * Time between two looks that the reader is woken for, to the precision of timers. Waking a thread costs it about as much as
 * a message: at thousands of messages a second one look takes several. With 2 ms messages wait 1.3 ms in the mean and not
 * 0.3, and the reader works a tenth less.
 */
const INTERVAL_MS = 1;

export interface BookPublisherOptions {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly bell: Bell;
  post(message: FromThread): void;
  soon(work: () => void): void;
  /** Called before the reader is told. */
  onPublish(): void;
}

interface Published {
  readonly tradingPair: TradingPair;
  readonly slot: number;
  readonly book: OrderBook;
  readonly counters: Readonly<BookCounters>;
  readonly channel: () => BoardChannel | undefined;
  readonly stop: () => void;
  shared: SharedBook;
  isTouched: boolean;
  receivedMonotonicMs: number;
  isWhole: boolean;
  bidLow: number;
  bidHigh: number;
  askLow: number;
  askHigh: number;
}

/** Writes the books of this thread where another one reads them, those that changed within a moment together. */
export class BookPublisher {
  readonly #options: BookPublisherOptions;
  readonly #books = new Map<TradingPair, Published>();
  #touched: Published[] = [];
  #isDue = false;
  #publishedMs = Number.NEGATIVE_INFINITY;
  #cursors = new Int32Array(256);

  constructor(options: BookPublisherOptions) {
    this.#options = options;
  }

  add(
    book: OrderBook,
    counters: Readonly<BookCounters>,
    place: { readonly slot: number; readonly buffer: SharedArrayBuffer },
    channel: () => BoardChannel | undefined,
  ): void {
    const { tradingPair } = book;
    const stop = book.onUpdate((_, change) => this.#changed(published, change));
    const published: Published = {
      ...{ tradingPair, slot: place.slot, book, counters, channel, stop, shared: new SharedBook(place.buffer) },
      ...{ isTouched: false, receivedMonotonicMs: Number.NaN, isWhole: true },
      ...{ bidLow: Number.POSITIVE_INFINITY, bidHigh: 0, askLow: Number.POSITIVE_INFINITY, askHigh: 0 },
    };
    this.#books.set(tradingPair, published);
    this.#touch(published);
  }

  remove(tradingPair: TradingPair): void {
    this.#books.get(tradingPair)?.stop();
    this.#books.delete(tradingPair);
  }

  /** Something of the book has changed, or may have. */
  touch(tradingPair: TradingPair, receivedMonotonicMs = Number.NaN): void {
    const published = this.#books.get(tradingPair);
    if (published === undefined) return;
    published.receivedMonotonicMs = receivedMonotonicMs;
    this.#touch(published);
  }

  /** Touches books whose state is another than what was published of it: no message tells of all of them. */
  sweep(): void {
    for (const published of this.#books.values()) {
      const { numbers } = published.shared;
      const state = CHANNEL_STATES.indexOf(published.channel()?.state ?? "requested");
      const isSame =
        numbers[FIELD.channelState] === state &&
        numbers[FIELD.isValid] === Number(published.book.isValid) &&
        (published.book.isValid || published.shared.reason === published.book.invalidReason?.slice(0, REASON_LENGTH));
      if (!isSame) this.#touch(published);
    }
  }

  /** Writes a book at once, so that what is told next finds it as it is. */
  publishNow(tradingPair: TradingPair): void {
    const published = this.#books.get(tradingPair);
    if (published !== undefined) this.#publish(published);
  }

  #touch(published: Published): void {
    if (published.isTouched) return;
    published.isTouched = true;
    this.#touched.push(published);
    if (this.#isDue) return;
    this.#isDue = true;
    const { clock, timers, soon } = this.#options;
    if (clock.monotonic() - this.#publishedMs >= INTERVAL_MS) soon(() => this.#publishAll());
    else timers.after(INTERVAL_MS, () => this.#publishAll());
  }

  #publishAll(): void {
    const { clock, bell, post, onPublish } = this.#options;
    this.#isDue = false;
    this.#publishedMs = clock.monotonic();
    const touched = this.#touched;
    this.#touched = [];
    for (const published of touched) {
      published.isTouched = false;
      if (this.#books.get(published.tradingPair) === published) this.#publish(published);
    }
    onPublish();
    if (bell.ring()) post({ kind: "ring" });
  }

  #changed(published: Published, change: BookChange): void {
    const [bids, asks] = [change.extremes("bids"), change.extremes("asks")];
    if (change.isWhole || published.book.isWide) published.isWhole = true;
    if (bids !== undefined) {
      published.bidLow = Math.min(published.bidLow, bids[0]);
      published.bidHigh = Math.max(published.bidHigh, bids[1]);
    }
    if (asks !== undefined) {
      published.askLow = Math.min(published.askLow, asks[0]);
      published.askHigh = Math.max(published.askHigh, asks[1]);
    }
  }

  #publish(published: Published): void {
    const { book, tradingPair, slot } = published;
    const sides = book[SIDES];
    const isWide = sides.isWide && book.isValid;
    const [bidCount, askCount] = book.isValid ? [sides.bids.count, sides.asks.count] : [0, 0];
    if (!isWide && Math.max(bidCount, askCount) > published.shared.capacity) {
      published.shared = SharedBook.for(Math.max(bidCount, askCount));
      // Changes that the reader has not taken are in the memory that is left.
      published.isWhole = true;
      this.#options.post({ kind: "moved", tradingPair, buffer: published.shared.buffer });
    }
    const { shared } = published;
    const { isTaken } = shared;
    shared.begin();
    this.#writeNumbers(published, isTaken);
    if (!book.isValid) shared.reason = book.invalidReason ?? "";
    if (!isWide && book.isValid) {
      this.#writeLevels(sides.narrowBids as BookSide, shared.bids, bidCount);
      this.#writeLevels(sides.narrowAsks as BookSide, shared.asks, askCount);
    }
    shared.end();
    if (isWide) {
      const { version, numbers } = shared;
      const copy = { version, numbers: numbers.slice(), bids: wideLevels(sides.bids), asks: wideLevels(sides.asks) };
      this.#options.post({ kind: "wide", tradingPair, copy });
    }
    this.#options.bell.mark(slot);
  }

  #writeNumbers(published: Published, isTaken: boolean): void {
    const { book, shared, counters } = published;
    const { numbers } = shared;
    const sides = book[SIDES];
    const isNarrow = book.isValid && !sides.isWide;
    const isSameScale = numbers[FIELD.priceScale] === sides.priceScale;
    numbers[FIELD.messages] = book.version;
    numbers[FIELD.updateId] = book.updateId;
    numbers[FIELD.timestampMs] = book.timestampMs;
    numbers[FIELD.receivedAtMs] = book.receivedAtMs;
    numbers[FIELD.receivedMonotonicMs] = published.receivedMonotonicMs;
    numbers[FIELD.priceScale] = sides.priceScale;
    numbers[FIELD.sizeScale] = sides.sizeScale;
    numbers[FIELD.isShallow] = Number(sides.isShallow);
    numbers[FIELD.isWide] = Number(book.isValid && sides.isWide);
    numbers[FIELD.isValid] = Number(book.isValid);
    numbers[FIELD.bidCount] = isNarrow ? sides.bids.count : 0;
    numbers[FIELD.askCount] = isNarrow ? sides.asks.count : 0;
    numbers[FIELD.bidKnown] = isNarrow ? sides.bids.knownCount : Number.NaN;
    numbers[FIELD.askKnown] = isNarrow ? sides.asks.knownCount : Number.NaN;
    numbers[FIELD.bidHorizon] = isNarrow ? Number(sides.bids.horizon ?? 0) : 0;
    numbers[FIELD.askHorizon] = isNarrow ? Number(sides.asks.horizon ?? 0) : 0;
    // The reader has not heard of all that changed before: it hears of both together.
    const isMore = !isTaken;
    const kept = (field: number, none: number): number => (isMore && isSameScale ? (numbers[field] as number) : none);
    const isWhole = published.isWhole || !isSameScale || (isMore && numbers[FIELD.isWhole] === 1);
    numbers[FIELD.isWhole] = Number(isWhole);
    numbers[FIELD.bidLow] = Math.min(published.bidLow, kept(FIELD.bidLow, Number.POSITIVE_INFINITY));
    numbers[FIELD.bidHigh] = Math.max(published.bidHigh, kept(FIELD.bidHigh, 0));
    numbers[FIELD.askLow] = Math.min(published.askLow, kept(FIELD.askLow, Number.POSITIVE_INFINITY));
    numbers[FIELD.askHigh] = Math.max(published.askHigh, kept(FIELD.askHigh, 0));
    published.isWhole = false;
    published.bidLow = Number.POSITIVE_INFINITY;
    published.bidHigh = 0;
    published.askLow = Number.POSITIVE_INFINITY;
    published.askHigh = 0;
    const channel = published.channel();
    numbers[FIELD.channelState] = CHANNEL_STATES.indexOf(channel?.state ?? "requested");
    numbers[FIELD.channelSinceMs] = channel?.sinceMonotonicMs ?? Number.NaN;
    numbers[FIELD.channelSeenMs] = channel?.seenMonotonicMs ?? Number.NaN;
    writeCounters(counters, numbers);
  }

  #writeLevels(side: BookSide, { prices, sizes }: SharedLevels, count: number): void {
    if (this.#cursors.length < count) this.#cursors = new Int32Array(prices.length);
    const cursors = this.#cursors;
    side.cursors(cursors);
    for (let rank = 0; rank < count; rank += 1) {
      const cursor = cursors[rank] as number;
      prices[rank] = side.priceOf(cursor);
      sizes[rank] = side.sizeOf(cursor);
    }
  }
}

/** Names of a book's counters, in the order of their numbers. */
export const COUNTER_NAMES = Object.keys(noBookCounters()) as (keyof BookCounters)[];

function writeCounters(counters: Readonly<BookCounters>, numbers: Float64Array): void {
  for (let at = 0; at < COUNTER_NAMES.length; at += 1) {
    numbers[FIELD.counters + at] = counters[COUNTER_NAMES[at] as keyof BookCounters];
  }
}

function wideLevels(side: KnownSide): WideLevels {
  const ranks = Array.from({ length: side.count }, (_, rank) => rank);
  const prices = ranks.map((rank) => side.priceAt(rank));
  return { prices, sizes: ranks.map((rank) => side.sizeAt(rank)), knownCount: side.knownCount, horizon: side.horizon };
}
