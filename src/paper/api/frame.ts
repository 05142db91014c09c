/** A frame on its way out. Faults are chosen by what it carries. */
export interface Frame {
  /** Null for what belongs to no channel: errors, pongs. */
  readonly channel: string | null;
  readonly market: string | null;
  readonly text: string;
  /** The same frame with a level missing and the checksum of the whole; only books have it. */
  readonly corrupted?: () => string;
}

/** Where a connection's frames go; the host may lose, repeat and delay them. */
export interface FrameSink {
  send(frame: Frame): void;
  /** The client has subscribed anew: a channel that was dead on this connection lives again. */
  revive(channel: string, market: string | null): void;
  close(code: number, reason: string): void;
  /** A ping frame, for protocols whose server sends them. */
  ping?(): void;
}
