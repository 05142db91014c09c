import { peer } from "../peers/peer.ts";
import type { BookContender } from "./arms.ts";
import type { FeedSetup } from "./feeds.ts";
import type { BookVenue } from "./venues.ts";

interface TardisLevel {
  readonly price: number;
  readonly amount: number;
}
interface TardisChange {
  readonly symbol: string;
}
interface TardisBook {
  update(change: TardisChange): void;
  bestBid(): TardisLevel | undefined;
  bestAsk(): TardisLevel | undefined;
  bids(): Iterable<TardisLevel>;
  asks(): Iterable<TardisLevel>;
}
interface Tardis {
  readonly OrderBook: new () => TardisBook;
  normalizeBookChanges(
    exchange: string,
    timestamp: Date,
  ): { map(message: unknown, timestamp: Date): Iterable<TardisChange> };
}

/** Its names. On Gate.io it reads a channel that the venue has replaced. */
export const TARDIS_NAMES: Readonly<Partial<Record<BookVenue, string>>> = {
  ...{ bybit: "bybit", binance: "binance-futures", okx: "okex-swap", hyperliquid: "hyperliquid", ftx: "ftx" },
};

/** Its mapper and its book, as its `compute` joins them. */
export async function tardisBooks({ venue, markets, restSnapshot }: FeedSetup): Promise<BookContender> {
  const { OrderBook, normalizeBookChanges } = await peer<Tardis>("tardis-dev");
  const exchange = TARDIS_NAMES[venue];
  if (exchange === undefined) throw new Error(`tardis-dev does not read ${venue}`);
  const mapper = normalizeBookChanges(exchange, new Date());
  const books = new Map(markets.map(({ symbol }) => [symbol, new OrderBook()]));
  const byMarket = [...books.values()];
  const now = new Date();
  const apply = (message: unknown): void => {
    for (const change of mapper.map(message, now) ?? []) books.get(change.symbol)?.update(change);
  };
  const symbol = markets[0]?.symbol.toLowerCase();
  // It records REST snapshots as messages of the stream.
  if (restSnapshot !== undefined) apply({ stream: `${symbol}@depthSnapshot`, data: JSON.parse(restSnapshot) });
  return {
    deliver: (frame) => apply(JSON.parse(frame.toString())),
    bestBid: (market) => byMarket[market]?.bestBid()?.price,
    bestAsk: (market) => byMarket[market]?.bestAsk()?.price,
    check: () => undefined,
    books: () =>
      byMarket.map((book, market) => {
        // It keeps contracts.
        const contractSize = Number(markets[market]?.contractSize);
        const levels = (side: Iterable<TardisLevel>) =>
          [...side].map(({ price, amount: contracts }) => [price, contracts * contractSize] as const);
        return { bids: levels(book.bids()), asks: levels(book.asks()) };
      }),
  };
}
