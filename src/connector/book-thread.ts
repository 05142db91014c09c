import type { ChannelStatus } from "../market-data/channel-board.ts";
import { snapshotSourceOf } from "../market-data/continuity.ts";
import { OrderBookDataSource } from "../market-data/order-book-data-source.ts";
import { OrderBookTracker } from "../market-data/order-book-tracker.ts";
import { BookPublisher } from "../market-data/threads/book-publisher.ts";
import { SCANNED_AT, SILENCES_AT } from "../market-data/threads/book-thread.ts";
import { textOfError } from "../market-data/threads/error-text.ts";
import { marketOfText } from "../market-data/threads/market-text.ts";
import { Bell } from "../market-data/threads/shared-book.ts";
import type {
  FollowedMarket,
  FromThread,
  MarketsOfThread,
  ThreadSetup,
  ToThread,
} from "../market-data/threads/thread-messages.ts";
import { isAbort } from "../model/error.ts";
import type { TradingPair } from "../model/market.ts";
import { createVenueMarkets } from "../model/venue-markets.ts";
import { isUnknownMarket } from "../net/fan-out.ts";
import type { VenueContext } from "../net/venue-api.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { venueWith } from "./market-threads.ts";
import type { PerpetualVenue } from "./perpetual-venue.ts";
import { ThreadRelay } from "./thread-relay.ts";
import { addressesOf } from "./venue-sockets.ts";

const SWEEP_MS = 1_000;

/** A channel's status without what cannot be sent to another thread. */
function plain({
  name,
  tradingPair,
  socket,
  state,
  sinceMonotonicMs,
  seenMonotonicMs,
  reason,
}: ChannelStatus): ChannelStatus {
  return { name, tradingPair, socket, state, sinceMonotonicMs, seenMonotonicMs, reason };
}

export interface BookThreadOptions {
  readonly venue: PerpetualVenue;
  readonly runtime: Runtime;
  readonly setup: ThreadSetup;
  post(message: FromThread): void;
  soon(work: () => void): void;
}

/** Follows the books of its markets in a thread, with sockets of its own; requests and limits are the main thread's. */
export class BookThreadRun {
  readonly #options: BookThreadOptions;
  readonly #relay: ThreadRelay;
  readonly #publisher: BookPublisher;
  readonly #dataSource: OrderBookDataSource;
  readonly #tracker: OrderBookTracker;
  readonly #figures: Float64Array;
  #markets;
  #gone: ReadonlySet<TradingPair>;

