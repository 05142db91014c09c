import type { AccountUpdate } from "../model/account-update.ts";
import type { VenueMarkets } from "../model/venue-markets.ts";
import type { OnUnreadable } from "../net/rows.ts";
import type { SubscriptionAnswer } from "../net/subscriptions.ts";
import type { VenueContext } from "../net/venue-api.ts";

export type PrivateFrameKind =
  | "update"
  | "authenticated"
  | "authFailed"
  | "subscribed"
  /** Wants an answer, see `pongOf`. */
  | "ping"
  | "pong"
  /** Challenge that the login has to answer: `wsAuthenticate` is given the message (Kraken). */
  | "challenge"
  | "error"
  | "reconnect"
  | "listenKeyExpired"
  | "ignored"
  | "unknown";

/**
 * Listen keys, where a venue has them: the engine owns the lease, the venue only the requests. A key is the account's
 * and not ours alone, so it is never closed: that would cut off every other process that listens with it.
 */
export interface ListenKeyRequests {
  fetchListenKey(context: VenueContext): Promise<string>;
  pingListenKey(context: VenueContext, listenKey: string): Promise<void>;
  readonly keepAliveIntervalMs: number;
  readonly validForMs: number;
}

/** A private channel: each is acknowledged and watched by itself. */
export interface PrivateChannel {
  readonly name: string;
  /**
   * True where the channel sends something whenever an order of the account is filled: silent after a fill, it is dead.
   */
  readonly followsFills: boolean;
}

/** Translations by a venue's user stream data source. It holds no state and opens no socket. */
export interface VenueUserStreamDataSource {
  /** Present where the stream is opened with a listen key instead of a login. */
  readonly listenKey?: ListenKeyRequests | undefined;
  /**
   * True where a good login is answered. Where it is silent (FTX) subscriptions follow at once, and the engine treats
   * the stream as logged in when the first private subscription is confirmed.
   */
  readonly loginIsAcknowledged: boolean;
  /** The private channels; absent: they are not told apart, and confirmations are counted. */
  readonly channels?: readonly PrivateChannel[] | undefined;
  /** The messages that subscribe these channels, by default all. `requestId` counts from 1 on each connection. */
  subscribeChannels(markets: VenueMarkets, channels?: readonly string[], requestId?: number): readonly unknown[];
  /** Makes the requests that unsubscribe channels. Absent: a dead channel is answered with a new connection. */
  unsubscribeChannels?(markets: VenueMarkets, channels: readonly string[], requestId?: number): readonly unknown[];
  /** Subscription that a `subscribed` or `error` message answers; undefined where it is about no subscription. */
  subscriptionAnswer?(message: unknown): SubscriptionAnswer<string> | undefined;
  /** The answer to a `ping` of the venue's. */
  pongOf?(message: unknown): unknown;
  /** The channel of an `update` message. */
  channelOf?(message: unknown): string | undefined;
  channelOriginatingMessage(message: unknown): PrivateFrameKind;
  /** Facts in the order in which they happened; rows that cannot be read are reported and left out. */
  parseUserStreamMessage(
    markets: VenueMarkets,
    message: unknown,
    onUnreadable?: OnUnreadable,
  ): readonly AccountUpdate[];
}
