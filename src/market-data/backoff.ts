import type { Random } from "../runtime/runtime.ts";

export interface BackoffOptions {
  readonly minMs: number;
  readonly maxMs: number;
}

/** Delays that double up to a limit, each between half and the whole of its step, so that many do not come at once. */
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
    const { minMs, maxMs } = this.#options;
    const step = Math.min(maxMs, minMs * 2 ** Math.min(this.#attempts, 30));
    this.#attempts += 1;
    return step * (0.5 + this.#random.float() / 2);
  }

  reset(): void {
    this.#attempts = 0;
  }
}