  constructor(options: BookThreadOptions) {
    this.#options = options;
    const { venue, runtime, setup, post, soon } = options;
    this.#relay = new ThreadRelay({ venue, runtime, state: setup.state, post });
    this.#figures = new Float64Array(setup.figures);
    this.#markets = this.#marketsOf(setup);
    this.#gone = new Set(setup.gone);
    const { clock, timers } = runtime;
    this.#publisher = new BookPublisher({
      ...{ clock, timers, bell: new Bell(setup.bell), post, soon },
      onPublish: () => this.#count(),
    });
    this.#dataSource = this.#createDataSource();
    this.#tracker = this.#createTracker();
    for (const followed of setup.followed) this.#publish(followed);
  }

  #marketsOf({ markets }: MarketsOfThread) {
    const { manifest, domain } = this.#options.venue;
    return createVenueMarkets(manifest.name, domain, markets.map(marketOfText));
  }

  #createDataSource(): OrderBookDataSource {
    const { venue, setup, post } = this.#options;
    const { manifest } = venue;
    const { runtime, logger, factory } = this.#relay;
    return new OrderBookDataSource({
      runtime,
      logger,
      venue: venueWith(venue.orderBookDataSource, "books"),
      context: () => this.#context(),
      markets: () => this.#markets,
      webAssistants: factory,
      webSocketUrls: venue.webUtils.webSocketUrls,
      heartbeat: manifest.heartbeat,
      ...addressesOf(venue, () => this.#context()),
      tradingPairs: setup.followed.map(({ tradingPair }) => tradingPair),
      snapshotSource: snapshotSourceOf(manifest.continuity),
      snapshotDepth: manifest.continuity.depth,
      requestTimeoutMs: setup.requestTimeoutMs,
      wsLimitId: manifest.webSocketLimitId,
      limits: manifest.publicStreams,
      isListed: (tradingPair) => this.#markets.byPair.has(tradingPair) && !this.#gone.has(tradingPair),
      connectionAllowed: (url, signal) => this.#relay.connectionAllowed(url, signal),
      onMarketFailure: (tradingPair, error) => {
        if (isUnknownMarket(error)) post({ kind: "failure", tradingPair, error: textOfError(error) });
      },
      onChannelRefused: (status, isAgain) =>
        post({ kind: "channel", news: "channelRefused", status: plain(status), isAgain }),
      onChannelSilent: (status) =>
        post({ kind: "channel", news: "channelSilent", status: plain(status), isAgain: false }),
      onChannelRestored: (status) =>
        post({ kind: "channel", news: "channelRestored", status: plain(status), isAgain: false }),
    });
  }

  #createTracker(): OrderBookTracker {
    const { venue, post } = this.#options;
    const { continuity, cadencesMs } = venue.manifest;
    const { runtime, logger } = this.#relay;
    return new OrderBookTracker({
      ...{ runtime, logger, dataSource: this.#dataSource, rule: continuity },
      cadences: { orderBook: cadencesMs.orderBook },
      onBookInvalid: (tradingPair, reason) => {
        this.#publisher.publishNow(tradingPair);
        post({ kind: "invalid", tradingPair, reason });
      },
      onBookHealed: (tradingPair, healMs) => {
        this.#publisher.publishNow(tradingPair);
        post({ kind: "healed", tradingPair, healMs });
      },
      onBookEmpty: (tradingPair) => post({ kind: "empty", tradingPair }),
    });
  }

  #context(): VenueContext {
    const { timers } = this.#options.runtime;
    const { api } = this.#relay;
    return { api, markets: this.#markets, now: () => this.#relay.now(), pause: () => timers.sleep(0) };
  }

  onMessage(message: ToThread): void {
    switch (message.kind) {
      case "answer":
        this.#relay.answered(message);
        break;
      case "markets":
        this.#markets = this.#marketsOf(message);
        this.#gone = new Set(message.gone);
        this.#tracker.updateListed((pair) => this.#markets.byPair.has(pair) && !this.#gone.has(pair));
        break;
      case "follow":
        this.#tracker.addTradingPair(message.tradingPair);
        this.#publish(message);
        break;
      case "leave":
        this.#publisher.remove(message.tradingPair);
        this.#tracker.removeTradingPair(message.tradingPair);
        break;
    }
  }

  #publish({ tradingPair, slot, buffer }: FollowedMarket): void {
    const counters = this.#tracker.countersOf(tradingPair);
    if (counters === undefined) return;
    const { board } = this.#dataSource;
    const channel = () => board.channel({ name: "orderBook", tradingPair });
    this.#publisher.add(this.#tracker.orderBook(tradingPair), counters, { slot, buffer }, channel);
    const socket = channel()?.socket;
    if (socket !== undefined) this.#options.post({ kind: "socket", tradingPair, socket });
  }

  /** Runs until the signal fires, which is never: the main thread ends this one. */
  async run(signal: AbortSignal): Promise<void> {
    const dataSource = this.#dataSource;
    const touch = ({
      tradingPair,
      receivedMonotonicMs,
    }: {
      readonly tradingPair: TradingPair;
      readonly receivedMonotonicMs: number;
    }) => this.#publisher.touch(tradingPair, receivedMonotonicMs);
    dataSource.onSocketChange(({ channels }) => {
      for (const { tradingPair } of channels) this.#publisher.touch(tradingPair);
    });
    dataSource.onBookRefused((tradingPair) => this.#publisher.touch(tradingPair));
    dataSource.onBookUnreadable((tradingPair) => this.#publisher.touch(tradingPair));
    await Promise.all([
      this.#tracker.start(signal),
      dataSource.listenForOrderBookDiffs(signal, touch),
      dataSource.listenForOrderBookSnapshots(signal, touch, { initial: false }),
      this.#sweep(signal),
    ]);
  }

  async #sweep(signal: AbortSignal): Promise<never> {
    for (;;) {
      await this.#options.runtime.timers.sleep(SWEEP_MS, signal);
      this.#publisher.sweep();
      this.#count();
      await this.#relay.updateState().catch((error: unknown) => {
        if (isAbort(error)) throw error;
      });
    }
  }

  #count(): void {
    const figures = this.#figures;
    let at = 0;
    const { counters } = this.#dataSource;
    for (const name of Object.keys(counters) as (keyof typeof counters)[]) {
      figures[at] = counters[name];
      at += 1;
    }
    figures[SCANNED_AT] = this.#dataSource.bookMessages.scanned;
    figures[SILENCES_AT] = this.#tracker.silences;
  }
}
