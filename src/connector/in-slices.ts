/** Rows that are applied before everything else that waits has its turn. */
const SLICE = 50;

/**
 * Hands over a long list in slices: between two of them `pause` lets everything else have its turn, so that no list
 * holds up books and streams. What comes in between is newer than the list.
 */
export async function inSlices<T>(
  items: readonly T[],
  pause: () => Promise<void>,
  take: (slice: readonly T[]) => void,
): Promise<void> {
  for (let from = 0; from < items.length; from += SLICE) {
    if (from > 0) await pause();
    take(items.slice(from, from + SLICE));
  }
}
