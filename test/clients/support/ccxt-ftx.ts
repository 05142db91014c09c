import ccxt from "ccxt-ftx";
import { onTestFinished } from "vitest";
import type { Endpoint } from "./paper-venue.ts";

export { levelsOf, watchUntil } from "./ccxt-watch.ts";

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
