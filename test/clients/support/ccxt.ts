import ccxt from "ccxt";
import { onTestFinished } from "vitest";
import type { Endpoint } from "./paper-venue.ts";

/** The classes of its errors; from their own file, for the declarations of ccxt 2 stand in front of those of `ccxt`. */
export { default as errors } from "../node_modules/ccxt/js/src/base/errors.js";
export { levelsOf, watchUntil } from "./ccxt-watch.ts";

// biome-ignore lint/suspicious/noExplicitAny: ccxt declares its implicit methods, caches and clients loosely
export type Ccxt = any;

export interface CcxtOptions {
  readonly apiKey?: string;
  readonly secret?: string;
  /** OKX's passphrase. */
  readonly password?: string;
  readonly options?: object;
  readonly streaming?: object;
}

/** Replaces the hosts of an exchange's URLs, wherever they are, and keeps their paths. */
function pointAt(venue: Endpoint, urls: Record<string, Ccxt>): void {
  for (const [name, value] of Object.entries(urls)) {
    if (typeof value === "object") pointAt(venue, value);
    else urls[name] = value.replace(/^(http|ws)s:\/\/[^/]+/, `$1://${venue.host}:${venue.port}`);
  }
}

/** ccxt with REST and WebSockets, with its markets loaded. */
export async function ccxtPro(
  name: "bybit" | "binanceusdm" | "okx",
  venue: Endpoint,
  { apiKey = venue.apiKey, secret = venue.apiSecret, ...others }: CcxtOptions = {},
): Promise<Ccxt> {
  const exchange: Ccxt = new ccxt.pro[name]({ apiKey, secret, enableRateLimit: false, ...others });
  // Currencies have an endpoint of the wallet, which is no part of trading perpetuals.
  exchange.has.fetchCurrencies = false;
  pointAt(venue, exchange.urls.api);
  // It refuses to open a plain ws:// otherwise.
  await exchange.loadHttpProxyAgent();
  onTestFinished(() => exchange.close());
  await exchange.loadMarkets();
  return exchange;
}
