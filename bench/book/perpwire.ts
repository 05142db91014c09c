import { createBookThreads, venueWith } from "../../src/connector/market-threads.ts";
import { snapshotSourceOf } from "../../src/market-data/continuity.ts";
import { OrderBookDataSource } from "../../src/market-data/order-book-data-source.ts";
import { OrderBookTracker } from "../../src/market-data/order-book-tracker.ts";
import { decimal } from "../../src/model/decimal.ts";
import type { Market, TradingRule } from "../../src/model/market.ts";
import { createVenueMarkets } from "../../src/model/venue-markets.ts";
import { Throttler } from "../../src/net/throttler.ts";
import { loadVenue } from "../../src/registry.ts";
import { SILENT_LOGGER } from "../../src/runtime/logger.ts";
import { nodeRuntime } from "../../src/runtime/node-runtime.ts";
import type { Runtime, Timers, WebSocketClient, WebSocketHandlers } from "../../src/runtime/runtime.ts";
import type { BookContender } from "./arms.ts";
import type { FeedMarket, FeedSetup } from "./feeds.ts";
import { answersTo } from "./subscription-answers.ts";
import type { BookVenue } from "./venues.ts";

const URLS = { restUrl: "http://127.0.0.1:1", webSocketUrl: "ws://127.0.0.1:1" };

const MAX_START_MS = 5_000;

const pairOf = (place: number): string => `M${place}-USD`;

function marketOf({ symbol, contractSize }: FeedMarket, place: number): Market {
  const tradingPair = pairOf(place);
  const one = decimal("1");
  const rule: TradingRule = {
    ...{ tradingPair, minOrderSize: one, minPriceIncrement: one, minBaseAmountIncrement: one, minNotionalSize: one },
    ...{ contractSize: decimal(contractSize), contractKind: "linear" as const, supportsMarketOrders: true },
    ...{ buyOrderCollateralToken: "USD", sellOrderCollateralToken: "USD" },
  };
  return { tradingPair, symbol, baseAsset: `M${place}`, quoteAsset: "USD", fundingIntervalMs: 3_600_000, rule };
}

/** Real timers that stand still from `freeze()` on: a contender that waits for its turn is no dead stream. */
function freezable(timers: Timers) {
  let isFrozen = false;
  const frozen: Timers = {
    after: (delayMs, callback, options) =>
      timers.after(delayMs, () => void (isFrozen || callback()), { ...options, background: true }),
    async sleep(delayMs, signal) {
      await timers.sleep(delayMs, signal);
      if (isFrozen) await new Promise(() => undefined);
    },
  };
  const freeze = (): void => {
    isFrozen = true;
  };
  return { timers: frozen, freeze };
}

type Deliver = (frame: Buffer) => void;

/** A socket that hands over each frame as `ws` does. */
function stubSocket(venue: BookVenue) {
  const sockets: Deliver[] = [];
  /** Frames, and those of them that were read in place: the others were made text and parsed. */
  const counts = { frames: 0, readInPlace: 0 };
  const webSocket: WebSocketClient = {
    async connect(_url, handlers: WebSocketHandlers) {
      const deliver = (frame: Buffer): void => {
        counts.frames += 1;
        if (handlers.onBytes?.(frame) === true) counts.readInPlace += 1;
        else handlers.onText(frame.toString());
      };
      sockets.push(deliver);
      const send = (text: string): void =>
        queueMicrotask(() => {
          for (const answer of answersTo(venue, text)) deliver(Buffer.from(answer));
        });
      const nothing = (): void => undefined;
      return { isOpen: true, bufferedAmount: 0, send, ping: nothing, close: nothing, terminate: nothing };
    },
  };
  return { webSocket, sockets, counts };
}

function runtimeOf(venue: BookVenue, restSnapshot: string | undefined) {
  const real = nodeRuntime();
  const { timers, freeze } = freezable(real.timers);
  const { webSocket, sockets, counts } = stubSocket(venue);
  const http = {
    request: async ({ url }: { readonly url: string }) => {
      if (restSnapshot === undefined || !/depth|order_book/.test(url)) throw new Error(`nobody answers ${url}`);
      return { status: 200, headers: {}, text: restSnapshot };
    },
    close: async () => undefined,
  };
  const runtime: Runtime = { ...real, timers, webSocket, http };
  return { runtime, sockets, counts, freeze };
}

/** Trading pairs of listed markets, in their order. */
export const pairsOf = (listed: readonly FeedMarket[]): readonly string[] => listed.map((_, place) => pairOf(place));

