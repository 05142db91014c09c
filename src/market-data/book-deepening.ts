import type { Runtime } from "../runtime/runtime.ts";
import type { BookHealer } from "./book-healer.ts";
import type { OrderBookDataSource } from "./order-book-data-source.ts";

/** Pause between two deep snapshots: at Binance's weight of 20 they take a sixth of what an address has. */
const PAUSE_MS = 3_000;
/** Snapshots in the last minute up to which the next one is a deep one. */
const MAX_LATELY = 25;
/** A book that stays shallow, since it has just so many levels, is asked for ever more rarely. */
const MAX_WAIT_MS = 300_000;

interface Wait {
  readonly ms: number;
  readonly untilMs: number;
}

/**
 * Renews, one after the other, books that began with few levels: because many snapshots were wanted at once, or since
 * the venue answered with fewer than were asked for. Runs until aborted.
 */
export async function deepenBooks(
  books: () => Iterable<BookHealer>,
  dataSource: Pick<OrderBookDataSource, "snapshotsAskedLately" | "hasRoomForFullSnapshot">,
  { clock, timers }: Pick<Runtime, "clock" | "timers">,
  signal: AbortSignal,
): Promise<never> {
  let waits = new Map<BookHealer, Wait>();
  for (;;) {
    await timers.sleep(PAUSE_MS, signal);
    // The next one would have few levels again.
    if (dataSource.snapshotsAskedLately > MAX_LATELY || !dataSource.hasRoomForFullSnapshot()) continue;
    const nowMs = clock.monotonic();
    const shallow = [...books()].filter(({ assembler: { book } }) => book.isValid && book.isShallow);
    waits = new Map(shallow.map((book) => [book, waits.get(book) ?? { ms: 0, untilMs: 0 }]));
    // One whose snapshot could not be joined gets its next turn after the others.
    const [next, wait] = [...waits].toSorted(([, a], [, b]) => a.untilMs - b.untilMs)[0] ?? [];
    if (next === undefined || wait === undefined || wait.untilMs > nowMs) continue;
    const ms = Math.min(MAX_WAIT_MS, Math.max(PAUSE_MS, wait.ms * 2));
    waits.set(next, { ms, untilMs: nowMs + ms });
    next.renew();
  }
}
