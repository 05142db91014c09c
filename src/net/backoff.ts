import type { Random } from "../runtime/runtime.ts";

export interface BackoffOptions {
  readonly minMs: number;
  readonly maxMs: number;
  /** Growth from one step to the next. Default 2. */
  readonly growth?: number | undefined;
}

/**
 * Growth where every moment of waiting is a moment without data: the last wait of an outage is a fifth of it, where
 * doubling waits for as long again. Each connection is tried some twenty times in five minutes, in which Binance takes 300
 * of an address; and where the venue ends each at once, seventeen times in the first minute.
 */
export const RECOVERY_GROWTH = 5 / 4;

/** Success for this many times the wait lets it begin anew. */
const WELL_AFTER_WAITS = 10;

/** Delays that grow up to a limit, each between half and the whole of its step, so that many do not come at once. */
export class Backoff {
  readonly #options: BackoffOptions;
  readonly #random: Random;
  #attempts = 0;

  constructor(options: BackoffOptions, random: Random) {
    this.#options = options;
    this.#random = random;
  }

  get attempts(): number {
    return this.#attempts;
  }

  /** The delay before the next attempt, never above `maxMs`. */
  nextMs(): number {
    const stepMs = this.#stepMs(this.#attempts);
    this.#attempts += 1;
    return stepMs * (0.5 + this.#random.float() / 2);
  }

  reset(): void {
    this.#attempts = 0;
  }

  /** Begins anew where what came of the last attempt went well for long: ten times its delay, or `maxMs`. */
  wentWell(forMs: number): void {
    const longMs = Math.min(this.#options.maxMs, WELL_AFTER_WAITS * this.#stepMs(this.#attempts - 1));
    if (forMs >= longMs) this.reset();
  }

  #stepMs(attempts: number): number {
    const { minMs, maxMs, growth = 2 } = this.#options;
    return Math.min(maxMs, minMs * growth ** Math.max(0, attempts));
  }
}