/**
 * Data source and tracker of a venue, wired as a connector wires them, from the socket to the book: heartbeat, channel
 * watch, continuity, latency histogram and all.
 */
export async function trackedBooks(
  name: BookVenue,
  listed: readonly FeedMarket[],
  runtime: Runtime,
  urls = URLS,
  threadCount = 0,
) {
  const { module, domain } = await loadVenue(`${name}_perpetual`);
  const venue = module.createVenue({ domain, ...urls });
  const { manifest, webUtils, rateLimits } = venue;
  const markets = createVenueMarkets(`${name}_perpetual`, domain, listed.map(marketOf));
  const { clock, timers } = runtime;
  const logger = SILENT_LOGGER;
  const throttler = new Throttler({ rateLimits, clock, timers });
  throttler.setRateLimits(venue.marketRateLimits(markets));
  const factory = webUtils.buildApiFactoryWithoutTimeSynchronizerPreProcessor({ runtime, throttler, logger });
  const context = () => ({ api: factory.getRestAssistant(), markets, now: () => clock.now() });
  const dataSource = new OrderBookDataSource({
    ...{ runtime, logger, context, webAssistants: factory },
    venue: threadCount === 0 ? venue.orderBookDataSource : venueWith(venue.orderBookDataSource, "others"),
    tradingPairs: pairsOf(listed),
    markets: () => markets,
    webSocketUrls: webUtils.webSocketUrls,
    heartbeat: manifest.heartbeat,
    snapshotSource: snapshotSourceOf(manifest.continuity),
    snapshotDepth: manifest.continuity.depth,
    wsLimitId: manifest.webSocketLimitId,
    limits: manifest.publicStreams,
  });
  const bookThreads = {
    ...{ count: threadCount, module: new URL("../../src/book-thread.ts", import.meta.url) },
    venue: { connector: `${name}_perpetual`, domain, ...urls },
  };
  const owner = {
    ...{ markets, context, isGone: () => false },
    ...{ reportUnavailable: () => undefined, onChannelNews: () => undefined },
  };
  const timings = { requestTimeoutMs: 10_000 };
  const threads = createBookThreads({ venue, runtime, factory, logger, timings, bookThreads }, owner);
  let broken: string | undefined;
  const tracker = new OrderBookTracker({
    threads,
    ...{ runtime, logger, dataSource, rule: manifest.continuity, cadences: manifest.cadencesMs },
    onBookInvalid: (tradingPair, reason) => {
      broken = `${tradingPair}: ${reason}`;
    },
  });
  const stop = new AbortController();
  const running = tracker.start(stop.signal).catch((error: unknown) => {
    broken = String(error);
  });
  const end = async (): Promise<void> => {
    stop.abort();
    await running;
  };
  const check = (): void => {
    if (broken !== undefined) throw new Error(`perpwire broke a book: ${broken}`);
  };
  return { tracker, check, end };
}

export async function perpwireBooks({ venue, markets, restSnapshot }: FeedSetup): Promise<BookContender> {
  const { runtime, sockets, counts, freeze } = runtimeOf(venue, restSnapshot);
  const { tracker, check } = await trackedBooks(venue, markets, runtime);
  const startMs = performance.now();
  const isJoined = (): boolean => restSnapshot === undefined || tracker.ready();
  while (sockets.length === 0 || !isJoined()) {
    if (performance.now() - startMs > MAX_START_MS) throw new Error("no connection, or no snapshot");
    await runtime.timers.sleep(10);
  }
  freeze();
  // Where a venue has several sockets, books come over the first.
  const [deliver] = sockets;
  if (deliver === undefined) throw new Error("no connection was made");
  const books = pairsOf(markets).map((tradingPair) => tracker.orderBook(tradingPair));
  return {
    deliver,
    check,
    figures() {
      const percent = (100 * counts.readInPlace) / counts.frames;
      Object.assign(counts, { frames: 0, readInPlace: 0 });
      return { "% of frames read in place": percent };
    },
    bestBid: (market) => books[market]?.bestBid?.price,
    bestAsk: (market) => books[market]?.bestAsk?.price,
    books: () =>
      books.map((book) => {
        const levels = (side: ReturnType<typeof book.bids>) =>
          side.map(({ price, amount }) => [price.toNumber(), amount.toNumber()] as const);
        return { bids: levels(book.bids()), asks: levels(book.asks()) };
      }),
  };
}
