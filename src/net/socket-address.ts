import type { Heartbeat } from "./ws-heartbeat.ts";

/** Where a socket is reached this once. The URL may hold a token, and is written nowhere. */
export interface SocketAddress {
  readonly url: string;
  /** The venue's own wish; the manifest's where it has none. */
  readonly heartbeat?: Heartbeat | undefined;
}
