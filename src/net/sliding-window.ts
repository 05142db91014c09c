const INITIAL_SLOTS = 16;

/**
 * The weights of the last `timeIntervalMs`, exactly: an entry counts until its age reaches the interval, so the sum
 * over any half-open window of that length is what `used` said at its end. A ring of numbers, O(1) amortised.
 */
export class SlidingWindow {
  limit: number;
  timeIntervalMs: number;
  #times = new Float64Array(INITIAL_SLOTS);
  #weights = new Float64Array(INITIAL_SLOTS);
  #head = 0;
  #length = 0;
  #sum = 0;

  constructor(limit: number, timeIntervalMs: number) {
    this.limit = limit;
    this.timeIntervalMs = timeIntervalMs;
  }

  used(nowMs: number): number {
    const mask = this.#times.length - 1;
    while (this.#length > 0 && nowMs - (this.#times[this.#head] ?? 0) >= this.timeIntervalMs) {
      this.#sum -= this.#weights[this.#head] ?? 0;
      this.#head = (this.#head + 1) & mask;
      this.#length -= 1;
    }
    if (this.#length === 0) this.#sum = 0;
    return this.#sum;
  }

  record(nowMs: number, weight: number): void {
    this.#sum += weight;
    const last = (this.#head + this.#length - 1) & (this.#times.length - 1);
    if (this.#length > 0 && this.#times[last] === nowMs) {
      this.#weights[last] = (this.#weights[last] ?? 0) + weight;
      return;
    }
    if (this.#length === this.#times.length) this.#grow();
    const next = (this.#head + this.#length) & (this.#times.length - 1);
    this.#times[next] = nowMs;
    this.#weights[next] = weight;
    this.#length += 1;
  }

  /** Takes back what was recorded at `timeMs` and did not happen: of the latest entries until then. */
  takeBack(timeMs: number, weight: number): void {
    const mask = this.#times.length - 1;
    let left = weight;
    for (let index = this.#length - 1; index >= 0 && left > 0; index -= 1) {
      const slot = (this.#head + index) & mask;
      if ((this.#times[slot] ?? 0) > timeMs) continue;
      const part = Math.min(this.#weights[slot] ?? 0, left);
      this.#weights[slot] = (this.#weights[slot] ?? 0) - part;
      this.#sum -= part;
      left -= part;
    }
  }

  /** The earliest time at which `weight` fits if nothing else is recorded; `nowMs` when it fits at once. */
  earliest(nowMs: number, weight: number): number {
    let excess = this.used(nowMs) + weight - this.limit;
    if (excess <= 0) return nowMs;
    const mask = this.#times.length - 1;
    for (let index = 0; index < this.#length; index += 1) {
      const slot = (this.#head + index) & mask;
      excess -= this.#weights[slot] ?? 0;
      if (excess <= 0) {
        const expiresMs = (this.#times[slot] ?? 0) + this.timeIntervalMs;
        // The sum may round down to now although the entry has not expired.
        return expiresMs > nowMs ? expiresMs : nowMs + 1;
      }
    }
    return Number.POSITIVE_INFINITY;
  }

  #grow(): void {
    const size = this.#times.length;
    const times = new Float64Array(size * 2);
    const weights = new Float64Array(size * 2);
    for (let index = 0; index < this.#length; index += 1) {
      const slot = (this.#head + index) & (size - 1);
      times[index] = this.#times[slot] ?? 0;
      weights[index] = this.#weights[slot] ?? 0;
    }
    this.#times = times;
    this.#weights = weights;
    this.#head = 0;
  }
}
