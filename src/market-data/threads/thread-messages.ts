import type { TradingPair } from "../../model/market.ts";
import type { RestRequest } from "../../net/rest-request.ts";
import type { ChannelStatus } from "../channel-board.ts";
import type { WideCopy } from "./copied-sides.ts";
import type { ErrorText } from "./error-text.ts";
import type { MarketText } from "./market-text.ts";

/** A market that a thread follows, and where it writes its book. */
export interface FollowedMarket {
  readonly tradingPair: TradingPair;
  readonly slot: number;
  readonly buffer: SharedArrayBuffer;
}

/** Markets of the venue that a thread has to know, and those of them that the venue has stopped listing. */
export interface MarketsOfThread {
  readonly markets: readonly MarketText[];
  readonly gone: readonly TradingPair[];
}

/** Contents of the state of the venue that only the main thread knows. */
export interface VenueState {
  /** The venue's time minus our wall clock. */
  readonly aheadMs: number;
  /** Weight that snapshots have left in the limit of deep ones; infinite where nothing is counted. */
  readonly room: number;
}

/** Everything that a thread starts with. Credentials are never among it. */
export interface ThreadSetup extends MarketsOfThread {
  /** The venue, in words of whoever starts threads. */
  readonly venue: unknown;
  readonly bell: SharedArrayBuffer;
  /** Counts of messages by kind, in the order of the dispatcher's counters; then those scanned, then silences. */
  readonly figures: SharedArrayBuffer;
  readonly requestTimeoutMs: number;
  readonly state: VenueState;
  readonly followed: readonly FollowedMarket[];
}

/** Question of a thread for what all threads share: requests, and room in the limits of the venue. */
export type ThreadQuestion =
  | { readonly what: "request"; readonly request: RestRequest }
  | { readonly what: "connection"; readonly url: string | undefined }
  | { readonly what: "message"; readonly limitId: string }
  | { readonly what: "state" };

export type ToThread =
  | ({ readonly kind: "markets" } & MarketsOfThread)
  | ({ readonly kind: "follow" } & FollowedMarket)
  | { readonly kind: "leave"; readonly tradingPair: TradingPair }
  | { readonly kind: "answer"; readonly id: number; readonly value?: unknown; readonly error?: ErrorText };

export type LogLevel = "debug" | "info" | "warn" | "error";

export type FromThread =
  | { readonly kind: "ring" }
  | { readonly kind: "moved"; readonly tradingPair: TradingPair; readonly buffer: SharedArrayBuffer }
  | { readonly kind: "wide"; readonly tradingPair: TradingPair; readonly copy: WideCopy }
  | { readonly kind: "invalid"; readonly tradingPair: TradingPair; readonly reason: string }
  | { readonly kind: "healed"; readonly tradingPair: TradingPair; readonly healMs: number }
  | { readonly kind: "empty"; readonly tradingPair: TradingPair }
  | { readonly kind: "socket"; readonly tradingPair: TradingPair; readonly socket: string }
  | { readonly kind: "channel"; readonly news: ChannelNews; readonly status: ChannelStatus; readonly isAgain: boolean }
  | { readonly kind: "failure"; readonly tradingPair: TradingPair; readonly error: ErrorText }
  | { readonly kind: "log"; readonly level: LogLevel; readonly message: string; readonly fields: unknown }
  | { readonly kind: "ask"; readonly id: number; readonly question: ThreadQuestion }
  | { readonly kind: "abort"; readonly id: number }
  | { readonly kind: "attempt"; readonly url: string; readonly isOpen: boolean };

export type ChannelNews = "channelRefused" | "channelSilent" | "channelRestored";
