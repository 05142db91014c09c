/** Times of what was let pass in a rolling window. */
export class RollingWindow {
  readonly #times: number[] = [];
  readonly #limit: number;
  readonly #windowMs: number;

  constructor(limit: number, windowMs: number) {
    this.#limit = limit;
    this.#windowMs = windowMs;
  }

  /** Weight that may pass now. */
  left(nowMs: number): number {
    this.#forget(nowMs);
    return this.#limit - this.#times.length;
  }

  /**
   * Takes `weight` and returns how much may still pass; negative when `weight` was too much and nothing was counted.
   */
  take(weight: number, nowMs: number): number {
    const left = this.left(nowMs) - weight;
    if (left >= 0) for (let count = 0; count < weight; count += 1) this.#times.push(nowMs);
    return left;
  }

  /** Time when `weight` may pass. */
  opensMs(weight: number, nowMs: number): number {
    const blocking = this.#times[this.#times.length + weight - this.#limit - 1];
    return blocking === undefined ? nowMs : blocking + this.#windowMs;
  }

  #forget(nowMs: number): void {
    while ((this.#times[0] ?? nowMs) <= nowMs - this.#windowMs) this.#times.shift();
  }
}
