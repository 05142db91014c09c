/** Counts in windows that begin at whole multiples of their length, by the name of what is counted. */
export class EpochWindow {
  readonly #lengthMs: number;
  readonly #counts = new Map<string, { window: number; used: number }>();

  constructor(lengthMs: number) {
    this.#lengthMs = lengthMs;
  }

  /** Returns the sum of the running window. */
  add(name: string, amount: number, nowMs: number): number {
    const window = Math.floor(nowMs / this.#lengthMs);
    const count = this.#counts.get(name);
    if (count === undefined || count.window !== window) {
      this.#counts.set(name, { window, used: amount });
      return amount;
    }
    count.used += amount;
    return count.used;
  }

  /** Time until the count starts anew. */
  leftMs(nowMs: number): number {
    return this.#lengthMs - (nowMs % this.#lengthMs);
  }
}
