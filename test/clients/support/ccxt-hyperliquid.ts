import ccxt from "ccxt";
import { onTestFinished } from "vitest";
import type { PaperVenue } from "../../../src/paper/index.ts";
import type { Ccxt } from "./ccxt.ts";
import { pointAt } from "./ccxt-urls.ts";

/** BTC in ccxt's naming. */
export const BTC = "BTC/USDC:USDC";
export const ETH = "ETH/USDC:USDC";

export interface HyperliquidLogin {
  readonly host: string;
  readonly port: number;
  readonly walletAddress: string;
  readonly privateKey: string;
}

export function loginOf(venue: PaperVenue, apiKey?: string): HyperliquidLogin {
  const { accountAddress = "", privateKey = "" } = venue.credentials("hyperliquid", apiKey);
  return { host: venue.host, port: venue.port, walletAddress: accountAddress, privateKey };
}

/** ccxt with REST and WebSockets, with its markets loaded. */
export async function ccxtHyperliquid(login: HyperliquidLogin, options: object = {}): Promise<Ccxt> {
  const { walletAddress, privateKey } = login;
  // The declarations that are in front are those of ccxt 2, which does not know it.
  const known: Ccxt = ccxt.pro;
  const exchange: Ccxt = new known.hyperliquid({ walletAddress, privateKey, enableRateLimit: false, options });
  pointAt(login, exchange.urls.api);
  // It refuses to open a plain ws:// otherwise.
  await exchange.loadHttpProxyAgent();
  onTestFinished(() => exchange.close());
  await exchange.loadMarkets();
  return exchange;
}
