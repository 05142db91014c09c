import type { BookFrame } from "../../src/market-data/book-frame.ts";
import { OrderBookDataSource, type OrderBookDataSourceOptions } from "../../src/market-data/order-book-data-source.ts";
import type {
  PublicChannel,
  PublicFrameKind,
  VenueOrderBookDataSource,
} from "../../src/market-data/venue-order-book-data-source.ts";
import { Decimal } from "../../src/model/decimal.ts";
import type { FundingInfo } from "../../src/model/funding.ts";
import type { VenueMarkets } from "../../src/model/venue-markets.ts";
import { Throttler } from "../../src/net/throttler.ts";
import type { VenueContext } from "../../src/net/venue-api.ts";
import { WsAssistant } from "../../src/net/ws-assistant.ts";
import type { ServerConnection } from "../../src/runtime/runtime.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { recordingLogger } from "../net/recording-logger.ts";
import { sessionOf } from "./captures.ts";
import type { LevelInput } from "./frames.ts";

/** What the fake venue says. `s` is its symbol: the pair is `<s>-USD`. */
export interface FakeMessage {
  readonly kind: PublicFrameKind;
  readonly s?: string;
  readonly ts?: number;
  readonly u?: number;
  readonly U?: number;
  readonly pu?: number;
  /** Levels a side that were asked for. */
  readonly depth?: number;
  readonly bids?: readonly LevelInput[];
  readonly asks?: readonly LevelInput[];
  readonly price?: string;
  readonly text?: string;
  /** Symbols of the other markets that a message of funding tells of. */
  readonly others?: readonly string[];
}

export interface Subscription {
  readonly op: "subscribe" | "unsubscribe";
  readonly channel: string;
  readonly s: string;
}

function fill(markets: VenueMarkets, message: FakeMessage, frame: BookFrame): boolean {
  if (message.bids === undefined || message.asks === undefined) throw new TypeError("a book without bids or asks");
  const market = markets.bySymbol.get(message.s ?? "");
  if (market === undefined) return false;
  frame.tradingPair = market.tradingPair;
  frame.timestampMs = message.ts ?? 0;
  frame.updateId = message.u ?? Number.NaN;
  frame.firstUpdateId = message.U ?? Number.NaN;
  frame.previousUpdateId = message.pu ?? Number.NaN;
  frame.depth = message.depth ?? Number.NaN;
  for (const [price, size] of message.bids) frame.bids.push(price, size);
  for (const [price, size] of message.asks) frame.asks.push(price, size);
  return true;
}

const pairOf = (message: FakeMessage): string => `${message.s}-USD`;

/** Funding has a channel unless `pollsFunding`; trades have a socket of their own. */
function dialect(pollsFunding: boolean): VenueOrderBookDataSource {
  const requests = (op: Subscription["op"]) => (_: VenueMarkets, channels: readonly PublicChannel[]) =>
    channels.map(({ name, tradingPair }): Subscription => ({ op, channel: name, s: tradingPair.replace("-USD", "") }));
  return {
    channels(_, tradingPair) {
      const channels: PublicChannel[] = [
        { name: "orderBook", tradingPair, socket: "books" },
        { name: "trades", tradingPair, socket: "trades" },
      ];
      return pollsFunding ? channels : [...channels, { name: "fundingInfo", tradingPair, socket: "books" }];
    },
    subscribeChannels: requests("subscribe"),
    unsubscribeChannels: requests("unsubscribe"),
    channelOriginatingMessage: (message) => (message as FakeMessage).kind,
    tradingPairOf: (_, message) => pairOf(message as FakeMessage),
    parseOrderBookDiffMessage: (markets, message, frame) => fill(markets, message as FakeMessage, frame),
    parseOrderBookSnapshotMessage: (markets, message, frame) => fill(markets, message as FakeMessage, frame),
    parseTradeMessage: (_, message) => {
      const { price = "1", ts = 0 } = message as FakeMessage;
      const [tradingPair, amount] = [pairOf(message as FakeMessage), new Decimal(1)];
      const trade = { tradingPair, tradeId: price, side: "buy", price: new Decimal(price), amount } as const;
      return [{ ...trade, timestampMs: ts, liquidation: false }];
    },
    parseFundingInfoMessage: (_, message) => {
      const { ts = 0, price = "1", others } = message as FakeMessage;
      const told = { tradingPair: pairOf(message as FakeMessage), timestampMs: ts, markPrice: new Decimal(price) };
      return others === undefined ? told : [told, ...others.map((s) => ({ ...told, tradingPair: `${s}-USD` }))];
    },
    async requestOrderBookSnapshot(context, tradingPair, frame) {
      const request = { method: "GET", path: `/book/${tradingPair}`, isAuthRequired: false, limitId: "rest" } as const;
      fill(context.markets, (await context.api.send(request, context.signal)) as FakeMessage, frame);
    },
    async fetchFundingInfo(context, tradingPair) {
      const request = {
        method: "GET",
        path: `/funding/${tradingPair}`,
        isAuthRequired: false,
        limitId: "rest",
      } as const;
      return (await context.api.send(request, context.signal)) as FundingInfo;
    },
    fetchLastTradedPrices: async (_, tradingPairs) => new Map(tradingPairs.map((pair) => [pair, "42.5"])),
  };
}

