import type { PaperVenue } from "../../../src/paper/index.ts";
import { type Ccxt, type CcxtOptions, ccxtPro, levelsOf } from "./ccxt.ts";
import { type Book, bookOf, type Endpoint, type Levels } from "./paper-venue.ts";
import { until } from "./until.ts";

/** BTC-USDT-SWAP in ccxt's naming; its contract is 0.01 BTC. */
export const BTC = "BTC/USDT:USDT";
export const ETH = "ETH/USDT:USDT";

/** Base units of a contract, as OKX lists its swaps. */
export const CONTRACT: Readonly<Record<string, number>> = { BTC: 0.01, ETH: 0.1, SOL: 1, DOGE: 1_000 };

/** What a client that counts in contracts ought to hold now. */
export function bookInContracts(venue: PaperVenue, base: string, depth: number): Book {
  const { bids, asks } = bookOf(venue, `${base}-USD`, depth);
  const side = (levels: Levels): Levels =>
    levels.map(([price, size]) => [price, Number((size / (CONTRACT[base] ?? 1)).toFixed(8))]);
  return { bids: side(bids), asks: side(asks) };
}

export const sidesOf = ({ bids, asks }: Ccxt): Book => ({ bids: levelsOf(bids), asks: levelsOf(asks) });

const SWAPS = { defaultType: "swap", fetchMarkets: { types: ["swap"] } };

export function ccxtOkx(venue: Endpoint, { options, ...others }: CcxtOptions = {}): Promise<Ccxt> {
  return ccxtPro("okx", venue, { ...others, options: { ...SWAPS, ...options } });
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
    const order = await exchange.fetchOrder(id, symbol);
    return isWanted(order) ? order : undefined;
  });
}

export function orderStatus(exchange: Ccxt, id: string, status: string, symbol: string = BTC): Promise<Ccxt> {
  return orderWhen(exchange, id, status, (order) => order.status === status, symbol);
}
