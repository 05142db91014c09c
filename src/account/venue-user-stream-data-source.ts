import type { AccountUpdate } from "../model/account-update.ts";
import type { VenueSession } from "../model/venue-session.ts";
import type { OnUnreadable } from "../net/rows.ts";
import type { VenueContext } from "../net/venue-api.ts";

export type PrivateFrameKind =
  | "update"
  | "authenticated"
  | "authFailed"
  | "subscribed"
  | "pong"
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
  getListenKey(context: VenueContext): Promise<string>;
  pingListenKey(context: VenueContext, listenKey: string): Promise<void>;
  readonly keepAliveIntervalMs: number;
  readonly validForMs: number;
}

/** What a venue's user stream data source translates. It holds no state and opens no socket. */
export interface VenueUserStreamDataSource {
  /** Present where the stream is opened with a listen key instead of a login. */
  readonly listenKey?: ListenKeyRequests | undefined;
  /**
   * Whether a good login is answered. Where it is silent (FTX) subscriptions follow at once, and the engine treats the
   * stream as logged in when the first private subscription is confirmed.
   */
  readonly loginIsAcknowledged: boolean;
  subscribeChannels(session: VenueSession): readonly unknown[];
  channelOriginatingMessage(message: unknown): PrivateFrameKind;
  /** Facts in the order in which they happened; rows that cannot be read are reported and left out. */
  parseUserStreamMessage(
    session: VenueSession,
    message: unknown,
    onUnreadable?: OnUnreadable,
  ): readonly AccountUpdate[];
}
