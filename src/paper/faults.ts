/** A channel that falls silent, from the moment that this is set, while its connections stay up. */
export interface DeadChannel {
  /** Channel's name on the wire, for example `orderbook`. */
  readonly channel: string;
  /** Market's name on the wire, for example `BTC-PERP`; all markets when absent. */
  readonly market?: string | undefined;
  /** Milliseconds, whoever subscribes meanwhile; when absent, until a client subscribes anew. */
  readonly forMs?: number | undefined;
}

/** Times at which the venue is closed to accounts: the last `forMs` of each `everyMs`, counted from when this is set. */
export interface Maintenance {
  readonly everyMs: number;
  readonly forMs: number;
}

/** Frequency with which a 429 says when to come again. */
export type RetryAfter = "always" | "sometimes" | "never";

/**
 * Faults that are made on purpose. Every number without a unit in its name is a probability from 0 to 1; an absent
 * fault does not happen. The venue's own state stays right: only the clients' view of it is spoiled.
 */
export interface FaultConfig {
  /** Delay of each request, each response and each frame, one way, in milliseconds. Frames keep their order. */
  readonly latencyMs?: readonly [least: number, most: number] | undefined;
  /** Range of the delay of late messages, in milliseconds; 100 to 2,000 by default. */
  readonly lateMs?: readonly [least: number, most: number] | undefined;
  /** A frame with data is lost, on private channels too. */
  readonly dropFrame?: number | undefined;
  /** A frame with data is sent twice. */
  readonly repeatFrame?: number | undefined;
  /** A frame with public data comes after the next one of its connection, or a second later where there is none. */
  readonly reorderFrame?: number | undefined;
  /** A frame with data is late, and those behind it on its connection wait for it. */
  readonly delayFrame?: number | undefined;
  /** A probability for each frame that its channel falls silent on that connection, or one channel that does now. */
  readonly deadChannel?: number | DeadChannel | undefined;
  /** A book update arrives without one of its levels, so that the checksum does not fit. */
  readonly breakSequence?: number | undefined;
  /**
   * A book update is left out and later ones go on: a checksum that does not fit on FTX, a gap of the numbers on the others.
   * Channels that send whole views have no such thing.
   */
  readonly sequenceGap?: number | undefined;
  /** A book frame has a checksum that does not fit its levels. FTX alone: OKX sends 0 in all, the others have none. */
  readonly wrongChecksum?: number | undefined;
  /**
   * A book's snapshot, over REST or the first frame of a stream, is older than updates that went out before it. The
   * box has old views of books that were listened to while this was set; of Binance's, of all that changed.
   */
  readonly staleSnapshot?: number | undefined;
  /** A book's snapshot over REST is one of a lesser depth than was asked for: of 5, 10, 20, 50, 100 or 500 levels a side. */
  readonly shallowSnapshot?: number | undefined;
  /** A request for a book's snapshot is answered with a 5xx. */
  readonly errorSnapshot?: number | undefined;
  /**
   * One row of a list that is asked for, or of a frame with data, is nonsense: without its id, with a price that is no
   * number, or of another type. Other rows stay right.
   */
  readonly unreadableRow?: number | undefined;
  /**
   * An account's list or look-up over REST lacks orders, fills and other rows that are younger than what is late: it comes
   * from a copy that is behind. A look-up then finds nothing, in the protocol's words.
   */
  readonly missingRows?: number | undefined;
  /** A private frame is late, and private frames behind it on its connection wait for it: answers and public data pass. */
  readonly latePrivate?: number | undefined;
  /** A private frame that tells a fill is late, and later private frames pass it. */
  readonly lateFill?: number | undefined;
  /** A private frame that tells a fill is told again later: on its connection, or on the account's next one. */
  readonly repeatFill?: number | undefined;
  /** The connection of a request that changes something is reset before the venue has seen the request. */
  readonly resetBeforeAccept?: number | undefined;
  /** A request to place an order takes effect, and the connection is reset before the answer. */
  readonly resetAfterAccept?: number | undefined;
  /** The same for other requests that change something: amends, cancels and settings. */
  readonly resetAfterEffect?: number | undefined;
  /** A request is answered with a 5xx: half of them before it had effect, half of them after. */
  readonly error5xx?: number | undefined;
  /** A request is answered with a 429 and has no effect. */
  readonly error429?: number | undefined;
  /** Presence of `Retry-After` on a 429; `always` by default. */
  readonly retryAfter?: RetryAfter | undefined;
  /** A request is answered with a 418, as are all of its address for the next seconds; Binance alone has such a ban. */
  readonly error418?: number | undefined;
  /** An answer is late, though the request was not: it comes after later ones, and after the private stream's word. */
  readonly delayAnswer?: number | undefined;
  /** An answer comes after the next one of the venue, or a second later where there is none. */
  readonly swapAnswers?: number | undefined;
  /** The venue's clock is ahead of the true time by this. */
  readonly clockSkewMs?: number | undefined;
  /** Probability per connection and second that it breaks. */
  readonly disconnect?: number | undefined;
  /**
   * Probability per logged-in connection and second that its login ends: Binance's listen key expires, the others close
   * the connection.
   */
  readonly expireLogin?: number | undefined;
  /** Probability per second that the listen keys which are alive expire; for protocols with listen keys. */
  readonly expireListenKey?: number | undefined;
  /** A login of a connection fails in the protocol's words, on Binance the request for a listen key. */
  readonly refuseLogin?: number | undefined;
  /** A subscription of a channel is refused in the protocol's words. */
  readonly refuseSubscription?: number | undefined;
  /** An amend that was accepted is refused by the matching engine; for protocols that answer before it has looked. */
  readonly refuseAmend?: number | undefined;
  /** All requests of accounts are refused in the protocol's words while it lasts; market data goes on. */
  readonly maintenance?: Maintenance | undefined;
  /** The venue restarts this often. */
  readonly restartEveryMs?: number | undefined;
}

/** Everything at once, at rates that a bad day has; what `--chaos` turns on. */
export const CHAOS: FaultConfig = {
  latencyMs: [1, 40],
  dropFrame: 0.002,
  repeatFrame: 0.005,
  deadChannel: 0.000_2,
  breakSequence: 0.001,
  resetAfterAccept: 0.03,
  error5xx: 0.01,
  error429: 0.01,
  disconnect: 0.01,
  expireListenKey: 0.005,
  restartEveryMs: 60_000,
};
