import type { Timer, Timers } from "../../../runtime/runtime.ts";

/** The dead man's switches of `countdownCancelAll`, one an account and market. */
export class Countdowns {
  readonly #timers: Timers;
  readonly #cancelAll: (accountId: string, market: string) => void;
  readonly #running = new Map<string, Timer>();

  constructor(timers: Timers, cancelAll: (accountId: string, market: string) => void) {
    this.#timers = timers;
    this.#cancelAll = cancelAll;
  }

  /** Starts anew; zero stops. */
  set(accountId: string, market: string, countdownMs: number): void {
    const name = `${accountId} ${market}`;
    this.#running.get(name)?.cancel();
    this.#running.delete(name);
    if (countdownMs === 0) return;
    const fire = () => {
      this.#running.delete(name);
      this.#cancelAll(accountId, market);
    };
    this.#running.set(name, this.#timers.after(countdownMs, fire, { background: true }));
  }

  stop(): void {
    for (const timer of this.#running.values()) timer.cancel();
    this.#running.clear();
  }
}
