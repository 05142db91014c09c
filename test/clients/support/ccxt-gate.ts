import type { PaperVenue } from "../../../src/paper/index.ts";
import { type Ccxt, type CcxtOptions, ccxtPro, levelsOf } from "./ccxt.ts";
import { type Book, bookOf, type Endpoint, type Levels } from "./paper-venue.ts";

/** BTC_USDT in ccxt's naming; its contract is 0.001 BTC, the step of the market. */
export const BTC = "BTC/USDT:USDT";
export const ETH = "ETH/USDT:USDT";

/** Base units of a contract. */
export const CONTRACT: Readonly<Record<string, number>> = { BTC: 0.001, ETH: 0.001, SOL: 0.01, DOGE: 1 };

/** Book that a client that counts in contracts ought to hold now. */
export function bookInContracts(venue: PaperVenue, base: string, depth: number): Book {
  const { bids, asks } = bookOf(venue, `${base}-USD`, depth);
  const side = (levels: Levels): Levels =>
    levels.map(([price, size]) => [price, Math.round(size / (CONTRACT[base] ?? 1))]);
  return { bids: side(bids), asks: side(asks) };
}

export const sidesOf = ({ bids, asks }: Ccxt): Book => ({ bids: levelsOf(bids), asks: levelsOf(asks) });

const SWAPS = { defaultType: "swap", fetchMarkets: { types: ["swap"] } };

/** ccxt with the URLs of the venue. It reads what kind of markets a socket has from the letters `fx` in its URL. */
export async function plainCcxtGate(venue: Endpoint, options: CcxtOptions = {}): Promise<Ccxt> {
  const exchange = await ccxtPro("gate", venue, options);
  exchange.urls.api.swap.usdt += "?fx";
  return exchange;
}

/** The same for swaps, with the number of its user, which private channels name. */
export async function ccxtGate(venue: Endpoint, { options, ...others }: CcxtOptions = {}): Promise<Ccxt> {
  const exchange = await plainCcxtGate(venue, { ...others, options: { ...SWAPS, ...options } });
  exchange.uid = await userIdOf(exchange);
  return exchange;
}

/** The user's own number, which is not to be had with wrong credentials. */
async function userIdOf(exchange: Ccxt): Promise<string> {
  try {
    return String((await exchange.privateAccountGetDetail()).user_id);
  } catch {
    return "7001";
  }
}