export interface FakeVenueOptions {
  readonly pollsFunding?: boolean;
  /** Answers REST; what it throws is what the request rejects with. */
  readonly onRest?: (path: string) => unknown;
  readonly source?: Partial<OrderBookDataSourceOptions>;
  readonly seed?: number;
  /** What this venue does that others do not. */
  readonly habits?: Partial<VenueOrderBookDataSource>;
}

/** A scripted venue on the simulated network, and a data source that talks to it. */
export async function fakeVenue(options: FakeVenueOptions = {}) {
  const world = new SimulatedWorld({ seed: options.seed ?? 5 });
  const runtime = world.runtime("client");
  const logger = recordingLogger();
  const connections = new Map<string, ServerConnection[]>();
  const subscriptions: Subscription[] = [];
  const restPaths: string[] = [];
  const venue = {
    /** Called with every subscription; the default says nothing. */
    onSubscription: (_subscription: Subscription, _reply: (message: FakeMessage) => void): void => undefined,
    refuse: 0,
  };
  const hearing = { onText: (_socket: string, _text: string): void => undefined };
  await world.run(
    world.runtime("venue").server.listen({
      host: "venue",
      port: 80,
      onRequest: () => ({ status: 404, body: "" }),
      onConnection(connection) {
        if (venue.refuse > 0) {
          venue.refuse -= 1;
          return { refuse: 503 };
        }
        const socket = connection.request.target.slice(1).replace(/\?.*/, "");
        connections.set(socket, [...(connections.get(socket) ?? []), connection]);
        return {
          onText(text) {
            hearing.onText(socket, text);
            const subscription = JSON.parse(text) as Subscription;
            subscriptions.push(subscription);
            venue.onSubscription(subscription, (message) => connection.send(JSON.stringify(message)));
          },
          onClose: () => undefined,
        };
      },
    }),
  );
  const markets = sessionOf(["BTC", "ETH", "SOL"]);
  const api = {
    async send({ path }: { readonly path: string }, signal?: AbortSignal): Promise<unknown> {
      restPaths.push(path);
      await runtime.timers.sleep(20, signal);
      if (options.onRest === undefined) throw new Error("no REST here");
      return options.onRest(path);
    },
  };
  const context = (): VenueContext => ({ api, markets, now: () => runtime.clock.now() });
  const rateLimits = [{ limitId: "ws", limit: 1_000, timeIntervalMs: 1_000 }];
  const throttler = new Throttler({ rateLimits, clock: runtime.clock, timers: runtime.timers });
  const { clock, timers, webSocket } = runtime;
  const source = new OrderBookDataSource({
    runtime,
    logger,
    venue: { ...dialect(options.pollsFunding ?? false), ...options.habits },
    context,
    webAssistants: {
      getWsAssistant: ({ limitId } = {}) => new WsAssistant({ webSocket, clock, timers, logger, throttler, limitId }),
    },
    webSocketUrls: { books: "ws://venue:80/books", trades: "ws://venue:80/trades" },
    heartbeat: { intervalMs: 15_000, ping: "protocol", timeoutMs: 5_000 },
    tradingPairs: ["BTC-USD"],
    snapshotSource: "stream",
    wsLimitId: "ws",
    ...options.source,
  });
  const latest = (socket: string): ServerConnection => {
    const connection = connections.get(socket)?.at(-1);
    if (connection === undefined) throw new Error(`nobody connected to ${socket}`);
    return connection;
  };
  return {
    /** Hears all that the client sends. */
    hear(listener: (socket: string, text: string) => void): void {
      hearing.onText = listener;
    },
    world,
    runtime,
    logger,
    venue,
    source,
    subscriptions,
    restPaths,
    latest,
    connectionCount: (socket: string): number => connections.get(socket)?.length ?? 0,
    say: (socket: string, message: FakeMessage | string): void =>
      latest(socket).send(typeof message === "string" ? message : JSON.stringify(message)),
    errors: (): string[] => logger.lines.filter((line) => line.startsWith("error")),
  };
}

/** Starts a loop and keeps its end; it must end with `AbortError`. */
export function looping(run: (signal: AbortSignal) => Promise<never>) {
  const controller = new AbortController();
  const outcome: { error?: Error } = {};
  const ended = run(controller.signal).catch((error: Error) => {
    outcome.error = error;
  });
  return { abort: () => controller.abort(), ended, outcome };
}

export function book(
  kind: "orderBookSnapshot" | "orderBookDiff",
  u: number,
  more: Partial<FakeMessage> = {},
): FakeMessage {
  const asks: readonly LevelInput[] = kind === "orderBookSnapshot" ? [["100", "1"]] : [];
  return { kind, s: "BTC", u, ts: u, bids: [["99", String(u)]], asks, ...more };
}
