import type { AccountUpdate } from "../model/account-update.ts";
import type { AuthError } from "../model/error.ts";
import type { VenueMarkets } from "../model/venue-markets.ts";
import type { BackoffOptions } from "../net/backoff.ts";
import type { LoginTime } from "../net/login-time.ts";
import type { OnUnreadable } from "../net/rows.ts";
import type { SocketAddress } from "../net/socket-address.ts";
import type { WebAssistantsFactory } from "../net/web-assistants-factory.ts";
import type { Heartbeat } from "../net/ws-heartbeat.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Clock, Random, Timers } from "../runtime/runtime.ts";
import type { ListenKeyLease } from "./listen-key.ts";
import type { VenueUserStreamDataSource } from "./venue-user-stream-data-source.ts";

export type AccountUpdateSink = (update: AccountUpdate) => void;

export interface UserStreamDataSourceOptions {
  readonly venue: VenueUserStreamDataSource;
  readonly markets: VenueMarkets;
  readonly factory: Pick<WebAssistantsFactory, "getWsAssistant"> & {
    readonly loginTime: Pick<LoginTime, "offsetMs" | "wasWrong">;
  };
  /** The stream's URL; `listenKey` is given where the venue uses one. */
  streamUrl(listenKey: string | undefined): string;
  /** Asks where the stream is reached, before each connection. Default: at its URL. */
  socketAddress?: ((signal: AbortSignal) => Promise<SocketAddress>) | undefined;
  /** Required where the venue uses listen keys. Its `manageListenKeyTaskLoop` is run by this class. */
  readonly lease?: ListenKeyLease | undefined;
  /** JSON text to a value; integers from 2^53 up stay text. */
  parse(text: string): unknown;
  readonly heartbeat: Heartbeat;
  readonly limitId?: string | undefined;
  /** Resolves when the venue allows one more connection. */
  connectionAllowed?(signal: AbortSignal): Promise<void> | undefined;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
  /** Default 10 s. */
  readonly handshakeTimeoutMs?: number | undefined;
  /** Time from the open connection to the last confirmed subscription. Default 10 s. */
  readonly loginTimeoutMs?: number | undefined;
  /** Waits between connections. Default 500 ms up to 30 s. */
  readonly backoff?: BackoffOptions | undefined;
  /** Wait after the venue refused the login. Default 60 s. */
  readonly authRetryMs?: number | undefined;
  /** A row of a frame that could not be read and was left out. */
  readonly onUnreadable?: OnUnreadable | undefined;
  /** A channel was refused, with the venue's words, or one that was lives again: once each, whatever the connection. */
  readonly onChannel?: ((name: string, refusal: string | undefined) => void) | undefined;
  /** Runs `work`, in which all that one message tells is handed to the sink, as one unit. */
  inUnit?(work: () => void): void;
  onAuthFailure?(error: AuthError): void;
  /** Logged in and subscribed: from now on nothing is missed. */
  onLive?(): void;
  onInterruption?(reason: string): void;
}
