import { type Ccxt, type CcxtOptions, ccxtPro } from "./ccxt.ts";
import type { Endpoint } from "./paper-venue.ts";
import { until } from "./until.ts";

/** BTCUSDT in ccxt's naming. */
export const BTC = "BTC/USDT:USDT";
export const ETH = "ETH/USDT:USDT";

const LINEAR = { defaultType: "swap", fetchMarkets: { types: ["linear"] } };

export function ccxtBybit(venue: Endpoint, { options, ...others }: CcxtOptions = {}): Promise<Ccxt> {
  return ccxtPro("bybit", venue, { ...others, options: { ...LINEAR, ...options } });
}

/** An order, open or closed, once it is as wanted. */
export function orderWhen(
  exchange: Ccxt,
  id: string,
  what: string,
  isWanted: (order: Ccxt) => boolean,
  symbol: string = BTC,
): Promise<Ccxt> {
  return until(`order ${id} is ${what}`, async () => {
    const order = await exchange.fetchOrder(id, symbol, { acknowledged: true });
    return isWanted(order) ? order : undefined;
  });
}

export function orderStatus(exchange: Ccxt, id: string, status: string, symbol: string = BTC): Promise<Ccxt> {
  return orderWhen(exchange, id, status, (order) => order.status === status, symbol);
}
