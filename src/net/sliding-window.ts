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
  /** Entries that did not happen and count for a while: those that end first come first. */
  #held: { readonly untilMs: number; readonly weight: number }[] = [];
  #heldSum = 0;

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
    return this.#sum + this.#heldAt(nowMs);
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

  /**
   * Takes back an entry of `timeMs` that did not happen: as much of the latest entries until then counts until
   * `untilMs` only.
   */
  takeBack(timeMs: number, weight: number, untilMs: number): void {
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
    if (left === weight) return;
    const last = this.#held.at(-1)?.untilMs ?? untilMs;
    this.#held.push({ untilMs: Math.max(last, untilMs), weight: weight - left });
    this.#heldSum += weight - left;
  }

  /** Lets entries that were taken back count no longer. */
  release(): void {
    this.#held = [];
    this.#heldSum = 0;
  }

  /** The earliest time at which `weight` fits if nothing else is recorded; `nowMs` when it fits at once. */
  earliest(nowMs: number, weight: number): number {
    let excess = this.used(nowMs) + weight - this.limit;
    if (excess <= 0) return nowMs;
    const mask = this.#times.length - 1;
    let held = 0;
    for (let index = 0; index < this.#length || held < this.#held.length; ) {
      const slot = (this.#head + index) & mask;
      const slotMs = index < this.#length ? (this.#times[slot] ?? 0) + this.timeIntervalMs : Number.POSITIVE_INFINITY;
      const { untilMs = Number.POSITIVE_INFINITY, weight: heldWeight = 0 } = this.#held[held] ?? {};
      const isHeld = untilMs < slotMs;
      excess -= isHeld ? heldWeight : (this.#weights[slot] ?? 0);
      if (isHeld) held += 1;
      else index += 1;
      if (excess > 0) continue;
      const endsMs = isHeld ? untilMs : slotMs;
      // The sum may round down to now although the entry has not expired.
      return endsMs > nowMs ? endsMs : nowMs + 1;
    }
    return Number.POSITIVE_INFINITY;
  }

  #heldAt(nowMs: number): number {
    if (this.#held.length === 0) return 0;
    let ended = 0;
    for (let first = this.#held[0]; first !== undefined && first.untilMs <= nowMs; first = this.#held[ended]) {
      this.#heldSum -= first.weight;
      ended += 1;
    }
    if (ended > 0) this.#held.splice(0, ended);
    if (this.#held.length === 0) this.#heldSum = 0;
    return this.#heldSum;
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
