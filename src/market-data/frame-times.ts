import type { Clock } from "../runtime/runtime.ts";
import { LatencyHistogram, type Percentiles } from "./latency-histogram.ts";

/** Reading the clock takes as long as a tenth of a message: one message of so many is timed. */
const TIMED_EVERY = 8;
const RESOLUTION_MS = 0.000_1;

/** Times of book messages from their arrival on: until the book has them, and until the listeners have been called. */
export class FrameTimes {
  readonly #clock: Clock;
  readonly #toBook = new LatencyHistogram(RESOLUTION_MS);
  readonly #toListeners = new LatencyHistogram(RESOLUTION_MS);
  #count = 0;
  /** Arrival of the message that is being applied; NaN where it is not timed. */
  #receivedMs = Number.NaN;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A message is about to be applied; its time is NaN where it is not known. */
  begin(receivedMonotonicMs: number): void {
    this.#receivedMs = this.#count === 0 ? receivedMonotonicMs : Number.NaN;
    this.#count = (this.#count + 1) % TIMED_EVERY;
  }

  /** The book has the message, and its listeners are about to be called. */
  changed(): void {
    if (Number.isNaN(this.#receivedMs)) return;
    this.#toBook.record(this.#clock.monotonic() - this.#receivedMs);
  }

  end(isApplied: boolean): void {
    if (isApplied && !Number.isNaN(this.#receivedMs)) {
      this.#toListeners.record(this.#clock.monotonic() - this.#receivedMs);
    }
    this.#receivedMs = Number.NaN;
  }

  get toBookMs(): Percentiles {
    return this.#toBook.percentiles();
  }

  get toListenersMs(): Percentiles {
    return this.#toListeners.percentiles();
  }
}
