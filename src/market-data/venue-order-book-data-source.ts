import type { FundingInfo, FundingInfoUpdate } from "../model/funding.ts";
import type { PublicTrade, TradingPair } from "../model/market.ts";
import type { VenueSession } from "../model/venue-session.ts";
import type { OnUnreadable } from "../net/rows.ts";
import type { VenueContext } from "../net/venue-api.ts";
import type { BookFrame } from "./book-frame.ts";

/** What kind of frame a public message is. `ignored` is known and of no interest; `unknown` is counted and logged. */
export type PublicFrameKind =
  | "orderBookSnapshot"
  | "orderBookDiff"
  | "trade"
  | "fundingInfo"
  | "subscribed"
  | "unsubscribed"
  | "pong"
  | "error"
  | "reconnect"
  | "ignored"
  | "unknown";

/** A channel of one market (or of all), as the engine subscribes, watches and heals it. */
export interface PublicChannel {
  readonly name: "orderBook" | "trades" | "fundingInfo";
  readonly tradingPair: TradingPair;
  /** The socket it lives on, where a venue splits them; the key of `webSocketUrls`. */
  readonly socket: string;
}

/** What a venue's order book data source translates. It holds no state and opens no socket. */
export interface VenueOrderBookDataSource {
  /** The channels to subscribe for a market. */
  channels(session: VenueSession, tradingPair: TradingPair): readonly PublicChannel[];
  /** The messages that subscribe (or unsubscribe) channels of one socket. */
  subscribeChannels(session: VenueSession, channels: readonly PublicChannel[]): readonly unknown[];
  unsubscribeChannels(session: VenueSession, channels: readonly PublicChannel[]): readonly unknown[];
  channelOriginatingMessage(message: unknown): PublicFrameKind;
  /** Which channel an `error`, `subscribed` or data message is about, where it says so. */
  tradingPairOf(session: VenueSession, message: unknown): TradingPair | undefined;
  /** Fills `frame`; false when the message is about a market that the session does not know. */
  parseOrderBookDiffMessage(session: VenueSession, message: unknown, frame: BookFrame): boolean;
  parseOrderBookSnapshotMessage(session: VenueSession, message: unknown, frame: BookFrame): boolean;
  /** Rows that cannot be read are reported and left out. */
  parseTradeMessage(session: VenueSession, message: unknown, onUnreadable?: OnUnreadable): readonly PublicTrade[];
  /** The fields that the message carried; the engine merges them. */
  parseFundingInfoMessage(session: VenueSession, message: unknown): FundingInfoUpdate | undefined;
  /** A snapshot over REST, into `frame`. */
  requestOrderBookSnapshot(context: VenueContext, tradingPair: TradingPair, frame: BookFrame): Promise<void>;
  getFundingInfo(context: VenueContext, tradingPair: TradingPair): Promise<FundingInfo>;
  getLastTradedPrices(
    context: VenueContext,
    tradingPairs: readonly TradingPair[],
  ): Promise<ReadonlyMap<TradingPair, string>>;
}
