import { type Ccxt, type CcxtOptions, ccxtPro } from "./ccxt.ts";
import type { Endpoint } from "./paper-venue.ts";

/** BTCUSDT in ccxt's naming. */
export const BTC = "BTC/USDT:USDT";
export const ETH = "ETH/USDT:USDT";

export async function ccxtBinance(venue: Endpoint, { options, ...others }: CcxtOptions = {}): Promise<Ccxt> {
  const exchange = await ccxtPro("binanceusdm", venue, { ...others, options: { fetchCurrencies: false, ...options } });
  // ccxt knows the errors of USD-M by the host name of Binance, which the venue has not.
  exchange.exceptions.exact = { ...exchange.exceptions.exact, ...exchange.exceptions.linear.exact };
  return exchange;
}
