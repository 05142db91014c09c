import { setTimeout as pause } from "node:timers/promises";
import ccxt from "ccxt";
import {
  createPaperVenue,
  PAPER_PASSPHRASE,
  type PaperVenue,
  type PaperVenueOptions,
} from "../../../src/paper/index.ts";
import { pointAt } from "../support/ccxt-urls.ts";

// biome-ignore lint/suspicious/noExplicitAny: ccxt declares its caches and clients loosely
export type Ccxt = any;
export type Protocol = "binance" | "bybit" | "okx";

export const BTC = "BTC/USDT:USDT";
export const ETH = "ETH/USDT:USDT";
export const SOL = "SOL/USDT:USDT";
/** The engine's names of the markets. */
export const BTC_MARKET = "BTC-USD";
export const ETH_MARKET = "ETH-USD";

/** Something that was measured, and what it would be if nothing were lost. */
export interface Figure {
  readonly what: string;
  readonly seen: string;
  readonly wanted: string;
  readonly holds: boolean;
}

export interface Bout {
  /** Of the scenario in the gallery. */
  readonly name: string;
  readonly protocols: readonly Protocol[];
  readonly venue?: Partial<PaperVenueOptions>;
  readonly options?: object;
  play(ring: Ring): Promise<readonly Figure[]>;
}

const CLASSES = { binance: "binanceusdm", bybit: "bybit", okx: "okx" } as const;
const MARKETS = {
  binance: {},
  bybit: { defaultType: "swap", fetchMarkets: { types: ["linear"] } },
  okx: { defaultType: "swap", fetchMarkets: { types: ["swap"] } },
};

/** A box on real sockets and an unmodified client on it, which calls in a loop as its manual shows. */
export class Ring {
  readonly protocol: Protocol;
  readonly venue: PaperVenue;
  readonly exchange: Ccxt;
  /** What its calls threw, in order. */
  readonly errors: string[] = [];
  #isOpen = true;

  private constructor(protocol: Protocol, venue: PaperVenue, exchange: Ccxt) {
    this.protocol = protocol;
    this.venue = venue;
    this.exchange = exchange;
  }

  static async open({ venue: settings, options }: Bout, protocol: Protocol): Promise<Ring> {
    const venue = await createPaperVenue({ api: protocol, seed: 1, emptyBooks: true, rateLimits: "off", ...settings });
    const exchange: Ccxt = new ccxt.pro[CLASSES[protocol]]({
      apiKey: venue.apiKey,
      secret: venue.apiSecret,
      password: PAPER_PASSPHRASE,
      enableRateLimit: false,
      options: { ...MARKETS[protocol], ...options },
    });
    pointAt(venue, exchange.urls.api);
    // It refuses to open a plain ws:// otherwise.
    await exchange.loadHttpProxyAgent();
    await exchange.loadMarkets();
    return new Ring(protocol, venue, exchange);
  }

  /** Calls again and again, works on each answer for `workMs`, and goes on after an error, as its manual shows. */
  loop<T>(watch: () => Promise<T>, take: (answer: T) => void, workMs = 0): void {
    const run = async () => {
      while (this.#isOpen) {
        try {
          take(await watch());
          if (workMs > 0) await pause(workMs);
        } catch (error) {
          if (!this.#isOpen) return;
          this.errors.push(error instanceof Error ? error.constructor.name : String(error));
          await pause(50);
        }
      }
    };
    void run();
  }

  quote(side: "buy" | "sell", price: number, size = 1, market: string = BTC_MARKET): void {
    this.venue.trader.order({ market, side, price: String(price), size: size.toFixed(1) });
  }

  /** Contracts of a size in base units. */
  amount(symbol: string, base: number): number {
    const { contractSize = 1 } = this.exchange.market(symbol);
    return Number((base / contractSize).toFixed(8));
  }

  async until(condition: () => boolean, limitMs = 10_000): Promise<boolean> {
    const untilMs = performance.now() + limitMs;
    while (!condition()) {
      if (performance.now() > untilMs) return false;
      await pause(5);
    }
    return true;
  }

  /** Levels of the best 20 that its book has and the venue has not, or the other way round. */
  bookDifferences(): number {
    const { contractSize = 1 } = this.exchange.market(BTC);
    const scaled = (value: bigint) => Number(value) / 1e8;
    const { bids, asks } = this.venue.engine.book(BTC_MARKET, 20);
    const truth = new Set([...bids, ...asks].map(([price, size]) => `${scaled(price)} ${scaled(size)}`));
    const book = this.exchange.orderbooks[BTC];
    const own: string[] = [...(book?.bids ?? []).slice(0, 20), ...(book?.asks ?? []).slice(0, 20)].map(
      ([price, size]: number[]) => `${price} ${Number(((size ?? 0) * contractSize).toFixed(8))}`,
    );
    const missing = own.filter((level) => !truth.has(level)).length;
    return missing + [...truth].filter((level) => !own.includes(level)).length;
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    await this.exchange.close().catch(() => undefined);
    await this.venue.stop();
  }
}

export function figure(what: string, seen: unknown, wanted: unknown, holds = String(seen) === String(wanted)): Figure {
  return { what, seen: String(seen), wanted: String(wanted), holds };
}
