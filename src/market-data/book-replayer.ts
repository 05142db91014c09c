import type { FundingInfoUpdate } from "../model/funding.ts";
import type { PublicTrade, TradingPair } from "../model/market.ts";
import type { VenueMarkets } from "../model/venue-markets.ts";
import { type Logger, SILENT_LOGGER } from "../runtime/logger.ts";
import { addCounters, BookAssembler, type BookCounters, noBookCounters } from "./book-assembler.ts";
import type { BookFrameBuffer } from "./book-frame-buffer.ts";
import type { ContinuityRule } from "./continuity.ts";
import type { OrderBook } from "./order-book.ts";
import { type PublicMessageCounters, PublicMessageDispatcher } from "./public-message-dispatcher.ts";
import type { PublicFrameKind, VenueOrderBookDataSource } from "./venue-order-book-data-source.ts";

export interface BookReplayerOptions {
  readonly venue: VenueOrderBookDataSource;
  /** Returns the markets, for every message; those that it does not know are counted and left out. */
  markets(): VenueMarkets;
  readonly rule: ContinuityRule;
  readonly logger?: Logger | undefined;
  readonly maxLevels?: number | undefined;
  onTrade?(trade: PublicTrade): void;
  onFundingInfo?(update: FundingInfoUpdate): void;
  /** A message that is of no known kind, or that could not be read. */
  onRejected?(reason: string): void;
  /** A book stopped being equal to the venue's. It stays invalid until the recording brings a snapshot. */
  onBroken?(tradingPair: TradingPair, reason: string): void;
}

export interface BookReplayCounters extends Readonly<BookCounters> {
  readonly books: number;
  readonly validBooks: number;
  readonly messages: Readonly<PublicMessageCounters>;
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Runs recorded messages through the parser, the books and the continuity rule of the live path, without sockets. */
export class BookReplayer {
  readonly #options: BookReplayerOptions;
  readonly #dispatcher: PublicMessageDispatcher;
  readonly #books = new Map<TradingPair, BookAssembler>();
  #receivedAtMs = 0;

  constructor(options: BookReplayerOptions) {
    this.#options = options;
    this.#dispatcher = new PublicMessageDispatcher({
      venue: options.venue,
      markets: () => options.markets(),
      logger: options.logger ?? SILENT_LOGGER,
      handlers: {
        onBookFrame: (frame) => this.applyFrame(frame, this.#receivedAtMs),
        onTrade: (trade) => {
          this.#books.get(trade.tradingPair)?.book.applyTrade(trade);
          options.onTrade?.(trade);
        },
        onFundingInfo: (update) => options.onFundingInfo?.(update),
        onRejected: (reason) => options.onRejected?.(reason),
      },
    });
  }

  /** One message as it came over the socket, with the time it came at; tells what it was. */
  applyText(text: string, receivedAtMs: number): PublicFrameKind | "malformed" {
    this.#receivedAtMs = receivedAtMs;
    return this.#dispatcher.dispatch(text);
  }

  /** The same from the bytes of the message, which the live path reads without making a text of them where it can. */
  applyBytes(bytes: Uint8Array, receivedAtMs: number): PublicFrameKind | "malformed" {
    this.#receivedAtMs = receivedAtMs;
    return this.#dispatcher.dispatchBytes(bytes) ?? this.#dispatcher.dispatch(decoder.decode(bytes));
  }

  /** A message that is parsed already, for example a recorded REST snapshot. A book is made for every market seen. */
  applyFrame(frame: BookFrameBuffer, receivedAtMs: number): void {
    const { tradingPair } = frame;
    const step = this.#bookOf(tradingPair).handle(frame, receivedAtMs);
    if (step === "broken") {
      this.#options.onBroken?.(tradingPair, this.#bookOf(tradingPair).book.invalidReason ?? "unknown");
    }
  }

  /** Books by market, in the order in which they were first seen. */
  get orderBooks(): ReadonlyMap<TradingPair, OrderBook> {
    return new Map([...this.#books].map(([tradingPair, { book }]) => [tradingPair, book]));
  }

  /** Number of messages of books that were read from their bytes. */
  get scanned(): number {
    return this.#dispatcher.bookMessages.scanned;
  }

  countersOf(tradingPair: TradingPair): Readonly<BookCounters> | undefined {
    return this.#books.get(tradingPair)?.counters;
  }

  get counters(): BookReplayCounters {
    const total = noBookCounters();
    let validBooks = 0;
    for (const { counters, book } of this.#books.values()) {
      addCounters(total, counters);
      if (book.isValid) validBooks += 1;
    }
    return { ...total, books: this.#books.size, validBooks, messages: { ...this.#dispatcher.counters } };
  }

  #bookOf(tradingPair: TradingPair): BookAssembler {
    const known = this.#books.get(tradingPair);
    if (known !== undefined) return known;
    const { rule, maxLevels } = this.#options;
    const created = new BookAssembler({ tradingPair, rule, maxLevels });
    this.#books.set(tradingPair, created);
    return created;
  }
}
