import { ProtocolError } from "../model/error.ts";
import type { Clock } from "../runtime/runtime.ts";

/** One answer of the venue's clock. The monotonic times are those of the request alone, without any wait before it. */
export interface TimeSample {
  readonly serverTimeMs: number;
  readonly sentMonotonicMs: number;
  readonly receivedMonotonicMs: number;
}

interface Estimate {
  /** Venue's time minus our monotonic clock. */
  readonly offsetMs: number;
  /** Half the round trip: the venue read its clock somewhere within it. */
  readonly halfRoundTripMs: number;
  readonly takenMonotonicMs: number;
}

const MAXIMUM_SAMPLES = 16;
/** How far two clocks may drift apart: 100 parts in a million, the worst of ordinary quartz. */
const DRIFT_PER_MS = 1e-4;

/**
 * The venue's clock, estimated from request midpoints against our monotonic clock, so that a step of the wall clock
 * changes nothing. Among the last samples the one with the least uncertainty counts; uncertainty grows with age.
 */
export class TimeSynchronizer {
  readonly #clock: Clock;
  #estimates: readonly Estimate[] = [];
  #updating: Promise<void> | undefined;

  constructor(options: { readonly clock: Clock }) {
    this.#clock = options.clock;
  }

  get isSynchronized(): boolean {
    return this.#estimates.length > 0;
  }

  /** The venue's time now, epoch milliseconds; the wall clock's as long as nothing better is known. */
  time(): number {
    const best = this.#best();
    return best === undefined ? this.#clock.now() : this.#clock.monotonic() + best.offsetMs;
  }

  /** Venue's time minus our wall clock; 0 as long as nothing is known. */
  get offsetMs(): number {
    const best = this.#best();
    return best === undefined ? 0 : this.#clock.monotonic() + best.offsetMs - this.#clock.now();
  }

  /** `time()` is right within plus or minus this; infinite as long as nothing is known. */
  get uncertaintyMs(): number {
    const best = this.#best();
    return best === undefined ? Number.POSITIVE_INFINITY : uncertainty(best, this.#clock.monotonic());
  }

  addSample(sample: TimeSample): void {
    const { serverTimeMs, sentMonotonicMs, receivedMonotonicMs } = sample;
    if (!Number.isFinite(serverTimeMs)) throw new ProtocolError(`the venue's time is not a number: ${serverTimeMs}`);
    const newest: Estimate = {
      offsetMs: serverTimeMs - (sentMonotonicMs + receivedMonotonicMs) / 2,
      halfRoundTripMs: (receivedMonotonicMs - sentMonotonicMs) / 2,
      takenMonotonicMs: receivedMonotonicMs,
    };
    // A machine that slept or a venue that set its clock: older samples that cannot be true any more must not win.
    const consistent = this.#estimates.filter((estimate) => agree(estimate, newest));
    this.#estimates = [...consistent, newest].slice(-MAXIMUM_SAMPLES);
  }

  /**
   * Asks the venue for its time and adds the answer. `fetchServerTime` resolves to epoch milliseconds, or to a whole
   * sample where it knows the times of the request better (a request that had to wait for a rate limit). Calls during a
   * call share it. Rejects as `fetchServerTime` does, keeping what was known.
   */
  updateServerTimeOffset(fetchServerTime: () => Promise<number | TimeSample>): Promise<void> {
    this.#updating ??= this.#update(fetchServerTime).finally(() => {
      this.#updating = undefined;
    });
    return this.#updating;
  }

  clear(): void {
    this.#estimates = [];
  }

  async #update(fetchServerTime: () => Promise<number | TimeSample>): Promise<void> {
    const sentMonotonicMs = this.#clock.monotonic();
    const answer = await fetchServerTime();
    const receivedMonotonicMs = this.#clock.monotonic();
    this.addSample(
      typeof answer === "number" ? { serverTimeMs: answer, sentMonotonicMs, receivedMonotonicMs } : answer,
    );
  }

  #best(): Estimate | undefined {
    const nowMs = this.#clock.monotonic();
    let best: Estimate | undefined;
    for (const estimate of this.#estimates) {
      if (best === undefined || uncertainty(estimate, nowMs) <= uncertainty(best, nowMs)) best = estimate;
    }
    return best;
  }
}

function uncertainty(estimate: Estimate, nowMs: number): number {
  return estimate.halfRoundTripMs + (nowMs - estimate.takenMonotonicMs) * DRIFT_PER_MS;
}

function agree(older: Estimate, newer: Estimate): boolean {
  const tolerance = uncertainty(older, newer.takenMonotonicMs) + newer.halfRoundTripMs;
  // Venues print whole milliseconds, so that two true samples may differ by one more.
  return Math.abs(older.offsetMs - newer.offsetMs) <= tolerance + 1;
}
