/** A frame on its way out. Faults are chosen by what it carries. */
export interface Frame {
  /** Null for what belongs to no channel: errors, pongs. */
  readonly channel: string | null;
  readonly market: string | null;
  readonly text: string;
  /** Account whose data it tells, by the engine's name; absent where it is public. */
  readonly account?: string;
  /** True where it tells a fill. */
  readonly hasFill?: boolean;
  /** Kind of the frame in a book whose frames build on each other. */
  readonly book?: "snapshot" | "change";
  /** The same frame with a checksum that does not fit; only books that have one. */
  readonly miscounted?: () => string;
  /** The same frame with a level missing and the checksum of the whole; only books have it. */
  readonly corrupted?: () => string;
}

/** Receiver of a connection's frames; the host may lose, repeat and delay them. */
export interface FrameSink {
  send(frame: Frame): void;
  /** The client has subscribed anew: a channel that was dead on this connection lives again. */
  revive(channel: string, market: string | null): void;
  close(code: number, reason: string): void;
  /** A ping frame, for protocols whose server sends them. */
  ping?(): void;
}
