import { peer } from "../peers.ts";
import type { BookContender } from "./arms.ts";
import type { FeedMarket, FeedSetup } from "./feeds.ts";
import type { BookVenue } from "./venues.ts";

interface CcxtBook {
  readonly bids: readonly (readonly [number, number])[];
  readonly asks: readonly (readonly [number, number])[];
  reset(snapshot: unknown): void;
}

export interface CcxtClient {
  readonly subscriptions: Record<string, unknown>;
  onMessage(message: { readonly data: Buffer | string }): void;
  reject(error: unknown, hash?: string): unknown;
}

interface CcxtExchange {
  orderbooks: Record<string, CcxtBook>;
  options: Record<string, unknown>;
  client(url: string): CcxtClient;
  setMarkets(markets: readonly unknown[]): void;
  orderBook(snapshot: object, limit?: number): CcxtBook;
  parseOrderBook(...terms: readonly unknown[]): { nonce?: number };
}

type CcxtClass = new (options: object) => CcxtExchange;

const NAMES: Readonly<Record<BookVenue, string>> = {
  ...{ bybit: "bybit", binance: "binanceusdm", okx: "okx", gate_io: "gate", hyperliquid: "hyperliquid", ftx: "ftx" },
};
const URL = "wss://127.0.0.1:1/v5/public/linear";

async function classOf(venue: BookVenue): Promise<CcxtClass> {
  const module = await peer<{ readonly default: { readonly pro: Record<string, CcxtClass> } }>(
    venue === "ftx" ? "ccxt-ftx" : "ccxt",
  );
  const found = module.default.pro[NAMES[venue]];
  if (found === undefined) throw new Error(`ccxt has no ${venue}`);
  return found;
}

/** A market as `loadMarkets()` would have it. */
function marketOf(venue: BookVenue, { symbol: id, contractSize }: FeedMarket, place: number) {
  const base = place === 0 ? "BTC" : `M${place}`;
  const quote = venue === "hyperliquid" ? "USDC" : "USDT";
  return {
    ...{ id, symbol: `${base}/${quote}:${quote}`, base, quote, settle: quote, baseId: base, quoteId: quote },
    ...{ type: "swap", spot: false, swap: true, future: false, option: false, contract: true, active: true },
    ...{ linear: true, inverse: false, contractSize: Number(contractSize) },
    ...{ precision: { amount: 0.001, price: 0.1 }, limits: {}, info: {} },
  };
}

/** The exchange's own handlers, as a frame that came over the socket reaches them; no promise is awaited. */
export async function ccxtBooks({ venue, markets, restSnapshot }: FeedSetup): Promise<BookContender> {
  const exchange = new (await classOf(venue))({ enableRateLimit: false });
  const listed = markets.map((market, place) => marketOf(venue, market, place));
  exchange.setMarkets(listed);
  const client = exchange.client(URL);
  let failure: unknown;
  client.reject = (error) => {
    failure = error;
  };
  const symbols = listed.map(({ symbol }) => symbol);
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
      listed.map(({ contractSize }, market) => {
        const book = bookOf(market);
        // It keeps contracts.
        const levels = (side: CcxtBook["bids"] = []) =>
          [...side].map(([price, contracts]) => [price, contracts * contractSize] as const);
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
