import type { TradingPair } from "../../model/market.ts";
import type { Clock } from "../../runtime/runtime.ts";
import type { BookAssembler } from "../book-assembler.ts";
import { COPIED } from "../book-copy.ts";
import type { FrameTimes } from "../frame-times.ts";
import type { LatencyHistogram } from "../latency-histogram.ts";
import type { BookThreadsListener } from "./book-threads.ts";

/** The tracker's part in books that other threads follow: whom it tells, and what it measures. */
export interface CopiedBooks {
  readonly options: {
    readonly runtime: { readonly clock: Clock };
    onBookInvalid?(tradingPair: TradingPair, reason: string): void;
    onBookHealed?(tradingPair: TradingPair, healMs: number): void;
    onBookEmpty?(tradingPair: TradingPair): void;
    readonly onVenueTime?: ((venueMs: number) => void) | undefined;
  };
  readonly frameTimes: FrameTimes;
  readonly latency: LatencyHistogram;
  readonly healTimes: LatencyHistogram;
  readonly books: ReadonlyMap<TradingPair, { readonly assembler: BookAssembler }>;
  /** True where the venue does not list the market. */
  isUnlisted(tradingPair: TradingPair): boolean;
}

export function listenerOfThreads(books: CopiedBooks): BookThreadsListener {
  const { options, frameTimes, latency, healTimes } = books;
  const assembler = (tradingPair: TradingPair): BookAssembler | undefined =>
    books.isUnlisted(tradingPair) ? undefined : books.books.get(tradingPair)?.assembler;
  return {
    onCopied(book, copy, receivedMonotonicMs) {
      if (assembler(book.tradingPair) === undefined) return;
      const isNews = copy.messages > 0 && copy.invalidReason === undefined;
      if (isNews) {
        options.onVenueTime?.(copy.timestampMs);
        frameTimes.begin(receivedMonotonicMs);
      }
      book[COPIED](copy);
      if (!isNews) return;
      frameTimes.end(true);
      if (!copy.isWhole) latency.record(options.runtime.clock.now() - copy.timestampMs);
    },
    onInvalid(tradingPair, reason) {
      assembler(tradingPair)?.invalidate(reason);
      options.onBookInvalid?.(tradingPair, reason);
    },
    onHealed(tradingPair, healMs) {
      healTimes.record(healMs);
      options.onBookHealed?.(tradingPair, healMs);
    },
    onEmpty: (tradingPair) => options.onBookEmpty?.(tradingPair),
  };
}
