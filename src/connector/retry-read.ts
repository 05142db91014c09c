import {
  describeError,
  isAbort,
  PerpwireError,
  ProtocolError,
  RateLimitError,
  TransportError,
  VenueUnavailableError,
} from "../model/error.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Clock, Timer, Timers } from "../runtime/runtime.ts";

const FIRST_PAUSE_MS = 250;
const MAX_PAUSE_MS = 4_000;
const DEFAULT_RETRY_FOR_MS = 60_000;

export interface RetryReadOptions {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly signal: AbortSignal;
  /** Time after the first failure when it is given up, milliseconds. Default one minute. */
  readonly retryForMs?: number | undefined;
  /** Monotonic time when it is given up at the latest: for several reads that share one time-out. */
  readonly endsMs?: number | undefined;
  /** Hears of the first failure, so that nobody waits without a word. */
  readonly onFirstFailure?: ((error: unknown) => void) | undefined;
}

/**
 * Does what can be done again without harm (reads, and settings that may be made twice) until it succeeds: again where
 * the network failed, the venue was busy or its answer could not be read, with pauses that double. Whatever waiting does
 * not help (a key that is refused, a wrong option) is thrown at once, the last failure when the time is up or a rate
 * limit is known to be closed for longer.
 */
export async function retryRead<T>(options: RetryReadOptions, read: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { clock, timers, signal, retryForMs = DEFAULT_RETRY_FOR_MS, onFirstFailure } = options;
  const giveUp = new AbortController();
  const either = AbortSignal.any([signal, giveUp.signal]);
  let timer: Timer | undefined;
  let endsMs = Number.POSITIVE_INFINITY;
  let lastError: unknown;
  try {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)) {
      try {
        return await read(either);
      } catch (error) {
        if (isAbort(error) && giveUp.signal.aborted && !signal.aborted) throw lastError;
        if (!isTransient(error)) throw error;
        lastError = error;
        if (timer === undefined) {
          const nowMs = clock.monotonic();
          endsMs = Math.min(nowMs + retryForMs, options.endsMs ?? Number.POSITIVE_INFINITY);
          timer = timers.after(Math.max(endsMs - nowMs, 0), () => giveUp.abort());
          onFirstFailure?.(error);
        }
        const waitMs = Math.max(pauseMs, error instanceof RateLimitError ? (error.retryAfterMs ?? 0) : 0);
        if (clock.monotonic() + waitMs >= endsMs) throw error;
        await timers.sleep(waitMs, signal);
      }
    }
  } finally {
    timer?.cancel();
  }
}

export interface ReadLoopOptions extends RetryReadOptions {
  /** Subject for the log: "the trading fees". */
  readonly what: string;
  readonly intervalMs: number;
  readonly logger: Logger;
}

/**
 * Reads at intervals until aborted. A read that fails is logged once and retried as by `retryRead`, then left to the
 * next interval.
 */
export async function readEvery(
  options: ReadLoopOptions,
  read: (signal: AbortSignal) => Promise<void>,
): Promise<never> {
  const { what, intervalMs, timers, signal, logger } = options;
  for (;;) {
    await timers.sleep(intervalMs, signal);
    let isLogged = false;
    const attempt = async (within: AbortSignal): Promise<void> => {
      try {
        await read(within);
      } catch (error) {
        if (!isLogged && !isAbort(error)) {
          logger.warn(`${what} could not be asked for`, { error: describeError(error) });
          isLogged = true;
        }
        throw error;
      }
    };
    try {
      await retryRead(options, attempt);
    } catch (error) {
      if (isAbort(error) && signal.aborted) throw error;
    }
  }
}

/** Tells that a failure may pass with the next try. */
function isTransient(error: unknown): boolean {
  if (!(error instanceof PerpwireError) || error.retry === "never") return false;
  return (
    error instanceof TransportError ||
    error instanceof RateLimitError ||
    error instanceof VenueUnavailableError ||
    error instanceof ProtocolError
  );
}
