import { type Decimal, decimal } from "../model/decimal.ts";
import { AbortError, describeError, ProtocolError } from "../model/error.ts";
import type { FundingInfo } from "../model/funding.ts";
import type { TradingPair } from "../model/market.ts";
import type { VenueApi, VenueContext } from "../net/venue-api.ts";
import { BookFrameBuffer } from "./book-frame-buffer.ts";
import { depthAnswered, possible } from "./frame-checks.ts";
import { OrderBook } from "./order-book.ts";
import type { OrderBookDataSourceOptions } from "./order-book-data-source-options.ts";

/** The requests of a venue's market data over REST. */
export class MarketDataRequests {
  readonly #options: OrderBookDataSourceOptions;

  constructor(options: OrderBookDataSourceOptions) {
    this.#options = options;
  }

  /** False where a snapshot that is asked for now would have fewer levels, since little is left of a limit. */
  hasRoomForFullSnapshot(): boolean {
    const { fullSnapshotRoom } = this.#options.venue;
    if (fullSnapshotRoom === undefined) return true;
    const { limitId, weight } = fullSnapshotRoom;
    return booksApi(this.#options.context().api).room({ limitId }) >= weight;
  }

  /** A new book with the venue's present state as far as one snapshot tells it, which nothing keeps up to date. */
  async fetchOrderBook(tradingPair: TradingPair, signal?: AbortSignal): Promise<OrderBook> {
    const frame = await this.orderBookSnapshot(tradingPair, signal);
    const book = new OrderBook(tradingPair, { depth: this.#options.snapshotDepth });
    const problem = book.apply(frame, this.#options.runtime.clock.now(), true);
    if (problem !== undefined) throw new ProtocolError(`the order book snapshot of ${tradingPair} is ${problem}`);
    return book;
  }

  /** A snapshot over REST as a frame of its own. */
  async orderBookSnapshot(
    tradingPair: TradingPair,
    signal?: AbortSignal,
    wanted = 1,
    timeoutMs?: number,
  ): Promise<BookFrameBuffer> {
    const frame = new BookFrameBuffer();
    frame.reset("snapshot");
    await this.requestOrderBookSnapshot(tradingPair, frame, signal, wanted, timeoutMs);
    frame.kind = "snapshot";
    frame.tradingPair = tradingPair;
    return frame;
  }

  async requestOrderBookSnapshot(
    tradingPair: TradingPair,
    frame: BookFrameBuffer,
    signal?: AbortSignal,
    wanted = 1,
    timeoutMs?: number,
  ): Promise<void> {
    const context = this.#contextWith(signal);
    const api = booksApi(context.api, timeoutMs);
    await this.#options.venue.requestOrderBookSnapshot({ ...context, api }, tradingPair, frame, wanted);
    const depth = depthAnswered(frame);
    frame.isShort = depth < frame.depth;
    frame.depth = depth;
    if (signal?.aborted === true) throw new AbortError();
  }

  async fetchFundingInfo(tradingPair: TradingPair, signal?: AbortSignal): Promise<FundingInfo> {
    return possible(await this.#options.venue.fetchFundingInfo(this.#contextWith(signal), tradingPair));
  }

  async fetchLastTradedPrices(
    tradingPairs: readonly TradingPair[],
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<TradingPair, Decimal>> {
    const { venue, logger } = this.#options;
    // A market that has no price, because it is gone or is refused, is left out.
    const onMarketFailure = (tradingPair: TradingPair, error: unknown): void => {
      logger.warn("the last price of a market could not be read", { tradingPair, error: describeError(error) });
      this.#options.onMarketFailure?.(tradingPair, error);
    };
    const context = { ...this.#contextWith(signal), onMarketFailure };
    const prices = await venue.fetchLastTradedPrices(context, tradingPairs);
    const read = [...prices].map(([tradingPair, price]) => [tradingPair, decimal(price)] as const);
    return new Map(read.filter(([, price]) => price.gt(0)));
  }

  #contextWith(signal: AbortSignal | undefined): VenueContext {
    const context = this.#options.context();
    const both = [signal, context.signal].filter((each) => each !== undefined);
    const merged = both.length === 2 ? AbortSignal.any(both) : both[0];
    return { ...context, signal: merged };
  }
}

/** REST in the lane of snapshots. */
function booksApi(api: VenueApi, timeoutMs?: number): Required<VenueApi> {
  return {
    send: (request, signal) => api.send({ timeoutMs, ...request, lane: "book" }, signal),
    room: (request) => api.room?.({ ...request, lane: "book" }) ?? Number.POSITIVE_INFINITY,
  };
}
