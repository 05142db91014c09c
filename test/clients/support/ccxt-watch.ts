import { within } from "./inbox.ts";
import type { Levels } from "./paper-venue.ts";

/**
 * Watches until what ccxt holds in its caches is as wanted. ccxt keeps what comes between two calls, so nothing is missed.
 * A watch with a symbol would wait forever after a failed login, hence the guard.
 */
export async function watchUntil<T>(
  what: string,
  watch: () => Promise<unknown>,
  look: () => T | undefined,
): Promise<T> {
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    await within(watch(), what);
  }
}

/** Sides of a ccxt book are arrays with additions. */
export function levelsOf(side: Iterable<readonly number[]>): Levels {
  return Array.from(side, ([price = 0, size = 0]) => [price, size] as const);
}
