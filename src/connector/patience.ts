import { RateLimitError, VenueUnavailableError } from "../model/error.ts";
import type { Timers } from "../runtime/runtime.ts";

const WAITS_MS = [500, 1_000, 2_000, 4_000];

/**
 * Does what can be done again without harm, and waits where the venue is busy: a connector that starts right after
 * another meets a used-up rate limit, which is no reason to fail.
 */
export async function withPatience<T>(timers: Timers, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  for (const waitMs of WAITS_MS) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof RateLimitError || error instanceof VenueUnavailableError)) throw error;
      await timers.sleep(waitMs, signal);
    }
  }
  return work();
}
