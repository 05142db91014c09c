import type { Place } from "./stream-names.ts";
import type { WireObject } from "./wire.ts";

/** A message of a stream, as it is without the stream's name. */
export interface BareMessage {
  readonly name: string;
  readonly kind: string;
  readonly symbol: string | null;
  /** True where it builds on the one before it. */
  readonly isDiff: boolean;
  readonly text: string;
  /** The same as a fault spoils it. */
  readonly spoilt: (() => string) | undefined;
}

/** Listens to streams and listen keys; a hub needs no more of a connection. */
export interface StreamSubscriber {
  readonly place: Place;
  readonly subscriptions: ReadonlySet<string>;
  revive(channel: string, symbol: string | null): void;
  sendStream(message: BareMessage): void;
  /** Sends to a user stream; without an account where the message is about the key alone. */
  sendUser(listenKey: string, message: WireObject, accountId?: string): void;
  dropListenKey(listenKey: string): void;
}
