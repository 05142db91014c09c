import type { Clock, Timers } from "../runtime/runtime.ts";
import type { RateLimit } from "./rate-limit.ts";
import type { Lane } from "./venue-api.ts";

export interface ThrottlerOptions {
  readonly rateLimits: readonly RateLimit[];
  readonly clock: Clock;
  readonly timers: Timers;
  /** The part of every limit that this process may use; the rest is for others on the same account or address. */
  readonly sharePercentage?: number | undefined;
  /**
   * Margin by which every window is longer than the venue's: the venue counts requests when they arrive, and one that
   * was delayed arrives close to those sent after it. Default 0.
   */
  readonly marginMs?: number | undefined;
  /** Most requests that may wait in one lane of one limit. Default 1,000. */
  readonly maxWaiting?: number | undefined;
}

export interface AcquireOptions {
  /** Default `poll`. */
  readonly lane?: Lane | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Makes the signal of a request that has to wait; most do not, and one that joins two takes as long as a signature. */
  readonly signalOfWait?: (() => AbortSignal | undefined) | undefined;
  /** Replaces the limit's own weight; linked limits keep theirs. */
  readonly weight?: number | undefined;
}

/** Usage for metrics. `used` includes requests that the venue counted and we did not send. */
export interface RateLimitUsage {
  readonly limitId: string;
  readonly used: number;
  readonly limit: number;
  readonly timeIntervalMs: number;
  readonly waiting: number;
  /** Monotonic; absent when open. */
  readonly closedUntilMonotonicMs?: number | undefined;
}

/** Word of the venue when it refused a request for its rate limits. */
export interface Refusal {
  /** Monotonic time when the refused request left. Default: now. */
  readonly sentMonotonicMs?: number | undefined;
  /** Time for which the venue refuses, where it said so. */
  readonly retryAfterMs?: number | undefined;
  /** The whole address is shut out, whatever the limit. */
  readonly isBan?: boolean | undefined;
}
