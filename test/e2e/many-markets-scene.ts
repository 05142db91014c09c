import { createConnector } from "../../src/connect.ts";
import type { PublicChannelName } from "../../src/market-data/venue-order-book-data-source.ts";
import { createPaperVenue } from "../../src/paper/index.ts";
import { PAPER_MARKETS } from "../../src/paper/market/markets.ts";
import type { Runtime, WebSocketConnection } from "../../src/runtime/runtime.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { BOX_PROTOCOLS } from "../../src/simulation/box-protocols.ts";
import { RecordingLogger } from "../../src/testing/kit/recording.ts";

export type ManyMarketsConnector = "binance_perpetual" | "okx_perpetual" | "bybit_perpetual";

/** A connection that the bot opened, with everything that it sent there. */
export interface Wire {
  readonly path: string;
  readonly openedMs: number;
  readonly sent: { readonly atMs: number; readonly text: string }[];
  readonly connection: WebSocketConnection;
}

/** A question of the bot over REST, with what it was answered. */
export interface Asked {
  readonly atMs: number;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly status: number;
}

/** The bot's runtime, with everything that leaves it written down. */
function recorded(bot: Runtime, elapsedMs: () => number) {
  const wires: Wire[] = [];
  const asked: Asked[] = [];
  const runtime: Runtime = {
    ...bot,
    http: {
      async request(request) {
        const atMs = elapsedMs();
        const response = await bot.http.request(request);
        const { pathname: path, searchParams: query } = new URL(request.url);
        asked.push({ atMs, path, query, status: response.status });
        return response;
      },
      close: () => bot.http.close(),
    },
    webSocket: {
      async connect(url, handlers, options) {
        const openedMs = elapsedMs();
        const connection = await bot.webSocket.connect(url, handlers, options);
        const sent: Wire["sent"][number][] = [];
        wires.push({ path: new URL(url).pathname, openedMs, sent, connection });
        return {
          get isOpen() {
            return connection.isOpen;
          },
          get bufferedAmount() {
            return connection.bufferedAmount;
          },
          send(text) {
            sent.push({ atMs: elapsedMs(), text });
            connection.send(text);
          },
          ping: () => connection.ping(),
          close: (code, reason) => connection.close(code, reason),
          terminate: () => connection.terminate(),
        };
      },
    },
  };
  return { runtime, wires, asked };
}

/** Less than any venue's book is silent for. */
const QUIET_MS = 20_000;
const ACCOUNT = { apiKey: "k".repeat(20), apiSecret: "s".repeat(32), startingBalance: "1000000" };

/**
 * A venue with this many markets, each quoted by its trader around 20,000, and a connector that follows all of them and
 * has not been started.
 */
export async function manyMarkets(name: ManyMarketsConnector, count: number) {
  const world = new SimulatedWorld({ seed: 7 });
  const { name: api, quote } = BOX_PROTOCOLS[name];
  const specs = PAPER_MARKETS.slice(0, 1).flatMap((like) =>
    Array.from({ length: count }, (_, index) => {
      const base = index === 0 ? "BTC" : `COIN${index}`;
      return { ...like, base, market: `${base}-USD`, lot: like.minMakerSize, minSize: like.minMakerSize };
    }),
  );
  const settings = {
    api,
    seed: 7,
    accounts: [ACCOUNT],
    markets: specs,
    emptyBooks: true,
    rateLimits: "strict",
  } as const;
  const venue = await world.run(createPaperVenue(settings, world.runtime("venue")));
  for (const { market } of specs) {
    venue.trader.order({ market, side: "buy", size: "1", price: "19990" });
    venue.trader.order({ market, side: "sell", size: "1", price: "20010" });
  }
  const { runtime, wires, asked } = recorded(world.runtime("bot"), () => world.elapsedMs());
  const logger = new RecordingLogger();
  const pairs = specs.map(({ base }) => `${base}-${quote}`);
  const connector = await world.run(
    createConnector(name, {
      runtime,
      tradingPairs: pairs,
      credentials: venue.credentials(api),
      restUrl: venue.rest,
      webSocketUrl: venue.ws,
      journalPath: "journal.db",
      logger,
    }),
  );
  let rounds = 0;
  return {
    ...{ world, venue, connector, logger, wires, asked, pairs },
    /** The engine's name of a market that is followed. */
    marketOf: (pair: string) => pair.replace(quote, "USD"),
    validBooks: () => pairs.filter((pair) => connector.orderBook(pair).isValid).length,
    /** Markets by the connection that one of their channels lives on. */
    bySocket: (channel: PublicChannelName) => {
      const channels = connector.channelStatuses().filter((status) => status.name === channel);
      return Map.groupBy(channels, ({ socket }) => socket);
    },
    /** Lets time pass in which every book changes often enough for its channel not to look dead. */
    async pass(ms: number) {
      for (let leftMs = ms; leftMs > 0; leftMs -= QUIET_MS) {
        rounds += 1;
        const price = String(19_990 - rounds);
        for (const { market } of specs) venue.trader.order({ market, side: "buy", size: "0.1", price });
        await world.advance(Math.min(leftMs, QUIET_MS));
      }
    },
    async [Symbol.asyncDispose]() {
      await world.run(connector.stop());
      await world.run(venue.stop());
    },
  };
}

/** The most of these moments that lie within one span of time. */
export function mostWithin(spanMs: number, timesMs: readonly number[]): number {
  const sorted = timesMs.toSorted((a, b) => a - b);
  let first = 0;
  let most = 0;
  for (const [index, timeMs] of sorted.entries()) {
    while ((sorted[first] ?? timeMs) <= timeMs - spanMs) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}
