import type { Timers } from "../runtime/runtime.ts";
import type { TrackedBook } from "./tracked-book.ts";

/** Pause between two deep snapshots: at Binance's weight of 20 they take a sixth of what an address has. */
const PAUSE_MS = 3_000;
/** With more snapshots in the last minute than this the next one would have few levels again. */
const MOST_LATELY = 25;

/**
 * Renews, one after the other, books that began with few levels because many snapshots were wanted at once. Runs until
 * aborted.
 */
export async function deepenBooks(
  books: () => Iterable<TrackedBook>,
  snapshotsAskedLately: () => number,
  timers: Timers,
  signal: AbortSignal,
): Promise<never> {
  const asked = new WeakSet<TrackedBook>();
  for (;;) {
    await timers.sleep(PAUSE_MS, signal);
    if (snapshotsAskedLately() > MOST_LATELY) continue;
    const shallow = [...books()].filter(({ synchronizer: { book } }) => book.isValid && book.isShallow);
    // One whose snapshot could not be joined gets its next turn after the others.
    if (shallow.every((book) => asked.has(book))) for (const book of shallow) asked.delete(book);
    const next = shallow.find((book) => !asked.has(book));
    if (next === undefined) continue;
    asked.add(next);
    next.renew();
  }
}
