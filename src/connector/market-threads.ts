import type { ChannelStatus } from "../market-data/channel-board.ts";
import { snapshotSourceOf } from "../market-data/continuity.ts";
import { BookThreads } from "../market-data/threads/book-threads.ts";
import type { ChannelNews, ThreadQuestion, VenueState } from "../market-data/threads/thread-messages.ts";
import type { VenueOrderBookDataSource } from "../market-data/venue-order-book-data-source.ts";
import { AuthError, ConfigError } from "../model/error.ts";
import type { TradingPair } from "../model/market.ts";
import type { VenueMarkets } from "../model/venue-markets.ts";
import type { VenueContext } from "../net/venue-api.ts";
import type { WebAssistantsFactory } from "../net/web-assistants-factory.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { PerpetualVenue } from "./perpetual-venue.ts";

/** Choice of threads for books: how many, the module that each runs, and the venue in that module's words. */
export interface BookThreadsChoice {
  readonly count: number;
  readonly module: URL;
  readonly venue: unknown;
}

/** A venue's data source with the channels of books, or with all others. */
export function venueWith(venue: VenueOrderBookDataSource, which: "books" | "others"): VenueOrderBookDataSource {
  const channels: VenueOrderBookDataSource["channels"] = (markets, tradingPair, slot) =>
    venue.channels(markets, tradingPair, slot).filter(({ name }) => (name === "orderBook") === (which === "books"));
  return Object.assign(Object.create(venue) as VenueOrderBookDataSource, { channels });
}

interface Threading {
  readonly venue: PerpetualVenue;
  readonly runtime: Runtime;
  readonly factory: WebAssistantsFactory;
  readonly logger: Logger;
  readonly timings: { readonly requestTimeoutMs: number };
  readonly bookThreads: BookThreadsChoice | undefined;
}

/** The market side of the connector, as far as threads need it. */
interface Owner {
  readonly markets: VenueMarkets;
  context(): VenueContext;
  isGone(tradingPair: TradingPair): boolean;
  reportUnavailable(tradingPair: TradingPair, error: unknown): void;
  onChannelNews(news: ChannelNews, status: ChannelStatus, isAgain: boolean): void;
}

/** The threads of a connector: its limits, its clock and its requests are theirs too. */
export function createBookThreads(options: Threading, owner: Owner): BookThreads | undefined {
  const { venue, runtime, factory, logger, timings, bookThreads } = options;
  if (bookThreads === undefined || bookThreads.count === 0) return undefined;
  const { threads } = runtime;
  if (threads === undefined) {
    const hint = "leave bookThreads out: books are followed in the thread of the program then";
    throw new ConfigError("this runtime has no threads, for its time is virtual", { hint });
  }
  const { manifest, orderBookDataSource } = venue;
  const state = (): VenueState => {
    const { fullSnapshotRoom } = orderBookDataSource;
    const isCounted = snapshotSourceOf(manifest.continuity) === "rest" && fullSnapshotRoom !== undefined;
    return {
      aheadMs: owner.context().now() - runtime.clock.now(),
      room: isCounted ? factory.throttler.room(fullSnapshotRoom.limitId, "book") : Number.POSITIVE_INFINITY,
    };
  };
  const answer = async (question: ThreadQuestion, signal: AbortSignal): Promise<unknown> => {
    switch (question.what) {
      case "request":
        if (question.request.isAuthRequired) throw new AuthError("a thread of order books asks for nothing private");
        return await factory.getRestAssistant().send(question.request, signal);
      case "connection":
        return await factory.connectionAllowed(question.url, manifest.webSocketConnectionLimitId, {
          signal,
          lane: "book",
        });
      case "message":
        return await factory.throttler.acquire(question.limitId, { signal });
      case "state":
        return state();
    }
  };
  return new BookThreads({
    ...{ runtime, logger, count: bookThreads.count, venue: bookThreads.venue, answer, state },
    requestTimeoutMs: timings.requestTimeoutMs,
    start: (data, handlers) => threads.start(bookThreads.module, data, handlers),
    market: (tradingPair: TradingPair) => owner.markets.byPair.get(tradingPair),
    isGone: (tradingPair) => owner.isGone(tradingPair),
    onAttempt: (url, isOpen) => {
      if (isOpen) factory.connectionAttempts.succeeded(url);
      else factory.connectionAttempts.failed(url);
    },
    onChannel: (news, status, isAgain) => owner.onChannelNews(news, status, isAgain),
    onMarketFailure: (tradingPair, error) => owner.reportUnavailable(tradingPair, error),
  });
}
