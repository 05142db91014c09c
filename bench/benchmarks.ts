import { BOOK_VENUES, type BookVenue } from "./book/venues.ts";
import { benchBook } from "./book.ts";
import { benchBox } from "./box.ts";
import { benchMany } from "./many.ts";
import { benchOrders } from "./orders.ts";
import { PRIVATE_VENUES, type PrivateVenue } from "./private/frames.ts";
import { benchPrivate } from "./private.ts";
import type { Result } from "./report.ts";
import { benchStart } from "./start.ts";
import { benchThrottler } from "./throttler.ts";

export interface BenchmarkOptions {
  readonly passes: number;
  /** Messages of a pass, where there are messages. */
  readonly messages: number;
}

interface Benchmark {
  /** Venues that it is of, the default one first; none where it is of no venue's or of one alone. */
  readonly venues: readonly string[];
  run(venue: string, options: BenchmarkOptions): Promise<readonly Result[]>;
}

/** Benchmarks beside peers. `growth` has none. */
export const BENCHMARKS = {
  book: {
    venues: BOOK_VENUES,
    run: (venue, options) => benchBook({ ...options, venue: venue as BookVenue }),
  },
  private: {
    venues: PRIVATE_VENUES,
    run: async (venue, { passes }) => [await benchPrivate({ passes, venue: venue as PrivateVenue })],
  },
  orders: { venues: [], run: (_venue, { passes }) => benchOrders({ passes }) },
  throttler: { venues: [], run: (_venue, { passes }) => benchThrottler({ passes }) },
  start: { venues: [], run: (_venue, { passes }) => benchStart({ passes }) },
  many: { venues: [], run: (_venue, { passes }) => benchMany({ passes: Math.min(passes, 5) }) },
  box: { venues: [], run: (_venue, { passes }) => benchBox({ passes }) },
} as const satisfies Readonly<Record<string, Benchmark>>;

export type BenchmarkName = keyof typeof BENCHMARKS;
export const BENCHMARK_NAMES = Object.keys(BENCHMARKS) as readonly BenchmarkName[];
