import { describeError, throwIfAborted } from "../model/error.ts";
import type { FundingInfoUpdate } from "../model/funding.ts";
import type { TradingPair } from "../model/market.ts";
import type { MarketDataRequests } from "./market-data-requests.ts";
import type { OrderBookDataSourceOptions } from "./order-book-data-source-options.ts";
import type { PublicChannels } from "./public-channels.ts";
import type { SinkSet } from "./sink-set.ts";
import type { NamedChannel, PublicChannelName } from "./venue-order-book-data-source.ts";

/** Each costs a request; more markets wait for their channels. */
const MARKETS_ASKED_FIRST = 10;

/** Funding of each market: from its channels, and from polls where there is none. */
export class FundingInfoListener {
  readonly #options: OrderBookDataSourceOptions;
  readonly #channels: PublicChannels;
  readonly #requests: MarketDataRequests;
  readonly #sinks: SinkSet<FundingInfoUpdate>;
  readonly #unlisted = new Set<TradingPair>();
  #ask: ((tradingPair: TradingPair) => void) | undefined;
  /** Counts the markets that were let go. */
  #removals = 0;

  constructor(
    options: OrderBookDataSourceOptions,
    channels: PublicChannels,
    requests: MarketDataRequests,
    sinks: SinkSet<FundingInfoUpdate>,
  ) {
    this.#options = options;
    this.#channels = channels;
    this.#requests = requests;
    this.#sinks = sinks;
  }

  /** A market was let go: what it was asked for before is not told. */
  marketRemoved(): void {
    this.#removals += 1;
  }

  /** A market that is polled and listed again is asked about at once: the next poll may be half a minute away. */
  updateListed(): void {
    const { isListed } = this.#options;
    const polled = new Set(this.#pairsToPoll());
    for (const tradingPair of this.#channels.tradingPairs) {
      if (isListed?.(tradingPair) === false) this.#unlisted.add(tradingPair);
      else if (this.#unlisted.delete(tradingPair) && polled.has(tradingPair)) this.#ask?.(tradingPair);
    }
  }

  /**
   * Passes on the news of each market's funding: messages, and polls where there is no channel or where it is refused
   * or silent.
   */
  async listen(signal: AbortSignal, sink: (update: FundingInfoUpdate) => void): Promise<never> {
    const streamed = this.#sinks.listen(signal, sink);
    streamed.catch(() => undefined);
    const { isFundingInfoAskedFirst, isListed, runtime, logger } = this.#options;
    if (isFundingInfoAskedFirst === true && this.#channels.tradingPairs.length <= MARKETS_ASKED_FIRST) {
      // A channel tells it as well, a little later: a failure is no loss.
      const waits = (fields: object) => logger.info("funding info waits for its channel", { ...fields });
      for (const pair of this.#channels.tradingPairs) {
        if (isListed?.(pair) !== false) void this.#readFundingInfo(pair, signal, sink, waits);
      }
    }
    const failed = (fields: object) => logger.error("unexpected error when polling funding info", { ...fields });
    this.#ask = (tradingPair) => {
      if (!signal.aborted) void this.#readFundingInfo(tradingPair, signal, sink, failed);
    };
    for (;;) {
      throwIfAborted(signal);
      for (const tradingPair of this.#pairsToPoll()) {
        await this.#readFundingInfo(tradingPair, signal, sink, failed);
        throwIfAborted(signal);
      }
      await runtime.timers.sleep(this.#options.fundingInfoPollIntervalMs ?? 10_000, signal);
    }
  }

  #pairsToPoll(): readonly TradingPair[] {
    const { isListed, isFundingInfoPolledBesides } = this.#options;
    if (isFundingInfoPolledBesides === true)
      return this.#channels.tradingPairs.filter((pair) => isListed?.(pair) !== false);
    const pairsOf = (channels: Iterable<NamedChannel>) =>
      new Set([...channels].flatMap(({ name, tradingPair }) => (isOfFunding(name) ? [tradingPair] : [])));
    const streamed = pairsOf(this.#channels.channels());
    const untold = pairsOf(this.#channels.board.unwell);
    return this.#channels.tradingPairs.filter(
      (pair) => (!streamed.has(pair) || untold.has(pair)) && isListed?.(pair) !== false,
    );
  }

  /** Reads funding info and never rejects: `failed` receives errors before the signal fires. */
  async #readFundingInfo(
    tradingPair: TradingPair,
    signal: AbortSignal,
    sink: (update: FundingInfoUpdate) => void,
    failed: (fields: Readonly<Record<string, unknown>>) => void,
  ): Promise<void> {
    const removals = this.#removals;
    try {
      const info = await this.#requests.fetchFundingInfo(tradingPair, signal);
      // A market that was let go and taken up again meanwhile must not begin with an answer of before.
      if (!signal.aborted && removals === this.#removals) sink(info);
    } catch (error) {
      if (signal.aborted) return;
      failed({ tradingPair, error: describeError(error) });
      this.#options.onMarketFailure?.(tradingPair, error);
    }
  }
}

function isOfFunding(name: PublicChannelName): boolean {
  return name !== "orderBook" && name !== "trades";
}
