import { peer } from "../peers/peer.ts";
import type { BookContender } from "./arms.ts";
import type { FeedSetup } from "./feeds.ts";

type Level = readonly [symbol: string, price: number, side: "Buy" | "Sell", amount: number];

interface Store {
  handleSnapshot(symbol: string, levels: readonly Level[], timestampMs: number): unknown;
  handleDelta(
    symbol: string,
    deleted: readonly Level[],
    changed: readonly Level[],
    inserted: readonly Level[],
    timestampMs: number,
  ): unknown;
  getBook(symbol: string): {
    readonly book: readonly Level[];
    getBestBid(): number | null;
    getBestAsk(): number | null;
  };
}

interface Orderbooks {
  readonly OrderBooksStore: new (options: object) => Store;
  readonly OrderBookLevel: (symbol: string, price: number, side: "Buy" | "Sell", amount: number) => Level;
}

type Rows = readonly (readonly [string, string])[];

interface BybitFrame {
  readonly type: string;
  readonly ts: number;
  readonly data: { readonly s: string; readonly b: Rows; readonly a: Rows };
}

/** The store of levels as its page shows it for Bybit. */
export async function orderbooksBooks({ markets, depth = 500 }: FeedSetup): Promise<BookContender> {
  const { OrderBooksStore, OrderBookLevel } = await peer<Orderbooks>("orderbooks");
  const store = new OrderBooksStore({ traceLog: false, checkTimestamps: false, maxDepth: 2 * depth });
  const symbols = markets.map(({ symbol }) => symbol);
  const levelsOf = ({ s, b, a }: BybitFrame["data"]): Level[] => [
    ...b.map(([price, amount]) => OrderBookLevel(s, Number(price), "Buy", Number(amount))),
    ...a.map(([price, amount]) => OrderBookLevel(s, Number(price), "Sell", Number(amount))),
  ];
  const bookOf = (market: number) => store.getBook(symbols[market] ?? "");
  return {
    deliver(frame) {
      const { type, ts, data } = JSON.parse(frame.toString()) as BybitFrame;
      const levels = levelsOf(data);
      if (type === "snapshot") store.handleSnapshot(data.s, levels, ts);
      else {
        const deleted = levels.filter(([, , , amount]) => amount === 0);
        const changed = levels.filter(([, , , amount]) => amount !== 0);
        store.handleDelta(data.s, deleted, changed, [], ts);
      }
    },
    bestBid: (market) => bookOf(market).getBestBid(),
    bestAsk: (market) => bookOf(market).getBestAsk(),
    check: () => undefined,
    books: () =>
      symbols.map((_, market) => {
        const rows = (wanted: string) =>
          bookOf(market)
            .book.filter(([, , side]) => side === wanted)
            .map(([, price, , amount]) => [price, amount] as const);
        return { bids: rows("Buy"), asks: rows("Sell").toReversed() };
      }),
  };
}
