import type { Heartbeat } from "./ws-heartbeat.ts";

/** Address of a socket for one connection. The URL may hold a token, and is never written down. */
export interface SocketAddress {
  readonly url: string;
  /** The venue's own wish; the manifest's where it has none. */
  readonly heartbeat?: Heartbeat | undefined;
}
