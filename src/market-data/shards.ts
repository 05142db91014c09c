import type { TradingPair } from "../model/market.ts";
import type { VenueMarkets } from "../model/venue-markets.ts";

const SEPARATOR = "#";
const places = new WeakMap<VenueMarkets, ReadonlyMap<TradingPair, number>>();

/**
 * The connection of the market in this slot, where one carries so many markets: `public`, `public#2`, `public#3` ... Markets
 * fill one connection after the other, so that a few share one and none moves when others come or go.
 */
export function shardOf(socket: string, slot: number, marketsPerConnection: number): string {
  const shard = Math.floor(slot / marketsPerConnection);
  return shard === 0 ? socket : `${socket}${SEPARATOR}${shard + 1}`;
}

/** The name in `webSocketUrls` of a connection. */
export function socketOfShard(shard: string): string {
  const at = shard.indexOf(SEPARATOR);
  return at < 0 ? shard : shard.slice(0, at);
}

/** The place of a market among all that are known: its slot where nobody gave it one. */
export function slotInMarkets(markets: VenueMarkets, tradingPair: TradingPair): number {
  let known = places.get(markets);
  if (known === undefined) {
    known = new Map([...markets.byPair.keys()].map((pair, place) => [pair, place]));
    places.set(markets, known);
  }
  return known.get(tradingPair) ?? 0;
}

/** Gives each market that is followed the lowest free slot, for as long as it is followed. */
export class Slots {
  readonly #slots = new Map<TradingPair, number>();
  readonly #free: number[] = [];

  slotOf(tradingPair: TradingPair): number | undefined {
    return this.#slots.get(tradingPair);
  }

  take(tradingPair: TradingPair): void {
    if (this.#slots.has(tradingPair)) return;
    this.#free.sort((a, b) => a - b);
    this.#slots.set(tradingPair, this.#free.shift() ?? this.#slots.size);
  }

  release(tradingPair: TradingPair): void {
    const slot = this.#slots.get(tradingPair);
    if (slot === undefined) return;
    this.#slots.delete(tradingPair);
    this.#free.push(slot);
  }
}
