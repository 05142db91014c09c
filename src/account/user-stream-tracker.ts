import type { Clock } from "../runtime/runtime.ts";
import type { AccountUpdateSink, UserStreamDataSource } from "./user-stream-data-source.ts";

export interface UserStreamTrackerOptions {
  readonly dataSource: UserStreamDataSource;
  readonly clock: Clock;
  /** Longest silence that is normal, heartbeats included: their interval and their time-out. */
  readonly maxSilenceMs: number;
}

/** Runs the private stream and tells whether it can be relied on. */
export class UserStreamTracker {
  readonly #options: UserStreamTrackerOptions;
  readonly dataSource: UserStreamDataSource;

  constructor(options: UserStreamTrackerOptions) {
    this.#options = options;
    this.dataSource = options.dataSource;
  }

  /** Runs until aborted; it then ends with `AbortError`. */
  start(signal: AbortSignal, sink: AccountUpdateSink): Promise<never> {
    return this.dataSource.listenForUserStream(signal, sink);
  }

  get isConnected(): boolean {
    return this.dataSource.isConnected;
  }

  /** Time when anything last arrived, by the monotonic clock; NaN before the first connection. */
  get lastReceivedMonotonicMs(): number {
    return this.dataSource.lastReceivedMonotonicMs;
  }

  /** Time for which nothing has arrived; infinite before the first connection. */
  get silentForMs(): number {
    const last = this.lastReceivedMonotonicMs;
    return Number.isNaN(last) ? Number.POSITIVE_INFINITY : this.#options.clock.monotonic() - last;
  }

  /** Since when, by the wall clock, the stream has been live; undefined while it is not. */
  get liveSinceMs(): number | undefined {
    const { clock } = this.#options;
    const since = this.dataSource.liveSinceMonotonicMs;
    return since === undefined ? undefined : clock.now() - (clock.monotonic() - since);
  }

  /** Live, and not silent for longer than is normal. */
  isHealthy(): boolean {
    return this.dataSource.isLive && this.silentForMs <= this.#options.maxSilenceMs;
  }
}
