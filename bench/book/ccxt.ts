import { type CcxtBook, type CcxtExchange, ccxtExchange, ccxtSymbol } from "../peers/ccxt.ts";
import type { BookContender } from "./arms.ts";
import type { FeedSetup } from "./feeds.ts";

const URL = "wss://127.0.0.1:1/v5/public/linear";

/** The exchange's own handlers, as a frame that came over the socket reaches them; no promise is awaited. */
export async function ccxtBooks({ venue, markets, restSnapshot }: FeedSetup): Promise<BookContender> {
  const contractSize = markets[0]?.contractSize;
  const exchange = await ccxtExchange(
    venue,
    markets.map(({ symbol }) => symbol),
    { contractSize },
  );
  const symbols = markets.map((_, place) => ccxtSymbol(venue, place));
  const client = exchange.client(URL);
  let failure: unknown;
  client.reject = (error) => {
    failure = error;
  };
  for (const symbol of symbols) client.subscriptions[`books:${symbol}`] = {};
  if (restSnapshot !== undefined) startFromRest(exchange, symbols[0] ?? "", restSnapshot);
  const bookOf = (market: number): CcxtBook | undefined => exchange.orderbooks[symbols[market] ?? ""];
  return {
    deliver: (frame) => client.onMessage({ data: frame }),
    bestBid: (market) => bookOf(market)?.bids[0]?.[0],
    bestAsk: (market) => bookOf(market)?.asks[0]?.[0],
    check() {
      if (failure !== undefined) throw new Error(`ccxt gave up a book: ${String(failure)}`);
    },
    books: () =>
      symbols.map((_, market) => {
        const book = bookOf(market);
        // It keeps contracts.
        const levels = (side: CcxtBook["bids"] = []) =>
          [...side].map(([price, contracts]) => [price, contracts * Number(contractSize)] as const);
        return { bids: levels(book?.bids), asks: levels(book?.asks) };
      }),
  };
}

/** As its own `fetchOrderBookSnapshot` does with what REST answers. */
function startFromRest(exchange: CcxtExchange, symbol: string, text: string): void {
  const answer = JSON.parse(text) as { readonly lastUpdateId?: number; readonly id?: number };
  const keys = answer.id === undefined ? [0, 1] : ["p", "s"];
  const snapshot = exchange.parseOrderBook(answer, symbol, undefined, "bids", "asks", ...keys);
  snapshot.nonce = answer.lastUpdateId ?? answer.id ?? 0;
  const book = exchange.orderBook({}, 1_000);
  exchange.orderbooks[symbol] = book;
  book.reset(snapshot);
}
