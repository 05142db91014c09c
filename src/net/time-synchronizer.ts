import { ConfigError, ProtocolError, type TimeRefusal } from "../model/error.ts";
import { isPlausibleVenueTime } from "../model/time.ts";
import type { Clock } from "../runtime/runtime.ts";

/** One answer of the venue's clock. The monotonic times are those of the request alone, without any wait before it. */
export interface TimeSample {
  readonly serverTimeMs: number;
  readonly sentMonotonicMs: number;
  readonly receivedMonotonicMs: number;
}

/** A request that the venue refused for its timestamp. */
export interface RefusedTime extends TimeRefusal {
  readonly signedTimeMs: number;
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

interface Bound {
  readonly offsetMs: number;
  readonly takenMonotonicMs: number;
}

/** Clocks that were set right differ by less. */
const MAX_BEHIND_MS = 1_000;
/** Delay of our clock from which on the next signed request is refused; the refusal tells more. */
const MIN_REFUSED_MS = 30_000;
/** A wall clock that moved by less was not set. */
const MIN_STEP_MS = 500;
const MAX_SAMPLES = 16;
/** Drift of two clocks against each other: 100 parts in a million, the worst of ordinary quartz. */
const DRIFT_PER_MS = 1e-4;

/**
 * The venue's clock, estimated from request midpoints against our monotonic clock, so that a step of the wall clock
 * changes nothing. Among the last samples the one with the least uncertainty counts; uncertainty grows with age.
 */
export class TimeSynchronizer {
  readonly #clock: Clock;
  #estimates: readonly Estimate[] = [];
  /** No more than what refusals proved: the venue's time minus our monotonic clock. */
  #highestOffset: Bound | undefined;
  #updating: Promise<void> | undefined;
  /** Wall clock minus monotonic clock as first seen: later steps of the wall clock change nothing. */
  #wallOffsetMs: number;

  constructor(options: { readonly clock: Clock }) {
    this.#clock = options.clock;
    this.#wallOffsetMs = this.#clock.now() - this.#clock.monotonic();
  }

  get isSynchronized(): boolean {
    return this.#estimates.length > 0;
  }

  /** The venue's time now, epoch milliseconds; the wall clock's, without its steps, as long as nothing is known. */
  time(): number {
    return this.#clock.monotonic() + (this.#best()?.offsetMs ?? this.#wallOffsetMs);
  }

  /**
   * The latest time that the venue's clock has reached for certain: venues take timestamps that are seconds old, but
   * hardly any from their future. The earliest that `time()` can be, and before what refusals proved to be too late.
   */
  signingTime(): number {
    const nowMs = this.#clock.monotonic();
    const best = this.#best();
    const offsetMs = best === undefined ? this.#wallOffsetMs : best.offsetMs - uncertainty(best, nowMs);
    const highest = this.#highestOffset;
    if (highest === undefined) return nowMs + offsetMs;
    return nowMs + Math.min(offsetMs, highest.offsetMs - (nowMs - highest.takenMonotonicMs) * DRIFT_PER_MS);
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

  /** Throws a `ProtocolError`, keeping what was known, where the time is none: 0, seconds or microseconds are not. */
  addSample(sample: TimeSample): void {
    const { serverTimeMs, sentMonotonicMs, receivedMonotonicMs } = sample;
    if (!isPlausibleVenueTime(serverTimeMs))
      throw new ProtocolError(`the venue's time cannot be epoch milliseconds of today: ${serverTimeMs}`);
    const newest: Estimate = {
      offsetMs: serverTimeMs - (sentMonotonicMs + receivedMonotonicMs) / 2,
      halfRoundTripMs: (receivedMonotonicMs - sentMonotonicMs) / 2,
      takenMonotonicMs: receivedMonotonicMs,
    };
    // A refusal that the sample contradicts was of another time.
    const highest = this.#highestOffset;
    if (highest !== undefined && newest.offsetMs - newest.halfRoundTripMs > highest.offsetMs) {
      this.#highestOffset = undefined;
    }
    // A machine that slept or a venue that set its clock: older samples that cannot be true any more must not win.
    const consistent = this.#estimates.filter((estimate) => agree(estimate, newest));
    this.#estimates = [...consistent, newest].slice(-MAX_SAMPLES);
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

  /**
   * The venue refused a timestamp of ours. Where it said its own time, that is a sample; where it said that ours was
   * ahead, no later one is signed with. Estimates that the refusal proves wrong are forgotten.
   */
  refused(refusal: RefusedTime): void {
    const { serverTimeMs, aheadMs, behindMs, signedTimeMs, sentMonotonicMs, receivedMonotonicMs } = refusal;
    if (serverTimeMs !== undefined) {
      // The refusal itself is what the caller must hear of, not the time in its text.
      if (!isPlausibleVenueTime(serverTimeMs)) return;
      this.addSample({ serverTimeMs, sentMonotonicMs, receivedMonotonicMs });
    } else if (aheadMs !== undefined) {
      const offsetMs = signedTimeMs - aheadMs - sentMonotonicMs;
      this.#highestOffset = { offsetMs, takenMonotonicMs: receivedMonotonicMs };
      this.#estimates = this.#estimates.filter((estimate) => lowest(estimate, receivedMonotonicMs) <= offsetMs);
    } else if (behindMs !== undefined) {
      const offsetMs = signedTimeMs + behindMs - receivedMonotonicMs;
      this.#highestOffset = undefined;
      this.#estimates = this.#estimates.filter((estimate) => highest(estimate, receivedMonotonicMs) >= offsetMs);
    }
  }

  /**
   * A message of a venue that does not tell its time was made at `venueMs`: where ours is behind that, and the wall clock
   * is nearer, the wall clock is taken as it is now. A machine that slept has a monotonic clock that stood still.
   */
  noteVenueTime(venueMs: number): void {
    const behindMs = venueMs - this.time();
    if (this.isSynchronized || !(behindMs > MAX_BEHIND_MS && behindMs < MIN_REFUSED_MS)) return;
    const wallMs = this.#clock.now();
    if (Math.abs(venueMs - wallMs) < behindMs) this.#wallOffsetMs = wallMs - this.#clock.monotonic();
  }

  /** Takes the wall clock as it is now, for a venue that does not tell its time. Throws when it is as it was. */
  resetToWallClock(): void {
    const offsetMs = this.#clock.now() - this.#clock.monotonic();
    if (Math.abs(offsetMs - this.#wallOffsetMs) < MIN_STEP_MS) {
      throw new ConfigError("the clock of this machine is as it was", { hint: "set it right" });
    }
    this.#wallOffsetMs = offsetMs;
  }

  clear(): void {
    this.#estimates = [];
    this.#highestOffset = undefined;
    this.#wallOffsetMs = this.#clock.now() - this.#clock.monotonic();
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

const lowest = (estimate: Estimate, nowMs: number): number => estimate.offsetMs - uncertainty(estimate, nowMs);
const highest = (estimate: Estimate, nowMs: number): number => estimate.offsetMs + uncertainty(estimate, nowMs);

function agree(older: Estimate, newer: Estimate): boolean {
  const tolerance = uncertainty(older, newer.takenMonotonicMs) + newer.halfRoundTripMs;
  // Venues print whole milliseconds, so that two true samples may differ by one more.
  return Math.abs(older.offsetMs - newer.offsetMs) <= tolerance + 1;
}
