import type { TradingPair } from "../model/market.ts";
import type { VenueMarkets } from "../model/venue-markets.ts";
import type { BackoffOptions } from "../net/backoff.ts";
import type { SocketAddress } from "../net/socket-address.ts";
import type { VenueContext } from "../net/venue-api.ts";
import type { WsAssistant } from "../net/ws-assistant.ts";
import type { Heartbeat } from "../net/ws-heartbeat.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { ChannelStatus } from "./channel-board.ts";
import type { ConnectionLimits } from "./public-socket.ts";
import type { VenueOrderBookDataSource } from "./venue-order-book-data-source.ts";

export interface OrderBookDataSourceOptions {
  readonly runtime: Pick<Runtime, "clock" | "timers" | "random">;
  readonly logger: Logger;
  readonly venue: VenueOrderBookDataSource;
  /** Returns the context, at every use, so that markets which are listed anew take effect at once. */
  context(): VenueContext;
  /** The markets of that context, without making one: read for every message. Default: those of a new context. */
  markets?(): VenueMarkets;
  readonly webAssistants: { getWsAssistant(options?: { readonly limitId?: string | undefined }): WsAssistant };
  /** WebSocket URLs by the socket names of the venue's channels. */
  readonly webSocketUrls: Readonly<Record<string, string>>;
  readonly heartbeat: Heartbeat;
  readonly tradingPairs: readonly TradingPair[];
  /** Source of the book's first state: `snapshotSourceOf(rule)`. */
  readonly snapshotSource: "stream" | "rest";
  /** Levels a side that a snapshot has at most where its frame does not say: the `depth` of the rule. */
  readonly snapshotDepth?: number | undefined;
  /** The rate limit that outgoing messages wait for. */
  readonly wsLimitId?: string | undefined;
  /** Default 10 s. */
  readonly handshakeTimeoutMs?: number | undefined;
  /** The longest that an answer over REST is waited for. Default 10 s. */
  readonly requestTimeoutMs?: number | undefined;
  /** A few markets are asked for their funding info at the start, before their channels tell it. Default false. */
  readonly isFundingInfoAskedFirst?: boolean | undefined;
  /** Funding of markets without a channel for it, or whose channel is refused or silent, is polled this often. Default 10 s. */
  readonly fundingInfoPollIntervalMs?: number | undefined;
  /** True where the stream leaves something of it out: markets that have a channel for it are asked for as well. */
  readonly isFundingInfoPolledBesides?: boolean | undefined;
  /** Waits between connections and between snapshot requests that fail. Default 0.5 s to 30 s. */
  readonly backoff?: BackoffOptions | undefined;
  /** Limits of one connection. */
  readonly limits?: ConnectionLimits | undefined;
  /** Waits before a refused channel is asked for again. Default a fifth of how long it was refused, 5 s to 2 minutes. */
  readonly refusalBackoff?: BackoffOptions | undefined;
  /** A subscription that is not answered within this is sent again, and then after ever longer. Default 3 s. */
  readonly answerTimeoutMs?: number | undefined;
  /** False for a market that the venue has taken off its list, which is not subscribed. Default: all are listed. */
  isListed?(tradingPair: TradingPair): boolean;
  /** Asks where a socket is reached, before each connection. Default: at its URL. */
  socketAddress?(socket: string, signal: AbortSignal | undefined): Promise<SocketAddress>;
  /** Resolves when one more connection may be made; the URL is undefined where each connection has one of its own. */
  connectionAllowed?(url: string | undefined, signal: AbortSignal | undefined): Promise<void> | undefined;
  /** The venue complained, about a market where it named one. It is logged already, once a text. */
  onVenueError?(tradingPair: TradingPair | undefined, text: string): void;
  /** A question about one market failed. It is logged already. */
  onMarketFailure?(this: void, tradingPair: TradingPair, error: unknown): void;
  /** The venue refused a channel, which is left out and asked for again alone. `isAgain`: it did so before. */
  onChannelRefused?(status: ChannelStatus, isAgain: boolean): void;
  /** Nothing came of a channel although it was subscribed anew. */
  onChannelSilent?(status: ChannelStatus): void;
  /** A channel that was refused or silent lives again. */
  onChannelRestored?(status: ChannelStatus): void;
}
