import { type Ccxt, type CcxtOptions, ccxtPro, errors } from "./ccxt.ts";
import type { Endpoint } from "./paper-venue.ts";

/** BTCUSDT in ccxt's naming. */
export const BTC = "BTC/USDT:USDT";
export const ETH = "ETH/USDT:USDT";

export function ccxtBinance(venue: Endpoint, options: CcxtOptions = {}): Promise<Ccxt> {
  return ccxtPro("binanceusdm", venue, options);
}

/**
 * The class that ccxt has for a code of USD-M where it is at Binance: it looks for that table by Binance's host name, which
 * the venue has not, and raises a plainer class here, with the same code in its message.
 */
export function classOf({ exceptions }: Ccxt, code: number): Ccxt {
  return exceptions.linear.exact[String(code)] ?? exceptions.exact[String(code)] ?? errors.ExchangeError;
}
