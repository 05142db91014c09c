import { peer } from "./peer.ts";

export interface CcxtBook {
  readonly bids: readonly (readonly [number, number])[];
  readonly asks: readonly (readonly [number, number])[];
  readonly timestamp?: number;
  reset(snapshot: unknown): void;
}

export interface CcxtClient {
  readonly subscriptions: Record<string, unknown>;
  onMessage(message: { readonly data: Buffer | string }): void;
  resolve(result: unknown, hash: string): unknown;
  reject(error: unknown, hash?: string): unknown;
}

export interface CcxtExchange {
  orderbooks: Record<string, CcxtBook>;
  options: Record<string, unknown>;
  urls: { api: Record<string, unknown> };
  markets: Record<string, unknown>;
  client(url: string): CcxtClient;
  setMarkets(markets: readonly unknown[]): void;
  orderBook(snapshot: object, limit?: number): CcxtBook;
  parseOrderBook(...terms: readonly unknown[]): { nonce?: number };
  fetch(url: string, method: string, headers: unknown, body: string): Promise<unknown>;
  createOrder(
    symbol: string,
    type: string,
    side: string,
    amount: number,
    price: number,
  ): Promise<{ readonly id: string }>;
  cancelOrder(id: string, symbol: string): Promise<unknown>;
  sign(path: string, api: string, method: string, params: object): { readonly headers: unknown };
  watchOrderBook(symbol: string, limit?: number): Promise<CcxtBook>;
  close(): Promise<void>;
}

type CcxtClass = new (options: object) => CcxtExchange;

const NAMES: Readonly<Record<string, string>> = {
  ...{ bybit: "bybit", binance: "binanceusdm", okx: "okx", gate_io: "gate", hyperliquid: "hyperliquid", ftx: "ftx" },
};

async function classOf(venue: string): Promise<CcxtClass> {
  const name = venue === "ftx" ? "ccxt-ftx" : "ccxt";
  const { pro } = (await peer<{ readonly default: { readonly pro: Record<string, CcxtClass> } }>(name)).default;
  const found = pro[NAMES[venue] ?? ""];
  if (found === undefined) throw new Error(`ccxt has no ${venue}`);
  return found;
}

/** Its name of the market at a place of a list. */
export function ccxtSymbol(venue: string, place: number): string {
  const quote = venue === "hyperliquid" ? "USDC" : "USDT";
  return `${place === 0 ? "BTC" : `M${place}`}/${quote}:${quote}`;
}

/** A market as `loadMarkets()` would have it. */
function marketOf(venue: string, id: string, contractSize: string, place: number) {
  const symbol = ccxtSymbol(venue, place);
  const [base = "", quote = ""] = symbol.split(/[/:]/);
  return {
    ...{ id, symbol, base, quote, settle: quote, baseId: base, quoteId: quote },
    ...{ type: "swap", spot: false, swap: true, future: false, option: false, contract: true, active: true },
    ...{ linear: true, inverse: false, contractSize: Number(contractSize) },
    ...{ precision: { amount: 0.001, price: 0.1 }, limits: {}, info: {} },
  };
}

/** An exchange of its professional part that knows these markets, with their names at the venue. */
export async function ccxtExchange(
  venue: string,
  markets: readonly string[],
  {
    contractSize = "1",
    ...options
  }: { readonly contractSize?: string | undefined } & Readonly<Record<string, unknown>> = {},
): Promise<CcxtExchange> {
  const exchange = new (await classOf(venue))({ enableRateLimit: false, ...options });
  exchange.setMarkets(markets.map((id, place) => marketOf(venue, id, contractSize, place)));
  return exchange;
}
