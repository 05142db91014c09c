import type { Timer, Timers } from "../../runtime/runtime.ts";

/** Dead man's switches: what is done when nobody has called again in time. */
export class Countdowns {
  readonly #timers: Timers;
  readonly #running = new Map<string, Timer>();

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** Starts the countdown of that name anew; zero calls it off. */
  set(name: string, countdownMs: number, fire: () => void): void {
    this.#running.get(name)?.cancel();
    this.#running.delete(name);
    if (countdownMs === 0) return;
    const run = () => {
      this.#running.delete(name);
      fire();
    };
    this.#running.set(name, this.#timers.after(countdownMs, run, { background: true }));
  }

  stop(): void {
    for (const timer of this.#running.values()) timer.cancel();
    this.#running.clear();
  }
}
