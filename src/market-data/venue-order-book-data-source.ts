import type { FundingInfo, FundingInfoMessage } from "../model/funding.ts";
import type { PublicTrade, TradingPair } from "../model/market.ts";
import type { VenueMarkets } from "../model/venue-markets.ts";
import type { OnUnreadable } from "../net/rows.ts";
import type { SubscriptionAnswer } from "../net/subscriptions.ts";
import type { VenueContext } from "../net/venue-api.ts";
import type { BookFrame } from "./book-frame.ts";
import type { BookWire } from "./book-wire.ts";

/**
 * Kind of frame that a public message is. `fundingInfoUnchanged` is a frame of a market's funding info channel that
 * says nothing of its funding, and shows that the channel lives. `ping` wants an answer, see `pongOf`. `ignored` is known and of no interest; `unknown` is
 * counted and logged.
 */
export type PublicFrameKind =
  | "orderBookSnapshot"
  | "orderBookDiff"
  | "trade"
  | "fundingInfo"
  | "fundingInfoUnchanged"
  | "subscribed"
  | "unsubscribed"
  | "ping"
  | "pong"
  | "error"
  | "reconnect"
  | "ignored"
  | "unknown";

/** Content of one wire channel. `fundingInfo` tells all of it; the last three are for venues that have one for each. */
export type PublicChannelName = "orderBook" | "trades" | "fundingInfo" | "markPrice" | "indexPrice" | "fundingRate";

/** A wire channel of one market, as the engine subscribes, watches and heals it. */
export interface PublicChannel {
  readonly name: PublicChannelName;
  readonly tradingPair: TradingPair;
  /** The connection it lives on: the key of `webSocketUrls` where there is one for all, else `shardOf` it. */
  readonly socket: string;
}

/** A channel as an answer names it. */
export type NamedChannel = Pick<PublicChannel, "name" | "tradingPair">;

export type PublicAnswer = SubscriptionAnswer<NamedChannel>;

/** Translations by a venue's order book data source. It holds no state and opens no socket. */
export interface VenueOrderBookDataSource {
  /**
   * How the most frequent book messages are written: they are read from their bytes then, several times as fast, and
   * everything else as without it. Not for a venue with `messageNumber`.
   */
  readonly bookWire?: BookWire | undefined;
  /**
   * True where numbers in its messages reach beyond 2^53 (Bitget `seq`): they are handed over as text, and `updateIdOf` makes
   * ids of them. Reading costs more then.
   */
  readonly hasLongNumbers?: boolean | undefined;
  /**
   * The number of a message on its connection, one above that of the message before it (dYdX `message_id`); undefined for
   * one without. A message that was missed makes every book of the connection invalid.
   */
  messageNumber?(message: unknown): number | undefined;
  /** The answer to a `ping` of the venue's. */
  pongOf?(message: unknown): unknown;
  /**
   * The channels to subscribe for a market. `slot` is its place among the markets that are followed, from 0 on, and
   * decides which connection it is on (`shardOf`); default: its place in the markets.
   */
  channels(markets: VenueMarkets, tradingPair: TradingPair, slot?: number): readonly PublicChannel[];
  /**
   * The messages that subscribe (or unsubscribe) channels of one connection, no more of them than the manifest's
   * `publicStreams.channelsPerRequest`. `requestId` counts from 1 on each connection; venues that echo ids are given
   * it.
   */
  subscribeChannels(markets: VenueMarkets, channels: readonly PublicChannel[], requestId?: number): readonly unknown[];
  unsubscribeChannels(
    markets: VenueMarkets,
    channels: readonly PublicChannel[],
    requestId?: number,
  ): readonly unknown[];
  channelOriginatingMessage(message: unknown): PublicFrameKind;
  /**
   * Subscription that a `subscribed`, `unsubscribed` or `error` message answers; undefined where it is about no
   * subscription. Without this function answers are not waited for, and only silence reveals a missing channel.
   */
  subscriptionAnswer?(markets: VenueMarkets, message: unknown): PublicAnswer | undefined;
  /** Finds the market that an `error`, `subscribed` or data message is about, where it says so. */
  tradingPairOf(markets: VenueMarkets, message: unknown): TradingPair | undefined;
  /** Fills `frame`; false when the message is about a market that is not among them. */
  parseOrderBookDiffMessage(markets: VenueMarkets, message: unknown, frame: BookFrame): boolean;
  parseOrderBookSnapshotMessage(markets: VenueMarkets, message: unknown, frame: BookFrame): boolean;
  /** Rows that cannot be read are reported and left out. */
  parseTradeMessage(markets: VenueMarkets, message: unknown, onUnreadable?: OnUnreadable): readonly PublicTrade[];
  /**
   * The fields that the message carried, of one market or of several (Gate.io); the engine merges them. Rows that cannot be
   * read are reported and left out.
   */
  parseFundingInfoMessage(
    markets: VenueMarkets,
    message: unknown,
    onUnreadable?: OnUnreadable,
  ): FundingInfoMessage | readonly FundingInfoMessage[] | undefined;
  /**
   * A snapshot over REST, into `frame`. `wanted` is how many snapshots are wanted in the same minute, with this one: a
   * venue that weighs them by their depth asks for fewer levels where many are, which `frame.depth` then says.
   */
  requestOrderBookSnapshot(
    context: VenueContext,
    tradingPair: TradingPair,
    frame: BookFrame,
    wanted?: number,
  ): Promise<void>;
  /** Part of a limit that must be left for a snapshot of the full depth; below it a lesser depth is requested. */
  readonly fullSnapshotRoom?: { readonly limitId: string; readonly weight: number } | undefined;
  fetchFundingInfo(context: VenueContext, tradingPair: TradingPair): Promise<FundingInfo>;
  fetchLastTradedPrices(
    context: VenueContext,
    tradingPairs: readonly TradingPair[],
  ): Promise<ReadonlyMap<TradingPair, string>>;
}
