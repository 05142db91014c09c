import type { BookCounters } from "./book-assembler.ts";
import type { Percentiles } from "./latency-histogram.ts";

export interface OrderBookTrackerMetrics extends Readonly<BookCounters> {
  readonly books: number;
  readonly validBooks: number;
  readonly heals: number;
  /** Channels that fell silent on a live connection. */
  readonly silences: number;
  /** Time from invalid to valid again. NaN when there was none. */
  readonly healMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /**
   * Time from the venue's time of a diff to its place in the book, as far as the clocks agree. NaN when there was none.
   */
  readonly latencyMs: Percentiles;
  /** Time from a message's arrival at the socket to its place in the book; one message of eight is timed. */
  readonly frameToBookMs: Percentiles;
  /** The same until the book's listeners have been called. */
  readonly frameToListenersMs: Percentiles;
}
