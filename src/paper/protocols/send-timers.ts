import type { Timer, Timers } from "../../runtime/runtime.ts";

/** Waits of one channel: for what is sent some time after a change, and for what is sent again where nothing changes. */
export class SendTimers {
  readonly #timers: Timers;
  #soon: Timer | undefined;
  #again: Timer | undefined;
  #isStopped = false;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** Does a task after a delay; while one waits, further changes wait with it. */
  soon(delayMs: number, task: () => void): void {
    if (this.#soon !== undefined || this.#isStopped) return;
    const run = () => {
      this.#soon = undefined;
      task();
    };
    this.#soon = this.#timers.after(delayMs, run, { background: true });
  }

  /** Does a task after a time in which nothing else was sent: each call counts the time anew. */
  again(delayMs: number | undefined, task: () => void): void {
    if (this.#isStopped) return;
    this.#again?.cancel();
    this.#again = delayMs === undefined ? undefined : this.#timers.after(delayMs, task, { background: true });
  }

  get isAgain(): boolean {
    return this.#again !== undefined;
  }

  /** Takes back the task that waits for its delay. */
  cancelSoon(): void {
    this.#soon?.cancel();
    this.#soon = undefined;
  }

  /** Ends all waits for good: a channel may lose its last listener by the very frame after which it would wait again. */
  stop(): void {
    this.#isStopped = true;
    this.cancelSoon();
    this.#again?.cancel();
  }
}
