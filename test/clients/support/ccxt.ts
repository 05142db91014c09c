import ccxt from "ccxt";
import { onTestFinished } from "vitest";
import { PAPER_PASSPHRASE } from "../../../src/paper/index.ts";
import { pointAt } from "./ccxt-urls.ts";
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

/**
 * ccxt with REST and WebSockets, with its markets loaded. It asks for currencies with them, for which it signs; so other
 * credentials than the venue's, which a test wants to see refused, are put in afterwards.
 */
export async function ccxtPro(
  name: "bybit" | "binanceusdm" | "okx" | "gate",
  venue: Endpoint,
  { apiKey, secret, password, ...others }: CcxtOptions = {},
): Promise<Ccxt> {
  const own = { apiKey: venue.apiKey, secret: venue.apiSecret, password: PAPER_PASSPHRASE };
  const exchange: Ccxt = new ccxt.pro[name]({ ...own, enableRateLimit: false, ...others });
  pointAt(venue, exchange.urls.api);
  // It refuses to open a plain ws:// otherwise.
  await exchange.loadHttpProxyAgent();
  onTestFinished(() => exchange.close());
  await exchange.loadMarkets();
  Object.assign(exchange, {
    apiKey: apiKey ?? own.apiKey,
    secret: secret ?? own.secret,
    password: password ?? own.password,
  });
  return exchange;
}
