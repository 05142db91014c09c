import ccxt from "ccxt-ftx";
import { onTestFinished } from "vitest";
import { within } from "./inbox.ts";
import type { Endpoint, Levels } from "./paper-venue.ts";

// biome-ignore lint/suspicious/noExplicitAny: ccxt 2 declares neither its implicit methods nor its caches nor `pro`
export type Ccxt = any;

/** BTC-PERP in ccxt's naming. */
export const BTC = "BTC/USD:USD";

/** The classes of its errors. */
export const errors = ccxt;

export interface CcxtOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly apiKey?: string;
  readonly secret?: string;
  readonly streaming?: object;
}

function settings(venue: Endpoint, options: CcxtOptions): object {
  const base = `http://${venue.host}:${venue.port}`;
  return {
    apiKey: venue.apiKey,
    secret: venue.apiSecret,
    enableRateLimit: false,
    urls: { api: { public: base, private: base, ws: `ws://${venue.host}:${venue.port}/ws` } },
    ...options,
  };
}

export function ccxtRest(venue: Endpoint, options: CcxtOptions = {}): Ccxt {
  return new ccxt.ftx(settings(venue, options));
}

/** The one with WebSockets; it checks the book's checksum unless told not to. */
export function ccxtPro(venue: Endpoint, options: CcxtOptions = {}): Ccxt {
  const exchange = new ccxt.pro.ftx(settings(venue, options));
  onTestFinished(() => exchange.close());
  return exchange;
}

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
