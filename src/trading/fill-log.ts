import { PerpwireError } from "../model/error.ts";
import type { Fill } from "../model/fill.ts";

/**
 * The fills of one order in the order in which they were counted. Any number of readers follow it, each with its own
 * place; a reader holds no queue, so a slow one costs nothing.
 */
export class FillLog {
  readonly #fills: Fill[] = [];
  readonly #limit: number;
  readonly #isEnded: () => boolean;
  #dropped = 0;
  #closed = false;
  #waiting: (() => void)[] = [];

  /** `limit` is how many fills are kept for replay; no reader hears more once the process has ended. */
  constructor(limit: number, isEnded: () => boolean = () => false) {
    this.#limit = limit;
    this.#isEnded = isEnded;
  }

  append(fill: Fill): void {
    if (this.#isEnded()) return;
    this.#fills.push(fill);
    if (this.#fills.length > this.#limit) {
      this.#fills.shift();
      this.#dropped += 1;
    }
    this.#wake();
  }

  close(): void {
    if (this.#isEnded()) return;
    this.#closed = true;
    this.#wake();
  }

  /** All fills so far, then new ones, until the log is closed. Throws when the reader fell behind what is kept. */
  async *read(): AsyncGenerator<Fill, void, undefined> {
    let next = this.#dropped;
    for (;;) {
      if (next < this.#dropped) {
        throw new PerpwireError(`${this.#dropped - next} fills were dropped before they were read`, {
          code: "FILLS_DROPPED",
          hint: "listen to orderFilled instead; the order's totals are complete",
        });
      }
      const fill = this.#fills[next - this.#dropped];
      if (fill !== undefined) {
        next += 1;
        yield fill;
      } else if (this.#closed) {
        return;
      } else {
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
      }
    }
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
