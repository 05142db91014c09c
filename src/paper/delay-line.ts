import type { Clock, Timers } from "../runtime/runtime.ts";

/** Does things in order, each after its own delay. */
export class DelayLine {
  readonly #ports: { readonly clock: Clock; readonly timers: Timers };
  /** Whichever timer fires, the oldest task is done: the order never depends on the timers. */
  readonly #tasks: (() => void)[] = [];
  #lastDueMs = 0;

  constructor(ports: { readonly clock: Clock; readonly timers: Timers }) {
    this.#ports = ports;
  }

  get isEmpty(): boolean {
    return this.#tasks.length === 0;
  }

  push(delayMs: number, task: () => void): void {
    const { clock, timers } = this.#ports;
    if (delayMs === 0 && this.#tasks.length === 0) {
      task();
      return;
    }
    const nowMs = clock.monotonic();
    this.#lastDueMs = Math.max(this.#lastDueMs, nowMs + delayMs);
    this.#tasks.push(task);
    timers.after(this.#lastDueMs - nowMs, () => this.#tasks.shift()?.(), { background: true });
  }
}
